import { AssayError } from '../../model/error.js'
import type { SourceTree } from '../../model/tree.js'
import { openGitTree } from '../git-tree.js'
import type { RemoteSettings } from './ask-remote.js'
import { type CommitEntry, walkTree } from './commit-files.js'
import { localEnvironment } from './configuration.js'
import type { Fetched } from './fetch.js'
import type { Reach } from './history.js'
import { VerifiedObjects } from './objects.js'
import type { GitOutcome } from './outcome.js'
import { removeRepository } from './surroundings.js'

export type OpenedCommit =
  | { readonly ok: true; readonly tree: SourceTree }
  | { readonly ok: false; readonly why: string; readonly path: string }

/** A commit whose objects are here and whose bytes have its id. Good as long as the scratch folder is there. */
export class FetchedCommit {
  readonly tree: string
  readonly parents: readonly string[]
  /** Seconds since 1970, as the committer wrote. */
  readonly committedAt: number | undefined
  readonly signed: boolean
  readonly how: Fetched['how']

  constructor(
    /** Without credentials. */
    readonly url: string,
    readonly commit: string,
    readonly fetched: Fetched,
    readonly settings: RemoteSettings,
    /** Whether this ref leads to the commit; without a name, whether any branch or tag does. */
    readonly reachableFrom: (ref?: string) => Promise<GitOutcome<Reach>>,
    /** Tags that lead to the commit, by name without `refs/tags/`, in code-unit order. */
    readonly tagOf: () => Promise<GitOutcome<{ readonly tags: readonly string[] }>>,
  ) {
    const { tree, parents, committedAt, signed } = fetched.header
    this.tree = tree
    this.parents = parents
    this.committedAt = committedAt
    this.signed = signed
    this.how = fetched.how
  }

  /** All files with their bytes in byte order of their paths; see `CommitEntry`. */
  files(): AsyncGenerator<CommitEntry, void, void> {
    return this.#walk(true)
  }

  /** The files as a `SourceTree`, once all folders are known to be sound and within the limits. */
  async source(): Promise<OpenedCommit> {
    for await (const entry of this.#walk(false))
      if (entry.kind === 'unreadable') return { ok: false, path: entry.path, why: entry.why }
    try {
      return { ok: true, tree: relabelled(await openGitTree(this.fetched.folder, this.commit), `${this.url}#${this.commit}`) }
    } catch (error) {
      if (error instanceof AssayError) return { ok: false, path: '.', why: error.message }
      throw error
    }
  }

  /** Gives the disk space back; `files` and `source` find nothing after. */
  remove(): Promise<void> {
    return removeRepository(this.fetched.folder)
  }

  async *#walk(contents: boolean): AsyncGenerator<CommitEntry, void, void> {
    const { scratch, limits, timeouts } = this.settings
    const objects = new VerifiedObjects(this.fetched.folder, localEnvironment(scratch), this.fetched.algorithm, timeouts.localMs)
    try {
      yield* walkTree(objects, this.tree, limits, contents)
    } finally {
      objects.close()
    }
  }
}

/** The scratch folder is no name to show. */
function relabelled(tree: SourceTree, label: string): SourceTree {
  return {
    label,
    list: (folder) => tree.list(folder),
    stat: (path) => tree.stat(path),
    read: (path, limit) => tree.read(path, limit),
    link: (path) => tree.link(path),
  }
}
