import { type ExecFileException, execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { parseFields } from '../store/fields.js'
import { loginWith, type RegistryLogin } from './docker-config.js'

type Environment = Readonly<Record<string, string | undefined>>

type HelperAnswer =
  | { readonly ok: true; readonly login: RegistryLogin | undefined }
  | { readonly ok: false; readonly why: string }

const NAME = /^[A-Za-z0-9._-]{1,100}$/
const LONGEST_MS = 10_000
const MAX_OUTPUT_BYTES = 64 * 1024

/**
 * Asks `docker-credential-NAME get` for the login of a server: the server on its standard input, JSON on its standard output.
 * A helper that ends with another status than zero has none. Nothing that it prints is repeated.
 */
export async function askCredentialHelper(name: string, server: string, environment: Environment): Promise<HelperAnswer> {
  // A name comes from a file, and must not lead out of the folders of programs.
  if (!NAME.test(name)) return { ok: false, why: 'the name of the credential helper is malformed' }
  const program = `docker-credential-${name}`
  const path = programPath(program, environment)
  if (path === undefined) return { ok: false, why: `${program} is not installed` }
  const printed = await run(path, server, environment)
  if (printed === 'failed') return { ok: true, login: undefined }
  if (printed === 'killed')
    return { ok: false, why: `${program} did not end within ${LONGEST_MS / 1000} seconds, or printed too much` }
  const fields = parseFields(printed)
  const user = fields?.get('Username')
  const secret = fields?.get('Secret')
  if (typeof user !== 'string' || typeof secret !== 'string')
    return { ok: false, why: `${program} answered something else than a login` }
  return { ok: true, login: loginWith(user, secret) }
}

function run(path: string, server: string, environment: Environment): Promise<string | 'failed' | 'killed'> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      ['get'],
      {
        env: { ...environment },
        timeout: LONGEST_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
        shell: false,
      },
      (error, stdout) => resolve(error === null ? stdout : wasKilled(error) ? 'killed' : 'failed'),
    )
    // It may end without having read what it is told.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(`${server}\n`)
  })
}

function wasKilled({ killed, code }: ExecFileException): boolean {
  return killed === true || code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
}

/** Folders that are named relative to wherever the tool was started do not count: a project could hold a program of that name. */
function programPath(program: string, environment: Environment): string | undefined {
  const names = process.platform === 'win32' ? [`${program}.exe`] : [program]
  for (const folder of (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue
    const found = names.map((name) => join(folder, name)).find(isExecutable)
    if (found !== undefined) return found
  }
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
