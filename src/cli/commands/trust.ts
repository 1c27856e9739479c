import { AssayError } from '../../model/error.js'
import type { TrustReport } from '../../model/trust-report.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import type { TrustShowOptions, TrustUpdateOptions } from '../options.js'
import { documentTime } from '../time.js'

/** `assay trust update`: fetches the trusted root through TUF and keeps it. */
export async function runUpdate(options: TrustUpdateOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  if (options.offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== '')
    throw new AssayError('usage', 'offline nothing can be fetched', 'Leave --offline and ASSAY_OFFLINE away.')
  const { updateRoots } = await import('../../audit/update-roots.js')
  const { mirror, root, target, output } = options
  const report = await updateRoots({
    ...{ mirror, root, target, output, environment: process.env, timestamp: documentTime(undefined) },
    onNotice: (message) => terminal.warn(message),
  })
  return print(report, options.json === true, context)
}

/** `assay trust show`: which roots would be used, their age, logs and authorities. */
export async function runShow(path: string, options: TrustShowOptions, context: Context): Promise<ExitCode> {
  const { openInput } = await import('../../audit/inputs.js')
  const { findConfig, loadConfigFile } = await import('../../audit/config-file.js')
  const { trust } = (await loadConfigFile(findConfig(await openInput(path), options.config))).settings
  const { showRoots } = await import('../../audit/show-roots.js')
  const report = await showRoots({
    files: options.trustedRoot.length > 0 ? options.trustedRoot : trust.roots,
    online: options.onlineRoots === true || trust.onlineRoots,
    fallback: trust.rootFallback,
    environment: process.env,
    timestamp: documentTime(undefined),
  })
  return print(report, options.json === true, context)
}

async function print(report: TrustReport, isJson: boolean, { terminal }: Context): Promise<ExitCode> {
  const { trustDocument } = await import('../../audit/trust-documents.js')
  if (!terminal.quiet || isJson) await terminal.print(trustDocument(isJson ? 'json' : 'text', report, terminal.style))
  return report.exitCode
}
