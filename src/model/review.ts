import type { Digest } from './digest.js'
import type { Location } from './location.js'

/**
 * Whom a review is about. `crates.io`: packages of that registry and commits that are named; cargo-vet's reviews speak of no
 * other registry, where the name may be somebody else's. `any`: whatever has the name, wherever it comes from.
 */
export type ReviewReach = 'crates.io' | 'any'

interface ReviewedComponent {
  readonly ecosystem: string
  readonly name: string
  readonly reach: ReviewReach
  readonly criteria: readonly string[]
  readonly who: readonly string[]
  readonly notes?: string | undefined
  readonly location: Location
}

/** Somebody read a version whole, or the difference between two. Versions are `VERSION` or `VERSION@git:COMMIT`. */
export interface Review extends ReviewedComponent {
  /** Undefined where the version was read whole. */
  readonly from?: string | undefined
  readonly to: string
  /** The bytes that were read; it counts for those alone. */
  readonly digest?: Digest | undefined
}

/** The range of a rejection that is of a component in whatever version, or in none. */
export const EVERY_VERSION = 'every version'

/** Somebody found that versions do not meet criteria. */
export interface Rejection extends ReviewedComponent {
  /** As written. */
  readonly range: string
  readonly matches: (version: string) => boolean
}

/** cargo-vet is told to go on without a review. */
export interface ReviewExemption extends ReviewedComponent {
  readonly version: string
}

/** Who published a version of a crate and when, as cargo-vet recorded it. */
export interface CratePublication {
  readonly version: string
  readonly publisher: string
  /** `YYYY-MM-DD` */
  readonly when: string
}

/** Whatever one publisher published in a window of time counts as reviewed. */
export interface PublisherReview extends ReviewedComponent {
  readonly publisher: string
  /** First day. */
  readonly start: string
  /** First day on which it no longer holds. */
  readonly end: string
}

/** What the review files of `[trust]` say; lists by `reviewKey`. */
export interface ReviewSettings {
  /** As paths that can be opened. */
  readonly files: readonly string[]
  /** Some of them speak of every ecosystem; cargo-vet's speak of Cargo alone. */
  readonly ofEveryEcosystem: boolean
  /** Where to write a review down, by the form of the file; as the settings name them. */
  readonly writeTo: { readonly cargoVet?: string | undefined; readonly own?: string | undefined }
  /** What each of the criteria implies, as defined; the built-in ones are among them. */
  readonly criteria: ReadonlyMap<string, readonly string[]>
  readonly reviews: ReadonlyMap<string, readonly Review[]>
  readonly rejections: ReadonlyMap<string, readonly Rejection[]>
  readonly exemptions: ReadonlyMap<string, readonly ReviewExemption[]>
  readonly publishers: ReadonlyMap<string, readonly PublisherReview[]>
  readonly publications: ReadonlyMap<string, readonly CratePublication[]>
}

export function reviewKey(component: { readonly ecosystem: string; readonly name: string }): string {
  return `${component.ecosystem}:${component.name}`
}
