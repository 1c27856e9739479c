import type { VsaReport } from '../model/vsa-report.js'
import { VERSION } from '../version.js'
import { shownSignature } from './artifact-json.js'

/** Raised when a field changes its meaning or goes away. */
const VSA_FORMAT = 1

/** Whether a decision stands for an audit, as JSON (`schemas/vsa.schema.json`). */
export function vsaJson(report: VsaReport): string[] {
  const { decision } = report
  const document = {
    $schema: 'https://assay.invalid/schemas/vsa.schema.json',
    format: VSA_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
    signature: shownSignature(report.signature),
    ...(decision === undefined
      ? {}
      : { decision: { ...decision, verifierVersion: Object.fromEntries(decision.verifierVersion) } }),
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}
