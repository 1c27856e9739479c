import type { Component, ComponentId, ProjectId } from './component.js'
import type { Diagnostic } from './diagnostic.js'
import type { Location } from './location.js'
import type { Source } from './source.js'

export type EdgeKind = 'runtime' | 'build' | 'dev' | 'test' | 'tool' | 'unknown'

/** `from` depends on `to`. One edge a pair; kinds are merged. */
export interface Edge {
  readonly from: ComponentId
  readonly to: ComponentId
  /** Sorted, never empty. */
  readonly kinds: readonly EdgeKind[]
  /** Only reached when a feature or option asks for it. */
  readonly optional?: true | undefined
  /** Target expression that guards it, as written. */
  readonly target?: string | undefined
  /** The requirement as written, e.g. `^1.0`. */
  readonly requirement?: string | undefined
  /** Where the requirement, or failing that the lock's edge, is written. */
  readonly location?: Location | undefined
  readonly projects: readonly ProjectId[]
}

/** One unit that its tool resolves as a whole: a Cargo workspace, a Go module or workspace, a Zig or Nim package. */
export interface Project {
  readonly id: ProjectId
  readonly ecosystem: string
  readonly name: string
  /** Folder of the project relative to the tree's root, `.` for the root. */
  readonly folder: string
  readonly manifests: readonly string[]
  readonly lockfiles: readonly string[]
  /** The first-party components from which everything else is reached. */
  readonly roots: readonly ComponentId[]
}

export type ReplacementKind =
  | 'patch'
  | 'replace'
  | 'exclude'
  | 'paths'
  | 'source-replacement'
  | 'mirror'
  | 'vendor'
  | 'workspace'
  | 'path'
  | 'develop'
  | 'system'

/** One end of a replacement. */
export interface ReplacementEnd {
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly source?: Source | undefined
  readonly component?: ComponentId | undefined
}

/** One line of the ledger of everything that makes a build take something else than what is asked for. */
export interface Replacement {
  readonly kind: ReplacementKind
  readonly ecosystem: string
  readonly project: ProjectId
  readonly original: ReplacementEnd
  /** Absent for an exclusion. */
  readonly replacement?: ReplacementEnd | undefined
  /** False when nothing in the graph is touched by it. */
  readonly active: boolean
  /** Which check no longer holds because of it, for a person; empty when none. */
  readonly disables: readonly string[]
  readonly location: Location
}

/**
 * One observation an ecosystem made that is neither component nor edge: a setting, a hook, a flag. Rules read these;
 * plain data, so that a graph can be stored and judged later.
 */
export interface Fact {
  /** `<ecosystem>/<what>`, e.g. `cargo/config-key`, `go/sum-extra`. */
  readonly kind: string
  readonly project?: ProjectId | undefined
  readonly component?: ComponentId | undefined
  readonly location?: Location | undefined
  readonly data: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

/** What became of one file of the tree. */
export interface FileCoverage {
  readonly path: string
  readonly ecosystem?: string | undefined
  /** `cargo-lock`, `go-mod`, … */
  readonly format?: string | undefined
  readonly state: 'read' | 'partial' | 'unreadable' | 'skipped'
  /** Why it is not `read`, for a person. */
  readonly why?: string | undefined
}

/** What one ecosystem's reader hands over. */
export interface Inventory {
  readonly ecosystem: string
  readonly projects: readonly Project[]
  readonly components: readonly Component[]
  readonly edges: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
  readonly diagnostics: readonly Diagnostic[]
  readonly files: readonly FileCoverage[]
}

/** Everything that was read, merged over all ecosystems, each list in canonical order. */
export interface Graph {
  readonly projects: readonly Project[]
  readonly components: readonly Component[]
  readonly edges: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
  readonly diagnostics: readonly Diagnostic[]
  readonly files: readonly FileCoverage[]
}
