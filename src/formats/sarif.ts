import type { Diagnostic } from '../model/diagnostic.js'
import type { RuleDescription } from '../model/document.js'
import { escapeTerminal } from '../model/escape.js'
import type { Evidence } from '../model/evidence.js'
import type { Finding, Severity } from '../model/finding.js'
import type { Location } from '../model/location.js'
import type { ReportInput } from '../model/report.js'
import { evidenceRow } from './evidence-rows.js'
import type { Json } from './json-element.js'
import { jsonArray, jsonElement } from './json-element.js'
import { verificationCoverage } from './verification-coverage.js'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
const LEVEL: Readonly<Record<Severity | 'off', string>> = { error: 'error', warn: 'warning', note: 'note', off: 'none' }
const PROBLEM: Readonly<Record<Severity | 'off', string>> = {
  error: 'error',
  warn: 'warning',
  note: 'recommendation',
  off: 'recommendation',
}
const ORDER: Readonly<Record<Severity, number>> = { error: 0, warn: 1, note: 2 }
/** GitHub keeps the 5,000 most severe results of a run. */
const MAX_RESULTS = 5000
/** Enough to see what is wrong with a run; the JSON report holds all. */
const MAX_NOTIFICATIONS = 1000
/** Longer than any message of ours; a stranger's name can have any length, and the upload has a limit of 10 MB. */
const MAX_TEXT = 2000

/** SARIF 2.1.0 as GitHub code scanning takes it (spec/sbom.md §6.1). Waived and inherited findings are suppressed results. */
export function* sarifReport(input: ReportInput): Iterable<string> {
  const sorted = [...input.verdict.findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
  const kept = sorted.slice(0, MAX_RESULTS)
  const used = [...new Set(kept.map((finding) => finding.rule))].sort()
  const index = new Map(used.map((id, i) => [id, i]))
  const described = new Map(input.rules.map((rule) => [rule.id, rule]))
  yield `{\n  "$schema": "${SCHEMA}",\n  "version": "2.1.0",\n  "runs": [\n    {\n`
  yield `      "tool": ${jsonElement(driver(input, used, described), '      ')},\n`
  yield '      "automationDetails": { "id": "assay/" },\n      "columnKind": "utf16CodeUnits",\n'
  yield '      "originalUriBaseIds": { "SRCROOT": { "description": { "text": "the root of the audited tree" } } },\n'
  yield `      "properties": ${jsonElement(runProperties(input), '      ')},\n`
  yield `      "invocations": ${jsonElement([invocation(input, sorted.length - kept.length)], '      ')},\n`
  yield* jsonArray(
    'results',
    kept.map((finding) => result(finding, index.get(finding.rule) ?? 0, input)),
    '      ',
  )
  yield '\n    }\n  ]\n}\n'
}

function driver(input: ReportInput, used: readonly string[], described: ReadonlyMap<string, RuleDescription>): Json {
  return {
    driver: {
      name: input.tool.name,
      semanticVersion: input.tool.version,
      informationUri: 'https://assay.invalid/',
      rules: used.map((id) => ruleRow(id, described.get(id))),
    },
  }
}

function ruleRow(id: string, rule: RuleDescription | undefined): Json {
  const title = rule?.title ?? id
  const why = rule?.why ?? title
  return {
    id,
    name: id.replace(/[^A-Za-z0-9]+(.)?/g, (_whole, next: string | undefined) => (next ?? '').toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: why.slice(0, 1024) },
    help: { text: `${title}. ${why} See: assay explain ${id}` },
    defaultConfiguration: { level: LEVEL[rule?.severity ?? 'warn'] },
    properties: {
      tags: ['supply-chain', id.split('/')[0] ?? ''],
      precision: 'high',
      'problem.severity': PROBLEM[rule?.severity ?? 'warn'],
    },
  }
}

function invocation(input: ReportInput, dropped: number): Json {
  const { diagnostics } = input.graph.graph
  const untold = diagnostics.length - MAX_NOTIFICATIONS
  const notifications = [
    ...(dropped > 0 ? [leftOut(`${dropped} less severe findings`)] : []),
    ...(untold > 0 ? [leftOut(`${untold} diagnostics`)] : []),
    ...diagnostics.slice(0, MAX_NOTIFICATIONS).map(notification),
  ]
  const { outcome, exitCode } = input.verdict
  const successful = outcome !== 'unreadable' && outcome !== 'unverified'
  return { executionSuccessful: successful, exitCode, toolExecutionNotifications: notifications }
}

function leftOut(what: string): Json {
  return { level: 'warning', message: { text: `${what} are left out; the JSON report holds all of them` } }
}

function notification({ code, severity, message, location }: Diagnostic): Json {
  return {
    descriptor: { id: code },
    level: LEVEL[severity === 'warning' ? 'warn' : severity],
    message: { text: text(message) },
    locations: [{ physicalLocation: place(location) }],
  }
}

function result(finding: Finding, ruleIndex: number, input: ReportInput): Json {
  const component = finding.component === undefined ? undefined : input.graph.find(finding.component)
  const name = component?.purl ?? component?.name
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: LEVEL[finding.severity],
    message: { text: text(`${finding.message}. Fix: ${finding.fix}.`) },
    locations: [
      {
        physicalLocation: physicalLocation(finding, input),
        ...(name === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: text(name), kind: 'module' }] }),
      },
    ],
    partialFingerprints: {
      primaryLocationLineHash: `${finding.fingerprint.slice(0, 16)}:1`,
      'assayFindingId/v1': finding.fingerprint,
    },
    ...(finding.evidence === undefined ? {} : { properties: { evidence: finding.evidence.map((one) => evidence(one, input)) } }),
    ...(finding.status === 'open'
      ? {}
      : {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: text(finding.status === 'waived' ? `waiver ${finding.waiver ?? ''}` : 'in the baseline'),
            },
          ],
        }),
  }
}

/** How far anything was verified: without it, no result about a component could mean that nobody looked. */
function runProperties({ graph, evidence: all, verification }: ReportInput): Json {
  return { verification: { ...verification, ecosystems: verificationCoverage(graph.graph, all) } }
}

/** What a result rests on: who said what, when, and the digest of the stored answer. */
function evidence(one: Evidence, { graph }: ReportInput): Json {
  const { subject: _, component: __, ...row } = evidenceRow(one, graph)
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, safe(value)]))
}

function safe(value: unknown): unknown {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, safe(inner)]))
}

/** A result needs a file of the repository: what is about the whole is shown at the first manifest. */
function physicalLocation(finding: Finding, input: ReportInput): Json {
  return place(finding.location ?? { file: firstFile(input), line: 1, column: 1 })
}

function place({ file, line, column, endLine, endColumn }: Location): Json {
  const end = endLine === undefined || endColumn === undefined ? {} : { endLine, endColumn }
  return {
    artifactLocation: { uri: encodePath(file), uriBaseId: 'SRCROOT' },
    region: { startLine: line, startColumn: column, ...end },
  }
}

function firstFile(input: ReportInput): string {
  return input.graph.graph.files.find((file) => file.state === 'read')?.path ?? 'assay.toml'
}

/** A relative URI: each segment percent-encoded, no scheme that a colon could make. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/')
}

function text(value: string): string {
  return escapeTerminal(value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT - 1)}…`)
}
