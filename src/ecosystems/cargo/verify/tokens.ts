import { cargoToken } from '../../../evidence/http/cargo-credentials.js'
import type { Credential } from '../../../evidence/http/credentials.js'
import { credentialFor } from '../../../evidence/http/credentials.js'
import type { Secret } from '../../../evidence/http/secret.js'
import type { Settings } from '../../../model/rule.js'
import type { SupplyInput } from '../../verifier.js'
import type { ConfigFile } from '../config.js'
import { mergeConfig } from '../config-read.js'
import { readConfigFiles } from './configured.js'
import { isSamePlace, mirrorPlace, type Place, registryPlace } from './place.js'

/** A token and the registry it is sent to. */
interface RegistryToken {
  /** URL of the index; ends with `/`. */
  readonly url: string
  readonly token: Secret
}

/** What is known of tokens for one registry. `not-sent`: there is one, and nobody but the tree says where it belongs. */
type TokenState = 'own' | 'none' | 'not-sent'

/**
 * Tokens of the environment (spec/cargo.md §3.11), each bound to the index URL of the registry it is named for. A file of the
 * tree alone does not decide where a token goes: whoever can change it could have it sent anywhere. So the URL must come from
 * the environment too, or be listed under `sources.registries` or `sources.mirrors`.
 */
export class RegistryTokens {
  readonly #sent: readonly RegistryToken[]
  readonly #kept: readonly Place[]

  constructor(files: readonly ConfigFile[], environment: ReadonlyMap<string, string>, sources: Settings['sources']) {
    const trusted = [...sources.registries.filter(isUrl), ...sources.mirrors.map(({ url }) => url)].map(mirrorPlace)
    const sent: RegistryToken[] = []
    const kept: Place[] = []
    const variables = Object.fromEntries(environment)
    for (const { name, index, fromEnvironment } of namedRegistries(files, environment)) {
      const token = cargoToken(name, variables)
      const place = registryPlace(index)
      if (token === undefined || place.kind !== 'sparse') continue
      if (fromEnvironment || trusted.some((known) => isSamePlace(known, place))) sent.push({ url: place.url, token })
      else kept.push(place)
    }
    this.#sent = sent
    this.#kept = kept
  }

  of(place: Place): TokenState {
    if (place.kind !== 'sparse') return 'none'
    if (this.#sent.some(({ url }) => url === place.url)) return 'own'
    return this.#kept.some((kept) => isSamePlace(kept, place)) ? 'not-sent' : 'none'
  }

  /** Whether one of the tokens would be sent to this URL by the credentials given. */
  reaches(url: string): boolean {
    return URL.canParse(url) && this.#sent.some((one) => new URL(one.url).origin === new URL(url).origin)
  }

  /** Whether a URL of the registry's origin gets the registry's own token, and no other, by the credentials given. */
  belongTo(place: Place, url: URL): boolean {
    const own = place.kind === 'sparse' ? this.#sent.find((one) => one.url === place.url) : undefined
    if (own === undefined || new URL(own.url).origin !== url.origin) return false
    return credentialFor(url, this.credentials())?.reveal() === own.token.reveal()
  }

  /**
   * For the client: each token for its index and what is below; for the whole origin only where no other token belongs to it
   * (CVE-2026-5222: registries of one host must not get each other's).
   */
  credentials(): readonly Credential[] {
    return this.#sent.flatMap(({ url, token }): Credential[] => {
      const { origin } = new URL(url)
      const own: Credential = { scope: { kind: 'url', url }, authorization: token }
      return this.#valuesAt(origin).size === 1
        ? [own, { scope: { kind: 'url', url: `${origin}/` }, authorization: token }]
        : [own]
    })
  }

  #valuesAt(origin: string): ReadonlySet<string> {
    return new Set(this.#sent.filter(({ url }) => new URL(url).origin === origin).map(({ token }) => token.reveal()))
  }
}

/** The credentials of a run's Cargo registries, for the client behind its desk. */
export async function cargoCredentials(input: Omit<SupplyInput, 'desk' | 'git'>): Promise<readonly Credential[]> {
  const files = await readConfigFiles(input.tree, input.files)
  return new RegistryTokens(files, input.environment, input.sources).credentials()
}

interface NamedRegistry {
  readonly name: string
  readonly index: string
  readonly fromEnvironment: boolean
}

const INDEX_VARIABLE = /^CARGO_REGISTRIES_([A-Z0-9_]+)_INDEX$/

function namedRegistries(files: readonly ConfigFile[], environment: ReadonlyMap<string, string>): readonly NamedRegistry[] {
  const named = new Map<string, NamedRegistry>()
  for (const file of files) {
    const { registries } = mergeConfig([file], new Map())
    for (const { name, index } of registries.values()) named.set(`${name} ${index}`, { name, index, fromEnvironment: false })
  }
  for (const [variable, index] of environment) {
    // In the variables for index and token the name has the same form.
    const name = INDEX_VARIABLE.exec(variable)?.[1]
    if (name !== undefined) named.set(`${name} ${index}`, { name, index, fromEnvironment: true })
  }
  return [...named.values()]
}

function isUrl(text: string): boolean {
  return text.includes('://')
}
