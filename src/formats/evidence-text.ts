import { componentLabel } from '../model/component.js'
import { escapeTerminal } from '../model/escape.js'
import type { Evidence, VerdictKind } from '../model/evidence.js'
import { compareEvidence } from '../model/evidence.js'
import { formatLocation } from '../model/location.js'
import type { ReportInput } from '../model/report.js'
import type { Style, StyleName } from '../model/style.js'
import { signatureLines } from './signature-coverage.js'
import { STANDINGS, verificationCoverage } from './verification-coverage.js'

const COLOUR: Readonly<Record<VerdictKind, StyleName>> = {
  mismatch: 'red',
  absent: 'red',
  unavailable: 'yellow',
  'not-checkable': 'dim',
  match: 'green',
}
/** Worst first; what agrees is listed only on request. */
const ORDER: readonly VerdictKind[] = ['mismatch', 'absent', 'unavailable', 'not-checkable', 'match']
/** Rows of one verdict before the rest is counted. */
const MAX_ROWS = 20

/** What a verification came to, for people: every contradiction, what could not be had and why, and counts of all. */
export function evidenceText(
  input: Pick<ReportInput, 'graph' | 'evidence'>,
  { style, verbose }: { readonly style: Style; readonly verbose: boolean },
): string[] {
  const evidence = [...input.evidence].sort(compareEvidence)
  const lines: string[] = []
  for (const verdict of ORDER) {
    const rows = evidence.filter((one) => one.verdict === verdict)
    if (rows.length === 0 || (verdict === 'match' && !verbose)) continue
    lines.push(style(COLOUR[verdict], `${verdict}: ${rows.length}`))
    const shown = verbose || verdict === 'mismatch' || verdict === 'absent' ? rows : rows.slice(0, MAX_ROWS)
    for (const one of shown) lines.push(...rowLines(one, input, style))
    if (shown.length < rows.length) lines.push(style('dim', `  … and ${rows.length - shown.length} more (--verbose lists all)`))
    lines.push('')
  }
  for (const { ecosystem, total, components } of verificationCoverage(input.graph.graph, evidence)) {
    const rest = STANDINGS.filter((standing) => standing !== 'match' && components[standing] > 0)
    const others = rest.map((standing) => `${components[standing]} ${standing}`).join(', ')
    lines.push(`${ecosystem.padEnd(8)} ${components.match} of ${total} verified${others === '' ? '' : `; ${others}`}`)
  }
  lines.push(...signatureLines(input.graph, true).map((line) => `signatures  ${escapeTerminal(line)}`))
  return lines.map((line) => `${line}\n`)
}

function rowLines(one: Evidence, { graph }: Pick<ReportInput, 'graph'>, style: Style): string[] {
  const component = graph.find(one.subject)
  const label = component === undefined ? one.subject : componentLabel(component)
  const place = component?.occurrences[0]?.location
  const at = place === undefined ? '' : `  ${style('cyan', escapeTerminal(formatLocation(place)))}`
  const who = one.authority === undefined ? '' : ` by ${escapeTerminal(one.authority.name)}`
  const lines = [`  ${style('bold', escapeTerminal(label))}  ${one.check}${who}${at}`]
  if (one.verdict === 'mismatch') {
    lines.push(
      `    expected ${escapeTerminal(one.expected ?? 'nothing')}`,
      `    observed ${escapeTerminal(one.observed ?? 'nothing')}`,
    )
  }
  if (one.why !== undefined) lines.push(style('dim', `    ${escapeTerminal(one.why)}`))
  return lines
}
