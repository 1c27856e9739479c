import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSbomSubject } from '../../src/trust/sbom-subject.js'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const spdxPackage = (id: string, checksum: string): object => ({
  SPDXID: id,
  checksums: [{ algorithm: 'SHA256', checksumValue: checksum }],
})

const read = (document: unknown): ReturnType<typeof readSbomSubject> => readSbomSubject(Buffer.from(JSON.stringify(document)))
const digests = (document: unknown): unknown => {
  const result = read(document)
  return result.ok ? result.sbom.subjects.map(({ digest }) => Object.fromEntries(digest)) : result.why
}

describe('what an SBOM describes', () => {
  it.each([
    {
      name: 'CycloneDX: metadata.component, not the components',
      document: {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        metadata: {
          component: {
            hashes: [
              { alg: 'SHA-256', content: A },
              { alg: 'SHA-1', content: 'c' },
            ],
          },
        },
        components: [{ hashes: [{ alg: 'SHA-256', content: B }] }],
      },
      expected: [{ sha256: A, sha1: 'c' }],
    },
    { name: 'CycloneDX without a subject', document: { bomFormat: 'CycloneDX', specVersion: '1.4' }, expected: [] },
    {
      name: 'CycloneDX whose subject has no hashes',
      document: { bomFormat: 'CycloneDX', metadata: { component: { name: 'x' } } },
      expected: [],
    },
    {
      name: 'SPDX: documentDescribes',
      document: {
        spdxVersion: 'SPDX-2.3',
        documentDescribes: ['SPDXRef-a'],
        packages: [spdxPackage('SPDXRef-a', A), spdxPackage('SPDXRef-b', B)],
      },
      expected: [{ sha256: A }],
    },
    {
      name: 'SPDX: DESCRIBES, also of a file',
      document: {
        spdxVersion: 'SPDX-2.2',
        relationships: [
          { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-f' },
          { spdxElementId: 'SPDXRef-b', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-b' },
        ],
        packages: [spdxPackage('SPDXRef-b', B)],
        files: [spdxPackage('SPDXRef-f', A)],
      },
      expected: [{ sha256: A }],
    },
    {
      name: 'SPDX: DESCRIBED_BY',
      document: {
        spdxVersion: 'SPDX-2.3',
        relationships: [{ spdxElementId: 'SPDXRef-a', relationshipType: 'DESCRIBED_BY', relatedSpdxElement: 'SPDXRef-DOCUMENT' }],
        packages: [spdxPackage('SPDXRef-a', A)],
      },
      expected: [{ sha256: A }],
    },
    {
      name: 'two values of one digest',
      document: {
        bomFormat: 'CycloneDX',
        metadata: {
          component: {
            hashes: [
              { alg: 'SHA-256', content: A },
              { alg: 'SHA256', content: B },
            ],
          },
        },
      },
      expected: 'it gives two values of one digest of what it describes',
    },
    {
      name: 'SPDX 3',
      document: { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld' },
      expected: /neither a CycloneDX/,
    },
    { name: 'a list', document: [], expected: 'it is no JSON object' },
  ])('$name', ({ document, expected }) => {
    if (expected instanceof RegExp) expect(digests(document)).toMatch(expected)
    else expect(digests(document)).toEqual(expected)
  })

  it('names the format', () => {
    expect(read({ bomFormat: 'CycloneDX', specVersion: '1.7' })).toMatchObject({ sbom: { format: 'CycloneDX 1.7' } })
    expect(read({ spdxVersion: 'SPDX-2.3' })).toMatchObject({ sbom: { format: 'SPDX 2.3' } })
  })

  it('refuses one key twice, and takes any JSON without an exception', () => {
    expect(readSbomSubject(Buffer.from('{"bomFormat":"CycloneDX","bomFormat":"x"}'))).toMatchObject({ ok: false })
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom('hashes', 'checksums', 'component'), (one, two, name) => {
        for (const document of [
          one,
          { bomFormat: 'CycloneDX', metadata: one },
          { bomFormat: 'CycloneDX', metadata: { component: { [name]: one, hashes: two } } },
          { spdxVersion: 'SPDX-2.3', documentDescribes: one, packages: two, relationships: one },
          { spdxVersion: 'SPDX-2.3', documentDescribes: ['a'], packages: [{ SPDXID: 'a', [name]: [one, two] }] },
        ]) {
          expect(typeof read(document).ok).toBe('boolean')
        }
      }),
      { numRuns: 300 },
    )
  })
})
