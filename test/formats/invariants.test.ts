import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.js'
import type { CheckedBom } from '../../src/formats/cyclonedx/check.js'
import { checkBom } from '../../src/formats/cyclonedx/check.js'
import { isExpression, mustBeClean } from '../../src/formats/invariants.js'
import { writtenRow } from '../../src/formats/json-element.js'
import type { CheckedSpdx } from '../../src/formats/spdx/check.js'
import { checkSpdx } from '../../src/formats/spdx/check.js'
import type { Component } from '../../src/model/component.js'
import type { DocumentInput } from '../../src/model/document.js'
import { AssayError } from '../../src/model/error.js'
import { GraphView } from '../../src/model/graph-view.js'
import { component, edge, graphOf } from '../support/graphs.js'
import { PATIENCE } from '../support/patience.js'
import { write } from './support/documents.js'
import { SMALL_INPUT } from './support/rich.js'
import { hex } from './support/rich-components.js'

const BOM = {
  toolRef: 'tool:assay',
  metadata: { timestamp: '2026-01-02T03:04:05Z', component: { 'bom-ref': 'root' } },
  components: [
    {
      'bom-ref': 'a',
      name: 'a',
      purl: 'pkg:cargo/a@1.0.0',
      hashes: [{ alg: 'SHA-256', content: hex('a') }],
      licenses: [{ expression: 'MIT OR (ISC AND Zlib)' }],
      externalReferences: [
        { type: 'distribution', url: 'https://dl.example/a', hashes: [{ alg: 'SHA-512', content: hex('a', 'sha512') }] },
      ],
      evidence: {
        identity: [
          { field: 'hash', concludedValue: hex('a', 'sha512') },
          { field: 'purl', tools: ['tool:assay'] },
        ],
        licenses: [{ license: { id: 'MIT' } }],
      },
    },
  ],
  dependencies: [
    { ref: 'root', dependsOn: ['a'] },
    { ref: 'a', dependsOn: [] },
  ],
  compositions: [
    { 'bom-ref': 'composition:bom', aggregate: 'complete' },
    { 'bom-ref': 'composition:complete', aggregate: 'complete', dependencies: ['root', 'a'] },
  ],
  annotations: [{ 'bom-ref': 'finding:1', subjects: ['a'], text: 'a text' }],
}
const [A] = BOM.components

