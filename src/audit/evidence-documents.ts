import type { ReportInput } from '../model/report.js'
import type { Style } from '../model/style.js'

type EvidenceInput = Pick<ReportInput, 'graph' | 'evidence' | 'verification' | 'tool' | 'timestamp'>

/** What a verification came to, as text for people or as JSON (`schemas/evidence.schema.json`). */
export async function evidenceDocument(
  format: 'text' | 'json',
  input: EvidenceInput,
  style: Style,
  verbose: boolean,
): Promise<Iterable<string>> {
  if (format === 'json') return (await import('../formats/evidence-json.js')).evidenceJson(input)
  return (await import('../formats/evidence-text.js')).evidenceText(input, { style, verbose })
}
