import { attestJson } from '../formats/attest-json.js'
import { attestText } from '../formats/attest-text.js'
import type { AttestReport } from '../model/attest-report.js'
import type { Style } from '../model/style.js'

/** What was decided and signed, as it is printed. */
export function attestDocument(format: 'text' | 'json', report: AttestReport, style: Style, verbose: boolean): Iterable<string> {
  return format === 'json' ? attestJson(report) : attestText(report, style, verbose)
}
