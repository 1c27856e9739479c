import type { DocumentInfo, Subject } from '../model/document.js'
import type { Severity } from '../model/finding.js'
import type { Location } from '../model/location.js'
import { NO_RELEASE_SETTINGS } from '../model/release-settings.js'
import type { OptionValue, ProfileName, Settings } from '../model/rule.js'
import { NO_TRUST_SETTINGS } from '../model/trust-settings.js'
import type { Availability } from '../model/verification.js'

/** A severity and options that the configuration states for one rule. */
export interface RuleSetting {
  readonly severity?: Severity | 'off' | undefined
  readonly options: ReadonlyMap<string, OptionValue>
}

/** A waiver, valid in itself (spec/policy.md §5). */
export interface Waiver {
  readonly id: string
  readonly rule: string
  /** Component pattern or `subject`; one of them is always there. */
  readonly component?: string | undefined
  readonly subject?: string | undefined
  readonly match: Readonly<Record<string, string>>
  readonly paths: readonly string[]
  readonly reason: string
  readonly owner: string
  /** Last day it holds, `YYYY-MM-DD` in UTC. */
  readonly expires: string
  readonly ticket?: string | undefined
  readonly approvedBy?: string | undefined
  readonly location: Location
}

export interface Override {
  readonly paths: readonly string[]
  readonly profile?: Profile | undefined
  readonly rules: ReadonlyMap<string, RuleSetting>
}

export type Profile = ProfileName | 'audit'

export const PROFILES: readonly Profile[] = ['relaxed', 'recommended', 'strict', 'audit']

export function isProfile(name: string): name is Profile {
  return PROFILES.some((profile) => profile === name)
}

/** How far a run goes to get evidence, and what it means when there is none (spec/policy.md §7.2). */
export interface VerifySettings {
  /** Default: `warn`, in CI `fail`. */
  readonly onUnavailable?: Availability | undefined
  /** Offline, what nobody could be asked about is told and fails nothing. Default: not in CI. */
  readonly offlineOk?: boolean | undefined
  readonly retries: number
  /** Of one request. */
  readonly timeoutMs: number
  /** Of the whole run. */
  readonly budgetMs: number
}

/** The configuration after everything in it was checked; no later code meets an unchecked value. */
export interface ValidConfig {
  readonly profile: Profile
  readonly failOn: 'error' | 'warn' | 'never'
  readonly maxWarnings: number | undefined
  readonly settings: Settings
  readonly verify: VerifySettings
  readonly rules: ReadonlyMap<string, RuleSetting>
  readonly overrides: readonly Override[]
  readonly waivers: readonly Waiver[]
  readonly info: Omit<DocumentInfo, 'subject'> & { readonly subject: Subject | undefined }
  readonly discover: { readonly exclude: readonly string[]; readonly include: readonly string[] }
}

const DEFAULT_SETTINGS: Settings = {
  sources: {
    registries: ['crates.io', 'go:proxy', 'nim:official'],
    mirrors: [],
    git: { orgs: [], require: 'any' },
    hosts: [],
    internal: [],
  },
  deny: [],
  allow: [],
  trust: NO_TRUST_SETTINGS,
  release: NO_RELEASE_SETTINGS,
}

/** What holds without a configuration file. */
export const DEFAULT_CONFIG: ValidConfig = {
  profile: 'recommended',
  failOn: 'error',
  maxWarnings: undefined,
  settings: DEFAULT_SETTINGS,
  verify: { retries: 3, timeoutMs: 10_000, budgetMs: 120_000 },
  rules: new Map(),
  overrides: [],
  waivers: [],
  info: { subject: undefined, authors: [] },
  discover: { exclude: [], include: [] },
}
