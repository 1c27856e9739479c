import { hash } from 'node:crypto'
import fc from 'fast-check'
import type { AbsentRecord, AnswerRecord, OkRecord } from '../../../../src/evidence/store/answer-record.js'
import type { Store } from '../../../../src/evidence/store/store.js'

export const AT = '2026-11-01T10:00:00Z'

export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes)
}

export function okRecord(url: string, bytes: Uint8Array, more: Partial<OkRecord> = {}): OkRecord {
  return {
    kind: 'ok',
    key: { url, accept: '*/*' },
    at: AT,
    keep: 'for-ever',
    status: 200,
    url,
    sha256: sha256(bytes),
    size: bytes.length,
    validators: {},
    signs: [],
    ...more,
  }
}

export function absentRecord(url: string): AbsentRecord {
  return { kind: 'absent', key: { url, accept: '*/*' }, at: AT, keep: 'day', status: 404 }
}

/** Stores an answer with its bytes. */
export async function putWhole(store: Store, url: string, bytes: Uint8Array, more: Partial<OkRecord> = {}): Promise<OkRecord> {
  const record = okRecord(url, bytes, more)
  await store.putBlob(record.sha256, bytes)
  await store.putAnswer(record)
  return record
}

const words = fc.string({ maxLength: 60, unit: 'binary' })
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`)
const keep = fc.constantFrom('for-ever', 'day', 'hour', 'run')
const key = fc.record({ url: fc.webUrl({ withQueryParameters: false }).map((url) => new URL(url).href), accept: words })
const failed = fc.record({
  failure: fc.constantFrom('timeout-connect', 'tls-expired', 'offline-and-not-stored', 'store-damaged'),
  why: words,
  help: words,
} as const)
const unconfirmed = fc.oneof(
  fc.constant({}),
  failed.map((value) => ({ unconfirmed: value })),
)
const sign = fc.record({ code: fc.constantFrom('etag-reused', 'older-than-known', 'stale'), why: words } as const)
const ok = fc.record({
  kind: fc.constant('ok'),
  key,
  at: time,
  keep,
  status: fc.constantFrom(0, 200),
  url: fc.webUrl(),
  sha256: fc.uint8Array({ maxLength: 8 }).map(sha256),
  size: fc.nat(),
  validators: fc.oneof(
    fc.constant({}),
    words.map((etag) => ({ etag })),
    words.map((lastModified) => ({ lastModified })),
    fc.record({ etag: words, lastModified: words }),
  ),
  signs: fc.array(sign, { maxLength: 3 }),
} as const)
const absent = fc.record({ kind: fc.constant('absent'), key, at: time, keep, status: fc.constantFrom(0, 404, 410) } as const)

/** Any record that a run can leave. */
export const anyRecord: fc.Arbitrary<AnswerRecord> = fc.oneof(
  fc.tuple(ok, unconfirmed).map(([record, more]) => ({ ...record, ...more })),
  fc.tuple(absent, unconfirmed).map(([record, more]) => ({ ...record, ...more })),
  fc.record({ kind: fc.constant('refused'), key, status: fc.constantFrom(401, 403, 451), why: words } as const),
  fc.tuple(key, failed).map(([of, why]) => ({ kind: 'unavailable' as const, key: of, ...why })),
)
