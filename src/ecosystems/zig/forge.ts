/** What a URL on a code host points to: whose repository, and how it names the state of it. */
export interface ForgeReference {
  readonly host: string
  readonly owner: string | undefined
  readonly repository: string | undefined
  readonly ref: ForgeRef | undefined
}

/**
 * How still a reference holds. `moving`: a branch, "latest", or whatever is newest. `name`: a tag or a branch, the URL does
 * not say which.
 */
export interface ForgeRef {
  readonly kind: 'commit' | 'tag' | 'name' | 'moving'
  readonly value: string
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i
/** Names that are branches, or tags made anew with every build, wherever they stand. */
const MOVING_NAMES: ReadonlySet<string> = new Set(
  `main master trunk develop development dev devel head tip latest nightly canary edge snapshot unstable rolling default
  continuous`.split(/\s+/),
)
const ARCHIVE_ENDING = /\.(?:tar\.gz|tgz|tar\.xz|txz|tar\.zst|tzst|tar\.bz2|tar|zip|jar)$/i

/**
 * Reads the forms of archive and repository URLs that code hosts use (spec/zig.md §9). `revision` is the fragment of a git
 * URL, empty where it has none; an archive is asked for without. Undefined for a URL of no known form that names no state.
 */
export function readForgeUrl(host: string, path: string, query: URLSearchParams, revision?: string): ForgeReference | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
  if (revision !== undefined) return gitReference(host, segments, revision)
  return hostReference(host, segments, query) ?? genericArchive(host, segments)
}

function gitReference(host: string, segments: readonly string[], revision: string): ForgeReference {
  const ref = revision === '' ? undefined : classifyRef(revision)
  return { host, ...ownerOf(segments), ref }
}

/** Owner and name where the path has just these two; deeper paths (groups, monorepos) are not cut. */
function ownerOf(segments: readonly string[]): Pick<ForgeReference, 'owner' | 'repository'> {
  const [owner, repository, ...more] = segments
  if (owner === undefined || repository === undefined || more.length > 0) return { owner: undefined, repository: undefined }
  return { owner, repository: repository.replace(/\.git$/, '') }
}

function hostReference(host: string, segments: readonly string[], query: URLSearchParams): ForgeReference | undefined {
  const [owner, repository, verb, ...rest] = segments
  if (owner === undefined || repository === undefined) return undefined
  if (host === 'api.github.com' && owner === 'repos') {
    const [of, name, kind, ...ref] = segments.slice(1)
    if (kind !== 'tarball' && kind !== 'zipball') return undefined
    return { host: 'github.com', owner: of, repository: name, ref: refOrNewest(ref.join('/')) }
  }
  if (host === 'codeload.github.com' && verb !== undefined)
    return { host: 'github.com', owner, repository, ref: refOrNewest(rest.join('/')) }
  if (host === 'raw.githubusercontent.com')
    return { host: 'github.com', owner, repository, ref: refOrNewest(rawRef([...(verb === undefined ? [] : [verb]), ...rest])) }
  if (host === 'bitbucket.org' && verb === 'get')
    return { host, owner, repository, ref: refOrNewest(withoutEnding(rest.join('/'))) }
  if (owner === 'api' && segments.at(-1)?.startsWith('archive') === true && segments.includes('repository')) {
    const sha = query.get('sha') ?? ''
    return { host, owner: undefined, repository: undefined, ref: refOrNewest(sha) }
  }
  return undefined
}

/** `refs/heads/main/file` names its ref in three segments, `main/file` in one. */
function rawRef(segments: readonly string[]): string {
  return segments[0] === 'refs' ? segments.slice(0, 3).join('/') : (segments[0] ?? '')
}

/**
 * The forms many hosts share: `/archive/REF.tar.gz` (GitHub, Gitea, Forgejo, sourcehut), `/-/archive/REF/FILE` (GitLab),
 * `/releases/download/TAG/FILE` and `/releases/latest/download/FILE`.
 */
function genericArchive(host: string, segments: readonly string[]): ForgeReference | undefined {
  const archive = segments.indexOf('archive')
  if (archive >= 2 && archive < segments.length - 1) {
    const gitlab = segments[archive - 1] === '-'
    const rest = segments.slice(archive + 1)
    const ref = gitlab ? rest.slice(0, -1).join('/') : withoutEnding(rest.join('/'))
    return { host, ...ownerOf(segments.slice(0, gitlab ? archive - 1 : archive)), ref: refOrNewest(ref) }
  }
  const releases = segments.indexOf('releases')
  if (releases >= 2) {
    const owner = ownerOf(segments.slice(0, releases).filter((segment) => segment !== '-'))
    if (segments[releases + 1] === 'latest') return { host, ...owner, ref: { kind: 'moving', value: 'latest' } }
    const tag = segments[releases + 2]
    if (segments[releases + 1] === 'download' && tag !== undefined && segments.length > releases + 3)
      return { host, ...owner, ref: isMovingName(tag) ? { kind: 'moving', value: tag } : { kind: 'tag', value: tag } }
  }
  const moving = movingSegment(segments)
  return moving === undefined
    ? undefined
    : { host, owner: undefined, repository: undefined, ref: { kind: 'moving', value: moving } }
}

/** On a host of no known form only words that say it outright count: `refs/heads/…`, `latest`, `nightly`. */
function movingSegment(segments: readonly string[]): string | undefined {
  const heads = segments.findIndex((segment, i) => segment === 'heads' && segments[i - 1] === 'refs')
  if (heads >= 0) return withoutEnding(segments.slice(heads + 1).join('/'))
  return segments.flatMap((segment) => withoutEnding(segment).split(/[-_.]/)).find((word) => /^(?:latest|nightly)$/i.test(word))
}

function refOrNewest(ref: string): ForgeRef {
  return ref === '' ? { kind: 'moving', value: 'the default branch' } : classifyRef(ref)
}

function classifyRef(ref: string): ForgeRef {
  if (COMMIT.test(ref)) return { kind: 'commit', value: ref.toLowerCase() }
  if (ref.startsWith('refs/tags/')) {
    const value = ref.slice('refs/tags/'.length)
    return { kind: isMovingName(value) ? 'moving' : 'tag', value }
  }
  if (ref.startsWith('refs/heads/')) return { kind: 'moving', value: ref.slice('refs/heads/'.length) }
  return { kind: isMovingName(ref) ? 'moving' : 'name', value: ref }
}

function isMovingName(name: string): boolean {
  return MOVING_NAMES.has(name.toLowerCase())
}

function withoutEnding(name: string): string {
  return name.replace(ARCHIVE_ENDING, '')
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
