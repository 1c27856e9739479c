import type { ArtifactSignature } from '../model/artifact-report.js'
import type { OciReport } from '../model/oci-report.js'
import { VERSION } from '../version.js'

/** Raised when a field changes its meaning or goes away. */
const OCI_FORMAT = 1

/** A report about an artifact of a registry as JSON (`schemas/oci.schema.json`). */
export function ociJson(report: OciReport): string[] {
  const document = {
    $schema: 'https://assay.invalid/schemas/oci.schema.json',
    format: OCI_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
    attachments: report.attachments.map(({ signature, ...rest }) => ({
      ...rest,
      ...(signature === undefined ? {} : { signature: signatureJson(signature) }),
    })),
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}

function signatureJson({ signer, ...signature }: ArtifactSignature): object {
  if (signer === undefined) return signature
  return {
    ...signature,
    signer: signer.kind === 'certificate' ? { ...signer, claims: Object.fromEntries(signer.claims) } : signer,
  }
}
