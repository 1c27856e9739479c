import { AssayError } from '../model/error.js'
import type { Severity } from '../model/finding.js'
import type { Location } from '../model/location.js'
import { formatLocation } from '../model/location.js'
import type { OptionSpec, OptionValue, Rule } from '../model/rule.js'
import { folderOf, resolvePath } from '../model/tree.js'
import type { TomlDocument, TomlPath, TomlTable, TomlValue } from '../syntax/toml.js'
import { isTable, parseToml, TomlDate } from '../syntax/toml.js'
import { parseComponentPattern } from './component-pattern.js'
import type { Override, Profile, RuleSetting, ValidConfig, Waiver } from './config.js'
import { DEFAULT_CONFIG } from './config.js'
import { nearest } from './nearest.js'

/** A configuration file with what it extends, read by the caller. */
export interface ConfigSource {
  readonly text: string
  /** How to name it in messages and locations. */
  readonly file: string
  /** Text of a file named by `extends`, relative to the folder of this one; undefined when it is not there. */
  readonly readExtended: (path: string) => string | undefined
}

/** The validator made from `schemas/config.schema.json`. */
export type SchemaValidator = ((value: unknown) => boolean) & {
  readonly errors?:
    | readonly {
        readonly keyword: string
        readonly instancePath: string
        readonly message?: string
        readonly params: Readonly<Record<string, unknown>>
        readonly parentSchema?: { readonly properties?: Readonly<Record<string, unknown>> }
      }[]
    | null
}

interface Problem {
  readonly location: Location
  readonly message: string
}

/** Sections of the specification that this version does not judge by; ignoring them would look like judging. */
const LATER: ReadonlyMap<string, string> = new Map([
  ['vuln', 'vulnerabilities'],
  ['license', 'licences'],
  ['trust', 'signatures'],
  ['rule', 'custom rules'],
  ['packs', 'compliance packs'],
])

const PROFILES: ReadonlySet<string> = new Set<Profile>(['relaxed', 'recommended', 'strict', 'audit'])

/**
 * Reads assay.toml: TOML, then the schema, then what only we can know (rule ids, options, patterns). Everything that is
 * wrong is gathered and thrown once as `configuration`, with file and line; then nothing is judged.
 */
export function loadConfig(source: ConfigSource, rules: readonly Rule[], validate: SchemaValidator): ValidConfig {
  const problems: Problem[] = []
  const config = new ConfigReader(rules, validate, problems).read(source, DEFAULT_CONFIG, 0)
  if (problems.length > 0) throw configurationError(source.file, problems)
  return config
}

function configurationError(file: string, problems: readonly Problem[]): AssayError {
  const lines = problems.map(({ location, message }) => `  ${formatLocation(location)}: ${message}`)
  return new AssayError(
    'configuration',
    `${problems.length === 1 ? 'one problem' : `${problems.length} problems`} in ${file}\n${lines.join('\n')}`,
    'Nothing was judged. Mend the configuration, or start with assay init.',
  )
}

const MAX_EXTENDS = 8

class ConfigReader {
  readonly #rules: ReadonlyMap<string, Rule>

