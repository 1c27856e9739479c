import type { Component, ComponentId } from '../model/component.js'
import { componentLabel } from '../model/component.js'
import { digestKind } from '../model/digest.js'
import { escapeTerminal } from '../model/escape.js'
import type { Evidence } from '../model/evidence.js'
import { compareEvidence } from '../model/evidence.js'
import type { Finding } from '../model/finding.js'
import type { Edge, Fact, Replacement, ReplacementEnd } from '../model/graph.js'
import type { GraphView } from '../model/graph-view.js'
import { formatLocation } from '../model/location.js'
import { ATTESTATION_FACT, SIGNATURES_FACT } from '../model/signature-fact.js'
import { sourceKey } from '../model/source.js'
import type { Style } from '../model/style.js'
import { signaturesOf } from './signature-coverage.js'

export interface ExplainedComponent {
  readonly component: Component
  readonly paths: readonly (readonly ComponentId[])[]
  readonly pathCount: number
  readonly dependents: readonly Edge[]
  readonly dependencies: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
  readonly findings: readonly Finding[]
  /** What authorities said of it; absent when nobody was asked. */
  readonly evidence?: readonly Evidence[] | undefined
  /** What people wrote down who read it; absent where nobody is asked to. */
  readonly reviews?: readonly string[] | undefined
}

/** `assay explain COMPONENT` for people: why it is here, what is stated about it and where, what was found. */
export function explainText(explained: ExplainedComponent, graph: GraphView, style: Style): string[] {
  const { component } = explained
  const lines = [style('bold', escapeTerminal(componentLabel(component))), ...identity(component)]
  lines.push('', ...pathLines(explained, graph, style))
  lines.push('', style('bold', 'Stated about it'), ...claimLines(component))
  if (explained.replacements.length > 0)
    lines.push('', style('bold', 'Replacements'), ...explained.replacements.map(replacementLine))
  const observed = explained.facts.filter(({ kind }) => kind !== ATTESTATION_FACT && kind !== SIGNATURES_FACT)
  if (observed.length > 0) lines.push('', style('bold', 'Observed'), ...observed.map(factLine))
  if (explained.evidence !== undefined) lines.push('', style('bold', 'Verified'), ...evidenceLines(explained.evidence))
  const signatures = signaturesOf(graph, component.id)
  if (signatures.length > 0) lines.push('', style('bold', 'Signatures'), ...signatures.map((line) => `  ${escapeTerminal(line)}`))
  if (explained.reviews !== undefined)
    lines.push('', style('bold', 'Reviews'), ...explained.reviews.map((line) => `  ${escapeTerminal(line)}`))
  lines.push('', style('bold', explained.findings.length === 0 ? 'Findings: none' : `Findings: ${explained.findings.length}`))
  for (const finding of explained.findings) lines.push(...findingLines(finding, style))
  return lines.map((line) => `${line}\n`)
}

function identity(component: Component): string[] {
  return [
    row('ecosystem', component.ecosystem),
    row('purl', component.purl ?? 'none can be written without inventing'),
    row('source', sourceKey(component.source)),
    row(
      'scope',
      `${component.scopes.join(', ')}${component.direct ? ', direct' : ''}${component.firstParty ? ', first party' : ''}`,
    ),
    row(
      'licence',
      component.licenses.length === 0
        ? 'not stated in what was read'
        : component.licenses.map((l) => l.expression ?? l.raw).join('; '),
    ),
    row('edges', component.edges.state === 'complete' ? 'complete' : `${component.edges.state}: ${component.edges.why}`),
  ]
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(10)} ${escapeTerminal(value)}`
}

function pathLines(explained: ExplainedComponent, graph: GraphView, style: Style): string[] {
  const label = (id: ComponentId): string => escapeTerminal(componentLabel(graph.get(id)))
  if (explained.paths.length === 0)
    return [style('bold', 'No root reaches it'), '  It is listed, but nothing first-party leads to it.']
  const lines = [
    style('bold', `Why it is here: ${explained.pathCount === 1 ? 'one shortest path' : `${explained.pathCount} shortest paths`}`),
  ]
  for (const path of explained.paths) lines.push(`  ${path.map(label).join(' → ')}`)
  const more = explained.pathCount - explained.paths.length
  if (more > 0) lines.push(`  … and ${more} more of the same length`)
  lines.push(`  required by ${explained.dependents.length}, requires ${explained.dependencies.length}`)
  return lines
}

function claimLines(component: Component): string[] {
  const claims = component.claims.map(
    (claim) => `  ${digestKind(claim.digest)} ${claim.digest.value} (${claim.statedBy}, ${formatLocation(claim.location)})`,
  )
  const places = component.occurrences.map(
    (occurrence) => `  named in ${formatLocation(occurrence.location)} (${occurrence.role})`,
  )
  const properties = component.properties.map((property) => `  ${property.name} = ${property.value}`)
  const digests = claims.length === 0 ? ['  no digest is stated'] : claims
  return [...digests, ...places, ...properties].map(escapeTerminal)
}

function replacementLine(replacement: Replacement): string {
  const to = replacement.replacement === undefined ? 'nothing' : endText(replacement.replacement)
  const state = replacement.active ? '' : ' (without effect)'
  const disables = replacement.disables.length === 0 ? '' : `; disables ${replacement.disables.join(', ')}`
  return escapeTerminal(
    `  ${replacement.kind}: ${endText(replacement.original)} → ${to}${state}${disables} (${formatLocation(replacement.location)})`,
  )
}

function endText(end: ReplacementEnd): string {
  const name = end.name === undefined ? '' : componentLabel({ name: end.name, version: end.version })
  const source = end.source === undefined ? '' : sourceKey(end.source)
  return [name, source].filter((part) => part !== '').join(' from ') || 'everything'
}

function factLine(fact: Fact): string {
  const data = Object.entries(fact.data).map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(',') : String(value)}`)
  return escapeTerminal(
    `  ${fact.kind}: ${data.join(' ')}${fact.location === undefined ? '' : ` (${formatLocation(fact.location)})`}`,
  )
}

function evidenceLines(evidence: readonly Evidence[]): string[] {
  if (evidence.length === 0) return ['  nobody was asked about it']
  return [...evidence].sort(compareEvidence).map(({ check, verdict, authority, expected, observed, why, at }) => {
    const by = authority === undefined ? '' : ` by ${authority.name}`
    const values = verdict === 'mismatch' ? `: expected ${expected ?? 'another'}, observed ${observed ?? 'another'}` : ''
    const said = [why, at].filter((part) => part !== undefined && part !== '').join(', ')
    return escapeTerminal(`  ${verdict} ${check}${by}${values}${said === '' ? '' : ` (${said})`}`)
  })
}

function findingLines(finding: Finding, style: Style): string[] {
  const colour = finding.severity === 'error' ? 'red' : finding.severity === 'warn' ? 'yellow' : 'dim'
  const at = finding.location === undefined ? '' : ` (${formatLocation(finding.location)})`
  return [
    `  ${style(colour, finding.severity)} ${finding.rule}${finding.status === 'open' ? '' : ` [${finding.status}]`}: ${escapeTerminal(finding.message + at)}`,
    `    Fix: ${escapeTerminal(finding.fix)}`,
  ]
}
