import { ociJson } from '../formats/oci-json.js'
import { ociText } from '../formats/oci-text.js'
import type { OciReport } from '../model/oci-report.js'
import type { Style } from '../model/style.js'

/** A report about an artifact of a registry as it is printed. */
export function ociDocument(format: 'text' | 'json', report: OciReport, style: Style, verbose: boolean): Iterable<string> {
  return format === 'json' ? ociJson(report) : ociText(report, style, verbose)
}
