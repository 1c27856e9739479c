import { componentLabel } from '../../model/component.js'
import type { Contradiction, EvidenceFinding } from '../../model/evidence-rule.js'
import { evidenceRule } from '../../model/evidence-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule, RuleInput } from '../../model/rule.js'

/** Rules over what the URLs deliver (spec/zig.md §5.3, §11; spec/policy.md §2.11). */
export const ZIG_EVIDENCE_RULES: readonly Rule[] = [
  evidenceRule({
    id: 'zig/hash-mismatch',
    title: 'The files of a package do not have its hash',
    why: 'Either the URL delivers something else than was reviewed, or a copy was changed where zig trusts the name of a folder.',
    evidence: ['R'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    checks: ['zig/package-hash', 'zig/cache'],
    verdicts: ['mismatch'],
    judge: hashMismatch,
  }),
  factRule({
    id: 'zig/archive-escape',
    title: 'A package archive would write outside its folder',
    why: 'Releases of zig unpack such members wherever they lead, and the hash of the package does not show it.',
    evidence: ['R'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['zig/archive-escape'],
    judge: (fact) => ({
      message: `the archive from ${factText(fact, 'url')} is hostile: ${factText(fact, 'why')}`,
      fix: 'do not fetch it with zig; look for who published it, and use another source',
    }),
  }),
  factRule({
    id: 'zig/archive-entry',
    title: 'A package archive holds what zig refuses to unpack',
    why: 'Hard links, devices and files that stand twice mean something else to each program that unpacks them.',
    evidence: ['R'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['zig/archive-entry'],
    judge: (fact) => ({
      message: `the archive from ${factText(fact, 'url')}: ${factText(fact, 'why')}`,
      fix: 'ask upstream for an archive of plain files, or fetch the repository by git',
    }),
  }),
  factRule({
    id: 'zig/zip-symlink',
    title: 'Links in a zip become files',
    why: 'The same package has another hash as a tar, and what follows the links finds text instead.',
    evidence: ['R'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['zig/zip-symlink'],
    judge: (fact) => ({
      message: `the zip from ${factText(fact, 'url')} holds symbolic links`,
      fix: 'use the tar archive or the repository',
    }),
  }),
]

/** What rules of their own say of a component; it is not said a second time as another hash. */
const SAID_ELSEWHERE = ['zig/archive-escape', 'zig/archive-entry'] as const

function hashMismatch(contradiction: Contradiction, { graph }: RuleInput): EvidenceFinding | undefined {
  const { component, evidence, expected, observed, authorities, why } = contradiction
  const isSaid = (kind: string): boolean => graph.facts(kind).some((fact) => fact.component === component.id)
  if (observed === undefined && SAID_ELSEWHERE.some(isSaid)) return undefined
  const isCopy = evidence.every(({ check }) => check === 'zig/cache')
  const what = isCopy ? `the copy in ${authorities}` : `what ${authorities} delivers`
  const found =
    observed === undefined
      ? `is not the package of ${expected ?? 'its hash'}`
      : `has the hash ${observed}, ${expected ?? 'another'} is stated`
  return {
    message: `${componentLabel(component)}: ${what} ${found}${why === '' ? '' : ` (${why})`}`,
    fix: 'do not copy the new hash: compare the files with a copy that has the old one',
  }
}

/** Also of what an archive holds, not only of what lies in a cache. */
export function identityMismatch({ component, expected, observed, authorities, why }: Contradiction): EvidenceFinding {
  return {
    message: `${componentLabel(component)}: the hash names ${expected ?? 'another package'}, the manifest from ${authorities} ${observed ?? 'none'}${why === '' ? '' : ` (${why})`}`,
    fix: 'check the URL, and ask upstream before taking another hash',
  }
}
