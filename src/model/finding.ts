import type { ComponentId } from './component.js'
import type { Evidence } from './evidence.js'
import type { Location } from './location.js'

export type Severity = 'error' | 'warn' | 'note'

/** What a rule says about one subject, before severity, path and waivers are applied. */
export interface FindingDraft {
  readonly component?: ComponentId | undefined
  /** What it is about when no component: a file, a setting, a waiver id. */
  readonly subject: string
  readonly location?: Location | undefined
  /** One sentence with the facts. */
  readonly message: string
  /** One action a person can do. */
  readonly fix: string
  /** Stable discriminators (advisory id, digest …): part of the fingerprint and of `match` in waivers. */
  readonly data?: Readonly<Record<string, string>> | undefined
  /** `unverified` where evidence could not be had; default `fail`. */
  readonly state?: 'fail' | 'unverified' | undefined
  /** The most it weighs, whatever profile and configuration say of the rule: what is open by choice (spec/policy.md §7.2). */
  readonly atMost?: Severity | undefined
  /** What it rests on, beside the files of the tree. */
  readonly evidence?: readonly Evidence[] | undefined
}

/** One finding as reported. */
export interface Finding extends FindingDraft {
  readonly rule: string
  readonly severity: Severity
  /** One line: why the rule exists. */
  readonly why: string
  readonly state: 'fail' | 'unverified'
  /** Shortest dependency path from a root to the component, both ends included; empty when there is none. */
  readonly path: readonly ComponentId[]
  /** Stable over runs, line shifts and machines: rule, subject, data. Lower-case hexadecimal. */
  readonly fingerprint: string
  readonly status: 'open' | 'waived' | 'inherited'
  /** Id of the waiver that covers it. */
  readonly waiver?: string | undefined
}

export interface RuleCounts {
  /** Subjects looked at. */
  readonly checked: number
  readonly fail: number
  /** Findings of that state, and subjects of which nobody could say whether they pass. */
  readonly unverified: number
  readonly waived: number
  readonly inherited: number
}

/** The gate's decision. */
export interface Verdict {
  readonly findings: readonly Finding[]
  /** Every rule that ran, by id; silence is never a pass. */
  readonly rules: ReadonlyMap<string, RuleCounts>
  readonly outcome: 'clean' | 'violations' | 'unverified' | 'unreadable'
  readonly exitCode: 0 | 1 | 3 | 4
}
