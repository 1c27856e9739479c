import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether a program of this machine can be started. */
export function has(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, [...args], { stdio: 'ignore' }).error === undefined
}

export const AUTHOR = 'release@example.org'

/** A folder with a repository and keys, in which the real tools sign. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'assay-signing-'))
  readonly repository = join(this.folder, 'repository')
  readonly #gnupg = join(this.folder, 'g')

  constructor(objectFormat: 'sha1' | 'sha256' = 'sha1') {
    mkdirSync(this.#gnupg, { mode: 0o700 })
    mkdirSync(this.repository)
    this.git('init', '--quiet', '--initial-branch=main', `--object-format=${objectFormat}`)
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      GNUPGHOME: this.#gnupg,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Release',
      GIT_AUTHOR_EMAIL: AUTHOR,
      GIT_COMMITTER_NAME: 'Release',
      GIT_COMMITTER_EMAIL: AUTHOR,
      LC_ALL: 'C',
    }
  }

  /** Runs git in the repository; at a time of its own when given. */
  git(...args: readonly string[]): string {
    return this.gitAt(undefined, ...args)
  }

  gitAt(seconds: number | undefined, ...args: readonly string[]): string {
    const time = seconds === undefined ? {} : { GIT_AUTHOR_DATE: `${seconds} +0000`, GIT_COMMITTER_DATE: `${seconds} +0000` }
    const env = { ...this.environment, ...time }
    return execFileSync('git', [...args], { cwd: this.repository, env, stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim()
  }

  /** An SSH key; its private half lies at the path. */
  sshKey(name: string, type: string, bits?: number): { readonly path: string; readonly public: string } {
    const path = join(this.folder, name)
    const size = bits === undefined ? [] : ['-b', String(bits)]
    this.run('ssh-keygen', '-q', '-t', type, ...size, '-N', '', '-C', '', '-f', path)
    return { path, public: readFileSync(`${path}.pub`, 'utf8').trim() }
  }

  /** Options of git that sign with an SSH key. */
  ssh(key: { readonly path: string }): readonly string[] {
    return ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key.path}.pub`]
  }

  /** An OpenPGP key that signs; gives its fingerprint. */
  openpgpKey(user: string, expires = 'never'): string {
    this.run('gpg', '--batch', '--quiet', '--passphrase', '', '--quick-gen-key', user, 'ed25519', 'sign', expires)
    const listed = this.run('gpg', '--batch', '--with-colons', '--list-keys', user)
    return /^fpr:+([0-9A-F]{40}):$/m.exec(listed)?.[1] ?? ''
  }

  exportKeys(...users: readonly string[]): Uint8Array {
    return execFileSync('gpg', ['--batch', '--export', ...users], { env: this.environment, stdio: ['ignore', 'pipe', 'ignore'] })
  }

  run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, [...args], {
      cwd: this.folder,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString()
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name)
    writeFileSync(path, content)
    return path
  }

  /** The raw bytes of an object. */
  object(type: 'commit' | 'tag', id: string): Uint8Array {
    return execFileSync('git', ['cat-file', type, id], { cwd: this.repository, env: this.environment })
  }

  /** Writes an object of these bytes, as an attacker would who has the repository. */
  writeObject(type: 'commit' | 'tag', bytes: Uint8Array): string {
    const env = this.environment
    return execFileSync('git', ['hash-object', '-t', type, '-w', '--stdin', '--literally'], {
      cwd: this.repository,
      env,
      input: bytes,
    })
      .toString()
      .trim()
  }

  close(): void {
    spawnSync('gpgconf', ['--kill', 'gpg-agent'], { env: this.environment })
    rmSync(this.folder, { recursive: true, force: true })
  }
}
