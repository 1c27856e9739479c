import { canonicalRepository } from '../../model/repository.js'
import type { CertificateIdentity } from '../sigstore/certificate-identity.js'
import { splitRef, workflowOf } from '../sigstore/identity-policy.js'
import type { BundleVerdict } from '../sigstore/verdict.js'
import { findContradictions } from './contradictions.js'
import type { Provenance } from './provenance.js'
import { parseProvenance } from './provenance.js'

export type BuildLevel = 0 | 1 | 2 | 3

/**
 * A pair of signer and builder that is trusted up to a level. The builder's name alone means nothing: whoever signs may
 * write any.
 */
export interface TrustedBuilder {
  readonly name: string
  readonly issuer: string
  /**
   * `own-workflow`: the workflow of the source repository itself signs. Otherwise a workflow of that URL at a release tag
   * (`refs/tags/vX.Y.Z`, never a branch); a `/` at the end stands for any workflow in the folder.
   */
  readonly signer: 'own-workflow' | { readonly workflow: string }
  /** Besides the signer's own URL, ids that this builder writes. */
  readonly builderIds: readonly string[]
  /** The runner environment that the certificate must state. */
  readonly runner?: string | undefined
  readonly level: BuildLevel
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

/** Builders that are trusted unless the owner says otherwise (spec/trust.md §4.4). */
export const KNOWN_BUILDERS: readonly TrustedBuilder[] = [
  {
    name: 'slsa-github-generator',
    issuer: GITHUB_ISSUER,
    signer: { workflow: 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/' },
    builderIds: [],
    level: 3,
  },
  {
    name: 'GitHub-hosted workflow',
    issuer: GITHUB_ISSUER,
    signer: 'own-workflow',
    builderIds: ['https://github.com/actions/runner/github-hosted'],
    runner: 'github-hosted',
    level: 2,
  },
  {
    name: 'self-hosted workflow',
    issuer: GITHUB_ISSUER,
    signer: 'own-workflow',
    builderIds: ['https://github.com/actions/runner/self-hosted'],
    runner: 'self-hosted',
    level: 1,
  },
]

/** What the build should have been. Absent fields expect nothing, except `parameters`. */
export interface BuildExpectations {
  readonly sourceRepository?: string | undefined
  readonly buildTypes?: readonly string[] | undefined
  /** Names of parameters that may be set, beside those that only name the source. */
  readonly parameters: readonly string[]
}

export type BuildLevelReason =
  | 'trust/provenance-unverified'
  | 'trust/predicate-invalid'
  | 'trust/provenance-contradiction'
  | 'trust/builder-untrusted'
  | 'trust/source-unexpected'
  | 'trust/build-type-unexpected'
  | 'trust/parameters-unexpected'

export interface BuildLevelVerdict {
  readonly level: BuildLevel
  readonly provenance?: Provenance | undefined
  readonly builder?: string | undefined
  /** Why the level is not higher; empty where the builder gives no more. */
  readonly limits: readonly { readonly reason: BuildLevelReason; readonly why: string }[]
}

/** Parameters that say where the source is, which the certificate says too. */
const SOURCE_PARAMETERS: ReadonlySet<string> = new Set(['workflow'])

/**
 * The SLSA build level that verified provenance supports (spec/trust.md §4.4), never more: 0 without a verified and bound
 * statement or where it contradicts its certificate, 1 without a trusted builder or with anything unexpected.
 */
export function judgeBuildLevel(
  verdict: BundleVerdict,
  expectations: BuildExpectations,
  builders: readonly TrustedBuilder[] = KNOWN_BUILDERS,
): BuildLevelVerdict {
  const { statement, signer } = verdict
  if (verdict.outcome !== 'verified' || statement === undefined) {
    return none('trust/provenance-unverified', 'no verified statement is bound to the artifact')
  }
  const parsed = parseProvenance(statement)
  if (!parsed.ok) return none('trust/predicate-invalid', parsed.why)
  const { provenance } = parsed
  if (signer?.kind !== 'certificate') {
    return { level: 1, provenance, limits: [limit('trust/builder-untrusted', 'it is signed with a key, which names no builder')] }
  }
  const contradictions = findContradictions(provenance, signer.identity)
  if (contradictions.length > 0) {
    const limits = contradictions.map(({ field, statement: said, certificate }) =>
      limit('trust/provenance-contradiction', `${field} is ${said} in the statement and ${certificate} in the certificate`),
    )
    return { level: 0, provenance, limits }
  }
  const builder = builders.find((each) => isBuiltBy(provenance, signer.identity, each))
  const limits = [
    ...(builder === undefined
      ? [limit('trust/builder-untrusted', `${provenance.builderId} with this signer is no trusted builder`)]
      : []),
    ...unexpected(provenance, expectations),
  ]
  return { level: limits.length === 0 ? (builder?.level ?? 1) : 1, provenance, builder: builder?.name, limits }
}

function isBuiltBy(provenance: Provenance, identity: CertificateIdentity, builder: TrustedBuilder): boolean {
  const { san, claims } = identity
  if (claims.get('issuer') !== builder.issuer || san.kind !== 'uri') return false
  if (builder.runner !== undefined && claims.get('runner-environment') !== builder.runner) return false
  if (provenance.builderId !== san.value && !builder.builderIds.includes(provenance.builderId)) return false
  return builder.signer === 'own-workflow' ? isOwnWorkflow(identity) : isReleaseOf(builder.signer.workflow, san.value)
}

/** The signing workflow is the one that the repository configured: not a reusable workflow of somebody else. */
function isOwnWorkflow(identity: CertificateIdentity): boolean {
  return (
    workflowOf(identity) !== undefined && identity.san.value === (identity.claims.get('build-config-uri') ?? identity.san.value)
  )
}

const RELEASE_TAG = /^refs\/tags\/v\d{1,9}\.\d{1,9}\.\d{1,9}$/

function isReleaseOf(workflow: string, san: string): boolean {
  const { location, ref } = splitRef(san)
  if (location === undefined || ref === undefined || !RELEASE_TAG.test(ref)) return false
  if (!workflow.endsWith('/')) return location === workflow
  return location.startsWith(workflow) && /^[A-Za-z0-9._-]+\.ya?ml$/.test(location.slice(workflow.length))
}

function unexpected(provenance: Provenance, expected: BuildExpectations): { reason: BuildLevelReason; why: string }[] {
  const found: { reason: BuildLevelReason; why: string }[] = []
  const repository = canonicalRepository(provenance.source?.repository)
  if (expected.sourceRepository !== undefined && repository !== canonicalRepository(expected.sourceRepository)) {
    found.push(
      limit(
        'trust/source-unexpected',
        `built from ${repository ?? 'an unnamed source'}, expected is ${expected.sourceRepository}`,
      ),
    )
  }
  if (expected.buildTypes !== undefined && !expected.buildTypes.includes(provenance.buildType)) {
    found.push(limit('trust/build-type-unexpected', `the build type is ${provenance.buildType}`))
  }
  const names = Object.keys(provenance.parameters).filter(
    (name) => !SOURCE_PARAMETERS.has(name) && !expected.parameters.includes(name),
  )
  if (names.length > 0) found.push(limit('trust/parameters-unexpected', `parameters not foreseen: ${names.sort().join(', ')}`))
  return found
}

function limit(reason: BuildLevelReason, why: string): { reason: BuildLevelReason; why: string } {
  return { reason, why }
}

function none(reason: BuildLevelReason, why: string): BuildLevelVerdict {
  return { level: 0, limits: [limit(reason, why)] }
}
