import { componentLabel } from '../model/component.js'
import type { Finding } from '../model/finding.js'
import type { ReportInput } from '../model/report.js'
import { coverageOf } from './coverage.js'
import { evidenceRow, evidenceRows } from './evidence-rows.js'
import { jsonArray, jsonElement } from './json-element.js'
import { attestationRows, signatureCoverage } from './signature-coverage.js'

/** Raised when a field changes its meaning or goes away. */
export const REPORT_FORMAT = 1

/** The verdict as JSON (`schemas/report.schema.json`). */
export function* jsonReport(input: ReportInput): Iterable<string> {
  const { verdict, graph } = input
  const head = {
    tool: input.tool,
    timestamp: input.timestamp,
    profile: input.profile,
    outcome: verdict.outcome,
    exitCode: verdict.exitCode,
    verification: input.verification,
    coverage: coverageOf(input),
    signatures: signatureCoverage(graph),
  }
  yield `{\n  "$schema": "https://assay.invalid/schemas/report.schema.json",\n  "format": ${REPORT_FORMAT},\n`
  for (const [name, value] of Object.entries(head)) yield `  "${name}": ${jsonElement(value, '  ')},\n`
  yield* jsonArray(
    'findings',
    verdict.findings.map((finding) => findingRow(finding, input)),
    '  ',
  )
  yield ',\n'
  yield* jsonArray(
    'rules',
    input.rules.map((rule) => ({ ...rule, counts: verdict.rules.get(rule.id) ?? null })),
    '  ',
  )
  yield ',\n'
  yield* jsonArray('evidence', evidenceRows(input.evidence, graph), '  ')
  yield ',\n'
  yield* jsonArray('attestations', attestationRows(graph), '  ')
  yield ',\n'
  yield* jsonArray('diagnostics', graph.graph.diagnostics, '  ')
  yield ',\n'
  yield* jsonArray('files', graph.graph.files, '  ')
  yield '\n}\n'
}

function findingRow(finding: Finding, input: ReportInput): unknown {
  const component = finding.component === undefined ? undefined : input.graph.find(finding.component)
  const label = (id: (typeof finding.path)[number]): string => componentLabel(input.graph.get(id))
  return {
    rule: finding.rule,
    severity: finding.severity,
    state: finding.state,
    status: finding.status,
    ...(finding.waiver === undefined ? {} : { waiver: finding.waiver }),
    subject: finding.subject,
    ...(component === undefined
      ? {}
      : { component: { id: component.id, name: component.name, version: component.version, purl: component.purl } }),
    ...(finding.location === undefined ? {} : { location: finding.location }),
    message: finding.message,
    fix: finding.fix,
    why: finding.why,
    path: finding.path.map(label),
    ...(finding.data === undefined ? {} : { data: finding.data }),
    ...(finding.evidence === undefined ? {} : { evidence: finding.evidence.map((one) => evidenceRow(one, input.graph)) }),
    fingerprint: finding.fingerprint,
  }
}
