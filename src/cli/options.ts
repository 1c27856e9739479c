/** What commander parsed, one shape a group of options; `program.ts` declares them. */
export interface ReadingOptions {
  /** A file, `false` for --no-config, `true` (commander's default) for the nearest one. */
  readonly config: string | boolean
  readonly exclude: readonly string[]
  readonly include: readonly string[]
  readonly gomodcache?: string
  readonly zigCache?: string
  readonly cargoHome?: string
  readonly nimblePackages?: string
  readonly target: readonly string[]
  readonly features?: readonly string[]
  readonly environment?: boolean
}

/** An evidence pack to answer from, and the SHA-256 it must have. */
export interface EvidenceOptions {
  readonly evidence?: string
  readonly evidenceDigest?: string
}

export interface JudgingOptions extends EvidenceOptions {
  readonly profile?: string
  readonly rule: readonly string[]
  readonly allowWeaken?: boolean
  readonly baseline?: string
  readonly asOf?: string
}

/** How far a run goes to ask authorities. */
export interface VerifyingOptions {
  readonly offline?: boolean
  readonly bytes?: boolean
  readonly source?: boolean
  /** False for --no-store. */
  readonly store: boolean
}

export interface AuditOptions extends ReadingOptions, JudgingOptions, VerifyingOptions {
  readonly format: 'text' | 'json' | 'sarif'
  readonly json?: boolean
  readonly output: readonly string[]
}

export interface SbomOptions extends ReadingOptions, VerifyingOptions, EvidenceOptions {
  readonly verify?: boolean
  readonly format?: string
  readonly output: readonly string[]
  readonly timestamp?: string
  readonly includeInactive?: boolean
  readonly validate?: boolean
}

export interface GraphOptions extends ReadingOptions {
  readonly format: 'tree' | 'json' | 'dot'
  readonly json?: boolean
  readonly output?: string
}

export interface ExplainOptions extends ReadingOptions, JudgingOptions {
  readonly json?: boolean
}

export interface InitOptions {
  readonly profile: 'relaxed' | 'recommended' | 'strict'
}

export interface WaiveOptions extends ReadingOptions, JudgingOptions {
  readonly owner: string
  readonly reason: string
  readonly days: number
}

export interface VerifyOptions extends ReadingOptions, VerifyingOptions, EvidenceOptions {
  readonly json?: boolean
}

/** What `assay verify --artifact` is told; see `audit/verify-artifact.ts`. */
export interface VerifyArtifactOptions {
  readonly artifact: string
  readonly bundle: readonly string[]
  readonly key: readonly string[]
  readonly certificateIdentity?: string
  readonly certificateIdentityRegexp?: string
  readonly certificateOidcIssuer?: string
  readonly trustedRoot: readonly string[]
  readonly onlineRoots?: boolean
  readonly sbom: readonly string[]
  readonly sourceRepository?: string
  readonly sourceRef?: string
  readonly attestations: readonly string[]
  readonly repo?: string
  readonly offline?: boolean
  /** False for --no-store. */
  readonly store: boolean
  readonly evidence?: string
  readonly evidenceDigest?: string
  readonly evidenceOut?: string
  readonly json?: boolean
}

/** What `assay verify --git-ref` is told; see `audit/verify-git-ref.ts`. */
export interface VerifyGitRefOptions {
  readonly gitRef: string
  readonly allowedSigners: readonly string[]
  readonly openpgpKeys: readonly string[]
  readonly json?: boolean
}

/** What `assay verify --vsa` is told; see `audit/verify-vsa.ts`. */
export interface VerifyVsaOptions
  extends ReadingOptions,
    Pick<JudgingOptions, 'profile' | 'rule' | 'baseline' | 'asOf'>,
    Pick<
      VerifyArtifactOptions,
      | 'key'
      | 'certificateIdentity'
      | 'certificateIdentityRegexp'
      | 'certificateOidcIssuer'
      | 'trustedRoot'
      | 'sourceRepository'
      | 'sourceRef'
      | 'json'
    > {
  readonly vsa: string
  readonly artifact?: string
  readonly verifierId?: string
  readonly resource?: string
  readonly level: readonly string[]
}

