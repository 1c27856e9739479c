import type { ArtifactSignature } from '../../model/artifact-report.js'
import type { Digest } from '../../model/digest.js'
import { canonicalRepository } from '../../model/repository.js'
import type { Statement } from '../../trust/statement.js'
import type { JsonObject } from '../../trust/strict-json.js'
import type { FoundSignature } from './found-signatures.js'
import type { ArtifactPolicy } from './policy.js'

/** The artifact as the checks need it. */
export interface KnownArtifact {
  /** The file name that a minisign comment must state. */
  readonly name: string
  /** Absent where only digests are known. */
  readonly bytes?: Uint8Array | undefined
  /** What minisign signs of a file whose bytes are not held. */
  readonly blake2b512?: Uint8Array | undefined
  readonly anchors: readonly Digest[]
}

/** What of a policy a signature can fulfil. */
export type Fulfils = 'signer' | 'key' | 'minisign-key'

export interface JudgedSignature {
  readonly file: string
  readonly fulfils?: Fulfils | undefined
  readonly signature: ArtifactSignature
  /** The statement of a signature that verifies, with all that it says. */
  readonly statement?: Statement | undefined
  /** The SBOM that a verified statement carries. */
  readonly sbom?: JsonObject | undefined
  /** Where the artifact was built from, by a certificate or else by a statement; only where the signature itself holds. */
  readonly source?: { readonly repository?: string | undefined; readonly ref?: string | undefined } | undefined
}

/** A signature report with what is not said left empty. */
export function judged(
  { file, from, form }: FoundSignature,
  fulfils: Fulfils | undefined,
  said: Pick<ArtifactSignature, 'outcome'> & Partial<ArtifactSignature>,
  source?: JudgedSignature['source'],
): JudgedSignature {
  return { file, fulfils, signature: { from, form, checks: [], problems: [], signedAt: [], ...said }, source }
}

/**
 * Whether a signature that verifies is one of whoever made what it is about: over the bytes, or over a statement of how they
 * were made or what is in them. A scan, a test result, somebody's verdict and a statement of an unknown type are signed by
 * those who look at artifacts too, and get no credit (spec/trust.md §4.6).
 */
export function isByMaker({ statement }: Pick<ArtifactSignature, 'statement'>): boolean {
  switch (statement?.kind) {
    case undefined:
    case 'cosign-signature':
    case 'release':
    case 'provenance':
    case 'cyclonedx':
    case 'spdx':
      return true
    default:
      return false
  }
}

/** True where the source that a signature vouches for is the wanted one; undefined where it says nothing about it. */
export function isSource(
  source: NonNullable<JudgedSignature['source']>,
  wanted: NonNullable<ArtifactPolicy['source']>,
): boolean | undefined {
  const pairs = [
    [canonicalRepository(source.repository), canonicalRepository(wanted.repository)],
    [source.ref, wanted.ref],
  ].filter(([, want]) => want !== undefined)
  if (pairs.some(([got, want]) => got !== undefined && got !== want)) return false
  return pairs.every(([got]) => got !== undefined) ? true : undefined
}
