import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { readBoundedFile } from '../http/bounded-file.js'
import { readSha256, readTime } from '../store/answer-record.js'
import { cacheFolder } from '../store/cache-folder.js'
import { boundedText, countOf, type Fields, fieldsOf } from '../store/fields.js'
import { replaceFile } from '../store/replace-file.js'
import { seal, unseal } from '../store/seal.js'

/** Versions of the metadata that vouched for a target (TUF specification §4.2). */
export interface TufVersions {
  readonly root: number
  readonly timestamp: number
  readonly snapshot: number
  readonly targets: number
}

/** What is known of a trusted root that was fetched from a TUF repository. */
export interface StoredRootRecord {
  /** URL of the repository. */
  readonly mirror: string
  readonly target: string
  /** Of the target's bytes, lower-case hex. */
  readonly sha256: string
  readonly size: number
  /** When the repository last confirmed it: RFC 3339, UTC, seconds. */
  readonly fetchedAt: string
  /** The earliest expiry of the metadata that vouch for it. */
  readonly expires: string
  readonly versions: TufVersions
}

export interface StoredRoot extends StoredRootRecord {
  /** Where its bytes lie. */
  readonly file: string
  readonly bytes: Uint8Array
}

export type ReadStoredRoot =
  | { readonly kind: 'ok'; readonly root: StoredRoot }
  /** Nothing was fetched from there. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string }

const FORMAT = 'assay-tuf-root 1'
const MAX_RECORD_BYTES = 16 * 1024
export const MAX_TARGET_BYTES = 4 * 1024 * 1024

/** The cache folder of this machine; undefined where the surroundings (default: those of the process) name none. */
export function tufCache(environment: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  return cacheFolder(environment, process.platform)
}

/** The folder of one repository below the cache folder. */
export function tufFolder(cache: string, mirror: string): string {
  const { host, pathname } = new URL(mirror)
  const name = `${host}${pathname}`.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 80)
  // Two URLs that are shortened to one name are two repositories.
  return join(cache, 'tuf', `${name}-${createHash('sha256').update(mirror).digest('hex').slice(0, 16)}`)
}

/** The file of a target, as the updater names it. */
export function targetFile(folder: string, target: string): string {
  return join(folder, 'targets', encodeURIComponent(target))
}

function recordFile(folder: string, target: string): string {
  return join(folder, `${encodeURIComponent(target)}.record`)
}

/** Throws what the file system throws. */
export async function writeRootRecord(folder: string, record: StoredRootRecord): Promise<void> {
  await replaceFile(recordFile(folder, record.target), [Buffer.from(seal({ format: FORMAT, ...record }))], 0o600)
}

/** The root that was fetched last from a repository. Its bytes are those that its record is of. */
export async function readStoredRoot(cache: string, mirror: string, target: string): Promise<ReadStoredRoot> {
  const folder = tufFolder(cache, mirror)
  const text = await readBoundedFile(recordFile(folder, target), MAX_RECORD_BYTES)
  if (!text.ok) return text.failure === 'absent' ? { kind: 'absent' } : { kind: 'damaged', why: text.why }
  const unsealed = unseal(Buffer.from(text.bytes).toString('utf8'), FORMAT)
  if (unsealed.kind !== 'ok') return { kind: 'damaged', why: 'its record is damaged, or of another version of assay' }
  const record = readRecord(unsealed.fields)
  if (record === undefined || record.mirror !== mirror || record.target !== target)
    return { kind: 'damaged', why: 'its record is not the one of this repository' }
  const file = targetFile(folder, target)
  const read = await readBoundedFile(file, MAX_TARGET_BYTES)
  if (!read.ok) return { kind: 'damaged', why: `it cannot be read: ${read.why}` }
  if (createHash('sha256').update(read.bytes).digest('hex') !== record.sha256)
    return { kind: 'damaged', why: 'its bytes are not those that were fetched' }
  return { kind: 'ok', root: { ...record, file, bytes: read.bytes } }
}

function readRecord(fields: Fields): StoredRootRecord | undefined {
  const mirror = boundedText(fields.get('mirror'), 8192)
  const target = boundedText(fields.get('target'), 1024)
  const sha256 = readSha256(fields.get('sha256'))
  const size = countOf(fields.get('size'))
  const fetchedAt = readTime(fields.get('fetchedAt'))
  const expires = readTime(fields.get('expires'))
  const versions = readVersions(fields.get('versions'))
  if (mirror === undefined || target === undefined || sha256 === undefined || size === undefined) return undefined
  if (fetchedAt === undefined || expires === undefined || versions === undefined) return undefined
  return { mirror, target, sha256, size, fetchedAt, expires, versions }
}

function readVersions(value: unknown): TufVersions | undefined {
  const fields = fieldsOf(value)
  const [root, timestamp, snapshot, targets] = ['root', 'timestamp', 'snapshot', 'targets'].map((name) =>
    countOf(fields?.get(name)),
  )
  if (root === undefined || timestamp === undefined || snapshot === undefined || targets === undefined) return undefined
  return { root, timestamp, snapshot, targets }
}
