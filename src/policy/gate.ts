import { createHash } from 'node:crypto'
import type { Component } from '../model/component.js'
import type { RuleDescription } from '../model/document.js'
import type { Evidence } from '../model/evidence.js'
import type { Finding, FindingDraft, RuleCounts, Severity, Verdict } from '../model/finding.js'
import type { GraphView } from '../model/graph-view.js'
import { compareLocations } from '../model/location.js'
import type { EvidenceClass, OptionValue, Rule, RuleInput } from '../model/rule.js'
import type { Verification } from '../model/verification.js'
import { NOT_ASKED } from '../model/verification.js'
import { newestDay } from './clock.js'
import type { ValidConfig } from './config.js'
import { Severities, WEIGHT } from './severities.js'
import { WaiverBook } from './waivers.js'

export interface GateInput {
  readonly graph: GraphView
  readonly evidence: readonly Evidence[]
  /** Default: nobody was asked. */
  readonly verification?: Verification | undefined
  readonly config: ValidConfig
  /** Generic rules and those of the ecosystems. */
  readonly rules: readonly Rule[]
  /** `YYYY-MM-DD` in UTC. */
  readonly today: string
  /** Fingerprints that count as inherited. */
  readonly baseline?: ReadonlySet<string> | undefined
}

/**
 * Evaluates every rule that is on, then decides (spec/policy.md §1, §5). Linear in components, edges and facts; same
 * input, same verdict.
 */
export function evaluate(input: GateInput): Verdict {
  const severities = new Severities(input.config)
  const fingerprints = new Map<string, number>()
  const waivers = new WaiverBook(input.config.waivers, judgementDay(input))
  const rules = new Map(input.rules.map((rule) => [rule.id, rule]))
  const settledBy = new Map<string, { checked: number; readonly unverified: number; readonly findings: Finding[] }>()

  const settle = (rule: Rule, draft: FindingDraft): Finding | undefined => {
    const severity = severities.of(rule, draft.location?.file)
    if (severity === 'off') return undefined
    const { atMost = severity } = draft
    const component = draft.component === undefined ? undefined : input.graph.find(draft.component)
    const fingerprint = uniqueFingerprint(rule.id, draft, component, fingerprints)
    const open: Finding = {
      ...draft,
      rule: rule.id,
      severity: WEIGHT[atMost] < WEIGHT[severity] ? atMost : severity,
      why: rule.why,
      state: draft.state ?? 'fail',
      path: draft.component === undefined ? [] : input.graph.pathTo(draft.component),
      fingerprint,
      status: 'open',
    }
    // Neither a waiver nor a baseline silences what the gate says of them.
    if (rule.id.startsWith('policy/')) return open
    const waiver = waivers.match(open, component, rule.hard === true)
    if (waiver !== undefined) return { ...open, status: 'waived', waiver: waiver.id }
    // An outage that was accepted once would open the gate to every later one.
    if (rule.hard !== true && open.state === 'fail' && input.baseline?.has(fingerprint) === true)
      return { ...open, status: 'inherited' }
    return open
  }

  const isClaimed = claimedOutcomes(input.rules)
  for (const rule of input.rules) {
    if (severities.highest(rule) === 'off') continue
    const { checked, unverified = 0, findings: drafts } = rule.evaluate(ruleInput(rule, input, severities, isClaimed))
    const findings = drafts.flatMap((draft) => settle(rule, draft) ?? [])
    settledBy.set(rule.id, { checked, unverified, findings })
  }
  // What the gate says of itself comes last, because it speaks of the findings above.
  const about = [
    ...waivers.findings(
      (id, name) => numberOption(rules.get(id), name, severities),
      (id) => couldTell(rules.get(id), settledBy.get(id)?.unverified, input),
    ),
    ...staleBaseline(input, fingerprints),
  ]
  for (const { rule: id, draft } of about) {
    const rule = rules.get(id)
    const settled = settledBy.get(id)
    const finding = rule === undefined ? undefined : settle(rule, draft)
    if (finding === undefined || settled === undefined) continue
    settled.findings.push(finding)
    settled.checked += 1
  }
  const counts = new Map([...settledBy].map(([id, settled]) => [id, countsOf(settled)]))
  const findings = [...settledBy.values()].flatMap((settled) => settled.findings)
  return decide(findings.sort(compareFindings), counts, input)
}

/** The later of the clock and the newest evidence: turning the clock back revives no waiver. */
function judgementDay({ today, evidence }: GateInput): string {
  const newest = newestDay(evidence)
  return newest !== undefined && newest > today ? newest : today
}

