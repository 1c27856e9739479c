import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explain } from '../../src/audit/explain.js'
import { explainDocument } from '../../src/audit/explain-document.js'
import { graphDocument } from '../../src/audit/graph-documents.js'
import { judge } from '../../src/audit/judge.js'
import { audit, toDocument } from '../../src/audit/library.js'
import { openInput } from '../../src/evidence/open-input.js'
import { FORMATS } from '../../src/formats/index.js'
import { componentLabel } from '../../src/model/component.js'
import { PLAIN } from '../../src/model/style.js'

/** What must be true of one folder of the corpus; see README.md there. */
interface Case {
  readonly about: string
  readonly exitCode: number | null
  readonly findings: readonly { readonly rule: string; readonly at: string }[]
  readonly survives: readonly string[]
  readonly count?: Readonly<Record<string, number>>
  readonly secrets?: readonly string[]
}

const CORPUS = join(import.meta.dirname, 'corpus')
const TIME = '2026-01-02T03:04:05Z'

/** Control characters, bidirectional overrides and lone surrogates, which no output may carry raw; line feeds are the layout. */
const UNSAFE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
/** Workflow commands: those of GitHub at the start of a line, the older ones and those of Azure anywhere in it. */
const COMMAND = /^\s*::|##\[|##vso\[/m

describe.each(readdirSync(CORPUS).sort())('%s', (name) => {
  const folder = join(CORPUS, name)
  const wanted = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case

  it(`${wanted.about}`, async () => {
    const result = await audit(folder, { config: false, timestamp: TIME })
    const found = result.verdict.findings.map(
      ({ rule, location }) => `${rule} ${location === undefined ? '' : `${location.file}:${location.line}`}`,
    )
    for (const { rule, at } of wanted.findings) {
      // A place without a line stands for any line of the file.
      const pattern = /:\d+$/.test(at) ? `${rule} ${at}` : `${rule} ${at}:`
      expect(found.filter((one) => one === pattern || (pattern.endsWith(':') && one.startsWith(pattern)))).not.toEqual([])
    }
    if (wanted.exitCode !== null) expect(result.verdict.exitCode).toBe(wanted.exitCode)
    const labels = result.graph.components.map(componentLabel)
    for (const label of wanted.survives) expect(labels).toContain(label)
    for (const [label, count] of Object.entries(wanted.count ?? {}))
      expect(labels.filter((one) => one === label)).toHaveLength(count)
  })

  it('every place that is named is there', async () => {
    const { graph, verdict } = await audit(folder, { config: false, timestamp: TIME })
    const places = [...verdict.findings, ...graph.diagnostics].flatMap(({ location }) =>
      location === undefined ? [] : [location],
    )
    for (const { file, line, column } of places) {
      expect(existsSync(join(folder, file)), file).toBe(true)
      const lines = readFileSync(join(folder, file), 'utf8').split('\n')
      expect(line).toBeGreaterThanOrEqual(1)
      expect(line).toBeLessThanOrEqual(Math.max(lines.length, 1))
      expect(column).toBeGreaterThanOrEqual(1)
    }
  })

  it('no output carries what a terminal, a log or a parser would obey', async () => {
    for (const [what, text] of await everyOutput(folder)) {
      expect(UNSAFE.exec(text)?.index, what).toBeUndefined()
      if (!what.endsWith('json') && what !== 'sarif') expect(COMMAND.exec(text)?.[0], what).toBeUndefined()
      else expect(JSON.parse(text), what).toBeTypeOf('object')
      for (const secret of wanted.secrets ?? []) expect(text, what).not.toContain(secret)
    }
  })
})

async function everyOutput(folder: string): Promise<readonly (readonly [string, string])[]> {
  const result = await audit(folder, { config: false, timestamp: TIME })
  const input = await openInput(folder)
  const judged = await judge(
    { tree: input.tree },
    { input, config: false, rules: [], raiseOnly: false, today: TIME.slice(0, 10) },
  )
  const outputs: (readonly [string, string])[] = []
  for (const format of ['text', 'json', 'sarif'] as const)
    outputs.push([format === 'json' ? 'report json' : format, await result.report(format)])
  for (const format of ['tree', 'dot', 'json'] as const)
    outputs.push([`graph ${format}`, [...(await graphDocument(format, judged.graph, PLAIN))].join('')])
  for (const component of result.graph.components.slice(0, 5)) {
    const answer = explain(component.id, judged)
    if (answer.kind === 'nothing') throw new Error(`${component.id} is not found by its id`)
    outputs.push(['explanation', [...explainDocument(answer, judged.graph, false, PLAIN)].join('')])
    outputs.push(['explanation json', [...explainDocument(answer, judged.graph, true, PLAIN)].join('')])
  }
  for (const { name } of FORMATS) outputs.push([name, await toDocument(result.graph, name, { timestamp: TIME, validate: true })])
  return outputs
}
