import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { Contradiction, EvidenceFinding } from '../../model/evidence-rule.js'
import { evidenceRule } from '../../model/evidence-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'

/** Rules over what the repositories of packages hold (spec/policy.md §2.12, spec/nimble.md §4). */
export const NIMBLE_EVIDENCE_RULES: readonly Rule[] = [
  evidenceRule({
    id: 'nimble/checksum-mismatch',
    title: 'A package has another checksum than nimble.lock states',
    why: 'nimble 0.24 and later compare no checksum: they install it and say nothing, so that nobody checks but this rule.',
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
  factRule({
    id: 'nimble/unhashed-file',
    title: 'Code that no checksum of nimble covers',
    why: 'git prints names with such characters in quotes, nimble finds no file of that name and passes over it; the compiler does not.',
    evidence: ['G'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'warn' },
    facts: ['nimble/unhashed-file'],
    judge: (fact, component) => ({
      message: `${labelOf(component)}: the checksum does not cover ${factText(fact, 'paths')}`,
      fix: 'read these files; ask upstream for plain names',
    }),
  }),
  factRule({
    id: 'nimble/checksum-not-computable',
    title: 'A checksum that depends on programs of the machine',
    why: 'A filter or an encoding makes what a checkout writes, so that each machine can have another checksum.',
    evidence: ['G'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['nimble/checksum-not-computable'],
    judge: (fact, component) => ({
      message: `${labelOf(component)}: what a checkout writes for ${factText(fact, 'paths')} cannot be computed`,
      fix: 'rest on the commit, and on the digest that assay records',
    }),
  }),
]

/** The same that reading tells where a package list is at hand. */
export function listMismatch({ component, expected, observed, authorities, why }: Contradiction): EvidenceFinding {
  return {
    message: `${component.name} is locked at ${expected ?? 'one place'}, the package list ${authorities} has ${observed ?? 'another'}${why === '' ? '' : ` (${why})`}`,
    fix: 'lock again from the list, or require the fork by its URL',
    location: (component.occurrences.find(({ role }) => role === 'lock') ?? component.occurrences[0])?.location,
  }
}

function labelOf(component: Component | undefined): string {
  return component === undefined ? 'a package' : componentLabel(component)
}
