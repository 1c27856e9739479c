import type { LookupAsking } from '../../audit/artifact/look-up.js'
import type { ArtifactRequest } from '../../audit/verify-artifact.js'
import { escapeTerminal } from '../../model/escape.js'
import { VERSION } from '../../version.js'
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
  const report = await verifyArtifact({
    ...options,
    fetchedRoot,
    asking: asking(options, terminal),
    onUsed: options.evidenceOut === undefined ? undefined : packInto(options.evidenceOut, terminal),
    timestamp,
  })
  const { artifactDocument } = await import('../../audit/artifact-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson)
    await terminal.print(artifactDocument(isJson ? 'json' : 'text', report, terminal.style, terminal.verbose))
  return report.exitCode
}

/** Writes what a run was told to an evidence pack, for the same look-up without a network. */
function packInto(file: string, terminal: Terminal): ArtifactRequest['onUsed'] {
  return async (used) => {
    const { writeEvidencePack } = await import('../../audit/evidence-pack.js')
    const { answers, digest, notKept } = await writeEvidencePack(file, used, VERSION)
    for (const { url, why } of notKept) terminal.warn(escapeTerminal(`assay: not in the pack: ${url}: ${why}`))
    terminal.say(`wrote ${file} with ${answers} answers, sha256 ${digest}`)
  }
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