const BROKEN_BOMS: readonly [string, object][] = [
  ['a reference that is there twice', { components: [A, A] }],
  ['a reference of a component that is the tool’s', { components: [{ ...A, 'bom-ref': 'tool:assay' }] }],
  ['a reference of an annotation that is a component’s', { annotations: [{ 'bom-ref': 'a', subjects: ['a'] }] }],
  ['no reference', { components: [{ ...A, 'bom-ref': undefined }] }],
  ['an empty reference', { components: [{ ...A, 'bom-ref': '' }] }],
  ['a row for nothing', { dependencies: [...BOM.dependencies, { ref: 'b', dependsOn: [] }] }],
  [
    'an edge to nothing',
    {
      dependencies: [
        { ref: 'root', dependsOn: ['b'] },
        { ref: 'a', dependsOn: [] },
      ],
    },
  ],
  ['a composition of nothing', { compositions: [{ aggregate: 'unknown', dependencies: ['b'] }] }],
  [
    'complete without a row',
    { dependencies: [{ ref: 'root', dependsOn: ['a'] }], compositions: [{ aggregate: 'complete', dependencies: ['a'] }] },
  ],
  [
    'all complete without a row',
    { dependencies: [{ ref: 'root', dependsOn: ['a'] }], compositions: [{ aggregate: 'complete' }] },
  ],
  ['an annotation of nothing', { annotations: [{ 'bom-ref': 'finding:1', subjects: ['b'] }] }],
  ['a control character in an annotation', { annotations: [{ 'bom-ref': 'finding:1', subjects: ['a'], text: 'a\u001b[31m' }] }],
  ['evidence by an unknown tool', { components: [{ ...A, evidence: { identity: [{ tools: ['tool:other'] }] } }] }],
  [
    'evidence by an unknown tool, in the form of 1.5',
    { components: [{ ...A, evidence: { identity: { tools: ['tool:other'] } } }] },
  ],
  [
    'a hash that is concluded and is none of the component',
    { components: [{ ...A, evidence: { identity: [{ field: 'hash', concludedValue: hex('b') }] } }] },
  ],
  [
    'a digest of a tree that is concluded as a hash',
    { components: [{ ...A, evidence: { identity: [{ field: 'hash', concludedValue: 'h1:abc=' }] } }] },
  ],
  ['a purl that is none', { components: [{ ...A, purl: 'pkg:cargo' }] }],
  ['a purl that is no text', { components: [{ ...A, purl: 7 }] }],
  ['a purl in another form', { components: [{ ...A, purl: 'pkg:cargo/a@1.0.0+b' }] }],
  ['a digest too short', { components: [{ ...A, hashes: [{ alg: 'SHA-256', content: hex('a').slice(1) }] }] }],
  ['a digest of another algorithm', { components: [{ ...A, hashes: [{ alg: 'SHA-512', content: hex('a') }] }] }],
  ['a digest in upper case', { components: [{ ...A, hashes: [{ alg: 'SHA-256', content: hex('A') }] }] }],
  ['a digest of an unknown algorithm', { components: [{ ...A, hashes: [{ alg: 'MD4', content: hex('a', 'md5') }] }] }],
  [
    'a broken digest of a reference',
    { components: [{ ...A, externalReferences: [{ hashes: [{ alg: 'MD5', content: 'a' }] }] }] },
  ],
  ['an expression that is none', { components: [{ ...A, licenses: [{ expression: 'MIT/Apache-2.0' }] }] }],
  ['an expression in the evidence that is none', { components: [{ ...A, evidence: { licenses: [{ expression: 'MIT OR' }] } }] }],
  ['an id that is an expression', { components: [{ ...A, licenses: [{ license: { id: 'MIT OR ISC' } }] }] }],
  ['an id that says nothing', { components: [{ ...A, licenses: [{ license: { id: 'NOASSERTION' } }] }] }],
  ['an id of nobody’s list', { components: [{ ...A, licenses: [{ license: { id: 'LicenseRef-x' } }] }] }],
  ['a control character in a component', { components: [{ ...A, name: 'a\u0000' }] }],
  ['a C1 control', { components: [{ ...A, version: '\u009b' }] }],
  ['a lone surrogate', { components: [{ ...A, name: '\ud800' }] }],
  ['a control character in the metadata', { metadata: { ...BOM.metadata, properties: [{ name: 'a', value: 'b\n' }] } }],
  ['a control character in a field’s name', { components: [{ ...A, 'x\u0007': 1 }] }],
  ['a time with fractions', { metadata: { ...BOM.metadata, timestamp: '2026-01-02T03:04:05.000Z' } }],
  ['a time of no calendar', { metadata: { ...BOM.metadata, timestamp: '2026-13-02T03:04:05Z' } }],
  ['no time', { metadata: { component: BOM.metadata.component } }],
]

const SPDX = {
  documentId: 'SPDXRef-DOCUMENT',
  namespace: 'https://spdx.org/spdxdocs/a-1',
  creation: { created: '2026-01-02T03:04:05Z', creators: ['Tool: assay-0.1.0'] },
  packages: [
    {
      SPDXID: 'SPDXRef-a',
      name: 'a',
      downloadLocation: 'git+https://code.example/a@main#folder',
      checksums: [{ algorithm: 'SHA256', checksumValue: hex('a') }],
      licenseDeclared: 'LicenseRef-x OR MIT',
      licenseConcluded: 'NOASSERTION',
      externalRefs: [{ referenceLocator: 'pkg:cargo/a@1.0.0' }],
    },
  ],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-a' },
    { spdxElementId: 'SPDXRef-a', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'NONE' },
  ],
  licenses: [{ licenseId: 'LicenseRef-x', extractedText: 'a text\n\tof lines' }],
  annotations: [{ comment: 'a comment' }],
}
const [P] = SPDX.packages
const [DESCRIBES, LEAF] = SPDX.relationships

