import type { Desk } from '../../evidence/desk/desk.js'
import { AssayError } from '../../model/error.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import { identityFor } from '../../policy/trust-match.js'
import type { OciReference } from '../../trust/oci/reference.js'
import type { ArtifactPolicy, PolicyOptions } from '../artifact/policy.js'
import { readPolicy } from '../artifact/policy.js'
import { PolicyMaker, trustedBuilders } from '../trust/component-policy.js'
import type { LoadedRoots } from '../trust/roots.js'
import { loadTrustedRoots, onlineRootsOf } from '../trust/roots.js'

export interface ImagePolicy {
  readonly policy: ArtifactPolicy
  /** As the demands call whoever may sign: an identity of assay.toml by its name. */
  readonly rule?: string | undefined
  /** Builders that its provenance may name, and predicate types that it may sign; undefined: any. */
  readonly builders?: readonly string[] | undefined
  readonly predicateTypes?: readonly string[] | undefined
  /** The roots by which it judges, where assay.toml names the signer. */
  readonly loaded?: LoadedRoots | undefined
}

/**
 * Who may have signed an artifact: what the command line says, else the first identity of `[trust]` whose `oci://` pattern
 * is of its repository (`repository`: undefined for a folder, which has no name that anybody vouches for). Undefined where
 * nobody is named. `desk` keeps a fetched root for replays. Throws `usage`, `configuration` and `input-unreadable` like `readPolicy`.
 */
export async function imagePolicy(
  options: PolicyOptions,
  trust: TrustSettings,
  repository: Pick<OciReference, 'registry' | 'repository' | 'tag'> | undefined,
  desk?: Desk,
): Promise<ImagePolicy | undefined> {
  const trustedRoot = options.trustedRoot.length > 0 ? options.trustedRoot : trust.roots
  const builders = trustedBuilders(trust.builders)
  if (namesSomebody(options)) {
    if (options.key.length > 0 && options.certificateOidcIssuer !== undefined)
      throw new AssayError(
        'usage',
        'a key and a certificate identity are given, and one signature cannot be by both',
        'Run it once for each, or leave one of them away.',
      )
    const policy = { ...(await readPolicy({ ...options, trustedRoot, fetchedRoot: onlineRootsOf(trust, desk) })), builders }
    if (policy.minisignKeys.length > 0)
      throw new AssayError(
        'usage',
        'a minisign key signs files, and nothing in a registry',
        'Give a public key in PEM, or name a signer with --certificate-oidc-issuer and --certificate-identity.',
      )
    return { policy }
  }
  const identity =
    repository === undefined ? undefined : identityFor(trust, `oci://${repository.registry}/${repository.repository}`)
  if (identity === undefined || repository === undefined) return undefined
  const loaded = await loadTrustedRoots(trustedRoot, onlineRootsOf(trust, desk))
  const named = { name: repository.repository.slice(repository.repository.lastIndexOf('/') + 1), version: repository.tag }
  const maker = new PolicyMaker({ roots: loaded.roots, embeddedRoot: loaded.embedded, builders })
  const { policy } = await maker.policyFor(named, identity, undefined)
  if (policy.certificate === undefined && policy.keys.length === 0)
    throw new AssayError(
      'configuration',
      `the identity ${identity.name ?? identity.match} has only minisign keys, which sign nothing in a registry`,
      'Give it keys in PEM, or an issuer and a name.',
    )
  const { sourceRepository, sourceRef } = options
  const source =
    sourceRepository === undefined && sourceRef === undefined ? undefined : { repository: sourceRepository, ref: sourceRef }
  return {
    policy: { ...policy, minisignKeys: [], source },
    rule: identity.name ?? identity.match,
    builders: identity.builders,
    predicateTypes: identity.predicateTypes,
    loaded,
  }
}

function namesSomebody({ key, certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer }: PolicyOptions): boolean {
  const certificate = [certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer]
  return key.length > 0 || certificate.some((part) => part !== undefined)
}
