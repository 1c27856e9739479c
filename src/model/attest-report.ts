/** What `assay attest` decided, signed and wrote. */
export interface AttestReport {
  readonly exitCode: 0 | 1 | 3 | 4
  /** When the decision was made; of the document too. */
  readonly timestamp: string
  readonly result: 'PASSED' | 'FAILED'
  readonly verifierId: string
  readonly resourceUri: string
  /** SHA-256 of the exact policy. */
  readonly policySha256: string
  readonly verifiedLevels: readonly string[]
  readonly expires: string
  readonly subjects: readonly AttestedSubject[]
  /** Empty where nothing was signed. */
  readonly signed: readonly SignedFile[]
  readonly signer?: AttestSigner | undefined
  readonly evidence?: { readonly file: string; readonly sha256: string; readonly answers: number } | undefined
  readonly attached: readonly AttachedReferrer[]
}

export interface AttestedSubject {
  readonly name: string
  readonly algorithm: string
  readonly digest: string
}

export interface SignedFile {
  /** `file`: the bytes of a file, as they are. */
  readonly kind: 'decision' | 'sbom' | 'file'
  /** The bundle. */
  readonly bundle: string
  readonly sha256: string
  /** Of a statement. */
  readonly predicateType?: string | undefined
}

export type AttestSigner =
  | { readonly kind: 'certificate'; readonly name: string; readonly issuer?: string | undefined }
  /** `hint`: base64 of SHA-256 of the public key, as bundles name it. */
  | { readonly kind: 'key'; readonly name: string; readonly hint: string }

/** What hangs on an image now. */
export interface AttachedReferrer {
  readonly image: string
  readonly digest: string
  readonly artifactType: string
}
