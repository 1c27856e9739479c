import type { SendCredential } from '../http/credentials.js'
import type { SignCode } from '../http/outcome.js'
import type { RegistryAccess } from '../http/registry-access.js'
import type { AnswerRecord } from '../store/answer-record.js'
import type { FactRecord } from '../store/fact-record.js'
import type { NoAnswer } from '../store/failure.js'
import type { Keep } from '../store/keep.js'
import type { KeptHeaders } from '../store/kept-headers.js'

export interface Question {
  /** May carry user info, which is sent and neither stored nor shown. */
  readonly url: string
  /**
   * The query marks a place in a list and is no secret, although it may be called a token: it is filed under its hash. Default
   * false.
   */
  readonly markedQuery?: boolean | undefined
  /** How long an answer counts (table `KEEP`). */
  readonly keep: Keep
  /** The `Accept` header. Default: any form. */
  readonly accept?: string | undefined
  /** Bytes of the body. Default 32 MiB. */
  readonly limitBytes?: number | undefined
  /** When a credential that fits is sent. Default: after the server asked for one. */
  readonly auth?: SendCredential | RegistryAccess | undefined
  /** Lower-case hex; an answer with another hash is a `mismatch`. */
  readonly expectSha256?: string | undefined
  /**
   * Whether the asker can use these bytes, by any other check: a hash of another kind, its syntax. What it cannot use is not
   * stored, and what is stored is asked for again; the answer is `ok` in any case.
   */
  readonly accepts?: ((bytes: Uint8Array) => boolean | Promise<boolean>) | undefined
  /** Let the server compress the body on its way; what is given back is unpacked. Default false. */
  readonly compressed?: boolean | undefined
  /** Give the headers of `KEPT_HEADERS` with the answer, and keep them with it. All who ask for a URL do, or none. Default false. */
  readonly headers?: boolean | undefined
  /** Accept an answer that is too old when the source cannot be asked; it gets the sign `not-confirmed`. Default false. */
  readonly staleIfUnavailable?: boolean | undefined
  /**
   * Neither looked up nor kept, in no store and no pack: for URLs and answers that carry secrets of the moment (a pre-signed
   * query). Asked each time; the asker remembers what it makes of the answer, so that a replay needs no asking. Nothing is expected of its hash. Default
   * false.
   */
  readonly unrecorded?: boolean | undefined
}

/**
 * Where an answer came from. `store`: it was held from an earlier run, and `at` says when its source last confirmed it, which
 * may be a moment ago.
 */
export type From = 'store' | 'pack' | 'network'

/** Something odd about an answer that is usable nevertheless; the caller decides. */
export interface DeskSign {
  readonly code: SignCode | 'not-confirmed'
  readonly why: string
}

export interface OkAnswer {
  readonly kind: 'ok'
  /** Shared with others who asked the same: not to be written into. */
  readonly bytes: Uint8Array
  /** Lower-case hex. */
  readonly sha256: string
  /** When the source said it: RFC 3339, UTC, seconds. */
  readonly at: string
  /** Who answered in the end, without credentials. */
  readonly url: string
  readonly from: From
  readonly signs: readonly DeskSign[]
  /** Those that were asked for and came, by lower-case name; of an unrecorded answer always. A stranger's texts. */
  readonly headers?: KeptHeaders | undefined
}

/** The source answered: it does not have this. Status 0 for a file. */
export interface AbsentAnswer {
  readonly kind: 'absent'
  readonly status: 0 | 404 | 410
  readonly at: string
  readonly from: From
  readonly signs: readonly DeskSign[]
}

/** The source answered: not to you, or to nobody for legal reasons (451). */
export interface RefusedAnswer {
  readonly kind: 'refused'
  readonly status: 401 | 403 | 451
  readonly why: string
}

/** The source serves other bytes than those expected. */
export interface MismatchAnswer {
  readonly kind: 'mismatch'
  readonly expected: string
  readonly observed: string
  /** Of what came, in bytes. */
  readonly size: number
  readonly at: string
  readonly url: string
  readonly from: From
}

/** No answer that counts. */
export interface UnavailableAnswer extends NoAnswer {
  readonly kind: 'unavailable'
}

export type Answer = OkAnswer | AbsentAnswer | RefusedAnswer | MismatchAnswer | UnavailableAnswer

/** Bytes kept under a name. */
export interface Remembered {
  /** Not to be written into. */
  readonly bytes: Uint8Array
  /** Lower-case hex. */
  readonly sha256: string
  /** When they were first remembered: RFC 3339, UTC, seconds. */
  readonly at: string
}

/** Everything a run was told: what `writePack` takes, so that a replay is told the same. */
export interface Used {
  readonly answers: readonly AnswerRecord[]
  readonly facts: readonly FactRecord[]
  /** Answers that no pack can hold. */
  readonly notKept: readonly NotKept[]
  /** Bytes that an answer or fact names; undefined when they are gone. */
  blob(sha256: string, size: number): Uint8Array | undefined
}

export interface NotKept {
  /** As it may be shown. */
  readonly url: string
  readonly why: string
}

/**
 * The one place where a run asks the outside world. Answers come from the pack, else from the store while they count, else
 * from the network. In one run a question has one answer: whoever asks again is told the same, and what is asked by many at
 * once goes out once. No outcome is an exception.
 *
 * `expectSha256` is judged here, so that the bytes that did not match stay as proof. What is stored and does not match is
 * not held against the source before the source was asked again: the store may hold the page of a captive portal.
 */
export interface Desk {
  ask(question: Question): Promise<Answer>
  /**
   * Keeps bytes for ever under a name that says all that they depend on, e.g. `git-tree <url> <commit>`. For what is fetched
   * by other ways than a question; recorded and packed like answers.
   */
  remember(name: string, bytes: Uint8Array): Promise<Remembered>
  recall(name: string): Promise<Remembered | undefined>
  /**
   * Remembers bytes under a name that means something that moves, if what is remembered there still has the hash `previous`
   * (undefined: nothing). False when another process was faster; `recall` then gives what it remembered.
   */
  replace(name: string, previous: string | undefined, bytes: Uint8Array): Promise<boolean>
  /** What was used up to now. */
  used(): Used
  readonly offline: boolean
  /** Ends what still runs. */
  close(): Promise<void>
}
