import type { AnswerKey } from './answer-key.js'
import type { StoredRecord } from './answer-record.js'
import type { FactRecord } from './fact-record.js'

/** What a person is told about a store; it never stops a run. */
export interface StoreNotice {
  readonly code: 'store-unwritable' | 'store-damaged'
  readonly message: string
  /** The next step. */
  readonly help: string
}

export type BlobRead =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  /** It did not hash to its name, and was moved aside. */
  | { readonly kind: 'damaged' }

export interface PruneOptions {
  /** Answers and facts not used for longer are removed. */
  readonly maxAgeMs?: number | undefined
  /** Beyond this many bytes the least recently used are removed. */
  readonly maxBytes?: number | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface PruneReport {
  readonly answers: number
  readonly facts: number
  readonly blobs: number
  /** Half-written files older than a day, and damaged ones older than a month. */
  readonly leftovers: number
  readonly bytes: number
}

export interface StoreStatistics {
  readonly answers: number
  readonly facts: number
  readonly blobs: number
  /** Of all that is counted here. */
  readonly bytes: number
  /** Records of another version of the program. */
  readonly foreign: number
  /** Files that were moved aside, or records that cannot be read. */
  readonly damaged: number
  readonly temporary: number
}

/**
 * What sources said, on disk, between runs. Several processes may use one folder at once, and any of them may be ended at
 * any moment. Reading never throws: what is missing, damaged or foreign is not there. Writing never throws: after the first
 * failure (a read-only folder, a full disk) nothing more is written and one notice is given. Bytes handed out were checked
 * against their SHA-256 in this call.
 */
export interface Store {
  answer(key: AnswerKey): StoredRecord | undefined
  /** False when it could not be stored. Its blob must have been put before. */
  putAnswer(record: StoredRecord): Promise<boolean>
  fact(name: string): FactRecord | undefined
  putFact(record: FactRecord): Promise<boolean>
  /**
   * Puts a fact over one with this hash, or where there is none, and says what then stands: `record`, or what another process
   * put there meanwhile. Undefined when it could not be stored.
   */
  replaceFact(previous: string | undefined, record: FactRecord): Promise<FactRecord | undefined>
  blob(sha256: string, size: number): BlobRead
  putBlob(sha256: string, bytes: Uint8Array): Promise<boolean>
  prune(options: PruneOptions): PruneReport
  statistics(): StoreStatistics
}
