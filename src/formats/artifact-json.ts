import type { ArtifactReport, ArtifactSignature } from '../model/artifact-report.js'
import { VERSION } from '../version.js'

/** Raised when a field changes its meaning or goes away. */
const ARTIFACT_FORMAT = 1

/** A report about an artifact as JSON (`schemas/artifact.schema.json`). */
export function artifactJson(report: ArtifactReport): string[] {
  const document = {
    $schema: 'https://assay.invalid/schemas/artifact.schema.json',
    format: ARTIFACT_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
    signatures: report.signatures.map(shownSignature),
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}

/** A signature as JSON documents show it: the claims of a certificate by their names. */
export function shownSignature({ signer, ...signature }: ArtifactSignature): object {
  if (signer === undefined) return signature
  return {
    ...signature,
    signer: signer.kind === 'certificate' ? { ...signer, claims: Object.fromEntries(signer.claims) } : signer,
  }
}
