import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { RemoteSettings } from './ask-remote.js'
import { type CommitEntry, walkTree } from './commit-files.js'
import { readCommit } from './commit-object.js'
import { localEnvironment } from './configuration.js'
import type { Fetched } from './fetch.js'
import { VerifiedObjects } from './objects.js'
import { runGit } from './run-git.js'
import { makeRepository, removeRepository, settle } from './surroundings.js'

/** A commit with its history in one file, as `git clone` takes it, or why there is none. */
export type Bundled = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string }

/** The files of a commit in a bundle whose objects have their ids. */
export type OpenedBundle =
  | { readonly ok: true; readonly files: readonly CommitEntry[] }
  | { readonly ok: false; readonly why: string }

/** The branch of a bundle: what a clone of it checks out. */
const BRANCH = 'refs/heads/locked'
const MAX_COMMIT_BYTES = 16 * 1024 * 1024

/** Packs a fetched commit and all that it leads to. Fails where objects were left out of the fetch. */
export async function writeBundle({ folder }: Fetched, commit: string, settings: RemoteSettings): Promise<Bundled> {
  const file = settings.scratch.next('bundle')
  for (const args of [
    ['update-ref', BRANCH, commit],
    ['symbolic-ref', 'HEAD', BRANCH],
    // One thread: more of them choose other deltas from one time to the next.
    ['-c', 'pack.threads=1', 'bundle', 'create', '--quiet', file, 'HEAD', BRANCH],
  ]) {
    const failed = await run(folder, args, settings)
    if (failed !== undefined) return { ok: false, why: failed }
  }
  try {
    const { size } = await stat(file)
    if (size > settings.limits.repositoryBytes) return { ok: false, why: 'it is larger than what is fetched of a repository' }
    return { ok: true, bytes: await readFile(file) }
  } finally {
    await rm(file, { force: true })
  }
}

/** Unpacks a bundle into a repository of its own and checks that it holds the commit, whole, with its history. */
export async function readBundle(bytes: Uint8Array, commit: string, settings: RemoteSettings): Promise<OpenedBundle> {
  const { scratch, limits, timeouts } = settings
  const algorithm = commit.length === 64 ? 'sha256' : 'sha1'
  const made = await makeRepository(scratch, algorithm, limits)
  if (!made.ok) return { ok: false, why: `git cannot be used here: ${made.failure}` }
  const { folder } = made
  const file = scratch.next('bundle')
  try {
    await writeFile(file, bytes)
    for (const args of [
      ['bundle', 'unbundle', file],
      ['rev-list', '--objects', '--quiet', commit],
    ]) {
      const failed = await run(folder, args, settings)
      if (failed !== undefined) return { ok: false, why: failed }
    }
    await settle(folder, algorithm)
    const objects = new VerifiedObjects(folder, localEnvironment(scratch), algorithm, timeouts.localMs)
    try {
      const object = await objects.read(commit, MAX_COMMIT_BYTES)
      const header = object.ok && object.type === 'commit' ? readCommit(object.bytes) : undefined
      if (header === undefined) return { ok: false, why: 'it does not hold the commit' }
      const files: CommitEntry[] = []
      for await (const entry of walkTree(objects, header.tree, limits, true)) {
        if (entry.kind === 'unreadable') return { ok: false, why: `${entry.path}: ${entry.why}` }
        files.push(entry)
      }
      return { ok: true, files }
    } finally {
      objects.close()
    }
  } finally {
    await rm(file, { force: true })
    await removeRepository(folder)
  }
}

async function run(
  folder: string,
  args: readonly string[],
  { scratch, limits, timeouts, signal }: RemoteSettings,
): Promise<string | undefined> {
  const end = await runGit({
    args: [`--git-dir=${folder}`, ...args],
    environment: localEnvironment(scratch),
    cwd: folder,
    timeoutMs: timeouts.localMs,
    stdoutLimit: 1024 * 1024,
    memoryBytes: limits.memoryBytes,
    disk: { folder, limit: limits.repositoryBytes },
    signal,
  })
  if (end.kind === 'ended' && end.status === 0) return undefined
  // What git says names folders of this machine.
  const subcommand = args.find((arg) => /^[a-z-]+$/.test(arg) && arg !== '-c') ?? 'git'
  return end.kind === 'stopped'
    ? `git ${subcommand} was stopped (${end.why})`
    : `git ${subcommand} failed: objects are missing or damaged`
}
