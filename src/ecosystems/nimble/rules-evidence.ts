import { componentLabel } from '../../model/component.js'
import { evidenceRule } from '../../model/evidence-rule.js'
import type { Rule } from '../../model/rule.js'

/** Rules over what the repositories of packages hold (spec/policy.md §2.12, spec/nimble.md §4). */
export const NIMBLE_EVIDENCE_RULES: readonly Rule[] = [
  evidenceRule({
    id: 'nimble/checksum-mismatch',
    title: 'A package has another checksum than nimble.lock states',
    why: 'Some versions of nimble install it all the same, and say nothing.',
    evidence: ['G'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    checks: ['nimble/checksum'],
    verdicts: ['mismatch'],
    judge: ({ component, authorities, expected, observed, why }) => ({
      message: `${componentLabel(component)}: the files of ${authorities} have ${observed ?? 'another checksum'}, nimble.lock has ${expected ?? 'another one'}${why === '' ? '' : ` (${why})`}`,
      fix: 'find out whether the commit is the right one before nimble lock writes a new checksum',
    }),
  }),
]
