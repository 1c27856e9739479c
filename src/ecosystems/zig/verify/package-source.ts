import { formatByMagic, formatByName } from '../../../evidence/archive/format.js'
import type { ArchiveLimits } from '../../../evidence/archive/limits.js'
import { DEFAULT_LIMITS } from '../../../evidence/archive/limits.js'
import type { Desk, OkAnswer } from '../../../evidence/desk/desk.js'
import type { Keep } from '../../../evidence/store/keep.js'
import type { TreeDigest } from '../../../model/digest.js'
import type { Authority } from '../../../model/evidence.js'
import { fileListDigest } from '../../file-list.js'
import type { GitSource } from '../../git-source.js'
import type { NoAnswer } from '../../no-answer.js'
import { noAnswer } from '../../no-answer.js'
import { Turns } from '../../turns.js'
import { readForgeUrl } from '../forge.js'
import type { PackageHash } from '../package-hash.js'
import type { PackageArchive, PackageArchiveNote, PackageArchiveProblem } from './archive-package.js'
import { hashPackageArchive } from './archive-package.js'
import type { Origin } from './claim.js'
import { originText } from './claim.js'
import { commitPackage } from './commit-package.js'
import { compareHash } from './compare.js'
import { forgeArchive } from './forge-archive.js'
import type { HashSummary, PackageEntry, PackageHashes } from './tree-hash.js'

export interface Answered {
  readonly authority: Authority
  readonly at?: string | undefined
  /** SHA-256 of the bytes that were kept. */
  readonly stored?: string | undefined
}

interface FilesOf {
  readonly hashes: HashSummary
  /** Of the files that are hashed, in hash order. */
  readonly paths: readonly string[]
  /** assay's own digest of them. */
  readonly files: TreeDigest
  /** Each of them, where the whole has no hash that was wanted. */
  readonly entries: readonly PackageEntry[] | undefined
}

export interface HashedPackage extends Answered, FilesOf {
  readonly kind: 'hashed'
  readonly manifests: ReadonlyMap<string, Uint8Array>
  readonly notes: readonly PackageArchiveNote[]
  /** What is odd about the answer, or about who gave it. */
  readonly remarks: readonly string[]
  /** It is the archive of a code host in place of the repository, so that only a match says anything. */
  readonly substitute: boolean
}

/** What one origin delivers. */
export type Delivered =
  | HashedPackage
  /** It answered with what zig does not take, or must not. */
  | ({ readonly kind: 'refused'; readonly problem: PackageArchiveProblem; readonly why: string } & Answered)
  | ({ readonly kind: 'mismatch'; readonly why: string } & Answered)
  | ({ readonly kind: 'no-answer' } & NoAnswer & Pick<Answered, 'authority'>)

/** Hashed at a time: each holds a whole archive in memory. */
const AT_ONCE = 4

/** Fetches and hashes packages, each origin once in a run. Never throws for what others say. */
export class PackageSource {
  readonly #delivered = new Map<string, Promise<Delivered>>()
  readonly #turns = new Turns(AT_ONCE)

  constructor(
    readonly desk: Desk,
    readonly git: GitSource,
    readonly limits: ArchiveLimits = DEFAULT_LIMITS,
  ) {}

  /** `wanted`: what the answer should be, so that nothing else is kept in the store. */
  async deliver(
    origin: Origin,
    wanted: readonly PackageHash[],
    reasonNotToAsk: (url: string) => string | undefined,
  ): Promise<Delivered> {
    const key = originText(origin)
    const why = reasonNotToAsk(origin.url)
    if (why !== undefined)
      return { kind: 'no-answer', verdict: 'not-checkable', why, authority: { kind: KINDS[origin.kind], name: key } }
    // What only a repository can tell may not have been askable yet.
    const asked = origin.kind === 'git' ? `${key} ${this.git.canAsk}` : key
    const delivered = this.#delivered.get(asked) ?? this.#turns.take(() => this.#deliver(origin, wanted, reasonNotToAsk))
    this.#delivered.set(asked, delivered)
    return delivered
  }

