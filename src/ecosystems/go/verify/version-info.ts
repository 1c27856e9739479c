import { parseStrictJson } from '../../../trust/strict-json.js'

/** What a proxy says of a version (spec/go.md §8.1). Nobody vouches for any of it. */
export interface VersionInfo {
  readonly version: string
  /** RFC 3339 UTC, seconds; undefined when it says none, or none that can be read. */
  readonly time: string | undefined
  readonly origin: VersionOrigin | undefined
}

/** Where the proxy says it took the version from. */
interface VersionOrigin {
  readonly vcs: string
  readonly url: string
  readonly hash: string
  readonly ref: string
  readonly subdirectory: string
}

export type ParsedInfo = { readonly ok: true; readonly info: VersionInfo } | { readonly ok: false; readonly why: string }

export const MAX_INFO_BYTES = 1024 * 1024
const TIME = /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.\d{1,9})?Z$/
const LONGEST = 2048

/** Reads the body of `.info` or `@latest`. */
export function parseVersionInfo(bytes: Uint8Array): ParsedInfo {
  const parsed = parseStrictJson(bytes, { maxBytes: MAX_INFO_BYTES, maxDepth: 16 })
  if (!parsed.ok) return parsed
  const fields = members(parsed.value)
  const version = text(fields, 'Version')
  if (version === '') return { ok: false, why: 'it names no version' }
  return {
    ok: true,
    info: { version, time: TIME.exec(text(fields, 'Time'))?.[1]?.concat('Z'), origin: originOf(fields.get('Origin')) },
  }
}

function originOf(value: unknown): VersionOrigin | undefined {
  const fields = members(value)
  const [vcs, url] = [text(fields, 'VCS'), text(fields, 'URL')]
  if (vcs === '' || url === '') return undefined
  const subdirectory = text(fields, 'Subdir')
  return { vcs, url, hash: text(fields, 'Hash'), ref: text(fields, 'Ref'), subdirectory }
}

function members(value: unknown): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [],
  )
}

function text(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' && value.length <= LONGEST ? value : ''
}
