import type { Evidence, VerdictKind } from './evidence.js'
import type { FindingDraft, Severity } from './finding.js'
import type { GraphView } from './graph-view.js'
import type { ReleaseSettings } from './release-settings.js'
import type { TrustSettings } from './trust-settings.js'
import type { Verification } from './verification.js'

/** Evidence classes of spec/policy.md §1: lockfiles, registry, log, attestation, advisories, git host, SBOM, history, configuration. */
export type EvidenceClass = 'L' | 'R' | 'T' | 'A' | 'V' | 'G' | 'S' | 'H' | 'C'

export type ProfileName = 'relaxed' | 'recommended' | 'strict'

export type OptionSpec =
  | { readonly type: 'boolean'; readonly default: boolean; readonly about: string }
  | { readonly type: 'number'; readonly default: number; readonly about: string }
  | {
      readonly type: 'string'
      readonly default: string
      readonly about: string
      readonly choices?: readonly string[] | undefined
    }
  | {
      readonly type: 'strings'
      readonly default: readonly string[]
      readonly about: string
      /** What each must look like, whole, and a text that does. */
      readonly pattern?: RegExp | undefined
      readonly example?: string | undefined
    }

export type OptionValue = boolean | number | string | readonly string[]

/** The part of the valid configuration that rules read; defaults come from `policy/`. */
export interface Settings {
  readonly sources: {
    /** Registry URLs or short names that are allowed. */
    readonly registries: readonly string[]
    readonly mirrors: readonly { readonly url: string; readonly of: string }[]
    readonly git: { readonly orgs: readonly string[]; readonly require: 'rev' | 'tag' | 'any' }
    /** Empty: every host is allowed. */
    readonly hosts: readonly string[]
    /** Patterns of names that never come from a public source: `go:corp.example/**`. */
    readonly internal: readonly string[]
  }
  readonly deny: readonly {
    readonly component: string
    readonly reason: string
    readonly instead?: string | undefined
    readonly wrappers: readonly string[]
  }[]
  /** Empty: no allow list. */
  readonly allow: readonly string[]
  readonly trust: TrustSettings
  readonly release: ReleaseSettings
}

export interface RuleInput {
  readonly graph: GraphView
  readonly evidence: readonly Evidence[]
  readonly verification: Verification
  /** True when a rule of its own judges this outcome of the check (`Rule.judges`), so that a general one leaves it alone. */
  readonly isClaimed: (evidence: Evidence) => boolean
  readonly settings: Settings
  /** Value of one of the rule's own options, by the location it is asked for (overrides are per path). */
  readonly option: <K extends OptionValue>(name: string, file?: string) => K
  /** RFC 3339 date of the judgement, `YYYY-MM-DD`. */
  readonly today: string
}

export interface RuleOutcome {
  readonly findings: readonly FindingDraft[]
  /** How many subjects the rule looked at; 0 means it had nothing to say. */
  readonly checked: number
  /** Subjects it would have looked at, had anybody answered. */
  readonly unverified?: number | undefined
}

/** One outcome of one check. */
export interface CheckOutcome {
  readonly check: string
  readonly verdict: VerdictKind
}

/** One rule. Pure and synchronous: same input, same outcome. */
export interface Rule {
  /** `<group>/<name>`; never changes its meaning. */
  readonly id: string
  readonly title: string
  /** One line, printed after `Why:`. */
  readonly why: string
  readonly evidence: readonly EvidenceClass[]
  /** A waiver or baseline in a repository cannot silence it. */
  readonly hard?: true | undefined
  readonly severity: Readonly<Record<ProfileName, Severity | 'off'>>
  readonly options?: Readonly<Record<string, OptionSpec>> | undefined
  /** Outcomes of checks that it alone speaks of. */
  readonly judges?: readonly CheckOutcome[] | undefined
  readonly evaluate: (input: RuleInput) => RuleOutcome
}
