import type { Diagnostic } from '../../model/diagnostic.js'
import type { Location } from '../../model/location.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import type { TomlDocument, TomlPath, TomlTable } from '../../syntax/toml.js'
import { parseToml } from '../../syntax/toml.js'
import type { CargoConfig, ConfigFile, ConfigKey, RegistryDefinition, SourceDefinition } from './config.js'
import { string, strings, table } from './manifest.js'

export type ConfigFileResult =
  | { readonly ok: true; readonly file: ConfigFile }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Reads one `.cargo/config.toml`. */
export function parseConfigFile(text: string, path: string): ConfigFileResult {
  const parsed = parseToml(text, path, 'input/config-unparseable')
  return parsed.ok ? { ok: true, file: { path, document: parsed.document, keys: auditedKeys(parsed.document) } } : parsed
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

function auditedKeys(document: TomlDocument): ConfigKey[] {
  const { value } = document
  const found: ConfigKey[] = []
  const note = (path: TomlPath): void => {
    found.push({ key: path.join('.'), location: document.locate(path, 'key') })
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
