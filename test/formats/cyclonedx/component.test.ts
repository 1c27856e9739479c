import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Json } from '../support/documents.js'
import { object, propertyValues, row, rows, write, writeJson } from '../support/documents.js'
import { RICH_INPUT, SMALL_INPUT } from '../support/rich.js'
import * as parts from '../support/rich-components.js'
import { hex } from '../support/rich-components.js'
import { documents, metadata, references, rowOf, V14, V15, V16, V17 } from '../support/rich-cyclonedx.js'
import { CYCLONEDX_VERSIONS } from '../support/schemas.js'

describe('CycloneDX component (spec/sbom.md §1.3 to §1.5)', () => {
  it('keeps the whole name and gives no group', () => {
    expect(rowOf(V16, parts.text)).toMatchObject({ name: 'golang.org/x/text', version: 'v0.14.0' })
    for (const one of rows(V16['components'])) expect(one['group']).toBeUndefined()
  })

  it('refers by purl where it is one component’s, else by label and a piece of the digest of the id', () => {
    expect(rowOf(V16, parts.serde)['bom-ref']).toBe('pkg:cargo/serde@1.0.200')
    const twins = rows(V16['components']).filter((one) => one['name'] === 'twin')
    expect(twins.map((one) => one['purl'])).toEqual(['pkg:cargo/twin@1.0.0', 'pkg:cargo/twin@1.0.0'])
    for (const twin of twins) expect(twin['bom-ref']).toMatch(/^cargo:twin@1\.0\.0:[0-9a-f]{12}$/)
  })

  it('leaves an unknown version out and says so', () => {
    expect(rowOf(V16, parts.legacy)['version']).toBeUndefined()
    expect(propertyValues(rowOf(V16, parts.legacy), 'assay:version:unknown')).toEqual(['true'])
  })

  it.each([
    ['runtime', parts.serde, 'required', 'runtime'],
    ['runtime and build', parts.zstd, 'required', 'build,runtime'],
    ['build', parts.derive, 'excluded', 'build'],
    ['dev and test', parts.proptest, 'excluded', 'dev,test'],
    ['tool', parts.lint, 'excluded', 'tool'],
    ['unknown', parts.lost, undefined, 'unknown'],
  ])('scope: %s', (_title, component, scope, property) => {
    expect(rowOf(V16, component)['scope']).toBe(scope)
    expect(propertyValues(rowOf(V16, component), 'assay:scope')).toEqual([property])
  })

  it('scope: inactive components are left out and counted, or optional on request', async () => {
    expect(rows(V16['components']).some((one) => one['name'] === 'windows-sys')).toBe(false)
    const { leftOut } = await write('cyclonedx-1.6-json', RICH_INPUT)
    expect(leftOut.map((left) => left.subject)).toContain('windows-sys@0.52.0')
    const all = await writeJson('cyclonedx-1.6-json', { ...RICH_INPUT, includeInactive: true })
    expect(rowOf(all, parts.windows)['scope']).toBe('optional')
  })

  it('has hashes of files alone, in the order of the enumeration', () => {
    expect(rowOf(V16, parts.serde)['hashes']).toEqual([{ alg: 'SHA-256', content: hex('a') }])
    expect(rows(rowOf(V16, parts.lost)['hashes']).map((hash) => hash['alg'])).toEqual([
      'MD5',
      'SHA-1',
      'SHA-256',
      'SHA-384',
      'SHA-512',
    ])
    for (const one of [parts.nimgen, parts.tokio]) expect(rowOf(V16, one)['hashes']).toBeUndefined()
  })

  it('has no hash where two statements differ, but both statements', () => {
    expect(rowOf(V16, parts.zstd)['hashes']).toBeUndefined()
    expect(propertyValues(rowOf(V16, parts.zstd), 'assay:claim:sha256:lock')).toEqual([hex('c')])
    expect(propertyValues(rowOf(V16, parts.zstd), 'assay:claim:sha256:vendor')).toEqual([hex('d')])
  })

  it('takes neither a Go zip’s digest nor that of an archive at a URL for one of the component', () => {
    expect(rowOf(V16, parts.text)['hashes']).toBeUndefined()
    expect(propertyValues(rowOf(V16, parts.text), 'assay:claim:sha256:cache')).toEqual([hex('4')])
    expect(rowOf(V16, parts.zlib)['hashes']).toBeUndefined()
    const expected = {
      url: 'https://dl.example/zlib-1.3.1.tar.gz',
      hashes: [
        { alg: 'SHA-256', content: hex('5') },
        { alg: 'SHA-512', content: hex('5', 'sha512') },
      ],
    }
    expect(references(rowOf(V16, parts.zlib), 'distribution')).toEqual([{ type: 'distribution', ...expected }])
    expect(references(rowOf(V16, parts.zlib), 'source-distribution')).toEqual([{ type: 'source-distribution', ...expected }])
    for (const old of [V14, V15]) {
      expect(references(rowOf(old, parts.zlib), 'distribution')).toEqual([{ type: 'distribution', ...expected }])
      expect(references(rowOf(old, parts.zlib), 'source-distribution')).toEqual([])
    }
  })

  it.each([
    ['go.sum h1', parts.text, 'assay:go:h1', 'h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ='],
    ['go.sum /go.mod h1', parts.text, 'assay:go:gomod-h1', 'h1:18ZOQIKpY8NJVqYksKHtTdi31H5itFRjB5/qKTNYzSU='],
    ['Zig hash', parts.zlib, 'assay:zig:hash', 'zlib-1.3.1-ZZQ7lbYMAAB1hTSOKSXAKAgHsfDcyWNH_37ojw5WSpgR'],
    ['old Zig hash', parts.legacy, 'assay:zig:hash', `1220${hex('6')}`],
    ['nimble.lock sha1', parts.nimgen, 'assay:nimble:sha1', hex('7', 'sha1')],
  ])('writes a digest of a tree as a property: %s', (_title, component, name, value) => {
    for (const document of documents.values()) expect(propertyValues(rowOf(document, component), name)).toEqual([value])
  })

  it('names git commits in the reference and the pedigree', () => {
    expect(references(rowOf(V16, parts.tokio), 'vcs')).toEqual([
      { type: 'vcs', url: 'https://code.example/fork/tokio.git', comment: `commit ${hex('1', 'sha1')}` },
    ])
    expect(rowOf(V16, parts.tokio)['pedigree']).toMatchObject({ commits: [{ uid: hex('1', 'sha1') }] })
    expect(rowOf(V16, parts.nimgen)['pedigree']).toMatchObject({ commits: [{ uid: hex('7', 'sha256') }] })
  })

  it('writes a replacement as a descendant of what it stands for', () => {
    expect(rowOf(V14, parts.tokio)['pedigree']).toMatchObject({
      ancestors: [
        { type: 'library', name: 'tokio', version: '1.35.0' },
        { type: 'library', name: 'tokio', version: '1.36.0' },
      ],
      notes: 'paths in .cargo/config.toml line 9; patch in Cargo.toml line 30',
    })
    expect(rowOf(V16, parts.local)['pedigree']).toEqual({
      ancestors: [{ type: 'library', name: 'example.org/upstream', version: 'v1.1.0' }],
      notes: 'replace in service/go.mod line 12',
    })
  })

  it('shows no user name, password or query of a URL, and says that it does not', async () => {
    for (const version of CYCLONEDX_VERSIONS) {
      const { text } = await write(`cyclonedx-${version}-json`, RICH_INPUT)
      for (const secret of ['s3cret', 'builder', 'token=', 'git@code']) expect(text).not.toContain(secret)
    }
    expect(propertyValues(rowOf(V16, parts.tokio), 'assay:withheld:url')).toEqual(['user name or password and query'])
    expect(propertyValues(rowOf(V16, parts.legacy), 'assay:withheld:url')).toEqual(['query'])
    expect(references(rowOf(V16, parts.legacy), 'distribution')).toEqual([
      { type: 'distribution', url: 'https://dl.example/get', comment: 'without its query' },
    ])
  })

  it('has repository, home page, description and authors', () => {
    const serde = rowOf(V16, parts.serde)
    expect(references(serde, 'vcs')).toEqual([{ type: 'vcs', url: 'https://code.example/serde-rs/serde' }])
    expect(references(serde, 'website')).toEqual([{ type: 'website', url: 'https://serde.example/' }])
    expect(serde['description']).toBe('A generic serialization framework')
    expect(serde['authors']).toEqual([{ name: 'Erick Tryzelaar', email: 'erick@example.org' }, { name: 'David Tolnay' }])
    expect(serde['author']).toBeUndefined()
    expect(rowOf(V15, parts.serde)['author']).toBe('Erick Tryzelaar <erick@example.org>, David Tolnay')
    expect(rowOf(V15, parts.serde)['authors']).toBeUndefined()
    for (const one of rows(V16['components']))
      expect([one['supplier'], one['manufacturer'], one['publisher']]).toEqual([undefined, undefined, undefined])
  })

  it('says where it is named, in the words of the version, and what the version cannot say', async () => {
    const places = [
      { location: 'Cargo.lock', line: 41 },
      { location: 'Cargo.toml', line: 12 },
      { location: 'crates/core/Cargo.toml', line: 7 },
      { location: 'vendor/serde/Cargo.toml', line: 1 },
    ]
    for (const document of [V16, V17]) expect(object(rowOf(document, parts.serde)['evidence'])['occurrences']).toEqual(places)
    expect(object(rowOf(V15, parts.serde)['evidence'])['occurrences']).toEqual(places.map(({ location }) => ({ location })))
    expect(rowOf(V14, parts.serde)['evidence']).toBeUndefined()
    const lacks = async (version: string): Promise<string[]> =>
      (await write(`cyclonedx-${version}-json`, RICH_INPUT)).leftOut.map((left) => left.what)
    expect(await lacks('1.5')).toContain('the lines where it is named')
    expect(await lacks('1.5')).toContain('all but the first proof of what it is (evidence.identity)')
    expect(await lacks('1.4')).toContain('where it is named (evidence.occurrences)')
    expect(await lacks('1.4')).toContain('how it is known (evidence.identity)')
    expect(await lacks('1.6')).toEqual(['the component', 'the URL'])
  })
})

