import type { Diagnostic } from '../../model/diagnostic.js'
import type { Location } from '../../model/location.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import type { TomlDocument, TomlPath, TomlTable } from '../../syntax/toml.js'
import { parseToml } from '../../syntax/toml.js'
import { string, strings, table } from './manifest.js'

/** One `[source.NAME]` (spec/cargo.md §4.2). */
export interface SourceDefinition {
  readonly name: string
  readonly replaceWith: string | undefined
  readonly registry: string | undefined
  readonly localRegistry: string | undefined
  readonly directory: string | undefined
  readonly git: string | undefined
  readonly location: Location
}

export interface RegistryDefinition {
  readonly name: string
  readonly index: string
  readonly location: Location
}

/** One key of a configuration file that changes what gets built or where it comes from. */
export interface ConfigKey {
  readonly key: string
  readonly location: Location
}

/** The configuration that holds at a folder, as cargo merges it from the files at and above it. */
export interface CargoConfig {
  readonly sources: ReadonlyMap<string, SourceDefinition>
  readonly registries: ReadonlyMap<string, RegistryDefinition>
  /** Folders of `paths = […]`, with the place of each. */
  readonly paths: readonly { readonly path: string | undefined; readonly raw: string; readonly location: Location }[]
  readonly patches: readonly { readonly of: string; readonly name: string; readonly location: Location }[]
}

/** One configuration file, read. */
export interface ConfigFile {
  readonly path: string
  readonly document: TomlDocument
}

export type ConfigFileResult =
  | { readonly ok: true; readonly file: ConfigFile }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

export function parseConfigFile(text: string, path: string): ConfigFileResult {
  const parsed = parseToml(text, path, 'input/config-unparseable')
  return parsed.ok ? { ok: true, file: { path, document: parsed.document } } : parsed
}

/** Keys by which a repository injects programs, flags or trust into the build (spec/cargo.md §4.4). */
const BUILD_KEYS: readonly (readonly string[])[] = [
  ['build', 'rustc'],
  ['build', 'rustc-wrapper'],
  ['build', 'rustc-workspace-wrapper'],
  ['build', 'rustdoc'],
  ['build', 'rustflags'],
  ['env'],
  ['alias'],
  ['http', 'proxy'],
  ['http', 'cainfo'],
  ['http', 'check-revoke'],
  ['registry', 'token'],
  ['registry', 'credential-provider'],
  ['registry', 'global-credential-providers'],
]
const TARGET_KEYS = ['runner', 'linker', 'rustflags']
const REGISTRY_KEYS = ['token', 'credential-provider', 'credential-process']

/** The keys of a file that an auditor must see. Values are never handed on: one of them is a token. */
export function auditedKeys(file: ConfigFile): ConfigKey[] {
  const { value } = file.document
  const found: ConfigKey[] = []
  const note = (path: TomlPath): void => {
    found.push({ key: path.join('.'), location: file.document.locate(path, 'key') })
  }
  for (const [group, key] of BUILD_KEYS) {
    if (group === undefined) continue
    if (key === undefined ? value[group] !== undefined : table(value[group])?.[key] !== undefined)
      note(key === undefined ? [group] : [group, key])
  }
  for (const [name, inner] of Object.entries(table(value['target']) ?? {}))
    for (const key of TARGET_KEYS) if (table(inner)?.[key] !== undefined) note(['target', name, key])
  for (const [name, inner] of Object.entries(table(value['registries']) ?? {}))
    for (const key of REGISTRY_KEYS) if (table(inner)?.[key] !== undefined) note(['registries', name, key])
  for (const name of Object.keys(table(value['source']) ?? {})) note(['source', name])
  if (value['paths'] !== undefined) note(['paths'])
  for (const name of Object.keys(table(value['patch']) ?? {})) note(['patch', name])
  return found
}

