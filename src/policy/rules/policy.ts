import type { FindingDraft } from '../../model/finding.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { newestDay } from '../clock.js'
import { matchesPattern, parsePatterns } from '../component-pattern.js'

/** The gate evaluates these after all others, because they speak of findings and waivers; here is what they mean. */
function gateRule(rule: Omit<Rule, 'evaluate' | 'evidence'>): Rule {
  return { ...rule, evidence: ['C'], evaluate: () => ({ findings: [], checked: 0 }) }
}

/** The gate watching itself (spec/policy.md §2.15, §5). */
export const POLICY_RULES: readonly Rule[] = [
  gateRule({
    id: 'policy/waiver-expired',
    title: 'A waiver ended and its finding still exists',
    why: 'A waiver is a loan with a date; after it the finding counts again.',
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
  }),
  gateRule({
    id: 'policy/waiver-expiring',
    title: 'A waiver ends soon',
    why: 'The finding will count again; its owner should know before.',
    severity: { relaxed: 'note', recommended: 'note', strict: 'warn' },
    options: { window: { type: 'number', default: 14, about: 'days before the end' } },
  }),
  gateRule({
    id: 'policy/waiver-unused',
    title: 'A waiver matches no finding',
    why: 'It stands ready to silence something nobody has looked at.',
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
  }),
  gateRule({
    id: 'policy/waiver-too-long',
    title: 'A waiver runs longer than allowed',
    why: 'A waiver without an end is a change of policy.',
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    options: { max: { type: 'number', default: 180, about: 'days from today' } },
  }),
  gateRule({
    id: 'policy/waiver-forbidden',
    title: 'A waiver tries to silence a rule that cannot be waived here',
    why: 'Rules about tampering are not for a repository to switch off.',
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
  }),
  gateRule({
    id: 'policy/baseline-stale',
    title: 'The baseline lists findings that are gone',
    why: 'A baseline that is not cut back hides the next one of the same kind.',
    severity: { relaxed: 'note', recommended: 'note', strict: 'warn' },
  }),
  {
    id: 'policy/unused-entry',
    title: 'A deny or allow entry that matches nothing',
    why: 'Configuration that does nothing is read as protection.',
    evidence: ['C', 'L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    evaluate: unusedEntries,
  },
  {
    id: 'policy/clock-skew',
    title: 'The day of the judgement is before the newest evidence',
    why: 'A clock that was turned back would keep ended waivers alive.',
    evidence: ['C'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: { 'allow-past': { type: 'boolean', default: false, about: 'judge as of a day before the evidence on purpose' } },
    evaluate: ({ evidence, today, option }) => {
      const newest = newestDay(evidence)
      if (newest === undefined) return { checked: 0, findings: [] }
      const finding: FindingDraft = {
        subject: 'clock',
        message: `the judgement is as of ${today}, before the newest evidence of ${newest}`,
        fix: 'set the clock, or judge as of a day that is not before the evidence',
      }
      return { checked: 1, findings: newest > today && !option<boolean>('allow-past') ? [finding] : [] }
    },
  },
]

function unusedEntries({ graph, settings }: RuleInput): RuleOutcome {
  const entries = [
    ...settings.deny.map(({ component }) => ({ list: 'deny', text: component })),
    ...settings.allow.map((text) => ({ list: 'allow', text })),
  ]
  const findings = entries.flatMap(({ list, text }): FindingDraft[] => {
    const [pattern] = parsePatterns([text])
    if (pattern === undefined || graph.components.some((component) => matchesPattern(pattern, component))) return []
    return [
      {
        subject: `${list} ${text}`,
        message: `the ${list} entry ${text} matches nothing`,
        fix: 'delete it, or keep it when it guards against what may come',
        data: { list, entry: text },
      },
    ]
  })
  return { checked: entries.length, findings }
}
