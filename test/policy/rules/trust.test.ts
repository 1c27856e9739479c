import { describe, expect, it } from 'vitest'
import { TRUST_RULES } from '../../../src/policy/rules/trust.js'
import { VERIFY_RULES } from '../../../src/policy/rules/verify.js'
import { component } from '../../support/graphs.js'
import { ASKED, LOG, seen } from '../support/evidence-cases.js'
import { appWith, hear, severityLetters } from '../support/rule-cases.js'

const one = component('one')
const two = component('two')
const graph = appWith([one, two])
const rule = 'trust/log-inconsistent'
const FORK = { observed: 'fork', why: 'two signed heads that cannot both be true' }

describe('trust/log-inconsistent (spec/policy.md §2.7)', () => {
  it('is one hard finding a log, however many components were looked up', () => {
    const evidence = [one, two].flatMap((of) => [
      seen(of, 'go/sumdb', 'unavailable', LOG, { why: FORK.why }),
      seen(of, 'go/log', 'mismatch', LOG, FORK),
    ])
    expect(hear(TRUST_RULES, { rule, name: '', graph, evidence })).toEqual({
      checked: 1,
      said: [
        {
          message:
            'sum.golang.org shows two histories: two signed heads that cannot both be true (seen in the look-up of 2 components)',
          fix: 'stop relying on it, keep what it signed, and report it',
          at: undefined,
          data: { log: 'sum.golang.org', observed: 'fork' },
          path: [],
        },
      ],
    })
    // What it says does not count any more; that is no outage beside it.
    expect(hear(VERIFY_RULES, { rule: 'verify/unavailable', name: '', graph, evidence, verification: ASKED }).said).toEqual([])
  })

  it.each([
    ['a log that agrees with itself', [seen(one, 'go/log', 'match', LOG)], 1],
    ['a log that contradicts go.sum', [seen(one, 'go/sumdb', 'mismatch', LOG)], 0],
    ['a log that does not answer', [seen(one, 'go/log', 'unavailable', LOG)], 0],
    ['nobody was asked', [], 0],
  ])('says nothing of %s', (_title, evidence, checked) => {
    expect(hear(TRUST_RULES, { rule, name: '', graph, evidence })).toEqual({ said: [], checked })
  })

  it('weighs what the specification says, and is hard', () => {
    expect(TRUST_RULES.map((one) => [one.id, severityLetters(one), one.hard])).toEqual([[rule, 'E/E/E', true]])
  })
})
