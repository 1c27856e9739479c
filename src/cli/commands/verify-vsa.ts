import { clockTimestamp } from '../../audit/clock.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { openRequest } from '../input.js'
import { policyChoices } from '../judging.js'
import type { VerifyVsaOptions } from '../options.js'
import { judgementDay } from '../time.js'

/** `assay verify --vsa`: whether a signed decision stands for an audit of this tree or file. */
export async function run(path: string, options: VerifyVsaOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  // A build often has documents state the time of its commit: what has ended since then would count for ever.
  const at = options.asOf === undefined ? clockTimestamp() : `${judgementDay(options.asOf)}T23:59:59Z`
  const { input, request } = await openRequest(path, options, context)
  const { DEFAULT_VERIFIER_ID, verifyVsa } = await import('../../audit/verify-vsa.js')
  const report = await verifyVsa({
    ...options,
    input,
    read: request,
    policy: policyChoices(options, request.options?.environment),
    verifierId: options.verifierId ?? DEFAULT_VERIFIER_ID,
    levels: options.level,
    at,
  })
  const { vsaDocument } = await import('../../audit/vsa-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson)
    await terminal.print(vsaDocument(isJson ? 'json' : 'text', report, terminal.style, terminal.verbose))
  return report.exitCode
}