const BROKEN_SPDX: readonly [string, object][] = [
  ['an id that is there twice', { packages: [P, P] }],
  ['an id that is the document’s', { packages: [{ ...P, SPDXID: 'SPDXRef-DOCUMENT' }] }],
  [
    'an id of other letters',
    { packages: [{ ...P, SPDXID: 'SPDXRef-a_b' }], relationships: [{ ...DESCRIBES, relatedSpdxElement: 'SPDXRef-a_b' }] },
  ],
  ['a relationship from nothing', { relationships: [DESCRIBES, { ...LEAF, spdxElementId: 'SPDXRef-b' }] }],
  ['a relationship to nothing', { relationships: [DESCRIBES, { ...LEAF, relatedSpdxElement: 'SPDXRef-b' }] }],
  ['a control character in a relationship', { relationships: [DESCRIBES, { ...LEAF, comment: 'a\nb' }] }],
  ['nothing described', { relationships: [LEAF] }],
  ['two things described', { relationships: [DESCRIBES, DESCRIBES] }],
  ['a licence reference that is not listed', { licenses: [] }],
  ['a listed licence that nobody uses', { licenses: [...SPDX.licenses, { licenseId: 'LicenseRef-y', extractedText: 'b' }] }],
  ['a licence that is listed twice', { licenses: [...SPDX.licenses, ...SPDX.licenses] }],
  ['a control character in a licence text', { licenses: [{ licenseId: 'LicenseRef-x', extractedText: 'a\u0007' }] }],
  ['a licence that is no expression', { packages: [{ ...P, licenseConcluded: 'see the readme' }] }],
  ['no licence field', { packages: [{ ...P, licenseConcluded: undefined }] }],
  ['a checksum too short', { packages: [{ ...P, checksums: [{ algorithm: 'SHA1', checksumValue: hex('a') }] }] }],
  ['a purl that is none', { packages: [{ ...P, externalRefs: [{ referenceLocator: 'cargo/a' }] }] }],
  ['a location with a user name', { packages: [{ ...P, downloadLocation: 'https://user@code.example/a' }] }],
  ['a location that is a path', { packages: [{ ...P, downloadLocation: '/home/somebody/a' }] }],
  ['a location of an unknown kind', { packages: [{ ...P, downloadLocation: 'fossil+https://code.example/a' }] }],
  ['no location', { packages: [{ ...P, downloadLocation: undefined }] }],
  ['a control character in a package', { packages: [{ ...P, name: 'a\u007f' }] }],
  ['a control character in an annotation', { annotations: [{ comment: 'a\rb' }] }],
  ['a time of another form', { creation: { ...SPDX.creation, created: '2026-01-02' } }],
  ['nobody who made it', { creation: { ...SPDX.creation, creators: [] } }],
  ['a creator of no kind', { creation: { ...SPDX.creation, creators: ['assay'] } }],
  ['a control character in a creator', { creation: { ...SPDX.creation, creators: ['Person: A\u0000'] } }],
  ['a namespace with a fragment', { namespace: 'https://spdx.org/spdxdocs/a#b' }],
  ['a namespace that is no URL', { namespace: 'a' }],
]

