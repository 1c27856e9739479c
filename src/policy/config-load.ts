import type { Party } from '../model/document.js'
import type { Location } from '../model/location.js'
import type { Rule } from '../model/rule.js'
import { folderOf, resolvePath } from '../model/tree.js'
import type { TomlDocument, TomlTable } from '../syntax/toml.js'
import { parseToml } from '../syntax/toml.js'
import type { Override, ValidConfig } from './config.js'
import { DEFAULT_CONFIG, isProfile, PROFILES } from './config.js'
import type { ConfigProblem } from './config-problem.js'
import { configurationError } from './config-problem.js'
import { releaseSettings } from './config-release.js'
import { ReviewDemands } from './config-reviews.js'
import { mergeRuleSettings, RuleSettingsReader } from './config-rules.js'
import type { SchemaValidator } from './config-schema.js'
import { schemaProblems } from './config-schema.js'
import type { TrustChecks } from './config-trust.js'
import { severitiesOfRequirements, trustSettings } from './config-trust.js'
import { verifySettings } from './config-verify.js'
import { notePattern, readWaivers } from './config-waivers.js'
import { table, tables, text, texts } from './toml-values.js'

/** A configuration file with what it extends, read by the caller. */
export interface ConfigSource {
  readonly text: string
  /** How to name it in messages and locations; paths of `extends` count from its folder. */
  readonly file: string
  /** Text of a file below the folder of the first one, by its path from there; undefined when it is not there. */
  readonly readExtended: (path: string) => string | undefined
  readonly checks: TrustChecks
}

/**
 * Reads assay.toml: TOML, then the schema, then what only we can know (rule ids, options, patterns). Everything that is
 * wrong is gathered and thrown once as `configuration`, with file and line; then nothing is judged.
 */
export function loadConfig(source: ConfigSource, rules: readonly Rule[], validate: SchemaValidator): ValidConfig {
  const problems: ConfigProblem[] = []
  const reader = new ConfigReader(rules, validate, problems, source)
  const config = reader.read(source.text, [source.file], DEFAULT_CONFIG)
  reader.noteUnmeetable(config)
  if (problems.length > 0) throw configurationError(source.file, problems)
  return config
}

const MAX_EXTENDS = 8
/** Files that extend each other side by side could be read over and over. */
const MAX_FILES = 64

class ConfigReader {
  readonly #rules: RuleSettingsReader
  #files = 1
  /** Where a signature is required, of the file that was read last. */
  #required: Location | undefined
  readonly #reviewDemands = new ReviewDemands()

  constructor(
    rules: readonly Rule[],
    readonly validate: SchemaValidator,
    readonly problems: ConfigProblem[],
    readonly source: Pick<ConfigSource, 'readExtended' | 'checks'>,
  ) {
    this.#rules = new RuleSettingsReader(rules, problems)
  }

