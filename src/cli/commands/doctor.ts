import { escapeTerminal } from '../../model/escape.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import type { DoctorOptions } from '../options.js'
import { documentTime } from '../time.js'

/** `assay doctor`: what is configured, what it means, and whether it works. */
export async function run(path: string, options: DoctorOptions, { terminal }: Context): Promise<ExitCode> {
  const timestamp = documentTime(undefined)
  const { openInput } = await import('../../audit/inputs.js')
  const input = await openInput(path)
  const { examine } = await import('../../audit/doctor.js')
  const report = await examine({
    input,
    config: options.config,
    discover: { exclude: options.exclude, include: options.include },
    offline: options.offline === true || (process.env['ASSAY_OFFLINE'] ?? '') !== '',
    environment: process.env,
    timestamp,
    onNotice: (message) => terminal.warn(`assay: ${escapeTerminal(message)}`),
    onProgress: (done, of) => terminal.progress(`asking sources: ${done} of ${of}`),
  })
  const { doctorDocument } = await import('../../audit/doctor-documents.js')
  const isJson = options.json === true
  if (!terminal.quiet || isJson) await terminal.print(doctorDocument(isJson ? 'json' : 'text', report, terminal.style))
  return report.exitCode
}
