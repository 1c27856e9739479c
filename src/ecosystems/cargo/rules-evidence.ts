import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { evidenceRule } from '../../model/evidence-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'

/** The check that reads the row of a version, and the one that says so when only an old row is at hand. */
const ROW_CHECK = 'cargo/index-checksum'
const YANKED_CHECK = 'cargo/yanked'

const YANKED = factRule({
  id: 'cargo/yanked',
  title: 'A locked version was yanked',
  why: 'Its author no longer wants anybody to take it; cargo goes on building it without a word.',
  evidence: ['R'],
  severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
  options: { allow: { type: 'strings', default: [], about: 'names, or names with versions (time@0.1.45), that may be yanked' } },
  facts: ['cargo/yanked'],
  judge: (_fact, component, { option }) => {
    if (component === undefined) return undefined
    const label = componentLabel(component)
    const allowed = option<readonly string[]>('allow', component.occurrences[0]?.location.file)
    if (allowed.includes(component.name) || allowed.includes(label)) return undefined
    return { message: `${label} was yanked`, fix: `take another version: cargo update -p ${component.name}` }
  },
})

/** Rules over what registries and repositories say of crates (spec/policy.md §2.9, spec/cargo.md §5, §6). */
export const CARGO_EVIDENCE_RULES: readonly Rule[] = [
  {
    ...YANKED,
    evaluate: (input) => {
      // A row that is there and not yanked leaves no fact.
      const read = new Set<string>()
      const unread = new Set<string>()
      for (const { check, verdict, subject } of input.evidence) {
        if (check !== ROW_CHECK && check !== YANKED_CHECK) continue
        if (verdict === 'unavailable') unread.add(subject)
        else if (check === ROW_CHECK && (verdict === 'match' || verdict === 'mismatch')) read.add(subject)
      }
      const { findings } = YANKED.evaluate(input)
      return { findings, checked: [...read].filter((subject) => !unread.has(subject)).length, unverified: unread.size }
    },
  },
  evidenceRule({
    id: 'cargo/published-differs',
    title: 'A published crate is not what the commit it names holds',
    why: 'Reviewers read the repository; what is built is the crate.',
    evidence: ['R', 'G'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    checks: ['cargo/vcs-info'],
    verdicts: ['mismatch', 'absent'],
    by: 'component',
    judge: ({ component, authorities, expected, why }) => ({
      message: `${componentLabel(component)} is not what ${authorities} has at ${expected ?? 'the commit it names'}${why === '' ? '' : `: ${why}`}`,
      fix: 'read what differs: files may be made while packaging, and hidden there',
    }),
  }),
  factRule({
    id: 'cargo/archive-problem',
    title: 'A crate archive that two readers unpack to two trees',
    why: 'What was reviewed is then not what cargo builds, though the checksum is right.',
    evidence: ['R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['cargo/archive-problem'],
    judge: (fact, component) => ({
      message: `the archive of ${labelOf(component)}: ${factText(fact, 'path') === '' ? '' : `${JSON.stringify(factText(fact, 'path'))}: `}${factText(fact, 'why')}`,
      fix: 'do not build it before somebody looked into the archive; report it to the registry',
    }),
  }),
]

function labelOf(component: Component | undefined): string {
  return component === undefined ? 'a crate' : componentLabel(component)
}
