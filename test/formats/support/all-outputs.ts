import { createHash } from 'node:crypto'
import { evidenceJson } from '../../../src/formats/evidence-json.js'
import { graphDot } from '../../../src/formats/graph-dot.js'
import { graphJson } from '../../../src/formats/graph-json.js'
import { graphTree } from '../../../src/formats/graph-tree.js'
import { FORMATS } from '../../../src/formats/index.js'
import { jsonReport } from '../../../src/formats/report-json.js'
import { textReport } from '../../../src/formats/report-text.js'
import { sarifReport } from '../../../src/formats/sarif.js'
import type { DocumentInput } from '../../../src/model/document.js'
import type { ReportInput } from '../../../src/model/report.js'
import { PLAIN } from '../../../src/model/style.js'

/** Every document and report of one input, by name. */
export async function allOutputs(input: DocumentInput, report: ReportInput): Promise<Map<string, string>> {
  const outputs = new Map<string, string>()
  for (const entry of FORMATS) outputs.set(entry.name, [...(await entry.load()).write(input).chunks].join(''))
  outputs.set('graph-json', [...graphJson(input.graph)].join(''))
  outputs.set('graph-tree', [...graphTree(input.graph, PLAIN)].join(''))
  outputs.set('graph-dot', [...graphDot(input.graph)].join(''))
  outputs.set('evidence-json', [...evidenceJson(report)].join(''))
  outputs.set('report-json', [...jsonReport(report)].join(''))
  outputs.set('report-text', textReport(report, { style: PLAIN, verbose: true }).join(''))
  outputs.set('sarif', [...sarifReport(report)].join(''))
  return outputs
}

/** One line an output: its name and the digest of its bytes. */
export function digestLines(outputs: ReadonlyMap<string, string>): string {
  return [...outputs].map(([name, text]) => `${name} ${createHash('sha256').update(text, 'utf8').digest('hex')}\n`).join('')
}
