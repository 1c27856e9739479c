import { gitRefJson } from '../formats/git-ref-json.js'
import { gitRefText } from '../formats/git-ref-text.js'
import type { GitRefReport } from '../model/git-ref-report.js'
import type { Style } from '../model/style.js'

/** A report about a tag or commit as it is printed. */
export function gitRefDocument(format: 'text' | 'json', report: GitRefReport, style: Style): Iterable<string> {
  return format === 'json' ? gitRefJson(report) : gitRefText(report, style)
}
