import type { ForkProof } from './outcome.js'

export type RemoteAnswer =
  | { readonly kind: 'found'; readonly bytes: Uint8Array }
  /** 404 or 410: the server answered that it has no such thing. */
  | { readonly kind: 'not-found'; readonly why: string }
  | { readonly kind: 'unavailable'; readonly why: string }

/**
 * Everything the client of a checksum database needs from the world. None of it is trusted: what comes from the
 * server and from the cache is verified against the signed tree head, and the stored head against the key.
 */
export interface DatabaseOutside {
  /** Reads a path below the database's URL, `lookup/…` or `tile/…`; bounded in size and time by the implementer. */
  readonly readRemote: (path: string) => Promise<RemoteAnswer>
  /** The signed note of the latest head, kept outside any cache that a clean-up removes; undefined on first use. */
  readonly readHead: () => Promise<Uint8Array | undefined>
  /** Atomically replaces the stored head if it still is `previous`; false when another process was faster. */
  readonly replaceHead: (previous: Uint8Array | undefined, next: Uint8Array) => Promise<boolean>
  readonly readCache: (path: string) => Promise<Uint8Array | undefined>
  /** Called only for look-ups and tiles that are verified; these never change. */
  readonly writeCache: (path: string, bytes: Uint8Array) => Promise<void>
  /** Called once, when the database is caught showing two histories. The proof must be kept. */
  readonly securityAlarm: (proof: ForkProof) => Promise<void>
}
