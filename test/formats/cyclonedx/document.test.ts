import { describe, expect, it } from 'vitest'
import { documentUuid, uuidV5 } from '../../../src/formats/uuid.js'
import type { DocumentInput } from '../../../src/model/document.js'
import type { Json } from '../support/documents.js'
import { object, propertyValues, row, rows, write, writeJson } from '../support/documents.js'
import { RICH_INPUT, SMALL_INPUT } from '../support/rich.js'
import * as parts from '../support/rich-components.js'
import { hex } from '../support/rich-components.js'
import { documents, metadata, rowOf, V14, V15, V16, V17 } from '../support/rich-cyclonedx.js'
import { CYCLONEDX_VERSIONS, librarySchema } from '../support/schemas.js'

describe('CycloneDX document (spec/sbom.md §1.3)', () => {
  it.each(CYCLONEDX_VERSIONS)(
    '%s names its schema, version and a serial number made from all its other text',
    async (version) => {
      const { text } = await write(`cyclonedx-${version}-json`, RICH_INPUT)
      const document = object(documents.get(version))
      expect(document['$schema']).toBe(`http://cyclonedx.org/schema/bom-${version}.schema.json`)
      expect([document['bomFormat'], document['specVersion'], document['version']]).toEqual(['CycloneDX', version, 1])
      const without = text.replace(/ {2}"serialNumber": .*\n/, '')
      expect(document['serialNumber']).toBe(`urn:uuid:${documentUuid([without])}`)
    },
  )

  it('makes UUIDs as RFC 9562 does', () => {
    expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
  })

  it('gives each version a serial number of its own', () => {
    expect(new Set([...documents.values()].map((document) => document['serialNumber'])).size).toBe(4)
  })

  it('says when in the life of the product it was made', () => {
    for (const document of [V15, V16, V17]) expect(metadata(document)['lifecycles']).toEqual([{ phase: 'pre-build' }])
    expect(metadata(V14)['lifecycles']).toBeUndefined()
    expect(propertyValues(metadata(V14), 'assay:lifecycle')).toEqual(['pre-build'])
  })

  it('names the tool in the shape of the version', () => {
    expect(metadata(V14)['tools']).toEqual([{ vendor: 'assay', name: 'assay', version: '0.1.0' }])
    const tool = { type: 'application', 'bom-ref': 'tool:assay', name: 'assay', version: '0.1.0' }
    expect(metadata(V15)['tools']).toEqual({ components: [{ ...tool, supplier: { name: 'assay' } }] })
    expect(metadata(V16)['tools']).toEqual({ components: [{ ...tool, manufacturer: { name: 'assay' } }] })
  })

  it('has who answers for it: an organisation is an author before 1.6', () => {
    const authors = [{ name: 'SBOM desk', email: 'sbom@example.org' }, { name: 'Jane Doe' }]
    for (const document of [V14, V15])
      expect(metadata(document)['authors']).toEqual([{ name: 'Example GmbH', email: 'office@example.org' }, ...authors])
    for (const document of [V16, V17]) {
      expect(metadata(document)['authors']).toEqual(authors)
      expect(metadata(document)['manufacturer']).toEqual({
        name: 'Example GmbH',
        url: ['https://example.org/'],
        contact: [{ email: 'office@example.org' }],
      })
    }
    // The maker of the described product is another thing (trap 5).
    for (const document of documents.values()) expect(metadata(document)['manufacture']).toBeUndefined()
  })

  it.each(CYCLONEDX_VERSIONS)('%s has supplier, licence of the data, time and subject', (version) => {
    const about = metadata(object(documents.get(version)))
    const supplier = { name: 'Example Sales GmbH', url: ['https://sales.example.org/'] }
    expect(about['supplier']).toEqual(supplier)
    expect(about['licenses']).toEqual([{ license: { id: 'CC0-1.0' } }])
    expect(about['timestamp']).toBe('2026-01-02T03:04:05Z')
    expect(about['component']).toMatchObject({ type: 'application', name: 'demo', version: '1.2.0', supplier })
    // The purl type github folds its case.
    expect(object(about['component'])['purl']).toBe(`pkg:github/example/demo@${hex('f', 'sha1')}`)
  })

  it('says what could not be read, and which replacements no component stands for', () => {
    expect(propertyValues(metadata(V16), 'assay:unreadable')).toEqual(['broken/Cargo.lock'])
    expect(propertyValues(metadata(V16), 'assay:partial')).toEqual(['native/build.zig.zon'])
    const replacements = propertyValues(metadata(V16), 'assay:replacement')
    expect(replacements).toEqual([
      'mirror: everything → registry+https://goproxy.corp.example/ (service/go.env:1:1)',
      'source-replacement: registry+https://github.com/rust-lang/crates.io-index → registry+https://crates.corp.example/index/ (.cargo/config.toml:4:1)',
    ])
  })

  it('has a single root that has the product’s name as its subject, not a second time among the components', async () => {
    const document = await writeJson('cyclonedx-1.6-json', SMALL_INPUT)
    expect(metadata(document)['component']).toMatchObject({ name: 'demo', licenses: [{ license: { id: 'MIT' } }] })
    expect(rows(document['components']).map((one) => one['name'])).toEqual(['leaf'])
  })

  it('has the members of several roots as components that the subject depends on', () => {
    const subject = object(metadata(V16)['component'])
    const targets = row(V16['dependencies'], 'ref', String(subject['bom-ref']))['dependsOn']
    expect(targets).toEqual([parts.app, parts.core, parts.service, parts.native].map((one) => rowOf(V16, one)['bom-ref']).sort())
  })
})

