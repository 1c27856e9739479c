import { describe, expect, it } from 'vitest'
import { documentUuid } from '../../../src/formats/uuid.js'
import type { Component } from '../../../src/model/component.js'
import type { Json } from '../support/documents.js'
import { object, row, rows, write, writeJson } from '../support/documents.js'
import { RICH_INPUT, SMALL_INPUT } from '../support/rich.js'
import * as parts from '../support/rich-components.js'
import { hex } from '../support/rich-components.js'

const document = await writeJson('spdx-2.3-json', RICH_INPUT)
const small = await writeJson('spdx-2.3-json', SMALL_INPUT)

/** The package of a component; where two share name and version, the one with the given source in its `sourceInfo`. */
function packageOf(component: Component, source = ''): Json {
  const found = rows(document['packages']).find(
    (one) =>
      one['name'] === component.name && one['versionInfo'] === component.version && String(one['sourceInfo']).includes(source),
  )
  if (found === undefined) throw new RangeError(component.name)
  return found
}
const idOf = (component: Component): string => String(packageOf(component)['SPDXID'])
/** The facts of assay's own annotation on a topic. */
function facts(of: Json, topic: string): Json {
  const prefix = `assay:${topic} `
  const comments = rows(of['annotations']).map((one) => String(one['comment']))
  const found = comments.filter((comment) => comment.startsWith(prefix))
  expect(found).toHaveLength(1)
  return object(JSON.parse(found[0]?.slice(prefix.length) ?? ''))
}
function related(from: string, type: string): unknown[] {
  return rows(document['relationships'])
    .filter((one) => one['spdxElementId'] === from && one['relationshipType'] === type)
    .map((one) => one['relatedSpdxElement'])
}

describe('SPDX document (spec/sbom.md §2.1, §2.2)', () => {
  it('has the constants, in the order of the table', () => {
    expect(Object.keys(document)).toEqual([
      'spdxVersion',
      'dataLicense',
      'SPDXID',
      'name',
      'documentNamespace',
      'creationInfo',
      'packages',
      'relationships',
      'hasExtractedLicensingInfos',
      'annotations',
    ])
    expect(document).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'demo-1.2.0',
    })
  })

  it('has a namespace made from all other text', async () => {
    const { text } = await write('spdx-2.3-json', RICH_INPUT)
    const without = text.replace(/ {2}"documentNamespace": .*\n/, '')
    expect(document['documentNamespace']).toBe(`https://spdx.org/spdxdocs/demo-1.2.0-${documentUuid([without])}`)
  })

  it('names organisation, persons and tool in that order, the time in seconds, and the kind of SBOM', () => {
    expect(document['creationInfo']).toEqual({
      created: '2026-01-02T03:04:05Z',
      creators: [
        'Organization: Example GmbH (office@example.org)',
        'Person: SBOM desk (sbom@example.org)',
        'Person: Jane Doe',
        'Tool: assay-0.1.0',
      ],
      licenseListVersion: '3.29',
      comment: expect.stringContaining('SBOM Type: Source'),
    })
    // Who supplies the product has not therefore made its SBOM.
    expect(object(small['creationInfo'])['creators']).toEqual(['Tool: assay-0.1.0'])
  })

  it('describes the product, which has the supplier', () => {
    const described = related('SPDXRef-DOCUMENT', 'DESCRIBES')
    expect(described).toHaveLength(1)
    const product = row(document['packages'], 'SPDXID', String(described[0]))
    expect(product).toMatchObject({
      name: 'demo',
      versionInfo: '1.2.0',
      supplier: 'Organization: Example Sales GmbH',
      primaryPackagePurpose: 'APPLICATION',
      externalRefs: [
        {
          referenceCategory: 'PACKAGE-MANAGER',
          referenceType: 'purl',
          referenceLocator: `pkg:github/example/demo@${hex('f', 'sha1')}`,
        },
      ],
    })
    expect(product['originator']).toBeUndefined()
    expect(String(described[0])).toMatch(/^SPDXRef-Package-root-demo-1\.2\.0-[0-9a-f]{8}$/)
  })

  it('writes no deprecated shortcut', () => {
    expect(document['documentDescribes']).toBeUndefined()
    expect(document['hasFiles']).toBeUndefined()
  })

  it('reports the URLs of parties as left out', async () => {
    const { leftOut } = await write('spdx-2.3-json', RICH_INPUT)
    expect(leftOut.filter((left) => left.what === 'the URL').map((left) => left.subject)).toEqual([
      'Jane Doe',
      'Example GmbH',
      'Example Sales GmbH',
    ])
  })

  it('gives ids that no other package changes', async () => {
    const fewer = await writeJson('spdx-2.3-json', { ...RICH_INPUT, includeInactive: true })
    const ids = rows(fewer['packages']).map((one) => one['SPDXID'])
    for (const one of rows(document['packages'])) expect(ids).toContain(one['SPDXID'])
    expect(idOf(parts.text)).toMatch(/^SPDXRef-Package-go-golang\.org-x-text-v0\.14\.0-[0-9a-f]{8}$/)
  })
})

