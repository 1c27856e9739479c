import { asciiLowerCase, canonicalRepository } from '../../model/repository.js'
import type { TrustedKey } from '../public-key.js'
import type { AnchoredPattern } from './anchored-pattern.js'
import type { CertificateIdentity, ClaimName } from './certificate-identity.js'

/** Who may have signed. No policy is no permission: without one nothing is verified. */
export type SignerPolicy = CertificatePolicy | KeyPolicy

export interface KeyPolicy {
  readonly kind: 'key'
  readonly keys: readonly TrustedKey[]
}

/** What a certificate must say, each field exactly (spec/trust.md §3.5). Absent fields constrain nothing. */
export interface CertificatePolicy {
  readonly kind: 'certificate'
  /** Who vouched for the identity. Without it, another provider may hand out the same name. */
  readonly issuer?: string | undefined
  readonly san?: string | undefined
  readonly sanPattern?: AnchoredPattern | undefined
  /** `https://github.com/owner/name`; a `git+` before and a `.git` or `/` after it do not count. */
  readonly sourceRepository?: string | undefined
  /** Survives renaming, and stops a name that was registered again. */
  readonly sourceRepositoryId?: string | undefined
  readonly ownerId?: string | undefined
  readonly sourceDigest?: string | undefined
  /** Accepted refs, e.g. `refs/tags/v1.2.3`. */
  readonly refs?: readonly string[] | undefined
  /** Path of the workflow in its repository, e.g. `.github/workflows/release.yml`. */
  readonly workflow?: string | undefined
  /** URL of the workflow that signed, without its ref: differs from `workflow` for a reusable one. */
  readonly signerWorkflow?: string | undefined
  readonly signerRef?: string | undefined
  /** Accepted triggers, e.g. `push`, `release`. */
  readonly triggers?: readonly string[] | undefined
  readonly runner?: string | undefined
  readonly environment?: string | undefined
  readonly visibility?: string | undefined
}

export interface IdentityMismatch {
  readonly field: string
  readonly wanted: string
  /** Undefined where the certificate does not say. */
  readonly got: string | undefined
}

/** True when the policy names the issuer and at least one thing that tells one signer from another. */
export function isConstraining(policy: CertificatePolicy): boolean {
  const { san, sanPattern, sourceRepository, sourceRepositoryId, ownerId, signerWorkflow } = policy
  const names = [san, sanPattern, sourceRepository, sourceRepositoryId, ownerId, signerWorkflow]
  return policy.issuer !== undefined && names.some((name) => name !== undefined)
}

/** Every field in which the certificate is not what the policy wants. Empty: the signer is accepted. */
export function judgeIdentity(identity: CertificateIdentity, policy: CertificatePolicy): IdentityMismatch[] {
  const claim = (name: ClaimName): string | undefined => identity.claims.get(name)
  const mismatches: IdentityMismatch[] = []
  const demand = (field: string, wanted: string | readonly string[] | undefined, got: string | undefined): void => {
    if (wanted === undefined) return
    const accepted = typeof wanted === 'string' ? [wanted] : wanted
    if (got === undefined || !accepted.includes(got)) mismatches.push({ field, wanted: accepted.join(' or '), got })
  }
  demand('issuer', policy.issuer, claim('issuer'))
  demand('subject alternative name', policy.san, identity.san.value)
  if (policy.sanPattern?.matches(identity.san.value) === false) {
    mismatches.push({ field: 'subject alternative name', wanted: `/${policy.sanPattern.source}/`, got: identity.san.value })
  }
  demand('source repository', canonicalRepository(policy.sourceRepository), canonicalRepository(claim('source-repository-uri')))
  demand('source repository id', policy.sourceRepositoryId, claim('source-repository-id'))
  demand('owner id', policy.ownerId, claim('source-repository-owner-id'))
  const caller = foreignCaller(identity)
  if (caller !== undefined && !namesSource(policy)) {
    const wanted = 'one that is named: the workflow that signed is another owner’s, and whoever may call it can have it sign'
    mismatches.push({ field: 'source repository', wanted, got: caller })
  }
  demand('source commit', policy.sourceDigest, claim('source-repository-digest'))
  demand('ref', policy.refs, claim('source-repository-ref'))
  demand('workflow', policy.workflow, workflowOf(identity))
  const signer = identity.san.kind === 'uri' ? identity.san.value : claim('build-signer-uri')
  demand('signer workflow', policy.signerWorkflow, splitRef(signer).location)
  demand('signer ref', policy.signerRef, splitRef(signer).ref)
  demand('trigger', policy.triggers, claim('build-trigger'))
  demand('runner', policy.runner, claim('runner-environment'))
  demand('environment', policy.environment, claim('deployment-environment'))
  demand('visibility', policy.visibility, claim('source-repository-visibility'))
  return mismatches
}

function namesSource({ sourceRepository, sourceRepositoryId, ownerId, sourceDigest }: CertificatePolicy): boolean {
  return [sourceRepository, sourceRepositoryId, ownerId, sourceDigest].some((name) => name !== undefined)
}

/** The repository whose build called a workflow of another owner on the same host (spec/trust.md §3.2): the name of the workflow is not its. */
function foreignCaller({ san, claims }: CertificateIdentity): string | undefined {
  const caller = claims.get('source-repository-uri')
  const [signedBy, calledBy] = [san.kind === 'uri' ? ownerOf(san.value) : undefined, ownerOf(caller)]
  if (signedBy === undefined || calledBy === undefined || signedBy.origin !== calledBy.origin) return undefined
  return signedBy.owner === calledBy.owner ? undefined : caller
}

function ownerOf(url: string | undefined): { readonly origin: string; readonly owner: string } | undefined {
  const [, origin, owner] = /^(https:\/\/[^/]+)\/([^/]+)\/[^/]/.exec(url ?? '') ?? []
  return origin === undefined || owner === undefined
    ? undefined
    : { origin: asciiLowerCase(origin), owner: asciiLowerCase(owner) }
}

/** Path of the workflow the caller configured, relative to its repository. */
export function workflowOf(identity: CertificateIdentity): string | undefined {
  const uri = identity.claims.get('build-config-uri') ?? (identity.san.kind === 'uri' ? identity.san.value : undefined)
  const repository = identity.claims.get('source-repository-uri')
  const { location } = splitRef(uri)
  if (location === undefined || repository === undefined || !location.startsWith(`${repository}/`)) return undefined
  return location.slice(repository.length).replace(/^\/{1,2}/, '')
}

/** `URL@REF`; the first `@` separates, as these URLs hold none before. */
export function splitRef(uri: string | undefined): { location: string | undefined; ref: string | undefined } {
  const at = uri?.indexOf('@') ?? -1
  return at < 0 ? { location: uri, ref: undefined } : { location: uri?.slice(0, at), ref: uri?.slice(at + 1) }
}
