import { clockTimestamp } from '../../audit/clock.js'
import { escapeTerminal } from '../../model/escape.js'
import { VERSION } from '../../version.js'
import { askAgreement, askSecret, canAsk } from '../ask.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { openRequest } from '../input.js'
import { judgeRequest, policyChoices } from '../judging.js'
import type { AttestOptions } from '../options.js'
import { documentTime } from '../time.js'

const DEFAULT_DAYS = 30

/** `assay attest`: audits, and signs the decision. */
export async function run(path: string, options: AttestOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const timestamp = documentTime(options.timestamp)
  const { input, request } = await openRequest(path, options, context)
  const { attest, DEFAULT_VERIFIER_ID } = await import('../../audit/attest/attest.js')
  const warn = (message: string): void => terminal.warn(`assay: ${escapeTerminal(message)}`)
  const offline = options.offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== ''
  const { report, statements, notKept, judged } = await attest({
    read: request,
    judging: judgeRequest(input, { ...options, asOf: options.asOf ?? timestamp.slice(0, 10) }, context, true),
    policy: policyChoices(options, request.options?.environment),
    artifacts: options.artifact,
    sboms: options.sbom,
    files: options.sign,
    resource: options.resource,
    verifierId: options.verifierId ?? DEFAULT_VERIFIER_ID,
    version: VERSION,
    timestamp,
    expiresDays: options.expires ?? DEFAULT_DAYS,
    evidenceOut: options.evidenceOut,
    output: options.output,
    allowFailed: options.allowFailed === true,
    trustedRoot: options.trustedRoot,
    attach: options.attach,
    asking: { offline, store: options.store, environment: process.env, onNotice: warn },
    signing:
      options.printStatement === true
        ? undefined
        : {
            options: { ...options, rekorVersion: options.rekorVersion === '2' ? 2 : 1 },
            surroundings: {
              environment: process.env,
              offline,
              now: clockTimestamp(),
              askPassphrase: canAsk() ? askSecret : undefined,
              confirm: async (what) => options.yes === true || askAgreement(what),
              onWarning: warn,
            },
          },
  })
  for (const { url, why } of notKept) terminal.warn(escapeTerminal(`assay: not in the pack: ${url}: ${why}`))
  if (options.printStatement === true) {
    await terminal.print(statements.map((statement) => `${Buffer.from(statement).toString('utf8')}\n`))
    return report.exitCode
  }
  if (report.result === 'FAILED') {
    const { findings } = judged.verdict
    const open = findings.filter(({ status }) => status === 'open').length
    terminal.warn(
      `assay: the policy is not met (${judged.verdict.outcome}, ${open} open findings); \`assay audit\` shows why. ${
        report.signed.length === 0 ? 'Nothing was signed; --allow-failed signs that it failed.' : 'What was signed says FAILED.'
      }`,
    )
  }
  const { attestDocument } = await import('../../audit/attest-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson)
    await terminal.print(attestDocument(isJson ? 'json' : 'text', report, terminal.style, terminal.verbose))
  return report.exitCode
}
