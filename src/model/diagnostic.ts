import type { Location } from './location.js'

/**
 * What a reader says about content it could not take as it stands. Readers never throw on content.
 *
 * - `error`: the file, or a part of it, was not understood; something is missing from the graph.
 * - `warning`: understood, but not what the format's own tool would write or accept.
 * - `note`: worth telling, nothing lost.
 */
export interface Diagnostic {
  /** Stable code, `<group>/<name>`; where a rule reports it, the rule's id, e.g. `input/lock-unparseable`. */
  readonly code: string
  readonly severity: 'error' | 'warning' | 'note'
  /** One sentence with the facts, no position in it. */
  readonly message: string
  /** What a person does next. */
  readonly help: string
  readonly location: Location
}

/** What a reader gives back: everything it could understand and everything it could not. */
export interface Read<T> {
  readonly value: T
  readonly diagnostics: readonly Diagnostic[]
}
