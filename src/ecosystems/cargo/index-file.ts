import type { IndexRow } from './index-row.js'
import { parseIndexRow } from './index-row.js'
import type { SemVer } from './semver.js'
import { compareSemVer, parseSemVer } from './semver.js'

/** The file of one crate in an index, read for the versions that are wanted. */
export interface IndexFile {
  /**
   * `rows`: an index file of this crate. `other-name`: one, but of crates of other names only. `garbage`: not one line is a
   * row, such as the page of a captive portal.
   */
  readonly kind: 'rows' | 'other-name' | 'garbage'
  /** Rows by wanted version; none for a version without. More than one breaks the index's own promise. */
  readonly found: ReadonlyMap<string, readonly IndexRow[]>
  /** Every wanted version has a row. */
  readonly complete: boolean
}

/**
 * Reads an index file (spec/cargo.md §3.4, §3.6): one row a line; what is no row is passed over, as cargo passes over it.
 * Files have thousands of lines and one or two of them matter, so the others are parsed only when something is missing.
 */
export function readIndexFile(bytes: Uint8Array, name: string, wanted: readonly string[]): IndexFile {
  // A line is no row for being no UTF-8; the others are.
  const text = new TextDecoder().decode(bytes)
  const every = text.split('\n')
  const lines = text.includes('\ufffd') ? every.filter((line) => !line.includes('\ufffd')) : every
  const cores = wanted.map(withoutBuild)
  const near = lines.filter((line) => cores.some((core) => line.includes(core)) || line.includes('\\u'))
  const found = pick(
    near.flatMap((line) => parseIndexRow(line) ?? []),
    name,
    wanted,
  )
  if (found.size === wanted.length && wanted.length > 0) return { kind: 'rows', found, complete: true }
  const names = new Set(lines.flatMap((line) => parseIndexRow(line)?.name ?? []))
  const kind = names.has(name) ? 'rows' : names.size > 0 ? 'other-name' : 'garbage'
  return { kind, found, complete: found.size === wanted.length }
}

/** The row of the highest version below this one that is not yanked; undefined where there is none, or none that can be told. */
export function earlierRow(bytes: Uint8Array, name: string, version: string): IndexRow | undefined {
  const own = parseSemVer(version)
  if (own === undefined) return undefined
  let best: { readonly row: IndexRow; readonly version: SemVer } | undefined
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const row = parseIndexRow(line)
    const parsed = row === undefined ? undefined : parseSemVer(row.version)
    if (row === undefined || parsed === undefined || row.name !== name || row.yanked || !SHA256.test(row.checksum)) continue
    if (compareSemVer(parsed, own) < 0 && (best === undefined || compareSemVer(parsed, best.version) > 0))
      best = { row, version: parsed }
  }
  return best?.row
}

const SHA256 = /^[0-9a-f]{64}$/

function pick(rows: readonly IndexRow[], name: string, wanted: readonly string[]): ReadonlyMap<string, readonly IndexRow[]> {
  const found = new Map<string, readonly IndexRow[]>()
  const own = rows.filter((row) => row.name === name)
  for (const version of wanted) {
    const matching = own.filter((row) => isRowOf(row, version))
    if (matching.length > 0) found.set(version, matching)
  }
  return found
}

/** An index names no two versions that differ in build metadata alone; a version that carries some means itself. */
function isRowOf(row: IndexRow, version: string): boolean {
  return row.version === version || (!version.includes('+') && withoutBuild(row.version) === version)
}

function withoutBuild(version: string): string {
  const plus = version.indexOf('+')
  return plus < 0 ? version : version.slice(0, plus)
}

/** Path of a crate's file in an index (spec/cargo.md §3.3): lower case, by length. */
export function indexPath(name: string): string {
  const lower = name.toLowerCase()
  return `${indexPrefix(lower)}/${lower}`
}

/** The folder of a name in an index, its case kept: `3/a` or `as/sa`. */
export function indexPrefix(name: string): string {
  const characters = [...name]
  if (characters.length <= 2) return String(characters.length)
  if (characters.length === 3) return `3/${characters[0] ?? ''}`
  return `${characters.slice(0, 2).join('')}/${characters.slice(2, 4).join('')}`
}
