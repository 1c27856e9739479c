import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AssaySummary } from '../../../src/trust/slsa/assay-summary.js'
import { assaySummaryFields, parseAssaySummary } from '../../../src/trust/slsa/assay-summary.js'
import type { JsonObject } from '../../../src/trust/strict-json.js'

const HEX = 'a'.repeat(64)
const whole: AssaySummary = {
  expires: '2026-12-28T12:00:00Z',
  inputs: { sha256: HEX, files: 3 },
  evidenceSha256: 'b'.repeat(64),
  sboms: [{ name: 'a.cdx.json', sha256: 'c'.repeat(64) }],
}

describe('what assay adds to a summary', () => {
  it('is read back as it was written, whole and empty', () => {
    expect(parseAssaySummary(assaySummaryFields(whole))).toEqual({ ok: true, summary: whole })
    expect(assaySummaryFields({ sboms: [] })).toEqual({})
    expect(parseAssaySummary({ foreign: 1 })).toEqual({ ok: true, summary: { sboms: [] } })
  })

  const refused: readonly (readonly [string, JsonObject, string])[] = [
    ['an expiry that is no time', { assay_expires: 'never' }, 'assay_expires is no time'],
    ['a day that there is not', { assay_expires: '2026-13-01T00:00:00Z' }, 'assay_expires is no time'],
    ['an expiry with an offset', { assay_expires: '2026-12-01T00:00:00+01:00' }, 'assay_expires is no time'],
    ['an expiry that is null', { assay_expires: null }, 'assay_expires is no time'],
    ['inputs without a digest', { assay_inputs: { files: 1 } }, 'assay_inputs has no sound digest'],
    ['inputs of a negative number', { assay_inputs: { digest: { sha256: HEX }, files: -1 } }, 'assay_inputs has no sound digest'],
    [
      'a digest in upper case',
      { assay_inputs: { digest: { sha256: 'A'.repeat(64) }, files: 1 } },
      'assay_inputs has no sound digest',
    ],
    ['evidence without a digest', { assay_evidence: {} }, 'assay_evidence has no SHA-256'],
    ['SBOMs that are no list', { assay_sboms: {} }, 'assay_sboms is no list of names with SHA-256'],
    ['an SBOM without a name', { assay_sboms: [{ digest: { sha256: HEX } }] }, 'assay_sboms is no list of names with SHA-256'],
  ]
  for (const [name, predicate, why] of refused)
    it(`refuses: ${name}`, () => expect(parseAssaySummary(predicate)).toEqual({ ok: false, why }))

  it('never throws', () => {
    const field = fc.constantFrom('assay_expires', 'assay_inputs', 'assay_evidence', 'assay_sboms')
    fc.assert(fc.property(field, fc.jsonValue(), (name, value) => void parseAssaySummary({ [name]: value })))
  })
})
