import type { Severity } from '../model/finding.js'
import type { OptionValue, ProfileName, Rule } from '../model/rule.js'
import { matchGlob } from '../syntax/glob.js'
import type { Override, Profile, RuleSetting, ValidConfig } from './config.js'

/** Everything on, nothing blocks: the profile `audit` takes the severities of `strict`. */
function severityIn(rule: Rule, profile: Profile): Severity | 'off' {
  const name: ProfileName = profile === 'audit' ? 'strict' : profile
  return rule.severity[name]
}

/** What a rule weighs at a place: profile, then the file, then `[[override]]` tables from general to special. */
export class Severities {
  readonly #overridesAt = new Map<string, readonly Override[]>()

  constructor(readonly config: ValidConfig) {}

  of(rule: Rule, file: string | undefined): Severity | 'off' {
    let profile = this.config.profile
    let stated = this.config.rules.get(rule.id)?.severity
    for (const override of this.#at(file)) {
      if (override.profile !== undefined) {
        profile = override.profile
        // A profile of its own starts afresh, but for what the file states of the rule.
        stated = this.config.rules.get(rule.id)?.severity
      }
      stated = override.rules.get(rule.id)?.severity ?? stated
    }
    return stated ?? severityIn(rule, profile)
  }

  /** False when no place can turn the rule on. */
  isOn(rule: Rule): boolean {
    if (this.of(rule, undefined) !== 'off') return true
    return this.config.overrides.some((override) => {
      const stated = override.rules.get(rule.id)?.severity
      return (
        (stated !== undefined && stated !== 'off') ||
        (override.profile !== undefined && severityIn(rule, override.profile) !== 'off')
      )
    })
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

export type { RuleSetting }
