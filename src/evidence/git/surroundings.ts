import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HttpEnvironment } from '../http/environment.js'
import { localEnvironment, ownConfiguration, repositoryConfiguration, type Surroundings } from './configuration.js'
import type { GitFailureCode } from './failures.js'
import type { GitLimits, GitTimeouts } from './limits.js'
import { runGit } from './run-git.js'

/** The scratch folder of one `GitRemote`; everything that git writes lies in it. */
export interface Scratch extends Surroundings {
  readonly folder: string
  /** A name of no file yet. */
  next(extension: string): string
}

/** Makes home and configuration in `folder`, which must exist. Throws what the file system throws. */
export async function openScratch(
  folder: string,
  environment: HttpEnvironment | undefined,
  limits: GitLimits,
  timeouts: GitTimeouts,
): Promise<Scratch> {
  // git compares real paths when it looks for a repository above.
  const real = await realpath(folder)
  const home = join(real, 'home')
  await mkdir(home, { mode: 0o700 })
  const trusted = environment?.authorities.trusted
  const authorities = trusted === undefined ? undefined : join(real, 'authorities.pem')
  if (authorities !== undefined) await writeFile(authorities, trusted?.join('') ?? '')
  const configuration = join(real, 'gitconfig')
  await writeFile(configuration, ownConfiguration(timeouts.stalledMs, authorities))
  let made = 0
  return {
    folder: real,
    home,
    configuration,
    ceiling: real,
    // The list of a pack of millions of objects is one piece, too.
    allocationBytes: Math.max(limits.blobBytes + 64 * 1024 * 1024, 512 * 1024 * 1024),
    next(extension) {
      made += 1
      return join(real, `${made}.${extension}`)
    },
  }
}

export type MadeRepository =
  | { readonly ok: true; readonly folder: string }
  | { readonly ok: false; readonly failure: GitFailureCode; readonly detail: string }

/** An empty bare repository without templates, hooks or remotes. */
export async function makeRepository(
  scratch: Scratch,
  objectFormat: 'sha1' | 'sha256',
  limits: GitLimits,
): Promise<MadeRepository> {
  const folder = scratch.next('git')
  const format = objectFormat === 'sha1' ? [] : ['--object-format=sha256']
  const end = await runGit({
    args: ['init', '--quiet', '--bare', '--template=', '--initial-branch=none', ...format, '--', folder],
    environment: localEnvironment(scratch),
    cwd: scratch.home,
    timeoutMs: 60_000,
    stdoutLimit: 65_536,
    memoryBytes: limits.memoryBytes,
  })
  if (end.kind === 'not-started') return { ok: false, failure: 'git-not-found', detail: '' }
  if (end.kind === 'stopped') return { ok: false, failure: 'scratch-unwritable', detail: '' }
  if (end.status !== 0) {
    const old = /unknown option|unknown hash algorithm/.test(end.stderr)
    return { ok: false, failure: old ? 'git-too-old' : 'scratch-unwritable', detail: '' }
  }
  await settle(folder, objectFormat)
  return { ok: true, folder }
}

/**
 * Takes out of the configuration what git wrote, above all the promise of the remote to send missing objects later: a
 * command that meets a missing one would go and fetch it.
 */
export async function settle(folder: string, objectFormat: 'sha1' | 'sha256'): Promise<void> {
  await writeFile(join(folder, 'config'), repositoryConfiguration(objectFormat))
}

export async function removeRepository(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
