import { failureKind } from '../http/failures.js'
import type { AnswerRecord, StoredRecord } from '../store/answer-record.js'
import { LONGEST_WORDS } from '../store/answer-record.js'
import { LOCAL_FAILURES, type NoAnswer } from '../store/failure.js'
import type { Answer, DeskSign, From, Question } from './desk.js'

/** Equal to the HTTP client's own; that module is not loaded for an offline run. 32 MiB holds every index file and list. */
export const DEFAULT_LIMIT_BYTES = 32 * 1024 * 1024

/** How a question ended, for everybody who asks it in this run. */
export interface Held {
  readonly record: AnswerRecord
  readonly from: From
  /** Nobody will be asked for anything newer in this run. */
  readonly settled: boolean
  /** The limit under which it was asked. */
  readonly limitBytes: number
  /** While they are at hand. */
  readonly bytes?: Uint8Array | undefined
}

/** Whether it only ended for the limit of another asker, and this one has a higher. */
export function allowsMore({ record, from, limitBytes }: Held, question: Question): boolean {
  const failed = record.kind === 'unavailable' ? record : record.kind === 'refused' ? undefined : record.unconfirmed
  return failed?.failure === 'too-large' && from !== 'pack' && limitOf(question) > limitBytes
}

export function limitOf(question: Question): number {
  return question.limitBytes ?? DEFAULT_LIMIT_BYTES
}

/** Everything but the bytes of an answer. `needs-bytes` when it is ok. */
export function answerWithoutBytes(held: Held, question: Question): Answer | 'needs-bytes' {
  const { record, from } = held
  switch (record.kind) {
    case 'unavailable':
      return unavailable(record, record, question)
    case 'refused':
      return { kind: 'refused', status: record.status, why: record.why }
    case 'absent':
    case 'ok':
      break
  }
  if (record.unconfirmed !== undefined && question.staleIfUnavailable !== true)
    return unavailable(record.unconfirmed, record, question)
  const { at } = record
  if (record.kind === 'absent') return { kind: 'absent', status: record.status, at, from, signs: signsOf(record) }
  if (record.size > limitOf(question)) return { kind: 'unavailable', ...tooLarge(record, question) }
  const { expectSha256: expected } = question
  if (expected !== undefined && expected !== record.sha256)
    return { kind: 'mismatch', expected, observed: record.sha256, size: record.size, at, url: record.url, from }
  return 'needs-bytes'
}

function unavailable({ failure, why, help }: NoAnswer, record: AnswerRecord, question: Question): Answer {
  return { kind: 'unavailable', ...(failure === 'too-large' ? tooLarge(record, question) : { failure, why, help }) }
}

/** In the same words, whether the source was cut short or the whole is held for somebody with a higher limit. */
function tooLarge({ key }: AnswerRecord, question: Question): NoAnswer {
  return httpFailure('too-large', key.url, `more than ${limitOf(question)} bytes`)
}

export function signsOf(record: AnswerRecord): readonly DeskSign[] {
  if (record.kind !== 'ok' && record.kind !== 'absent') return []
  const signs = record.kind === 'ok' ? record.signs : []
  if (record.unconfirmed === undefined) return signs
  const why = `it is the answer of ${record.at}; a newer one could not be had: ${record.unconfirmed.why}`
  return [...signs, { code: 'not-confirmed', why }]
}

export function httpFailure(failure: 'too-large' | 'bad-url', url: string, detail: string): NoAnswer {
  const { what, help } = failureKind(failure)
  return { failure, why: `${hostOf(url)} ${what} (${detail})`, help }
}

export function localFailure(failure: keyof typeof LOCAL_FAILURES, url: string, detail: string): NoAnswer {
  const { what, help } = LOCAL_FAILURES[failure]
  return { failure, why: `${hostOf(url)} ${what}, ${detail}`, help }
}

/** Why a stored answer that is too old does not count in an offline run. */
export function tooOldOffline(record: StoredRecord): NoAnswer {
  return localFailure('offline-and-not-stored', record.key.url, `and the stored answer of ${record.at} is too old to count`)
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host || 'this file' : 'the text given'
}

/** A text for a record, cut to what a record may hold. */
export function words(text: string): string {
  return text.length > LONGEST_WORDS ? `${text.slice(0, LONGEST_WORDS - 1)}…` : text
}
