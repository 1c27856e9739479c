import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { Verdict } from '../../../src/model/finding.js'
import type { OptionValue } from '../../../src/model/rule.js'
import type { Availability, Verification } from '../../../src/model/verification.js'
import { NOT_ASKED } from '../../../src/model/verification.js'
import { renderBaseline } from '../../../src/policy/baseline.js'
import { INTEGRITY_EVIDENCE_RULES } from '../../../src/policy/rules/integrity-evidence.js'
import { VERIFY_RULES } from '../../../src/policy/rules/verify.js'
import { component } from '../../support/graphs.js'
import { ASKED, CRATE, INDEX, LOG, seen } from '../support/evidence-cases.js'
import { gate, speaking, waiverOf } from '../support/gate-cases.js'
import { problemsOf } from '../support/load.js'
import type { FiringCase, SparingCase } from '../support/rule-cases.js'
import { appWith, hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.15. */
const SEVERITIES = { 'verify/unavailable': 'W/E/E', 'verify/coverage-low': '-/W/E', 'verify/cache-only': 'N/W/W' }

const parts: readonly Component[] = ['a', 'b', 'c', 'd', 'e'].map((name) => component(name))
const [a = component('a'), b = component('b')] = parts
const nim = component('n', '1.0.0', { ecosystem: 'nimble' })
const graph = appWith(parts)
const matches = (of: readonly Component[], at?: string): readonly Evidence[] =>
  of.map((one) => seen(one, 'cargo/index-checksum', 'match', INDEX, at === undefined ? {} : { at }))
const silent = (of: readonly Component[], why = 'timed out'): readonly Evidence[] =>
  of.map((one) => seen(one, 'cargo/index-checksum', 'unavailable', INDEX, { why }))
const AGAIN = 'ask again later; until then [verify] on-unavailable decides what it comes to'
const OFFLINE: Verification = { asked: true, offline: true, onUnavailable: 'ignore' }

const FIRES: readonly FiringCase[] = [
  {
    rule: 'verify/unavailable',
    name: 'an outage is one finding a source, with the reason given most often',
    graph,
    verification: ASKED,
    evidence: [
      ...silent(parts.slice(0, 3)),
      ...silent(parts.slice(3, 4), 'status 503'),
      ...matches(parts.slice(4)),
      seen(a, 'cargo/crate-bytes', 'unavailable', CRATE, { why: 'timed out' }),
      seen(a, 'go/sumdb', 'unavailable', LOG, {}),
    ],
    says: [
      {
        message: 'index.crates.io did not answer for 4 components: timed out, and 1 more reason',
        fix: AGAIN,
        at: undefined,
        data: { source: 'index.crates.io' },
        path: [],
      },
      {
        message: 'static.crates.io did not answer for one component: timed out',
        fix: AGAIN,
        at: undefined,
        data: { source: 'static.crates.io' },
        path: [],
      },
      {
        message: 'sum.golang.org did not answer for one component: no reason was given',
        fix: AGAIN,
        at: undefined,
        data: { source: 'sum.golang.org' },
        path: [],
      },
    ],
  },
  {
    rule: 'verify/unavailable',
    name: 'nothing at all is known of two components',
    graph,
    verification: ASKED,
    evidence: matches(parts.slice(2)),
    says: [
      {
        message: 'nobody was asked about 2 components',
        fix: 'run it again with more time, or name an authority that can be asked',
        at: undefined,
        data: { source: 'none' },
        path: [],
      },
    ],
  },
  {
    rule: 'verify/coverage-low',
    name: 'three of five agree',
    graph,
    verification: ASKED,
    evidence: [
      ...matches(parts.slice(0, 3)),
      ...parts.slice(3).map((one) => seen(one, 'cargo/index-checksum', 'not-checkable', INDEX)),
    ],
    says: [
      {
        message: '60 % of the 5 cargo components are verified, the minimum is 80 %',
        fix: 'see the list of evidence for those that are not, and why; --bytes and --source ask for more',
        at: undefined,
        data: { ecosystem: 'cargo' },
        path: [],
      },
    ],
  },
  {
    rule: 'verify/coverage-low',
    name: 'who is contradicted is not verified, whoever agrees; a minimum of its own',
    graph: appWith([a, b, nim]),
    verification: ASKED,
    options: { min: 0, 'min-of': ['cargo=51', 'nimble=0'] },
    evidence: [...matches([a, b]), seen(a, 'cargo/crate-bytes', 'mismatch', CRATE)],
    says: [
      {
        message: '50 % of the 2 cargo components are verified, the minimum is 51 %',
        fix: 'see the list of evidence for those that are not, and why; --bytes and --source ask for more',
        at: undefined,
        data: { ecosystem: 'cargo' },
        path: [],
      },
    ],
  },
  {
    rule: 'verify/cache-only',
    name: 'offline, two days after the newest answer',
    graph,
    verification: OFFLINE,
    evidence: [...matches([a], '2026-07-01T00:00:00Z'), ...matches([b], '2026-07-30T23:00:00Z')],
    says: [
      {
        message: 'the newest evidence is of 2026-07-30, 2 days old, and nobody was asked since',
        fix: 'run it online once, or import a newer evidence pack',
        at: undefined,
        data: {},
        path: [],
      },
    ],
  },
]

const notAsked = (rule: string): SparingCase => ({
  rule,
  name: 'nobody was to be asked: nothing was checked',
  graph,
  evidence: silent(parts),
  checked: 0,
})

const SPARES: readonly SparingCase[] = [
  ...VERIFY_RULES.map((rule) => notAsked(rule.id)),
  { rule: 'verify/unavailable', name: 'everybody answered', graph, verification: ASKED, evidence: matches(parts), checked: 1 },
  {
    rule: 'verify/unavailable',
    name: 'what cannot be checked is no outage',
    graph,
    verification: ASKED,
    evidence: parts.map((one) => seen(one, 'cargo/index-checksum', 'not-checkable', INDEX)),
    checked: 1,
  },
  {
    rule: 'verify/coverage-low',
    name: 'four of five',
    graph,
    verification: ASKED,
    evidence: matches(parts.slice(1)),
    checked: 1,
  },
  {
    rule: 'verify/coverage-low',
    name: 'the repository’s own parts are nobody’s to verify',
    graph: appWith([component('own', '1.0.0', { source: { kind: 'path', path: 'own', outside: false } })]),
    verification: ASKED,
    checked: 0,
  },
  {
    rule: 'verify/cache-only',
    name: 'of yesterday',
    graph,
    verification: OFFLINE,
    evidence: matches([a], '2026-07-31T00:00:00Z'),
    checked: 1,
  },
  {
    rule: 'verify/cache-only',
    name: 'online, where what cannot change is kept for ever',
    graph,
    verification: ASKED,
    evidence: matches([a], '2020-01-01T00:00:00Z'),
    checked: 0,
  },
]

describe('verify rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(VERIFY_RULES, row).said).toEqual(row.says)
  })
})

