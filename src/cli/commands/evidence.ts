import { VERSION } from '../../version.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import { openRequest } from '../input.js'
import { judgeRequest } from '../judging.js'
import type { EvidenceExportOptions } from '../options.js'

/** `assay evidence export`: asks as `audit` does and keeps everything that was said in one file. */
export async function runExport(path: string, options: EvidenceExportOptions, context: Context): Promise<ExitCode> {
  const { input, request } = await openRequest(path, options, context)
  const { judge } = await import('../../audit/judge.js')
  const { writeEvidencePack } = await import('../../audit/evidence-pack.js')
  const judging = judgeRequest(input, { ...options, rule: [] }, context, true)
  const { terminal } = context
  if (judging.verify === undefined) {
    terminal.warn('assay: offline there is nobody to ask, so there is no evidence to write')
    return EXIT.usage
  }
  const judged = await judge(request, {
    ...judging,
    verify: {
      ...judging.verify,
      onUsed: async (used) => {
        const written = await writeEvidencePack(options.output, used, VERSION)
        for (const { url, why } of written.notKept) terminal.warn(`assay: not in the pack: ${url}: ${why}`)
        terminal.say(`wrote ${options.output} with ${written.answers} answers`)
        await terminal.print([
          options.json === true ? `${JSON.stringify({ file: options.output, ...written })}\n` : `${written.digest}\n`,
        ])
      },
    },
  })
  const missing = judged.evidence.filter((one) => one.verdict === 'unavailable').length
  if (missing === 0) return EXIT.clean
  terminal.warn(`assay: ${missing} checks had no answer; a replay will not have them either (exit code 3)`)
  return EXIT.unverified
}

/** `assay evidence check`: whether a pack is whole, and what is in it. */
export async function runCheck(path: string, json: boolean, { terminal }: Context): Promise<ExitCode> {
  const { describeEvidencePack } = await import('../../audit/evidence-pack.js')
  const { meta, ...pack } = await describeEvidencePack(path)
  const lines = [`sha256   ${pack.digest}`, `answers  ${pack.answers}`, `facts    ${pack.facts}`, `blobs    ${pack.blobs}`]
  await terminal.print([json ? `${JSON.stringify({ ...pack, meta: Object.fromEntries(meta) })}\n` : `${lines.join('\n')}\n`])
  return EXIT.clean
}
