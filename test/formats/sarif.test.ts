import { describe, expect, it } from 'vitest'
import { sarifReport } from '../../src/formats/sarif.js'
import type { Finding } from '../../src/model/finding.js'
import { GraphView } from '../../src/model/graph-view.js'
import type { ReportInput } from '../../src/model/report.js'
import type { Json } from './support/documents.js'
import { object, rows } from './support/documents.js'
import { FINDINGS, RICH, RICH_REPORT, VERDICT } from './support/rich.js'
import { hex } from './support/rich-components.js'
import { complaints, officialSarif } from './support/schemas.js'

const schema = officialSarif()

function sarif(input: ReportInput): Json {
  const log: unknown = JSON.parse([...sarifReport(input)].join(''))
  if (schema !== undefined) expect(complaints(schema, log)).toEqual([])
  const [run, ...more] = rows(object(log)['runs'])
  expect(more).toEqual([])
  return run ?? {}
}
const judged = (findings: readonly Finding[], rest: Partial<ReportInput> = {}): ReportInput => ({
  ...RICH_REPORT,
  ...rest,
  verdict: { ...VERDICT, findings },
})
const driver = (run: Json): Json => object(object(run['tool'])['driver'])
const locationOf = (result: Json | undefined): Json => object(object(rows(result?.['locations'])[0])['physicalLocation'])
const notes = (run: Json): Json[] => rows(rows(run['invocations'])[0]?.['toolExecutionNotifications'])
const [FIRST] = FINDINGS
if (FIRST === undefined) throw new RangeError('no finding')
const many = (count: number, change: (i: number) => Partial<Finding>): Finding[] =>
  Array.from({ length: count }, (_, i) => ({ ...FIRST, ...change(i) }))

