import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { type GitRemote, type GitRemoteOptions, openGitRemote } from '../../../../src/evidence/git/remote.js'

/** Tests that need git are skipped, by name, where it is absent. */
export const hasGit = canRun(['--version'])
/** Debian and others ship the server part of HTTP apart from git. */
export const hasBackend = hasGit && canRun(['http-backend'], { REQUEST_METHOD: 'GET', GIT_PROJECT_ROOT: '/', PATH_INFO: '/none' })
export const hasSha256 = hasGit && knowsSha256()

function knowsSha256(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'assay-format-'))
  const known = canRun(['init', '-q', '--bare', '--object-format=sha256', folder])
  rmSync(folder, { recursive: true, force: true })
  return known
}

function canRun(args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  try {
    execFileSync('git', args, { stdio: 'ignore', env: { PATH: process.env['PATH'], ...env } })
    return true
  } catch (error) {
    // The back end answers a wrong request in its own way; only its absence counts.
    return args[0] === 'http-backend' && error instanceof Error && 'status' in error && error.status !== 1
  }
}

/** A folder for one test file: repositories to serve, scratch folders, and a place where nothing may appear. */
export class Bench {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'assay-remote-')))
  readonly served = join(this.root, 'served')
  /** Every hostile command creates it. */
  readonly marker = join(this.root, 'ran')
  readonly #remotes: GitRemote[] = []
  #made = 0

  constructor() {
    mkdirSync(this.served)
  }

  repository(name: string, objectFormat = 'sha1'): Repository {
    return new Repository(join(this.served, name), objectFormat)
  }

  scratch(): string {
    this.#made += 1
    const folder = join(this.root, `scratch-${this.#made}`)
    mkdirSync(folder)
    return folder
  }

  async remote(options: Partial<GitRemoteOptions> = {}): Promise<GitRemote> {
    const remote = await openGitRemote({ folder: this.scratch(), policy: { file: true, http: 'loopback' }, ...options })
    this.#remotes.push(remote)
    return remote
  }

  file(name: string): string {
    return `file://${join(this.served, name)}`
  }

  end(): void {
    for (const remote of this.#remotes) remote.close()
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}

const QUIET = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' }
const WHO = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_NAME: 'C',
  GIT_COMMITTER_EMAIL: 'c@example.org',
  GIT_COMMITTER_DATE: '1700000001 +0000',
}

/** A bare repository made of raw objects, so that anything can be in it. */
export class Repository {
  constructor(
    readonly folder: string,
    readonly objectFormat: string,
  ) {
    mkdirSync(folder, { recursive: true })
    this.git([
      'init',
      '-q',
      '--bare',
      '--template=',
      '-b',
      'main',
      ...(objectFormat === 'sha1' ? [] : [`--object-format=${objectFormat}`]),
    ])
  }

  git(args: readonly string[], input: string | Uint8Array = ''): string {
    return execFileSync('git', args, {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], ...QUIET, ...WHO },
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    })
      .toString('utf8')
      .trim()
  }

  blob(content: string | Uint8Array): string {
    return this.git(['hash-object', '-w', '--stdin'], content)
  }

  /** `mode id name`, in the order given and without any check. */
  rawTree(entries: readonly (readonly [mode: string, id: string, name: string | Uint8Array])[]): string {
    return this.rawObject(
      'tree',
      Buffer.concat(
        entries.flatMap(([mode, id, name]) => [
          Buffer.from(`${mode} `),
          Buffer.from(name),
          Buffer.from([0]),
          Buffer.from(id, 'hex'),
        ]),
      ),
    )
  }

  /** Written by hand: git would refuse much of what tests need. */
  rawObject(type: string, content: Uint8Array): string {
    const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
    const id = createHash(this.objectFormat).update(whole).digest('hex')
    mkdirSync(join(this.folder, 'objects', id.slice(0, 2)), { recursive: true })
    writeFileSync(join(this.folder, 'objects', id.slice(0, 2), id.slice(2)), deflateSync(whole), { flag: 'w' })
    return id
  }

  /** A tree of files by path; folders are made. */
  tree(files: Readonly<Record<string, string | Uint8Array>>): string {
    const folders = new Map<string, Record<string, string | Uint8Array>>()
    const lines: string[] = []
    for (const [path, content] of Object.entries(files)) {
      const slash = path.indexOf('/')
      if (slash < 0) lines.push(`100644 blob ${this.blob(content)}\t${path}\0`)
      else folders.set(path.slice(0, slash), { ...folders.get(path.slice(0, slash)), [path.slice(slash + 1)]: content })
    }
    for (const [name, inner] of folders) lines.push(`040000 tree ${this.tree(inner)}\t${name}\0`)
    return this.git(['mktree', '-z'], lines.join(''))
  }

  commitTree(tree: string, parents: readonly string[] = []): string {
    return this.git(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', 'message'])
  }

  commit(files: Readonly<Record<string, string | Uint8Array>>, parents: readonly string[] = [], ref = 'refs/heads/main'): string {
    const id = this.commitTree(this.tree(files), parents)
    this.git(['update-ref', ref, id])
    return id
  }
}

/** Every path below a folder, to see what changed. */
export function listAll(folder: string): readonly string[] {
  return execFileSync('find', [folder, '-print'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}
