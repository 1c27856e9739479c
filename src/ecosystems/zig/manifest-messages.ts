import type { Diagnostic } from '../../model/diagnostic.js'
import type { ManifestProblem, ProblemCode } from './manifest-problem.js'
import { PROBLEM_KINDS } from './manifest-problem.js'

/** What to do about problems that no rule reports. */
const NOTE_HELP: ReadonlyMap<ProblemCode, string> = new Map<ProblemCode, string>([
  ['zon.bare-cr', 'Save the file with line feeds.'],
  ['zon.tab-in-comment', 'Write spaces in comments.'],
  ['zon.retired-keyword', 'Quote the name, so that every release reads it.'],
  ['zig.manifest.unknown-field', 'Check its spelling if zig is meant to know it.'],
  ['zig.manifest.string-name', 'Write it as an enum literal when the project moves on.'],
  ['zig.manifest.missing-paths', 'List the files of the package when the project moves on.'],
  ['zig.dep.path-backslash', 'Write the path with slashes.'],
])

/** Problems of a manifest as diagnostics: what hides a part of the file, and what is worth telling. */
export function manifestDiagnostics(problems: readonly ManifestProblem[]): readonly Diagnostic[] {
  return problems.filter(({ code }) => PROBLEM_KINDS[code].reportedBy !== 'rule').map(toDiagnostic)
}

function toDiagnostic({ code, where, message, location }: ManifestProblem): Diagnostic {
  // Messages about fields of the package name them; those about one of many entries say only what is wrong.
  const whole = /^(?:dependencies\.|paths\[)/.test(where) ? `${where}: ${message}` : message
  const { reportedBy, severity, refusedFrom } = PROBLEM_KINDS[code]
  if (reportedBy === 'file')
    return { code: 'input/lock-unparseable', severity: 'error', message: whole, help: 'Correct the manifest.', location }
  return {
    // `zig.manifest.unknown-field` is known outside as `zig/unknown-field`.
    code: `zig/${code.slice(code.lastIndexOf('.') + 1)}`,
    severity: severity === 'info' ? 'note' : 'warning',
    message: refusedFrom === undefined ? whole : `${whole} (zig ${refusedFrom} and later refuse it at the root)`,
    help: NOTE_HELP.get(code) ?? 'Nothing has to be done.',
    location,
  }
}
