import type { DeclaredPackage } from './declared.js'
import type { DeclaredDependency, DependencyKind } from './manifest.js'

/** One line of a registry index: one version of one crate (spec/cargo.md §3.6). */
export interface IndexRow {
  readonly name: string
  readonly version: string
  /** Lower-case hexadecimal SHA-256 of the `.crate`. */
  readonly checksum: string
  readonly yanked: boolean
  /** When it was published, `YYYY-MM-DDThh:mm:ssZ`; many rows do not say. */
  readonly published: string | undefined
  readonly declared: DeclaredPackage
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
  const { name, vers, cksum, deps, features, features2, yanked, pubtime, v } = row
  if (typeof name !== 'string' || typeof vers !== 'string' || typeof cksum !== 'string' || !Array.isArray(deps)) return undefined
  if (v !== undefined && v !== null && v !== 1 && v !== 2) return undefined
  return {
    name,
    version: vers,
    checksum: cksum.toLowerCase(),
    yanked: yanked === true,
    published: typeof pubtime === 'string' && isPubtime(pubtime) ? pubtime : undefined,
    declared: {
      dependencies: deps.flatMap((dep: unknown) => toDependency(dep) ?? []),
      features: mergeFeatures(features, features2),
      // The index knows neither.
      procMacro: undefined,
      buildScript: undefined,
    },
  }
}

/** Just this form (spec/cargo.md §3.6), and an instant that exists. */
function isPubtime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) && isInstant(text)
}

function isInstant(text: string): boolean {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text.split(/[-T:Z]/).map(Number)
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60
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
