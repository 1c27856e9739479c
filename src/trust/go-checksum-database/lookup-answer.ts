import { MAX_TREE_SIZE } from '../merkle.js'

/** A look-up's answer in its parts; nothing of it is verified yet. */
export interface LookupAnswer {
  /** Number of the record in the log, from 0. */
  readonly id: bigint
  /** The record text: what the leaf hash is over. */
  readonly record: Uint8Array
  /** The signed tree head that came with it. */
  readonly note: Uint8Array
}

export type ParsedAnswer = { readonly ok: true; readonly answer: LookupAnswer } | { readonly ok: false; readonly why: string }

const LF = 0x0a
const MAX_ID_DIGITS = 19
const CANONICAL_ID = /^(?:0|[1-9][0-9]*)$/
/** A record is two short lines; a megabyte is far beyond any. */
const MAX_RECORD_BYTES = 1_000_000
const CONTROL_EXCEPT_LF = /[\u0000-\u0009\u000b-\u001f\u007f]/

/** Splits the body of `/lookup/…`: decimal id, record text, empty line, signed note (spec/go.md §9.6). */
export function parseLookupAnswer(body: Uint8Array): ParsedAnswer {
  const firstEnd = body.indexOf(LF)
  if (firstEnd < 1 || firstEnd > MAX_ID_DIGITS) return { ok: false, why: 'the answer does not begin with a record number' }
  const digits = Buffer.from(body.subarray(0, firstEnd)).toString('latin1')
  if (!CANONICAL_ID.test(digits) || BigInt(digits) >= MAX_TREE_SIZE) {
    return { ok: false, why: 'the answer does not begin with a record number' }
  }
  const rest = body.subarray(firstEnd + 1)
  const split = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength).indexOf('\n\n')
  if (split < 1) return { ok: false, why: 'no empty line ends the record' }
  if (split > MAX_RECORD_BYTES) return { ok: false, why: `the record is longer than ${MAX_RECORD_BYTES} bytes` }
  return { ok: true, answer: { id: BigInt(digits), record: rest.subarray(0, split + 1), note: rest.subarray(split + 2) } }
}

/** Lines of a record text; undefined when it is no text of non-empty lines without control characters. */
export function recordLines(record: Uint8Array): string[] | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(record)
  } catch {
    return undefined
  }
  if (!text.endsWith('\n') || CONTROL_EXCEPT_LF.test(text)) return undefined
  const lines = text.slice(0, -1).split('\n')
  return lines.includes('') ? undefined : lines
}
