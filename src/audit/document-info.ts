import type { OpenInput } from '../evidence/open-input.js'
import type { DocumentInfo } from '../model/document.js'
import type { Graph } from '../model/graph.js'
import { findConfig, loadConfigFile } from './config-file.js'
import { subjectOf } from './subject.js'

/** What the document says about itself: from the configuration where there is one, else the subject alone. */
export async function documentInfo(
  graph: Graph,
  input: OpenInput,
  config: string | boolean,
): Promise<{ readonly info: DocumentInfo; readonly guessed: boolean }> {
  const found = findConfig(input, config)
  const guess = subjectOf(graph)
  if (found === undefined) return { info: { subject: guess.subject, authors: [] }, guessed: guess.guessed }
  const { info } = await loadConfigFile(found)
  return { info: { ...info, subject: info.subject ?? guess.subject }, guessed: info.subject === undefined && guess.guessed }
}
