import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import { openRequest } from '../input.js'
import { judgeRequest } from '../judging.js'
import type { ExplainOptions } from '../options.js'

/** `assay explain`: a component or a rule. Explaining judges nothing: the exit code says only whether it was found. */
export async function run(what: string, path: string, options: ExplainOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const { input, request } = await openRequest(path, options, context)
  const { judge } = await import('../../audit/judge.js')
  const { explain } = await import('../../audit/explain.js')
  const { explainDocument } = await import('../../audit/explain-document.js')
  const judged = await judge(request, judgeRequest(input, options, context))
  const answer = explain(what, judged)
  if (answer.kind === 'nothing') {
    const help =
      answer.suggestions.length === 0
        ? 'assay graph lists what there is.'
        : `Did you mean ${answer.suggestions.map(escapeTerminal).join(', ')}?`
    throw new AssayError('usage', `nothing here is named ${escapeTerminal(what)}`, help)
  }
  await terminal.print(explainDocument(answer, judged.graph, options.json === true, terminal.style))
  return EXIT.clean
}
