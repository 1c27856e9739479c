import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Updater } from 'tuf-js'
import { readBoundedFile } from '../http/bounded-file.js'
import type { HttpClient } from '../http/http-client.js'
import { boundedText, countOf, fieldsOf, parseFields } from '../store/fields.js'
import { ClientFetcher } from './fetcher.js'
import type { StoredRoot, TufVersions } from './stored-root.js'
import { MAX_TARGET_BYTES, targetFile, tufFolder, writeRootRecord } from './stored-root.js'

export interface UpdateRequest {
  /** The cache folder of this machine. */
  readonly cache: string
  /** URL of the repository, without a slash at its end. */
  readonly mirror: string
  readonly target: string
  /** The `root.json` from which trust starts; needed the first time alone. `chosen`: by the user, who must not be ignored later. */
  readonly initialRoot: { readonly bytes: Uint8Array; readonly chosen: boolean } | undefined
  /** Why bytes are not what the target should be; what is refused is not kept. */
  readonly check: (bytes: Uint8Array) => string | undefined
  readonly http: HttpClient
  /** RFC 3339, UTC, seconds. */
  readonly now: string
}

export type UpdateFailure =
  /** Nothing says whom to trust: no initial root was given, and none is kept. */
  | 'no-initial-root'
  /** Another initial root than the one with which this repository was used first. */
  | 'other-initial-root'
  | 'unreachable'
  | 'expired'
  /** Older metadata than those seen before. */
  | 'rolled-back'
  | 'target-missing'
  /** Vouched for, and not what it should be. */
  | 'target-unfit'
  /** Signatures, hashes or forms that do not hold. */
  | 'not-valid'
  /** What is kept of the repository cannot be used. */
  | 'damaged'

export type UpdatedRoot =
  | { readonly ok: true; readonly root: StoredRoot }
  | { readonly ok: false; readonly failure: UpdateFailure; readonly why: string; readonly help: string }

const MAX_METADATA_BYTES = 8 * 1024 * 1024
const INITIAL = 'initial-root.json'

/**
 * Fetches a target of a TUF repository by its client workflow (TUF specification §5): root by root from the initial one,
 * then timestamp, snapshot and targets, none expired and none older than seen before. What was verified is kept, also
 * where a later step fails. Throws what the file system throws.
 */
export async function updateRoot(request: UpdateRequest): Promise<UpdatedRoot> {
  const folder = tufFolder(request.cache, request.mirror)
  const start = await startFrom(folder, request.initialRoot)
  if (typeof start !== 'string') return start
  const updated = await update(folder, request)
  // Trust begins with the first success: a wrong initial root must not stand in the way of the right one.
  if (start === 'first' && !updated.ok) await rm(folder, { recursive: true, force: true })
  return updated
}

async function update(folder: string, request: UpdateRequest): Promise<UpdatedRoot> {
  const { mirror, target, http } = request
  const fetcher = new ClientFetcher(http, folder)
  try {
    const updater = new Updater({
      metadataDir: folder,
      metadataBaseUrl: mirror,
      targetDir: join(folder, 'targets'),
      targetBaseUrl: `${mirror}/targets`,
      fetcher,
    })
    const info = await updater.getTargetInfo(target)
    if (info === undefined)
      return failed('target-missing', `the repository has no target ${target}`, 'Name one that it has with --target.')
    if (info.length > MAX_TARGET_BYTES)
      return failed('not-valid', `the target has ${info.length} bytes, at most ${MAX_TARGET_BYTES}`, HELP['not-valid'])
    if ((await updater.findCachedTarget(info)) === undefined) await updater.downloadTarget(info)
  } catch (error) {
    const { noAnswer } = fetcher
    if (noAnswer !== undefined) return failed('unreachable', noAnswer.why, noAnswer.help)
    return whyNot(error instanceof Error ? error.message : String(error))
  }
  return keep(folder, request)
}

