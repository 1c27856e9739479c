import { componentLabel } from '../model/component.js'
import { escapeTerminal } from '../model/escape.js'
import type { Finding, Severity } from '../model/finding.js'
import { formatLocation } from '../model/location.js'
import type { ReportInput } from '../model/report.js'
import type { Style, StyleName } from '../model/style.js'
import type { Coverage } from './coverage.js'
import { coverageOf } from './coverage.js'
import { signatureLines } from './signature-coverage.js'
import type { Standing } from './verification-coverage.js'
import { STANDINGS, VERDICTS } from './verification-coverage.js'

const COLOUR: Readonly<Record<Severity, StyleName>> = { error: 'red', warn: 'yellow', note: 'cyan' }
const ORDER: Readonly<Record<Severity, number>> = { error: 0, warn: 1, note: 2 }
const WORD: Readonly<Record<Severity, string>> = { error: 'error', warn: 'warning', note: 'note' }
/** Places listed for one rule before the rest is counted; the JSON report holds all. */
const MAX_PLACES = 12

export interface TextOptions {
  readonly style: Style
  /** List every place, waived findings and skipped files. */
  readonly verbose: boolean
}

/** The report for people: findings grouped by rule and by what fixes them, worst first, then what was looked at. */
export function textReport(input: ReportInput, options: TextOptions): string[] {
  const open = input.verdict.findings.filter((finding) => finding.status === 'open')
  const lines = [...groups(open).flatMap((group) => groupLines(group, input, options)), ...settledLines(input, options)]
  lines.push(...unreadLines(input, options.style), ...coverageLines(coverageOf(input), input, options))
  lines.push('', verdictLine(input, open, options.style), ...expiredLines(input))
  return lines.map((line) => `${line}\n`)
}

interface Group {
  readonly rule: string
  readonly severity: Severity
  readonly why: string
  /** Findings by the fix that mends them. */
  readonly fixes: ReadonlyMap<string, readonly Finding[]>
}

/** One group for each rule, in it one thing to do after another, however many places each mends. */
function groups(findings: readonly Finding[]): Group[] {
  const found = new Map<string, { rule: string; severity: Severity; why: string; fixes: Map<string, Finding[]> }>()
  for (const finding of findings) {
    const key = `${finding.severity}\n${finding.rule}`
    const group = found.get(key) ?? { rule: finding.rule, severity: finding.severity, why: finding.why, fixes: new Map() }
    found.set(key, group)
    const same = group.fixes.get(finding.fix)
    if (same === undefined) group.fixes.set(finding.fix, [finding])
    else same.push(finding)
  }
  return [...found.values()].sort(
    (a, b) => ORDER[a.severity] - ORDER[b.severity] || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
  )
}

function groupLines(group: Group, input: ReportInput, { style, verbose }: TextOptions): string[] {
  const lines = [
    `${style(COLOUR[group.severity], WORD[group.severity])} ${style('bold', group.rule)}  ${style('dim', group.why)}`,
  ]
  let left = verbose ? Number.POSITIVE_INFINITY : MAX_PLACES
  let hidden = 0
  for (const [fix, findings] of group.fixes) {
    const shown = findings.slice(0, left)
    left -= shown.length
    hidden += findings.length - shown.length
    for (const finding of shown) lines.push(...findingLines(finding, input, style))
    if (shown.length > 0) lines.push(`  ${style('green', 'Fix:')} ${escapeTerminal(capital(fix))}.`)
  }
  if (hidden > 0) lines.push(style('dim', `  … and ${hidden} more (--verbose lists all)`))
  return [...lines, '']
}

function findingLines(finding: Finding, input: ReportInput, style: Style): string[] {
  const at = finding.location === undefined ? '' : `${escapeTerminal(formatLocation(finding.location))}: `
  const lines = [
    `  ${style('cyan', at)}${escapeTerminal(finding.message)}${finding.state === 'unverified' ? ' (unverified)' : ''}  ${style('dim', finding.fingerprint.slice(0, 8))}`,
  ]
  if (finding.path.length > 1)
    lines.push(
      style('dim', `    through ${finding.path.map((id) => escapeTerminal(componentLabel(input.graph.get(id)))).join(' → ')}`),
    )
  return lines
}

/** What does not count is counted all the same: a waiver is never silent. */
function settledLines(input: ReportInput, { style, verbose }: TextOptions): string[] {
  const settled = input.verdict.findings.filter((finding) => finding.status !== 'open')
  if (settled.length === 0) return []
  const waived = settled.filter((finding) => finding.status === 'waived')
  const lines = [style('bold', `Not counted: ${waived.length} waived, ${settled.length - waived.length} in the baseline`)]
  for (const finding of verbose ? settled : waived) {
    const by = finding.waiver === undefined ? 'baseline' : `waiver ${escapeTerminal(finding.waiver)}`
    lines.push(`  ${finding.rule}: ${escapeTerminal(finding.message)} (${by})`)
  }
  return [...lines, '']
}

