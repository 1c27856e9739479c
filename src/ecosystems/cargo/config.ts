import type { Location } from '../../model/location.js'
import { folderOf } from '../../model/tree.js'
import type { TomlDocument } from '../../syntax/toml.js'

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
  /** Keys that an auditor must see. Values are never handed on: one of them is a token. */
  readonly keys: readonly ConfigKey[]
}

/** Files that count at a folder, from the nearest to the farthest, as cargo finds them when called there (spec/cargo.md §4.1). */
export function configChain(files: readonly ConfigFile[], folder: string): readonly ConfigFile[] {
  const nearestFirst = files
    .filter((file) => isAtOrAbove(folderOf(folderOf(file.path)), folder))
    // Of two spellings in one folder the one without extension wins.
    .sort((a, b) => b.path.split('/').length - a.path.split('/').length || a.path.length - b.path.length)
  const folders = new Set<string>()
  return nearestFirst.filter((file) => {
    const at = folderOf(file.path)
    return folders.has(at) ? false : folders.add(at) !== undefined
  })
}

export function isAtOrAbove(above: string, folder: string): boolean {
  return above === '.' || above === folder || folder.startsWith(`${above}/`)
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
