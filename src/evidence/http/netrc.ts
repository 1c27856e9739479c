import { readBoundedFile } from './bounded-file.js'
import type { Credential } from './credentials.js'
import { basicAuthorization, fitsHeader } from './secret.js'

/** A file of this kind has a handful of lines; this many bytes are read at most. */
const MAX_NETRC_BYTES = 1024 * 1024

/** Where the file is: `$NETRC`, else `.netrc` at home (on Windows `_netrc` if `.netrc` is not there; spec/go.md §8.4). */
export function netrcPaths(env: Readonly<Record<string, string | undefined>>, home: string, windows: boolean): readonly string[] {
  const named = env['NETRC']
  if (named !== undefined && named !== '') return [named]
  return windows ? [`${home}\\_netrc`, `${home}\\.netrc`] : [`${home}/.netrc`]
}

/** The credentials of the first of the files that exists. One that cannot be read is told, not passed over in silence. */
export async function readNetrc(
  paths: readonly string[],
): Promise<{ readonly credentials: readonly Credential[]; readonly problem?: string | undefined }> {
  for (const path of paths) {
    const file = await readBoundedFile(path, MAX_NETRC_BYTES)
    if (file.ok) return { credentials: parseNetrc(Buffer.from(file.bytes).toString('utf8')) }
    if (file.failure !== 'absent') return { credentials: [], problem: `the netrc file cannot be read (${file.why})` }
  }
  return { credentials: [] }
}

/**
 * The credentials of a netrc file: `machine`, `login`, `password` in any layout, `account` skipped, `macdef` up to an
 * empty line skipped. The first entry of a host wins. `default` is not used: it would hand a password to every host.
 */
export function parseNetrc(text: string): readonly Credential[] {
  const credentials = new Map<string, Credential>()
  let machine: string | undefined
  let login: string | undefined
  let password: string | undefined
  const close = (): void => {
    if (machine !== undefined && login !== undefined && password !== undefined && !credentials.has(machine)) {
      const authorization = basicAuthorization(login, password)
      if (fitsHeader(authorization.reveal())) credentials.set(machine, { scope: { kind: 'host', host: machine }, authorization })
    }
    machine = undefined
    login = undefined
    password = undefined
  }
  for (const [keyword, value] of pairs(text)) {
    if (keyword === 'machine' || keyword === 'default') {
      close()
      machine = keyword === 'machine' ? value.toLowerCase() : undefined
    } else if (keyword === 'login') login = value
    else if (keyword === 'password') password = value
  }
  close()
  return [...credentials.values()]
}

/** Keywords with their values; words that are none are passed over, comments and macros too. */
function* pairs(text: string): Generator<readonly [string, string]> {
  let keyword: string | undefined
  let inMacro = false
  for (const line of text.split(/\r?\n/)) {
    if (inMacro) {
      inMacro = line.trim() !== ''
      continue
    }
    for (const word of line.split(/[ \t]+/)) {
      if (word === '') continue
      if (keyword !== undefined) {
        yield [keyword, word]
        keyword = undefined
      } else if (word.startsWith('#')) break
      else if (word === 'macdef') {
        inMacro = true
        break
      } else if (word === 'default') yield [word, '']
      else if (word === 'machine' || word === 'login' || word === 'password' || word === 'account') keyword = word
    }
  }
}
