import type { AttestReport } from '../model/attest-report.js'
import { VERSION } from '../version.js'

/** Raised when a field changes its meaning or goes away. */
const ATTEST_FORMAT = 1

/** What was decided and signed, as JSON (`schemas/attest.schema.json`). */
export function attestJson(report: AttestReport): string[] {
  const document = {
    $schema: 'https://assay.invalid/schemas/attest.schema.json',
    format: ATTEST_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}
