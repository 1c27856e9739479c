import { factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { GraphView } from '../../model/graph-view.js'
import type { Rule, RuleOutcome } from '../../model/rule.js'

const FACT = 'sbom/signature'

/** Signatures of the SBOM files that are published (spec/policy.md §2.13). */
export const SBOM_SIGNATURE_RULES: readonly Rule[] = [
  {
    id: 'sbom/signature-missing',
    title: 'A published SBOM that nobody has signed',
    why: 'Whoever can change the file, or hand out another, decides what your users believe is in the release.',
    evidence: ['S'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    evaluate: ({ graph }) =>
      judge(graph, (file, fact) => {
        switch (factText(fact, 'state')) {
          case 'missing': {
            const why = factText(fact, 'why')
            return {
              message: `${file} has no signature${why === '' ? '' : `: ${why}`}`,
              fix: `attest it in the release job: assay attest --sbom ${file}`,
            }
          }
          case 'undecided':
            return {
              message: `the signature of ${file} cannot be judged: ${factText(fact, 'why')}`,
              fix: factText(fact, 'fix'),
              state: 'unverified',
            }
          default:
            return undefined
        }
      }),
  },
  {
    id: 'sbom/signature-invalid',
    title: 'A published SBOM whose signature does not verify',
    why: 'It was changed after it was signed, or somebody else signed it.',
    evidence: ['S'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: ({ graph }) =>
      judge(graph, (file, fact) =>
        factText(fact, 'state') === 'invalid'
          ? {
              message: `the signature of ${file} does not verify: ${factText(fact, 'why')}`,
              fix: factText(fact, 'fix') || 'discard it, and sign the SBOM again in the release job',
            }
          : undefined,
      ),
  },
]

type Said = Pick<FindingDraft, 'message' | 'fix' | 'state'>

/** Every published SBOM is a subject; which signature is wrong may change from run to run, and is no part of a fingerprint. */
function judge(graph: GraphView, say: (file: string, fact: Fact) => Said | undefined): RuleOutcome {
  const facts = graph.facts(FACT)
  const findings = facts.flatMap((fact): FindingDraft[] => {
    const file = factText(fact, 'file')
    const said = say(file, fact)
    return said === undefined ? [] : [{ subject: file, ...said }]
  })
  return { findings, checked: facts.length }
}