describe('SPDX package (spec/sbom.md §2.3 to §2.6)', () => {
  it('always writes the fields that others leave to defaults', () => {
    for (const one of rows(document['packages'])) {
      expect(one['filesAnalyzed']).toBe(false)
      expect(one['licenseInfoFromFiles']).toBeUndefined()
      for (const field of [
        'supplier',
        'downloadLocation',
        'licenseConcluded',
        'licenseDeclared',
        'copyrightText',
        'primaryPackagePurpose',
      ])
        expect([one['name'], typeof one[field]]).toEqual([one['name'], 'string'])
    }
  })

  it.each([
    ['a git commit in a folder', parts.tokio, `git+https://code.example/fork/tokio.git@${hex('1', 'sha1')}#tokio`],
    ['the short form of ssh', parts.nimgen, `git+ssh://code.example/nim/nimgen.git@${hex('7', 'sha256')}`],
    ['Mercurial', parts.mercurial, 'hg+https://hg.example/pkg@abc123'],
    ['Fossil, which has no word in the grammar', parts.fossil, 'NOASSERTION'],
    ['an archive', parts.zlib, 'https://dl.example/zlib-1.3.1.tar.gz'],
    ['an archive whose query may not be shown', parts.legacy, 'NOASSERTION'],
    ['first party, never published', parts.core, 'NONE'],
    ['a folder outside', parts.local, 'NOASSERTION'],
    ['a registry', parts.serde, 'NOASSERTION'],
    ['the compiler', parts.compiler, 'NOASSERTION'],
    ['unknown', parts.lost, 'NOASSERTION'],
  ])('download location: %s', (_title, component, expected) => {
    expect(packageOf(component)['downloadLocation']).toBe(expected)
  })

  it('has checksums of files alone', () => {
    expect(packageOf(parts.serde)['checksums']).toEqual([{ algorithm: 'SHA256', checksumValue: hex('a') }])
    expect(rows(packageOf(parts.lost)['checksums']).map((one) => one['algorithm'])).toEqual([
      'MD5',
      'SHA1',
      'SHA256',
      'SHA384',
      'SHA512',
    ])
    expect(rows(packageOf(parts.zlib)['checksums']).map((one) => one['algorithm'])).toEqual(['SHA256', 'SHA512'])
    for (const component of [parts.text, parts.nimgen, parts.tokio, parts.zstd])
      expect(packageOf(component)['checksums']).toBeUndefined()
  })

  it('has what is no checksum in an annotation', () => {
    expect(facts(packageOf(parts.text), 'component')['digests']).toEqual([
      `artifact:sha256 ${hex('4')}`,
      'tree:go-h1 h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ=',
      'tree:go-mod-h1 h1:18ZOQIKpY8NJVqYksKHtTdi31H5itFRjB5/qKTNYzSU=',
    ])
    expect(facts(packageOf(parts.zstd), 'component')['digests']).toEqual([
      `artifact:sha256 ${hex('c')}`,
      `artifact:sha256 ${hex('d')}`,
    ])
    expect(facts(packageOf(parts.serde), 'component')['digests']).toBeUndefined()
  })

  it('has scope, replacement, gaps and facts of the ecosystem in the same annotation', () => {
    expect(facts(packageOf(parts.tokio), 'component')).toMatchObject({
      ecosystem: 'cargo',
      scope: ['runtime'],
      direct: false,
      edges: 'incomplete',
      replaces: [expect.stringContaining('paths: tokio@1.35.0'), expect.stringContaining('patch: tokio@1.36.0')],
      withheld: "user name or password and query of the source's URL",
    })
    expect(facts(packageOf(parts.derive), 'component')['properties']).toEqual(['assay:cargo:proc-macro=true'])
    expect(facts(packageOf(parts.serde), 'component')).toMatchObject({
      authors: ['Erick Tryzelaar <erick@example.org>', 'David Tolnay'],
      repository: 'https://code.example/serde-rs/serde',
    })
  })

  it('has checks in one annotation, findings as reviews', () => {
    expect(facts(packageOf(parts.derive), 'verification')).toEqual({
      checks: [
        {
          check: 'cargo/crate-bytes',
          verdict: 'match',
          authority: 'https://crates.example/serde_derive.crate',
          expected: hex('b'),
        },
        {
          check: 'cargo/index-checksum',
          verdict: 'mismatch',
          authority: 'https://index.crates.io/',
          expected: hex('b'),
          observed: hex('c'),
        },
      ],
    })
    const reviews = rows(packageOf(parts.tokio)['annotations']).filter((one) => one['annotationType'] === 'REVIEW')
    expect(reviews).toEqual([
      {
        annotationDate: '2026-01-02T03:04:05Z',
        annotationType: 'REVIEW',
        annotator: 'Tool: assay-0.1.0',
        comment: 'assay:finding source/git-requirement error: source/git-requirement does not hold',
      },
    ])
    // About no package: a waived one, the whole, and one about a component that is left out.
    expect(rows(document['annotations']).filter((one) => one['annotationType'] === 'REVIEW')).toHaveLength(3)
    expect(facts(document, 'replacements')['replacements']).toEqual([
      expect.stringContaining('source-replacement'),
      expect.stringContaining('mirror: everything'),
    ])
  })

  it.each([
    ['an id', parts.app, 'Apache-2.0', 'NOASSERTION'],
    ['an odd spelling', parts.serde, 'MIT OR Apache-2.0', 'NOASSERTION'],
    ['an id that CycloneDX does not enumerate', parts.proptest, 'MVT-1.1', 'NOASSERTION'],
    ['both sides', parts.derive, 'MIT', 'MIT'],
    ['concluded alone', parts.text, 'NOASSERTION', 'BSD-3-Clause'],
    ['a reference of the package’s own', parts.twin, 'MIT OR LicenseRef-Acme', 'NOASSERTION'],
    ['NOASSERTION', parts.lost, 'NOASSERTION', 'NOASSERTION'],
  ])('licences: %s', (_title, component, declared, concluded) => {
    const one = component === parts.twin ? packageOf(component, 'rust-lang') : packageOf(component)
    expect([one['licenseDeclared'], one['licenseConcluded']]).toEqual([declared, concluded])
  })

  it('lists every licence reference with its text, once', () => {
    const listed = rows(document['hasExtractedLicensingInfos'])
    const declared = packageOf(parts.tokio)['licenseDeclared']
    expect(declared).toMatch(/^LicenseRef-assay-[0-9a-f]{16}$/)
    expect(row(listed, 'licenseId', String(declared))['extractedText']).toBe('SEE LICENSE IN LICENSE.txt')
    expect(row(listed, 'licenseId', String(packageOf(parts.zlib)['licenseDeclared']))['extractedText']).toBe(
      'Permission is granted.\n\n\tNo warranty.\\u0007',
    )
    expect(row(listed, 'licenseId', 'LicenseRef-Acme')['extractedText']).toContain('was not read')
    expect(listed).toHaveLength(3)
  })

  it('keeps the spelling that was found, and what has no field', () => {
    expect(packageOf(parts.serde)['licenseComments']).toBe('declared as MIT/Apache-2.0')
    expect(packageOf(parts.zstd)['licenseComments']).toBe(
      'also found: BSD-3-Clause (Cargo.toml:3:1); also found: MIT OR ISC (Cargo.toml:3:1)',
    )
  })

  it('names one author as originator, and guesses none of several', () => {
    expect(packageOf(parts.derive)['originator']).toBe('Person: Solo Author (solo@example.org)')
    expect(packageOf(parts.serde)['originator']).toBeUndefined()
  })

  it('says where the row comes from', () => {
    expect(packageOf(parts.text)['sourceInfo']).toBe(
      'service/go.mod:5:1, service/go.sum:7:1; source registry+https://proxy.golang.org/',
    )
    expect(packageOf(parts.serde)['sourceInfo']).toContain('and 1 more; source registry+')
  })

  it('names the file of an archive alone', () => {
    expect(packageOf(parts.zlib)['packageFileName']).toBe('zlib-1.3.1.tar.gz')
    expect(rows(document['packages']).filter((one) => one['packageFileName'] !== undefined)).toHaveLength(1)
  })

  it('shows no user name, password or query', async () => {
    const { text } = await write('spdx-2.3-json', RICH_INPUT)
    for (const secret of ['s3cret', 'builder', 'token=', 'git@code', 'user:pw']) expect(text).not.toContain(secret)
  })
})

