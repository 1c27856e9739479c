import { daysBetween } from '../../evidence/days.js'
import type { Statement } from '../statement.js'
import { parseDigestSet } from '../statement.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject } from '../strict-json.js'

export const VERIFICATION_SUMMARY_TYPE = 'https://slsa.dev/verification_summary/v1'

/** A verification summary attestation (slsa.dev/spec/v1.0/verification_summary, spec/trust.md §4.5): somebody's decision. */
export interface VerificationSummary {
  readonly verifierId: string
  /** What was decided about: the purl or download URI agreed with consumers. */
  readonly resourceUri: string
  readonly policy: ResourceReference
  readonly result: 'PASSED' | 'FAILED'
  /** At most one level a track; own values do not begin with `SLSA_`. */
  readonly levels: readonly string[]
  /** Level to number of transitive dependencies. Empty claims that there are none; absent claims nothing. */
  readonly dependencyLevels?: ReadonlyMap<string, number> | undefined
  readonly inputAttestations?: readonly ResourceReference[] | undefined
  /** RFC 3339. */
  readonly timeVerified?: string | undefined
  readonly slsaVersion?: string | undefined
  /** Component of the verifier to its version. */
  readonly verifierVersion?: ReadonlyMap<string, string> | undefined
}

export interface ResourceReference {
  readonly uri?: string | undefined
  readonly digest: ReadonlyMap<string, string>
}

export type ParsedSummary =
  | { readonly ok: true; readonly summary: VerificationSummary }
  | { readonly ok: false; readonly why: string }

/** Reads the predicate of a summary. v0.2 had other names for the same fields and is refused rather than guessed at. */
export function parseVerificationSummary(statement: Statement): ParsedSummary {
  if (statement.predicateType !== VERIFICATION_SUMMARY_TYPE) {
    return { ok: false, why: `${statement.predicateType} is no verification summary of version 1` }
  }
  const { predicate } = statement
  const verifier = fieldOf(predicate, 'verifier')
  const verifierId = isJsonObject(verifier) ? text(fieldOf(verifier, 'id')) : undefined
  const resourceUri = text(fieldOf(predicate, 'resourceUri'))
  const policy = referenceOf(fieldOf(predicate, 'policy'))
  const result = fieldOf(predicate, 'verificationResult')
  const levels = fieldOf(predicate, 'verifiedLevels')
  if (verifierId === undefined) return lacks('verifier.id')
  if (resourceUri === undefined) return lacks('resourceUri')
  if (policy === undefined) return lacks('policy')
  if (result !== 'PASSED' && result !== 'FAILED') return lacks('verificationResult')
  if (!isTextList(levels)) return lacks('verifiedLevels')
  if (result === 'PASSED' && levels.includes('FAILED')) return { ok: false, why: 'the summary says both PASSED and FAILED' }
  if (trackTwice(levels)) return { ok: false, why: 'the summary states two levels of one track' }
  const dependencyLevels = countsOf(fieldOf(predicate, 'dependencyLevels'))
  if (dependencyLevels === 'malformed') return lacks('a sound dependencyLevels')
  const timeVerified = fieldOf(predicate, 'timeVerified') ?? undefined
  if (timeVerified !== undefined && !isTime(timeVerified)) return lacks('a sound timeVerified')
  const inputAttestations = referencesOf(fieldOf(predicate, 'inputAttestations'))
  if (inputAttestations === 'malformed') return lacks('a sound inputAttestations')
  return {
    ok: true,
    summary: {
      verifierId,
      resourceUri,
      policy,
      result,
      levels,
      dependencyLevels,
      inputAttestations,
      timeVerified,
      slsaVersion: text(fieldOf(predicate, 'slsaVersion')),
      verifierVersion: isJsonObject(verifier) ? parseDigestSet(fieldOf(verifier, 'version')) : undefined,
    },
  }
}