  constructor(
    rules: readonly Rule[],
    readonly validate: SchemaValidator,
    readonly problems: Problem[],
  ) {
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]))
  }

  read(source: ConfigSource, below: ValidConfig, depth: number): ValidConfig {
    const parsed = parseToml(source.text, source.file, 'input/config-unparseable')
    if (!parsed.ok) {
      this.problems.push({ location: parsed.diagnostic.location, message: parsed.diagnostic.message })
      return below
    }
    const { document } = parsed
    if (!this.#matchesSchema(document)) return below
    const { value } = document
    let config = below
    for (const [i, name] of texts(value['extends']).entries())
      config = this.#extend(name, source, config, document.locate(['extends', i]), depth)
    return this.#apply(document, config)
  }

  /** Checks the shape; every error becomes a sentence with the place of the key or value it is about. */
  #matchesSchema(document: TomlDocument): boolean {
    const before = this.problems.length
    for (const [section, about] of LATER) {
      if (document.value[section] !== undefined) {
        this.problems.push({
          location: document.locate([section], 'key'),
          message: `this version of assay does not judge ${about} yet; remove [${section}], so that nobody takes it for a check`,
        })
      }
    }
    const plain = toPlain(Object.fromEntries(Object.entries(document.value).filter(([key]) => !LATER.has(key))))
    if (!this.validate(plain)) for (const error of this.validate.errors ?? []) this.#schemaProblem(error, document)
    return this.problems.length === before
  }

  #schemaProblem(error: NonNullable<SchemaValidator['errors']>[number], document: TomlDocument): void {
    const path = pointerToPath(error.instancePath)
    const { keyword, params } = error
    // `if` and `anyOf` only say that a branch below failed.
    if (keyword === 'if') return
    if (keyword === 'additionalProperties') {
      const key = String(params['additionalProperty'])
      const near = nearest(key, Object.keys(error.parentSchema?.properties ?? {}))
      this.problems.push({
        location: document.locate([...path, key], 'key'),
        message: `unknown key ${key}${near === undefined ? '' : `, did you mean ${near}?`}`,
      })
      return
    }
    const name = path.length === 0 ? 'the file' : path.join('.')
    const detail =
      keyword === 'enum'
        ? `must be one of ${String(params['allowedValues'])}`
        : keyword === 'required'
          ? `has no ${String(params['missingProperty'])}`
          : keyword === 'anyOf'
            ? 'must name a component or a subject'
            : (error.message ?? 'is wrong')
    this.problems.push({ location: document.locate(path), message: `${name} ${detail}` })
  }

  #extend(name: string, source: ConfigSource, config: ValidConfig, location: Location, depth: number): ValidConfig {
    if (name.startsWith('assay:')) {
      const profile = name.slice('assay:'.length)
      if (isProfile(profile)) return { ...config, profile }
      this.problems.push({ location, message: `there is no profile ${profile}; the profiles are ${[...PROFILES].join(', ')}` })
      return config
    }
    if (/^[a-z]+:/.test(name)) {
      this.problems.push({ location, message: `${name} is not in the repository; this version extends local files only` })
      return config
    }
    const path = resolvePath(folderOf(source.file), name)
    const text = path === undefined || depth >= MAX_EXTENDS ? undefined : source.readExtended(name)
    if (path === undefined || text === undefined) {
      this.problems.push({
        location,
        message: depth >= MAX_EXTENDS ? `extends nest deeper than ${MAX_EXTENDS}` : `${name} is not there or not below this file`,
      })
      return config
    }
    return this.read({ ...source, text, file: path }, config, depth + 1)
  }

  #apply(document: TomlDocument, below: ValidConfig): ValidConfig {
    const { value } = document
    const gate = table(value['gate'])
    const discover = table(value['discover'])
    const project = table(value['project'])
    const sbom = table(value['sbom'])
    const failOn = gate?.['fail-on']
    const warnings = gate?.['max-warnings']
    return {
      profile: below.profile,
      failOn: failOn === 'error' || failOn === 'warn' || failOn === 'never' ? failOn : below.failOn,
      maxWarnings: typeof warnings === 'number' ? warnings : below.maxWarnings,
      settings: this.#settings(document, below),
      rules: new Map([...below.rules, ...this.#ruleSettings(table(value['rules']), ['rules'], document)]),
      overrides: [...below.overrides, ...this.#overrides(document)],
      waivers: [...below.waivers, ...this.#waivers(document)],
      info: {
        subject:
          project === undefined
            ? below.info.subject
            : { name: text(project['name']) ?? '', version: text(project['version']), purl: text(project['purl']) },
        authors: sbom?.['authors'] === undefined ? below.info.authors : tables(sbom['authors']).map(party),
        manufacturer:
          table(sbom?.['manufacturer']) === undefined ? below.info.manufacturer : party(table(sbom?.['manufacturer']) ?? {}),
        supplier: table(sbom?.['supplier']) === undefined ? below.info.supplier : party(table(sbom?.['supplier']) ?? {}),
      },
      discover: {
        exclude: [...below.discover.exclude, ...texts(discover?.['exclude'])],
        include: [...below.discover.include, ...texts(discover?.['include'])],
      },
    }
  }

  #settings(document: TomlDocument, below: ValidConfig): ValidConfig['settings'] {
    const { value } = document
    const sources = table(value['sources'])
    const git = table(sources?.['git'])
    const require = git?.['require']
    const old = below.settings.sources
    const deny = tables(value['deny']).map((entry, i) => {
      for (const [key, pattern] of [
        ['component', text(entry['component']) ?? ''] as const,
        ...texts(entry['wrappers']).map((wrapper) => ['wrappers', wrapper] as const),
      ]) {
        this.#pattern(pattern, document.locate(['deny', i, key]))
      }
      return {
        component: text(entry['component']) ?? '',
        reason: text(entry['reason']) ?? '',
        instead: text(entry['instead']),
        wrappers: texts(entry['wrappers']),
      }
    })
    for (const [i, pattern] of texts(value['allow']).entries()) this.#pattern(pattern, document.locate(['allow', i]))
    return {
      sources: {
        registries: sources?.['registries'] === undefined ? old.registries : texts(sources['registries']),
        mirrors: [
          ...old.mirrors,
          ...tables(sources?.['mirrors']).map((mirror) => ({ url: text(mirror['url']) ?? '', of: text(mirror['of']) ?? '' })),
        ],
        git: {
          orgs: git?.['orgs'] === undefined ? old.git.orgs : texts(git['orgs']),
          require: require === 'any' || require === 'tag' || require === 'rev' ? require : old.git.require,
        },
        hosts: sources?.['hosts'] === undefined ? old.hosts : texts(sources['hosts']),
        internal: [...old.internal, ...texts(sources?.['internal'])],
      },
      deny: [...below.settings.deny, ...deny],
      allow: [...below.settings.allow, ...texts(value['allow'])],
    }
  }

  #pattern(pattern: string, location: Location): void {
    const parsed = parseComponentPattern(pattern)
    if (!parsed.ok) this.problems.push({ location, message: `${JSON.stringify(pattern)} is no component pattern: ${parsed.why}` })
  }

  #ruleSettings(entries: TomlTable | undefined, path: TomlPath, document: TomlDocument): Map<string, RuleSetting> {
    const settings = new Map<string, RuleSetting>()
    for (const [id, entry] of Object.entries(entries ?? {})) {
      const rule = this.#rule(id, document.locate([...path, id], 'key'))
      if (rule === undefined) continue
      if (isTable(entry))
        settings.set(id, { severity: severity(entry['severity']), options: this.#options(rule, entry, [...path, id], document) })
      else settings.set(id, { severity: severity(entry), options: new Map() })
    }
    return settings
  }

  #rule(id: string, location: Location): Rule | undefined {
    const rule = this.#rules.get(id)
    if (rule === undefined) {
      const near = nearest(id, this.#rules.keys())
      this.problems.push({ location, message: `there is no rule ${id}${near === undefined ? '' : `, did you mean ${near}?`}` })
    }
    return rule
  }

  #options(rule: Rule, entry: TomlTable, path: TomlPath, document: TomlDocument): ReadonlyMap<string, OptionValue> {
    const options = new Map<string, OptionValue>()
    for (const [name, value] of Object.entries(entry)) {
      if (name === 'severity') continue
      const spec = rule.options?.[name]
      if (spec === undefined) {
        const near = nearest(name, ['severity', ...Object.keys(rule.options ?? {})])
        this.problems.push({
          location: document.locate([...path, name], 'key'),
          message: `${rule.id} has no option ${name}${near === undefined ? '' : `, did you mean ${near}?`}`,
        })
        continue
      }
      const option = optionValue(spec, value)
      if (option === undefined)
        this.problems.push({
          location: document.locate([...path, name]),
          message: `the option ${name} of ${rule.id} must be ${optionWords(spec)}`,
        })
      else options.set(name, option)
    }
    return options
  }

  #overrides(document: TomlDocument): Override[] {
    return tables(document.value['override']).map((entry, i) => {
      const profile = text(entry['profile'])
      return {
        paths: texts(entry['paths']),
        profile: profile !== undefined && isProfile(profile) ? profile : undefined,
        rules: this.#ruleSettings(table(entry['rules']), ['override', i, 'rules'], document),
      }
    })
  }

  #waivers(document: TomlDocument): Waiver[] {
    const ids = new Set<string>()
    return tables(document.value['waiver']).map((entry, i) => {
      const at = (key: string): Location => document.locate(['waiver', i, key])
      const id = text(entry['id']) ?? ''
      const expires = dateText(entry['expires'])
      if (ids.has(id)) this.problems.push({ location: at('id'), message: `the waiver ${id} is there twice` })
      ids.add(id)
      this.#rule(text(entry['rule']) ?? '', at('rule'))
      const component = text(entry['component'])
      if (component !== undefined) this.#pattern(component, at('component'))
      if (!isDay(expires)) this.problems.push({ location: at('expires'), message: `${expires} is no day` })
      return {
        id,
        rule: text(entry['rule']) ?? '',
        component,
        subject: text(entry['subject']),
        match: Object.fromEntries(Object.entries(table(entry['match']) ?? {}).map(([key, value]) => [key, String(value)])),
        paths: texts(entry['paths']),
        reason: text(entry['reason']) ?? '',
        owner: text(entry['owner']) ?? '',
        expires,
        ticket: text(entry['ticket']),
        approvedBy: text(entry['approved-by']),
        location: document.locate(['waiver', i]),
      }
    })
  }
}

