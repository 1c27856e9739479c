import type { Diagnostic } from '../model/diagnostic.js'
import type { SourceText } from './text.js'

/** Git's markers are seven characters at the start of a line; the outer ones carry a label, `=======` stands alone. */
const MARKER = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)|^={7}\r?$/m

/** The first merge-conflict marker of git, or undefined. */
export function findMergeConflict(source: SourceText): Diagnostic | undefined {
  const match = MARKER.exec(source.text)
  if (match === null) return undefined
  return {
    code: 'input/lock-merge-conflict',
    severity: 'error',
    message: `${source.file} holds an unfinished merge`,
    help: 'Take one side, then let the tool resolve again.',
    location: source.locate(match.index),
  }
}
