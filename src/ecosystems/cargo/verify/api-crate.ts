import { fieldOf, isJsonObject, type JsonObject, parseStrictJson } from '../../../trust/strict-json.js'
import { isSemVer } from '../semver.js'

/** How a version came to the registry, as its API says (spec/cargo.md §6.6). */
type Publication =
  | { readonly method: 'trusted'; readonly repository: string | undefined; readonly commit: string | undefined }
  | { readonly method: 'token'; readonly publisher: string | undefined }
  /** It says nothing of it, or nothing that can be read. */
  | { readonly method: 'unknown' }

export interface ApiVersion {
  readonly version: string
  /** Of the archive, lower-case hex; not every registry says. */
  readonly checksum: string | undefined
  /** When; such texts order as the times do. */
  readonly published: string | undefined
  readonly publication: Publication
}

/** What the API of a registry says of a crate. */
export interface ApiCrate {
  readonly trustedOnly: boolean
  readonly versions: readonly ApiVersion[]
}

/** The public API gives some kilobytes a version. */
export const MAX_API_BYTES = 16 * 1024 * 1024
const LIMITS = { maxBytes: MAX_API_BYTES, maxDepth: 32 }

/** Reads `GET /api/v1/crates/{name}`; undefined for what is no such document, or that of another crate. */
export function readApiCrate(bytes: Uint8Array, name: string): ApiCrate | undefined {
  const json = parseStrictJson(bytes, LIMITS)
  const crate = json.ok && isJsonObject(json.value) ? fieldOf(json.value, 'crate') : undefined
  const versions = json.ok && isJsonObject(json.value) ? fieldOf(json.value, 'versions') : undefined
  if (!isJsonObject(crate) || !Array.isArray(versions) || textOf(crate, 'name') !== name) return undefined
  const read = new Map<string, ApiVersion>()
  const twice = new Set<string>()
  for (const each of versions) {
    const version = isJsonObject(each) ? readVersion(each, name) : undefined
    if (version === undefined) continue
    if (read.has(version.version)) twice.add(version.version)
    read.set(version.version, version)
  }
  // A version that is told twice is told by nobody.
  for (const version of twice) read.delete(version)
  return { trustedOnly: fieldOf(crate, 'trustpub_only') === true, versions: [...read.values()] }
}

function readVersion(object: JsonObject, name: string): ApiVersion | undefined {
  const version = textOf(object, 'num')
  // Versions of others stand in messages: nothing else may come in their place.
  if (version === undefined || !isSemVer(version) || textOf(object, 'crate') !== name) return undefined
  return {
    version,
    checksum: textOf(object, 'checksum')?.toLowerCase(),
    published: instant(textOf(object, 'created_at')),
    publication: publicationOf(object),
  }
}

function publicationOf(object: JsonObject): Publication {
  const trusted = fieldOf(object, 'trustpub_data')
  if (trusted === null) return { method: 'token', publisher: publisherOf(fieldOf(object, 'published_by')) }
  if (!isJsonObject(trusted)) return { method: 'unknown' }
  const sha = textOf(trusted, 'sha')
  const commit = sha !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) ? sha : undefined
  switch (textOf(trusted, 'provider')) {
    case undefined:
      return { method: 'unknown' }
    case 'github': {
      const repository = pathOf(textOf(trusted, 'repository'), 2)
      return repository === undefined ? { method: 'unknown' } : trustedBy(`https://github.com/${repository}`, commit)
    }
    case 'gitlab': {
      const repository = pathOf(textOf(trusted, 'project_path'), MAX_GROUPS)
      return repository === undefined ? { method: 'unknown' } : trustedBy(`https://gitlab.com/${repository}`, commit)
    }
    default:
      return { method: 'trusted', repository: undefined, commit: undefined }
  }
}

function trustedBy(repository: string, commit: string | undefined): Publication {
  return { method: 'trusted', repository, commit }
}

/** GitLab nests groups up to 20 deep. */
const MAX_GROUPS = 22
const SEGMENT = /^[A-Za-z0-9_.-]{1,255}$/

/** It becomes part of a URL that decides who may sign: nothing in it may mean anything else. */
function pathOf(text: string | undefined, most: number): string | undefined {
  const parts = text?.split('/') ?? []
  const isPath = parts.length >= 2 && parts.length <= most && parts.every((part) => SEGMENT.test(part) && !/^\.+$/.test(part))
  return isPath ? parts.join('/') : undefined
}

function publisherOf(user: unknown): string | undefined {
  const login = isJsonObject(user) ? textOf(user, 'login') : undefined
  return login !== undefined && /^[A-Za-z0-9_.-]{1,100}$/.test(login) ? login : undefined
}

/** UTC alone, with any fraction of a second: `2026-01-02T03:04:05.678901+00:00`. */
function instant(text: string | undefined): string | undefined {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/.exec(text ?? '') ?? []
  return seconds === undefined ? undefined : `${seconds}.${fraction.padEnd(9, '0')}`
}

function textOf(object: JsonObject, name: string): string | undefined {
  const value = fieldOf(object, name)
  return typeof value === 'string' ? value : undefined
}
