import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Graph } from '../../src/model/graph.js'
import type { Rule } from '../../src/model/rule.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { describeRules } from '../../src/policy/gate.js'
import { component, edge, graphOf } from '../support/graphs.js'
import type { GateCase } from './support/gate-cases.js'
import { gate, SERDE, speaking, waiverOf } from './support/gate-cases.js'
import { APP, appWith, chainOf } from './support/rule-cases.js'

const error = speaking('test/bad', 'error')
const warn = speaking('test/warn', 'warn')
const note = speaking('test/note', 'note')
const unverified = (severity: 'error' | 'warn') =>
  speaking('test/unverified', severity, {
    evaluate: () => ({ checked: 3, findings: [{ subject: 'log', message: 'no answer', fix: 'retry', state: 'unverified' }] }),
  })
const nothing: Rule = speaking('input/nothing-found', 'error', {
  evaluate: () => ({ checked: 1, findings: [{ subject: 'tree', message: 'nothing', fix: 'look' }] }),
})
const unreadable: Partial<Graph> = { files: [{ path: 'Cargo.lock', state: 'unreadable', why: 'broken' }] }
const diagnosed = (severity: 'error' | 'warning'): Partial<Graph> => ({
  diagnostics: [
    { code: 'input/lock-unparseable', severity, message: 'm', help: 'h', location: { file: 'Cargo.lock', line: 1, column: 1 } },
  ],
})

describe('what the gate decides', () => {
  it.each<readonly [string, GateCase, string, number]>([
    ['nothing is wrong', { rules: [] }, 'clean', 0],
    ['an error', { rules: [error] }, 'violations', 1],
    ['a warning', { rules: [warn] }, 'clean', 0],
    ['a warning, and warnings fail', { rules: [warn], config: { failOn: 'warn' } }, 'violations', 1],
    ['a note, and warnings fail', { rules: [note], config: { failOn: 'warn' } }, 'clean', 0],
    ['an error, and nothing fails', { rules: [error], config: { failOn: 'never' } }, 'clean', 0],
    ['an error on an on-demand report', { rules: [error], config: { profile: 'audit', failOn: 'error' } }, 'clean', 0],
    ['just as many warnings as allowed', { rules: [warn], config: { maxWarnings: 1 } }, 'clean', 0],
    ['one more', { rules: [warn], config: { maxWarnings: 0 } }, 'violations', 1],
    ['one more, and nothing fails', { rules: [warn], config: { maxWarnings: 0, failOn: 'never' } }, 'clean', 0],
    ['evidence that an error needs is missing', { rules: [unverified('error')] }, 'unverified', 3],
    ['evidence that a warning needs is missing', { rules: [unverified('warn')], config: { failOn: 'warn' } }, 'clean', 0],
    ['evidence is missing, and nothing fails', { rules: [unverified('error')], config: { failOn: 'never' } }, 'clean', 0],
    ['a violation is stronger than missing evidence', { rules: [error, unverified('error')] }, 'violations', 1],
    ['an unreadable file is stronger than a violation', { rules: [error], graph: appWith([SERDE], unreadable) }, 'unreadable', 4],
    ['a reader gave up', { rules: [error], graph: appWith([SERDE], diagnosed('error')) }, 'unreadable', 4],
    ['a reader only warned', { rules: [], graph: appWith([SERDE], diagnosed('warning')) }, 'clean', 0],
    ['nothing was found', { rules: [nothing] }, 'unreadable', 4],
    [
      'an unreadable file under the profile that blocks nothing',
      { rules: [], config: { profile: 'audit' }, graph: appWith([], unreadable) },
      'unreadable',
      4,
    ],
    ['a waived error', { rules: [error], config: { waivers: [waiverOf()] } }, 'clean', 0],
    [
      'a waiver that has ended',
      { rules: [warn], config: { waivers: [waiverOf({ rule: 'test/warn', expires: '2026-01-01' })] } },
      'violations',
      1,
    ],
    [
      'a hard rule that somebody waived',
      { rules: [{ ...error, hard: true }], config: { waivers: [waiverOf()] } },
      'violations',
      1,
    ],
    ['an accepted error', { rules: [error], baseline: fingerprints({ rules: [error] }) }, 'clean', 0],
    [
      'a hard rule in the baseline',
      { rules: [{ ...error, hard: true }], baseline: fingerprints({ rules: [error] }) },
      'violations',
      1,
    ],
    [
      'too many warnings, one of them accepted',
      { rules: [warn], config: { maxWarnings: 0 }, baseline: fingerprints({ rules: [warn] }) },
      'clean',
      0,
    ],
  ])('%s', (_name, given, outcome, exitCode) => {
    const verdict = gate(given)
    expect({ outcome: verdict.outcome, exitCode: verdict.exitCode }).toEqual({ outcome, exitCode })
  })
})

