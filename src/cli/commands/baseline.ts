import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import { openRequest } from '../input.js'
import { judgeRequest } from '../judging.js'
import type { BaselineOptions } from '../options.js'
import { nothingFound } from '../reading-report.js'

/** `assay baseline`: what is there today is written down, so that only new findings count. */
export async function run(path: string, options: BaselineOptions, context: Context): Promise<ExitCode> {
  const { input, request } = await openRequest(path, options, context)
  const { judge } = await import('../../audit/judge.js')
  const { writeBaseline } = await import('../../audit/edit-config.js')
  // A baseline is made of everything that is open now, whatever an older one says.
  const { baseline: _, ...fresh } = judgeRequest(input, options, context)
  const judged = await judge(request, fresh)
  if (judged.graph.graph.projects.length === 0) throw nothingFound(path)
  if (judged.verdict.exitCode === EXIT.unreadable) {
    context.terminal.warn('assay: not everything could be read, so no baseline was written; see assay audit')
    return EXIT.unreadable
  }
  const { held, leftOut } = writeBaseline(options.output, judged.verdict.findings, options.acceptNew === true)
  context.terminal.say(`wrote ${options.output} with ${held} findings`)
  if (leftOut > 0) context.terminal.warn(`assay: ${leftOut} new findings are not in it; --accept-new takes them in`)
  return EXIT.clean
}