/**
 * The configuration at a folder: files from nearest to farthest, tables merged key by key with the nearer one winning,
 * then the environment above all (for `registries` alone; cargo reads no `source` from there).
 */
export function mergeConfig(nearestFirst: readonly ConfigFile[], environment: ReadonlyMap<string, string>): CargoConfig {
  const sources = new Map<string, SourceDefinition>()
  const registries = new Map<string, RegistryDefinition>()
  const paths: { path: string | undefined; raw: string; location: Location }[] = []
  const patches: { of: string; name: string; location: Location }[] = []
  for (const file of [...nearestFirst].reverse()) {
    const { value, locate } = file.document
    for (const [name, inner] of Object.entries(table(value['source']) ?? {})) {
      const fields = table(inner)
      if (fields !== undefined)
        sources.set(name, mergeSource(sources.get(name), readSource(name, fields, locate(['source', name], 'key'))))
    }
    for (const [name, inner] of Object.entries(table(value['registries']) ?? {})) {
      const index = string(table(inner)?.['index'])
      if (index !== undefined) registries.set(name, { name, index, location: locate(['registries', name, 'index']) })
    }
    // Relative paths count from the parent of the folder that holds the file.
    const base = folderOf(folderOf(file.path))
    for (const [i, raw] of (strings(value['paths']) ?? []).entries())
      paths.push({ path: resolvePath(base, raw), raw, location: locate(['paths', i]) })
    for (const [of, inner] of Object.entries(table(value['patch']) ?? {})) {
      for (const name of Object.keys(table(inner) ?? {})) patches.push({ of, name, location: locate(['patch', of, name], 'key') })
    }
  }
  for (const [name, definition] of registries) {
    const override = environment.get(`CARGO_REGISTRIES_${name.toUpperCase().replaceAll('-', '_')}_INDEX`)
    if (override !== undefined) registries.set(name, { ...definition, index: override })
  }
  return { sources, registries, paths, patches }
}

function readSource(name: string, fields: TomlTable, location: Location): SourceDefinition {
  return {
    name,
    replaceWith: string(fields['replace-with']),
    registry: string(fields['registry']),
    localRegistry: string(fields['local-registry']),
    directory: string(fields['directory']),
    git: string(fields['git']),
    location,
  }
}

function mergeSource(below: SourceDefinition | undefined, above: SourceDefinition): SourceDefinition {
  return {
    name: above.name,
    replaceWith: above.replaceWith ?? below?.replaceWith,
    registry: above.registry ?? below?.registry,
    localRegistry: above.localRegistry ?? below?.localRegistry,
    directory: above.directory ?? below?.directory,
    git: above.git ?? below?.git,
    location: above.location,
  }
}

/** Where a chain of `replace-with` ends. There is no fallback: what lies between is never used (spec/cargo.md §4.3). */
export type ChainEnd =
  | { readonly kind: 'source'; readonly definition: SourceDefinition; readonly through: readonly string[] }
  | { readonly kind: 'registry'; readonly definition: RegistryDefinition; readonly through: readonly string[] }
  | { readonly kind: 'unknown'; readonly name: string; readonly location: Location }
  | { readonly kind: 'cycle'; readonly name: string; readonly location: Location }

/** Follows `replace-with` from a source that has one. */
export function followReplacement(start: SourceDefinition, config: CargoConfig): ChainEnd {
  const through: string[] = []
  const seen = new Set<string>([start.name])
  let at = start
  while (at.replaceWith !== undefined) {
    const name = at.replaceWith
    const next = config.sources.get(name)
    if (next === undefined) {
      const registry = config.registries.get(name)
      return registry === undefined
        ? { kind: 'unknown', name, location: at.location }
        : { kind: 'registry', definition: registry, through }
    }
    if (seen.has(name)) return { kind: 'cycle', name, location: at.location }
    seen.add(name)
    if (next.replaceWith !== undefined) through.push(name)
    at = next
  }
  return { kind: 'source', definition: at, through }
}
