import type { Diagnostic } from '../../model/diagnostic.js'
import type { Field, RawEntry } from './raw-lock.js'
import type { CargoSource } from './source-string.js'

/** One package of a lockfile. */
export interface LockPackage {
  readonly name: string
  readonly version: string
  /** As written; absent for path packages. */
  readonly rawSource: string | undefined
  readonly source: CargoSource | undefined
  checksum: Field | undefined
  readonly entry: RawEntry
  /** Packages it depends on, already redirected by `replace`; with the place of the dependency string. */
  readonly dependencies: { readonly target: LockPackage; readonly field: Field }[]
  replacedBy: LockPackage | undefined
}

/** What a lockfile shows that its tool accepts and a person should know. */
export interface LockFlag {
  readonly code:
    | 'duplicate-versions'
    | 'same-name-multiple-registries'
    | 'git-ref-ambiguous'
    | 'git-not-pinned'
    | 'git-commit-not-full'
    | 'dangling-dependency'
    | 'mixed-checksum-styles'
    | 'missing-checksum'
    | 'checksum-not-lowercase-hex'
    | 'checksum-malformed'
    | 'no-first-party-package'
  readonly line: number
  readonly package?: LockPackage | undefined
  readonly names?: readonly string[] | undefined
  readonly dependency?: string | undefined
}

export interface CargoLock {
  readonly declaredVersion: number | undefined
  readonly format: 1 | 2 | 3 | 4
  readonly packages: readonly LockPackage[]
  readonly patchUnused: readonly {
    readonly name: string
    readonly version: string
    readonly source: string | undefined
    readonly line: number
  }[]
  readonly flags: readonly LockFlag[]
}

/** The errors cargo itself stops with (spec/cargo.md §1.9), finer than the code of the diagnostic. */
export type LockErrorCode =
  | 'merge-conflict'
  | 'toml'
  | 'empty'
  | 'version-type'
  | 'version-unknown'
  | 'missing-field'
  | 'bad-version'
  | 'source-unsupported'
  | 'source-invalid'
  | 'duplicate-package'
  | 'bad-dependency-string'

export type LockResult =
  | { readonly ok: true; readonly lock: CargoLock }
  | { readonly ok: false; readonly code: LockErrorCode; readonly diagnostic: Diagnostic }

/** The newest format there is a definition of; a larger number changes what strings mean, so it is never guessed at. */
export const NEWEST_FORMAT = 4

/** A lockfile that cannot be taken at all. */
export function failure(
  code: LockErrorCode,
  file: string,
  line: number,
  message: string,
  help: string,
): LockResult & { readonly ok: false } {
  return {
    ok: false,
    code,
    diagnostic: { code: 'input/lock-unparseable', severity: 'error', message, help, location: { file, line, column: 1 } },
  }
}
