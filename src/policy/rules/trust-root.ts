import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { TRUST_ROOT_FACT } from '../../model/trust-root-fact.js'
import { daysBetween } from '../clock.js'

/** Is what everything else is trusted by still fit for it (spec/policy.md §2.7, spec/trust.md §1.5). */
export const TRUST_ROOT_RULES: readonly Rule[] = [
  {
    id: 'trust/root-stale',
    title: 'The trusted root has expired or is old',
    why: 'Keys and authorities that were added or withdrawn since are not known.',
    evidence: ['A'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: {
      'max-age': { type: 'number', default: 180, about: 'days since somebody confirmed that a trusted root is the newest' },
    },
    evaluate: staleRoots,
  },
]

const FIX = 'run assay trust update and set trust.online-roots, or use a newer version of assay'

function staleRoots({ graph, option, today }: RuleInput): RuleOutcome {
  const facts = graph.facts(TRUST_ROOT_FACT)
  return {
    findings: facts.flatMap((fact) => [...unusable(fact), ...old(fact, today, option<number>('max-age'))]),
    checked: facts.length,
  }
}

/** The embedded root in the place of one that was to be used: the gate stays shut unless the settings allow it. */
function unusable({ data: { sha256, fallback, allowed } }: Fact): FindingDraft[] {
  if (typeof fallback !== 'string') return []
  return [
    {
      subject: 'the trusted root',
      message: `${fallback.replace(/^trust\/[a-z-]+: /, '')}, and the one that comes with assay was used instead`,
      fix: 'run assay trust update',
      data: { root: String(sha256), state: 'expired' },
      atMost: allowed === true ? 'warn' : undefined,
    },
  ]
}

/** Age alone makes nothing wrong that verifies: it is told. */
function old({ data: { name, sha256, confirmed } }: Fact, today: string, maxAge: number): FindingDraft[] {
  if (typeof confirmed !== 'string') return []
  const age = daysBetween(confirmed.slice(0, 10), today)
  if (!(age > maxAge)) return []
  return [
    {
      subject: 'the trusted root',
      message: `${String(name)} was confirmed ${age} days ago, ${maxAge} are allowed: what newer logs and authorities sign does not verify with it`,
      fix: FIX,
      data: { root: String(sha256), state: 'old' },
      atMost: 'warn',
    },
  ]
}
