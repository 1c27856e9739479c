import type { ArtifactReport } from '../model/artifact-report.js'

/** Who must have signed a file, and where its signatures and SBOMs are; at least one signer or key is named. */
export interface ArtifactChoices {
  /** Files with signatures; default: those beside the file. */
  readonly bundles?: readonly string[] | undefined
  readonly sboms?: readonly string[] | undefined
  /** Files with public keys: PEM, or of minisign. */
  readonly keys?: readonly string[] | undefined
  /** Exactly as in the certificate; with `certificateOidcIssuer`. */
  readonly certificateIdentity?: string | undefined
  /** A pattern that matches the whole name. */
  readonly certificateIdentityRegexp?: string | undefined
  readonly certificateOidcIssuer?: string | undefined
  /** Files with trusted roots; default: the one that comes with assay. */
  readonly trustedRoots?: readonly string[] | undefined
  readonly sourceRepository?: string | undefined
  readonly sourceRef?: string | undefined
  /** Time stated in the report, RFC 3339 UTC; default: now. */
  readonly timestamp?: string | undefined
}

/**
 * Verifies one file as `assay verify --artifact` does: bytes, signatures, signer, provenance, SBOM. Asks nobody. Throws
 * `AssayError` where nobody is named who may have signed, and for files that cannot be read.
 */
export async function verifyArtifact(file: string, choices: ArtifactChoices): Promise<ArtifactReport> {
  const { bundles = [], sboms = [], keys = [], trustedRoots = [], timestamp, ...policy } = choices
  const { verifyArtifact: verify } = await import('./verify-artifact.js')
  return verify({
    ...policy,
    artifact: file,
    bundle: bundles,
    sbom: sboms,
    key: keys,
    trustedRoot: trustedRoots,
    timestamp: timestamp ?? (await import('../evidence/clock.js')).currentTimestamp(),
  })
}