describe('SPDX relationships (spec/sbom.md §2.7)', () => {
  it('turns every kind of edge its own way round', () => {
    expect(related(idOf(parts.service), 'DEPENDS_ON').sort()).toEqual([idOf(parts.local), idOf(parts.text)].sort())
    expect(related(idOf(parts.compiler), 'BUILD_DEPENDENCY_OF')).toEqual([idOf(parts.service)])
    expect(related(idOf(parts.lint), 'DEV_TOOL_OF')).toEqual([idOf(parts.service)])
    expect(related(idOf(parts.proptest), 'DEV_DEPENDENCY_OF')).toEqual([idOf(parts.app)])
    expect(related(idOf(parts.proptest), 'TEST_DEPENDENCY_OF')).toEqual([idOf(parts.app)])
    expect(related(idOf(parts.derive), 'OPTIONAL_DEPENDENCY_OF')).toEqual([idOf(parts.serde)])
    // A development edge is no DEPENDS_ON besides.
    expect(related(idOf(parts.app), 'DEPENDS_ON')).not.toContain(idOf(parts.proptest))
  })

  it('has both kinds of one edge, with the target as comment', () => {
    const edges = rows(document['relationships']).filter(
      (one) =>
        [one['spdxElementId'], one['relatedSpdxElement']].sort().join() === [idOf(parts.app), idOf(parts.zstd)].sort().join(),
    )
    expect(edges.map((one) => [one['relationshipType'], one['comment']])).toEqual([
      ['BUILD_DEPENDENCY_OF', 'only for cfg(unix)'],
      ['DEPENDS_ON', 'only for cfg(unix)'],
      ['OPTIONAL_DEPENDENCY_OF', 'only for cfg(unix)'],
    ])
  })

  it('says of an edge of unknown kind that it is one', () => {
    const edge = rows(document['relationships']).find(
      (one) => one['spdxElementId'] === idOf(parts.core) && one['relatedSpdxElement'] === idOf(parts.tokio),
    )
    expect(edge).toMatchObject({ relationshipType: 'DEPENDS_ON', comment: 'what for is not known' })
  })

  it('says NONE of a known leaf and NOASSERTION where there may be more', () => {
    expect(related(idOf(parts.proptest), 'DEPENDS_ON')).toEqual(['NONE'])
    for (const component of [parts.tokio, parts.lint, parts.zlib])
      expect(related(idOf(component), 'DEPENDS_ON')).toEqual(['NOASSERTION'])
    // A file could not be read whole: the product may have more than is written.
    const [root] = related('SPDXRef-DOCUMENT', 'DESCRIBES')
    expect(related(String(root), 'DEPENDS_ON')).toContain('NOASSERTION')
    expect(related(String(root), 'DEPENDS_ON')).toHaveLength(5)
  })

  it('names what it descends from where that is in the document', () => {
    expect(related(idOf(parts.tokio), 'DESCENDANT_OF')).toEqual([idOf(parts.oldTokio)])
    expect(related(idOf(parts.local), 'DESCENDANT_OF')).toEqual([])
  })

  it('has no row twice', () => {
    const all = rows(document['relationships']).map((one) => JSON.stringify(one))
    expect(new Set(all).size).toBe(all.length)
  })
})
