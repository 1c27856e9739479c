import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBaseline, renderBaseline } from '../../src/policy/baseline.js'
import { component } from '../support/graphs.js'
import { gate, SERDE, speaking, waiverOf } from './support/gate-cases.js'
import { appWith } from './support/rule-cases.js'

const rules = [speaking('test/bad', 'error')]
const two = appWith([SERDE, component('itoa')])
const taken = (verdict: ReturnType<typeof gate>) => parseBaseline(renderBaseline(verdict.findings)) ?? new Set<string>()

describe('a baseline', () => {
  it('is one entry a finding, in the order of fingerprints, with what a reviewer needs', () => {
    const { findings } = gate({ rules, graph: two })
    const written = renderBaseline(findings)
    const sorted = [...findings].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    expect(JSON.parse(written)).toEqual({
      format: 1,
      findings: sorted.map(({ message, fingerprint }) => ({ rule: 'test/bad', file: 'Cargo.lock', message, fingerprint })),
    })
    expect(written.endsWith('}\n')).toBe(true)
    expect(renderBaseline([...findings].reverse())).toBe(written)
  })

  it('makes what it holds inherited, and nothing else', () => {
    const baseline = taken(gate({ rules }))
    const verdict = gate({ rules, graph: two, baseline })
    expect(verdict.findings.map((f) => [f.message, f.status])).toEqual([
      ['itoa is bad', 'open'],
      ['serde is bad', 'inherited'],
    ])
    expect(verdict.exitCode).toBe(1)
    expect(gate({ rules, baseline })).toMatchObject({ outcome: 'clean', exitCode: 0 })
  })

  it('keeps what was inherited when it is written again, and loses what is fixed', () => {
    const old = taken(gate({ rules, graph: two }))
    expect(taken(gate({ rules, graph: two, baseline: old }))).toEqual(old)
    const smaller = gate({ rules, baseline: old })
    expect(smaller.findings.map((f) => [f.rule, f.message])).toEqual([
      ['policy/baseline-stale', 'one entry of the baseline is fixed'],
      ['test/bad', 'serde is bad'],
    ])
    expect(taken(smaller).size).toBe(1)
  })

  it('holds neither what is waived nor what the gate says of itself', () => {
    const verdict = gate({
      rules,
      graph: two,
      config: { waivers: [waiverOf(), waiverOf({ id: 'W-2', component: 'pkg:cargo/gone' })] },
    })
    expect(verdict.findings.map((f) => f.rule)).toContain('policy/waiver-unused')
    expect(JSON.parse(renderBaseline(verdict.findings)).findings.map((entry: { message: string }) => entry.message)).toEqual([
      'itoa is bad',
    ])
  })

  it('accepts a rule only where it is off for good: turning it off makes its entries stale', () => {
    const baseline = taken(gate({ rules }))
    const off = { rules: new Map([['test/bad', { severity: 'off' as const, options: new Map() }]]) }
    expect(gate({ rules, baseline, config: off }).findings.map((f) => f.rule)).toEqual(['policy/baseline-stale'])
  })
})

describe('parseBaseline', () => {
  it.each([
    ['', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['{"format":2,"findings":[]}', undefined],
    ['{"format":1}', undefined],
    ['{"format":1,"findings":{}}', undefined],
    ['{"format":1,"findings":[null]}', undefined],
    ['{"format":1,"findings":[{"fingerprint":1}]}', undefined],
    ['{"format":1,"findings":[{"rule":"a"}]}', undefined],
    ['{"format":1,"findings":[]}', new Set()],
    ['{"format":1,"findings":[{"fingerprint":"a"},{"fingerprint":"b","more":1}],"more":2}', new Set(['a', 'b'])],
  ])('%s', (text, expected) => {
    expect(parseBaseline(text)).toEqual(expected)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const parsed = parseBaseline(text)
        expect(parsed === undefined || parsed instanceof Set).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