/** The predicate for a decision of one's own; what `parseVerificationSummary` reads back. */
export function verificationSummaryPredicate(summary: VerificationSummary): JsonObject {
  const reference = ({ uri, digest }: ResourceReference): JsonObject => ({
    ...(uri === undefined ? {} : { uri }),
    digest: Object.fromEntries(digest),
  })
  const { verifierVersion, timeVerified, inputAttestations, dependencyLevels, slsaVersion } = summary
  return {
    verifier: {
      id: summary.verifierId,
      ...(verifierVersion === undefined ? {} : { version: Object.fromEntries(verifierVersion) }),
    },
    ...(timeVerified === undefined ? {} : { timeVerified }),
    resourceUri: summary.resourceUri,
    policy: reference(summary.policy),
    ...(inputAttestations === undefined ? {} : { inputAttestations: inputAttestations.map(reference) }),
    verificationResult: summary.result,
    verifiedLevels: summary.levels,
    ...(dependencyLevels === undefined ? {} : { dependencyLevels: Object.fromEntries(dependencyLevels) }),
    ...(slsaVersion === undefined ? {} : { slsaVersion }),
  }
}

/** What a consumer demands of a summary whose signature, signer and subject are already verified. */
export interface SummaryExpectations {
  /** The verifier that this signer may speak for. */
  readonly verifierId: string
  readonly resourceUri: string
  /** SHA-256 of the policy file, lower-case hexadecimal. */
  readonly policySha256?: string | undefined
  /** Levels wanted, e.g. `SLSA_BUILD_LEVEL_2`; a higher number of the same track is enough. */
  readonly levels: readonly string[]
}

/** One way in which a summary is not what is wanted. */
export interface SummaryMismatch {
  readonly field: 'verifier' | 'resource' | 'result' | 'policy' | 'level'
  readonly why: string
}

/** Every way in which the summary is not what is wanted; empty: it may stand for an audit. */
export function judgeVerificationSummary(summary: VerificationSummary, wanted: SummaryExpectations): SummaryMismatch[] {
  const mismatches: SummaryMismatch[] = []
  const say = (field: SummaryMismatch['field'], why: string): void => {
    mismatches.push({ field, why })
  }
  if (summary.verifierId !== wanted.verifierId)
    say('verifier', `the verifier is ${summary.verifierId}, wanted is ${wanted.verifierId}`)
  if (summary.resourceUri !== wanted.resourceUri)
    say('resource', `it is about ${summary.resourceUri}, wanted is ${wanted.resourceUri}`)
  if (summary.result !== 'PASSED') say('result', 'the verification failed')
  if (wanted.policySha256 !== undefined && summary.policy.digest.get('sha256')?.toLowerCase() !== wanted.policySha256)
    say('policy', 'it was decided by another policy')
  for (const level of wanted.levels) {
    if (!summary.levels.some((given) => isAtLeast(given, level))) say('level', `${level} was not verified`)
  }
  return mismatches
}

const LEVEL = /^(SLSA_[A-Z]+_LEVEL)_(\d{1,2})$/

function isAtLeast(given: string, wanted: string): boolean {
  if (given === wanted) return true
  const [, givenTrack, givenNumber] = LEVEL.exec(given) ?? []
  const [, wantedTrack, wantedNumber] = LEVEL.exec(wanted) ?? []
  return givenTrack !== undefined && givenTrack === wantedTrack && Number(givenNumber) >= Number(wantedNumber)
}

function trackTwice(levels: readonly string[]): boolean {
  const tracks = levels.flatMap((level) => LEVEL.exec(level)?.[1] ?? [])
  return new Set(tracks).size < tracks.length
}

function referenceOf(value: unknown): ResourceReference | undefined {
  if (!isJsonObject(value)) return undefined
  const uri = text(fieldOf(value, 'uri'))
  const digest = parseDigestSet(fieldOf(value, 'digest') ?? {})
  return digest === undefined || (uri === undefined && digest.size === 0) ? undefined : { uri, digest }
}

function referencesOf(value: unknown): readonly ResourceReference[] | undefined | 'malformed' {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) return 'malformed'
  const references = value.map(referenceOf)
  return references.every((each) => each !== undefined) ? references : 'malformed'
}

function countsOf(value: unknown): ReadonlyMap<string, number> | undefined | 'malformed' {
  if (value === undefined || value === null) return undefined
  if (!isJsonObject(value)) return 'malformed'
  const counts = new Map<string, number>()
  for (const [level, count] of Object.entries(value)) {
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return 'malformed'
    counts.set(level, count)
  }
  return counts
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** A time that cannot be compared would never lie in the future. */
function isTime(value: unknown): value is string {
  return typeof value === 'string' && RFC3339.test(value) && !Number.isNaN(daysBetween(value, value))
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function lacks(what: string): ParsedSummary {
  return { ok: false, why: `the summary lacks ${what}` }
}
