import type { Location } from '../model/location.js'
import type { OptionSpec, OptionValue, Rule } from '../model/rule.js'
import type { TomlDocument, TomlPath, TomlTable, TomlValue } from '../syntax/toml.js'
import { isTable } from '../syntax/toml.js'
import type { RuleSetting } from './config.js'
import type { ConfigProblem } from './config-problem.js'
import { nearest } from './nearest.js'
import { toSeverity } from './severities.js'
import { texts } from './toml-values.js'

/** Reads what a configuration says of rules, against the rules there are; what is wrong is added to `problems`. */
export class RuleSettingsReader {
  readonly #rules: ReadonlyMap<string, Rule>

  constructor(
    rules: readonly Rule[],
    readonly problems: ConfigProblem[],
  ) {
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]))
  }

  /** A `rules` table: a severity, or a table of severity and options, by rule id. */
  read(entries: TomlTable | undefined, path: TomlPath, document: TomlDocument): ReadonlyMap<string, RuleSetting> {
    const settings = new Map<string, RuleSetting>()
    for (const [id, entry] of Object.entries(entries ?? {})) {
      const rule = this.find(id, document.locate([...path, id], 'key'))
      if (rule === undefined) continue
      if (isTable(entry))
        settings.set(id, {
          severity: toSeverity(entry['severity']),
          options: this.#options(rule, entry, [...path, id], document),
        })
      else settings.set(id, { severity: toSeverity(entry), options: new Map() })
    }
    return settings
  }

  find(id: string, location: Location): Rule | undefined {
    const rule = this.#rules.get(id)
    if (rule === undefined) this.#note(location, `there is no rule ${id}`, nearest(id, this.#rules.keys()))
    return rule
  }

  #options(rule: Rule, entry: TomlTable, path: TomlPath, document: TomlDocument): ReadonlyMap<string, OptionValue> {
    const specs = new Map(Object.entries(rule.options ?? {}))
    const options = new Map<string, OptionValue>()
    for (const [name, value] of Object.entries(entry)) {
      if (name === 'severity') continue
      const spec = specs.get(name)
      if (spec === undefined) {
        const near = nearest(name, ['severity', ...specs.keys()])
        this.#note(document.locate([...path, name], 'key'), `${rule.id} has no option ${name}`, near)
        continue
      }
      const option = optionValue(spec, value)
      if (option === undefined)
        this.#note(document.locate([...path, name]), `the option ${name} of ${rule.id} must be ${optionWords(spec)}`)
      else options.set(name, option)
    }
    return options
  }

  #note(location: Location, message: string, near?: string): void {
    this.problems.push({ location, message: `${message}${near === undefined ? '' : `, did you mean ${near}?`}` })
  }
}

/** The later setting wins key by key: one that states options only leaves the severity below it as it is. */
export function mergeRuleSettings(
  below: ReadonlyMap<string, RuleSetting>,
  above: ReadonlyMap<string, RuleSetting>,
): ReadonlyMap<string, RuleSetting> {
  const merged = new Map(below)
  for (const [id, setting] of above) {
    const old = below.get(id)
    merged.set(id, {
      severity: setting.severity ?? old?.severity,
      options: new Map([...(old?.options ?? []), ...setting.options]),
    })
  }
  return merged
}

function optionValue(spec: OptionSpec, value: TomlValue): OptionValue | undefined {
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'number':
      return typeof value === 'number' ? value : undefined
    case 'string':
      return typeof value === 'string' && (spec.choices === undefined || spec.choices.includes(value)) ? value : undefined
    case 'strings':
      return Array.isArray(value) && value.every((item: TomlValue) => typeof item === 'string' && fits(spec.pattern, item))
        ? texts(value)
        : undefined
  }
}

function fits(pattern: RegExp | undefined, text: string): boolean {
  return pattern === undefined || pattern.exec(text)?.[0].length === text.length
}

function optionWords(spec: OptionSpec): string {
  if (spec.type === 'string') return spec.choices === undefined ? 'a text' : `one of ${spec.choices.join(', ')}`
  if (spec.type === 'strings')
    return spec.example === undefined ? 'a list of texts' : `a list of texts such as ${JSON.stringify(spec.example)}`
  return spec.type === 'number' ? 'a number' : 'true or false'
}
