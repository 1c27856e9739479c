import type { Digest } from '../../model/digest.js'

/** What attestations are looked for: one component or artifact. */
export interface LookupSubject {
  readonly name: string
  readonly version?: string | undefined
  /** Digests that its lockfile, registry, checksum database or verified bytes give (spec/trust.md §3.5). */
  readonly anchors: readonly Digest[]
  /** Where it comes from: the archive's or repository's URL, without credentials. */
  readonly url?: string | undefined
  /** The name of its file, where no URL says it. */
  readonly file?: string | undefined
  /** `https://github.com/owner/name` of its source, as lockfile or registry say, never as a bundle says. */
  readonly sourceRepository?: string | undefined
}

/** One file of signatures as it was found; it may hold several lines. Nothing of it is verified. */
export interface FoundBundle {
  /** For people: a path, a URL without query, an OCI reference. */
  readonly from: string
  readonly bytes: Uint8Array
  /** Lower-case hex, of the bytes. */
  readonly sha256: string
}

/** What one source answered. Several bundles are normal; an empty list from a source that answered means that it has none. */
export type LookupAnswer =
  | {
      readonly kind: 'found'
      readonly source: string
      readonly bundles: readonly FoundBundle[]
      /** Why there may be more: a page or a bundle could not be had, or a bound was reached. What is missing is unknown, not absent. */
      readonly incomplete?: string | undefined
    }
  | { readonly kind: 'none'; readonly source: string }
  /** Offline, rate limited, 401, 403, 5xx, broken: unknown, never "none". */
  | { readonly kind: 'unknown'; readonly source: string; readonly why: string }
  /** The source cannot be asked about this: no fitting digest, no repository. */
  | { readonly kind: 'not-applicable'; readonly source: string; readonly why: string }

/** Somewhere attestations may be. Never throws for what it is told. */
export interface LookupSource {
  /** For people, and the same in every run: no path of one machine, no credential. */
  readonly name: string
  ask(subject: LookupSubject): Promise<LookupAnswer>
}
