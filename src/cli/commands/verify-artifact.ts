import type { LookupAsking } from '../../audit/artifact/look-up.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import type { VerifyArtifactOptions } from '../options.js'
import type { Terminal } from '../terminal.js'
import { documentTime } from '../time.js'

/** `assay verify --artifact`: one file, its signatures, where it was built from and what an SBOM says of it. */
export async function run(options: VerifyArtifactOptions, { terminal }: Context): Promise<ExitCode> {
  const timestamp = documentTime(undefined)
  const { verifyArtifact } = await import('../../audit/verify-artifact.js')
  const fetchedRoot = options.onlineRoots === true ? { fallback: false } : undefined
  const report = await verifyArtifact({ ...options, fetchedRoot, asking: asking(options, terminal), timestamp })
  const { artifactDocument } = await import('../../audit/artifact-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson)
    await terminal.print(artifactDocument(isJson ? 'json' : 'text', report, terminal.style, terminal.verbose))
  return report.exitCode
}

function asking({ offline, evidence, evidenceDigest, store }: VerifyArtifactOptions, terminal: Terminal): LookupAsking {
  return {
    // A pack stands for everything that could be asked: with it nobody is.
    offline: offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== '' || evidence !== undefined,
    pack: evidence,
    packDigest: evidenceDigest,
    store,
    environment: process.env,
    onNotice: (message) => terminal.warn(`assay: ${escapeTerminal(message)}`),
  }
}
