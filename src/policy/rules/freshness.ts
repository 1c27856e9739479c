import { componentLabel } from '../../model/component.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'
import { isPreRelease } from '../../model/version-order.js'
import { daysBetween } from '../clock.js'
import { isListed } from '../component-pattern.js'
import { draft } from './component-draft.js'

/** Is it old enough to have been looked at, and meant for use (spec/policy.md §2.5). */
export const FRESHNESS_RULES: readonly Rule[] = [
  factRule({
    id: 'freshness/too-new',
    title: 'A version that was published only just now',
    why: 'Most malicious releases are found and withdrawn within days; whoever waits never builds them.',
    evidence: ['R'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    options: {
      'min-age': { type: 'number', default: 7, about: 'days since it was published' },
      exempt: { type: 'strings', default: [], about: 'component patterns that may be new' },
    },
    facts: ['cargo/published', 'go/published'],
    judge: (fact, component, { option, today }) => {
      // Go's is the time of the commit, which its author sets: an old one proves little, a new one is enough.
      const day = (factText(fact, 'at') || factText(fact, 'time')).slice(0, 10)
      const min = option<number>('min-age', fact.location?.file)
      if (component === undefined || !/^\d{4}-\d\d-\d\d$/.test(day)) return undefined
      const age = daysBetween(day, today)
      if (age >= min || isListed(option<readonly string[]>('exempt', fact.location?.file), component)) return undefined
      return {
        message: `${componentLabel(component)} was published on ${day}, the minimum age is ${days(min)}`,
        fix: `wait ${days(Math.ceil(min - age))}, take an older version, or exempt it`,
      }
    },
  }),
  {
    id: 'freshness/prerelease',
    title: 'A pre-release in the shipped graph',
    why: 'Its author says that it is not ready.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    options: { allow: { type: 'strings', default: [], about: 'component patterns that may be pre-releases' } },
    evaluate: ({ graph, option }) => {
      const subjects = graph.components.filter((c) => !c.firstParty && c.version !== undefined && c.scopes.includes('runtime'))
      const findings = subjects.filter(
        (c) => isPreRelease(c.version ?? '') && !isListed(option<readonly string[]>('allow', c.occurrences[0]?.location.file), c),
      )
      return {
        checked: subjects.length,
        findings: findings.map((c) => draft(c, `${componentLabel(c)} is a pre-release`, 'take a release, or allow it')),
      }
    },
  },
]

function days(count: number): string {
  return count === 1 ? 'one day' : `${count} days`
}
