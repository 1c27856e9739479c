import type { Descriptor, VerifiedDocument } from './manifest.js'
import type { OciDigest, OciReference } from './reference.js'

/** Why something could not be had. Nothing is `absent` unless whoever has the authority says so. */
export type OciFailure =
  | { readonly kind: 'absent'; readonly why: string }
  /** 401, 403, 5xx, no connection, offline: unknown, never "none". */
  | { readonly kind: 'unavailable'; readonly why: string }
  /** What came is not what was asked for: a digest, size or type differs, or it cannot be read. */
  | { readonly kind: 'refused'; readonly reason: `trust/oci-${string}`; readonly why: string }

export type OciRead<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & OciFailure)

/** Descriptors that name something as their subject, as a list says: each must be fetched and asked for its subject itself. */
export interface ListedReferrers {
  readonly descriptors: readonly Descriptor[]
  /** Where the list comes from: the API, the fallback tag, or a layout's index. */
  readonly from: 'referrers-api' | 'fallback-tag' | 'layout'
  /** What was odd about the list. */
  readonly notes: readonly string[]
}

/**
 * One repository of a registry, or one layout folder: everything is compared with the digest that names it before it is
 * given back (spec/trust.md §5.2). No outcome is an exception.
 */
export interface OciSource {
  /** For people: `registry.example/acme/app`, or the folder. */
  readonly name: string
  /** A manifest or index by digest or tag, with the exact bytes it was read from. */
  document(
    reference: Pick<OciReference, 'tag' | 'digest'>,
    expected?: Descriptor,
  ): Promise<OciRead<VerifiedDocument & { readonly bytes: Uint8Array }>>
  /** A blob by its descriptor; `limitBytes` is refused before it is fetched. */
  blob(descriptor: Descriptor, limitBytes: number): Promise<OciRead<Uint8Array>>
  /** Referrers of a digest: the API, or where there is none the fallback tag (§5.5). An empty list: there are none. */
  referrers(digest: OciDigest): Promise<OciRead<ListedReferrers>>
}
