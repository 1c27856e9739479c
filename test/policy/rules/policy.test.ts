import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../../src/model/evidence.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { POLICY_RULES } from '../../../src/policy/rules/policy.js'
import type { GateCase } from '../support/gate-cases.js'
import { aboutItself, gate, SERDE, speaking, waiverOf } from '../support/gate-cases.js'
import { severityLetters } from '../support/rule-cases.js'

/** spec/policy.md §2.15. */
const SEVERITIES = {
  'policy/waiver-expired': 'E/E/E',
  'policy/waiver-expiring': 'N/N/W',
  'policy/waiver-unused': 'N/W/W',
  'policy/waiver-too-long': '-/W/E',
  'policy/waiver-forbidden': 'E/E/E',
  'policy/baseline-stale': 'N/N/W',
  'policy/unused-entry': '-/N/N',
  'policy/clock-skew': 'W/E/E',
}

const evidenceOf = (at: string): Evidence => ({ subject: SERDE.id, check: 'cargo/index-checksum', verdict: 'match', at })
const withOptions = (rule: string, options: Readonly<Record<string, number | boolean>>) => ({
  rules: new Map([[rule, { options: new Map(Object.entries(options)) }]]),
})
const settings = (deny: readonly string[], allow: readonly string[]) => ({
  settings: {
    ...DEFAULT_CONFIG.settings,
    deny: deny.map((component) => ({ component, reason: 'no', wrappers: [] })),
    allow,
  },
})
const data = (expires: string) => ({ waiver: 'W-1', owner: 'team@example.org', expires })

interface Firing {
  readonly rule: string
  readonly name: string
  readonly given: GateCase
  readonly says: {
    readonly message: string
    readonly fix: string
    readonly subject: string
    readonly line: number | undefined
    readonly data: Readonly<Record<string, string>> | undefined
  }
}