function unreadLines(input: ReportInput, style: Style): string[] {
  const unread = input.graph.graph.files.filter((file) => file.state === 'unreadable' || file.state === 'partial')
  if (unread.length === 0) return []
  const lines = unread.map((file) => `  ${escapeTerminal(file.path)}: ${escapeTerminal(file.why ?? file.state)}`)
  return [style('red', `Not read whole: ${unread.length} files; what they name is missing from everything above`), ...lines, '']
}

function coverageLines(coverage: Coverage, input: ReportInput, { style, verbose }: TextOptions): string[] {
  const { files } = coverage
  const lines = [
    style('bold', 'Looked at'),
    `  files       ${files.read} read, ${files.partial} in part, ${files.unreadable} unreadable, ${files.skipped} skipped`,
    ...coverage.components.map(
      (one) =>
        `  ${one.ecosystem.padEnd(11)} ${count(one.projects, 'project')}, ${count(one.components, 'component')}, ${one.pinned} pinned; edges known of ${one.edgesComplete}, in part of ${one.edgesIncomplete}, unknown of ${one.edgesUnknown}`,
    ),
    `  rules       ${coverage.rules.ran} ran, ${coverage.rules.withSubjects} had something to look at (profile ${input.profile})`,
    ...verificationLines(coverage, input),
    ...signatureLines(input.graph, input.verification.asked).map((line) => `  signatures  ${escapeTerminal(line)}`),
  ]
  if (verbose)
    for (const file of input.graph.graph.files)
      if (file.state === 'skipped')
        lines.push(style('dim', `  skipped ${escapeTerminal(file.path)}: ${escapeTerminal(file.why ?? '')}`))
  return lines
}

/** How far each ecosystem is verified, zeros included: silence must not look like agreement. */
function verificationLines({ verification }: Coverage, input: ReportInput): string[] {
  const total = verification.reduce((sum, one) => sum + one.total, 0)
  const { asked, offline } = input.verification
  if (!asked) return [`  verified    none of ${count(total, 'component')} that come from elsewhere: nobody was asked`]
  if (verification.length === 0) return ['  verified    nothing comes from elsewhere']
  return [
    ...verification.map(
      ({ ecosystem, total: all, components, checks }) =>
        `  verified    ${ecosystem.padEnd(11)} ${components.match} of ${all} (${counts(UNVERIFIED, components)}); checks: ${counts(VERDICTS, checks)}`,
    ),
    ...(offline ? ['              from stored answers alone: the run was offline'] : []),
  ]
}

/** Every way in which a component is not verified. */
const UNVERIFIED = STANDINGS.filter((standing) => standing !== 'match')

const VERDICT_WORD: Readonly<Record<Standing, string>> = {
  match: 'agree',
  mismatch: 'contradicted',
  absent: 'gone',
  unavailable: 'without answer',
  'not-checkable': 'not checkable',
  unasked: 'not asked about',
}

function counts<K extends Standing>(names: readonly K[], numbers: Readonly<Record<K, number>>): string {
  return names.map((name) => `${numbers[name]} ${VERDICT_WORD[name]}`).join(', ')
}

function verdictLine(input: ReportInput, open: readonly Finding[], style: Style): string {
  const number = (severity: Severity): number => open.filter((finding) => finding.severity === severity).length
  const numbers = `${count(number('error'), 'error')}, ${count(number('warn'), 'warning')}, ${count(number('note'), 'note')}`
  switch (input.verdict.outcome) {
    case 'clean':
      return open.some((finding) => finding.state === 'unverified')
        ? style('yellow', `Gate passed, though not everything could be verified: ${numbers}.`)
        : style('green', `Gate passed: ${numbers}.`)
    case 'violations':
      return style('red', `Gate failed: ${numbers}.`)
    case 'unverified':
      return style('yellow', `Could not verify: ${numbers}.`)
    case 'unreadable':
      return style('red', `Input unreadable: ${numbers}, and not everything could be read.`)
  }
}

/** Ends the log with the owners of waivers that ended, so that the last line names who acts (spec/policy.md §5.2). */
function expiredLines(input: ReportInput): string[] {
  const expired = input.verdict.findings.filter(
    (finding) => finding.rule === 'policy/waiver-expired' && finding.status === 'open',
  )
  if (expired.length === 0) return []
  const who = expired.map((finding) =>
    [finding.data?.['waiver'], finding.data?.['owner'], finding.data?.['expires']]
      .filter((part) => part !== undefined)
      .join(', '),
  )
  return [escapeTerminal(`gate failed: ${count(expired.length, 'waiver')} ended (${who.join('; ')})`)]
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
