import { AssayError } from '../model/error.js'
import { escapeTerminal } from '../model/escape.js'
import type { Graph } from '../model/graph.js'
import { formatLocation } from '../model/location.js'
import type { ExitCode } from './exit-code.js'
import { EXIT } from './exit-code.js'
import type { Terminal } from './terminal.js'

/**
 * Says on stderr what could not be read, for commands that judge nothing. A graph with a hole is handed out, but never
 * with exit code 0. Throws `nothing-found` when there was nothing to read at all.
 */
export function warnAboutReading(graph: Graph, path: string, terminal: Terminal): ExitCode {
  if (graph.projects.length === 0 && !graph.files.some((file) => file.state !== 'skipped')) throw nothingFound(path)
  for (const diagnostic of graph.diagnostics) {
    if (diagnostic.severity === 'note' && !terminal.verbose) continue
    terminal.warn(
      `${escapeTerminal(`${formatLocation(diagnostic.location)}: ${diagnostic.severity}: ${diagnostic.message}`)}\n  ${escapeTerminal(diagnostic.help)}`,
    )
  }
  const unread = graph.files.filter((file) => file.state === 'unreadable' || file.state === 'partial')
  if (unread.length === 0) return EXIT.clean
  terminal.warn(
    `assay: ${unread.length} of ${graph.files.length} files could not be read whole; what they name is missing here (exit code 4)`,
  )
  return EXIT.unreadable
}

export function nothingFound(path: string): AssayError {
  return new AssayError(
    'nothing-found',
    `nothing to audit under ${path}`,
    'assay reads Cargo.lock and Cargo.toml, go.mod and go.work, build.zig.zon, *.nimble and nimble.lock; give the folder that holds one.',
  )
}