/** Puts the initial root where the updater starts; a root that is kept already is never replaced by an older one. */
async function startFrom(folder: string, initial: UpdateRequest['initialRoot']): Promise<'first' | 'again' | UpdatedRoot> {
  const kept = await readBoundedFile(join(folder, INITIAL), MAX_METADATA_BYTES)
  if (kept.ok) {
    if (initial?.chosen !== true || Buffer.compare(kept.bytes, initial.bytes) === 0) return 'again'
    return failed(
      'other-initial-root',
      'this repository was used with another initial root before',
      `If this one is right, remove ${folder} and begin anew.`,
    )
  }
  if (initial === undefined)
    return failed(
      'no-initial-root',
      'nothing says whose signatures to trust in this repository',
      'Give its initial root.json with --root, fetched by another way than the mirror.',
    )
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'targets'), { recursive: true, mode: 0o700 })
  for (const name of [INITIAL, 'root.json']) await writeFile(join(folder, name), initial.bytes, { mode: 0o600 })
  return 'first'
}

async function keep(folder: string, { mirror, target, check, now }: UpdateRequest): Promise<UpdatedRoot> {
  const file = targetFile(folder, target)
  const read = await readBoundedFile(file, MAX_TARGET_BYTES)
  const signed = await Promise.all((['root', 'timestamp', 'snapshot', 'targets'] as const).map((role) => readRole(folder, role)))
  const [root, timestamp, snapshot, targets] = signed
  if (!read.ok || root === undefined || timestamp === undefined || snapshot === undefined || targets === undefined)
    return failed('damaged', 'what was fetched cannot be read again', `Remove ${folder} and begin anew.`)
  const unfit = check(read.bytes)
  if (unfit !== undefined)
    return failed('target-unfit', unfit, 'Name the target of the repository that is a trusted root with --target.')
  const expires = signed.flatMap((role) => role?.expires ?? []).sort()[0] ?? now
  const versions: TufVersions = {
    root: root.version,
    timestamp: timestamp.version,
    snapshot: snapshot.version,
    targets: targets.version,
  }
  const sha256 = createHash('sha256').update(read.bytes).digest('hex')
  const record = { mirror, target, sha256, size: read.bytes.length, fetchedAt: now, expires, versions }
  await writeRootRecord(folder, record)
  return { ok: true, root: { ...record, file, bytes: read.bytes } }
}

/** Version and expiry of metadata that the updater has verified and written. */
async function readRole(folder: string, role: string): Promise<{ version: number; expires: string } | undefined> {
  const read = await readBoundedFile(join(folder, `${role}.json`), MAX_METADATA_BYTES)
  if (!read.ok) return undefined
  const signed = fieldsOf(parseFields(Buffer.from(read.bytes).toString('utf8'))?.get('signed'))
  const version = countOf(signed?.get('version'))
  const expires = boundedText(signed?.get('expires'), 64)
  if (version === undefined || expires === undefined || Number.isNaN(Date.parse(expires))) return undefined
  return { version, expires: `${new Date(expires).toISOString().slice(0, 19)}Z` }
}

const HELP: Readonly<Record<'expired' | 'rolled-back' | 'not-valid', string>> = {
  expired: 'Check the clock of this machine; if it is right, the mirror is not kept up: ask whoever runs it, or use another one.',
  'rolled-back': 'The mirror hands out an older state than before: use another one, and tell whoever runs it.',
  'not-valid': 'Do not use this mirror before whoever runs it has explained it.',
}

/** The updater says what is wrong in words alone, and wraps some errors in others. */
function whyNot(message: string): UpdatedRoot {
  const failure = /is expired/.test(message)
    ? 'expired'
    : /is less than current version/.test(message)
      ? 'rolled-back'
      : 'not-valid'
  return failed(failure, `the metadata of the repository do not hold: ${message.slice(0, 300)}`, HELP[failure])
}

function failed(failure: UpdateFailure, why: string, help: string): UpdatedRoot {
  return { ok: false, failure, why, help }
}
