import type { OpenInput } from '../evidence/open-input.js'
import type { DocumentInfo } from '../model/document.js'
import type { Graph } from '../model/graph.js'
import type { ValidConfig } from '../policy/config.js'
import { findConfig, loadConfigFile } from './config-file.js'
import { subjectOf } from './subject.js'

/** The configuration as far as a document needs it; without a file the defaults, and then nothing is checked or loaded. */
export async function documentConfig(input: OpenInput, config: string | boolean): Promise<ValidConfig> {
  return loadConfigFile(findConfig(input, config))
}

/** What the document says about itself: from the configuration where it says so, else the subject alone. */
export function documentInfo(graph: Graph, { info }: ValidConfig): { readonly info: DocumentInfo; readonly guessed: boolean } {
  const guess = subjectOf(graph)
  return { info: { ...info, subject: info.subject ?? guess.subject }, guessed: info.subject === undefined && guess.guessed }
}
