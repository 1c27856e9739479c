import { describe, expect, it } from 'vitest'
import { coverageOf } from '../../src/formats/coverage.js'
import { graphTree } from '../../src/formats/graph-tree.js'
import { textReport } from '../../src/formats/report-text.js'
import type { Finding, Verdict } from '../../src/model/finding.js'
import { GraphView } from '../../src/model/graph-view.js'
import type { Style } from '../../src/model/style.js'
import { PLAIN } from '../../src/model/style.js'
import { NOT_ASKED } from '../../src/model/verification.js'
import { component, edge, graphOf } from '../support/graphs.js'
import { FINDINGS, RICH_REPORT, VERDICT } from './support/rich.js'
import { hex } from './support/rich-components.js'

const report = (verdict: Partial<Verdict>, verbose = false, style: Style = PLAIN): string[] =>
  textReport({ ...RICH_REPORT, verdict: { ...VERDICT, ...verdict } }, { style, verbose }).map((line) => line.replace(/\n$/, ''))

describe('the report for people (spec/policy.md §7.4)', () => {
  it('groups by what mends it, worst first, with place, path, fix and reason', () => {
    const lines = report({})
    const start = lines.findIndex((line) => line.startsWith('error source/git-requirement'))
    expect(lines.slice(start, start + 4)).toEqual([
      'error source/git-requirement  Because it matters.',
      `  Cargo.lock:80:1: source/git-requirement does not hold  ${hex('a').slice(0, 8)}`,
      '    through demo-core@0.3.0 → tokio@1.37.0',
      '  Fix: Mend it.',
    ])
    const severities = lines.map((line) => /^(error|warning|note) \S+\/\S+ /.exec(line)?.[1]).filter((word) => word !== undefined)
    expect(severities).toEqual(['error', 'error', 'warning'])
  })

  it('puts one fix in one group, however many places', () => {
    const [first] = FINDINGS
    if (first === undefined) throw new RangeError('no finding')
    const findings = Array.from(
      { length: 30 },
      (_, i): Finding => ({ ...first, message: `place ${i}`, fingerprint: i.toString(16).padStart(64, '0') }),
    )
    const short = report({ findings })
    expect(short.filter((line) => line.includes('place '))).toHaveLength(12)
    expect(short).toContain('  … and 18 more (--verbose lists all)')
    expect(short.filter((line) => line.startsWith('error source/git-requirement'))).toHaveLength(1)
    expect(report({ findings }, true).filter((line) => line.includes('place '))).toHaveLength(30)
  })

  it('counts what is waived or inherited, and never silently', () => {
    const lines = report({})
    expect(lines).toContain('Not counted: 1 waived, 1 in the baseline')
    expect(lines).toContain('  input/lock-stale: input/lock-stale does not hold (waiver stale-lock)')
  })

  it('says what was not read and how much was looked at', () => {
    const lines = report({})
    expect(lines).toContain('Not read whole: 2 files; what they name is missing from everything above')
    expect(lines).toContain('  files       4 read, 1 in part, 1 unreadable, 1 skipped')
  })

  it('says of each ecosystem what came of its components and checks, zeros included', () => {
    expect(report({}).filter((line) => line.startsWith('  verified'))).toEqual([
      '  verified    cargo       2 of 9 (1 contradicted, 1 gone, 0 without answer, 0 not checkable, 5 not asked about); checks: 4 agree, 1 contradicted, 1 gone, 0 without answer, 1 not checkable',
      '  verified    go          1 of 2 (0 contradicted, 0 gone, 1 without answer, 0 not checkable, 0 not asked about); checks: 2 agree, 0 contradicted, 0 gone, 1 without answer, 0 not checkable',
      '  verified    nimble      1 of 4 (0 contradicted, 1 gone, 0 without answer, 0 not checkable, 2 not asked about); checks: 2 agree, 0 contradicted, 1 gone, 0 without answer, 0 not checkable',
      '  verified    zig         1 of 2 (0 contradicted, 0 gone, 0 without answer, 0 not checkable, 1 not asked about); checks: 2 agree, 0 contradicted, 0 gone, 0 without answer, 0 not checkable',
    ])
  })

  it('says so when nobody was asked, or only the store', () => {
    const lines = (rest: Partial<typeof RICH_REPORT>) =>
      textReport({ ...RICH_REPORT, ...rest }, { style: PLAIN, verbose: false }).map((line) => line.trimEnd())
    expect(lines({ evidence: [], verification: NOT_ASKED })).toContain(
      '  verified    none of 17 components that come from elsewhere: nobody was asked',
    )
    expect(lines({ verification: { asked: true, offline: true, onUnavailable: 'ignore' } })).toContain(
      '              from stored answers alone: the run was offline',
    )
  })

  it('is not green where something could not be verified', () => {
    const last = (findings: Verdict['findings']) =>
      report({ outcome: 'clean', exitCode: 0, findings }, false, (name, text) => `<${name}>${text}`).at(-1)
    expect(last(FINDINGS.filter((one) => one.state === 'unverified'))).toBe(
      '<yellow>Gate passed, though not everything could be verified: 0 errors, 1 warning, 0 notes.',
    )
    expect(last([])).toBe('<green>Gate passed: 0 errors, 0 warnings, 0 notes.')
  })

  it.each([
    ['clean', 'Gate passed, though not everything could be verified: 2 errors, 2 warnings, 0 notes.'],
    ['violations', 'Gate failed: 2 errors, 2 warnings, 0 notes.'],
    ['unverified', 'Could not verify: 2 errors, 2 warnings, 0 notes.'],
    ['unreadable', 'Input unreadable: 2 errors, 2 warnings, 0 notes, and not everything could be read.'],
  ] as const)('ends with the verdict: %s', (outcome, line) => {
    expect(report({ outcome })).toContain(line)
  })

  it('ends with the owners of waivers that ended', () => {
    expect(report({}).at(-1)).toBe('gate failed: 1 waiver ended (old, team@example.org, 2025-12-31)')
  })

  it('styles through the one function it is given', () => {
    const lines = report({}, false, (name, text) => `<${name}>${text}</${name}>`)
    expect(lines).toContain('<red>error</red> <bold>source/git-requirement</bold>  <dim>Because it matters.</dim>')
    expect(lines.join('\n')).not.toContain('\u001b')
  })
})

