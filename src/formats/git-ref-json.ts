import type { GitRefReport } from '../model/git-ref-report.js'
import { VERSION } from '../version.js'

/** Raised when a field changes its meaning or goes away. */
const GIT_REF_FORMAT = 1

/** A report about a tag or commit as JSON (`schemas/git-ref.schema.json`). */
export function gitRefJson(report: GitRefReport): string[] {
  const document = {
    $schema: 'https://assay.invalid/schemas/git-ref.schema.json',
    format: GIT_REF_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}
