import type { ArtifactProblem, ArtifactSignature } from './artifact-report.js'

/**
 * What `assay verify oci:…` found about one artifact of a registry or layout folder: its digests, what is attached to it,
 * whoever signed it and how it was built. Texts in it are strangers' and are escaped where they are shown.
 */
export interface OciReport {
  readonly exitCode: 0 | 1 | 3
  /** Of the document. */
  readonly timestamp: string
  readonly outcome: OciOutcome
  /** As it was asked for. */
  readonly reference: string
  /** Absent where it could not be had. */
  readonly artifact?: OciArtifact | undefined
  /** Everything that was asked for, and whether it holds. */
  readonly demands: readonly OciDemand[]
  readonly signatures: OciCounts
  readonly provenance: OciCounts & {
    /** Statements that nobody signed. */
    readonly unsigned: number
    /** SLSA build level that the verified provenance supports for the whole artifact. */
    readonly level?: 0 | 1 | 2 | 3 | undefined
  }
  readonly sboms: OciCounts & { readonly unsigned: number }
  readonly attachments: readonly OciAttachment[]
  /** Why the outcome is what it is; empty for `pass`. */
  readonly reasons: readonly ArtifactProblem[]
  /** What does not change the outcome and should be known. */
  readonly notes: readonly ArtifactProblem[]
}

/**
 * The outcomes of spec/trust.md §4.7.
 * - `pass`: a signature and provenance, both verified under the policy and about this very digest.
 * - `warn`: only one of them, or nothing signed but statements of the builder, or a reference that can move.
 * - `fail`: something contradicts.
 * - `unknown`: nothing contradicts and nothing is proven, or somebody did not answer.
 */
export type OciOutcome = 'pass' | 'warn' | 'fail' | 'unknown'

export interface OciArtifact {
  /** Where it was read: a repository or a folder. */
  readonly source: string
  readonly digest: string
  /** The tag it was resolved from, where no digest was given. */
  readonly tag?: string | undefined
  readonly mediaType: string
  readonly artifactType?: string | undefined
  readonly size: number
  /** What an index holds. */
  readonly parts: readonly OciPart[]
  /** What it says it is about, by whoever pushed it. */
  readonly subject?: { readonly digest: string; readonly state: 'held' | 'dangling' | 'unknown' } | undefined
  /** Bytes of layers and configurations that were hashed; absent where that was not asked for. */
  readonly hashedBytes?: number | undefined
}

export interface OciPart {
  readonly digest: string
  readonly platform?: string | undefined
  readonly role: 'image' | 'index' | 'attestation'
  readonly held: boolean
}

export interface OciDemand {
  readonly kind: 'signature' | 'provenance' | 'source'
  /** What was asked for, in the user's own words. */
  readonly wanted: string
  readonly outcome: 'verified' | 'refused' | 'undecided'
  /** What proves it. */
  readonly by?: string | undefined
  readonly problem?: ArtifactProblem | undefined
}

export interface OciCounts {
  readonly verified: number
  /** They do not hold, or contradict themselves. */
  readonly invalid: number
  /** They hold, and are by somebody whom the policy does not name. */
  readonly otherSigner: number
  /** They hold, and are about something else. */
  readonly otherSubject: number
  /** A root, a key or a log entry is missing. */
  readonly undecided: number
}

export type OciAttachmentKind = 'signature' | 'provenance' | 'sbom' | 'vex' | 'summary' | 'other'

export interface OciAttachment {
  /** The digest that whoever attached it links it to. */
  readonly about: string
  /** How it was found, and its manifest. */
  readonly from: string
  readonly kind: OciAttachmentKind
  readonly form:
    | 'sigstore-bundle'
    | 'dsse-envelope'
    | 'cosign-legacy'
    | 'notation'
    | 'unsigned-statement'
    | 'document'
    | 'unknown'
  readonly artifactType: string
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  /** Of what is signed: the judgement. */
  readonly signature?: ArtifactSignature | undefined
  /** Of what is not signed: what it is. */
  readonly what?: string | undefined
}
