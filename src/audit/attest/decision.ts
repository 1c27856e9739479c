import type { Evidence } from '../../model/evidence.js'
import { comesFromElsewhere } from '../../model/verification.js'
import type { AssaySummary } from '../../trust/slsa/assay-summary.js'
import { assaySummaryFields } from '../../trust/slsa/assay-summary.js'
import type { ResourceReference, VerificationSummary } from '../../trust/slsa/verification-summary.js'
import { verificationSummaryPredicate } from '../../trust/slsa/verification-summary.js'
import type { Judged } from '../judge.js'
import { POLICY_URI } from './policy-digest.js'

/** What a decision is said about, and by whom. */
export interface DecisionFrame {
  readonly verifierId: string
  readonly version: string
  readonly resourceUri: string
  readonly timeVerified: string
  readonly policySha256: string
  readonly assay: AssaySummary
}

/** Who verified, where nobody says otherwise; whoever reads a summary decides whose signature may speak for it. */
export const DEFAULT_VERIFIER_ID = 'pkg:generic/assay'

const SLSA_VERSION = '1.1'

/** Levels of our own (spec/trust.md §4.5: they do not begin with `SLSA_`). */
const LEVELS = {
  /** Every file was read whole, and the policy found nothing that shuts its gate. */
  audited: 'ASSAY_AUDITED',
  /** And everything that comes from elsewhere was compared with an authority, which agreed. */
  checksums: 'ASSAY_CHECKSUM_VERIFIED',
} as const

/** The predicate of a decision (SLSA verification summary v1) as JSON text. Nothing is claimed that the audit does not show. */
export function decisionPredicate(judged: Judged, frame: DecisionFrame): string {
  const summary: VerificationSummary = {
    verifierId: frame.verifierId,
    verifierVersion: new Map([['assay', frame.version]]),
    timeVerified: frame.timeVerified,
    resourceUri: frame.resourceUri,
    policy: { uri: POLICY_URI, digest: new Map([['sha256', frame.policySha256]]) },
    inputAttestations: attestationsUsed(judged.evidence),
    result: judged.verdict.exitCode === 0 ? 'PASSED' : 'FAILED',
    levels: levelsOf(judged),
    slsaVersion: SLSA_VERSION,
  }
  return JSON.stringify({ ...verificationSummaryPredicate(summary), ...assaySummaryFields(frame.assay) })
}

/** What was reached, or that the policy was not met. How the artifact itself was built is not looked at. */
export function levelsOf({ graph, evidence, verification, verdict }: Judged): readonly string[] {
  if (verdict.exitCode !== 0) return ['FAILED']
  const levels: string[] = [LEVELS.audited]
  const answers = new Map<string, Evidence['verdict'][]>()
  for (const { subject, verdict } of evidence) {
    const known = answers.get(subject)
    if (known === undefined) answers.set(subject, [verdict])
    else known.push(verdict)
  }
  const foreign = graph.graph.components.filter(comesFromElsewhere)
  const agreed = foreign.every(({ id }) => {
    const verdicts = answers.get(id) ?? []
    return verdicts.includes('match') && verdicts.every((verdict) => verdict === 'match' || verdict === 'not-checkable')
  })
  if (verification.asked && agreed) levels.push(LEVELS.checksums)
  return [...levels, 'SLSA_BUILD_LEVEL_UNEVALUATED']
}

/**
 * All attestations that the decision rests on, by the digest of what was stored of them. The field names all or is not there
 * (SLSA): undefined where one of them was not stored.
 */
function attestationsUsed(evidence: readonly Evidence[]): readonly ResourceReference[] | undefined {
  const used = new Map<string, ResourceReference>()
  for (const { authority, verdict, stored } of evidence) {
    if (authority?.kind !== 'signature' || verdict !== 'match') continue
    if (stored === undefined) return undefined
    used.set(stored, { uri: authority.name, digest: new Map([['sha256', stored]]) })
  }
  return [...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference)
}
