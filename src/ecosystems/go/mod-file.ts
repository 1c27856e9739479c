import type { Location } from '../../model/location.js'
import type { ModSyntax } from './mod-syntax.js'

/**
 * What is wrong with a line of a go.mod or go.work:
 * - `syntax`: the go command refuses the file;
 * - `noncanonical`: a branch, tag word or hash where a version belongs, which the go command would ask the network about;
 * - `major-mismatch`: path and version name different major versions;
 * - `windows-path`: a directory only Windows can find; refused elsewhere, kept here.
 */
export interface ModProblem {
  readonly kind: 'syntax' | 'noncanonical' | 'major-mismatch' | 'windows-path'
  readonly message: string
  readonly location: Location
}

export interface Requirement {
  readonly path: string
  readonly version: string
  readonly indirect: boolean
  readonly location: Location
}

/** A requirement whose version is none: it stays unresolved (spec/go.md §2.4). */
export interface UnresolvedRequirement {
  readonly path: string
  readonly query: string
  readonly location: Location
}

export interface Exclusion {
  readonly path: string
  readonly version: string
  readonly location: Location
}

/** What stands right of `=>`. */
export type ReplaceTarget =
  | { readonly kind: 'module'; readonly path: string; readonly version: string }
  | { readonly kind: 'directory'; readonly path: string }

export interface Replace {
  readonly path: string
  /** Absent: every version. */
  readonly version: string | undefined
  readonly target: ReplaceTarget
  readonly location: Location
}

export interface Retraction {
  readonly low: string
  readonly high: string
  readonly rationale: string
  readonly location: Location
}

/** A directive with one text. */
export interface Setting {
  readonly value: string
  readonly location: Location
}

export interface GoDebug {
  readonly key: string
  readonly value: string
  readonly location: Location
}

/** What a go.mod says, in the order of the file. */
export interface ModFile {
  readonly file: string
  readonly module: (Setting & { readonly deprecated: string }) | undefined
  readonly go: Setting | undefined
  readonly toolchain: Setting | undefined
  readonly godebug: readonly GoDebug[]
  readonly require: readonly Requirement[]
  readonly unresolved: readonly UnresolvedRequirement[]
  readonly exclude: readonly Exclusion[]
  readonly replace: readonly Replace[]
  readonly retract: readonly Retraction[]
  readonly tool: readonly Setting[]
  readonly ignore: readonly Setting[]
  readonly problems: readonly ModProblem[]
}

/** What a go.work says, in the order of the file (spec/go.md §4.1). */
export interface WorkFile {
  readonly file: string
  readonly go: Setting | undefined
  readonly toolchain: Setting | undefined
  readonly godebug: readonly GoDebug[]
  readonly use: readonly Setting[]
  readonly replace: readonly Replace[]
  readonly problems: readonly ModProblem[]
}

/** The lexical error of a file, as the one problem that ends it. */
export function syntaxProblems(syntax: ModSyntax): ModProblem[] {
  return syntax.error === undefined ? [] : [{ kind: 'syntax', ...syntax.error }]
}
