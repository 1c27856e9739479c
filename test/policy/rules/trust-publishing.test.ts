import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import type { PublishingFact } from '../../../src/model/publishing-fact.js'
import { publishingFact } from '../../../src/model/publishing-fact.js'
import type { ProfileName } from '../../../src/model/rule.js'
import type { BundleFact, SignaturesFact } from '../../../src/model/signature-fact.js'
import { bundleFact, signaturesFact } from '../../../src/model/signature-fact.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { TRUST_ATTESTATION_RULES } from '../../../src/policy/rules/trust-attestation.js'
import { TRUST_PUBLISHING_RULES } from '../../../src/policy/rules/trust-publishing.js'
import { component } from '../../support/graphs.js'
import { appWith, severityLetters } from '../support/rule-cases.js'

const one = component('one', '1.2.0')
const TOKEN: PublishingFact = { method: 'token', registry: 'crates.io', trustedOnly: false }
const STANDING: SignaturesFact = {
  outcome: 'none',
  why: 'nothing at folder a',
  required: [],
  unmet: [],
  pinsSource: false,
  asked: ['folder a', 'GitHub attestations (api.github.com)'],
  unanswered: [],
  unansweredWhy: [],
  undecided: [],
}

function judge(rule: string, facts: readonly Fact[], profile: ProfileName = 'strict') {
  const verdict = evaluate({
    graph: new GraphView(appWith([one], { facts })),
    evidence: [],
    config: { ...DEFAULT_CONFIG, profile },
    rules: [...TRUST_PUBLISHING_RULES, ...TRUST_ATTESTATION_RULES].filter(({ id }) => id === rule),
    today: '2026-08-01',
  })
  const { checked, unverified } = verdict.rules.get(rule) ?? {}
  return { checked, unverified, findings: verdict.findings }
}
const words = (rule: string, facts: readonly Fact[], profile?: ProfileName): string[] =>
  judge(rule, facts, profile).findings.map(({ severity, message }) => `${severity}: ${message}`)

describe('trust/token-published (spec/policy.md §2.7)', () => {
  const rule = 'trust/token-published'
  const hear = (data: Partial<PublishingFact>, profile?: ProfileName): string[] =>
    words(rule, [publishingFact(one, { ...TOKEN, ...data })], profile)

  it.each<readonly [string, Partial<PublishingFact>, string[]]>([
    [
      'a version that an earlier one differs from',
      { publisher: 'someone', earlier: '1.1.0', earlierRepository: 'https://github.com/acme/one', later: '1.3.0' },
      [
        'warn: one@1.2.0: crates.io says that it was published with a token of someone, although 1.1.0, published before it, came from a build of https://github.com/acme/one',
      ],
    ],
    [
      'a package that takes no tokens by now, from a code host that is not known',
      { earlier: '1.1.0', trustedOnly: true },
      [
        'warn: one@1.2.0: crates.io says that it was published with a token, although 1.1.0, published before it, came from a trusted build, and tokens are refused for it by now',
      ],
    ],
    [
      'a version from before the package was switched over, which is told at most',
      { later: '1.3.0', laterRepository: 'https://github.com/acme/one' },
      [
        'note: one@1.2.0: crates.io says that it was published with a token, 1.3.0, published later, by a build of https://github.com/acme/one',
      ],
    ],
    ['a package that has only tokens', {}, []],
    ['a package that has only tokens, and must not any more', { trustedOnly: true }, []],
    ['a trusted version', { method: 'trusted', earlier: '1.1.0', later: '1.3.0' }, []],
    ['a version of which nothing is known', { method: 'unknown', why: 'offline', earlier: '1.1.0' }, []],
  ])('says of %s', (_title, data, says) => {
    expect(hear(data)).toEqual(says)
  })

  it('weighs -/N/W, is placed at the lockfile and says what to do', () => {
    const [spec] = TRUST_PUBLISHING_RULES
    expect(spec === undefined ? '' : severityLetters(spec)).toBe('-/N/W')
    const { findings, checked } = judge(rule, [publishingFact(one, { ...TOKEN, earlier: '1.1.0' })])
    expect(findings).toMatchObject([
      {
        location: { file: 'Cargo.lock', line: 1 },
        fix: 'compare its source with that of 1.1.0, and ask upstream why it was not published by the build',
        data: { registry: 'crates.io', earlier: '1.1.0' },
      },
    ])
    expect(checked).toBe(1)
    expect(hear({ earlier: '1.1.0' }, 'recommended')).toEqual([expect.stringMatching(/^note: /)])
    expect(hear({ earlier: '1.1.0' }, 'relaxed')).toEqual([])
  })

  it('counts what nobody said as not verified, and what was not asked not at all', () => {
    const unknown = publishingFact(one, { ...TOKEN, method: 'unknown', why: 'offline' })
    expect(judge(rule, [unknown])).toMatchObject({ checked: 0, unverified: 1, findings: [] })
    expect(judge(rule, [])).toMatchObject({ checked: 0, findings: [] })
  })

  it('reads no fact that is none', () => {
    for (const data of [{}, { method: 'stolen', earlier: '1.1.0' }, { method: ['token'], earlier: '1.1.0' }])
      expect(words(rule, [{ kind: 'registry/publishing', component: one.id, data }])).toEqual([])
  })
})

