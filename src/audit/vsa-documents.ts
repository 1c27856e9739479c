import { vsaJson } from '../formats/vsa-json.js'
import { vsaText } from '../formats/vsa-text.js'
import type { Style } from '../model/style.js'
import type { VsaReport } from '../model/vsa-report.js'

/** Whether a decision stands for an audit, as it is printed. */
export function vsaDocument(format: 'text' | 'json', report: VsaReport, style: Style, verbose: boolean): Iterable<string> {
  return format === 'json' ? vsaJson(report) : vsaText(report, style, verbose)
}
