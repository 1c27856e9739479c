import { escapeTerminal } from '../../model/escape.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { imageAsking } from '../image-asking.js'
import type { VerifyImageOptions } from '../options.js'
import { documentTime } from '../time.js'

/** `assay verify oci:…`: digests, signatures, provenance and SBOMs of one artifact of a registry or layout folder. */
export async function run(options: VerifyImageOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const timestamp = documentTime(undefined)
  const { verifyNamedImage } = await import('../../audit/verify-image.js')
  const report = await verifyNamedImage({
    ...options,
    asking: imageAsking(options, context),
    strict: options.strict === true,
    bytes: options.bytes === true,
    timestamp,
    onPack: ({ digest, answers, notKept }) => {
      for (const { url, why } of notKept) terminal.warn(escapeTerminal(`assay: not in the pack: ${url}: ${why}`))
      terminal.say(`wrote ${options.evidenceOut} with ${answers} answers, sha256 ${digest}`)
    },
  })
  const { ociDocument } = await import('../../audit/oci-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson)
    await terminal.print(ociDocument(isJson ? 'json' : 'text', report, terminal.style, terminal.verbose))
  return report.exitCode
}
