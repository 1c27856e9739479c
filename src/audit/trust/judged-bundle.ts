import type { ArtifactProblem, ArtifactSignature } from '../../model/artifact-report.js'
import type { BundleFact, BundleOutcome, RequiredKind } from '../../model/signature-fact.js'
import type { IdentitySettings } from '../../model/trust-settings.js'
import { isByMaker } from '../artifact/judged-signature.js'
import type { PolicyBasis } from './component-policy.js'

/** Longest text of a stranger that a fact keeps; what is longer says no more to anybody. */
const MAX_TEXT = 500

/**
 * What a judged signature is for a component. Undefined for a form that nothing was asked of: it says neither good nor bad.
 * `sha256`: of the file it was found in.
 */
export function bundleOutcome(
  signature: ArtifactSignature,
  sha256: string,
  basis: PolicyBasis,
  identity: Pick<IdentitySettings, 'builders' | 'predicateTypes'> | undefined,
): BundleFact | undefined {
  if (signature.outcome === 'not-judged') return undefined
  const failure = failureOf(signature)
  const outcome = outcomeOf(signature, failure)
  const { statement, signer } = signature
  const claims = new Map(signer?.kind === 'certificate' ? signer.claims : [])
  const provenance = statement?.provenance
  const builderAllowed =
    identity?.builders === undefined || provenance === undefined || identity.builders.includes(provenance.builderId)
  const isWanted =
    identity?.predicateTypes === undefined ||
    statement === undefined ||
    identity.predicateTypes.some((type) => type.replace(/\/$/, '') === statement.predicateType)
  return {
    outcome,
    from: short(signature.from),
    sha256,
    basis: outcome === 'accepted' && basis.kind !== 'nobody' ? basis.kind : undefined,
    reason: outcome === 'accepted' ? undefined : failure?.reason,
    why: outcome === 'accepted' ? undefined : short(failure?.why),
    fix: outcome === 'accepted' ? undefined : failure?.fix,
    signer: short(signer?.name),
    issuer: short(claims.get('issuer')),
    predicateType: short(statement?.predicateType),
    counts: outcome === 'accepted' && isWanted ? countsAs(signature, builderAllowed) : [],
    builder: short(provenance?.builderId),
    builderAllowed,
    level: provenance?.buildLevel,
    limits: short(provenance?.limits.map(({ why }) => why).join('; ') || undefined),
    repository: short(claims.get('source-repository-uri') ?? provenance?.repository),
    ref: short(claims.get('source-repository-ref') ?? provenance?.ref),
    commit: short(claims.get('source-repository-digest') ?? provenance?.commit),
    root: short(signature.root?.name),
  }
}

/** What is said beside a verdict and does not make it. */
const REMARKS: ReadonlySet<string> = new Set(['trust/release-trigger'])

/** What strangers could start is none of a release, whoever signs it (spec/trust.md §3.5). */
function failureOf({ outcome, problems }: ArtifactSignature): ArtifactProblem | undefined {
  const verdict = problems.find(({ reason }) => !REMARKS.has(reason))
  return outcome === 'verified' ? problems.find(({ reason }) => REMARKS.has(reason)) : (verdict ?? problems[0])
}

const BY_REASON: ReadonlyMap<string, BundleOutcome> = new Map([
  ['trust/release-trigger', 'other-signer'],
  ['trust/identity-mismatch', 'other-signer'],
  ['trust/issuer-mismatch', 'other-signer'],
  // A hint that means no key at hand: anybody's signature, and none against the component.
  ['trust/key-unknown', 'other-signer'],
  ['trust/identity-unconstrained', 'unconstrained'],
  ['trust/attestation-other-subject', 'other-subject'],
  ['trust/digest-mismatch', 'other-subject'],
  ['trust/subject-conflict', 'conflict'],
  ['trust/log-missing', 'not-logged'],
  ['trust/time-missing', 'not-logged'],
  ['trust/log-lookup-needed', 'not-logged'],
])

function outcomeOf({ outcome }: ArtifactSignature, failure: ArtifactProblem | undefined): BundleOutcome {
  const named = failure === undefined ? undefined : BY_REASON.get(failure.reason)
  if (outcome === 'verified') return named ?? 'accepted'
  return named ?? (outcome === 'undecided' ? 'undecided' : 'invalid')
}

/**
 * What a signature counts as. Scans, test results and unknown statements say something about the component and nothing of
 * who made it; GitHub's release statement says which release an asset belongs to and nothing of how it was built.
 */
function countsAs(signature: ArtifactSignature, builderAllowed: boolean): readonly RequiredKind[] {
  if (!isByMaker(signature)) return []
  switch (signature.statement?.kind) {
    case 'provenance':
      // Provenance that cannot be read says nothing of a build.
      return signature.statement.provenance !== undefined && builderAllowed ? ['signature', 'provenance'] : []
    case 'cyclonedx':
    case 'spdx':
      return ['signature', 'sbom']
    default:
      return ['signature']
  }
}

function short(text: string): string
function short(text: string | undefined): string | undefined
function short(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`
}
