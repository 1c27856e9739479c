import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import type { VerifyGitRefOptions } from '../options.js'
import { documentTime } from '../time.js'

/** `assay verify --git-ref`: who has signed one tag or commit. */
export async function run(folder: string, options: VerifyGitRefOptions, { terminal }: Context): Promise<ExitCode> {
  const { verifyGitRef } = await import('../../audit/verify-git-ref.js')
  const { gitRef: ref, allowedSigners, openpgpKeys } = options
  const report = await verifyGitRef({ folder, ref, allowedSigners, openpgpKeys, timestamp: documentTime(undefined) })
  const { gitRefDocument } = await import('../../audit/git-ref-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson) await terminal.print(gitRefDocument(isJson ? 'json' : 'text', report, terminal.style))
  return report.exitCode
}
