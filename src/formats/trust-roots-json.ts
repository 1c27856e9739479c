import type { TrustReport } from '../model/trust-report.js'
import { VERSION } from '../version.js'

/** Raised when a field changes its meaning or goes away. */
const TRUST_FORMAT = 1

/** A report about roots of trust as JSON (`schemas/trust-roots.schema.json`). */
export function trustRootsJson(report: TrustReport): string[] {
  const document = {
    $schema: 'https://assay.invalid/schemas/trust-roots.schema.json',
    format: TRUST_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}
