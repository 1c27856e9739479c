import type { Answer, AnsweredBy, RemoteAsker } from './ask-remote.js'
import { type CommitHeader, readCommit } from './commit-object.js'
import { HARMLESS_IN_OLD_OBJECTS, localEnvironment } from './configuration.js'
import { type ObjectType, VerifiedObjects } from './objects.js'
import { type GitNotOk, type GitOutcome, gitUnavailable } from './outcome.js'
import type { RemoteRefs } from './refs.js'
import { makeRepository, removeRepository, settle } from './surroundings.js'

/** A fetch that writes objects, and no ref of a name that the remote chose. */
export const FETCH: readonly string[] = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--no-write-commit-graph',
]

/** Full names, for `git fetch --stdin`: one ref, or all branches and tags. */
export function refNames(refs: RemoteRefs, ref: string | undefined): readonly string[] {
  if (ref !== undefined) return [ref]
  const branches = [...refs.branches.keys()].map((name) => `refs/heads/${name}`)
  return [...branches, ...[...refs.tags.keys()].map((name) => `refs/tags/${name}`)]
}

/** Forty or sixty-four lower-case digits; git would look up anything shorter, or a name. */
export function isFullId(commit: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)
}

export interface FetchOptions {
  /** Commits from the one asked for backwards; `all` for its whole history. Default 1. */
  readonly depth?: number | 'all' | undefined
}

export interface Fetched {
  readonly folder: string
  readonly algorithm: 'sha1' | 'sha256'
  readonly header: CommitHeader
  /** `exact`: the server hands the commit out by its id. `refs`: it was found below a branch or tag. */
  readonly how: 'exact' | 'refs'
}

/** A commit object is text that people write. */
const MAX_COMMIT_BYTES = 16 * 1024 * 1024

/** A repository of its own that holds what was fetched, until whoever asked removes it. */
interface Received {
  readonly folder: string
  readonly algorithm: 'sha1' | 'sha256'
  readonly how: Fetched['how']
  readonly by: AnsweredBy
}

type ReceivedOrNot = { readonly ok: true; readonly received: Received } | { readonly ok: false; readonly outcome: GitNotOk }

/** Fetches objects of one length of id by their ids, and where the server only hands out its refs, all of those. */
async function receive(
  asker: RemoteAsker,
  url: string,
  ids: readonly string[],
  options: { readonly depth: number | 'all'; readonly filter: string },
  askRefs: () => Promise<GitOutcome<RemoteRefs>>,
): Promise<ReceivedOrNot> {
  const { scratch, limits, timeouts } = asker.settings
  const algorithm = ids[0]?.length === 64 ? 'sha256' : 'sha1'
  const place = asker.place(url)
  if (!place.ok) return { ok: false, outcome: place.outcome }
  if (ids.length === 0 || !ids.every((id) => isFullId(id) && id.length === ids[0]?.length))
    return { ok: false, outcome: gitUnavailable('bad-commit-id', place) }
  const made = await makeRepository(scratch, algorithm, limits)
  if (!made.ok) return { ok: false, outcome: gitUnavailable(made.failure, place, made.detail) }
  const { folder } = made
  const failed = async (outcome: GitNotOk): Promise<ReceivedOrNot> => {
    await removeRepository(folder)
    return { ok: false, outcome }
  }
  const common = { url, timeoutMs: timeouts.fetchMs, stdoutLimit: 1024 * 1024, repository: folder }
  const filter = `--filter=${options.filter}`
  const shortened = options.depth === 'all' ? [] : [`--depth=${Math.max(1, Math.trunc(options.depth))}`]
  const exact = [...FETCH, '--no-write-fetch-head', ...shortened]
  let answer: Answer = await asker.ask({ ...common, before: [...exact, filter], after: ids })
  if (answer.kind === 'not-ok' && isHarmless(answer)) {
    await settle(folder, algorithm)
    answer = await asker.ask({ ...common, before: exact, after: ids })
  }
  let how: Fetched['how'] = 'exact'
  if (answer.kind === 'not-ok' && mayBeBelowARef(answer)) {
    const refs = await askRefs()
    if (refs.kind !== 'ok') return failed(refs)
    how = 'refs'
    const names = refNames(refs, undefined)
    if (names.length > 0)
      answer = await asker.ask({
        ...common,
        before: [...FETCH, '--no-write-fetch-head', filter, '--stdin'],
        stdin: names.map((name) => `${name}\n`).join(''),
      })
  }
  if (answer.kind === 'not-asked') return failed(answer.outcome)
  if (answer.kind === 'not-ok') return failed(asker.outcome(answer.by, answer.diagnosis))
  await settle(folder, algorithm)
  return { ok: true, received: { folder, algorithm, how, by: answer.by } }
}

