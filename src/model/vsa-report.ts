import type { ArtifactProblem, ArtifactSignature } from './artifact-report.js'

/** Whether a signed decision may stand for an audit of this tree or this file, and why not. */
export interface VsaReport {
  readonly exitCode: 0 | 1 | 3
  /** The moment it was judged for. */
  readonly timestamp: string
  /** `refused`: something contradicts. `undecided`: nothing contradicts, and not everything is proven. */
  readonly outcome: 'accepted' | 'refused' | 'undecided'
  readonly file: string
  /** What it must be about. */
  readonly about: VsaAbout
  readonly wanted: {
    readonly verifierId: string
    readonly resourceUri: string
    /** SHA-256 of the exact policy here. */
    readonly policySha256: string
    readonly levels: readonly string[]
  }
  readonly checks: readonly VsaCheck[]
  /** The signature as it was judged; of several the one that got furthest. */
  readonly signature: ArtifactSignature
  /** What the decision says; only of one whose signature holds. */
  readonly decision?: VsaDecision | undefined
}

export type VsaAbout =
  | { readonly kind: 'tree'; readonly lockfiles: readonly string[] }
  | { readonly kind: 'artifact'; readonly file: string; readonly sha256: string }

export const VSA_CHECKS = [
  'signature',
  'statement',
  'verifier',
  'resource',
  'result',
  'policy',
  'level',
  'time',
  'subject',
  'inputs',
] as const

export type VsaCheckName = (typeof VSA_CHECKS)[number]

export interface VsaCheck {
  readonly name: VsaCheckName
  readonly state: 'passed' | 'failed' | 'undecided' | 'not-applicable' | 'not-reached'
  readonly problems: readonly ArtifactProblem[]
}

export interface VsaDecision {
  readonly verifierId: string
  readonly verifierVersion: readonly (readonly [component: string, version: string])[]
  readonly resourceUri: string
  readonly result: 'PASSED' | 'FAILED'
  readonly levels: readonly string[]
  readonly timeVerified?: string | undefined
  readonly expires?: string | undefined
  readonly policySha256?: string | undefined
  readonly evidenceSha256?: string | undefined
}
