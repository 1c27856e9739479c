import type { Inventory } from './graph.js'
import type { Rule } from './rule.js'
import type { SourceTree } from './tree.js'

/** A file of the tree that an ecosystem claims by its name. */
export interface ProjectFile {
  readonly path: string
  /** What it is: `cargo-lock`, `go-mod`, `zig-zon`, … */
  readonly format: string
}

/** Choices of the user that change what is read. */
export interface ReadOptions {
  /**
   * Trees of material beside the repository that the user named, by what they are: `gomodcache`, `zig-cache`,
   * `cargo-home`, `nimble-packages`. Nothing outside the tree is looked at without.
   */
  readonly caches: ReadonlyMap<string, SourceTree>
  /** Environment variables the ecosystem's own tools would obey, only those that the user passed on. */
  readonly environment: ReadonlyMap<string, string>
  /** Target triples or GOOS/GOARCH pairs to select for; empty: all. */
  readonly targets: readonly string[]
  /** Features to select; undefined: everything the lock holds is kept active. */
  readonly features: readonly string[] | undefined
}

export interface ReadInput {
  readonly tree: SourceTree
  /** Claimed files in code-unit order of their paths. */
  readonly files: readonly ProjectFile[]
  readonly options: ReadOptions
}

/** One folder in `ecosystems/` knows everything about one ecosystem and hands out one of these. */
export interface Ecosystem {
  readonly name: string
  readonly title: string
  /** Reads every project among the files. Never throws on content; never runs anything; opens no socket. */
  readonly read: (input: ReadInput) => Promise<Inventory>
  /** Its own rules; their ids begin with the ecosystem's name. */
  readonly rules: readonly Rule[]
}

/** The cheap half of an ecosystem, known without loading it. */
export interface EcosystemEntry {
  readonly name: string
  /** The format of a file by its path, or undefined when it is none of this ecosystem's. */
  readonly claim: (path: string) => string | undefined
  readonly load: () => Promise<Ecosystem>
}
