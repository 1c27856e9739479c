import type { Desk } from '../evidence/desk/desk.js'
import type { CommitEntry } from '../evidence/git/commit-files.js'
import { noAnswerOf } from '../evidence/git/no-answer.js'
import type { GitOutcome } from '../evidence/git/outcome.js'
import type { RemoteRefs } from '../evidence/git/refs.js'
import type { CommitFile, Reachability, Refs } from './commit-record.js'
import { packFiles, packReach, packRefs, unpackFiles, unpackReach, unpackRefs } from './commit-record.js'
import type { NoAnswer } from './no-answer.js'

/** What is used of `evidence/git`: asks repositories elsewhere, and checks that objects have the ids they are asked by. */
export interface GitAsker {
  refs(url: string): Promise<GitOutcome<RemoteRefs>>
  fetchCommit(url: string, commit: string): Promise<GitOutcome<{ readonly fetched: { files(): AsyncIterable<CommitEntry> } }>>
  /** From a ref by its full name; without one, from any branch or tag. */
  reachable(
    url: string,
    commit: string,
    ref?: string,
  ): Promise<GitOutcome<{ readonly reach: 'reachable' | 'not-reachable' | 'unknown'; readonly tip: boolean }>>
}

/** How a question about a repository ended. */
export type FromGit<T> =
  | {
      readonly kind: 'ok'
      readonly value: T
      readonly at?: string | undefined
      /** SHA-256 of what was kept of it. */
      readonly stored?: string | undefined
    }
  | ({ readonly kind: 'no-answer' } & NoAnswer)
  /** Objects that do not have the ids they were asked by. */
  | { readonly kind: 'mismatch'; readonly why: string }

/** All of a commit is in memory while it is looked at; as much as of an archive. */
const MAX_COMMIT_BYTES = 500 * 1024 * 1024
/** More is not kept: an offline run has to do without. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024

/**
 * Questions to git repositories whose answers the desk keeps, so that an offline run and a replay are told the same. The
 * files of a commit never change; refs and what they lead to are asked anew in every run that can.
 */
export class GitSource {
  readonly #refs = new Map<string, Promise<FromGit<Refs>>>()
  readonly #reach = new Map<string, Promise<FromGit<Reachability>>>()

  readonly #desk: Desk
  #open: (() => Promise<GitAsker>) | undefined
  #opened: Promise<GitAsker | string> | undefined

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** From now on repositories can be asked; before, only what is kept is told. */
  askThrough(open: (() => Promise<GitAsker>) | undefined): void {
    this.#open ??= open
  }

  get canAsk(): boolean {
    return this.#open !== undefined && !this.#desk.offline
  }

  /** Every file of a commit as stored. `url` must be free of credentials. */
  async files(url: string, commit: string): Promise<FromGit<readonly CommitFile[]>> {
    const name = `git-files ${url} ${commit}`
    const kept = await this.#recall(name, unpackFiles)
    if (kept !== undefined) return kept
    const asker = await this.#asker()
    if ('kind' in asker) return asker
    const outcome = await asker.fetchCommit(url, commit)
    if (outcome.kind !== 'ok') return noAnswerOf(outcome)
    const files: CommitFile[] = []
    let bytes = 0
    for await (const entry of outcome.fetched.files()) {
      const file = toFile(entry)
      if (file.kind === 'no-answer' || file.kind === 'mismatch') return file
      bytes += file.value.bytes.length
      if (bytes > MAX_COMMIT_BYTES)
        return { kind: 'no-answer', verdict: 'not-checkable', why: `its files have more than ${MAX_COMMIT_BYTES} bytes` }
      files.push(file.value)
    }
    const packed = packFiles(files, MAX_KEPT_BYTES)
    return packed === undefined ? { kind: 'ok', value: files } : this.#remember(name, packed, files)
  }

  refs(url: string): Promise<FromGit<Refs>> {
    const name = `git-refs ${url}`
    return once(this.#refs, name, () => this.#moving(name, packRefs, unpackRefs, (asker) => asker.refs(url)))
  }

  /** Whether a ref by its full name, or without one any branch or tag, leads to a commit. */
  reach(url: string, commit: string, ref?: string): Promise<FromGit<Reachability>> {
    const name = `git-reach ${url} ${commit}${ref === undefined ? '' : ` ${ref}`}`
    return once(this.#reach, name, () => this.#moving(name, packReach, unpackReach, (asker) => asker.reachable(url, commit, ref)))
  }

  async #moving<T, V extends T>(
    name: string,
    pack: (value: T) => Uint8Array,
    unpack: (bytes: Uint8Array) => T | undefined,
    ask: (asker: GitAsker) => Promise<GitOutcome<V>>,
  ): Promise<FromGit<T>> {
    const asker = await this.#asker()
    if ('kind' in asker) return (await this.#recall(name, unpack)) ?? asker
    const outcome = await ask(asker)
    return outcome.kind === 'ok' ? this.#remember(name, pack(outcome), outcome) : noAnswerOf(outcome)
  }

  async #recall<T>(name: string, unpack: (bytes: Uint8Array) => T | undefined): Promise<FromGit<T> | undefined> {
    const kept = await this.#desk.recall(name)
    const value = kept === undefined ? undefined : unpack(kept.bytes)
    return kept === undefined || value === undefined ? undefined : { kind: 'ok', value, at: kept.at, stored: kept.sha256 }
  }

  async #remember<T>(name: string, bytes: Uint8Array, value: T): Promise<FromGit<T>> {
    const { at, sha256 } = await this.#desk.remember(name, bytes)
    return { kind: 'ok', value, at, stored: sha256 }
  }

  async #asker(): Promise<GitAsker | Nobody> {
    if (this.#desk.offline) return nobody('unavailable', 'the run is offline and nothing of the repository is kept')
    const open = this.#open
    if (open === undefined) return nobody('not-checkable', 'git repositories are not asked in this run')
    this.#opened ??= open().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    const opened = await this.#opened
    return typeof opened === 'string' ? nobody('unavailable', `git cannot be used here: ${opened}`) : opened
  }
}

type Nobody = { readonly kind: 'no-answer' } & NoAnswer

function nobody(verdict: NoAnswer['verdict'], why: string): Nobody {
  return { kind: 'no-answer', verdict, why }
}

function once<T>(asked: Map<string, Promise<T>>, name: string, ask: () => Promise<T>): Promise<T> {
  const known = asked.get(name) ?? ask()
  asked.set(name, known)
  return known
}

function toFile(
  entry: CommitEntry,
): { readonly kind: 'ok'; readonly value: CommitFile } | Exclude<FromGit<never>, { kind: 'ok' }> {
  const { path, rawPath } = entry
  if (entry.kind === 'unreadable') {
    const why = `${path}: ${entry.why}`
    if (entry.failure === 'hash-mismatch') return { kind: 'mismatch', why }
    const over = entry.failure === 'too-large' || entry.failure === 'too-many' || entry.failure === 'malformed'
    return { kind: 'no-answer', verdict: over ? 'not-checkable' : 'unavailable', why }
  }
  if (Buffer.compare(Buffer.from(path), rawPath) !== 0)
    return { kind: 'no-answer', verdict: 'not-checkable', why: `${path} has a name that is no UTF-8` }
  switch (entry.kind) {
    case 'file':
      return { kind: 'ok', value: { kind: 'file', path, bytes: entry.bytes } }
    case 'link':
      return { kind: 'ok', value: { kind: 'link', path, bytes: entry.bytes } }
    case 'submodule':
      return { kind: 'ok', value: { kind: 'submodule', path, bytes: Buffer.from(entry.commit) } }
  }
}
