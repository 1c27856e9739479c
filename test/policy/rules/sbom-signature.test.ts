import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/model/graph.js'
import { SBOM_SIGNATURE_RULES } from '../../../src/policy/rules/sbom-signature.js'
import { appWith, hear, severityLetters } from '../support/rule-cases.js'

const FILE = 'dist/app.cdx.json'
const signed = (data: Fact['data']): Fact => ({ kind: 'sbom/signature', data: { file: FILE, ...data } })

function said(rule: string, ...facts: readonly Fact[]): readonly string[] {
  const heard = hear(SBOM_SIGNATURE_RULES, { rule, name: '', graph: appWith([], { facts }) })
  expect(heard.checked).toBe(facts.length)
  return heard.said.map(({ message, fix }) => `${message}. Fix: ${fix}`)
}

describe('sbom/signature-missing (spec/policy.md §2.13)', () => {
  const id = 'sbom/signature-missing'
  it('says what has none, and what cannot be judged', () => {
    expect(said(id, signed({ state: 'missing' }))).toEqual([
      `${FILE} has no signature. Fix: attest it in the release job: assay attest --sbom ${FILE}`,
    ])
    expect(said(id, signed({ state: 'missing', why: 'x attests something else' }))[0]).toMatch(
      /no signature: x attests something else/,
    )
    expect(said(id, signed({ state: 'undecided', why: 'it is not there', fix: 'build first' }))).toEqual([
      `the signature of ${FILE} cannot be judged: it is not there. Fix: build first`,
    ])
  })
  it('says nothing of the rest', () => {
    expect(said(id, signed({ state: 'verified', by: `${FILE}.sigstore.json` }), signed({ state: 'invalid', why: 'w' }))).toEqual(
      [],
    )
    expect(said(id)).toEqual([])
  })
})

describe('sbom/signature-invalid', () => {
  const id = 'sbom/signature-invalid'
  it('says what is wrong, with what to do', () => {
    expect(said(id, signed({ state: 'invalid', why: 'it was altered', fix: 'fetch it again' }))).toEqual([
      `the signature of ${FILE} does not verify: it was altered. Fix: fetch it again`,
    ])
    expect(said(id, signed({ state: 'invalid', why: 'w' }))[0]).toMatch(/Fix: discard it, and sign the SBOM again/)
  })
  it('says nothing of the rest', () => {
    for (const state of ['verified', 'missing', 'undecided']) expect(said(id, signed({ state }))).toEqual([])
  })
})

it('weigh what the specification says; a wrong signature is hard', () => {
  expect(SBOM_SIGNATURE_RULES.map((one) => [one.id, severityLetters(one), one.hard])).toEqual([
    ['sbom/signature-missing', '-/N/W', undefined],
    ['sbom/signature-invalid', 'E/E/E', true],
  ])
})
