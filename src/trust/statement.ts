import type { JsonObject } from './strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from './strict-json.js'

/** An in-toto statement (in-toto/attestation spec/v1/statement.md); v0.1 has the same shape. */
export interface Statement {
  readonly version: 'v0.1' | 'v1'
  readonly subjects: readonly StatementSubject[]
  /** URI of the predicate's kind, without a trailing slash. Never taken from a media type. */
  readonly predicateType: string
  readonly predicate: JsonObject
}

export interface StatementSubject {
  /** Names bind nothing; digests do. */
  readonly name?: string | undefined
  readonly uri?: string | undefined
  /** Algorithm to value, as written. */
  readonly digest: ReadonlyMap<string, string>
}

export type ParsedStatement = { readonly ok: true; readonly statement: Statement } | { readonly ok: false; readonly why: string }

const TYPES: ReadonlyMap<unknown, Statement['version']> = new Map([
  ['https://in-toto.io/Statement/v0.1', 'v0.1'],
  ['https://in-toto.io/Statement/v1', 'v1'],
])
/** Four times what the largest known producer allows. */
export const MAX_SUBJECTS = 10_000
const PAYLOAD_TYPE = /^application\/vnd\.in-toto(?:\.[A-Za-z0-9._-]+)?\+json$/
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/

/** True for `application/vnd.in-toto+json` and its `application/vnd.in-toto.<predicate>+json` forms. */
export function isStatementPayloadType(payloadType: string): boolean {
  return PAYLOAD_TYPE.test(payloadType)
}

/** Parses a verified payload. Unknown fields are ignored: a statement keeps its meaning without them. */
export function parseStatement(payload: Uint8Array): ParsedStatement {
  const json = parseStrictJson(payload)
  if (!json.ok) return { ok: false, why: `the statement cannot be read: ${json.why}` }
  if (!isJsonObject(json.value)) return { ok: false, why: 'the statement is no JSON object' }
  const version = TYPES.get(fieldOf(json.value, '_type'))
  if (version === undefined) return { ok: false, why: 'the payload is no in-toto statement of version v0.1 or v1' }
  const subjects = parseSubjects(fieldOf(json.value, 'subject'))
  if (typeof subjects === 'string') return { ok: false, why: subjects }
  const predicateType = fieldOf(json.value, 'predicateType')
  if (typeof predicateType !== 'string' || !URI.test(predicateType)) return { ok: false, why: 'predicateType is no URI' }
  const predicate = fieldOf(json.value, 'predicate') ?? {}
  if (!isJsonObject(predicate)) return { ok: false, why: 'the predicate is no JSON object' }
  return { ok: true, statement: { version, subjects, predicateType: predicateType.replace(/\/$/, ''), predicate } }
}

function parseSubjects(value: unknown): StatementSubject[] | string {
  if (!Array.isArray(value) || value.length === 0) return 'the statement has no subject'
  if (value.length > MAX_SUBJECTS) return `the statement has more than ${MAX_SUBJECTS} subjects`
  const subjects: StatementSubject[] = []
  for (const [at, each] of value.entries()) {
    const digest = isJsonObject(each) ? parseDigestSet(fieldOf(each, 'digest')) : undefined
    if (!isJsonObject(each) || digest === undefined || digest.size === 0) return `subject ${at} has no digest`
    subjects.push({ name: text(fieldOf(each, 'name')), uri: text(fieldOf(each, 'uri')), digest })
  }
  return subjects
}

/** A digest set: algorithm to text. Undefined when it is none. */
export function parseDigestSet(value: unknown): ReadonlyMap<string, string> | undefined {
  if (!isJsonObject(value)) return undefined
  const digests = new Map<string, string>()
  for (const [algorithm, digest] of Object.entries(value)) {
    if (typeof digest !== 'string') return undefined
    digests.set(algorithm, digest)
  }
  return digests
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
