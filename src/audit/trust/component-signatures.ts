import type { Component } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import type { BundleFact, RequiredKind, SignatureOutcome, SignaturesFact } from '../../model/signature-fact.js'
import { ATTESTATION_CHECK } from '../../model/signature-fact.js'
import type { IdentitySettings, TrustRequirement } from '../../model/trust-settings.js'
import type { LookedUp } from '../../trust/lookup/ask-sources.js'
import type { Anchors } from './anchors.js'
import type { PolicyBasis } from './component-policy.js'
import type { StatedRepository } from './source-repository.js'

/** Everything that decides how a component stands. */
export interface Seen {
  readonly component: Component
  /** What the ecosystem's verifier and the stages before this one said of it. */
  readonly said: readonly Evidence[]
  readonly anchors: Anchors
  readonly identity: IdentitySettings | undefined
  readonly stated: StatedRepository | undefined
  readonly basis: PolicyBasis
  readonly requirements: readonly TrustRequirement[]
  readonly lookedUp: LookedUp
  /** Files that hold more signatures than are judged. */
  readonly overfull: readonly string[]
  readonly bundles: readonly BundleFact[]
}

/** A component stands by the best signature of each required kind: one that fails beside it hides nothing. */
export function standingOf(seen: Seen): SignaturesFact {
  const { component, requirements, bundles, identity, stated, lookedUp } = seen
  const counted = new Set<RequiredKind>(bundles.flatMap(({ counts }) => counts))
  if (hasSignedCommit(seen)) counted.add('signature')
  const required = [...new Set(requirements.map(({ kind }) => kind))].sort()
  const levels = requirements.flatMap(({ level }) => level ?? [])
  const proven = bundles.flatMap(({ counts, level }) => (counts.includes('provenance') ? (level ?? 0) : []))
  const { outcome, why } = outcomeOf(seen)
  return {
    outcome,
    why,
    required,
    unmet: required.filter((kind) => !counted.has(kind)),
    levelWanted: levels.length === 0 ? undefined : Math.max(...levels),
    level: proven.length === 0 ? undefined : Math.max(...proven),
    rule: identity?.name ?? identity?.match,
    pinsSource: identity?.sourceRepository !== undefined || identity?.sourceRepositoryId !== undefined,
    repository: stated?.url,
    commit: component.source.kind === 'git' ? component.source.commit : stated?.commit,
    registry: stated?.registry,
    asked: lookedUp.answers.flatMap(({ kind, source }) => (kind === 'not-applicable' ? [] : [source])),
    unanswered: lookedUp.unknown.map(({ source }) => source),
    unansweredWhy: lookedUp.unknown.map(({ why: reason }) => reason),
    undecided: undecidedOf(seen),
  }
}

export const GIT_SIGNATURE_CHECKS: ReadonlySet<string> = new Set(['git/commit-signature', 'git/tag-signature'])

/** A commit or tag that somebody signed whom the settings name is a signature over all that a git source gives. */
function hasSignedCommit({ said }: Seen): boolean {
  return said.some(({ check, verdict }) => verdict === 'match' && GIT_SIGNATURE_CHECKS.has(check))
}

function undecidedOf({ overfull, bundles }: Seen): string[] {
  return [
    ...overfull.map((from) => `${from}: it holds more signatures than are judged`),
    ...bundles.flatMap(({ outcome, from, why = '' }) => (outcome === 'undecided' ? [`${from}: ${why}`] : [])),
  ]
}

function outcomeOf(seen: Seen): { readonly outcome: SignatureOutcome; readonly why: string } {
  const { anchors, bundles, basis, lookedUp } = seen
  if (anchors.kind !== 'anchors') return { outcome: anchors.kind, why: anchors.why }
  const accepted = bundles.filter(({ counts }) => counts.length > 0)
  const [best] = accepted
  if (best !== undefined && basis.kind === 'rule')
    return { outcome: 'verified', why: `signed by ${best.signer ?? 'its key'}, as ${basis.rule} of [trust] identities wants` }
  if (best !== undefined && basis.kind === 'derived')
    return {
      outcome: 'derived',
      why: `signed by ${best.signer ?? 'its key'}; no identity of [trust] is about it, and ${basis.by} names ${basis.repository}`,
    }
  const [first] = [...lookedUp.unknown.map(({ source, why }) => `${source}: ${why}`), ...undecidedOf(seen)]
  const refused = bundles.find(({ outcome }) => REFUSED.has(outcome))
  const unconstrained = bundles.find(({ outcome }) => outcome === 'unconstrained')
  if (first !== undefined) return { outcome: 'unknown', why: first }
  if (unconstrained !== undefined)
    return { outcome: 'unconstrained', why: `signed by ${unconstrained.signer ?? 'a key'}, and nothing says who may sign it` }
  if (refused !== undefined) return { outcome: 'refused', why: `${refused.from}: ${refused.why ?? refused.outcome}` }
  if (lookedUp.answers.every(({ kind }) => kind === 'not-applicable')) return { outcome: 'not-asked', why: whyNobody(lookedUp) }
  const [only] = bundles
  if (only === undefined) return { outcome: 'none', why: `nothing at ${sourcesOf(lookedUp)}` }
  return {
    outcome: 'none',
    why:
      only.outcome === 'other-subject'
        ? `${only.from} is about something else`
        : `${only.from} says nothing of how it was made (${only.predicateType ?? 'no statement'})`,
  }
}