  async #deliver(
    origin: Origin,
    wanted: readonly PackageHash[],
    reasonNotToAsk: (url: string) => string | undefined,
  ): Promise<Delivered> {
    if (origin.kind === 'archive') return this.#archive(origin.url, wanted, false)
    const commit = await this.#commit(origin, wanted)
    if (commit.kind !== 'no-answer') return commit
    // The archive that the code host makes of a commit has the same files, but for what attributes of export change.
    const archive = origin.commit === undefined ? undefined : forgeArchive(origin.url, origin.commit)
    if (archive === undefined || reasonNotToAsk(archive) !== undefined) return commit
    const substitute = await this.#archive(archive, wanted, true)
    const matches =
      substitute.kind === 'hashed' && wanted.some((hash) => compareHash(hash, substitute.hashes).verdict === 'match')
    return matches ? substitute : commit
  }

  async #commit(origin: Origin & { readonly kind: 'git' }, wanted: readonly PackageHash[]): Promise<Delivered> {
    const authority: Authority = { kind: 'git', name: originText(origin) }
    const commit = await this.#commitOf(origin)
    if (typeof commit !== 'string') return { ...commit, authority }
    const outcome = await this.git.files(origin.url, commit)
    if (outcome.kind !== 'ok') return { ...outcome, authority }
    const { hashes, manifests } = commitPackage(outcome.value)
    const { at, stored } = outcome
    const submodules = outcome.value.filter(({ kind }) => kind === 'submodule').length
    return {
      ...{ kind: 'hashed', ...summary(hashes, wanted), manifests, notes: [], authority, at, stored, substitute: false },
      remarks: submodules === 0 ? [] : [`${submodules} submodules are left out, as zig leaves them out`],
    }
  }

  /** Looked up as zig does: as given, as a branch, as a tag (spec/zig.md §5.1). */
  async #commitOf({
    url,
    commit,
    revision,
  }: Origin & { readonly kind: 'git' }): Promise<
    string | ({ readonly kind: 'no-answer' } & NoAnswer) | { readonly kind: 'mismatch'; readonly why: string }
  > {
    if (commit !== undefined) return commit
    const refs = await this.git.refs(url)
    if (refs.kind !== 'ok') return refs
    const { head, branches, tags } = refs.value
    const found =
      revision === undefined || revision === 'HEAD'
        ? head?.commit
        : revision.startsWith('refs/heads/')
          ? branches.get(revision.slice('refs/heads/'.length))
          : revision.startsWith('refs/tags/')
            ? tags.get(revision.slice('refs/tags/'.length))?.commit
            : (branches.get(revision) ?? tags.get(revision)?.commit)
    return (
      found ?? {
        ...{ kind: 'no-answer', verdict: 'absent', at: refs.at },
        why: `the repository has no branch or tag ${revision ?? 'HEAD'}`,
      }
    )
  }

  async #archive(url: string, wanted: readonly PackageHash[], substitute: boolean): Promise<Delivered> {
    const hashed = new Map<Uint8Array, Promise<PackageArchive>>()
    const hash = (bytes: Uint8Array): Promise<PackageArchive> => {
      const known = hashed.get(bytes) ?? hashArchive(url, bytes, this.limits)
      hashed.set(bytes, known)
      return known
    }
    const answer = await this.desk.ask({
      url,
      keep: keepOf(url),
      limitBytes: this.limits.maxPackedBytes,
      accepts: async (bytes) => {
        const archive = await hash(bytes)
        return archive.ok && wanted.some((one) => compareHash(one, archive.hashes).verdict === 'match')
      },
    })
    const authority: Authority = { kind: 'artifact', name: url }
    if (answer.kind !== 'ok') return { kind: 'no-answer', authority, ...noAnswer(answer, url) }
    return this.#hashed(await hash(answer.bytes), answer, wanted, authority, substitute)
  }

  async #hashed(
    archive: PackageArchive,
    answer: OkAnswer,
    wanted: readonly PackageHash[],
    authority: Authority,
    substitute: boolean,
  ): Promise<Delivered> {
    const answered = { authority, at: answer.at, stored: answer.sha256 }
    if (!archive.ok) {
      const { problem, why } = archive
      if (problem === 'damaged')
        return { kind: 'no-answer', verdict: 'unavailable', why: `no whole archive came: ${why}`, ...answered }
      return { kind: 'refused', problem, why, ...answered }
    }
    const remarks = answer.signs.map(({ why }) => why)
    const anew = await this.#madeAnew(authority.name, archive, answer, wanted)
    if (anew !== undefined) remarks.push(anew)
    const { hashes, manifests, notes } = archive
    return { kind: 'hashed', ...answered, ...summary(hashes, wanted), manifests, notes, remarks, substitute }
  }

  /** Code hosts make archives anew from time to time, with other bytes and the same files: the first bytes are remembered. */
  async #madeAnew(
    url: string,
    { hashes }: PackageArchive & { readonly ok: true },
    { sha256 }: OkAnswer,
    wanted: readonly PackageHash[],
  ): Promise<string | undefined> {
    const match = wanted.find((one) => compareHash(one, hashes).verdict === 'match')
    if (match === undefined) return undefined
    const name = `zig-archive-sha256 ${url} ${match.text}`
    const before = await this.desk.recall(name)
    if (before === undefined) {
      await this.desk.remember(name, Buffer.from(sha256))
      return undefined
    }
    const first = Buffer.from(before.bytes).toString('latin1')
    return first === sha256
      ? undefined
      : `the archive was made anew by its host: the files are the same, its bytes differ from those of ${before.at} (SHA-256 ${first})`
  }
}

const KINDS = { archive: 'artifact', git: 'git' } as const

/** What a commit names never changes; a tag is moved now and then. */
function keepOf(url: string): Keep {
  const { host, pathname, searchParams } = new URL(url)
  return readForgeUrl(host, pathname, searchParams)?.ref?.kind === 'commit' ? 'for-ever' : 'day'
}

/** The bytes decide: what the server calls them is not kept, and a name can lie. */
async function hashArchive(url: string, bytes: Uint8Array, limits: ArchiveLimits): Promise<PackageArchive> {
  if (Buffer.from(bytes.subarray(0, 3)).toString('latin1') === 'BZh')
    return { ok: false, problem: 'unreadable', why: 'it is packed with bzip2, which zig never reads' }
  const format = formatByMagic(bytes) ?? formatByName(URL.canParse(url) ? new URL(url).pathname : '')
  return format === undefined
    ? { ok: false, problem: 'damaged', why: 'neither its bytes nor its name are those of an archive' }
    : hashPackageArchive(bytes, format, limits)
}

/** Digests of single files are only of use where the whole does not match. */
function summary({ included, ...hashes }: PackageHashes, wanted: readonly PackageHash[]): FilesOf {
  const files = included.flatMap(({ path, kind, sha256 }) => (kind === 'special' ? [] : [{ path, kind, sha256 }]))
  const matches = wanted.some((one) => compareHash(one, hashes).verdict === 'match')
  return {
    hashes,
    paths: included.map(({ path }) => path),
    files: fileListDigest(files),
    entries: matches ? undefined : included,
  }
}
