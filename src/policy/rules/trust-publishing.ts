import type { ComponentId } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { statedAt } from '../../model/evidence-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { PublishingFact } from '../../model/publishing-fact.js'
import { PUBLISHING_FACT, readPublishingFact } from '../../model/publishing-fact.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import type { SignatureCase } from './signature-cases.js'
import { draftOf, signatureCases } from './signature-cases.js'

/**
 * Whether a version came another way than those before it (spec/policy.md §2.7, spec/trust.md §8): what somebody publishes
 * with a stolen token comes neither from the build nor with its provenance. The first has the registry's unsigned word, the
 * second signatures; neither speaks for the other. spec/policy.md has no row for the second: it weighs the same.
 *
 * Both are about crates alone. Zig and Nim have no registry; Go's proxy does not say how a version came there, and the earlier
 * digests that its checksum database could tell are not asked for.
 */
export const TRUST_PUBLISHING_RULES: readonly Rule[] = [
  {
    id: 'trust/token-published',
    title: 'A crate was published with a token, although other versions of it came from its build',
    why: 'Whoever steals a long-lived token can publish; what a code host’s build publishes needs none (crates alone: for Go, Zig and Nim nobody says how a version was published).',
    evidence: ['R'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    evaluate: tokenPublished,
  },
  {
    id: 'trust/provenance-dropped',
    title: 'A crate has no accepted provenance, although the version before it has',
    why: 'A release that was made another way than those before it may not come from those who made them (crates alone: Zig and Nim have no registry to tell the version before, and Go’s is not asked for it).',
    evidence: ['A', 'R'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    evaluate: provenanceDropped,
  },
]

function tokenPublished({ graph }: RuleInput): RuleOutcome {
  const told = new Map(
    graph.facts(PUBLISHING_FACT).flatMap((fact): [ComponentId, PublishingFact][] => {
      const data = readPublishingFact(fact)
      return data === undefined || fact.component === undefined ? [] : [[fact.component, data]]
    }),
  )
  const findings = [...told].flatMap(([id, publishing]): FindingDraft[] => {
    const component = graph.find(id)
    const { method, registry, publisher, earlier, later } = publishing
    const other = earlier ?? later
    if (component === undefined || method !== 'token' || other === undefined) return []
    const by = publisher === undefined ? 'a token' : `a token of ${publisher}`
    return [
      {
        component: component.id,
        subject: component.id,
        location: statedAt(component, undefined),
        message: `${componentLabel(component)}: ${registry} says that it was published with ${by}, ${comparison(publishing)}`,
        fix:
          earlier === undefined
            ? `take ${other}, or a version after it`
            : `compare its source with that of ${earlier}, and ask upstream why it was not published by the build`,
        // Before a package is switched over, every version of it came that way.
        atMost: earlier === undefined ? 'note' : undefined,
        data: { registry, [earlier === undefined ? 'later' : 'earlier']: other },
      },
    ]
  })
  const unverified = [...told.values()].filter(({ method }) => method === 'unknown').length
  return { findings, checked: told.size - unverified, unverified }
}

function comparison({ earlier, earlierRepository, later, laterRepository, trustedOnly }: PublishingFact): string {
  const from = (repository: string | undefined): string =>
    repository === undefined ? 'a trusted build' : `a build of ${repository}`
  const now = trustedOnly ? ', and tokens are refused for it by now' : ''
  return earlier === undefined
    ? `${later ?? ''}, published later, by ${from(laterRepository)}${now}`
    : `although ${earlier}, published before it, came from ${from(earlierRepository)}${now}`
}

function provenanceDropped(input: RuleInput): RuleOutcome {
  const cases = signatureCases(input).filter(({ standing }) => standing.earlier !== undefined)
  const isUnknown = ({ standing }: SignatureCase): boolean => standing.earlier?.outcome === 'unknown'
  const findings = cases.flatMap((one): FindingDraft[] => {
    const { earlier, asked } = one.standing
    if (earlier?.outcome !== 'provenance') return []
    const signer = earlier.signer === undefined ? '' : `, signed by ${earlier.signer}`
    return [
      draftOf(
        one,
        `no accepted provenance at ${asked.join(', ')}, where ${earlier.version} has it${signer}`,
        `stay with ${earlier.version} until upstream has said why; compare the source of the two`,
        { data: { earlier: earlier.version } },
      ),
    ]
  })
  const unverified = cases.filter(isUnknown).length
  return { findings, checked: cases.length - unverified, unverified }
}
