import { trustRootsJson } from '../formats/trust-roots-json.js'
import { trustRootsText } from '../formats/trust-roots-text.js'
import type { Style } from '../model/style.js'
import type { TrustReport } from '../model/trust-report.js'

/** A report about roots of trust as it is printed. */
export function trustDocument(format: 'text' | 'json', report: TrustReport, style: Style): Iterable<string> {
  return format === 'json' ? trustRootsJson(report) : trustRootsText(report, style)
}