export function isProfile(name: string): name is Profile {
  return PROFILES.has(name)
}

export function severity(value: TomlValue | undefined): Severity | 'off' | undefined {
  return value === 'error' || value === 'warn' || value === 'note' || value === 'off' ? value : undefined
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
      return Array.isArray(value) && value.every((item: TomlValue) => typeof item === 'string') ? texts(value) : undefined
  }
}

function optionWords(spec: OptionSpec): string {
  if (spec.type === 'string') return spec.choices === undefined ? 'a text' : `one of ${spec.choices.join(', ')}`
  return spec.type === 'strings' ? 'a list of texts' : spec.type === 'number' ? 'a number' : 'true or false'
}

function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number)
  if (year === undefined || month === undefined || day === undefined || month < 1 || month > 12) return false
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day >= 1 && day <= (lengths[month - 1] ?? 0)
}

/** Plain JSON values for the schema; dates become their text. */
function toPlain(value: TomlValue | Readonly<Record<string, TomlValue>>): unknown {
  if (value instanceof TomlDate) return value.text
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]))
  return value
}

/** A JSON pointer (RFC 6901) as a path. */
function pointerToPath(pointer: string): TomlPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

function dateText(value: TomlValue | undefined): string {
  return value instanceof TomlDate ? value.text : typeof value === 'string' ? value : ''
}

function table(value: TomlValue | undefined): TomlTable | undefined {
  return isTable(value) ? value : undefined
}

function tables(value: TomlValue | undefined): readonly TomlTable[] {
  return Array.isArray(value) ? value.filter(isTable) : []
}

function text(value: TomlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: TomlValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item: TomlValue) => typeof item === 'string') : []
}

function party(fields: TomlTable): {
  readonly name: string
  readonly url?: string | undefined
  readonly email?: string | undefined
} {
  return { name: text(fields['name']) ?? '', url: text(fields['url']), email: text(fields['email']) }
}
