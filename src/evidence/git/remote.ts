import { type Clock, systemClock } from '../http/clock.js'
import type { Credential } from '../http/credentials.js'
import type { HttpEnvironment } from '../http/environment.js'
import type { GitPolicy } from './address.js'
import { RemoteAsker } from './ask-remote.js'
import { type OpenedBundle, readBundle, writeBundle } from './bundle.js'
import { type FetchOptions, fetchObjects, fetchRawObjects, isFullId, type RawObject } from './fetch.js'
import { FetchedCommit } from './fetched-commit.js'
import { Histories } from './history.js'
import { DEFAULT_GIT_LIMITS, DEFAULT_GIT_TIMEOUTS, type GitLimits, type GitTimeouts } from './limits.js'
import { type GitOutcome, gitUnavailable } from './outcome.js'
import { type RemoteRefs, readRefs } from './refs.js'
import { openScratch, removeRepository } from './surroundings.js'

export interface GitRemoteOptions {
  /** An empty folder that is the caller's to make and to remove; nothing is written elsewhere. */
  readonly folder: string
  readonly policy?: GitPolicy | undefined
  readonly limits?: Partial<GitLimits> | undefined
  readonly timeouts?: Partial<GitTimeouts> | undefined
  /** Proxies and authorities; see `httpEnvironment`. */
  readonly environment?: HttpEnvironment | undefined
  /** Sent to the URLs they belong to. */
  readonly credentials?: readonly Credential[] | undefined
  /** For everything asked through this remote, from now on. Default 30 minutes. */
  readonly budgetMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** Asks repositories elsewhere through git. Nothing that a remote does is an exception. */
export interface GitRemote {
  /** Branches, tags and HEAD. Asked once for each URL as long as the answer is ok. */
  refs(url: string): Promise<GitOutcome<RemoteRefs>>
  /** Fetches a commit by its full id, checks that its bytes have that id, and keeps it in the scratch folder. */
  fetchCommit(url: string, commit: string, options?: FetchOptions): Promise<GitOutcome<{ readonly fetched: FetchedCommit }>>
  /** Commits and tags by their full ids, as they are stored and without files; their bytes have those ids. */
  rawObjects(url: string, ids: readonly string[]): Promise<GitOutcome<{ readonly objects: ReadonlyMap<string, RawObject> }>>
  /** Whether a ref, or without one any branch or tag, leads to a commit that need not have been fetched. */
  reachable(url: string, commit: string, ref?: string): ReturnType<Histories['reach']>
  /** A commit with its whole history as one file that git clones from. */
  bundle(url: string, commit: string): Promise<GitOutcome<{ readonly bytes: Uint8Array }>>
  /** What a bundle holds of a commit, its objects checked against their ids. Asks nobody. */
  openBundle(bytes: Uint8Array, commit: string): Promise<OpenedBundle>
  /** Ends what runs; what is asked later is answered with `cancelled`. */
  close(): void
}

const DEFAULT_BUDGET_MS = 30 * 60_000

/** Prepares the scratch folder. Throws what the file system throws when that cannot be used. */
export async function openGitRemote(options: GitRemoteOptions): Promise<GitRemote> {
  const limits = { ...DEFAULT_GIT_LIMITS, ...options.limits }
  const timeouts = { ...DEFAULT_GIT_TIMEOUTS, ...options.timeouts }
  const clock = options.clock ?? systemClock
  const ended = new AbortController()
  const settings = {
    scratch: await openScratch(options.folder, options.environment, limits, timeouts),
    policy: options.policy ?? {},
    limits,
    timeouts,
    environment: options.environment,
    credentials: options.credentials ?? [],
    clock,
    endsAt: clock.now() + (options.budgetMs ?? DEFAULT_BUDGET_MS),
    signal: options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]),
  }
  const asker = new RemoteAsker(settings)
  const histories = new Histories(asker)
  const listed = new Map<string, Promise<GitOutcome<RemoteRefs>>>()

  const refs = async (url: string): Promise<GitOutcome<RemoteRefs>> => {
    const asked = listed.get(url) ?? listRefs(asker, url)
    listed.set(url, asked)
    const outcome = await asked
    if (outcome.kind !== 'ok') listed.delete(url)
    return outcome
  }
  const reachable: GitRemote['reachable'] = async (url, commit, ref) => {
    const place = asker.place(url)
    if (!place.ok) return place.outcome
    if (!isFullId(commit)) return gitUnavailable('bad-commit-id', place)
    const known = await refs(url)
    return known.kind === 'ok' ? histories.reach(url, commit, known, ref) : known
  }
  return {
    refs,
    reachable,
    async fetchCommit(url, commit, fetchOptions = {}) {
      const outcome = await fetchObjects(asker, url, commit, fetchOptions, () => refs(url))
      if (outcome.kind !== 'ok') return outcome
      const tagOf: FetchedCommit['tagOf'] = async () => {
        const known = await refs(url)
        if (known.kind !== 'ok') return known
        const tags = [...known.tags].filter(([, tag]) => tag.commit === commit).map(([name]) => name)
        return { kind: 'ok', url: known.url, redirects: known.redirects, tags: tags.sort() }
      }
      const fetched = new FetchedCommit(outcome.url, commit, outcome, settings, (ref) => reachable(url, commit, ref), tagOf)
      return { kind: 'ok', url: outcome.url, redirects: outcome.redirects, fetched }
    },
    rawObjects: (url, ids) => fetchRawObjects(asker, url, ids, () => refs(url)),
    async bundle(url, commit) {
      const outcome = await fetchObjects(asker, url, commit, { depth: 'all' }, () => refs(url))
      if (outcome.kind !== 'ok') return outcome
      const bundled = await writeBundle(outcome, commit, settings)
      await removeRepository(outcome.folder)
      if (bundled.ok) return { kind: 'ok', url: outcome.url, redirects: outcome.redirects, bytes: bundled.bytes }
      const place = asker.place(url)
      return place.ok ? gitUnavailable('too-large', place, bundled.why) : place.outcome
    },
    openBundle: async (bytes, commit) =>
      isFullId(commit) ? readBundle(bytes, commit, settings) : { ok: false, why: 'the commit is no full id' },
    close: () => ended.abort(),
  }
}

async function listRefs(asker: RemoteAsker, url: string): Promise<GitOutcome<RemoteRefs>> {
  const { limits, timeouts } = asker.settings
  const answer = await asker.ask({
    url,
    before: ['ls-remote', '--quiet', '--symref'],
    timeoutMs: timeouts.refsMs,
    stdoutLimit: limits.refsBytes,
  })
  if (answer.kind === 'not-asked') return answer.outcome
  if (answer.kind === 'not-ok') return asker.outcome(answer.by, answer.diagnosis)
  const read = readRefs(answer.stdout, limits)
  const { url: shown, host, redirects } = answer.by
  return read.ok
    ? { kind: 'ok', url: shown, redirects, ...read.refs }
    : gitUnavailable(read.failure, { url: shown, host }, read.detail)
}
