import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inheritedEnvironment } from './git-command.js'

/** What gpg says on its status descriptor (GnuPG, doc/DETAILS), line by line without the prefix; or why it says nothing. */
export type GpgAnswer = { readonly ok: true; readonly status: readonly string[] } | { readonly ok: false; readonly why: string }

/** A gpg with a keyring of its own. */
export interface Gpg {
  /** Fingerprints of the primary keys that were given. */
  readonly fingerprints: readonly string[]
  verify(signature: string, message: Uint8Array): Promise<GpgAnswer>
  close(): Promise<void>
}

/** `no-key`: in what was given, gpg finds no public key; `no-gpg`: it cannot be used here. */
export type OpenedGpg =
  | { readonly ok: true; readonly gpg: Gpg }
  | { readonly ok: false; readonly failure: 'no-key' | 'no-gpg'; readonly why: string }

const TIMEOUT_MS = 30_000
const MAX_STATUS_BYTES = 1024 * 1024
const PREFIX = '[GNUPG:] '

/** No configuration, no agent, no network, no trust but that of the keys which were given. */
const ISOLATED: readonly string[] = [
  ...['--no-options', '--batch', '--no-tty', '--quiet', '--no-autostart', '--disable-dirmngr', '--no-auto-key-retrieve'],
  ...['--no-auto-check-trustdb', '--trust-model', 'always', '--status-fd', '1'],
]

/**
 * Starts from nothing but these public keys, in a folder of its own that `close` removes. Not ok where the machine has no
 * gpg, or no key is among the bytes. Throws what the file system throws where no folder can be made.
 */
export async function openGpg(keys: readonly Uint8Array[]): Promise<OpenedGpg> {
  // Short: gpg makes sockets in it, whose paths may have a hundred characters.
  const home = await mkdtemp(join(tmpdir(), 'assay-gpg-'))
  const close = (): Promise<void> => rm(home, { recursive: true, force: true })
  const fingerprints = new Set<string>()
  let ended = false
  try {
    for (const bytes of keys) {
      const imported = await runGpg(home, ['--import'], bytes)
      if (!imported.ok) return { ok: false, failure: 'no-gpg', why: imported.why }
      const found = imported.status.flatMap((line) => /^IMPORT_OK \d+ ([0-9A-F]{40}|[0-9A-F]{64})$/.exec(line)?.[1] ?? [])
      if (found.length === 0) return { ok: false, failure: 'no-key', why: 'gpg finds no public key in what was given' }
      for (const fingerprint of found) fingerprints.add(fingerprint)
    }
    ended = true
  } finally {
    if (!ended) await close()
  }
  let asked = 0
  return {
    ok: true,
    gpg: {
      fingerprints: [...fingerprints],
      async verify(signature, message) {
        const file = join(home, `${(asked += 1)}.sig`)
        await writeFile(file, signature, 'latin1')
        try {
          return await runGpg(home, ['--verify', file, '-'], message)
        } finally {
          await rm(file, { force: true })
        }
      },
      close,
    },
  }
}

function runGpg(home: string, args: readonly string[], stdin: Uint8Array): Promise<GpgAnswer> {
  return new Promise((resolve) => {
    const child = spawn('gpg', ['--homedir', home, ...ISOLATED, ...args], {
      cwd: home,
      env: { ...inheritedEnvironment(), HOME: home, GNUPGHOME: home, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    const said: Buffer[] = []
    let bytes = 0
    let stopped: string | undefined
    const stop = (why: string): void => {
      stopped ??= why
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => stop(`gpg did not end within ${TIMEOUT_MS / 1000} seconds`), TIMEOUT_MS)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_STATUS_BYTES) stop('gpg says more than it should')
      else said.push(chunk)
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
    child.on('error', (error) => {
      stopped ??= 'code' in error && error.code === 'ENOENT' ? 'gpg was not found' : error.message
    })
    // Its exit code says less than its status lines: a good signature by an expired key is an error to it, too.
    child.on('close', () => {
      clearTimeout(timer)
      if (stopped !== undefined) return resolve({ ok: false, why: stopped })
      const lines = Buffer.concat(said).toString('utf8').split('\n')
      resolve({
        ok: true,
        status: lines.flatMap((line) => (line.startsWith(PREFIX) ? [line.slice(PREFIX.length).trimEnd()] : [])),
      })
    })
  })
}
