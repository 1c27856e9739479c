import { isHexDigest } from '../../model/digest.js'
import type { Sign, SignCode, Validators } from '../http/outcome.js'
import { type AnswerKey, keyText, LONGEST_ACCEPT } from './answer-key.js'
import { isNoAnswerCode, type NoAnswer } from './failure.js'
import { boundedText, countOf, type Fields, fieldsOf } from './fields.js'
import { isKeep, type Keep } from './keep.js'
import { type KeptHeaders, readKeptHeaders } from './kept-headers.js'

interface Recorded {
  readonly key: AnswerKey
  /** When the source said it, or last said that it still holds: RFC 3339, UTC, seconds. */
  readonly at: string
  readonly keep: Keep
}

export interface OkRecord extends Recorded {
  readonly kind: 'ok'
  /** 0 for a file. */
  readonly status: 0 | 200
  /** Who answered in the end, without credentials. */
  readonly url: string
  /** Of the bytes, lower-case hex. */
  readonly sha256: string
  readonly size: number
  readonly validators: Validators
  readonly signs: readonly Sign[]
  /** When they were asked for. */
  readonly headers?: KeptHeaders | undefined
}

export interface AbsentRecord extends Recorded {
  readonly kind: 'absent'
  readonly status: 0 | 404 | 410
}

/** What a store keeps: what a source said of the world. That it was not reachable today is no such thing. */
export type StoredRecord = OkRecord | AbsentRecord

/** An earlier answer that is too old to count, and why its source could not be asked again. */
type Unconfirmed = StoredRecord & { readonly unconfirmed: NoAnswer }

export interface RefusedRecord {
  readonly kind: 'refused'
  readonly key: AnswerKey
  readonly status: 401 | 403 | 451
  readonly why: string
}

export interface NoAnswerRecord extends NoAnswer {
  readonly kind: 'unavailable'
  readonly key: AnswerKey
}

/** How a question ended in a run: what a pack holds, so that a replay ends in the same way. */
export type AnswerRecord = (StoredRecord & { readonly unconfirmed?: undefined }) | Unconfirmed | RefusedRecord | NoAnswerRecord

/** Bounds of texts in a record; longer ones of our own making are cut before they get here. */
export const LONGEST_URL = 8192
export const LONGEST_WORDS = 2000
const LONGEST_VALIDATOR = 512
const MOST_SIGNS = 8

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** The members of a record in their fixed order, ready for `JSON.stringify`. */
export function recordMembers(record: AnswerRecord): object {
  const { kind, key } = record
  const asked = { outcome: kind, url: key.url, accept: key.accept }
  switch (kind) {
    case 'ok': {
      const { status, url, sha256, size, validators, headers: kept, signs, at, keep } = record
      const { etag, lastModified } = validators
      const answered = url === key.url ? undefined : url
      const odd = signs.length === 0 ? undefined : signs.map(({ code, why }) => ({ code, why }))
      const headers = kept === undefined ? undefined : Object.fromEntries(kept)
      const bytes = { blob: sha256, size, etag, lastModified, headers, signs: odd, at, keep }
      return { ...asked, status, answered, ...bytes, unconfirmed: noAnswerMembers(record.unconfirmed) }
    }
    case 'absent': {
      const { status, at, keep } = record
      return { ...asked, status, at, keep, unconfirmed: noAnswerMembers(record.unconfirmed) }
    }
    case 'refused':
      return { ...asked, status: record.status, why: record.why }
    case 'unavailable':
      return { ...asked, ...noAnswerMembers(record) }
  }
}

function noAnswerMembers(of: NoAnswer | undefined): NoAnswer | undefined {
  return of === undefined ? undefined : { failure: of.failure, why: of.why, help: of.help }
}

/** Reads the members of a record; undefined when any of them is not what `recordMembers` writes. */
export function readRecord(fields: Fields): AnswerRecord | undefined {
  const url = boundedText(fields.get('url'), LONGEST_URL)
  const accept = boundedText(fields.get('accept'), LONGEST_ACCEPT)
  if (url === undefined || accept === undefined || !URL.canParse(url)) return undefined
  const key = { url, accept }
  switch (fields.get('outcome')) {
    case 'ok':
    case 'absent':
      return readStored(fields, key)
    case 'refused':
      return readRefused(fields, key)
    case 'unavailable': {
      const failed = readNoAnswer(fields)
      return failed === undefined ? undefined : { kind: 'unavailable', key, ...failed }
    }
  }
  return undefined
}