/** Every rule with the severity it has here, for reports. */
export function describeRules(rules: readonly Rule[], config: ValidConfig): readonly RuleDescription[] {
  const severities = new Severities(config)
  return rules
    .map((rule) => ({
      id: rule.id,
      title: rule.title,
      why: rule.why,
      severity: severities.of(rule, undefined),
      hard: rule.hard === true,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Whether any rule, switched on or off, speaks of an outcome alone. */
function claimedOutcomes(rules: readonly Rule[]): RuleInput['isClaimed'] {
  const claimed = new Set(rules.flatMap(({ judges = [] }) => judges.map(({ check, verdict }) => `${verdict} ${check}`)))
  return ({ check, verdict }) => claimed.has(`${verdict} ${check}`)
}

function ruleInput(rule: Rule, input: GateInput, severities: Severities, isClaimed: RuleInput['isClaimed']): RuleInput {
  return {
    graph: input.graph,
    evidence: input.evidence,
    verification: input.verification ?? NOT_ASKED,
    isClaimed,
    settings: input.config.settings,
    option: <K extends OptionValue>(name: string, file?: string): K => severities.option<K>(rule, name, file),
    today: input.today,
  }
}

/** Classes of evidence that a run has at hand without asking anybody (spec/policy.md §1). */
const AT_HAND: ReadonlySet<EvidenceClass> = new Set(['L', 'S', 'H', 'C'])

/** False where a rule found nothing because nobody was asked, or somebody did not answer: what it would say is not known. */
function couldTell(rule: Rule | undefined, unverified: number | undefined, { verification = NOT_ASKED }: GateInput): boolean {
  if (rule === undefined || rule.evidence.some((evidence) => AT_HAND.has(evidence))) return true
  return verification.asked && (unverified ?? 0) === 0
}

/** An option of a rule of the gate itself; where the rule is not there, nobody will hear of it. */
function numberOption(rule: Rule | undefined, name: string, severities: Severities): number {
  return rule === undefined ? 0 : severities.option<number>(rule, name, undefined)
}

/**
 * Rule, subject and discriminators; never a line, so that a finding keeps its fingerprint when the file above it grows.
 * Equal ones in one run are numbered.
 */
function uniqueFingerprint(
  rule: string,
  draft: FindingDraft,
  component: Component | undefined,
  seen: Map<string, number>,
): string {
  const data = Object.entries(draft.data ?? {}).sort((a, b) => (a[0] < b[0] ? -1 : 1))
  const base = JSON.stringify([rule, component?.id ?? draft.subject, draft.location?.file ?? '', data])
  const count = (seen.get(base) ?? 0) + 1
  seen.set(base, count)
  const fingerprint = createHash('sha256')
    .update(base)
    .update(count === 1 ? '' : `#${count}`)
    .digest('hex')
  seen.set(fingerprint, 1)
  return fingerprint
}

function countsOf(settled: {
  readonly checked: number
  readonly unverified: number
  readonly findings: readonly Finding[]
}): RuleCounts {
  const number = (keep: (finding: Finding) => boolean): number => settled.findings.filter(keep).length
  return {
    checked: settled.checked,
    fail: number((f) => f.status === 'open' && f.state === 'fail'),
    unverified: settled.unverified + number((f) => f.status === 'open' && f.state === 'unverified'),
    waived: number((f) => f.status === 'waived'),
    inherited: number((f) => f.status === 'inherited'),
  }
}

function staleBaseline(
  input: GateInput,
  seen: ReadonlyMap<string, number>,
): { readonly rule: string; readonly draft: FindingDraft }[] {
  const gone = [...(input.baseline ?? [])].filter((fingerprint) => !seen.has(fingerprint))
  if (gone.length === 0) return []
  return [
    {
      rule: 'policy/baseline-stale',
      draft: {
        subject: 'baseline',
        message: gone.length === 1 ? 'one entry of the baseline is fixed' : `${gone.length} entries of the baseline are fixed`,
        fix: 'write it again with assay baseline',
      },
    },
  ]
}

function compareFindings(a: Finding, b: Finding): number {
  if (a.rule !== b.rule) return a.rule < b.rule ? -1 : 1
  if (a.location !== undefined && b.location !== undefined) {
    const order = compareLocations(a.location, b.location)
    if (order !== 0) return order
  } else if (a.location !== b.location) return a.location === undefined ? -1 : 1
  return a.message < b.message ? -1 : a.message > b.message ? 1 : a.fingerprint < b.fingerprint ? -1 : 1
}

/** Exit codes of design §2: unreadable before violations before unverified. */
function decide(findings: readonly Finding[], rules: ReadonlyMap<string, RuleCounts>, { graph, config }: GateInput): Verdict {
  const open = findings.filter((finding) => finding.status === 'open')
  const number = (severity: Severity, state: Finding['state']): number =>
    open.filter((f) => f.severity === severity && f.state === state).length
  const { files, diagnostics } = graph.graph
  const unreadable =
    files.some((file) => file.state === 'unreadable') ||
    diagnostics.some((d) => d.severity === 'error') ||
    open.some((f) => f.rule === 'input/nothing-found')
  if (unreadable) return { findings, rules, outcome: 'unreadable', exitCode: 4 }
  const failOn = config.profile === 'audit' ? 'never' : config.failOn
  const tooManyWarnings = config.maxWarnings !== undefined && number('warn', 'fail') > config.maxWarnings
  const violations =
    failOn !== 'never' && (number('error', 'fail') > 0 || (failOn === 'warn' && number('warn', 'fail') > 0) || tooManyWarnings)
  if (violations) return { findings, rules, outcome: 'violations', exitCode: 1 }
  if (failOn !== 'never' && number('error', 'unverified') > 0) return { findings, rules, outcome: 'unverified', exitCode: 3 }
  return { findings, rules, outcome: 'clean', exitCode: 0 }
}
