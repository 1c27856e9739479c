/**
 * A place in a file of the tree. `file` is relative to the tree's root and uses `/` on every system. Lines and
 * columns count from 1; columns count UTF-16 code units (SARIF `columnKind: utf16CodeUnits`). `endColumn` is the
 * column after the last character.
 */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine?: number | undefined
  readonly endColumn?: number | undefined
}

/** `file:line:column`, the form compilers use and editors open. */
export function formatLocation(at: Location): string {
  return `${at.file}:${at.line}:${at.column}`
}

/** Orders by file, line, column; code units, never locale. */
export function compareLocations(a: Location, b: Location): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}
