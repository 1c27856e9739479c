import { escapeTerminal } from '../../model/escape.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { imageAsking } from '../image-asking.js'
import type { ImageSbomOptions } from '../options.js'

/** `assay sbom oci:…`: the SBOM that is attached to one artifact of a registry or layout folder, as it was attached. */
export async function run(options: ImageSbomOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const { sbomOfNamedImage } = await import('../../audit/verify-image.js')
  const sbom = await sbomOfNamedImage({ ...options, format: options.format, asking: imageAsking(options, context) })
  if (sbom.notice !== undefined) terminal.warn(`assay: ${escapeTerminal(sbom.notice)}`)
  terminal.detail(
    escapeTerminal(`${sbom.format} about ${sbom.about}, ${sbom.verified ? 'attested' : 'not verified'}: ${sbom.from}`),
  )
  await terminal.print([sbom.text])
  return sbom.exitCode
}
