import type { AssayError } from '../model/error.js'

/**
 * Exit codes of design §2. When several hold: 2, 70, 4, 1, 3, 0. 130 (interrupted) is not among them: reading holds the
 * event loop, so a handler would only delay Ctrl-C; the signal ends the process and the shell reports 130.
 */
export const EXIT = { clean: 0, violations: 1, usage: 2, unverified: 3, unreadable: 4, internal: 70 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export function exitCodeOf(error: AssayError): ExitCode {
  switch (error.code) {
    case 'usage':
    case 'configuration':
    case 'output-unwritable':
      return EXIT.usage
    case 'input-unreadable':
    case 'nothing-found':
      return EXIT.unreadable
    case 'unavailable':
      return EXIT.unverified
    case 'internal':
      return EXIT.internal
  }
}