const INTERNAL = expect.objectContaining({ code: 'internal' })
function thrown(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

function bomOf(change: object): CheckedBom {
  const bom = { ...BOM, ...change }
  return { ...bom, components: bom.components.map(writtenRow) }
}

function spdxOf(change: object): CheckedSpdx {
  const document = { ...SPDX, ...change }
  return { ...document, packages: document.packages.map(writtenRow), relationships: document.relationships.map(writtenRow) }
}

describe('invariants of CycloneDX (spec/sbom.md §1.9)', () => {
  it('takes a document that keeps them', () => {
    expect(thrown(() => checkBom(bomOf({})))).toBeUndefined()
  })

  it.each(BROKEN_BOMS)('refuses %s', (_title, change) => {
    expect(thrown(() => checkBom(bomOf(change)))).toEqual(INTERNAL)
  })
})

describe('invariants of SPDX (spec/sbom.md §2.6)', () => {
  it('takes a document that keeps them', () => {
    expect(thrown(() => checkSpdx(spdxOf({})))).toBeUndefined()
  })

  it.each(BROKEN_SPDX)('refuses %s', (_title, change) => {
    expect(thrown(() => checkSpdx(spdxOf(change)))).toEqual(INTERNAL)
  })
})

/** Graphs that no reader makes; each would make a document that is wrong. */
const root = component('demo', '1.0.0', {
  firstParty: true,
  source: { kind: 'path', path: '.', outside: false },
  purl: undefined,
})
const at = { file: 'Cargo.lock', line: 1, column: 1 }
const BAD_COMPONENTS: readonly [string, Partial<Component>][] = [
  [
    'a digest of the wrong length',
    { claims: [{ digest: { of: 'artifact', algorithm: 'sha256', value: 'abc' }, statedBy: 'lock', location: at }] },
  ],
  ['an expression that is none', { licenses: [{ raw: 'x', kind: 'declared', expression: 'MIT OR OR ISC' }] }],
  ['a purl that is none', { purl: 'pkg:cargo/' }],
  ['a purl with a control character', { purl: 'pkg:cargo/a\u0000' }],
]

describe('a broken invariant', () => {
  const input = (leaf: Component): DocumentInput => ({
    ...SMALL_INPUT,
    graph: new GraphView(graphOf([root, leaf], [edge(root, leaf)])),
  })

  for (const format of [
    'cyclonedx-1.4-json',
    'cyclonedx-1.5-json',
    'cyclonedx-1.6-json',
    'cyclonedx-1.7-json',
    'spdx-2.3-json',
  ]) {
    it.each(BAD_COMPONENTS)(`${format}: %s ends in an error and no document`, async (_title, bad) => {
      await expect(write(format, input(component('leaf', '1.0.0', bad)))).rejects.toEqual(INTERNAL)
    })

    it(`${format}: a time of another form ends in an error and no document`, async () => {
      await expect(write(format, { ...input(component('leaf')), timestamp: '2026-01-02' })).rejects.toEqual(INTERNAL)
    })

    it(`${format}: the same graph without the mistake is written`, async () => {
      expect((await write(format, input(component('leaf')))).text).toContain('"leaf"')
    })
  }

  it('ends the program with 70', () => {
    expect(exitCodeOf(new AssayError('internal', 'x', 'y'))).toBe(70)
  })
})

describe('the outer form of a licence expression', () => {
  it.each([
    'MIT',
    'GPL-2.0+',
    'MIT OR ISC',
    '(MIT)',
    '(MIT OR ISC) AND (Zlib)',
    'A WITH B',
    'LicenseRef-x',
    'DocumentRef-a:LicenseRef-b',
    'a\tOR b',
  ])('takes %j', (text) => {
    expect(isExpression(text)).toBe(true)
  })
  it.each([
    '',
    ' ',
    'MIT ISC',
    'MIT OR',
    'OR MIT',
    '()',
    '(MIT',
    'MIT)',
    'MIT/ISC',
    'MIT (ISC)',
    '(MIT) ISC',
    'a,b',
    '-a',
    'MIT OR AND ISC',
  ])('refuses %j', (text) => {
    expect(isExpression(text)).toBe(false)
  })
  it('takes linear time', () => {
    const started = performance.now()
    expect(isExpression(`${'('.repeat(200_000)}MIT${')'.repeat(200_000)}`)).toBe(true)
    expect(isExpression(`${'MIT OR '.repeat(100_000)}ISC`)).toBe(true)
    expect(performance.now() - started).toBeLessThan(2000 * PATIENCE)
  })
})

describe('texts of lines', () => {
  it('may hold line feeds and tabs, nothing else, and no other field may', () => {
    expect(thrown(() => mustBeClean({ text: { content: 'a\n\tb' } }))).toBeUndefined()
    expect(thrown(() => mustBeClean({ text: { content: 'a\rb' } }))).toEqual(INTERNAL)
    expect(thrown(() => mustBeClean({ text: { name: 'a\nb' } }))).toEqual(INTERNAL)
    expect(thrown(() => mustBeClean({ list: [{ deep: ['a\u0085'] }] }))).toEqual(INTERNAL)
  })
})
