import type { Component } from './component.js'
import type { Fact } from './graph.js'
import type { TrustRequirement } from './trust-settings.js'

/** Kinds of facts about signatures of components; both are made by the attestation stage of a verification alone. */
export const ATTESTATION_FACT = 'trust/attestation'
export const SIGNATURES_FACT = 'trust/signatures'

/** The check of the evidence beside them. */
export const ATTESTATION_CHECK = 'trust/attestation'

/** Begins the names of sources that are on this machine: that one cannot be read is no outage. */
export const LOCAL_SOURCE = 'folder '

/**
 * What came of one signature:
 *
 * - `accepted`: it holds, is about the component, and its signer is one that the settings name, or (`basis`) that is derived.
 * - `unconstrained`: it holds and is about the component; nothing says who may sign it.
 * - `other-signer`: it holds, and its signer is not one who may sign this.
 * - `other-subject`: it is about something else.
 * - `conflict`: one digest of its subject is the component's, another contradicts.
 * - `not-logged`: nothing proves when it was made.
 * - `invalid`: it does not hold.
 * - `undecided`: what is at hand cannot tell.
 */
const BUNDLE_OUTCOMES = [
  'accepted',
  'unconstrained',
  'other-signer',
  'other-subject',
  'conflict',
  'not-logged',
  'invalid',
  'undecided',
] as const
export type BundleOutcome = (typeof BUNDLE_OUTCOMES)[number]

export type RequiredKind = TrustRequirement['kind']

/** One signature that was found for a component. Texts are strangers'. */
export interface BundleFact {
  readonly outcome: BundleOutcome
  /** Where it was found, and of which bytes. */
  readonly from: string
  readonly sha256: string
  readonly basis?: 'rule' | 'derived' | undefined
  /** Of a failure: one of the reasons of spec/trust.md §8, in words, and what to do. */
  readonly reason?: string | undefined
  readonly why?: string | undefined
  readonly fix?: string | undefined
  readonly signer?: string | undefined
  readonly issuer?: string | undefined
  readonly predicateType?: string | undefined
  /** What it counts as; empty where a statement says nothing of how the component was made. */
  readonly counts: readonly RequiredKind[]
  readonly builder?: string | undefined
  /** False where the settings list builders and this one is not among them. */
  readonly builderAllowed: boolean
  readonly level?: number | undefined
  /** Why the level is not higher. */
  readonly limits?: string | undefined
  readonly repository?: string | undefined
  readonly ref?: string | undefined
  readonly commit?: string | undefined
  readonly root?: string | undefined
}

/**
 * How a component stands:
 *
 * - `verified`, `derived`: an accepted signature, by a rule of the settings or by what its lockfile says of its source.
 * - `unconstrained`: signed, by whom the settings do not say whether they may.
 * - `refused`: what was found is not accepted.
 * - `none`: everybody who was asked answered, and has nothing about it.
 * - `unknown`: somebody did not answer, or what was found cannot be judged with what is at hand.
 * - `not-verified`: its bytes would have to be hashed first.
 * - `not-signable`: nothing of it can be signed today.
 * - `not-asked`: there was nobody who could be asked about it.
 */
export const SIGNATURE_OUTCOMES = [
  'verified',
  'derived',
  'unconstrained',
  'refused',
  'none',
  'unknown',
  'not-verified',
  'not-signable',
  'not-asked',
] as const
export type SignatureOutcome = (typeof SIGNATURE_OUTCOMES)[number]

/** Signatures of one component, in all. */
export interface SignaturesFact {
  readonly outcome: SignatureOutcome
  /** For a person. */
  readonly why: string
  readonly required: readonly RequiredKind[]
  readonly unmet: readonly RequiredKind[]
  /** The least level of a build that is required, and the best one that is proven. */
  readonly levelWanted?: number | undefined
  readonly level?: number | undefined
  /** The rule of the settings that says who may sign it. */
  readonly rule?: string | undefined
  /** Whether that rule itself names the source. */
  readonly pinsSource: boolean
  /** Where its source is, as its lockfile or its name says, and the commit that is pinned. */
  readonly repository?: string | undefined
  readonly commit?: string | undefined
  /** The registry whose unsigned word those two are. */
  readonly registry?: string | undefined
  readonly asked: readonly string[]
  /** Who did not answer, or not in full, and why; two lists of one length. */
  readonly unanswered: readonly string[]
  readonly unansweredWhy: readonly string[]
  /** What was found and cannot be judged with what is at hand: `from: why`. */
  readonly undecided: readonly string[]
  /** Where it has no accepted provenance: whether the version before it has. */
  readonly earlier?: EarlierFact | undefined
}

