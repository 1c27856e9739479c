import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { statedAt } from '../../model/evidence-rule.js'
import type { FindingDraft, Severity } from '../../model/finding.js'
import type { RuleInput, RuleOutcome } from '../../model/rule.js'
import type { BundleFact, BundleOutcome, SignaturesFact } from '../../model/signature-fact.js'
import { ATTESTATION_FACT, readBundleFact, readSignaturesFact, SIGNATURES_FACT } from '../../model/signature-fact.js'

/** What is known of the signatures of one component. */
export interface SignatureCase {
  readonly component: Component
  readonly standing: SignaturesFact
  readonly bundles: readonly BundleFact[]
  /** The settings require a signature of some kind. */
  readonly isRequired: boolean
  /** Everything that is required is there; where nothing is, an accepted signature. */
  readonly isMet: boolean
  /** What is missing may be where nobody answered, or in what cannot be judged here. */
  readonly isOpen: boolean
}

/** The components that a verification looked at for signatures, in the order of the facts. */
export function signatureCases({ graph }: Pick<RuleInput, 'graph'>): readonly SignatureCase[] {
  const bundles = new Map<string, BundleFact[]>()
  for (const fact of graph.facts(ATTESTATION_FACT)) {
    const bundle = readBundleFact(fact)
    if (bundle === undefined || fact.component === undefined) continue
    const known = bundles.get(fact.component)
    if (known === undefined) bundles.set(fact.component, [bundle])
    else known.push(bundle)
  }
  return graph.facts(SIGNATURES_FACT).flatMap((fact): SignatureCase[] => {
    const standing = readSignaturesFact(fact)
    const component = fact.component === undefined ? undefined : graph.find(fact.component)
    if (standing === undefined || component === undefined) return []
    const { outcome, required, unmet, unanswered, undecided } = standing
    const isRequired = required.length > 0
    return [
      {
        component,
        standing,
        bundles: bundles.get(component.id) ?? [],
        isRequired,
        isMet: isRequired ? unmet.length === 0 : outcome === 'verified' || outcome === 'derived',
        isOpen: unanswered.length > 0 || undecided.length > 0 || outcome === 'not-verified',
      },
    ]
  })
}

interface BundleJudgement {
  readonly outcomes: readonly BundleOutcome[]
  /** Further bundles that it is about, or that it is not. Default: all of those outcomes. */
  readonly about?: (bundle: BundleFact, of: SignatureCase) => boolean
  /** The most that it weighs; undefined: all that the rule weighs. */
  readonly atMost: (bundle: BundleFact, of: SignatureCase) => Severity | undefined
  readonly says: (bundle: BundleFact, of: SignatureCase) => { readonly message: string; readonly fix: string }
}

const ORDER: Readonly<Record<Severity, number>> = { error: 2, warn: 1, note: 0 }

/** One finding a component, of the bundle that weighs most: however many more somebody adds, they say no more. */
export function judgeBundles(input: RuleInput, { outcomes, about, atMost, says }: BundleJudgement): RuleOutcome {
  const cases = signatureCases(input)
  const findings = cases.flatMap((one): FindingDraft[] => {
    const weighed = one.bundles
      .filter((bundle) => outcomes.includes(bundle.outcome) && (about?.(bundle, one) ?? true))
      .map((bundle) => ({ bundle, weight: atMost(bundle, one) }))
      .sort((a, b) => weightOf(b.weight) - weightOf(a.weight) || compare(a.bundle, b.bundle))
    const [first] = weighed
    if (first === undefined) return []
    const { message, fix } = says(first.bundle, one)
    const more = weighed.length > 1 ? ` (and ${weighed.length - 1} more)` : ''
    return [
      draftOf(one, `${message}${more}`, fix, {
        atMost: first.weight,
        data: { bundle: first.bundle.sha256, ...(first.bundle.reason === undefined ? {} : { reason: first.bundle.reason }) },
      }),
    ]
  })
  const unverified = cases.filter(({ isOpen, bundles }) => isOpen && bundles.length === 0).length
  return { findings, checked: cases.filter(({ bundles }) => bundles.length > 0).length, unverified }
}

function weightOf(severity: Severity | undefined): number {
  return severity === undefined ? ORDER.error + 1 : ORDER[severity]
}

function compare(a: BundleFact, b: BundleFact): number {
  return a.from < b.from ? -1 : a.from > b.from ? 1 : a.sha256 < b.sha256 ? -1 : a.sha256 > b.sha256 ? 1 : 0
}

/** A finding about the signatures of a component, at the line that pins it. */
export function draftOf(
  { component }: SignatureCase,
  message: string,
  fix: string,
  rest: Pick<FindingDraft, 'atMost' | 'data' | 'state'> = {},
): FindingDraft {
  return {
    component: component.id,
    subject: component.id,
    location: statedAt(component, undefined),
    message: `${componentLabel(component)}: ${message}`,
    fix,
    ...rest,
  }
}
