import type { Diagnostic } from '../../model/diagnostic.js'
import { baseName } from '../../model/tree.js'
import { SourceText } from '../../syntax/text.js'
import type { ManifestDraft } from './manifest-draft.js'
import { readIniManifest, skipBlank } from './manifest-ini.js'
import type { Manifest } from './manifest-model.js'
import { interpretNimScript } from './nimscript.js'
import { groupStatements } from './nimscript-statements.js'
import { nimName, tokenizeNim } from './nimscript-tokens.js'
import { normaliseName } from './requirement.js'

/**
 * Reads a `.nimble` file in either form without running it (spec/nimble.md §2). Never throws on content; what only a run
 * would tell is left out and lowers the certainty.
 */
export function parseManifest(text: string, path: string): Manifest {
  const source = new SourceText(path, text)
  // The old form begins with a section.
  const ini = text[skipBlank(text, 0)] === '[' ? readIniManifest(text, path) : undefined
  if (ini?.ok === true) return finish(path, 'ini', ini.draft, [])
  const { tokens, error } = tokenizeNim(text)
  const [first] = tokens
  // A script that only looked like sections, inside a comment, is one; a section is no Nim.
  if (ini !== undefined && (first === undefined || first.text === '['))
    return unreadable(path, 'ini', unparseable(source, ini.at, ini.why))
  if (first === undefined && error === undefined) return unreadable(path, 'nimscript', unparseable(source, 0, 'it is empty'))
  const grouped = groupStatements(tokens, (token) => nimName(token.text))
  const draft = interpretNimScript(grouped.statements, source)
  const problem = error ?? grouped.error
  if (problem !== undefined) draft.lower('unknown')
  return finish(path, 'nimscript', draft, problem === undefined ? [] : [unparseable(source, problem.at, problem.why)])
}

function unparseable(source: SourceText, at: number, why: string): Diagnostic {
  return {
    code: 'input/manifest-unparseable',
    severity: 'error',
    message: `${source.file} cannot be read: ${why}`,
    help: 'Correct it; nimble refuses it too.',
    location: source.locate(at),
  }
}

function packageName(path: string): string {
  return baseName(path).replace(/\.nimble$/, '')
}

function unreadable(path: string, format: Manifest['format'], diagnostic: Diagnostic): Manifest {
  return {
    path,
    name: packageName(path),
    format,
    certainty: 'unknown',
    fields: new Map(),
    lists: new Map(),
    namedBin: new Map(),
    requires: [],
    tasks: [],
    hooks: [],
    commands: [],
    foreignDeps: [],
    flags: [],
    diagnostics: [diagnostic],
  }
}

function finish(path: string, format: Manifest['format'], draft: ManifestDraft, diagnostics: readonly Diagnostic[]): Manifest {
  const { fields, lists, namedBin, requires, tasks, hooks, commands, foreignDeps, flags } = draft
  const name = packageName(path)
  const top = { file: path, line: 1, column: 1 }
  const declared = fields.get('packageName') ?? fields.get('name')
  if (declared !== undefined && normaliseName(declared.text) !== normaliseName(name))
    draft.flag('name-mismatch', '', declared.location)
  const isOpen = (field: string): boolean =>
    flags.some((f) => f.detail.split(' ')[0] === field && (f.code === 'computed-field' || f.code === 'conditional-field'))
  if (diagnostics.length === 0) {
    const computed = flags.some((f) => f.code === 'computed-version')
    if (!fields.has('version') && !computed && !isOpen('version')) draft.flag('missing-version', '', top)
    if (!fields.has('license') && !isOpen('license')) draft.flag('missing-license', '', top)
  }
  return {
    path,
    name,
    format,
    certainty: draft.certainty,
    fields,
    lists,
    namedBin,
    requires,
    tasks,
    hooks,
    commands,
    foreignDeps,
    flags,
    diagnostics,
  }
}