describe('CycloneDX evidence (spec/sbom.md §1.6)', () => {
  it('has one entry a proved field, with every method, by the tool', () => {
    const identity = rows(object(rowOf(V16, parts.serde)['evidence'])['identity'])
    expect(identity.map((one) => [one['field'], one['confidence'], one['tools']])).toEqual([
      ['hash', 1, ['tool:assay']],
      ['purl', 1, ['tool:assay']],
    ])
    expect(identity[0]).toMatchObject({ concludedValue: hex('a') })
    expect(rows(identity[0]?.['methods']).map((method) => method['technique'])).toEqual(['hash-comparison', 'hash-comparison'])
    expect(rows(identity[1]?.['methods']).map((method) => method['technique'])).toContain('manifest-analysis')
  })

  const proofsOf = (component: Component, field: string): unknown[] => {
    const entry = rows(object(rowOf(V16, component)['evidence'])['identity']).find((one) => one['field'] === field)
    return entry === undefined ? [] : rows(entry['methods']).map((method) => [method['technique'], method['value']])
  }

  it('calls a log an attestation, with the place in the log', () => {
    expect(proofsOf(parts.text, 'purl')).toEqual([
      ['manifest-analysis', 'service/go.mod'],
      ['manifest-analysis', 'service/go.sum'],
      ['attestation', 'go/sumdb agrees with sum.golang.org, record 21'],
      ['hash-comparison', 'go/zip-bytes agrees with https://proxy.example/text.zip'],
    ])
  })

  it('takes a digest of a tree, a commit and a record of its own for no proof of a hash', () => {
    expect(proofsOf(parts.text, 'hash')).toEqual([])
    expect(proofsOf(parts.tokio, 'hash')).toEqual([])
    expect(proofsOf(parts.nimgen, 'hash')).toEqual([])
    expect(proofsOf(parts.nimgen, 'name')).toEqual([
      ['hash-comparison', 'nimble/checksum agrees with https://code.example/nim/nimgen'],
      ['other', 'nimble/files agrees with https://code.example/nim/nimgen'],
    ])
    expect(proofsOf(parts.tokio, 'purl')).toContainEqual(['other', 'cargo/git-commit agrees with https://git.example/tokio'])
    expect(proofsOf(parts.zlib, 'hash')).toEqual([
      ['hash-comparison', 'zig/archive-bytes agrees with https://dl.example/zlib-1.3.1.tar.gz'],
    ])
    expect(proofsOf(parts.zlib, 'purl')).toContainEqual([
      'hash-comparison',
      'zig/package-hash agrees with https://dl.example/zlib-1.3.1.tar.gz',
    ])
  })

  it('concludes nothing but digests that stand in a hash field', () => {
    for (const document of [V16, V17]) {
      const found = rows(document['components']).flatMap((one) => {
        const fields = [one, ...rows(one['externalReferences'])].flatMap((holder) => rows(holder['hashes']))
        const digests = fields.map((hash) => hash['content'])
        const evidence = one['evidence'] === undefined ? {} : object(one['evidence'])
        return rows(evidence['identity'])
          .filter((entry) => entry['field'] === 'hash')
          .map((entry) => digests.includes(entry['concludedValue']))
      })
      expect(found).toEqual([true, true])
    }
  })

  it('takes nothing for proved that another authority contradicts', () => {
    expect(proofsOf(parts.derive, 'hash')).toEqual([])
  })

  it('says of each ecosystem how much is verified, and nothing where nobody was asked', async () => {
    const coverage = (document: Json): Json[] =>
      rows(metadata(document)['properties']).filter((one) => String(one['name']).startsWith('assay:coverage:verified'))
    expect(coverage(V16).map((one) => [one['name'], one['value']])).toEqual([
      ['assay:coverage:verified:cargo', '2 of 9'],
      ['assay:coverage:verified:go', '1 of 2'],
      ['assay:coverage:verified:nimble', '1 of 4'],
      ['assay:coverage:verified:zig', '1 of 2'],
    ])
    expect(coverage(await writeJson('cyclonedx-1.6-json', SMALL_INPUT))).toEqual([])
  })

  it('has one object in 1.5, without the concluded value', () => {
    const identity = object(object(rowOf(V15, parts.serde)['evidence'])['identity'])
    expect(identity['field']).toBe('hash')
    expect(identity['concludedValue']).toBeUndefined()
  })

  it('never takes a failed check for evidence; every check is a property', () => {
    const derive = rowOf(V16, parts.derive)
    expect(rows(object(derive['evidence'])['identity']).map((one) => one['field'])).toEqual(['purl'])
    for (const [component, name, value] of [
      [parts.serde, 'assay:verification:cargo:index-checksum', 'verified'],
      [parts.derive, 'assay:verification:cargo:index-checksum', 'failed'],
      [parts.zstd, 'assay:verification:cargo:index-checksum', 'failed'],
      [parts.lint, 'assay:verification:go:sumdb', 'unverified'],
      [parts.tokio, 'assay:verification:cargo:index-checksum', 'not-covered'],
    ] as const)
      expect(propertyValues(rowOf(V14, component), name)).toEqual([value])
  })
})

