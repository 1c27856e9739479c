import type { ReviewSettings } from './review.js'

/** Section `[trust]` of assay.toml: who may have signed what, where signatures are looked for, what must be signed. */
export interface TrustSettings {
  /** Files with trusted roots, as paths that can be opened; none: the embedded one. */
  readonly roots: readonly string[]
  /** Use the root that `assay trust update` fetched last, where it has not expired. */
  readonly onlineRoots: boolean
  /** Where that one has expired or was never fetched: use the embedded one, with a warning, instead of stopping. */
  readonly rootFallback: boolean
  /** Folders that hold attestations by digest (spec/trust.md §3.5 source 2), as paths that can be opened. */
  readonly folders: readonly string[]
  readonly templates: readonly UrlTemplate[]
  /** Patterns of components whose attestations are asked for at GitHub; empty: nobody is asked. */
  readonly github: readonly string[]
  /** GitHub is asked for what must be signed, too. */
  readonly githubForRequired: boolean
  /** The first whose pattern matches decides who may have signed. */
  readonly identities: readonly IdentitySettings[]
  readonly require: readonly TrustRequirement[]
  /** Pairs of signer and builder that are trusted beside those that assay knows. */
  readonly builders: readonly BuilderSettings[]
  /** SSH allowed-signers files for git tags and commits, as paths that can be opened. */
  readonly allowedSigners: readonly string[]
  /** Files with the OpenPGP public keys (`gpg --export`) that may have signed git tags and commits, as paths that can be opened. */
  readonly openpgpKeys: readonly string[]
  /** What people wrote down who read components; absent where no files of reviews are named. */
  readonly reviews?: ReviewSettings | undefined
}

/** Where a URL template applies; variables as in spec/trust.md §3.5 source 4. */
export interface UrlTemplate {
  readonly match: string
  readonly url: string
}

/** Who may have signed what matches: a component pattern (`pkg:cargo/corp-*`) or `oci://HOST/PATH` with `*` and `**`. */
export interface IdentitySettings {
  readonly name?: string | undefined
  readonly match: string
  readonly issuer?: string | undefined
  readonly san?: string | undefined
  /** Anchored: it must match the whole name. */
  readonly sanPattern?: string | undefined
  readonly sourceRepository?: string | undefined
  readonly sourceRepositoryId?: string | undefined
  readonly ownerId?: string | undefined
  /** `{version}` and `{name}` stand for those of the component. */
  readonly refs?: readonly string[] | undefined
  readonly workflow?: string | undefined
  readonly signerWorkflow?: string | undefined
  readonly signerRef?: string | undefined
  readonly triggers?: readonly string[] | undefined
  readonly runner?: string | undefined
  readonly environment?: string | undefined
  readonly visibility?: string | undefined
  /** Builder ids that provenance may name. */
  readonly builders?: readonly string[] | undefined
  readonly predicateTypes?: readonly string[] | undefined
  /** Files with public keys (PEM), as paths that can be opened, instead of a certificate identity. */
  readonly keys?: readonly string[] | undefined
}

/** What must be signed. */
export interface TrustRequirement {
  readonly match: string
  /** `signature`: any accepted signature over the bytes; `provenance`: a statement about how it was built. */
  readonly kind: 'signature' | 'provenance' | 'sbom'
  /** Least SLSA build level of the provenance. */
  readonly level?: 1 | 2 | 3 | undefined
}

export interface BuilderSettings {
  readonly id: string
  /** Default: GitHub's. */
  readonly issuer?: string | undefined
  /** URL of the workflow that signs, without its ref. */
  readonly signerWorkflow: string
  readonly level: 1 | 2 | 3
}

export const NO_TRUST_SETTINGS: TrustSettings = {
  roots: [],
  onlineRoots: false,
  rootFallback: false,
  folders: [],
  templates: [],
  github: [],
  githubForRequired: false,
  identities: [],
  require: [],
  builders: [],
  allowedSigners: [],
  openpgpKeys: [],
}

/** Triggers that strangers can pull (spec/trust.md §3.5), at GitHub and at GitLab: what they start makes no releases. */
export const STRANGERS_TRIGGERS: ReadonlySet<string> = new Set([
  ...['pull_request', 'pull_request_target', 'issue_comment'],
  ...['merge_request_event', 'external_pull_request_event'],
])