describe('SARIF for code scanning (spec/sbom.md §6.1)', () => {
  const run = sarif(RICH_REPORT)

  it('names tool, category and the unit of its columns', () => {
    expect(driver(run)).toMatchObject({ name: 'assay', semanticVersion: '0.1.0' })
    expect(run['automationDetails']).toEqual({ id: 'assay/' })
    expect(run['columnKind']).toBe('utf16CodeUnits')
  })

  it('describes the rules that have results, each with what GitHub asks for', () => {
    const rules = rows(driver(run)['rules'])
    expect(rules.map((rule) => rule['id'])).toEqual([...new Set(FINDINGS.map((finding) => finding.rule))].sort())
    for (const rule of rules) {
      for (const field of ['shortDescription', 'fullDescription', 'help']) expect(object(rule[field])['text']).toMatch(/./)
      expect(String(object(rule['fullDescription'])['text']).length).toBeLessThanOrEqual(1024)
      expect(String(rule['name']).length).toBeLessThanOrEqual(255)
      const properties = object(rule['properties'])
      expect(['very-high', 'high', 'medium', 'low']).toContain(properties['precision'])
      expect(['error', 'warning', 'recommendation']).toContain(properties['problem.severity'])
      // Only with the tag `security`, and as a text; these rules have neither.
      expect(properties['security-severity']).toBeUndefined()
    }
  })

  it('has a result a finding: level, place, fingerprint and the index of its rule', () => {
    const results = rows(run['results'])
    expect(results).toHaveLength(FINDINGS.length)
    const git = results.find((result) => result['ruleId'] === 'source/git-requirement')
    expect(git).toMatchObject({
      level: 'error',
      message: { text: 'source/git-requirement does not hold. Fix: mend it.' },
      partialFingerprints: { primaryLocationLineHash: `${hex('a').slice(0, 16)}:1`, 'assayFindingId/v1': hex('a') },
    })
    expect(locationOf(git)).toEqual({
      artifactLocation: { uri: 'Cargo.lock', uriBaseId: 'SRCROOT' },
      region: { startLine: 80, startColumn: 1, endLine: 80, endColumn: 9 },
    })
    for (const result of results) expect(rows(driver(run)['rules'])[Number(result['ruleIndex'])]?.['id']).toBe(result['ruleId'])
    expect(results.map((result) => result['level'])).toEqual(['error', 'error', 'warning', 'warning', 'warning', 'note'])
  })

  it('shows what is about the whole at the first file that was read', () => {
    const whole = rows(run['results']).find((result) => result['ruleId'] === 'policy/waiver-expired')
    expect(locationOf(whole)).toEqual({
      artifactLocation: { uri: 'Cargo.lock', uriBaseId: 'SRCROOT' },
      region: { startLine: 1, startColumn: 1 },
    })
    const nothing = sarif(judged([{ ...FIRST, location: undefined }], { graph: new GraphView({ ...RICH, files: [] }) }))
    expect(locationOf(rows(nothing['results'])[0])).toMatchObject({ artifactLocation: { uri: 'assay.toml' } })
  })

  it('suppresses what is waived or in the baseline', () => {
    const suppressed = rows(run['results']).flatMap((result) => rows(result['suppressions']))
    expect(suppressed).toEqual([
      { kind: 'external', status: 'accepted', justification: 'in the baseline' },
      { kind: 'external', status: 'accepted', justification: 'waiver stale-lock' },
    ])
  })

  it('has the evidence of a finding, and how far anything was verified', () => {
    const git = rows(run['results']).find((result) => result['ruleId'] === 'source/git-requirement')
    expect(object(git?.['properties'])['evidence']).toEqual([
      { check: 'cargo/index-checksum', verdict: 'not-checkable', why: 'a git source' },
      {
        check: 'cargo/git-commit',
        verdict: 'match',
        authority: { kind: 'git', name: 'https://git.example/tokio' },
        expected: hex('1', 'sha1'),
        observed: hex('1', 'sha1'),
      },
    ])
    const others = rows(run['results']).filter((result) => result['ruleId'] !== 'source/git-requirement')
    for (const result of others) expect(result['properties']).toBeUndefined()
    const verification = object(object(run['properties'])['verification'])
    expect([verification['asked'], verification['offline'], verification['onUnavailable']]).toEqual([true, false, 'fail'])
    expect(
      rows(verification['ecosystems']).map((one) => [one['ecosystem'], one['total'], object(one['components'])['match']]),
    ).toEqual([
      ['cargo', 9, 2],
      ['go', 2, 1],
      ['nimble', 4, 1],
      ['zig', 2, 1],
    ])
  })

  it.each([
    ['clean', 0, true],
    ['violations', 1, true],
    ['unverified', 3, false],
    ['unreadable', 4, false],
  ] as const)('ran as it should: %s', (outcome, exitCode, successful) => {
    const [invocation] = rows(sarif({ ...RICH_REPORT, verdict: { ...VERDICT, outcome, exitCode } })['invocations'])
    expect([invocation?.['executionSuccessful'], invocation?.['exitCode']]).toEqual([successful, exitCode])
  })

  it('tells what could not be read', () => {
    expect(notes(run)).toHaveLength(RICH.diagnostics.length)
    expect(notes(run)[0]).toMatchObject({
      descriptor: { id: 'input/lock-unparseable' },
      level: 'error',
      message: { text: 'the entry ends early' },
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'broken/Cargo.lock' }, region: { startLine: 7, startColumn: 3 } } },
      ],
    })
    const unreadable = sarif({ ...RICH_REPORT, verdict: { ...VERDICT, outcome: 'unreadable', exitCode: 4 } })
    expect(rows(unreadable['invocations'])[0]?.['executionSuccessful']).toBe(false)
  })

  it.each([
    ['a blank and a hash', 'a b/#1.lock', 'a%20b/%231.lock'],
    ['a colon, which is no scheme', 'http:/x', 'http%3A/x'],
    ['a percent sign', '100%/x', '100%25/x'],
    ['other letters', 'ö/漢', '%C3%B6/%E6%BC%A2'],
    ['half of a pair', 'a\ud800', 'a%EF%BF%BD'],
    ['a backslash', 'a\\b', 'a%5Cb'],
  ])('gives a relative URI of the path: %s', (_title, file, uri) => {
    const result = rows(sarif(judged([{ ...FIRST, location: { file, line: 1, column: 1 } }]))['results'])[0]
    expect(object(locationOf(result)['artifactLocation'])['uri']).toBe(uri)
  })

  it('keeps the 5,000 most severe and says how many are left out', () => {
    const findings = many(6200, (i) => ({
      severity: i < 1500 ? 'note' : i < 3000 ? 'warn' : 'error',
      fingerprint: i.toString(16).padStart(64, '0'),
    }))
    const capped = sarif(judged(findings))
    const levels = rows(capped['results']).map((result) => result['level'])
    expect(levels).toHaveLength(5000)
    expect([levels.filter((level) => level === 'error').length, levels.filter((level) => level === 'note').length]).toEqual([
      3200, 300,
    ])
    expect(object(notes(capped)[0]?.['message'])['text']).toBe(
      '1200 less severe findings are left out; the JSON report holds all of them',
    )
  })

  it('tells 1,000 diagnostics and how many more there are', () => {
    const [diagnostic] = RICH.diagnostics
    const diagnostics = Array.from({ length: 1003 }, () => diagnostic).filter((one) => one !== undefined)
    const told = notes(sarif({ ...RICH_REPORT, graph: new GraphView({ ...RICH, diagnostics }) }))
    expect(told).toHaveLength(1001)
    expect(object(told[0]?.['message'])['text']).toContain('3 diagnostics')
  })

  it('bounds what a stranger’s text can take', () => {
    const findings = many(3, () => ({ message: '😀'.repeat(50_000), fix: 'x'.repeat(50_000) }))
    const text = [...sarifReport(judged(findings))].join('')
    expect(text.length).toBeLessThan(50_000)
    expect(text.isWellFormed()).toBe(true)
    sarif(judged(findings))
  })

  it('bounds the description of a rule', () => {
    const long = { id: FIRST.rule, title: 'A title', why: 'y'.repeat(3000), severity: 'error', hard: false } as const
    const [rule] = rows(driver(sarif(judged([FIRST], { rules: [long] })))['rules'])
    expect(String(object(rule?.['fullDescription'])['text'])).toHaveLength(1024)
  })

  it('is a whole log when nothing was found', () => {
    const clean = sarif({ ...RICH_REPORT, verdict: { ...VERDICT, findings: [], outcome: 'clean', exitCode: 0 } })
    expect(clean['results']).toEqual([])
    expect(driver(clean)['rules']).toEqual([])
  })
})
