import type { Component, DigestClaim } from './component.js'
import type { Evidence, VerdictKind } from './evidence.js'
import { compareEvidence } from './evidence.js'
import type { FactFinding } from './fact-rule.js'
import type { FindingDraft } from './finding.js'
import type { Location } from './location.js'
import type { Rule, RuleInput, RuleOutcome } from './rule.js'

/** What several checks say alike of one component: one thing to mend, however many authorities say it. */
export interface Contradiction {
  readonly component: Component
  /** In canonical order, never empty. */
  readonly evidence: readonly Evidence[]
  /** Where findings are made by value, those of all the evidence; else those of the first. */
  readonly expected: string | undefined
  readonly observed: string | undefined
  /** Who says so, for a sentence. */
  readonly authorities: string
  /** What was said beside the values, for a sentence; empty when nothing. */
  readonly why: string
}

/** What a rule over evidence says of one contradiction. */
export interface EvidenceFinding extends FactFinding {
  /** Default: where the expected value is stated, else where the lockfile names the component. */
  readonly location?: Location | undefined
}

/** What a rule over evidence looks for. */
export interface EvidenceJudgement {
  /** Evidence it is about, whatever came of it: what it counts as looked at. */
  readonly about: (evidence: Evidence, input: RuleInput) => boolean
  readonly verdicts: readonly VerdictKind[]
  /** What makes one finding: a pair of expected and observed value of a component (default), or the component alone. */
  readonly by?: 'value' | 'component' | undefined
  /** Undefined when this one is fine. */
  readonly judge: (contradiction: Contradiction, input: RuleInput) => EvidenceFinding | undefined
}

/**
 * Looks at evidence piece by piece and says every contradiction once: what two checks see alike in one component is one
 * finding, at the line that states the expected value. Linear in the evidence.
 */
export function judgeEvidence(input: RuleInput, judgement: EvidenceJudgement): RuleOutcome {
  const byValue = judgement.by !== 'component'
  const answered = new Set<string>()
  const unanswered = new Set<string>()
  const groups = new Map<string, Evidence[]>()
  for (const one of input.evidence) {
    if (!judgement.about(one, input)) continue
    if (one.verdict === 'unavailable') unanswered.add(one.subject)
    else if (one.verdict !== 'not-checkable') answered.add(one.subject)
    if (!judgement.verdicts.includes(one.verdict)) continue
    const key = byValue ? `${one.subject}\n${one.expected ?? ''}\n${one.observed ?? ''}` : one.subject
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  const findings = [...groups.values()].flatMap((group): FindingDraft[] => {
    const contradiction = contradictionOf(group.sort(compareEvidence), input)
    const found = contradiction === undefined ? undefined : judgement.judge(contradiction, input)
    return contradiction === undefined || found === undefined ? [] : [toDraft(contradiction, found, byValue)]
  })
  for (const subject of answered) unanswered.delete(subject)
  return { findings, checked: answered.size, unverified: unanswered.size }
}

export interface EvidenceRule extends Omit<Rule, 'evaluate' | 'judges'>, Pick<EvidenceJudgement, 'verdicts' | 'by' | 'judge'> {
  /** Full names of the checks whose outcomes of those verdicts it alone speaks of. */
  readonly checks: readonly string[]
}

/** A rule of an ecosystem over its own checks. */
export function evidenceRule({ checks, verdicts, by, judge, ...rule }: EvidenceRule): Rule {
  const names = new Set(checks)
  return {
    ...rule,
    judges: checks.flatMap((check) => verdicts.map((verdict) => ({ check, verdict }))),
    evaluate: (input) => judgeEvidence(input, { about: (one) => names.has(one.check), verdicts, by, judge }),
  }
}

/** Two outcomes of one rule; what the second says of a component says all that the first does, and more. */
export function supersededBy(first: RuleOutcome, second: RuleOutcome): RuleOutcome {
  const told = new Set(second.findings.map((finding) => finding.component))
  const others = first.findings.filter(({ component }) => component === undefined || !told.has(component))
  return {
    findings: [...others, ...second.findings],
    checked: first.checked + second.checked,
    unverified: (first.unverified ?? 0) + (second.unverified ?? 0),
  }
}

/** Where a component states a value; else where the lockfile names it. */
export function statedAt(component: Component, value: string | undefined): Location | undefined {
  const { occurrences } = component
  const entry = occurrences.find((occurrence) => occurrence.role === 'lock') ?? occurrences[0]
  return claimOf(component, value)?.location ?? entry?.location
}

/** The statement of a value in the repository. */
export function claimOf({ claims }: Component, value: string | undefined): DigestClaim | undefined {
  return value === undefined ? undefined : claims.find(({ digest }) => isValueOf(value, digest.value))
}

/** A value as claims have it, or with the name of its algorithm before it. */
function isValueOf(value: string, claimed: string): boolean {
  return value === claimed || (value.endsWith(claimed) && value.charAt(value.length - claimed.length - 1) === ':')
}

/** Authorities named in one sentence; the report holds all. */
const MAX_NAMED = 3

function contradictionOf(evidence: readonly Evidence[], input: RuleInput): Contradiction | undefined {
  const [first] = evidence
  const component = first === undefined ? undefined : input.graph.find(first.subject)
  if (first === undefined || component === undefined) return undefined
  const names = [...new Set(evidence.flatMap(({ authority }) => (authority === undefined ? [] : [authority.name])))]
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  const reasons = [...new Set(evidence.flatMap(({ why }) => (why === undefined || why === '' ? [] : [why])))]
  return {
    component,
    evidence,
    expected: first.expected,
    observed: first.observed,
    authorities: names.length === 0 ? 'its authority' : `${names.slice(0, MAX_NAMED).join(' and ')}${more}`,
    why: reasons.slice(0, MAX_NAMED).join('; '),
  }
}

function toDraft(contradiction: Contradiction, found: EvidenceFinding, byValue: boolean): FindingDraft {
  const { component, evidence, expected, observed } = contradiction
  return {
    component: component.id,
    subject: component.id,
    location: found.location ?? statedAt(component, expected),
    message: found.message,
    fix: found.fix,
    data: {
      ...(byValue && expected !== undefined ? { expected } : {}),
      ...(byValue && observed !== undefined ? { observed } : {}),
      ...found.data,
    },
    evidence,
  }
}
