import { AssayError } from '../model/error.js'
import type { ReportInput } from '../model/report.js'
import type { Style } from '../model/style.js'

export type ReportFormat = 'text' | 'json' | 'sarif'

/** A report in one of the forms `assay audit` prints. Only the writer that is asked for is loaded. */
export async function reportDocument(
  format: ReportFormat,
  input: ReportInput,
  style: Style,
  verbose: boolean,
): Promise<Iterable<string>> {
  switch (format) {
    case 'json':
      return (await import('../formats/report-json.js')).jsonReport(input)
    case 'sarif':
      return (await import('../formats/sarif.js')).sarifReport(input)
    case 'text':
      return (await import('../formats/report-text.js')).textReport(input, { style, verbose })
  }
}

/** The format a user named. Throws `usage`. */
export function reportFormat(name: string): ReportFormat {
  if (name === 'text' || name === 'json' || name === 'sarif') return name
  throw new AssayError('usage', `no report format is named ${name}`, 'The report formats are text, json and sarif.')
}
