/**
 * What `assay verify --artifact` found about one file: its bytes, whoever signed them, where they were built from and what
 * an SBOM says they are. Texts in it are strangers' and are escaped where they are shown.
 */
export interface ArtifactReport {
  readonly exitCode: 0 | 1 | 3 | 4
  /** Of the document. */
  readonly timestamp: string
  readonly outcome: ArtifactOutcome
  readonly artifact: ArtifactFile
  /** Everything that was asked for, and whether it holds; the outcome is the worst of them. */
  readonly demands: readonly Demand[]
  /** Every signature that was found, also those that no demand needed. */
  readonly signatures: readonly ArtifactSignature[]
  readonly sboms: readonly ArtifactSbom[]
  /** Who was asked for signatures, in that order, and what came of it. */
  readonly lookups: readonly ArtifactLookup[]
  /** What does not change the outcome and should be known. */
  readonly warnings: readonly ArtifactProblem[]
}

/**
 * - `verified`: every demand holds.
 * - `refused`: something that was found contradicts a demand.
 * - `undecided`: nothing contradicts, and not everything is proven.
 * - `unreadable`: a file that a decision needs could not be read.
 */
export type ArtifactOutcome = 'verified' | 'refused' | 'undecided' | 'unreadable'

export interface ArtifactLookup {
  readonly source: string
  /** `none` is an answer; `unknown` is that there was none, or not in full, and never means `none`. */
  readonly answer: 'found' | 'none' | 'unknown' | 'not-applicable'
  /** How many files of signatures it gave. */
  readonly found: number
  /** Why it is unknown or not applicable, or why there may be more than was found. */
  readonly why?: string | undefined
}

export interface ArtifactFile {
  readonly file: string
  readonly size: number
  /** Lower-case hexadecimal, by algorithm. */
  readonly digests: readonly { readonly algorithm: 'sha256' | 'sha384' | 'sha512'; readonly value: string }[]
}

export interface ArtifactProblem {
  /** A named reason, e.g. `trust/identity-mismatch`. */
  readonly reason: string
  readonly why: string
  readonly fix: string
}

export interface Demand {
  readonly kind: 'signer' | 'key' | 'minisign-key' | 'bundle' | 'source' | 'sbom'
  /** What was asked for, in the user's own words. */
  readonly wanted: string
  readonly outcome: ArtifactOutcome
  /** What proves it. */
  readonly by?: string | undefined
  /** Where it does not hold. */
  readonly problem?: ArtifactProblem | undefined
}

export interface ArtifactSignature {
  /** The file, with the line for JSON lines. */
  readonly from: string
  readonly form:
    | 'sigstore-bundle'
    | 'dsse-envelope'
    | 'minisign'
    | 'cosign-legacy'
    | 'detached-signature'
    | 'openpgp'
    | 'ssh-signature'
    | 'unknown'
  /** `not-judged`: nothing was demanded that this form could prove. */
  readonly outcome: ArtifactOutcome | 'not-judged'
  readonly checks: readonly ArtifactCheck[]
  readonly problems: readonly ArtifactProblem[]
  /** Only of a signature that holds: who gave it. */
  readonly signer?: ArtifactSigner | undefined
  readonly signedAt: readonly { readonly time: string; readonly from: 'timestamp-authority' | 'transparency-log' }[]
  readonly root?: { readonly name: string; readonly sha256: string } | undefined
  readonly statement?: ArtifactStatement | undefined
  /** The list of digests that is signed in the place of the artifact, and names it. */
  readonly list?: string | undefined
  /** A comment that the signature covers. */
  readonly comment?: string | undefined
}

export interface ArtifactCheck {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'not-applicable' | 'not-reached'
}

export type ArtifactSigner =
  | { readonly kind: 'certificate'; readonly name: string; readonly claims: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'key'; readonly name: string }

export interface ArtifactStatement {
  readonly predicateType: string
  readonly kind: string
  readonly provenance?: ArtifactProvenance | undefined
}

export interface ArtifactProvenance {
  readonly buildLevel: 0 | 1 | 2 | 3
  readonly builderId: string
  readonly buildType: string
  readonly repository?: string | undefined
  readonly ref?: string | undefined
  readonly commit?: string | undefined
  readonly entryPoint?: string | undefined
  readonly invocation?: string | undefined
  /** Why the level is not higher. */
  readonly limits: readonly ArtifactProblem[]
}

export interface ArtifactSbom {
  readonly file: string
  readonly format: string
  /** `unnamed`: it gives no digest of what it describes that could be compared. */
  readonly subject: 'this-artifact' | 'another-artifact' | 'contradiction' | 'unnamed'
  /** The signature that attests this very document, where one that verifies does. */
  readonly attestedBy?: string | undefined
  /** Digests of what it describes, as written, at most a handful. */
  readonly named: readonly string[]
}