function fingerprints(given: GateCase): ReadonlySet<string> {
  return new Set(gate(given).findings.map((finding) => finding.fingerprint))
}

const TWO = appWith([SERDE, component('other')])

describe('what the gate counts', () => {
  it('has a line for every rule that ran, by state, and none for one that is off', () => {
    const accepted = gate({ graph: TWO, rules: [error] }).findings.find((f) => f.message === 'other is bad')?.fingerprint ?? ''
    const { rules } = gate({
      graph: TWO,
      rules: [
        error,
        unverified('warn'),
        speaking('test/off', 'off'),
        speaking('test/quiet', 'error', { evaluate: () => ({ checked: 7, findings: [] }) }),
      ],
      config: { waivers: [waiverOf()] },
      baseline: new Set([accepted]),
    })
    const zero = { checked: 0, fail: 0, unverified: 0, waived: 0, inherited: 0 }
    expect(Object.fromEntries([...rules].filter(([id]) => id.startsWith('test/')))).toEqual({
      'test/bad': { ...zero, checked: 2, waived: 1, inherited: 1 },
      'test/unverified': { ...zero, checked: 3, unverified: 1 },
      'test/quiet': { ...zero, checked: 7 },
    })
  })

  it('counts what it says of itself', () => {
    const waivers = ['W-1', 'W-2'].map((id) => waiverOf({ id, component: 'pkg:cargo/gone' }))
    expect(gate({ config: { waivers } }).rules.get('policy/waiver-unused')).toEqual({
      checked: 2,
      fail: 2,
      unverified: 0,
      waived: 0,
      inherited: 0,
    })
  })

  it('leaves out findings at places where the rule is off, and still says what was looked at', () => {
    const far = component('far', '1.0.0', {
      occurrences: [{ location: { file: 'tools/Cargo.lock', line: 1, column: 1 }, role: 'lock' }],
    })
    const verdict = gate({
      graph: appWith([SERDE, far]),
      config: { overrides: [{ paths: ['tools/**'], rules: new Map([['test/bad', { severity: 'off', options: new Map() }]]) }] },
    })
    expect(verdict.findings.map((finding) => finding.message)).toEqual(['serde is bad'])
    expect(verdict.rules.get('test/bad')).toMatchObject({ checked: 2, fail: 1 })
  })
})