describe('CycloneDX findings (spec/sbom.md §1.7)', () => {
  it('has one annotation a finding from 1.5 on, and never a vulnerability', () => {
    for (const document of [V15, V16, V17]) {
      expect(rows(document['annotations'])).toHaveLength(6)
      expect(document['vulnerabilities']).toBeUndefined()
    }
    expect(rows(V16['annotations'])[0]).toEqual({
      'bom-ref': `finding:${hex('a')}`,
      subjects: [rowOf(V16, parts.tokio)['bom-ref']],
      annotator: { component: { type: 'application', name: 'assay', version: '0.1.0' } },
      timestamp: '2026-01-02T03:04:05Z',
      text: 'source/git-requirement error: source/git-requirement does not hold',
    })
    expect(JSON.stringify(V16['annotations'])).toContain('waived by stale-lock')
  })

  it('has a property a finding in 1.4', () => {
    expect(V14['annotations']).toBeUndefined()
    const names = rows(metadata(V14)['properties']).map((one) => one['name'])
    expect(names.filter((name) => String(name).startsWith('assay:finding:'))).toHaveLength(6)
    expect(propertyValues(metadata(V14), 'assay:finding:1')).toEqual([
      `${String(rowOf(V14, parts.tokio)['bom-ref'])} source/git-requirement error: source/git-requirement does not hold`,
    ])
  })

  it('has none where nothing was judged', async () => {
    const document = await writeJson('cyclonedx-1.6-json', { ...RICH_INPUT, verdict: undefined })
    expect(document['annotations']).toBeUndefined()
  })
})

describe('CycloneDX order of keys and names of properties', () => {
  it.each(CYCLONEDX_VERSIONS)('%s: keys stand in the order of the schema', (version) => {
    const document = object(documents.get(version))
    const schema = librarySchema(`bom-${version}`)
    const definitions = object(schema['definitions'])
    const inOrder = (value: Json, definition: unknown): void => {
      const order = Object.keys(object(object(definition)['properties']))
      const keys = Object.keys(value)
      expect(keys).toEqual([...keys].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
    }
    inOrder(document, schema)
    inOrder(metadata(document), definitions['metadata'])
    for (const one of [object(metadata(document)['component']), ...rows(document['components'])]) {
      inOrder(one, definitions['component'])
      for (const reference of rows(one['externalReferences'])) inOrder(reference, definitions['externalReference'])
      if (one['evidence'] !== undefined) inOrder(object(one['evidence']), definitions['componentEvidence'])
    }
    for (const one of rows(document['compositions'])) inOrder(one, definitions['compositions'])
  })

  it('names properties in the alphabet of the taxonomy', () => {
    for (const document of documents.values())
      for (const holder of [metadata(document), ...rows(document['components'])])
        for (const property of rows(holder['properties'])) expect(property['name']).toMatch(/^assay(?::[A-Za-z0-9_ -]+)+$/)
  })
})

describe('configuration that no document may hold', () => {
  const info = RICH_INPUT.info
  it.each<[string, DocumentInput['info']]>([
    ['a purl that is none', { ...info, subject: { name: 'demo', purl: 'pkg:nothing' } }],
    ['a mail address that is none', { ...info, authors: [{ name: 'Desk', email: 'nobody' }] }],
    ['a URL that is none', { ...info, supplier: { name: 'Sales', url: 'somewhere' } }],
    ['a name of nothing', { ...info, manufacturer: { name: ' ' } }],
    ['a name with a line break', { ...info, manufacturer: { name: 'A\nB' } }],
  ])('is refused as a mistake of configuration: %s', async (_title, wrong) => {
    for (const format of ['cyclonedx-1.6-json', 'spdx-2.3-json'])
      await expect(write(format, { ...RICH_INPUT, info: wrong })).rejects.toMatchObject({ code: 'configuration' })
  })
})