const FIRES: readonly Firing[] = [
  {
    rule: 'policy/waiver-expired',
    name: 'its last day was yesterday',
    given: { config: { waivers: [waiverOf({ expires: '2026-07-31' })] } },
    says: {
      message: 'waiver W-1 of team@example.org ended 2026-07-31: serde is bad counts again',
      fix: 'fix it, or renew the waiver with a new reason',
      subject: 'waiver W-1',
      line: 12,
      data: data('2026-07-31'),
    },
  },
  {
    rule: 'policy/waiver-expired',
    name: 'two findings at once',
    given: {
      config: { waivers: [waiverOf({ expires: '2026-07-31' })] },
      rules: [
        speaking('test/bad', 'error', {
          evaluate: () => ({
            checked: 1,
            findings: ['one', 'two'].map((message) => ({ component: SERDE.id, subject: SERDE.id, message, fix: 'mend it' })),
          }),
        }),
      ],
    },
    says: {
      message: 'waiver W-1 of team@example.org ended 2026-07-31: 2 findings count again',
      fix: 'fix it, or renew the waiver with a new reason',
      subject: 'waiver W-1',
      line: 12,
      data: data('2026-07-31'),
    },
  },
  {
    rule: 'policy/waiver-expired',
    name: 'the clock was turned back, and the evidence is newer',
    given: {
      today: '2026-07-01',
      evidence: [evidenceOf('2026-08-15T10:00:00Z'), evidenceOf('2026-01-01T00:00:00Z')],
      config: { waivers: [waiverOf({ expires: '2026-08-14' })], ...withOptions('policy/clock-skew', { 'allow-past': true }) },
    },
    says: {
      message: 'waiver W-1 of team@example.org ended 2026-08-14: serde is bad counts again',
      fix: 'fix it, or renew the waiver with a new reason',
      subject: 'waiver W-1',
      line: 12,
      data: data('2026-08-14'),
    },
  },
  ...(
    [
      ['2026-08-01', 'today'],
      ['2026-08-02', 'in one day'],
      ['2026-08-15', 'in 14 days'],
    ] as const
  ).map(([expires, when]) => ({
    rule: 'policy/waiver-expiring',
    name: `ends ${when}`,
    given: { config: { waivers: [waiverOf({ expires })] } },
    says: {
      message: `waiver W-1 of team@example.org ends ${when}`,
      fix: 'fix what it covers, or renew it in time',
      subject: 'waiver W-1',
      line: 12,
      data: data(expires),
    },
  })),
  {
    rule: 'policy/waiver-unused',
    name: 'for a component that is not there',
    given: { config: { waivers: [waiverOf({ component: 'pkg:cargo/gone' })] } },
    says: { message: 'waiver W-1 matches nothing', fix: 'delete it', subject: 'waiver W-1', line: 12, data: data('2026-10-01') },
  },
  {
    rule: 'policy/waiver-unused',
    name: 'an ended one whose finding is gone is only to be deleted',
    given: { config: { waivers: [waiverOf({ component: 'pkg:cargo/gone', expires: '2026-01-01' })] } },
    says: { message: 'waiver W-1 matches nothing', fix: 'delete it', subject: 'waiver W-1', line: 12, data: data('2026-01-01') },
  },
  {
    rule: 'policy/waiver-too-long',
    name: 'a day more than the limit',
    given: { config: { waivers: [waiverOf({ expires: '2027-01-29' })] } },
    says: {
      message: 'waiver W-1 runs 181 days, the limit is 180',
      fix: 'shorten it',
      subject: 'waiver W-1',
      line: 12,
      data: data('2027-01-29'),
    },
  },
  {
    rule: 'policy/waiver-forbidden',
    name: 'a hard rule, even by a waiver that has ended',
    given: {
      rules: [speaking('test/bad', 'error', { hard: true })],
      config: { waivers: [waiverOf({ expires: '2026-01-01' })] },
    },
    says: {
      message: 'test/bad cannot be waived here (waiver W-1)',
      fix: 'remove the waiver; only an organisation-level file can waive this rule',
      subject: 'waiver W-1',
      line: 12,
      data: data('2026-01-01'),
    },
  },
  ...(
    [
      [1, 'one entry of the baseline is fixed'],
      [2, '2 entries of the baseline are fixed'],
    ] as const
  ).map(([count, message]) => ({
    rule: 'policy/baseline-stale',
    name: message,
    given: { baseline: new Set(['a', 'b'].slice(0, count)) },
    says: { message, fix: 'write it again with assay baseline', subject: 'baseline', line: undefined, data: undefined },
  })),
  {
    rule: 'policy/unused-entry',
    name: 'a deny entry for a version that is not there',
    given: { config: settings(['pkg:cargo/serde@<1.0.0'], []) },
    says: {
      message: 'the deny entry pkg:cargo/serde@<1.0.0 matches nothing',
      fix: 'delete it, or keep it when it guards against what may come',
      subject: 'deny pkg:cargo/serde@<1.0.0',
      line: undefined,
      data: { list: 'deny', entry: 'pkg:cargo/serde@<1.0.0' },
    },
  },
  {
    rule: 'policy/unused-entry',
    name: 'an allow entry',
    given: { config: settings([], ['pkg:cargo/*', 'pkg:golang/e.example/**']) },
    says: {
      message: 'the allow entry pkg:golang/e.example/** matches nothing',
      fix: 'delete it, or keep it when it guards against what may come',
      subject: 'allow pkg:golang/e.example/**',
      line: undefined,
      data: { list: 'allow', entry: 'pkg:golang/e.example/**' },
    },
  },
  {
    rule: 'policy/clock-skew',
    name: 'judged as of a day before the evidence',
    given: { evidence: [evidenceOf('2026-08-02T00:00:00Z')] },
    says: {
      message: 'the judgement is as of 2026-08-01, before the newest evidence of 2026-08-02',
      fix: 'set the clock, or judge as of a day that is not before the evidence',
      subject: 'clock',
      line: undefined,
      data: undefined,
    },
  },
]

interface Sparing {
  readonly rule: string
  readonly name: string
  readonly given: GateCase
}