/** The same for what a store may hold. */
export function readStoredRecord(fields: Fields): StoredRecord | undefined {
  const record = readRecord(fields)
  return record !== undefined && (record.kind === 'ok' || record.kind === 'absent') && record.unconfirmed === undefined
    ? record
    : undefined
}

function readStored(fields: Fields, key: AnswerKey): AnswerRecord | undefined {
  const at = readTime(fields.get('at'))
  const keep = fields.get('keep')
  if (at === undefined || !isKeep(keep)) return undefined
  const record = fields.get('outcome') === 'ok' ? readOk(fields, key, at, keep) : readAbsent(fields, key, at, keep)
  if (record === undefined || !fields.has('unconfirmed')) return record
  const inner = fieldsOf(fields.get('unconfirmed'))
  const unconfirmed = inner === undefined ? undefined : readNoAnswer(inner)
  return unconfirmed === undefined ? undefined : { ...record, unconfirmed }
}

function readOk(fields: Fields, key: AnswerKey, at: string, keep: Keep): OkRecord | undefined {
  const status = fields.get('status')
  const url = fields.has('answered') ? boundedText(fields.get('answered'), LONGEST_URL) : key.url
  const sha256 = readSha256(fields.get('blob'))
  const size = countOf(fields.get('size'))
  const validators = readValidators(fields)
  const signs = readSigns(fields.get('signs'))
  const headers = readKeptHeaders(fields)
  if (status !== 0 && status !== 200) return undefined
  if (url === undefined || sha256 === undefined || size === undefined || headers === 'malformed') return undefined
  if (validators === undefined || signs === undefined) return undefined
  return { kind: 'ok', key, at, keep, status, url, sha256, size, validators, signs, headers }
}

function readAbsent(fields: Fields, key: AnswerKey, at: string, keep: Keep): AbsentRecord | undefined {
  const status = fields.get('status')
  return status === 0 || status === 404 || status === 410 ? { kind: 'absent', key, at, keep, status } : undefined
}

function readRefused(fields: Fields, key: AnswerKey): RefusedRecord | undefined {
  const status = fields.get('status')
  const why = boundedText(fields.get('why'), LONGEST_WORDS)
  if ((status !== 401 && status !== 403 && status !== 451) || why === undefined) return undefined
  return { kind: 'refused', key, status, why }
}

function readNoAnswer(fields: Fields): NoAnswer | undefined {
  const failure = fields.get('failure')
  const why = boundedText(fields.get('why'), LONGEST_WORDS)
  const help = boundedText(fields.get('help'), LONGEST_WORDS)
  return isNoAnswerCode(failure) && why !== undefined && help !== undefined ? { failure, why, help } : undefined
}

function readValidators(fields: Fields): Validators | undefined {
  const etag = boundedText(fields.get('etag'), LONGEST_VALIDATOR)
  const lastModified = boundedText(fields.get('lastModified'), LONGEST_VALIDATOR)
  if (fields.has('etag') !== (etag !== undefined) || fields.has('lastModified') !== (lastModified !== undefined)) return undefined
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) }
}

const SIGN_CODES: ReadonlySet<unknown> = new Set<SignCode>(['etag-reused', 'older-than-known', 'stale'])

function isSignCode(value: unknown): value is SignCode {
  return SIGN_CODES.has(value)
}

function readSigns(value: unknown): readonly Sign[] | undefined {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MOST_SIGNS) return undefined
  const signs: Sign[] = []
  for (const item of value) {
    const fields = fieldsOf(item)
    const code = fields?.get('code')
    const why = boundedText(fields?.get('why'), LONGEST_WORDS)
    if (!isSignCode(code) || why === undefined) return undefined
    signs.push({ code, why })
  }
  return signs
}

export function readSha256(value: unknown): string | undefined {
  return typeof value === 'string' && isHexDigest('sha256', value) ? value : undefined
}

export function readTime(value: unknown): string | undefined {
  return typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined
}

export function byKey(a: AnswerRecord, b: AnswerRecord): number {
  const left = keyText(a.key)
  const right = keyText(b.key)
  return left < right ? -1 : left > right ? 1 : 0
}
