import type { Desk } from '../evidence/desk/desk.js'
import type { GitRemote } from '../evidence/git/remote.js'
import type { Credential } from '../evidence/http/credentials.js'
import type { Component } from '../model/component.js'
import type { ProjectFile } from '../model/ecosystem.js'
import type { Evidence } from '../model/evidence.js'
import type { Fact, Graph } from '../model/graph.js'
import type { Settings } from '../model/rule.js'
import type { SourceTree } from '../model/tree.js'

/** How far a verification goes beyond what an index or a log says. */
export interface VerifyDepth {
  /** Fetch the artifacts themselves and hash them. */
  readonly bytes: boolean
  /** Compare published artifacts with the source they name. */
  readonly source: boolean
}

/** What the trust settings want to know of components, beyond whether they are what they are said to be. */
export interface RegistryQuestions {
  /** Which version came before it, and its digest. */
  readonly earlier: (component: Component) => boolean
  /** How it was published, by the word of its registry. */
  readonly publishing: (component: Component) => boolean
}

export interface VerifyInput {
  readonly graph: Graph
  /** Components of this ecosystem that come from somewhere, in the order of the graph; not the repository's own. */
  readonly components: readonly Component[]
  readonly tree: SourceTree
  /** Files of this ecosystem: configuration decides whom to ask. */
  readonly files: readonly ProjectFile[]
  readonly desk: Desk
  /** Asks repositories through git; undefined where nothing may be asked. */
  readonly git?: (() => Promise<GitRemote>) | undefined
  /** Variables that the ecosystem's own tools would obey. */
  readonly environment: ReadonlyMap<string, string>
  /** Sources of the configuration: mirrors, allowed hosts, private names that are never asked for in public. */
  readonly sources: Settings['sources']
  readonly depth: VerifyDepth
  /** Trees of material that the user named, as for reading (`ReadOptions.caches`). */
  readonly caches?: ReadonlyMap<string, SourceTree> | undefined
  /** Undefined: nothing. Where an ecosystem's registry cannot tell, its verifier says nothing. */
  readonly questions?: RegistryQuestions | undefined
  /** Told after each component, for progress. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** What a verification gives, piece by piece, in any order; the pipeline sorts. */
export type Verified =
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  /** Something the authorities say that is no verdict on a claim: yanked, retracted, deprecated, published when. */
  | { readonly kind: 'fact'; readonly fact: Fact }

/**
 * The other half of an ecosystem: asks the authorities that can say what a component is. Every component it is given gets
 * at least one piece of evidence; what cannot be asked is `not-checkable` with the reason, who does not answer is
 * `unavailable`. Never throws for what others say; opens nothing but through the desk.
 */
export interface Verifier {
  readonly name: string
  /**
   * Trees of manifests behind the desk, by the names of `ReadOptions.caches`, so that reading finds what is not at hand and
   * the graph becomes whole: module files of a proxy laid out as a module cache, index rows, package manifests.
   */
  readonly supply?: ((input: SupplyInput) => ReadonlyMap<string, SourceTree>) | undefined
  /** Credentials of the ecosystem's own sources, for the client behind the desk. Asks nobody. */
  readonly credentials?: ((input: Omit<SupplyInput, 'desk'>) => Promise<readonly Credential[]>) | undefined
  readonly verify: (input: VerifyInput) => AsyncIterable<Verified>
}

export type SupplyInput = Pick<VerifyInput, 'desk' | 'git' | 'environment' | 'sources' | 'tree' | 'files'>
