import { AssayError } from '../../model/error.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import { openRequest } from '../input.js'
import { judgeRequest } from '../judging.js'
import type { WaiveOptions } from '../options.js'
import { dayAfter, judgementDay } from '../time.js'

/** `assay waive`: one finding, one owner, one reason, one date. */
export async function run(finding: string, path: string, options: WaiveOptions, context: Context): Promise<ExitCode> {
  const { input, request } = await openRequest(path, options, context)
  if (input.folder === undefined)
    throw new AssayError('usage', 'a waiver needs a folder to stand in', 'Name the folder of the project.')
  const { judge } = await import('../../audit/judge.js')
  const { addWaiver } = await import('../../audit/edit-config.js')
  const judged = await judge(request, judgeRequest(input, options, context))
  const wanted = {
    finding,
    owner: options.owner,
    reason: options.reason,
    expires: dayAfter(judgementDay(options.asOf), options.days),
  }
  const added = addWaiver(input.folder, wanted, judged.verdict.findings, judged.graph)
  context.terminal.say(`added waiver ${added.id} to ${added.path}; it holds to the end of ${wanted.expires}`)
  return EXIT.clean
}
