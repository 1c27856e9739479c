import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VerificationSummary } from '../../../src/trust/slsa/verification-summary.js'
import {
  judgeVerificationSummary,
  parseVerificationSummary,
  VERIFICATION_SUMMARY_TYPE,
  verificationSummaryPredicate,
} from '../../../src/trust/slsa/verification-summary.js'
import type { Statement } from '../../../src/trust/statement.js'
import type { JsonObject } from '../../../src/trust/strict-json.js'

const statementOf = (predicate: JsonObject, predicateType = VERIFICATION_SUMMARY_TYPE): Statement => ({
  version: 'v1',
  subjects: [{ digest: new Map([['sha256', 'a'.repeat(64)]]) }],
  predicateType,
  predicate,
})

const summary: VerificationSummary = {
  verifierId: 'https://verifier.example/assay',
  verifierVersion: new Map([['assay', '1.0.0']]),
  resourceUri: 'pkg:cargo/serde@1.0.203',
  policy: { uri: 'https://policy.example', digest: new Map([['sha256', 'b'.repeat(64)]]) },
  result: 'PASSED',
  levels: ['SLSA_BUILD_LEVEL_2', 'ASSAY_CHECKSUM_VERIFIED'],
  dependencyLevels: new Map([['SLSA_BUILD_LEVEL_0', 4]]),
  inputAttestations: [{ uri: 'file:x', digest: new Map([['sha256', 'c'.repeat(64)]]) }],
  timeVerified: '2026-01-01T00:00:00Z',
  slsaVersion: '1.0',
}

describe('verification summaries', () => {
  it('what is written is read back, whole and with nothing optional', () => {
    expect(parseVerificationSummary(statementOf(verificationSummaryPredicate(summary)))).toEqual({ ok: true, summary })
    const { verifierId, resourceUri, policy, result, levels } = summary
    const small = { verifierId, resourceUri, policy, result, levels }
    expect(parseVerificationSummary(statementOf(verificationSummaryPredicate(small)))).toEqual({ ok: true, summary: small })
  })

  it('no dependencies and no claim about dependencies are two things', () => {
    const none = parseVerificationSummary(statementOf(verificationSummaryPredicate({ ...summary, dependencyLevels: new Map() })))
    expect(none.ok && none.summary.dependencyLevels).toEqual(new Map())
    const silent = parseVerificationSummary(
      statementOf(verificationSummaryPredicate({ ...summary, dependencyLevels: undefined })),
    )
    expect(silent.ok && silent.summary.dependencyLevels).toBeUndefined()
  })

  const predicate = verificationSummaryPredicate(summary)
  const refused = [
    {
      name: 'v0.2',
      statement: statementOf(predicate, 'https://slsa.dev/verification_summary/v0.2'),
      why: 'https://slsa.dev/verification_summary/v0.2 is no verification summary of version 1',
    },
    {
      name: 'snake case',
      statement: statementOf({ ...predicate, verificationResult: undefined, verification_result: 'PASSED' }),
      why: 'the summary lacks verificationResult',
    },
    {
      name: 'another result',
      statement: statementOf({ ...predicate, verificationResult: 'passed' }),
      why: 'the summary lacks verificationResult',
    },
    { name: 'no policy', statement: statementOf({ ...predicate, policy: {} }), why: 'the summary lacks policy' },
    { name: 'no resource', statement: statementOf({ ...predicate, resourceUri: '' }), why: 'the summary lacks resourceUri' },
    { name: 'no verifier', statement: statementOf({ ...predicate, verifier: {} }), why: 'the summary lacks verifier.id' },
    {
      name: 'levels that are no list',
      statement: statementOf({ ...predicate, verifiedLevels: 'SLSA_BUILD_LEVEL_3' }),
      why: 'the summary lacks verifiedLevels',
    },
    {
      name: 'two levels of one track',
      statement: statementOf({ ...predicate, verifiedLevels: ['SLSA_BUILD_LEVEL_1', 'SLSA_BUILD_LEVEL_3'] }),
      why: 'the summary states two levels of one track',
    },
    {
      name: 'negative count',
      statement: statementOf({ ...predicate, dependencyLevels: { SLSA_BUILD_LEVEL_0: -1 } }),
      why: 'the summary lacks a sound dependencyLevels',
    },
    {
      name: 'attestations without digest',
      statement: statementOf({ ...predicate, inputAttestations: [{}] }),
      why: 'the summary lacks a sound inputAttestations',
    },
  ]
  for (const { name, statement, why } of refused) {
    it(`refuses: ${name}`, () => expect(parseVerificationSummary(statement)).toEqual({ ok: false, why }))
  }

  it('never throws', () => {
    const field = fc.constantFrom(...Object.keys(predicate))
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        parseVerificationSummary(statementOf({ ...predicate, [name]: value }))
      }),
    )
  })
})

describe('judgeVerificationSummary', () => {
  const wanted = {
    verifierId: summary.verifierId,
    resourceUri: summary.resourceUri,
    policySha256: 'b'.repeat(64),
    levels: ['SLSA_BUILD_LEVEL_2'],
  }
  it('accepts what is wanted, and more', () => {
    expect(judgeVerificationSummary(summary, wanted)).toEqual([])
    expect(judgeVerificationSummary({ ...summary, levels: ['SLSA_BUILD_LEVEL_3'] }, wanted)).toEqual([])
  })
  const cases: readonly [string, Partial<VerificationSummary>, string][] = [
    ['another verifier', { verifierId: 'x' }, 'the verifier is x, wanted is https://verifier.example/assay'],
    [
      'another resource',
      { resourceUri: 'pkg:cargo/serde@1.0.0' },
      'it is about pkg:cargo/serde@1.0.0, wanted is pkg:cargo/serde@1.0.203',
    ],
    ['failed', { result: 'FAILED' }, 'the verification failed'],
    ['another policy', { policy: { uri: 'https://policy.example', digest: new Map() } }, 'it was decided by another policy'],
    ['lower level', { levels: ['SLSA_BUILD_LEVEL_1'] }, 'SLSA_BUILD_LEVEL_2 was not verified'],
    ['another track', { levels: ['SLSA_SOURCE_LEVEL_3'] }, 'SLSA_BUILD_LEVEL_2 was not verified'],
    ['unevaluated', { levels: ['SLSA_BUILD_LEVEL_UNEVALUATED'] }, 'SLSA_BUILD_LEVEL_2 was not verified'],
  ]
  for (const [name, change, problem] of cases) {
    it(name, () => expect(judgeVerificationSummary({ ...summary, ...change }, wanted).map(({ why }) => why)).toEqual([problem]))
  }
})
