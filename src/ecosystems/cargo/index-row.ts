import type { DeclaredPackage } from './declared.js'
import type { DeclaredDependency, DependencyKind } from './manifest.js'

/** One line of a registry index: one version of one crate (spec/cargo.md §3.6). */
export interface IndexRow {
  readonly name: string
  readonly version: string
  /** Lower-case hexadecimal SHA-256 of the `.crate`. */
  readonly checksum: string
  readonly yanked: boolean
  readonly declared: DeclaredPackage
}

/** Parses the lines of an index file; a line that is no row is left out and counted, as cargo leaves it out. */
export function parseIndexFile(text: string): { readonly rows: readonly IndexRow[]; readonly skipped: number } {
  const rows: IndexRow[] = []
  let skipped = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const row = parseIndexRow(line)
    if (row === undefined) skipped += 1
    else rows.push(row)
  }
  return { rows, skipped }
}

/** One JSON row, or undefined when it is not one this reader understands (`v` above 2 included). */
export function parseIndexRow(line: string): IndexRow | undefined {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!isObject(row)) return undefined
  const { name, vers, cksum, deps, features, features2, yanked, v } = row
  if (typeof name !== 'string' || typeof vers !== 'string' || typeof cksum !== 'string' || !Array.isArray(deps)) return undefined
  if (v !== undefined && v !== null && v !== 1 && v !== 2) return undefined
  return {
    name,
    version: vers,
    checksum: cksum.toLowerCase(),
    yanked: yanked === true,
    declared: {
      dependencies: deps.flatMap((dep: unknown) => toDependency(dep) ?? []),
      features: mergeFeatures(features, features2),
      // The index knows neither.
      procMacro: undefined,
      buildScript: undefined,
    },
  }
}

function toDependency(dep: unknown): DeclaredDependency | undefined {
  if (!isObject(dep) || typeof dep['name'] !== 'string') return undefined
  const kind = toKind(dep['kind'])
  return {
    key: dep['name'],
    package: text(dep['package']) ?? dep['name'],
    requirement: text(dep['req']),
    kind,
    target: text(dep['target']),
    optional: dep['optional'] === true,
    features: texts(dep['features']).filter((feature) => feature !== ''),
    defaultFeatures: dep['default_features'] !== false,
    path: undefined,
    git: undefined,
    registry: text(dep['registry']),
    inherited: false,
    location: undefined,
  }
}

function toKind(kind: unknown): DependencyKind {
  return kind === 'dev' || kind === 'build' ? kind : 'normal'
}

/** `features2` holds what old cargos could not read; lists of one name are joined. */
function mergeFeatures(...tables: readonly unknown[]): ReadonlyMap<string, readonly string[]> {
  const merged = new Map<string, readonly string[]>()
  for (const table of tables) {
    if (!isObject(table)) continue
    for (const [name, items] of Object.entries(table)) merged.set(name, [...(merged.get(name) ?? []), ...texts(items)])
  }
  return merged
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : []
}