/**
 * Fetches a commit by its id, and where the server only hands out its refs, all of those. `askRefs` is called for the
 * latter alone.
 */
export async function fetchObjects(
  asker: RemoteAsker,
  url: string,
  commit: string,
  { depth = 1 }: FetchOptions,
  askRefs: () => Promise<GitOutcome<RemoteRefs>>,
): Promise<GitOutcome<Fetched>> {
  const { scratch, limits, timeouts } = asker.settings
  // The filter leaves out what has at least that many bytes.
  const filter = `blob:limit=${limits.blobBytes + 1}`
  const outcome = await receive(asker, url, [commit], { depth, filter }, askRefs)
  if (!outcome.ok) return outcome.outcome
  const { folder, algorithm, how, by } = outcome.received
  const failed = async (not: GitNotOk): Promise<GitNotOk> => {
    await removeRepository(folder)
    return not
  }
  const { host, redirects } = by
  const answered = { url: by.url, redirects }
  const objects = new VerifiedObjects(folder, localEnvironment(scratch), algorithm, timeouts.localMs)
  const object = await objects.read(commit, MAX_COMMIT_BYTES)
  objects.close()
  if (object.ok) {
    const header = object.type === 'commit' ? readCommit(object.bytes) : undefined
    if (header !== undefined) return { kind: 'ok', ...answered, folder, algorithm, header, how }
    return failed(gitUnavailable(object.type === 'commit' ? 'malformed-objects' : 'not-a-commit', { url: answered.url, host }))
  }
  switch (object.failure) {
    case 'absent':
      return failed({
        kind: 'absent',
        what: 'commit',
        ...answered,
        why: 'no branch or tag of the repository leads to that commit',
      })
    case 'hash-mismatch':
      return failed({ kind: 'mismatch', ...answered, expected: commit, observed: object.observed })
    case 'too-large':
    case 'unreadable':
      return failed(
        gitUnavailable(object.failure === 'too-large' ? 'too-large' : 'git-failed', { url: answered.url, host }, object.why),
      )
  }
}

/** An object as it is stored. */
export interface RawObject {
  readonly type: ObjectType
  readonly bytes: Uint8Array
}

/** Fetches commits and tags by their ids, without files, and checks that their bytes have those ids. */
export async function fetchRawObjects(
  asker: RemoteAsker,
  url: string,
  ids: readonly string[],
  askRefs: () => Promise<GitOutcome<RemoteRefs>>,
): Promise<GitOutcome<{ readonly objects: ReadonlyMap<string, RawObject> }>> {
  const outcome = await receive(asker, url, ids, { depth: 1, filter: 'tree:0' }, askRefs)
  if (!outcome.ok) return outcome.outcome
  const { folder, algorithm, by } = outcome.received
  const { scratch, timeouts } = asker.settings
  const { url: shown, host, redirects } = by
  const objects = new VerifiedObjects(folder, localEnvironment(scratch), algorithm, timeouts.localMs)
  const found = new Map<string, RawObject>()
  try {
    for (const id of ids) {
      const object = await objects.read(id, MAX_COMMIT_BYTES)
      if (object.ok) found.set(id, object)
      else if (object.failure === 'hash-mismatch')
        return { kind: 'mismatch', url: shown, redirects, expected: id, observed: object.observed }
      else if (object.failure === 'absent')
        return { kind: 'absent', what: 'commit', url: shown, redirects, why: 'no branch or tag of the repository leads to it' }
      else return gitUnavailable(object.failure === 'too-large' ? 'too-large' : 'git-failed', { url: shown, host }, object.why)
    }
    return { kind: 'ok', url: shown, redirects, objects: found }
  } finally {
    objects.close()
    await removeRepository(folder)
  }
}

/**
 * Whether a commit that was refused by its id may still lie below a ref. With protocol 2 a server hands out every object
 * it has (gitprotocol-v2, "fetch"), so its no is final.
 */
function mayBeBelowARef({ diagnosis, protocol }: Answer & { kind: 'not-ok' }): boolean {
  return diagnosis.kind === 'not-advertised' || (diagnosis.kind === 'not-our-ref' && protocol !== 2)
}

/**
 * git tells its check of a filtered pack nothing of what is to be let pass (`fetch.fsck.*`), so that the same objects may
 * be accepted without a filter.
 */
function isHarmless({ diagnosis }: Answer & { kind: 'not-ok' }): boolean {
  return (
    diagnosis.kind === 'failed' &&
    diagnosis.failure === 'malformed-objects' &&
    HARMLESS_IN_OLD_OBJECTS.includes(diagnosis.quote ?? '')
  )
}