const SPARES: readonly Sparing[] = [
  {
    rule: 'policy/waiver-expired',
    name: 'its last day is today',
    given: { config: { waivers: [waiverOf({ expires: '2026-08-01' })] } },
  },
  {
    rule: 'policy/waiver-expired',
    name: 'it was renewed under another id',
    given: { config: { waivers: [waiverOf({ expires: '2026-07-31' }), waiverOf({ id: 'W-2' })] } },
  },
  {
    rule: 'policy/waiver-expiring',
    name: 'a day outside the window',
    given: { config: { waivers: [waiverOf({ expires: '2026-08-16' })] } },
  },
  {
    rule: 'policy/waiver-expiring',
    name: 'a window of its own',
    given: {
      config: { waivers: [waiverOf({ expires: '2026-08-09' })], ...withOptions('policy/waiver-expiring', { window: 7 }) },
    },
  },
  { rule: 'policy/waiver-unused', name: 'it covers a finding', given: { config: { waivers: [waiverOf()] } } },
  {
    rule: 'policy/waiver-too-long',
    name: 'just the limit',
    given: { config: { waivers: [waiverOf({ expires: '2027-01-28' })] } },
  },
  {
    rule: 'policy/waiver-too-long',
    name: 'a limit of its own',
    given: { config: { waivers: [waiverOf({ expires: '2027-07-01' })], ...withOptions('policy/waiver-too-long', { max: 400 }) } },
  },
  { rule: 'policy/waiver-forbidden', name: 'a rule that may be waived', given: { config: { waivers: [waiverOf()] } } },
  {
    rule: 'policy/baseline-stale',
    name: 'every entry is still found',
    given: { baseline: new Set(gate().findings.map((finding) => finding.fingerprint)) },
  },
  {
    rule: 'policy/unused-entry',
    name: 'entries that mean something here',
    given: { config: settings(['pkg:cargo/serde@<2'], ['pkg:cargo/*']) },
  },
  { rule: 'policy/clock-skew', name: 'evidence of the same day', given: { evidence: [evidenceOf('2026-08-01T23:59:59Z')] } },
  {
    rule: 'policy/clock-skew',
    name: 'on purpose',
    given: { evidence: [evidenceOf('2026-08-02T00:00:00Z')], config: withOptions('policy/clock-skew', { 'allow-past': true }) },
  },
]

describe('policy rules that fire', () => {
  it.each(FIRES)('$rule: $name', ({ rule, given, says }) => {
    const strict = POLICY_RULES.find((candidate) => candidate.id === rule)?.severity.strict
    expect(aboutItself(gate(given))).toEqual([{ rule, severity: strict, status: 'open', ...says }])
  })
})

describe('policy rules that must not', () => {
  it.each(SPARES)('$rule: $name', ({ rule, given }) => {
    const verdict = gate(given)
    expect(aboutItself(verdict).filter((finding) => finding.rule === rule)).toEqual([])
    // The subject was there: what the gate says of itself must not be silent for want of anything to judge.
    expect(verdict.findings.some((finding) => finding.rule === 'test/bad')).toBe(true)
  })
})

describe('policy rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    const ids = POLICY_RULES.map((rule) => rule.id)
    const missing = (rows: readonly { readonly rule: string }[]) => ids.filter((id) => !rows.some((row) => row.rule === id))
    expect({ fires: missing(FIRES), spares: missing(SPARES) }).toEqual({ fires: [], spares: [] })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(POLICY_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })

  it('is silenced by neither baseline nor waiver', () => {
    const stale = gate({ baseline: new Set(['gone']) })
    const itself = stale.findings.find((finding) => finding.rule === 'policy/baseline-stale')
    const again = gate({
      baseline: new Set(['gone', itself?.fingerprint ?? '']),
      config: { waivers: [waiverOf({ rule: 'policy/baseline-stale', component: undefined, subject: 'baseline' })] },
    })
    expect(aboutItself(again).map(({ rule, status }) => [rule, status])).toEqual([
      ['policy/baseline-stale', 'open'],
      ['policy/waiver-unused', 'open'],
    ])
  })
})
