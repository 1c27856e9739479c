import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/formats/index.js'
import type { Component } from '../../src/model/component.js'
import type { DocumentInput } from '../../src/model/document.js'
import type { Graph } from '../../src/model/graph.js'
import { GraphView } from '../../src/model/graph-view.js'
import { allOutputs, digestLines } from './support/all-outputs.js'
import { write } from './support/documents.js'
import { EVIDENCE, FINDINGS, RICH, RICH_INPUT, RICH_REPORT, VERDICT } from './support/rich.js'

describe('the same bytes in all surroundings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-formats-'))
  const program = join(folder, 'digests.mjs')

  beforeAll(async () => {
    const bundle = await rolldown({
      input: join(import.meta.dirname, 'support', 'print-digests.ts'),
      platform: 'node',
      logLevel: 'silent',
    })
    await bundle.write({ file: program, format: 'esm', codeSplitting: false })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (environment: NodeJS.ProcessEnv, cwd: string): string => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [program], { cwd, env: environment, encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }

  it.each<[string, NodeJS.ProcessEnv]>([
    ['an empty environment', {}],
    ['another time zone', { TZ: 'Pacific/Kiritimati' }],
    ['a time zone with half an hour', { TZ: 'America/St_Johns', LANG: 'en_CA.UTF-8' }],
    ['a Turkish locale', { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }],
    ['a Swedish locale, which sorts otherwise', { LANG: 'sv_SE.UTF-8', LC_ALL: 'sv_SE.UTF-8', LANGUAGE: 'sv' }],
    ['the C locale', { LC_ALL: 'C', TZ: 'UTC' }],
    ['a terminal in colour', { FORCE_COLOR: '3', TERM: 'xterm-256color', COLUMNS: '40' }],
  ])('%s', async (_title, environment) => {
    const here = digestLines(await allOutputs(RICH_INPUT, RICH_REPORT))
    expect(here.split('\n')).toHaveLength(FORMATS.length + 8)
    expect(run(environment, folder)).toBe(here)
    expect(run(environment, tmpdir())).toBe(here)
  })
})

/** A random order of a list, decided by numbers of the test's own. */
function shuffled<T>(items: readonly T[], seed: readonly number[]): T[] {
  return items
    .map((item, i) => ({ item, key: seed[i % seed.length] ?? 0, i }))
    .sort((a, b) => a.key - b.key || b.i - a.i)
    .map(({ item }) => item)
}

function shuffledInput(seed: readonly number[]): DocumentInput {
  const mix = <T>(items: readonly T[]): T[] => shuffled(items, seed)
  const inside = (component: Component): Component => ({
    ...component,
    scopes: mix(component.scopes),
    claims: mix(component.claims),
    occurrences: mix(component.occurrences),
    licenses: mix(component.licenses),
    properties: mix(component.properties),
    projects: mix(component.projects),
  })
  const graph: Graph = {
    projects: mix(RICH.projects).map((project) => ({ ...project, roots: mix(project.roots) })),
    components: mix(RICH.components).map(inside),
    edges: mix(RICH.edges),
    replacements: mix(RICH.replacements),
    facts: mix(RICH.facts),
    diagnostics: mix(RICH.diagnostics),
    files: mix(RICH.files),
  }
  return { ...RICH_INPUT, graph: new GraphView(graph), evidence: mix(EVIDENCE), verdict: { ...VERDICT, findings: mix(FINDINGS) } }
}

describe('the same bytes whatever order things come in', () => {
  for (const { name } of FORMATS)
    it(name, async () => {
      const { text, leftOut } = await write(name, RICH_INPUT)
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 8, maxLength: 40 }), async (seed) => {
          const again = await write(name, shuffledInput(seed))
          expect(again.text).toBe(text)
          expect(again.leftOut).toEqual(leftOut)
        }),
        { numRuns: 40 },
      )
    })

  it('reports: evidence in any order', async () => {
    const text = digestLines(await allOutputs(RICH_INPUT, RICH_REPORT))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 8, maxLength: 40 }), async (seed) => {
        const report = { ...RICH_REPORT, evidence: shuffled(EVIDENCE, seed) }
        expect(digestLines(await allOutputs(RICH_INPUT, report))).toBe(text)
      }),
      { numRuns: 20 },
    )
  })

  it('and leaves its input as it was', async () => {
    const before = JSON.stringify(RICH)
    await allOutputs(RICH_INPUT, RICH_REPORT)
    expect(JSON.stringify(RICH)).toBe(before)
  })
})
