import type { Used } from '../../../../src/evidence/desk/desk.js'
import type { PackMeta } from '../../../../src/evidence/pack/write-pack.js'
import { writePack } from '../../../../src/evidence/pack/write-pack.js'
import type { AnswerRecord } from '../../../../src/evidence/store/answer-record.js'
import type { FactRecord } from '../../../../src/evidence/store/fact-record.js'
import { AT, absentRecord, okRecord, sha256 } from '../../store/support/records.js'

/** What a run used, with its bytes in memory. */
export function usedOf(answers: readonly AnswerRecord[], facts: readonly FactRecord[], blobs: readonly Uint8Array[]): Used {
  const bySha = new Map(blobs.map((bytes) => [sha256(bytes), bytes]))
  return { answers, facts, notKept: [], blob: (name) => bySha.get(name) }
}

export function packOf(used: Used, meta?: PackMeta): Buffer {
  return Buffer.concat([...writePack(used, meta)])
}

export const ONE = Buffer.from('bytes of one')
export const TWO = Buffer.alloc(700, 'two')

/** A small run with an answer of each kind. */
export const SMALL: Used = usedOf(
  [
    okRecord('https://example.com/1', ONE, { validators: { etag: '"1"' }, signs: [{ code: 'stale', why: 'old' }] }),
    { ...okRecord('https://example.com/2', TWO), unconfirmed: { failure: 'tls-expired', why: 'w', help: 'h' } },
    okRecord('https://example.com/empty', Buffer.alloc(0)),
    absentRecord('https://example.com/3'),
    { kind: 'refused', key: { url: 'https://example.com/4', accept: '*/*' }, status: 403, why: 'not for you' },
    { kind: 'unavailable', key: { url: 'https://example.com/5', accept: '*/*' }, failure: 'unreachable', why: 'w', help: 'h' },
  ],
  [{ name: 'git-tree x', sha256: sha256(ONE), size: ONE.length, at: AT }],
  [ONE, TWO, Buffer.alloc(0)],
)
