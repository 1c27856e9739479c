import type { Location } from '../../model/location.js'

/** One string of a lockfile with its place (line and column from 1; the quotes belong to the place). */
export interface Field {
  readonly text: string
  readonly line: number
  readonly column: number
  readonly endColumn: number
}

/** One table of a lockfile, before anything in it is understood. */
export interface RawEntry {
  readonly table: 'package' | 'root' | 'patch-unused'
  /** Line of the table header. */
  readonly line: number
  readonly name?: Field | undefined
  readonly version?: Field | undefined
  readonly source?: Field | undefined
  readonly checksum?: Field | undefined
  readonly replace?: Field | undefined
  readonly dependencies: readonly Field[]
}

/** A lockfile as text and places. Two readers make it: the line reader and, behind it, the TOML parser. */
export interface RawLock {
  readonly version?: { readonly value: number; readonly line: number } | undefined
  readonly entries: readonly RawEntry[]
  /** `[metadata]`, where format 1 keeps checksums. */
  readonly metadata: readonly { readonly key: string; readonly value: Field }[]
}

export function fieldLocation(file: string, field: Field): Location {
  return { file, line: field.line, column: field.column, endLine: field.line, endColumn: field.endColumn }
}
