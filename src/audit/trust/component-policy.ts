import type { Component } from '../../model/component.js'
import { AssayError } from '../../model/error.js'
import type { BuilderSettings, IdentitySettings } from '../../model/trust-settings.js'
import type { TrustedKey } from '../../trust/public-key.js'
import { parseAnchoredPattern } from '../../trust/sigstore/anchored-pattern.js'
import type { CertificatePolicy } from '../../trust/sigstore/identity-policy.js'
import { GITHUB_ISSUER, KNOWN_BUILDERS, type TrustedBuilder } from '../../trust/slsa/build-level.js'
import type { ArtifactPolicy } from '../artifact/policy.js'
import { readKey } from '../artifact/policy.js'
import type { StatedRepository } from './source-repository.js'

/** How somebody came to be accepted as signer of a component. */
export type PolicyBasis =
  | { readonly kind: 'rule'; readonly rule: string }
  /** No rule is about it: whoever builds the repository that the lockfile names, at the code host's own provider. */
  | { readonly kind: 'derived'; readonly repository: string; readonly by: string }
  /** Anybody can sign anything: what is found is told and counts for nothing. */
  | { readonly kind: 'nobody' }

export interface ComponentPolicy {
  readonly basis: PolicyBasis
  readonly policy: ArtifactPolicy
}

/** What the variables of a `ref` stand for: of a component, or of an image its name and tag. */
type Named = Pick<Component, 'name' | 'version'> & Partial<Pick<Component, 'ecosystem'>>

/** Makes policies of settings; key files are read once. */
export class PolicyMaker {
  readonly #keys = new Map<string, Promise<TrustedKey>>()

  constructor(readonly common: Pick<ArtifactPolicy, 'roots' | 'embeddedRoot' | 'builders' | 'memo'>) {}

  /** Throws `configuration` and `input-unreadable` for key files that are none. */
  async policyFor(
    component: Named,
    identity: IdentitySettings | undefined,
    stated: StatedRepository | undefined,
  ): Promise<ComponentPolicy> {
    if (identity !== undefined)
      return { basis: { kind: 'rule', rule: identity.name ?? identity.match }, policy: await this.#ofRule(identity, component) }
    const none = { ...this.common, keys: [], minisignKeys: [] }
    if (stated?.issuer === undefined)
      return { basis: { kind: 'nobody' }, policy: { ...none, certificate: { kind: 'certificate' } } }
    return {
      basis: { kind: 'derived', repository: stated.url, by: stated.by },
      policy: { ...none, certificate: { kind: 'certificate', issuer: stated.issuer, sourceRepository: stated.url } },
    }
  }

  async #ofRule(identity: IdentitySettings, component: Named): Promise<ArtifactPolicy> {
    if (identity.keys === undefined)
      return { ...this.common, keys: [], minisignKeys: [], certificate: certificateOf(identity, component) }
    const keys: TrustedKey[] = []
    for (const file of identity.keys) keys.push(await this.#key(file))
    return { ...this.common, keys, minisignKeys: [] }
  }

  #key(file: string): Promise<TrustedKey> {
    const known = this.#keys.get(file) ?? readComponentKey(file)
    this.#keys.set(file, known)
    return known
  }
}

async function readComponentKey(file: string): Promise<TrustedKey> {
  const key = await readKey(file)
  if ('hint' in key) return key
  throw new AssayError(
    'configuration',
    `${key.name} is a key of minisign, which signs bytes, and of components digests are known`,
    'Name a public key in PEM in [trust] identities; assay verify --artifact checks minisign signatures.',
  )
}

function certificateOf(identity: IdentitySettings, component: Named): CertificatePolicy {
  // The loader has refused what is no pattern; if one came through, it accepts nobody.
  const parsed = identity.sanPattern === undefined ? undefined : parseAnchoredPattern(identity.sanPattern)
  const nobody = { source: identity.sanPattern ?? '', matches: () => false }
  return {
    kind: 'certificate',
    issuer: identity.issuer,
    san: identity.san,
    sanPattern: parsed === undefined ? undefined : parsed.ok ? parsed.pattern : nobody,
    sourceRepository: identity.sourceRepository,
    sourceRepositoryId: identity.sourceRepositoryId,
    ownerId: identity.ownerId,
    refs: identity.refs?.map((ref) => filled(ref, component)),
    workflow: identity.workflow,
    signerWorkflow: identity.signerWorkflow,
    signerRef: identity.signerRef,
    triggers: identity.triggers,
    runner: identity.runner,
    environment: identity.environment,
    visibility: identity.visibility,
  }
}

/** A variable without a value stays as it is: no ref is called that. */
function filled(ref: string, { ecosystem, name, version }: Named): string {
  // What Go adds to the version of a module from before modules is in no tag.
  const tagged = ecosystem === 'go' ? version?.replace(/\+incompatible$/, '') : version
  return ref.replaceAll(/\{(name|version)\}/g, (whole, variable) => (variable === 'name' ? name : (tagged ?? whole)))
}

/** The builders of the settings, before those that are known. */
export function trustedBuilders(settings: readonly BuilderSettings[]): readonly TrustedBuilder[] {
  const own = settings.map(
    ({ id, issuer = GITHUB_ISSUER, signerWorkflow, level }): TrustedBuilder => ({
      name: id,
      issuer,
      signer: { workflow: signerWorkflow },
      builderIds: [id],
      level,
    }),
  )
  return [...own, ...KNOWN_BUILDERS]
}
