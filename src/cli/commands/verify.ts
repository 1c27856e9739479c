import { AssayError } from '../../model/error.js'
import type { Evidence } from '../../model/evidence.js'
import { GraphView } from '../../model/graph-view.js'
import { VERSION } from '../../version.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import { openRequest } from '../input.js'
import type { VerifyOptions } from '../options.js'
import { warnAboutReading } from '../reading-report.js'
import { documentTime } from '../time.js'
import { verifyChoices } from '../verifying.js'

/** `assay verify`: the evidence alone, without a policy's judgement. */
export async function run(path: string, options: VerifyOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const choices = verifyChoices(options, context, true)
  if (choices === undefined)
    throw new AssayError(
      'usage',
      'offline there is nobody to ask',
      'Give an evidence pack with --evidence, or leave --offline away.',
    )
  const timestamp = documentTime(undefined)
  const { input, request } = await openRequest(path, options, context)
  const { documentConfig } = await import('../../audit/document-info.js')
  const { readAndVerify } = await import('../../audit/read-and-verify.js')
  const { evidenceDocument } = await import('../../audit/evidence-documents.js')
  const { graph, evidence, verification } = await readAndVerify(request, choices, await documentConfig(input, options.config))
  const reading = warnAboutReading(graph, path, terminal)
  const document = { graph: new GraphView(graph), evidence, verification, tool: { name: 'assay', version: VERSION }, timestamp }
  const format = options.json === true ? 'json' : 'text'
  if (!terminal.quiet || format === 'json')
    await terminal.print(await evidenceDocument(format, document, terminal.style, terminal.verbose))
  return reading === EXIT.clean ? exitCode(evidence) : reading
}

/** A contradiction is a violation whatever a policy says; what nobody answered is not verified. */
function exitCode(evidence: readonly Evidence[]): ExitCode {
  if (evidence.some(({ verdict }) => verdict === 'mismatch' || verdict === 'absent')) return EXIT.violations
  return evidence.some(({ verdict }) => verdict === 'unavailable') ? EXIT.unverified : EXIT.clean
}
