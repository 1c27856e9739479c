import { expect, it } from 'vitest'
import { failureOf } from '../../../src/trust/sigstore/verdict.js'
import { describeShared } from '../../support/shared.js'
import type { ConformanceCase, Mode } from './conformance.js'
import { CONFORMANCE, conformanceCases, extraCases, runCase } from './conformance.js'

const MODES: readonly Mode[] = ['bytes', 'digest']

function table(cases: readonly ConformanceCase[]): void {
  for (const each of cases) {
    for (const mode of MODES) {
      it(`${each.name} (${mode}): ${each.expected}`, { timeout: 5000 }, async () => {
        const started = performance.now()
        const verdict = await runCase(each, mode)
        expect(performance.now() - started).toBeLessThan(1000)
        if (each.expected === 'pass') {
          if (typeof verdict === 'string') expect.unreachable(verdict)
          expect(failureOf(verdict)).toBeUndefined()
          expect(verdict.outcome).toBe('verified')
          const times = verdict.verifiedTimes.map(({ epochMs }) => new Date(epochMs).toISOString())
          if (each.verifiedTimes !== undefined) expect(times).toEqual(each.verifiedTimes)
        } else if (typeof verdict !== 'string') {
          expect(verdict.outcome).not.toBe('verified')
          expect(failureOf(verdict)?.why).not.toBe('')
        }
      })
    }
  }
}

describeShared(CONFORMANCE, 'sigstore conformance suite', () => {
  const cases = conformanceCases()
  table(cases)
  it('counts 140 runs: 42 good, 98 bad', () => {
    expect(cases.length * MODES.length).toBe(140)
    expect(cases.filter(({ expected }) => expected === 'pass').length * MODES.length).toBe(42)
  })
})

describeShared(CONFORMANCE, 'cases beside the suite', () => {
  const cases = extraCases()
  table(cases)
  it('counts 30 cases, 60 runs', () => expect(cases).toHaveLength(30))
})
