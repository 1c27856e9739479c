/** The closed set of codes of `AssayError`; each maps to one exit code in `cli/exit-code.ts`. */
export type ErrorCode =
  | 'usage'
  | 'configuration'
  | 'input-unreadable'
  | 'nothing-found'
  | 'output-unwritable'
  | 'unavailable'
  | 'internal'

/**
 * The one error class that reaches a user: a broken call, configuration or surrounding. What is wrong with the
 * *content* of an input is a `Diagnostic` or a finding, never an exception.
 */
export class AssayError extends Error {
  override readonly name = 'AssayError'
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** The next step for a person. */
    readonly help: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
  }
}

/** Thrown where a proof of the program's own is broken; ends in exit 70 and a request to report it. */
export function impossible(what: string): never {
  throw new AssayError('internal', what, 'This is a bug in assay; please report it.')
}
