import { describe, expect, it } from 'vitest'
import { evidenceJson } from '../../src/formats/evidence-json.js'
import { explainText } from '../../src/formats/explain-text.js'
import { graphDot } from '../../src/formats/graph-dot.js'
import { graphJson } from '../../src/formats/graph-json.js'
import { graphTree } from '../../src/formats/graph-tree.js'
import { FORMATS } from '../../src/formats/index.js'
import { jsonReport } from '../../src/formats/report-json.js'
import { textReport } from '../../src/formats/report-text.js'
import { sarifReport } from '../../src/formats/sarif.js'
import { validateDocument } from '../../src/formats/validate.js'
import { PLAIN } from '../../src/model/style.js'
import { write } from './support/documents.js'
import { golden } from './support/golden.js'
import { EVIDENCE, FINDINGS, REPLACEMENTS, RICH, RICH_INPUT, RICH_REPORT, SMALL_INPUT } from './support/rich.js'
import { core, tokio } from './support/rich-components.js'
import { CYCLONEDX_VERSIONS, complaints, officialCycloneDx, officialSarif, officialSpdx } from './support/schemas.js'

const INPUTS = [
  ['rich', RICH_INPUT],
  ['inactive', { ...RICH_INPUT, includeInactive: true, verdict: undefined }],
  ['small', SMALL_INPUT],
] as const

const official = new Map(CYCLONEDX_VERSIONS.map((version) => [`cyclonedx-${version}-json`, officialCycloneDx(version)]))
const spdx = officialSpdx()
if (spdx !== undefined) official.set('spdx-2.3-json', spdx)
const sarif = officialSarif()

describe('SBOM documents', () => {
  for (const { name } of FORMATS)
    for (const [title, input] of INPUTS) {
      it(`${name} of the ${title} graph is the golden text`, async () => {
        const { text, leftOut } = await write(name, input)
        expect(text).toBe(golden(`${title}.${name}.json`, text))
        expect(`${JSON.stringify(leftOut, null, 2)}\n`).toBe(
          golden(`${title}.${name}.left-out.json`, `${JSON.stringify(leftOut, null, 2)}\n`),
        )
      })

      it(`${name} of the ${title} graph fits the generated validator`, async () => {
        expect(await validateDocument((await write(name, input)).text, name)).toEqual([])
      })

      const validate = official.get(name)
      it.skipIf(validate === undefined)(
        `${name} of the ${title} graph fits the official schema (skipped where it is not here)`,
        async () => {
          const { text } = await write(name, input)
          expect(validate === undefined ? 'no schema' : complaints(validate, JSON.parse(text))).toEqual([])
        },
      )

      it(`${name} of the ${title} graph is UTF-8 with a line feed at its end and no control character`, async () => {
        const { text } = await write(name, input)
        expect(text.endsWith('}\n')).toBe(true)
        expect(text.isWellFormed()).toBe(true)
        expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
      })
    }
})

describe('graph and reports', () => {
  const graph = RICH_INPUT.graph

  it('graph as JSON', async () => {
    const text = [...graphJson(graph)].join('')
    expect(text).toBe(golden('rich.graph.json', text))
    expect(await validateDocument(text, 'graph-json')).toEqual([])
    expect(JSON.parse(text).components).toHaveLength(RICH.components.length)
  })

  it('graph as a tree', () => {
    const text = [...graphTree(graph, PLAIN)].join('')
    expect(text).toBe(golden('rich.tree.txt', text))
  })

  it('graph in the DOT language', () => {
    const text = [...graphDot(graph)].join('')
    expect(text).toBe(golden('rich.dot', text))
  })

  it('evidence as JSON', async () => {
    const text = [...evidenceJson(RICH_REPORT)].join('')
    expect(text).toBe(golden('rich.evidence.json', text))
    expect(await validateDocument(text, 'evidence-json')).toEqual([])
    expect(JSON.parse(text).evidence).toHaveLength(EVIDENCE.length)
  })

  it('report as JSON', async () => {
    const text = [...jsonReport(RICH_REPORT)].join('')
    expect(text).toBe(golden('rich.report.json', text))
    expect(await validateDocument(text, 'report-json')).toEqual([])
  })

  it('report as text', () => {
    const text = textReport(RICH_REPORT, { style: PLAIN, verbose: true }).join('')
    expect(text).toBe(golden('rich.report.txt', text))
  })

  it('report as SARIF', () => {
    const text = [...sarifReport(RICH_REPORT)].join('')
    expect(text).toBe(golden('rich.sarif', text))
  })

  it.skipIf(sarif === undefined)('SARIF fits the official schema (skipped where it is not here)', () => {
    const text = [...sarifReport(RICH_REPORT)].join('')
    expect(sarif === undefined ? 'no schema' : complaints(sarif, JSON.parse(text))).toEqual([])
  })

  it('explanation of a component', () => {
    const explained = {
      component: tokio,
      paths: [[core.id, tokio.id]],
      pathCount: 3,
      dependents: graph.dependents(tokio.id),
      dependencies: graph.dependencies(tokio.id),
      replacements: REPLACEMENTS.filter((one) => one.replacement?.component === tokio.id),
      facts: graph.facts('source/credential'),
      findings: FINDINGS.filter((one) => one.component === tokio.id),
      evidence: EVIDENCE.filter((one) => one.subject === tokio.id),
    }
    const text = explainText(explained, graph, PLAIN).join('')
    expect(text).toBe(golden('rich.explain.txt', text))
  })
})
