import type { SourceTree } from '../model/tree.js'
import type { VerifyInput } from './verifier.js'

/** What a lockfile pins, as its ecosystem names it. */
export interface Pinned {
  readonly ecosystem: string
  readonly name: string
  readonly version?: string | undefined
}

export type MirrorInput = Omit<VerifyInput, 'depth' | 'onProgress'>

/** A place that is said to hold the same packages as others. */
export interface MirrorSource {
  readonly ecosystem: string
  /** Base URL; for Cargo an index, with or without `sparse+`. */
  readonly url: string
}

/**
 * - `same`: it has what the lock pins.
 * - `missing`: it does not have it. `lagging`: it does not have it and has only older versions.
 * - `different`: it has other bytes, or says other things about them.
 * - `unavailable`: it gave no answer that counts.
 * - `not-comparable`: there is nothing to compare, or it must not be asked.
 */
export type ComparisonKind = 'same' | 'missing' | 'lagging' | 'different' | 'unavailable' | 'not-comparable'

/** One pinned package at one source. */
export interface Comparison {
  readonly kind: ComparisonKind
  readonly pinned: Pinned
  /** As it may be shown: no credentials. */
  readonly source: string
  readonly expected?: string | undefined
  readonly observed?: string | undefined
  readonly why?: string | undefined
}

export interface CompareInput extends MirrorInput {
  /** All of this ecosystem. */
  readonly mirrors: readonly MirrorSource[]
  /** Fetch the packages and hash them; without, only what indexes say is compared. */
  readonly bytes: boolean
}

/** One file of a store. */
export type MirrorFile =
  | { readonly path: string; readonly bytes: Uint8Array }
  /** A symbolic link; its target stays inside the store. */
  | { readonly path: string; readonly target: string }

/** The bytes that the store has at a path already; nobody vouches for them. */
export type Held = (path: string) => Promise<Uint8Array | undefined>

export type MirrorOutcome =
  /** `verified` says against what, for people. */
  | {
      readonly kind: 'verified'
      readonly files: readonly MirrorFile[]
      readonly verified: string
      /** A folder that holds these files and nothing else: its tool trusts whatever lies in it. */
      readonly whole?: string | undefined
    }
  /** The source serves other bytes than the lock states: nothing is stored. */
  | {
      readonly kind: 'refused'
      readonly source: string
      readonly expected?: string | undefined
      readonly observed?: string | undefined
      readonly why: string
    }
  | { readonly kind: 'unavailable'; readonly source?: string | undefined; readonly why: string }
  /** It cannot be stored so that its tool would take it from there, or nothing states what it should be. */
  | { readonly kind: 'not-covered'; readonly why: string }

/** One thing to store. */
export interface MirrorItem {
  readonly pinned: Pinned
  /**
   * Gives files only when they are what the lock pins. What the store holds already is verified by the same means as what
   * comes from a source, and then asks nobody.
   */
  readonly fetch: (held: Held) => Promise<MirrorOutcome>
}

/** What a store of one ecosystem is made of. */
export interface MirrorPlan {
  readonly items: readonly MirrorItem[]
  /** Files that are made from what was stored, and how the tool is told to use them. Asks nobody. */
  readonly finish: (stored: readonly Pinned[]) => { readonly files: readonly MirrorFile[]; readonly guide: Guide }
}

/** How a package manager is told to use the store. `DIR` in the lines stands for the folder of the store. */
export interface Guide {
  readonly title: string
  readonly lines: readonly string[]
}

/** Stores and comparisons of one ecosystem. */
export interface Mirror {
  readonly name: string
  readonly compare?: ((input: CompareInput) => AsyncIterable<Comparison>) | undefined
  readonly plan: (input: MirrorInput) => Promise<MirrorPlan>
  /** For reading: what the store holds, verified, in front of what is asked for. */
  readonly supply?: ((held: Held, behind: ReadonlyMap<string, SourceTree>) => ReadonlyMap<string, SourceTree>) | undefined
}
