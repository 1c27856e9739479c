import type { Evidence } from '../../model/evidence.js'
import { compareEvidence } from '../../model/evidence.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { meaningOf } from './check-meaning.js'

/** Who made it, is that provable (spec/policy.md §2.7). */
export const TRUST_RULES: readonly Rule[] = [
  {
    id: 'trust/log-inconsistent',
    title: 'A transparency log contradicts itself or proves nothing',
    why: 'A log that shows one thing to some and another to others proves nothing any more.',
    evidence: ['T'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: inconsistentLogs,
  },
]

/** One finding a log and contradiction, however many components were looked up in it. */
function inconsistentLogs({ evidence, isClaimed }: RuleInput): RuleOutcome {
  const logs = new Set<string>()
  const contradictions = new Map<string, Evidence[]>()
  for (const one of evidence) {
    if (meaningOf(one) !== 'log' || isClaimed(one)) continue
    const log = one.authority?.name ?? one.check
    if (one.verdict === 'match' || one.verdict === 'mismatch') logs.add(log)
    if (one.verdict !== 'mismatch') continue
    const key = `${log}\n${one.expected ?? ''}\n${one.observed ?? ''}`
    const group = contradictions.get(key)
    if (group === undefined) contradictions.set(key, [one])
    else group.push(one)
  }
  const findings = [...contradictions.values()].flatMap((group): FindingDraft[] => {
    const [first] = group.sort(compareEvidence)
    if (first === undefined) return []
    const log = first.authority?.name ?? first.check
    const { expected, observed, why } = first
    const about = new Set(group.map((one) => one.subject)).size
    return [
      {
        subject: log,
        // A fork is a log with two histories; everything else is an answer that does not prove what it must.
        message: `${log} ${observed === 'fork' ? 'shows two histories' : 'does not prove what it says'}${why === undefined ? '' : `: ${why}`} (seen in the look-up of ${about === 1 ? 'one component' : `${about} components`})`,
        fix: 'stop relying on it, keep what it signed, and report it',
        data: { log, ...(expected === undefined ? {} : { expected }), ...(observed === undefined ? {} : { observed }) },
        evidence: [first],
      },
    ]
  })
  return { findings, checked: logs.size }
}
