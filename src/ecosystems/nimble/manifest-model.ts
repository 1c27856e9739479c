import type { Diagnostic } from '../../model/diagnostic.js'
import type { Location } from '../../model/location.js'
import type { Field } from './json-fields.js'
import type { Requirement } from './requirement.js'

/**
 * How much of a manifest can be known without running it (spec/nimble.md §2.3). `exact`: every statement that could
 * touch the result was understood. `partial`: parts depend on conditions or on other files. `unknown`: version or
 * requirements are computed; what was found is a lower bound.
 */
export type Certainty = 'exact' | 'partial' | 'unknown'

export interface ManifestRequirement {
  readonly requirement: Requirement
  /** As written, of a list of several its own part. */
  readonly text: string
  readonly location: Location
  /** When it holds; undefined for always. */
  readonly condition: string | undefined
  /** `taskRequires`: only for this task. */
  readonly task: string | undefined
  /** Inside `feature "x":` or `dev:`. */
  readonly feature: string | undefined
}

export interface Hook {
  readonly when: 'before' | 'after'
  readonly action: string
  /** Its body runs a command, itself or through a procedure of the manifest. */
  readonly executes: boolean
  readonly location: Location
}

/** When a command of a manifest runs. */
export type CommandMoment =
  /** Whenever a tool reads the manifest. */
  | 'parse'
  /** When the package is installed, also as a dependency. */
  | 'install'
  /** In a task, or a hook on another action. */
  | 'task'
  /** In a procedure that nothing here calls. */
  | 'never'

export interface Command {
  /** `exec`, `gorgeEx`, `writeFile`, … as the language spells it. */
  readonly name: string
  readonly does: 'executes' | 'writes' | 'reads'
  readonly moment: CommandMoment
  /** The task, the hook (`before install`) or the procedure around it. */
  readonly within: string | undefined
  /** The statement as written, shortened. */
  readonly text: string
  readonly urls: readonly string[]
  readonly location: Location
}

/** What a manifest shows that a person should know; detail in the words of spec/nimble.md §13. */
export interface ManifestFlag {
  readonly code:
    | 'conditional-requires'
    | 'computed-requires'
    | 'loop-requires'
    | 'too-many-requirements'
    | 'computed-version'
    | 'computed-field'
    | 'conditional-field'
    | 'unknown-statement'
    | 'include'
    | 'import'
    | 'reassigned'
    | 'name-mismatch'
    | 'missing-version'
    | 'missing-license'
    | 'requires-syntax'
    | 'suspicious-name'
    | 'mutable-ref'
    | 'symbolic-ref'
    | 'short-or-symbolic-ref'
    | 'feature-needs-new-nimble'
    | 'duplicate-requirement'
  readonly detail: string
  readonly location: Location
}

export interface Manifest {
  readonly path: string
  /** From the file name. */
  readonly name: string
  readonly format: 'nimscript' | 'ini'
  readonly certainty: Certainty
  /** `version`, `author`, `description`, `license`, `srcDir`, `binDir`, `backend`, `packageName`: what is known for certain. */
  readonly fields: ReadonlyMap<string, Field>
  /** `bin`, `skipDirs`, `installExt`, …. */
  readonly lists: ReadonlyMap<string, readonly Field[]>
  /** Source to name of the binary. */
  readonly namedBin: ReadonlyMap<string, string>
  readonly requires: readonly ManifestRequirement[]
  readonly tasks: readonly Field[]
  readonly hooks: readonly Hook[]
  readonly commands: readonly Command[]
  /** System libraries that `foreignDep` names. */
  readonly foreignDeps: readonly Field[]
  readonly flags: readonly ManifestFlag[]
  /** The file is no Nim; what stands before the place was read. */
  readonly diagnostics: readonly Diagnostic[]
}

export const SCALAR_FIELDS = ['version', 'author', 'description', 'license', 'srcDir', 'binDir', 'backend', 'packageName', 'name']
export const LIST_FIELDS = [
  'bin',
  'skipDirs',
  'skipFiles',
  'skipExt',
  'installDirs',
  'installFiles',
  'installExt',
  'paths',
  'entryPoints',
]
