/** What `assay verify --git-ref` found about one tag or commit. Texts in it are strangers' and are escaped where they are shown. */
export interface GitRefReport {
  readonly exitCode: 0 | 1 | 3
  /** Of the document. */
  readonly timestamp: string
  /** `undecided`: it is signed, and this machine cannot tell by whom. */
  readonly outcome: 'verified' | 'refused' | 'undecided'
  readonly ref: string
  readonly commit: string
  /** Of the tag object, where the ref is an annotated tag, and of the commit. */
  readonly signatures: readonly GitSignatureReport[]
  /** What does not change the outcome and should be known. */
  readonly warnings: readonly GitRefProblem[]
}

export interface GitSignatureReport {
  readonly of: 'tag' | 'commit'
  /** Of the object. */
  readonly object: string
  readonly outcome: 'verified' | 'refused' | 'undecided' | 'unsigned'
  readonly form?: 'ssh' | 'openpgp' | 'gitsign' | undefined
  /** Only of a signature that holds. */
  readonly signer?: { readonly name: string; readonly fingerprint: string } | undefined
  /** What the object says about when it was made; nobody vouches for it. */
  readonly statedTime?: string | undefined
  readonly problem?: GitRefProblem | undefined
}

export interface GitRefProblem {
  /** A named reason, e.g. `trust/git-signer-unknown`. */
  readonly reason: string
  readonly why: string
  readonly fix: string
}
