import type { Location } from './location.js'

/** What a source is for. */
export type SourceRole =
  | 'registry'
  | 'mirror'
  | 'proxy'
  | 'checksum-database'
  | 'package-list'
  | 'repository-host'
  | 'archive-host'
  | 'folder'
  /** No place, but a switch that decides whether and how places are believed. */
  | 'setting'

/** Where it says so: a file of the tree, a file of this user, a variable, or nowhere. */
export type SettingOrigin =
  | { readonly kind: 'file'; readonly location: Location }
  | { readonly kind: 'user-file'; readonly file: string; readonly line: number }
  | { readonly kind: 'policy'; readonly file: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'default' }

/** `unsafe` fails a doctor's visit; `unreadable`: nobody can tell what is configured; `advice` is worth knowing. */
export type ProblemWeight = 'unsafe' | 'unreadable' | 'advice'

export interface SourceProblem {
  /** Never changes its meaning. */
  readonly code: string
  readonly weight: ProblemWeight
  readonly why: string
  readonly fix: string
}

/** One place that a package manager asks, or one switch it obeys. Nothing in it is secret. */
export interface ConfiguredSource {
  readonly role: SourceRole
  /** What the configuration calls it. */
  readonly name: string
  /** Without credentials; undefined for what is no place. */
  readonly url?: string | undefined
  readonly from: SettingOrigin
  /** What that really means, in one sentence. */
  readonly meaning: string
  readonly problems: readonly SourceProblem[]
  /** Commands that repeat the checks by hand. */
  readonly repeat: readonly string[]
}
