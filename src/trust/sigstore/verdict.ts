import type { Statement } from '../statement.js'
import type { CertificateIdentity } from './certificate-identity.js'

/** What is checked of a bundle, in order. */
export const CHECKS = [
  'bundle',
  'artifact',
  'time',
  'certificate',
  'log',
  'signature',
  'log-window',
  'statement',
  'subject',
  'identity',
] as const

export type CheckName = (typeof CHECKS)[number]

/** Why a check failed: the ids of spec/trust.md §8. */
export type TrustReason =
  | 'trust/bundle-malformed'
  | 'trust/digest-mismatch'
  | 'trust/root-malformed'
  | 'trust/time-missing'
  | 'trust/time-untrusted'
  | 'trust/certificate-untrusted'
  | 'trust/certificate-expired'
  | 'trust/sct-missing'
  | 'trust/key-unknown'
  | 'trust/key-wrong'
  | 'trust/log-missing'
  | 'trust/log-invalid'
  | 'trust/log-entry-unsupported'
  | 'trust/log-window'
  | 'trust/signature-invalid'
  | 'trust/predicate-invalid'
  | 'trust/attestation-other-subject'
  | 'trust/subject-conflict'
  | 'trust/identity-mismatch'
  | 'trust/issuer-mismatch'
  | 'trust/identity-unconstrained'

export interface CheckFailure {
  readonly reason: TrustReason
  /** One sentence with the facts; a stranger's text in it must be escaped before it reaches a terminal. */
  readonly why: string
}

export type Check =
  | { readonly name: CheckName; readonly state: 'passed' | 'not-applicable' | 'not-reached' }
  | ({ readonly name: CheckName; readonly state: 'failed' } & CheckFailure)

/** A time that a signature vouches for. */
export interface VerifiedTime {
  readonly from: 'timestamp-authority' | 'transparency-log'
  /** Milliseconds since 1970. */
  readonly epochMs: number
}

export type BundleSigner =
  | { readonly kind: 'certificate'; readonly identity: CertificateIdentity }
  | { readonly kind: 'key'; readonly name: string }

/** What is known of a bundle after all checks that could be made. Data: no exception tells of a bad bundle. */
export interface BundleVerdict {
  /**
   * - `verified`: every check passed.
   * - `unconstrained`: only the policy is missing; it proves that somebody signed, and satisfies no requirement.
   * - `refused`: a check failed.
   */
  readonly outcome: 'verified' | 'unconstrained' | 'refused'
  readonly checks: readonly Check[]
  /** The root it was judged by: the first that verifies, or else the one that got furthest. */
  readonly root?: { readonly name: string; readonly sha256: string } | undefined
  /** Present only where the signature is proved to be the signer's. */
  readonly signer?: BundleSigner | undefined
  readonly verifiedTimes: readonly VerifiedTime[]
  /** The signed statement, where the signature holds and the bundle carries one. */
  readonly statement?: Statement | undefined
  readonly bundleVersion?: string | undefined
}

/** The first failed check. */
export function failureOf(verdict: BundleVerdict): ({ readonly name: CheckName } & CheckFailure) | undefined {
  for (const check of verdict.checks) if (check.state === 'failed') return check
  return undefined
}
