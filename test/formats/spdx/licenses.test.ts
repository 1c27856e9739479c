import { describe, expect, it } from 'vitest'
import { ExtractedLicenses } from '../../../src/formats/spdx/package.js'

describe('licences of an SPDX document (spec/sbom.md §2.6)', () => {
  const statement = (raw: string, expression?: string): [string, readonly object[]] => {
    const licenses = new ExtractedLicenses()
    return [licenses.statement({ raw, kind: 'declared', ...(expression === undefined ? {} : { expression }) }), licenses.rows()]
  }

  it('writes an expression as it is', () => {
    expect(statement('mit', 'MIT')).toEqual(['MIT', []])
  })

  it.each(['NONE', 'NOASSERTION', ' NONE '])('writes the word %j itself', (raw) => {
    expect(statement(raw)).toEqual([raw.trim(), []])
  })

  it('refers to what is no expression, by its digest', () => {
    // As sha256sum gives it, first 16 digits.
    expect(statement('UNLICENSED')).toEqual([
      'LicenseRef-assay-c002dcd8b7b4163a',
      [
        {
          licenseId: 'LicenseRef-assay-c002dcd8b7b4163a',
          extractedText: 'UNLICENSED',
          name: expect.stringContaining('not an SPDX expression'),
        },
      ],
    ])
  })

  it.each([
    ['another document', 'DocumentRef-b:LicenseRef-c AND MIT'],
    ['an addition, which SPDX 2 does not know', 'MIT WITH AdditionRef-d'],
  ])('refers to an expression that this document cannot hold: %s', (_title, expression) => {
    const [written, rows] = statement(expression, expression)
    expect(written).toMatch(/^LicenseRef-assay-[0-9a-f]{16}$/)
    expect(rows).toMatchObject([{ licenseId: written, extractedText: expression }])
  })

  it('lists every reference of an expression', () => {
    const [written, rows] = statement('x', '(LicenseRef-b OR MIT) AND LicenseRef-a')
    expect(written).toBe('(LicenseRef-b OR MIT) AND LicenseRef-a')
    expect(rows).toMatchObject([{ licenseId: 'LicenseRef-a' }, { licenseId: 'LicenseRef-b' }])
  })

  it('has one text for a reference, whichever package comes first', () => {
    const statements = ['LicenseRef-a OR MIT', 'LicenseRef-a', 'ISC OR LicenseRef-a'].map((raw) => ({
      raw,
      kind: 'declared' as const,
      expression: raw,
    }))
    const texts = [statements, [...statements].reverse()].map((order) => {
      const licenses = new ExtractedLicenses()
      for (const one of order) licenses.statement(one)
      return licenses.rows()
    })
    expect(texts[0]).toHaveLength(1)
    expect(texts[0]).toEqual(texts[1])
  })
})
