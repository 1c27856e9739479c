import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Finding } from '../../../src/model/finding.js'
import type { Fact } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import type { BundleFact, SignaturesFact } from '../../../src/model/signature-fact.js'
import { bundleFact, signaturesFact } from '../../../src/model/signature-fact.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import type { Verification } from '../../../src/model/verification.js'
import { NOT_ASKED } from '../../../src/model/verification.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { INTEGRITY_EVIDENCE_RULES } from '../../../src/policy/rules/integrity-evidence.js'
import { TRUST_ATTESTATION_RULES } from '../../../src/policy/rules/trust-attestation.js'
import { VERIFY_RULES } from '../../../src/policy/rules/verify.js'
import { component } from '../../support/graphs.js'
import { ASKED, INDEX, seen } from '../support/evidence-cases.js'
import { appWith, TODAY } from '../support/rule-cases.js'

const one = component('one')

const BUNDLE: BundleFact = {
  outcome: 'accepted',
  basis: 'rule',
  from: 'one.sigstore.json',
  sha256: 'aa',
  signer: 'https://github.com/acme/one/.github/workflows/r.yml@refs/tags/v1',
  issuer: 'https://issuer.example',
  counts: ['signature', 'provenance'],
  builderAllowed: true,
  level: 2,
  repository: 'https://github.com/acme/one',
}
const BASE: SignaturesFact = {
  outcome: 'verified',
  why: 'signed',
  required: ['provenance'],
  unmet: [],
  pinsSource: false,
  rule: 'ours',
  asked: ['folder a'],
  unanswered: [],
  unansweredWhy: [],
  undecided: [],
}
const bad = (outcome: BundleFact['outcome'], rest: Partial<BundleFact> = {}): BundleFact => ({
  ...BUNDLE,
  outcome,
  basis: undefined,
  sha256: 'bb',
  from: 'bad.json',
  counts: [],
  reason: `trust/${outcome}`,
  why: 'it does not fit',
  fix: 'Fetch it again.',
  ...rest,
})

const NOT_MET: Partial<SignaturesFact> = { outcome: 'refused', unmet: ['provenance'], why: 'bad.json: it does not fit' }
const NOT_REQUIRED: Partial<SignaturesFact> = { required: [], unmet: [] }

interface Case {
  readonly standing?: Partial<SignaturesFact>
  readonly bundles?: readonly BundleFact[]
  readonly verification?: Verification
  readonly about?: Component
}

/** Severity, state and words of the findings of one rule under the strict profile, in which every rule is on. */
function hear(rule: string, { standing = {}, bundles = [], verification = ASKED, about = one }: Case): string[] {
  const facts: Fact[] = [signaturesFact(about, { ...BASE, ...standing }), ...bundles.map((bundle) => bundleFact(about, bundle))]
  return judged(rule, facts, verification).map(
    ({ severity, state, message }) => `${severity}${state === 'fail' ? '' : ' unverified'}: ${message}`,
  )
}

function judged(
  rule: string,
  facts: readonly Fact[],
  verification: Verification,
  options: readonly string[] = [],
): readonly Finding[] {
  const found = TRUST_ATTESTATION_RULES.filter(({ id }) => id === rule)
  expect(found).toHaveLength(1)
  return evaluate({
    graph: new GraphView(appWith([one], { facts })),
    evidence: [],
    verification,
    config: {
      ...DEFAULT_CONFIG,
      profile: 'strict',
      rules: new Map([
        ['trust/attestation-missing', { severity: 'error', options: new Map() }],
        ['trust/provenance-level-low', { severity: 'error', options: new Map() }],
        ['trust/source-mismatch', { options: new Map([['renames', options]]) }],
      ]),
      settings: {
        ...DEFAULT_CONFIG.settings,
        trust: { ...NO_TRUST_SETTINGS, require: [{ match: 'pkg:cargo/one', kind: 'provenance' }] },
      },
    },
    rules: found,
    today: TODAY,
  }).findings
}

