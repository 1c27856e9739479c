import type { Method } from './exchange.js'
import type { HttpUnavailable } from './outcome.js'
import type { RegistryAccess } from './registry-access.js'

/** A request that may write. It follows no redirect: where to is for the caller to decide, with `from`. */
export interface SendRequest {
  readonly method: Method
  readonly url: string
  /** Who named `url`: it is judged like a redirect from there, and credentials stay behind when the origin is another. */
  readonly from?: URL | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | undefined
  /** Bytes of the answer's body. Default 4 MiB. */
  readonly limitBytes?: number | undefined
  /** Tokens of a registry; without it no credential is sent. */
  readonly access?: RegistryAccess | undefined
  /** Doing it twice is doing it once: it may be tried again after a failure. Default: for `GET` and `HEAD`. */
  readonly repeatable?: boolean | undefined
}

/** What a server said, whatever it was; but a server in trouble (5xx, 429) is `unavailable`. */
export interface SendReply {
  readonly kind: 'reply'
  readonly status: number
  /** Without credentials. */
  readonly url: string
  /** By lower-case name; strangers' texts. */
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: Uint8Array
  /** Its words for people, where it has some; fit for one line of a terminal. */
  readonly said?: string | undefined
}

export type SendOutcome = SendReply | HttpUnavailable