/** `assay verify` is about a tree, with `--artifact` about one file, with `--git-ref` about one tag or commit. */
export type VerifyCommandOptions = VerifyOptions &
  Omit<VerifyVsaOptions, 'vsa'> & { readonly vsa?: string } & Omit<VerifyGitRefOptions, 'gitRef'> & {
    readonly gitRef?: string
  } & Omit<VerifyArtifactOptions, 'artifact'> & {
    readonly artifact?: string
  }

/** What commands about one artifact of a registry or layout folder are told about asking. */
export interface ImageAskingOptions extends EvidenceOptions {
  readonly offline?: boolean
  /** False for --no-store. */
  readonly store: boolean
  readonly plainHttp: readonly string[]
}

/** Who must have signed; see `audit/artifact/policy.ts`. */
export interface SignerOptions {
  readonly key: readonly string[]
  readonly certificateIdentity?: string
  readonly certificateIdentityRegexp?: string
  readonly certificateOidcIssuer?: string
  readonly trustedRoot: readonly string[]
}

/** What `assay verify oci:…` is told; see `audit/verify-image.ts`. */
export interface VerifyImageOptions extends SignerOptions, ImageAskingOptions {
  readonly image: string
  readonly config: string | boolean
  readonly sourceRepository?: string
  readonly sourceRef?: string
  readonly onlineRoots?: boolean
  readonly strict?: boolean
  readonly bytes?: boolean
  readonly evidenceOut?: string
  readonly json?: boolean
}

/** What `assay sbom oci:…` is told. */
export interface ImageSbomOptions extends SignerOptions, ImageAskingOptions {
  readonly image: string
  readonly config: string | boolean
  readonly format?: string
}

export interface EvidenceExportOptions extends ReadingOptions, VerifyingOptions {
  readonly output: string
  readonly json?: boolean
}

export interface MirrorOptions extends ReadingOptions {
  readonly offline?: boolean
  /** False for --no-store. */
  readonly store: boolean
  readonly json?: boolean
}

export interface MirrorCompareOptions extends MirrorOptions {
  /** What pins the packages: a folder or a lockfile. */
  readonly lock: string
  /** False for --no-bytes. */
  readonly bytes: boolean
}

export interface MirrorFetchOptions extends MirrorOptions {
  readonly output: string
}

export interface DoctorOptions extends Pick<ReadingOptions, 'config' | 'exclude' | 'include'> {
  readonly offline?: boolean
  readonly json?: boolean
}

export interface CacheOptions {
  readonly prune?: boolean
  readonly maxAge?: number
  readonly maxSize?: number
  readonly json?: boolean
}

export interface BaselineOptions extends ReadingOptions, JudgingOptions {
  readonly acceptNew?: boolean
  readonly output: string
}

export interface AttestOptions extends ReadingOptions, JudgingOptions, VerifyingOptions {
  readonly artifact: readonly string[]
  readonly sbom: readonly string[]
  readonly sign: readonly string[]
  readonly resource?: string
  readonly verifierId?: string
  /** Days. */
  readonly expires?: number
  readonly timestamp?: string
  readonly evidenceOut?: string
  readonly output: string
  readonly attach?: string
  readonly allowFailed?: boolean
  readonly printStatement?: boolean
  readonly key?: string
  readonly keyless?: boolean
  readonly oidcProvider?: 'github-actions' | 'gitlab'
  readonly identityToken?: string
  readonly yes?: boolean
  readonly fulcioUrl?: string
  readonly rekorUrl?: string
  readonly rekorVersion: '1' | '2'
  readonly rekorEntry: 'dsse' | 'intoto'
  readonly tsaUrl?: string
  readonly signingConfig?: string
  readonly trustedRoot: readonly string[]
  readonly json?: boolean
}

export interface TrustUpdateOptions {
  readonly mirror?: string
  readonly root?: string
  readonly target: string
  readonly output?: string
  readonly offline?: boolean
  readonly json?: boolean
}

export interface TrustShowOptions extends Pick<ReadingOptions, 'config'> {
  readonly trustedRoot: readonly string[]
  readonly onlineRoots?: boolean
  readonly json?: boolean
}