describe('rules for signatures of components', () => {
  it.each<readonly [rule: string, title: string, Case, readonly string[]]>([
    // Missing.
    ['trust/attestation-missing', 'all is there', { bundles: [BUNDLE] }, []],
    [
      'trust/attestation-missing',
      'nothing is there',
      { standing: { outcome: 'none', unmet: ['provenance'], why: 'nothing at folder a' } },
      ['error: one@1.0.0: no accepted provenance: nothing at folder a'],
    ],
    [
      'trust/attestation-missing',
      'what is there is refused',
      { standing: NOT_MET, bundles: [bad('invalid')] },
      ['error: one@1.0.0: no accepted provenance: bad.json: it does not fit'],
    ],
    [
      'trust/attestation-missing',
      'it cannot be signed',
      { standing: { outcome: 'not-signable', unmet: ['provenance'], why: 'made on demand' } },
      ['error: one@1.0.0: no accepted provenance: made on demand'],
    ],
    [
      'trust/attestation-missing',
      'a signature, and no provenance',
      { standing: { unmet: ['provenance'] }, bundles: [{ ...BUNDLE, counts: ['signature'] }] },
      ['error: one@1.0.0: no accepted provenance: signed'],
    ],
    [
      'trust/attestation-missing',
      'two kinds',
      { standing: { outcome: 'none', required: ['provenance', 'sbom'], unmet: ['provenance', 'sbom'], why: 'nothing' } },
      ['error: one@1.0.0: no accepted provenance and no accepted sbom: nothing'],
    ],
    [
      'trust/attestation-missing',
      'somebody did not answer: not missing',
      { standing: { outcome: 'unknown', unmet: ['provenance'], unanswered: ['s'], unansweredWhy: ['503'] } },
      [],
    ],
    [
      'trust/attestation-missing',
      'a signer is named, nothing is required',
      { standing: { ...NOT_REQUIRED, outcome: 'none', why: 'nothing at folder a' } },
      ['note: one@1.0.0: it is not signed: nothing at folder a'],
    ],
    [
      'trust/attestation-missing',
      'nothing is asked for',
      { standing: { ...NOT_REQUIRED, outcome: 'none', rule: undefined } },
      [],
    ],

    // Unknown.
    [
      'trust/attestation-unknown',
      'all is there',
      { standing: { unanswered: ['s'], unansweredWhy: ['503'] }, bundles: [BUNDLE] },
      [],
    ],
    [
      'trust/attestation-unknown',
      'an outage',
      { standing: { outcome: 'unknown', unmet: ['provenance'], unanswered: ['s: x'], unansweredWhy: ['503'] } },
      ['error unverified: s: x did not say whether one component is signed: 503'],
    ],
    [
      'trust/attestation-unknown',
      'an outage that is let pass',
      {
        standing: { outcome: 'unknown', unmet: ['provenance'], unanswered: ['s'], unansweredWhy: ['503'] },
        verification: { ...ASKED, onUnavailable: 'ignore' },
      },
      ['note unverified: s did not say whether one component is signed: 503'],
    ],
    [
      'trust/attestation-unknown',
      'an outage of what is not required',
      { standing: { ...NOT_REQUIRED, outcome: 'unknown', unanswered: ['s'], unansweredWhy: ['503'] } },
      ['warn unverified: s did not say whether one component is signed: 503'],
    ],
    [
      'trust/attestation-unknown',
      'a root that is not at hand is no outage',
      {
        standing: { outcome: 'unknown', unmet: ['provenance'], undecided: ['b.json: of an instance that is not at hand'] },
        verification: { ...ASKED, onUnavailable: 'ignore' },
      },
      ['error unverified: one@1.0.0: what was found cannot be judged: b.json: of an instance that is not at hand'],
    ],
    [
      'trust/attestation-unknown',
      'nor is it one where nobody was to be asked: what lies here was looked at',
      {
        standing: { outcome: 'unknown', unmet: ['provenance'], undecided: ['b.jsonl: it holds more than are judged'] },
        verification: NOT_ASKED,
      },
      ['error unverified: one@1.0.0: what was found cannot be judged: b.jsonl: it holds more than are judged'],
    ],
    ...[NOT_ASKED, { ...ASKED, onUnavailable: 'ignore' as const }].map(
      (verification): readonly [string, string, Case, readonly string[]] => [
        'trust/attestation-unknown',
        `a folder that cannot be read is no outage (${verification.onUnavailable})`,
        {
          standing: { outcome: 'unknown', unmet: ['provenance'], unanswered: ['folder a'], unansweredWhy: ['no JSON'] },
          verification,
        },
        ['error unverified: folder a did not say whether one component is signed: no JSON'],
      ],
    ),
    [
      'trust/attestation-unknown',
      'who was left out on purpose only warns',
      {
        standing: { outcome: 'unknown', unmet: ['provenance'], unanswered: ['s'], unansweredWhy: ['offline'] },
        verification: NOT_ASKED,
      },
      ['warn unverified: s did not say whether one component is signed: offline'],
    ],
    [
      'trust/attestation-unknown',
      'bytes that were not fetched',
      { standing: { outcome: 'not-verified', unmet: ['provenance'], why: '--bytes fetches them' } },
      ['error unverified: one component that must be signed could not be looked up: --bytes fetches them'],
    ],
    [
      'trust/attestation-unknown',
      'nobody looked',
      { about: component('two') },
      ['error unverified: one component that must be signed: nobody looked for signatures'],
    ],
    [
      'trust/attestation-unknown',
      'nobody was to be asked',
      { about: component('two'), verification: { ...ASKED, asked: false } },
      [],
    ],

    // A bundle that does not hold.
    [
      'trust/attestation-invalid',
      'nothing else is accepted',
      { standing: NOT_MET, bundles: [bad('invalid')] },
      ['error: one@1.0.0: bad.json: it does not fit'],
    ],
    [
      'trust/attestation-invalid',
      'beside one that is accepted',
      { bundles: [BUNDLE, bad('invalid')] },
      ['warn: one@1.0.0: bad.json: it does not fit'],
    ],
    [
      'trust/attestation-invalid',
      'of what is not required',
      { standing: { ...NOT_REQUIRED, outcome: 'refused' }, bundles: [bad('invalid')] },
      ['warn: one@1.0.0: bad.json: it does not fit'],
    ],
    [
      'trust/attestation-invalid',
      'however many',
      { standing: NOT_MET, bundles: [bad('invalid'), bad('invalid', { from: 'z.json' }), bad('invalid', { from: 'a.json' })] },
      ['error: one@1.0.0: a.json: it does not fit (and 2 more)'],
    ],
    ['trust/attestation-invalid', 'none', { bundles: [BUNDLE, bad('other-signer')] }, []],

    // About something else.
    [
      'trust/subject-mismatch',
      'nothing else is accepted',
      { standing: NOT_MET, bundles: [bad('other-subject')] },
      ['error: one@1.0.0: bad.json: it does not fit'],
    ],
    [
      'trust/subject-mismatch',
      'beside one that is accepted',
      { bundles: [BUNDLE, bad('other-subject')] },
      ['note: one@1.0.0: bad.json: it does not fit'],
    ],
    [
      'trust/subject-mismatch',
      'a contradiction beside one that is accepted',
      { bundles: [BUNDLE, bad('conflict'), bad('other-subject')] },
      ['warn: one@1.0.0: bad.json: it does not fit (and 1 more)'],
    ],
    [
      'trust/subject-mismatch',
      'all there is where a signer is named',
      { standing: { ...NOT_REQUIRED, outcome: 'none' }, bundles: [bad('other-subject')] },
      ['warn: one@1.0.0: bad.json: it does not fit'],
    ],
    ['trust/subject-mismatch', 'none', { bundles: [BUNDLE] }, []],

    // Somebody else.
    [
      'trust/identity-not-allowed',
      'where somebody is named',
      { standing: { ...NOT_REQUIRED, outcome: 'refused' }, bundles: [bad('other-signer')] },
      [`error: one@1.0.0: bad.json is signed by ${BUNDLE.signer} via https://issuer.example: it does not fit`],
    ],
    [
      'trust/identity-not-allowed',
      'beside who may',
      { bundles: [BUNDLE, bad('other-signer')] },
      [`note: one@1.0.0: bad.json is signed by ${BUNDLE.signer} via https://issuer.example: it does not fit`],
    ],
    [
      'trust/identity-not-allowed',
      'a stranger, and nobody is named or needed',
      { standing: { ...NOT_REQUIRED, rule: undefined, outcome: 'refused' }, bundles: [bad('other-signer')] },
      [`note: one@1.0.0: bad.json is signed by ${BUNDLE.signer} via https://issuer.example: it does not fit`],
    ],
    [
      'trust/identity-not-allowed',
      'nobody is named for what must be signed',
      { standing: { ...NOT_MET, rule: undefined, outcome: 'unconstrained' }, bundles: [bad('unconstrained')] },
      [`warn: one@1.0.0: bad.json is signed by ${BUNDLE.signer} via https://issuer.example, and nothing says who may sign it`],
    ],
    ['trust/identity-not-allowed', 'none', { bundles: [BUNDLE] }, []],

    // Builders.
    [
      'trust/builder-not-allowed',
      'not on the list',
      { standing: NOT_MET, bundles: [{ ...BUNDLE, counts: [], builderAllowed: false, builder: 'https://b.example' }] },
      ['error: one@1.0.0: built by https://b.example'],
    ],
    [
      'trust/builder-not-allowed',
      'beside one that is',
      { bundles: [BUNDLE, { ...BUNDLE, sha256: 'cc', counts: [], builderAllowed: false, builder: 'https://b.example' }] },
      ['note: one@1.0.0: built by https://b.example'],
    ],
    ['trust/builder-not-allowed', 'on the list', { bundles: [BUNDLE] }, []],

    // Sources.
    [
      'trust/source-mismatch',
      'another repository',
      { standing: { repository: 'https://github.com/acme/other' }, bundles: [BUNDLE] },
      ['error: one@1.0.0: provenance says https://github.com/acme/one, its lockfile and name say https://github.com/acme/other'],
    ],
    [
      'trust/source-mismatch',
      'the same in other letters',
      { standing: { repository: 'https://github.com/Acme/One.git' }, bundles: [BUNDLE] },
      [],
    ],
    [
      'trust/source-mismatch',
      'the settings name the source',
      { standing: { repository: 'https://github.com/acme/other', pinsSource: true }, bundles: [BUNDLE] },
      [],
    ],
    [
      'trust/source-mismatch',
      'another commit',
      { standing: { pinsSource: true, commit: 'cafe' }, bundles: [{ ...BUNDLE, commit: 'beef' }] },
      ['error: one@1.0.0: provenance says commit beef of https://github.com/acme/one, pinned is cafe'],
    ],
    [
      'trust/source-mismatch',
      'beside one of the right source',
      {
        standing: { repository: 'https://github.com/acme/one' },
        bundles: [BUNDLE, { ...BUNDLE, sha256: 'cc', repository: 'https://github.com/x/y' }],
      },
      ['note: one@1.0.0: provenance says https://github.com/x/y, its lockfile and name say https://github.com/acme/one'],
    ],

    // Levels.
    [
      'trust/provenance-level-low',
      'below',
      { standing: { level: 1, levelWanted: 2 }, bundles: [{ ...BUNDLE, level: 1, limits: 'no trusted builder' }] },
      ['error: one@1.0.0: level 1, need 2: no trusted builder'],
    ],
    [
      'trust/provenance-level-low',
      'below, and somebody did not answer',
      { standing: { level: 1, levelWanted: 2, unanswered: ['s'], unansweredWhy: [''] }, bundles: [{ ...BUNDLE, level: 1 }] },
      ['error unverified: one@1.0.0: level 1, need 2'],
    ],
    ['trust/provenance-level-low', 'high enough', { standing: { level: 2, levelWanted: 2 }, bundles: [BUNDLE] }, []],
    ['trust/provenance-level-low', 'no provenance at all is missing, not low', { standing: { ...NOT_MET, levelWanted: 2 } }, []],

    // Logs.
    [
      'trust/log-inclusion-missing',
      'nothing else is accepted',
      { standing: NOT_MET, bundles: [bad('not-logged')] },
      ['error: one@1.0.0: bad.json is not provably logged: it does not fit'],
    ],
    [
      'trust/log-inclusion-missing',
      'beside one that is accepted',
      { bundles: [BUNDLE, bad('not-logged')] },
      ['note: one@1.0.0: bad.json is not provably logged: it does not fit'],
    ],
    ['trust/log-inclusion-missing', 'none', { bundles: [BUNDLE] }, []],
  ])('%s: %s', (rule, _title, asked, says) => {
    expect(hear(rule, asked)).toEqual(says)
  })

  it('follows renames of repositories', () => {
    const facts = [signaturesFact(one, { ...BASE, repository: 'https://github.com/acme/old' }), bundleFact(one, BUNDLE)]
    const renames = ['https://github.com/acme/old=https://github.com/acme/one']
    expect(judged('trust/source-mismatch', facts, ASKED, renames)).toEqual([])
    expect(judged('trust/source-mismatch', facts, ASKED)).toHaveLength(1)
  })

  it('says what to do in one clause, and where the component is pinned', () => {
    const facts = [signaturesFact(one, { ...BASE, ...NOT_MET }), bundleFact(one, bad('invalid'))]
    for (const rule of ['trust/attestation-missing', 'trust/attestation-invalid']) {
      const [finding] = judged(rule, facts, ASKED)
      expect([finding?.fix, finding?.location?.file]).toEqual(['fetch it again', 'Cargo.lock'])
    }
  })
})

describe('signatures beside other evidence', () => {
  const attested = (verdict: 'absent' | 'mismatch' | 'unavailable'): ReturnType<typeof seen> =>
    seen(one, 'trust/attestation', verdict, { kind: 'signature', name: 'folder a' }, { expected: 'a', observed: 'b' })
  it.each(['absent', 'mismatch', 'unavailable'] as const)(
    '%s is told by the rules of signatures alone, and takes no verification away',
    (verdict) => {
      const { findings } = evaluate({
        graph: new GraphView(appWith([one])),
        evidence: [seen(one, 'cargo/index-checksum', 'match', INDEX), attested(verdict)],
        verification: ASKED,
        config: { ...DEFAULT_CONFIG, profile: 'strict' },
        rules: [...TRUST_ATTESTATION_RULES, ...INTEGRITY_EVIDENCE_RULES, ...VERIFY_RULES],
        today: TODAY,
      })
      expect(findings.map(({ rule }) => rule)).toEqual([])
    },
  )
})