describe('coverage', () => {
  it('counts by state, ecosystem and knowledge', () => {
    const coverage = coverageOf(RICH_REPORT)
    expect(coverage.files).toEqual({ read: 4, partial: 1, unreadable: 1, skipped: 1 })
    expect(coverage.rules).toEqual({ ran: 3, withSubjects: 2 })
    expect(
      coverage.components.map((one) => [
        one.ecosystem,
        one.projects,
        one.components,
        one.edgesComplete,
        one.edgesIncomplete,
        one.edgesUnknown,
      ]),
    ).toEqual([
      ['cargo', 1, 11, 10, 1, 0],
      ['go', 1, 5, 4, 1, 0],
      ['nimble', 1, 4, 4, 0, 0],
      ['zig', 1, 3, 1, 0, 2],
    ])
  })
})

describe('the tree', () => {
  it('ends in a cycle and stays linear in a graph of diamonds', () => {
    const layers = Array.from({ length: 60 }, (_, i) => [component(`left-${i}`), component(`right-${i}`)] as const)
    const root = component('root', '1.0.0', { firstParty: true })
    const edges = layers.flatMap(([left, right], i) => {
      const next = layers[i + 1]
      return next === undefined
        ? [edge(left, layers[0]?.[0] ?? root)]
        : [left, right].flatMap((from) => next.map((to) => edge(from, to)))
    })
    const [first] = layers
    const graph = graphOf([root, ...layers.flat()], [...edges, ...(first ?? []).map((to) => edge(root, to))])
    const lines = [...graphTree(new GraphView(graph), PLAIN)]
    expect(lines.length).toBeLessThanOrEqual(graph.edges.length + 2)
    expect(lines.some((line) => line.endsWith('(*)\n'))).toBe(true)
  })

  it('is not deeper than the stack allows', () => {
    const root = component('root', '1.0.0', { firstParty: true })
    const chain = [root, ...Array.from({ length: 3_000 }, (_, i) => component(`c${i}`))]
    const edges = chain.slice(1).flatMap((to, i) => {
      const from = chain[i]
      return from === undefined ? [] : [edge(from, to)]
    })
    let count = 0
    for (const _line of graphTree(new GraphView(graphOf(chain, edges)), PLAIN)) count += 1
    expect(count).toBe(3_002)
  })
})
