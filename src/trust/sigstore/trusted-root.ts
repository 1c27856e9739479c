import { createHash } from 'node:crypto'
import { decodeBase64 } from '../base64.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'

/** How many witnesses of each kind a root demands. They belong to the root: a bundle that lacks something never lowers them. */
export interface Thresholds {
  readonly log: number
  readonly sct: number
  /** Verified times, from a timestamp authority or a log's signed promise. */
  readonly time: number
}

/** The public instance, and any instance that does not say otherwise. */
export const PUBLIC_THRESHOLDS: Thresholds = { log: 1, sct: 1, time: 1 }
/** GitHub's own instance: no log, no certificate log, a timestamp instead. */
export const TIMESTAMP_ONLY_THRESHOLDS: Thresholds = { log: 0, sct: 0, time: 1 }

/** A trusted root whose form is sound. Who says that it may be trusted is the caller. */
export interface TrustedRoot {
  /** Where it came from, for reports: a file name, with the line for JSON lines. */
  readonly name: string
  /** Of the JSON text it was read from. */
  readonly sha256: string
  readonly thresholds: Thresholds
  /** For the library to read. */
  readonly json: JsonObject
  /** Ids of its transparency logs, base64. */
  readonly logIds: readonly string[]
}

/** Knows nobody: for bundles signed by a key of one's own, where no root is configured. */
export const EMPTY_ROOT: TrustedRoot = { name: 'no root', sha256: '', thresholds: PUBLIC_THRESHOLDS, json: {}, logIds: [] }

export type ReadRoots =
  | { readonly ok: true; readonly roots: readonly TrustedRoot[] }
  | { readonly ok: false; readonly why: string }

const MEDIA_TYPES: ReadonlySet<unknown> = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
])
const LIMITS = { maxBytes: 4 * 1024 * 1024, maxDepth: 32 }
const MAX_ROOTS = 32
const MAX_AUTHORITIES = 64
const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/**
 * Reads trusted roots: one JSON object, or JSON lines with one root each, as `gh attestation trusted-root` prints
 * (spec/trust.md §1.5, §1.6 no. 8 and 9). Without `thresholds` each root gets those of its kind.
 */
export function readTrustedRoots(name: string, bytes: Uint8Array, thresholds?: Thresholds): ReadRoots {
  if (bytes.length > LIMITS.maxBytes) return { ok: false, why: `${name} is longer than ${LIMITS.maxBytes} bytes` }
  const lines = splitLines(bytes)
  const [first] = lines
  const perLine = lines.length > 1 && first !== undefined && parseStrictJson(first.line, LIMITS).ok
  if (!perLine) {
    const root = readRoot(name, bytes, thresholds)
    return typeof root === 'string' ? { ok: false, why: `${name} is no trusted root: ${root}` } : { ok: true, roots: [root] }
  }
  if (lines.length > MAX_ROOTS) return { ok: false, why: `${name} holds more than ${MAX_ROOTS} roots` }
  const roots: TrustedRoot[] = []
  for (const { number, line } of lines) {
    const root = readRoot(`${name}:${number}`, line, thresholds)
    if (typeof root === 'string') return { ok: false, why: `${name}:${number} is no trusted root: ${root}` }
    roots.push(root)
  }
  return { ok: true, roots }
}

function splitLines(bytes: Uint8Array): { number: number; line: Uint8Array }[] {
  const lines: { number: number; line: Uint8Array }[] = []
  let number = 0
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline
    number += 1
    const line = bytes.subarray(start, end)
    if (line.some((byte) => byte !== 0x20 && byte !== 0x0d)) lines.push({ number, line })
    start = end + 1
  }
  return lines
}

function readRoot(name: string, bytes: Uint8Array, thresholds: Thresholds | undefined): TrustedRoot | string {
  const parsed = parseStrictJson(bytes, LIMITS)
  if (!parsed.ok) return parsed.why
  const json = parsed.value
  if (!isJsonObject(json)) return 'it is no JSON object'
  if (!MEDIA_TYPES.has(fieldOf(json, 'mediaType'))) return 'its media type is none of a known version'
  const tlogs = objectsOf(json, 'tlogs')
  const ctlogs = objectsOf(json, 'ctlogs')
  const authorities = objectsOf(json, 'certificateAuthorities')
  const timestampAuthorities = objectsOf(json, 'timestampAuthorities')
  if (tlogs === undefined || ctlogs === undefined || authorities === undefined || timestampAuthorities === undefined) {
    return `a list of logs or authorities is no list of at most ${MAX_AUTHORITIES} objects`
  }
  for (const log of [...tlogs, ...ctlogs]) {
    const key = fieldOf(log, 'publicKey')
    if (!isJsonObject(key) || !hasWindow(key)) return 'the key of a log does not say from when on it is valid'
    if (logIdOf(log) === undefined) return 'a log has no id'
  }
  for (const authority of [...authorities, ...timestampAuthorities]) {
    if (!hasWindow(authority)) return 'an authority does not say from when on it is valid'
  }
  return {
    name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    thresholds: thresholds ?? thresholdsOf(tlogs, ctlogs, authorities, timestampAuthorities),
    json: { ...json, tlogs: tlogs.map(withoutCheckpointKeyId), ctlogs: ctlogs.map(withoutCheckpointKeyId) },
    logIds: tlogs.flatMap((log) => logIdOf(log) ?? []),
  }
}

function objectsOf(json: JsonObject, name: string): readonly JsonObject[] | undefined {
  const value = fieldOf(json, name) ?? []
  return Array.isArray(value) && value.length <= MAX_AUTHORITIES && value.every(isJsonObject) ? value : undefined
}

/** A missing start would be read as "always valid" by the library. */
function hasWindow(holder: JsonObject): boolean {
  const window = fieldOf(holder, 'validFor')
  if (!isJsonObject(window)) return false
  const end = fieldOf(window, 'end') ?? undefined
  return isTime(fieldOf(window, 'start')) && (end === undefined || isTime(end))
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && RFC3339.test(value)
}

function logIdOf(log: JsonObject): string | undefined {
  const logId = fieldOf(log, 'logId')
  const keyId = isJsonObject(logId) ? fieldOf(logId, 'keyId') : undefined
  return typeof keyId === 'string' && decodeBase64(keyId) !== undefined ? keyId : undefined
}

/** Newer roots carry a key id of four bytes beside the log id; newer library versions would take it for the log id. */
function withoutCheckpointKeyId(log: JsonObject): JsonObject {
  const { checkpointKeyId: _, ...rest } = log
  return rest
}

/** Who issues the certificates of GitHub's own instance. */
export const GITHUB_ORGANIZATION = 'GitHub, Inc.'

/** A root without any log can never demand one. Only GitHub's own instance is known to be made so. */
function thresholdsOf(
  tlogs: readonly JsonObject[],
  ctlogs: readonly JsonObject[],
  authorities: readonly JsonObject[],
  timestampAuthorities: readonly JsonObject[],
): Thresholds {
  const isGithub = authorities.length > 0 && authorities.every((each) => organizationOf(each) === GITHUB_ORGANIZATION)
  const hasNoLog = tlogs.length === 0 && ctlogs.length === 0
  return isGithub && hasNoLog && timestampAuthorities.length > 0 ? TIMESTAMP_ONLY_THRESHOLDS : PUBLIC_THRESHOLDS
}

/** The organisation that a root states of one of its authorities. */
export function organizationOf(authority: JsonObject): unknown {
  const subject = fieldOf(authority, 'subject')
  return isJsonObject(subject) ? fieldOf(subject, 'organization') : undefined
}