describe('trust/provenance-dropped (spec/trust.md §8)', () => {
  const rule = 'trust/provenance-dropped'
  const fact = (earlier: SignaturesFact['earlier']): Fact => signaturesFact(one, { ...STANDING, earlier })

  it('names both versions, who signed, and who was asked', () => {
    const { findings, checked } = judge(rule, [fact({ version: '1.1.0', outcome: 'provenance', signer: 'https://w.example/r' })])
    expect(findings).toMatchObject([
      {
        severity: 'warn',
        message:
          'one@1.2.0: no accepted provenance at folder a, GitHub attestations (api.github.com), where 1.1.0 has it, signed by https://w.example/r',
        fix: 'stay with 1.1.0 until upstream has said why; compare the source of the two',
        data: { earlier: '1.1.0' },
      },
    ])
    expect(checked).toBe(1)
    const [, spec] = TRUST_PUBLISHING_RULES
    expect(spec === undefined ? '' : severityLetters(spec)).toBe('-/N/W')
  })

  it.each<readonly [string, SignaturesFact['earlier'], object]>([
    ['an earlier version that has none either', { version: '1.1.0', outcome: 'none' }, { checked: 1 }],
    ['an earlier version of which nobody said', { version: '1.1.0', outcome: 'unknown' }, { checked: 0, unverified: 1 }],
    ['no earlier version', undefined, { checked: 0 }],
  ])('says nothing of %s', (_title, earlier, counted) => {
    expect(judge(rule, [fact(earlier)])).toMatchObject({ findings: [], ...counted })
  })
})

describe('trust/source-mismatch, by the word of a registry', () => {
  const rule = 'trust/source-mismatch'
  const provenance: BundleFact = {
    outcome: 'accepted',
    basis: 'rule',
    from: 'one.json',
    sha256: 'aa',
    counts: ['signature', 'provenance'],
    builderAllowed: true,
    repository: 'https://github.com/Acme/one',
    commit: 'beef',
  }
  const hear = (standing: Partial<SignaturesFact>): string[] =>
    words(rule, [
      signaturesFact(one, { ...STANDING, outcome: 'verified', registry: 'crates.io', ...standing }),
      bundleFact(one, provenance),
    ])

  it.each<readonly [string, Partial<SignaturesFact>, string[]]>([
    ['the same place', { repository: 'https://github.com/acme/one', commit: 'beef' }, []],
    [
      'another repository',
      { repository: 'https://github.com/acme/other' },
      ['error: one@1.2.0: provenance says https://github.com/Acme/one, crates.io says https://github.com/acme/other'],
    ],
    [
      'another commit, which it does not sign',
      { repository: 'https://github.com/acme/one', commit: 'cafe' },
      ['warn: one@1.2.0: provenance says commit beef of https://github.com/Acme/one, crates.io says cafe'],
    ],
  ])('says of %s', (_title, standing, says) => {
    expect(hear(standing)).toEqual(says)
  })
})
