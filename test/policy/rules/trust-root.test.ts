import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { TRUST_ROOT_FACT } from '../../../src/model/trust-root-fact.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { TRUST_ROOT_RULES } from '../../../src/policy/rules/trust-root.js'
import { appWith, hear, severityLetters } from '../support/rule-cases.js'

const rule = 'trust/root-stale'
const root = (data: Fact['data']): Fact => ({
  kind: TRUST_ROOT_FACT,
  data: { name: 'embedded root', sha256: 'ab', from: 'embedded', ...data },
})
const heard = (facts: readonly Fact[], today: string, options = {}): ReturnType<typeof hear> =>
  hear(TRUST_ROOT_RULES, { rule, name: '', graph: appWith([], { facts }), today, options })

describe('trust/root-stale (spec/policy.md §2.7)', () => {
  it('tells of a root that was confirmed long ago', () => {
    expect(heard([root({ confirmed: '2026-01-01' })], '2026-07-01')).toEqual({
      checked: 1,
      said: [
        {
          message:
            'embedded root was confirmed 181 days ago, 180 are allowed: what newer logs and authorities sign does not verify with it',
          fix: 'run assay trust update and set trust.online-roots, or use a newer version of assay',
          at: undefined,
          data: { root: 'ab', state: 'old' },
          path: [],
        },
      ],
    })
  })

  it('tells of one that was to be used and cannot be', () => {
    const fallback = 'trust/root-expired: what vouches for it expired on 2026-12-05'
    const { said } = heard([root({ confirmed: '2026-11-05', fallback, allowed: true })], '2026-12-06')
    expect(said.map(({ message }) => message)).toEqual([
      'what vouches for it expired on 2026-12-05, and the one that comes with assay was used instead',
    ])
  })

  it.each<readonly [string, readonly Fact[], number]>([
    ['a root that is new enough', [root({ confirmed: '2026-01-02' })], 1],
    ['a time with hours', [root({ confirmed: '2026-01-02T00:00:00Z', from: 'tuf' })], 1],
    ['a file, of which nobody says how old it is', [root({ from: 'file' })], 1],
    ['nothing was judged by a root', [], 0],
  ])('says nothing of %s', (_title, facts, checked) => {
    expect(heard(facts, '2026-07-01')).toEqual({ said: [], checked })
  })

  it('takes another age where one is set', () => {
    expect(heard([root({ confirmed: '2026-01-01' })], '2026-02-01', { 'max-age': 30 }).said).toHaveLength(1)
    expect(heard([root({ confirmed: '2026-01-01' })], '2026-01-31', { 'max-age': 30 }).said).toEqual([])
  })

  it('weighs what the specification says, and shuts the gate only for what was not allowed', () => {
    const [own] = TRUST_ROOT_RULES
    expect(own === undefined ? '' : severityLetters(own)).toBe('W/E/E')
    const weights = (data: Fact['data'], today: string): unknown[] =>
      evaluate({
        graph: new GraphView(appWith([], { facts: [root(data)] })),
        evidence: [],
        config: DEFAULT_CONFIG,
        rules: TRUST_ROOT_RULES,
        today,
      }).findings.map(({ severity }) => severity)
    expect(weights({ confirmed: '2026-01-01' }, '2027-01-01')).toEqual(['warn'])
    expect(weights({ fallback: 'x', allowed: true }, '2026-01-01')).toEqual(['warn'])
    expect(weights({ fallback: 'x', allowed: false }, '2026-01-01')).toEqual(['error'])
  })
})
