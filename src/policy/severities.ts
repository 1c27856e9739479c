import type { Severity } from '../model/finding.js'
import type { OptionValue, ProfileName, Rule } from '../model/rule.js'
import { matchGlob } from '../syntax/glob.js'
import type { Override, Profile, ValidConfig } from './config.js'

/** Orders severities: a greater weight never means less. */
export const WEIGHT: Readonly<Record<Severity | 'off', number>> = { off: 0, note: 1, warn: 2, error: 3 }

/** The severity a text names; undefined for what names none. */
export function toSeverity(value: unknown): Severity | 'off' | undefined {
  return value === 'error' || value === 'warn' || value === 'note' || value === 'off' ? value : undefined
}

/** Everything on, nothing blocks: the profile `audit` takes the severities of `strict`. */
function severityIn(rule: Rule, profile: Profile): Severity | 'off' {
  const name: ProfileName = profile === 'audit' ? 'strict' : profile
  return rule.severity[name]
}

/**
 * What a rule weighs at a place: the profile, then the file, then `[[override]]` tables from general to special, merged key
 * by key (spec/policy.md §3). A severity that the file states therefore holds under a profile of an override, too.
 */
export class Severities {
  readonly #overridesAt = new Map<string, readonly Override[]>()

  constructor(readonly config: ValidConfig) {}

  of(rule: Rule, file: string | undefined): Severity | 'off' {
    let { profile } = this.config
    let stated = this.config.rules.get(rule.id)?.severity
    for (const override of this.#at(file)) {
      profile = override.profile ?? profile
      stated = override.rules.get(rule.id)?.severity ?? stated
    }
    return stated ?? severityIn(rule, profile)
  }

  /** The most it can weigh at any place. */
  highest(rule: Rule): Severity | 'off' {
    const stated = this.config.rules.get(rule.id)?.severity
    const possible = this.config.overrides.flatMap(({ profile, rules }) => [
      ...(rules.get(rule.id)?.severity === undefined ? [] : [rules.get(rule.id)?.severity ?? 'off']),
      ...(profile === undefined || stated !== undefined ? [] : [severityIn(rule, profile)]),
    ])
    return possible.reduce((a, b) => (WEIGHT[a] >= WEIGHT[b] ? a : b), this.of(rule, undefined))
  }

  option<K extends OptionValue>(rule: Rule, name: string, file: string | undefined): K {
    const spec = rule.options?.[name]
    if (spec === undefined) throw new RangeError(`${rule.id} has no option ${name}`)
    let value: OptionValue = this.config.rules.get(rule.id)?.options.get(name) ?? spec.default
    for (const override of this.#at(file)) value = override.rules.get(rule.id)?.options.get(name) ?? value
    // The loader checked the value against the rule's own specification, which the rule's code was written for.
    return value as K
  }

  /** Overrides whose paths match, the most special (longest pattern) last. */
  #at(file: string | undefined): readonly Override[] {
    if (file === undefined || this.config.overrides.length === 0) return []
    let found = this.#overridesAt.get(file)
    if (found === undefined) {
      const matching = this.config.overrides.flatMap((override) => {
        const lengths = override.paths.filter((glob) => matchGlob(glob, file)).map((glob) => glob.length)
        return lengths.length === 0 ? [] : [{ override, length: Math.max(...lengths) }]
      })
      found = matching.sort((a, b) => a.length - b.length).map(({ override }) => override)
      this.#overridesAt.set(file, found)
    }
    return found
  }
}