describe('CycloneDX edges and completeness (spec/sbom.md §1.3, §1.9)', () => {
  const refOf = (component: Component): string => String(rowOf(V16, component)['bom-ref'])

  it('has a row with an empty list for a leaf, and none where nothing is known', () => {
    expect(row(V16['dependencies'], 'ref', refOf(parts.proptest))['dependsOn']).toEqual([])
    const refs = rows(V16['dependencies']).map((one) => one['ref'])
    for (const component of [parts.zlib, parts.legacy, parts.lint, parts.tokio]) expect(refs).not.toContain(refOf(component))
  })

  it('keeps the kinds of edges, options and targets on the component that depends', () => {
    const app = rowOf(V16, parts.app)
    expect(propertyValues(app, 'assay:edge:dev')).toEqual([refOf(parts.proptest)])
    expect(propertyValues(app, 'assay:edge:test')).toEqual([refOf(parts.proptest)])
    expect(propertyValues(app, 'assay:edge:build')).toEqual([refOf(parts.zstd)])
    // Said only where an edge is not of the running product alone.
    expect(propertyValues(app, 'assay:edge:runtime')).toEqual([refOf(parts.zstd)])
    expect(propertyValues(app, 'assay:edge:optional')).toEqual([refOf(parts.zstd)])
    expect(propertyValues(app, 'assay:edge:target')).toEqual([`${refOf(parts.zstd)} cfg(unix)`])
    expect(propertyValues(rowOf(V16, parts.service), 'assay:edge:tool')).toEqual([refOf(parts.lint)])
    expect(propertyValues(rowOf(V16, parts.core), 'assay:edge:unknown')).toEqual([refOf(parts.tokio)])
  })

  it.each(CYCLONEDX_VERSIONS)('%s: every component is in just one composition', (version) => {
    const document = object(documents.get(version))
    const all = [object(metadata(document)['component']), ...rows(document['components'])].map((one) => one['bom-ref']).sort()
    const compositions = rows(document['compositions'])
    expect(compositions.flatMap((one) => one['dependencies']).sort()).toEqual(all)
    expect(compositions.map((one) => one['aggregate'])).toEqual(['complete', 'incomplete', 'unknown'])
    expect(row(compositions, 'aggregate', 'unknown')['dependencies']).toEqual([refOf(parts.legacy), refOf(parts.zlib)].sort())
    // A file could not be read whole, so the product's own edges are not all known.
    expect(row(compositions, 'aggregate', 'incomplete')['dependencies']).toContain(
      object(metadata(document)['component'])['bom-ref'],
    )
  })

  it('speaks of the whole document only when every edge is known', async () => {
    const small = await writeJson('cyclonedx-1.6-json', SMALL_INPUT)
    expect(rows(small['compositions'])[0]).toEqual({ 'bom-ref': 'composition:bom', aggregate: 'complete' })
    expect(rows(V16['compositions']).every((one) => one['dependencies'] !== undefined)).toBe(true)
  })
})
