import { join } from 'node:path'
import { isTable, parseToml, type TomlValue } from '../../syntax/toml.js'
import { readBoundedFile } from './bounded-file.js'
import { fitsHeader, Secret } from './secret.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Cargo's tokens by registry name; the public registry is `crates-io`. Which host a name means, cargo's configuration says. */
export type CargoTokens = ReadonlyMap<string, Secret>

const PUBLIC = 'crates-io'
const MAX_CARGO_CREDENTIALS_BYTES = 1024 * 1024

/**
 * The tokens of cargo's own file, to be read only where the user asks for it (spec/cargo.md §3.11); the file without
 * ending wins where both exist.
 */
export async function readCargoCredentials(
  cargoHome: string,
): Promise<{ readonly tokens: CargoTokens; readonly problem?: string | undefined }> {
  for (const name of ['credentials', 'credentials.toml']) {
    const file = await readBoundedFile(join(cargoHome, name), MAX_CARGO_CREDENTIALS_BYTES)
    if (file.ok) return { tokens: parseCargoCredentials(Buffer.from(file.bytes).toString('utf8')) }
    if (file.failure !== 'absent') return { tokens: new Map(), problem: `cargo's ${name} file cannot be read (${file.why})` }
  }
  return { tokens: new Map() }
}

/**
 * The token of one registry: `CARGO_REGISTRIES_<NAME>_TOKEN` (name in capitals, `-` as `_`), for the public one
 * `CARGO_REGISTRY_TOKEN` as well; else that of the file, which is read only where the user asks for it.
 */
export function cargoToken(registry: string, env: Environment, fromFile: CargoTokens = new Map()): Secret | undefined {
  const named = env[`CARGO_REGISTRIES_${registry.toUpperCase().replaceAll('-', '_')}_TOKEN`]
  const value = named || (registry === PUBLIC ? env['CARGO_REGISTRY_TOKEN'] : undefined)
  return value ? tokenOf(value) : fromFile.get(registry)
}

/** The tokens of `credentials.toml`. A file that cannot be read as TOML has none; its text is repeated nowhere. */
export function parseCargoCredentials(text: string): CargoTokens {
  const tokens = new Map<string, Secret>()
  const parsed = parseToml(text, 'credentials.toml', 'input/config-unparseable')
  if (!parsed.ok) return tokens
  const root = parsed.document.value
  add(tokens, PUBLIC, root['registry'])
  const registries = root['registries']
  if (isTable(registries)) for (const [name, value] of Object.entries(registries)) add(tokens, name, value)
  return tokens
}

function add(tokens: Map<string, Secret>, name: string, value: TomlValue | undefined): void {
  const token = isTable(value) ? value['token'] : undefined
  const secret = typeof token === 'string' ? tokenOf(token) : undefined
  if (secret !== undefined) tokens.set(name, secret)
}

/** Sent as it stands, without a scheme word. With `Bearer x` only `x` may be worth hiding; both are hidden. */
function tokenOf(value: string): Secret | undefined {
  const token = value.trim()
  const space = token.indexOf(' ')
  return fitsHeader(token) ? new Secret(token, space < 0 ? [] : [token.slice(space + 1)]) : undefined
}
