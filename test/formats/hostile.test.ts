import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainText } from '../../src/formats/explain-text.js'
import { ruleText } from '../../src/formats/rule-text.js'
import { validateDocument } from '../../src/formats/validate.js'
import { PLAIN } from '../../src/model/style.js'
import { allOutputs } from './support/all-outputs.js'
import { object, rows } from './support/documents.js'
import { hostileInput, hostileText } from './support/hostile.js'
import { CYCLONEDX_VERSIONS, complaints, officialCycloneDx, officialSarif, officialSpdx } from './support/schemas.js'

const official = new Map(CYCLONEDX_VERSIONS.map((version) => [`cyclonedx-${version}-json`, officialCycloneDx(version)]))
const spdx = officialSpdx()
if (spdx !== undefined) official.set('spdx-2.3-json', spdx)
const sarif = officialSarif()
if (sarif !== undefined) official.set('sarif', sarif)

/** What can move a cursor, reorder or hide text; a line feed ends a line and nothing else. */
const ACTS =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u

const JSON_OUTPUTS = [
  ...CYCLONEDX_VERSIONS.map((version) => `cyclonedx-${version}-json`),
  'spdx-2.3-json',
  'graph-json',
  'evidence-json',
  'report-json',
  'sarif',
]
const TEXT_OUTPUTS = ['graph-tree', 'graph-dot', 'report-text']

describe('a stranger’s names, versions, paths and URLs', () => {
  it('leave every output well-formed, valid, and without a character that acts', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInput, async ({ input, report }) => {
        const outputs = await allOutputs(input, report)
        expect([...outputs.keys()].sort()).toEqual([...JSON_OUTPUTS, ...TEXT_OUTPUTS].sort())
        for (const [name, text] of outputs) {
          expect([name, ACTS.exec(text)?.[0]]).toEqual([name, undefined])
          expect([name, text.isWellFormed()]).toEqual([name, true])
        }
        for (const name of JSON_OUTPUTS) {
          const text = outputs.get(name) ?? ''
          const parsed: unknown = JSON.parse(text)
          const validate = official.get(name)
          if (validate !== undefined) expect([name, complaints(validate, parsed)]).toEqual([name, []])
          if (name !== 'sarif') expect([name, await validateDocument(text, name)]).toEqual([name, []])
        }
      }),
      { numRuns: 100 },
    )
  }, 120_000)

  it('show no password and no query in an SBOM’s references and locations', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInput, async ({ input, report }) => {
        const outputs = await allOutputs(input, report)
        const bom = object(JSON.parse(outputs.get('cyclonedx-1.6-json') ?? ''))
        const urls = rows(bom['components']).flatMap((one) =>
          rows(one['externalReferences']).map((reference) => String(reference['url'])),
        )
        const locations = rows(object(JSON.parse(outputs.get('spdx-2.3-json') ?? ''))['packages']).map((one) =>
          String(one['downloadLocation']),
        )
        // What follows `#` is a folder of the repository, under any name.
        for (const url of [...urls, ...locations.map((location) => location.split('#')[0] ?? '')]) {
          expect(url).not.toContain('pa55word')
          expect(url).not.toContain('?token=')
          expect(url).toMatch(/^(?:NONE|NOASSERTION|(?:(?:git|hg|svn|bzr)\+)?(?:https?|ssh|git|svn|ftp):\/\/[^/@]+(?:\/|$).*)$/)
        }
      }),
      { numRuns: 30 },
    )
  }, 60_000)

  it('begin no command of a workflow log', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInput, async ({ input, report }) => {
        const outputs = await allOutputs(input, report)
        for (const name of ['graph-tree', 'report-text'])
          for (const line of (outputs.get(name) ?? '').split('\n'))
            expect([name, /^\s*(?:::|##\[)/.test(line)]).toEqual([name, false])
      }),
      { numRuns: 30 },
    )
  }, 60_000)
})

describe('explanations', () => {
  it('hold nothing that acts on a terminal', () => {
    fc.assert(
      fc.property(hostileInput, ({ input, report }) => {
        const { graph } = input
        const [component] = graph.components
        if (component === undefined) throw new RangeError('no component')
        const explained = {
          component,
          paths: [graph.components.map((one) => one.id)],
          pathCount: 1,
          dependents: graph.dependents(component.id),
          dependencies: graph.dependencies(component.id),
          replacements: graph.graph.replacements,
          facts: graph.graph.facts,
          findings: report.verdict.findings,
          evidence: report.evidence,
        }
        const rule = {
          id: 'source/url',
          title: 'URLs are safe',
          why: 'Plain HTTP can be changed.',
          evidence: ['L'],
          severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
          evaluate: () => ({ findings: [], checked: 0 }),
        } as const
        for (const text of [
          explainText(explained, graph, PLAIN).join(''),
          ruleText(rule, report.verdict.findings, PLAIN).join(''),
        ]) {
          expect(ACTS.exec(text)?.[0]).toBeUndefined()
          expect(text.isWellFormed()).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('the DOT language', () => {
  it('has one node a component and one edge a dependency, whatever they are called', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInput, async ({ input, report }) => {
        const lines = ((await allOutputs(input, report)).get('graph-dot') ?? '').split('\n')
        const node = /^ {2}n\d+ \[label="(?:[^"\\]|\\\\|\\")*", shape=(?:box|ellipse)(?:, style=(?:bold|dotted))?\]$/
        const arrow = /^ {2}n\d+ -> n\d+(?: \[style=dashed, label="[a-z, ]+"\])?$/
        expect(lines.slice(0, 3)).toEqual(['digraph assay {', '  rankdir=LR', '  node [fontname="sans-serif"]'])
        expect(lines.slice(-2)).toEqual(['}', ''])
        const body = lines.slice(3, -2)
        expect(body.filter((line) => node.test(line))).toHaveLength(input.graph.components.length)
        expect(body.filter((line) => arrow.test(line))).toHaveLength(input.graph.graph.edges.length)
        expect(body).toHaveLength(input.graph.components.length + input.graph.graph.edges.length)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the text of a stranger', () => {
  it('is hostile: the generator makes what it is for', () => {
    const made = fc.sample(hostileText, { numRuns: 400, seed: 7 }).join('')
    expect(made).toMatch(ACTS)
    expect(made.isWellFormed()).toBe(false)
    for (const piece of ['\u001b', '\u202e', ']]>', '"', '::error']) expect(made).toContain(piece)
  })
})