describe('verify rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(VERIFY_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('verify rules as a group', () => {
  it('has an entry in both tables for every rule, with the weight of the specification', () => {
    expect({ fires: withoutEntry(VERIFY_RULES, FIRES), spares: withoutEntry(VERIFY_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
    expect(Object.fromEntries(VERIFY_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})

describe('an outage at the gate (spec/policy.md §7.1, §7.2)', () => {
  const judged = (
    onUnavailable: Availability,
    evidence: readonly Evidence[],
    profile: 'relaxed' | 'recommended' | 'strict' | 'audit' = 'recommended',
    options: Readonly<Record<string, OptionValue>> = {},
  ): Verdict =>
    gate({
      graph,
      evidence,
      verification: { asked: true, offline: false, onUnavailable },
      rules: VERIFY_RULES,
      config: { profile, rules: new Map([['verify/unavailable', { options: new Map(Object.entries(options)) }]]) },
    })
  const half = [...matches(parts.slice(0, 3)), ...silent(parts.slice(3))]
  const weights = (verdict: Verdict) => verdict.findings.map((one) => [one.rule, one.severity, one.state])

  it('shuts the gate with exit 3 where it has to be shut', () => {
    const verdict = judged('fail', half)
    expect([verdict.exitCode, verdict.outcome]).toEqual([3, 'unverified'])
    expect(weights(verdict)).toEqual([
      ['verify/coverage-low', 'warn', 'unverified'],
      ['verify/unavailable', 'error', 'unverified'],
    ])
    expect(verdict.rules.get('verify/unavailable')).toMatchObject({ checked: 1, fail: 0, unverified: 1 })
  })

  it('is no violation under the profile that demands coverage, either', () => {
    expect(judged('fail', half, 'strict').exitCode).toBe(3)
    // Too little would be verified even if everybody had answered: that is one.
    const low = parts.slice(0, 4).map((one) => seen(one, 'x/y', 'not-checkable', INDEX))
    expect(judged('fail', [...low, ...silent(parts.slice(4))], 'strict').exitCode).toBe(1)
  })

  it.each<[Availability, string]>([
    ['warn', 'warn'],
    ['ignore', 'note'],
  ])('is told and fails nothing with on-unavailable = "%s"', (switched, severity) => {
    const verdict = judged(switched, half, 'strict')
    expect(verdict.exitCode).toBe(0)
    expect(weights(verdict)).toEqual([
      ['verify/coverage-low', severity, 'unverified'],
      ['verify/unavailable', severity, 'unverified'],
    ])
  })

  it('may be open for single checks', () => {
    const open = { 'open-checks': ['cargo/index-checksum'] }
    expect(weights(judged('fail', half, 'recommended', open))).toContainEqual(['verify/unavailable', 'warn', 'unverified'])
    expect(judged('fail', half, 'recommended', open).exitCode).toBe(0)
    const both = [...half, seen(a, 'cargo/crate-bytes', 'unavailable', INDEX, { why: 'timed out' })]
    expect(judged('fail', both, 'recommended', open).exitCode).toBe(3)
  })

  it('blocks nothing under the profile audit, and is stronger nowhere than the rule', () => {
    expect(judged('fail', half, 'audit').exitCode).toBe(0)
    expect(judged('fail', half, 'relaxed').exitCode).toBe(0)
    expect(weights(judged('fail', half, 'relaxed'))).toEqual([['verify/unavailable', 'warn', 'unverified']])
  })

  it('gives way to a proven violation', () => {
    const verdict = gate({ rules: [speaking('test/bad', 'error'), ...VERIFY_RULES], graph, evidence: half, verification: ASKED })
    expect([verdict.exitCode, verdict.outcome]).toEqual([1, 'violations'])
  })

  it('is never accepted by a baseline: the next outage would pass by it', () => {
    const verdict = judged('fail', half, 'strict')
    expect(JSON.parse(renderBaseline(verdict.findings)).findings).toEqual([])
    const baseline = new Set(verdict.findings.map((finding) => finding.fingerprint))
    const again = gate({ graph, evidence: half, verification: ASKED, rules: VERIFY_RULES, baseline })
    expect([again.exitCode, new Set(again.findings.map((finding) => finding.status))]).toEqual([3, new Set(['open'])])
  })

  it('leaves a waiver alone of which nobody can tell whether it is still needed', () => {
    const waiver = waiverOf({ rule: 'integrity/gone-upstream', component: 'pkg:cargo/a' })
    const about = (evidence: readonly Evidence[], verification: Verification) =>
      gate({ rules: INTEGRITY_EVIDENCE_RULES, graph, evidence, verification, config: { waivers: [waiver] } }).findings.map(
        (finding) => finding.rule,
      )
    expect(about([], NOT_ASKED)).toEqual([])
    expect(about(half, ASKED)).toEqual([])
    expect(about(matches(parts), ASKED)).toEqual(['policy/waiver-unused'])
  })

  it('keeps one fingerprint whatever the numbers and reasons', () => {
    const print = (evidence: readonly Evidence[]) =>
      judged('fail', evidence)
        .findings.filter((one) => one.rule === 'verify/unavailable')
        .map((one) => one.fingerprint)
    expect(print(silent(parts))).toEqual(print([...matches(parts.slice(1)), ...silent([a], 'status 500')]))
  })
})

describe('the options of verify rules', () => {
  it('refuse a minimum that is none', () => {
    const config = (pair: string) => `version = 1\n[rules]\n"verify/coverage-low" = { min-of = ["${pair}"] }\n`
    expect(problemsOf(config('zig=50'))).toEqual([])
    for (const wrong of ['zig', 'zig=', 'zig=50%', 'zig=5000'])
      expect(problemsOf(config(wrong))).toEqual([
        expect.stringContaining('the option min-of of verify/coverage-low must be a list of texts such as "zig=50"'),
      ])
  })
})