describe('a finding', () => {
  it('carries rule, severity, why, the shortest path, state and status', () => {
    const middle = component('middle')
    const graph = graphOf([APP, middle, SERDE], [edge(APP, middle), edge(middle, SERDE), edge(APP, SERDE)])
    const [finding] = gate({ graph, rules: [error] }).findings.filter((f) => f.component === SERDE.id)
    expect(finding).toEqual({
      rule: 'test/bad',
      severity: 'error',
      why: 'for the test',
      state: 'fail',
      status: 'open',
      component: SERDE.id,
      subject: SERDE.id,
      location: { file: 'Cargo.lock', line: 1, column: 1 },
      message: 'serde is bad',
      fix: 'mend it',
      data: { name: 'serde' },
      path: [APP.id, SERDE.id],
      fingerprint: finding?.fingerprint,
    })
    expect(finding?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  })

  it('keeps its fingerprint when lines move, messages change and paths grow; not when what it is about does', () => {
    const fingerprintOf = (draft: object, graph = appWith([SERDE])) => {
      const evaluate: Rule['evaluate'] = () => ({
        checked: 1,
        findings: [
          {
            component: SERDE.id,
            subject: 's',
            location: { file: 'a', line: 1, column: 1 },
            message: 'm',
            fix: 'f',
            data: { a: '1', b: '2' },
            ...draft,
          },
        ],
      })
      return gate({ graph, rules: [speaking('test/bad', 'error', { evaluate })] }).findings[0]?.fingerprint
    }
    const first = fingerprintOf({})
    for (const same of [
      { location: { file: 'a', line: 99, column: 9 } },
      { message: 'other words' },
      { fix: 'other words' },
      { data: { b: '2', a: '1' } },
    ])
      expect(fingerprintOf(same)).toBe(first)
    expect(fingerprintOf({}, chainOf([component('between'), SERDE]))).toBe(first)
    for (const other of [{ location: { file: 'b', line: 1, column: 1 } }, { data: { a: '1', b: '3' } }, { component: undefined }])
      expect(fingerprintOf(other)).not.toBe(first)
  })

  it('has a fingerprint of its own, even when two say the same of the same', () => {
    const twice = speaking('test/bad', 'error', {
      evaluate: () => ({ checked: 1, findings: ['a', 'b'].map(() => ({ subject: 's', message: 'm', fix: 'f' })) }),
    })
    const one = gate({ rules: [twice] }).findings.map((finding) => finding.fingerprint)
    expect(new Set(one).size).toBe(2)
    expect(gate({ rules: [twice] }).findings.map((finding) => finding.fingerprint)).toEqual(one)
  })
})

describe('the order', () => {
  it('is by rule, place and message, whatever order the rules speak in', () => {
    const at = (file: string, line: number, message: string) => ({
      subject: 's',
      message,
      fix: 'f',
      location: { file, line, column: 1 },
    })
    const drafts = [
      at('b', 1, 'z'),
      at('a', 10, 'y'),
      at('a', 9, 'b'),
      at('a', 9, 'a'),
      { subject: 's', message: 'nowhere', fix: 'f' },
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(drafts, { minLength: drafts.length }), fc.boolean(), (findings, swap) => {
        const speaker = speaking('test/z', 'error', { evaluate: () => ({ checked: 1, findings }) })
        const rules = swap ? [error, speaker] : [speaker, error]
        expect(gate({ rules }).findings.map((finding) => finding.message)).toEqual([
          'serde is bad',
          'nowhere',
          'a',
          'b',
          'y',
          'z',
        ])
      }),
      { numRuns: 60 },
    )
  })
})

describe('rules as a report describes them', () => {
  it('have the severity they have here, by id', () => {
    const config = { ...DEFAULT_CONFIG, rules: new Map([['test/bad', { severity: 'note' as const, options: new Map() }]]) }
    expect(describeRules([warn, { ...error, hard: true }], config)).toEqual([
      { id: 'test/bad', title: 'test/bad', why: 'for the test', severity: 'note', hard: true },
      { id: 'test/warn', title: 'test/warn', why: 'for the test', severity: 'warn', hard: false },
    ])
  })
})

describe('work', () => {
  it('stays in proportion: 20,000 findings under 500 waivers', () => {
    const components = Array.from({ length: 20_000 }, (_, i) => component(`c${i}`))
    const waivers = Array.from({ length: 500 }, (_, i) =>
      waiverOf({ id: `W-${i}`, rule: i === 0 ? 'test/bad' : `test/r${i}`, component: 'pkg:cargo/c1*' }),
    )
    const verdict = gate({ graph: appWith(components), config: { waivers } })
    expect(verdict.rules.get('test/bad')).toMatchObject({ checked: 20_000, waived: 11_111, fail: 8_889 })
    expect(verdict.rules.get('policy/waiver-unused')).toMatchObject({ fail: 499 })
  })
})