  /** What must be signed, or reviewed, and is looked for nowhere could never pass. */
  noteUnmeetable({ settings: { trust } }: ValidConfig): void {
    this.problems.push(...this.#reviewDemands.problems(trust.reviews))
    if (this.#required === undefined || trust.folders.length > 0 || trust.templates.length > 0) return
    if (trust.github.length > 0 || trust.githubForRequired) return
    this.problems.push({
      location: this.#required,
      message: 'this can never be met: nothing says where signatures are; add attestations, urls or github to [trust]',
    })
  }

  /** `chain`: this file and, before it, those that led to it. */
  read(content: string, chain: readonly string[], below: ValidConfig): ValidConfig {
    const parsed = parseToml(content, chain.at(-1) ?? '', 'input/config-unparseable')
    if (!parsed.ok) {
      this.problems.push({ location: parsed.diagnostic.location, message: parsed.diagnostic.message })
      return below
    }
    const { document } = parsed
    const misshapen = schemaProblems(document, this.validate)
    this.problems.push(...misshapen)
    if (misshapen.length > 0) return below
    let config = below
    for (const [i, name] of texts(document.value['extends']).entries())
      config = this.#extend(name, chain, config, document.locate(['extends', i]))
    return this.#apply(document, config, folderOf(chain.at(-1) ?? ''))
  }

  #extend(name: string, chain: readonly string[], config: ValidConfig, location: Location): ValidConfig {
    const refuse = (message: string): ValidConfig => {
      this.problems.push({ location, message })
      return config
    }
    if (name.startsWith('assay:')) {
      const profile = name.slice('assay:'.length)
      if (isProfile(profile)) return { ...config, profile }
      return refuse(`there is no profile ${profile}; the profiles are ${PROFILES.join(', ')}`)
    }
    if (/^[a-z]+:/.test(name)) return refuse(`${name} is not in the repository; this version extends local files only`)
    const path = resolvePath(folderOf(chain.at(-1) ?? ''), name)
    if (path === undefined) return refuse(`${name} is not there or not below this file`)
    if (chain.includes(path)) return refuse(`${name} extends itself`)
    if (chain.length > MAX_EXTENDS) return refuse(`extends nest deeper than ${MAX_EXTENDS}`)
    if (this.#files >= MAX_FILES) return refuse(`more than ${MAX_FILES} files extend each other`)
    this.#files += 1
    const content = this.source.readExtended(path)
    return content === undefined
      ? refuse(`${name} is not there or not below this file`)
      : this.read(content, [...chain, path], config)
  }

  #apply(document: TomlDocument, below: ValidConfig, folder: string): ValidConfig {
    const { value } = document
    const { checks } = this.source
    this.#reviewDemands.read(document)
    const trust = trustSettings({ document, folder, checks, problems: this.problems }, below.settings.trust)
    if (tables(table(value['trust'])?.['require']).length > 0) this.#required = document.locate(['trust', 'require'], 'key')
    const required = mergeRuleSettings(severitiesOfRequirements(table(value['trust'])), below.rules)
    const gate = table(value['gate'])
    const discover = table(value['discover'])
    const failOn = gate?.['fail-on']
    const warnings = gate?.['max-warnings']
    return {
      profile: below.profile,
      failOn: failOn === 'error' || failOn === 'warn' || failOn === 'never' ? failOn : below.failOn,
      maxWarnings: typeof warnings === 'number' ? warnings : below.maxWarnings,
      settings: {
        sources: sources(document, below.settings.sources),
        deny: [...below.settings.deny, ...this.#deny(document)],
        allow: [...below.settings.allow, ...this.#allow(document)],
        trust,
        release: releaseSettings(document, below.settings.release, this.source.checks, this.problems),
      },
      verify: verifySettings(table(value['verify']), below.verify),
      rules: mergeRuleSettings(required, this.#rules.read(table(value['rules']), ['rules'], document)),
      overrides: [...below.overrides, ...this.#overrides(document)],
      waivers: [...below.waivers, ...readWaivers(document, below.waivers, this.#rules, this.problems)],
      info: info(document, below.info),
      discover: {
        exclude: [...below.discover.exclude, ...texts(discover?.['exclude'])],
        include: [...below.discover.include, ...texts(discover?.['include'])],
      },
    }
  }

  #deny(document: TomlDocument): ValidConfig['settings']['deny'] {
    return tables(document.value['deny']).map((entry, i) => {
      const component = text(entry['component']) ?? ''
      const wrappers = texts(entry['wrappers'])
      notePattern(component, document.locate(['deny', i, 'component']), this.problems)
      for (const [j, wrapper] of wrappers.entries())
        notePattern(wrapper, document.locate(['deny', i, 'wrappers', j]), this.problems)
      return { component, reason: text(entry['reason']) ?? '', instead: text(entry['instead']), wrappers }
    })
  }

  #allow(document: TomlDocument): readonly string[] {
    const patterns = texts(document.value['allow'])
    for (const [i, pattern] of patterns.entries()) notePattern(pattern, document.locate(['allow', i]), this.problems)
    return patterns
  }

  #overrides(document: TomlDocument): Override[] {
    return tables(document.value['override']).map((entry, i) => {
      const profile = text(entry['profile'])
      return {
        paths: texts(entry['paths']),
        profile: profile !== undefined && isProfile(profile) ? profile : undefined,
        rules: this.#rules.read(table(entry['rules']), ['override', i, 'rules'], document),
      }
    })
  }
}

type Sources = ValidConfig['settings']['sources']

/** Lists of what is allowed replace those below, so that a file can be stricter; what is declared adds up. */
function sources(document: TomlDocument, below: Sources): Sources {
  const own = table(document.value['sources'])
  const git = table(own?.['git'])
  const require = git?.['require']
  return {
    registries: own?.['registries'] === undefined ? below.registries : texts(own['registries']),
    mirrors: [
      ...below.mirrors,
      ...tables(own?.['mirrors']).map((mirror) => ({ url: text(mirror['url']) ?? '', of: text(mirror['of']) ?? '' })),
    ],
    git: {
      orgs: git?.['orgs'] === undefined ? below.git.orgs : texts(git['orgs']),
      require: require === 'any' || require === 'tag' || require === 'rev' ? require : below.git.require,
    },
    hosts: own?.['hosts'] === undefined ? below.hosts : texts(own['hosts']),
    internal: [...below.internal, ...texts(own?.['internal'])],
  }
}

function info(document: TomlDocument, below: ValidConfig['info']): ValidConfig['info'] {
  const project = table(document.value['project'])
  const sbom = table(document.value['sbom'])
  const manufacturer = table(sbom?.['manufacturer'])
  const supplier = table(sbom?.['supplier'])
  return {
    subject:
      project === undefined
        ? below.subject
        : { name: text(project['name']) ?? '', version: text(project['version']), purl: text(project['purl']) },
    authors: sbom?.['authors'] === undefined ? below.authors : tables(sbom['authors']).map(party),
    manufacturer: manufacturer === undefined ? below.manufacturer : party(manufacturer),
    supplier: supplier === undefined ? below.supplier : party(supplier),
  }
}

function party(fields: TomlTable): Party {
  return { name: text(fields['name']) ?? '', url: text(fields['url']), email: text(fields['email']) }
}