const EARLIER_OUTCOMES = ['provenance', 'none', 'unknown'] as const

/** What was found for the version before a component's. */
export interface EarlierFact {
  readonly version: string
  readonly outcome: (typeof EARLIER_OUTCOMES)[number]
  readonly signer?: string | undefined
}

export function bundleFact(component: Component, data: BundleFact): Fact {
  return { kind: ATTESTATION_FACT, component: component.id, location: component.occurrences[0]?.location, data: stated(data) }
}

export function signaturesFact(component: Component, { earlier, ...data }: SignaturesFact): Fact {
  const { version: earlierVersion, outcome: earlierOutcome, signer: earlierSigner } = earlier ?? {}
  return {
    kind: SIGNATURES_FACT,
    component: component.id,
    location: component.occurrences[0]?.location,
    data: stated({ ...data, earlierVersion, earlierOutcome, earlierSigner }),
  }
}

/** The data of a fact of that kind; undefined for what is none. */
export function readBundleFact({ kind, data }: Fact): BundleFact | undefined {
  if (kind !== ATTESTATION_FACT) return undefined
  const outcome = oneOf(BUNDLE_OUTCOMES, data['outcome'])
  if (outcome === undefined) return undefined
  return {
    outcome,
    from: text(data['from']) ?? '',
    sha256: text(data['sha256']) ?? '',
    basis: oneOf(['rule', 'derived'], data['basis']),
    reason: text(data['reason']),
    why: text(data['why']),
    fix: text(data['fix']),
    signer: text(data['signer']),
    issuer: text(data['issuer']),
    predicateType: text(data['predicateType']),
    counts: kinds(data['counts']),
    builder: text(data['builder']),
    builderAllowed: data['builderAllowed'] === true,
    level: number(data['level']),
    limits: text(data['limits']),
    repository: text(data['repository']),
    ref: text(data['ref']),
    commit: text(data['commit']),
    root: text(data['root']),
  }
}

/** The data of a fact of that kind; undefined for what is none. */
export function readSignaturesFact({ kind, data }: Fact): SignaturesFact | undefined {
  if (kind !== SIGNATURES_FACT) return undefined
  const outcome = oneOf(SIGNATURE_OUTCOMES, data['outcome'])
  if (outcome === undefined) return undefined
  return {
    outcome,
    why: text(data['why']) ?? '',
    required: kinds(data['required']),
    unmet: kinds(data['unmet']),
    levelWanted: number(data['levelWanted']),
    level: number(data['level']),
    rule: text(data['rule']),
    pinsSource: data['pinsSource'] === true,
    repository: text(data['repository']),
    commit: text(data['commit']),
    registry: text(data['registry']),
    asked: texts(data['asked']),
    unanswered: texts(data['unanswered']),
    unansweredWhy: texts(data['unansweredWhy']),
    undecided: texts(data['undecided']),
    earlier: readEarlier(data),
  }
}

function readEarlier(data: Fact['data']): EarlierFact | undefined {
  const version = text(data['earlierVersion'])
  const outcome = oneOf(EARLIER_OUTCOMES, data['earlierOutcome'])
  return version === undefined || outcome === undefined ? undefined : { version, outcome, signer: text(data['earlierSigner']) }
}

const REQUIRED_KINDS: readonly RequiredKind[] = ['signature', 'provenance', 'sbom']

type Value = Fact['data'][string]

function stated(data: object): Fact['data'] {
  const entries = Object.entries(data).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}

function text(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function number(value: Value | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function texts(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one: unknown) => typeof one === 'string') : []
}

function kinds(value: Value | undefined): readonly RequiredKind[] {
  return texts(value).flatMap((one) => oneOf(REQUIRED_KINDS, one) ?? [])
}

function oneOf<T extends string>(allowed: readonly T[], value: Value | undefined): T | undefined {
  return allowed.find((one) => one === value)
}
