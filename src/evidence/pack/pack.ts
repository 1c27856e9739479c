import type { AnswerKey } from '../store/answer-key.js'
import type { AnswerRecord } from '../store/answer-record.js'
import type { FactRecord } from '../store/fact-record.js'

/** A pack that was read and found whole: every answer of one run, to be given again without a network. */
export interface Pack {
  /** SHA-256 of the pack's bytes, lower-case hex: `sha256sum` of the file. For pinning. */
  readonly digest: string
  /** What its writer noted. */
  readonly meta: ReadonlyMap<string, string>
  readonly answers: number
  readonly facts: number
  readonly blobs: number
  answer(key: AnswerKey): AnswerRecord | undefined
  fact(name: string): FactRecord | undefined
  /** Bytes that an answer or fact of this pack names; undefined when they changed since the pack was read, or the pack is closed. */
  blob(sha256: string): Uint8Array | undefined
  close(): void
}
