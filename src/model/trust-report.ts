/** What `assay trust show` and `assay trust update` tell of the roots of trust. Texts in it are escaped where they are shown. */
export interface TrustReport {
  readonly exitCode: 0 | 1 | 3
  /** Of the document. */
  readonly timestamp: string
  /** In the order in which they would be tried. */
  readonly roots: readonly TrustRootDetails[]
  /** What was to be used and cannot be, and what does not fit. */
  readonly problems: readonly TrustProblem[]
}

export interface TrustRootDetails {
  readonly name: string
  readonly from: 'file' | 'tuf' | 'embedded'
  readonly sha256: string
  /** Where its bytes lie; not of the embedded one. */
  readonly file?: string | undefined
  /** When somebody last confirmed that it is the newest. */
  readonly confirmed?: string | undefined
  readonly ageDays?: number | undefined
  /** Of a root fetched by TUF. */
  readonly tuf?: TufDetails | undefined
  readonly parts: readonly TrustPart[]
}

export interface TufDetails {
  readonly mirror: string
  readonly target: string
  readonly expires: string
  readonly versions: { readonly root: number; readonly timestamp: number; readonly snapshot: number; readonly targets: number }
}

/** One log or authority that a root names. */
export interface TrustPart {
  readonly kind: 'log' | 'certificate-log' | 'certificate-authority' | 'timestamp-authority'
  /** URL, or else organisation, as the root states it. */
  readonly name: string
  readonly from: string
  readonly until?: string | undefined
}

export interface TrustProblem {
  /** A named reason, e.g. `trust/root-expired`. */
  readonly reason: string
  readonly why: string
  readonly fix: string
}
