import type { Diagnostic } from '../../model/diagnostic.js'
import type { Location } from '../../model/location.js'
import type { Field } from './json-fields.js'

/** One package of a lockfile of nimble or Atlas. */
export interface LockEntry {
  /** As the lock spells it. */
  readonly name: string
  /** `1.2.3`, `#head`, `#ref`; empty where Atlas knows none. */
  readonly version: string
  /** Full commit, lower-case; undefined where the lock leaves it empty. */
  readonly revision: string | undefined
  readonly url: Field
  readonly method: 'git' | 'hg'
  readonly dependencies: readonly Field[]
  /** Lower-case; undefined where the lock leaves it empty or has no place for one. */
  readonly sha1: Field | undefined
  /** Only needed by this task of the root package. */
  readonly task: string | undefined
  /** Place of the name. */
  readonly location: Location
}

/** What a lockfile shows that its tool accepts and a person should know. */
export type LockFlag =
  | { readonly code: 'unpinned' | 'missing-checksum' | 'special-version' | 'no-checksum'; readonly entry: LockEntry }
  | { readonly code: 'cleartext-url' | 'local-url' | 'url-injection'; readonly entry: LockEntry }
  | { readonly code: 'dangling-dependency'; readonly entry: LockEntry; readonly dependency: Field }
  | { readonly code: 'duplicate-entry'; readonly entry: LockEntry }
  | { readonly code: 'cycle'; readonly names: readonly string[]; readonly location: Location }
  | { readonly code: 'unknown-version'; readonly version: string; readonly location: Location }
  | { readonly code: 'toolchain-not-locked' | 'atlas-format-in-nimble-lock'; readonly location: Location }
  | { readonly code: 'trailing-comma' | 'comment' | 'byte-order-mark'; readonly location: Location }

export interface NimLock {
  readonly format: 'nimble' | 'atlas'
  readonly path: string
  /** The number the file states; undefined where it has none. */
  readonly version: number | undefined
  readonly entries: readonly LockEntry[]
  readonly flags: readonly LockFlag[]
  /** Atlas keeps none. */
  readonly hasEdges: boolean
  /** Atlas: the manifest it was written for. */
  readonly nimbleFile: { readonly name: string; readonly lines: readonly string[]; readonly location: Location } | undefined
}

/** The errors nimble itself stops with, finer than the code of the diagnostic (spec/nimble.md §13). */
export type LockErrorCode =
  | 'merge-conflict'
  | 'json'
  | 'duplicate-key'
  | 'not-an-object'
  | 'missing-field'
  | 'wrong-type'
  | 'invalid-sha1'
  | 'invalid-revision'
  | 'bad-method'

export interface LockError {
  readonly code: LockErrorCode
  /** Path of keys, joined by dots: `packages.alpha.url`. */
  readonly where: string | undefined
  readonly diagnostic: Diagnostic
}

export type LockResult =
  | { readonly ok: true; readonly lock: NimLock }
  | { readonly ok: false; readonly errors: readonly [LockError, ...LockError[]] }

/** The newest version there is a definition of. */
export const NEWEST_LOCK_VERSION = 2
