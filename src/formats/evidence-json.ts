import type { ReportInput } from '../model/report.js'
import { evidenceRows } from './evidence-rows.js'
import { jsonArray, jsonElement } from './json-element.js'
import { attestationRows, signatureCoverage } from './signature-coverage.js'
import { verificationCoverage } from './verification-coverage.js'

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const EVIDENCE_FORMAT = 1

/** What a verification came to, without a judgement (`schemas/evidence.schema.json`), one piece a line. */
export function* evidenceJson(
  input: Pick<ReportInput, 'graph' | 'evidence' | 'verification' | 'tool' | 'timestamp'>,
): Iterable<string> {
  const { graph, evidence, verification, tool, timestamp } = input
  yield `{\n  "$schema": "https://assay.invalid/schemas/evidence.schema.json",\n  "format": ${EVIDENCE_FORMAT},\n`
  const coverage = verificationCoverage(graph.graph, evidence)
  const head = { tool, timestamp, verification, coverage, signatures: signatureCoverage(graph) }
  for (const [name, value] of Object.entries(head)) yield `  "${name}": ${jsonElement(value, '  ')},\n`
  yield* jsonArray('evidence', evidenceRows(evidence, graph), '  ')
  yield ',\n'
  yield* jsonArray('attestations', attestationRows(graph), '  ')
  yield '\n}\n'
}
