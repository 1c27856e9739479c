import { PLAIN } from '../../model/style.js'
import { VERSION } from '../../version.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { openRequest } from '../input.js'
import { judgeRequest } from '../judging.js'
import type { AuditOptions } from '../options.js'
import { splitOutput } from '../outputs.js'
import { documentTime } from '../time.js'

/** `assay audit`: the gate. */
export async function run(path: string, options: AuditOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const { reportDocument, reportFormat } = await import('../../audit/report-documents.js')
  const targets = options.output.map(splitOutput).map((target) => ({ ...target, format: reportFormat(target.format) }))
  const timestamp = documentTime(undefined)
  const { input, request } = await openRequest(path, options, context)
  const { judge } = await import('../../audit/judge.js')
  const judged = await judge(request, judgeRequest(input, options, context, true))
  const report = {
    graph: judged.graph,
    evidence: judged.evidence,
    verification: judged.verification,
    verdict: judged.verdict,
    rules: judged.described,
    tool: { name: 'assay', version: VERSION },
    timestamp,
    profile: judged.config.profile,
  }
  if (targets.length > 0) {
    const { writeFiles } = await import('../../audit/inputs.js')
    writeFiles(
      await Promise.all(
        targets.map(async (target) => ({ path: target.path, chunks: await reportDocument(target.format, report, PLAIN, true) })),
      ),
    )
    for (const target of targets) terminal.say(`wrote ${target.path}`)
  }
  const format = options.json === true ? 'json' : options.format
  // Under --quiet the exit code speaks; data that was asked for by name is printed all the same.
  if (!terminal.quiet || format !== 'text')
    await terminal.print(await reportDocument(format, report, terminal.style, terminal.verbose))
  return judged.verdict.exitCode
}
