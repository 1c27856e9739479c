import type { KeptHeaders } from '../store/kept-headers.js'
import type { FailureCode } from './failures.js'

/** What a server gives to ask later whether its answer changed (RFC 9110 §8.8). */
export interface Validators {
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
}

/** What the caller holds of an earlier answer. */
export interface Known {
  readonly validators: Validators
  /** SHA-256 of the earlier body, lower-case hex. */
  readonly sha256?: string | undefined
}

export type SignCode =
  /** Same strong ETag as before, other bytes: the tag cannot be relied on, or somebody changed the bytes under it. */
  | 'etag-reused'
  /** `Last-Modified` lies before that of the answer already held: this source is behind. */
  | 'older-than-known'
  /** A cache on the way says itself that the answer is older than it may be (RFC 9111 §4.2, §5.1). */
  | 'stale'
  /** Its end is only that of the connection: whether it was cut cannot be told (RFC 9112 §8). */
  | 'unframed'

/** Something odd about an answer that is usable nevertheless; the caller decides. */
export interface Sign {
  readonly code: SignCode
  readonly why: string
}

interface Answered {
  /** Who answered in the end, without credentials. */
  readonly url: string
  readonly redirects: number
}

export interface HttpOk extends Answered {
  readonly kind: 'ok'
  /** 0 for a file. */
  readonly status: 0 | 200
  readonly bytes: Uint8Array
  /** Lower-case hex. */
  readonly sha256: string
  readonly packedBytes: number
  readonly contentType?: string | undefined
  /** As they came; undefined for a file. */
  readonly headers?: KeptHeaders | undefined
  readonly validators: Validators
  readonly signs: readonly Sign[]
}

export interface HttpNotModified extends Answered {
  readonly kind: 'not-modified'
  readonly validators: Validators
  readonly signs: readonly Sign[]
}

/** The source answered: it does not have this. 0 for a file that does not exist. */
export interface HttpAbsent extends Answered {
  readonly kind: 'absent'
  readonly status: 0 | 404 | 410
  /** The server's own words, if it sent plain text; fit for one line of a terminal. */
  readonly said?: string | undefined
}

/** The source answered: not to you (401, 403), or to nobody for legal reasons (451). Never "does not exist". */
export interface HttpRefused extends Answered {
  readonly kind: 'refused'
  readonly status: 401 | 403 | 451
  /** Whether a credential was sent. */
  readonly authenticated: boolean
  /** `WWW-Authenticate`, cut and made safe. */
  readonly challenge?: string | undefined
  readonly said?: string | undefined
}

/** The bytes are not the ones asked for by their hash. Not an outage: somebody serves something else. */
export interface HttpMismatch extends Answered {
  readonly kind: 'mismatch'
  readonly expected: string
  readonly observed: string
  readonly bytes: number
}

/** No answer that counts. */
export interface HttpUnavailable {
  readonly kind: 'unavailable'
  readonly failure: FailureCode
  readonly why: string
  readonly help: string
  readonly url: string
  readonly host: string
  readonly status?: number | undefined
  /** How often the network was tried for this request. */
  readonly attempts: number
  /** How long the server asks to stay away. */
  readonly retryAfterMs?: number | undefined
  /** Of `host-given-up`: the failure that led to it. */
  readonly because?: FailureCode | undefined
}

/** How a request ended. Data: no outcome of the network is an exception. `Value` is what was read out of the bytes. */
export type HttpOutcome<Value = unknown> =
  | (HttpOk & Value)
  | HttpNotModified
  | HttpAbsent
  | HttpRefused
  | HttpMismatch
  | HttpUnavailable