const REFUSED: ReadonlySet<BundleFact['outcome']> = new Set(['other-signer', 'conflict', 'not-logged', 'invalid'])

function whyNobody({ answers }: LookedUp): string {
  const [first] = answers.flatMap((answer) => (answer.kind === 'not-applicable' ? [`${answer.source}: ${answer.why}`] : []))
  return first ?? 'no source of signatures is named for it'
}

function sourcesOf({ answers }: LookedUp): string {
  return answers.flatMap(({ kind, source }) => (kind === 'not-applicable' ? [] : [source])).join(', ')
}

/**
 * Evidence of one component. Each accepted signature agrees; what is missing beside it, or instead, is said once. A
 * contradiction or an absence is stated only of what the settings ask for: whoever can put a signature somewhere must not be
 * able to make others look bad.
 */
export function signatureEvidence(seen: Seen, standing: SignaturesFact): readonly Evidence[] {
  const { component, bundles } = seen
  const base = { subject: component.id, check: ATTESTATION_CHECK } as const
  const digest = boundDigest(seen)
  const agreeing = bundles.flatMap((bundle): Evidence[] => {
    if (bundle.counts.length === 0) return []
    const authority = { kind: 'signature', name: bundle.signer ?? 'a key' } as const
    return [{ ...base, verdict: 'match', authority, ...digest, why: whatItSays(bundle), stored: bundle.sha256 }]
  })
  if (agreeing.length > 0 && standing.unmet.length === 0) return agreeing
  return [...agreeing, ...shortcomings(seen, standing).map((one) => ({ ...base, ...one }))]
}

type Shortcoming = Pick<Evidence, 'verdict' | 'authority' | 'expected' | 'why'>

function shortcomings({ lookedUp }: Seen, standing: SignaturesFact): readonly Shortcoming[] {
  const { outcome, why, unmet, rule, undecided } = standing
  const lacks = unmet.length === 0 ? undefined : `no accepted ${unmet.join(' and no ')}`
  if (lookedUp.unknown.length > 0)
    return lookedUp.unknown.map(({ source, why: reason }) => ({
      verdict: 'unavailable',
      authority: { kind: 'signature', name: source },
      why: reason,
    }))
  if (undecided.length > 0 || outcome === 'not-verified') {
    const reason = undecided[0] ?? why
    return [{ verdict: lacks === undefined ? 'not-checkable' : 'unavailable', why: reason }]
  }
  if (outcome === 'refused' && (lacks !== undefined || rule !== undefined))
    return [
      {
        verdict: 'mismatch',
        expected: rule === undefined ? `an accepted ${unmet.join(' and ')}` : `a signature as ${rule} wants it`,
        why,
      },
    ]
  return [{ verdict: lacks === undefined ? 'not-checkable' : 'absent', why: lacks === undefined ? why : `${lacks}: ${why}` }]
}

/** Where one digest alone is known, it is the one that was signed. */
function boundDigest({ anchors }: Seen): Pick<Evidence, 'expected' | 'observed'> {
  const [only, ...more] = anchors.kind === 'anchors' ? anchors.anchors : []
  return only === undefined || more.length > 0 ? {} : { expected: only.value, observed: only.value }
}

function whatItSays({ counts, level, basis, predicateType }: BundleFact): string {
  return [
    counts.includes('provenance') ? `provenance of build level ${level ?? 0}` : (predicateType ?? 'a signature of the bytes'),
    ...(basis === 'derived' ? ['its signer is derived, not named'] : []),
  ].join('; ')
}
