import { componentLabel } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import type { Contradiction } from '../../model/evidence-rule.js'
import { judgeEvidence } from '../../model/evidence-rule.js'
import type { Rule, RuleInput } from '../../model/rule.js'
import { echoes, meaningOf } from './check-meaning.js'

/** Is a pinned commit still what its repository says (spec/policy.md §2.3). */
export const SOURCE_EVIDENCE_RULES: readonly Rule[] = [
  {
    id: 'source/git-tag-moved',
    title: 'A tag names another commit than the one that is locked',
    why: 'Whoever moved it may have wanted a build to take other code; the next resolution will.',
    evidence: ['G'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    evaluate: (input) => {
      const repeated = echoes(input)
      return judgeEvidence(input, {
        about: (one) => isOfTag(one, input) && !input.isClaimed(one) && !repeated.has(one),
        verdicts: ['mismatch'],
        judge: (found) => ({
          message: `${componentLabel(found.component)}: ${tagOf(found)} of ${found.authorities} now gives ${found.observed ?? 'something else'}, ${found.expected ?? 'another one'} is locked${found.why === '' ? '' : ` (${found.why})`}`,
          fix: 'keep the lock, and ask upstream why the tag moved',
        }),
      })
    },
  },
  {
    id: 'source/git-commit-unreachable',
    title: 'A pinned commit is not where its repository should have it',
    why: 'A forge serves the commits of every fork under the name of the repository they were forked from.',
    evidence: ['G'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    evaluate: (input) =>
      judgeEvidence(input, {
        about: (one) =>
          meaningOf(one) === 'commit' && !input.isClaimed(one) && !(isOfTag(one, input) && one.verdict === 'mismatch'),
        verdicts: ['absent', 'mismatch'],
        by: 'component',
        judge: (found) => ({
          message: `${componentLabel(found.component)}: ${commitOf(found)} is not part of ${found.authorities}${found.why === '' ? '' : ` as it should be: ${found.why}`}`,
          fix: 'pin a commit that a branch or tag holds, or name the fork it comes from',
        }),
      }),
  },
]

/** Where the manifest names a tag, a commit that was seen in its place is what the tag means now. */
function isOfTag(one: Evidence, { graph }: RuleInput): boolean {
  const meaning = meaningOf(one)
  if (meaning !== 'commit') return meaning === 'tag'
  const source = graph.find(one.subject)?.source
  return source?.kind === 'git' && source.ref?.kind === 'tag' && one.observed !== undefined
}

function tagOf({ component: { source } }: Contradiction): string {
  return source.kind === 'git' && source.ref?.kind === 'tag' && source.ref.value !== undefined
    ? `the tag ${source.ref.value}`
    : 'the tag'
}

function commitOf({ component: { source }, expected }: Contradiction): string {
  return expected ?? (source.kind === 'git' ? source.commit : undefined) ?? 'the commit'
}
