import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { cyclonedxLicenses } from '../../../src/formats/cyclonedx/licenses.js'
import { CYCLONEDX_VERSIONS } from '../../../src/formats/cyclonedx/versions.js'
import type { LicenseClaim } from '../../../src/model/component.js'
import { describeShared, readSharedJson } from '../../support/shared.js'
import { writeJson } from '../support/documents.js'
import { SMALL_INPUT } from '../support/rich.js'
import { librarySchema } from '../support/schemas.js'

const require = createRequire(import.meta.url)
const IDS: readonly string[] = [...require('spdx-license-ids'), ...require('spdx-license-ids/deprecated.json')]

const claim = (kind: LicenseClaim['kind'], raw: string, expression: string | undefined = raw): LicenseClaim => ({
  kind,
  raw,
  expression,
})
const text = (kind: LicenseClaim['kind'], raw: string): LicenseClaim => ({ kind, raw })
const id = (name: string, acknowledgement?: string): object => ({
  license: { id: name, ...(acknowledgement === undefined ? {} : { acknowledgement }) },
})

/** Rows of spec/sbom.md §1.4: what is claimed, then `licenses` in each version, then the properties where there are any. */
const TABLE: readonly {
  readonly name: string
  readonly claims: readonly LicenseClaim[]
  readonly written: Readonly<Record<'1.4' | '1.5' | '1.6' | '1.7', readonly object[]>>
  readonly properties?: Readonly<Partial<Record<'1.4' | '1.5' | '1.6' | '1.7', readonly object[]>>>
}[] = [
  {
    name: 'a declared id',
    claims: [claim('declared', 'MIT')],
    written: { '1.4': [id('MIT')], '1.5': [id('MIT')], '1.6': [id('MIT', 'declared')], '1.7': [id('MIT', 'declared')] },
  },
  {
    name: 'a declared expression',
    claims: [claim('declared', 'MIT OR ISC')],
    written: {
      '1.4': [{ expression: 'MIT OR ISC' }],
      '1.5': [{ expression: 'MIT OR ISC' }],
      '1.6': [{ expression: 'MIT OR ISC', acknowledgement: 'declared' }],
      '1.7': [{ expression: 'MIT OR ISC', acknowledgement: 'declared' }],
    },
  },
  {
    name: 'declared and concluded, both ids: before 1.6 indistinguishable',
    claims: [claim('declared', 'MIT'), claim('concluded', 'ISC')],
    written: {
      '1.4': [id('ISC')],
      '1.5': [id('ISC')],
      '1.6': [id('MIT', 'declared'), id('ISC', 'concluded')],
      '1.7': [id('MIT', 'declared'), id('ISC', 'concluded')],
    },
    properties: {
      '1.4': [{ name: 'assay:license:declared', value: 'MIT' }],
      '1.5': [{ name: 'assay:license:declared', value: 'MIT' }],
      '1.6': [],
      '1.7': [],
    },
  },
  {
    name: 'declared and concluded, one an expression: before 1.7 an expression stands alone',
    claims: [claim('declared', 'MIT OR ISC'), claim('concluded', 'ISC')],
    written: {
      '1.4': [id('ISC')],
      '1.5': [id('ISC')],
      '1.6': [id('ISC', 'concluded')],
      '1.7': [{ expression: 'MIT OR ISC', acknowledgement: 'declared' }, id('ISC', 'concluded')],
    },
    properties: {
      '1.5': [{ name: 'assay:license:declared', value: 'MIT OR ISC' }],
      '1.6': [{ name: 'assay:license:declared', value: 'MIT OR ISC' }],
      '1.7': [],
    },
  },
  {
    name: 'an id beside words that are no licence: both are plain entries',
    claims: [claim('declared', 'MIT'), text('declared', 'see the readme')],
    written: {
      '1.4': [id('MIT'), { license: { name: 'see the readme' } }],
      '1.5': [id('MIT'), { license: { name: 'see the readme' } }],
      '1.6': [id('MIT', 'declared'), { license: { name: 'see the readme', acknowledgement: 'declared' } }],
      '1.7': [id('MIT', 'declared'), { license: { name: 'see the readme', acknowledgement: 'declared' } }],
    },
  },
  {
    name: 'an odd spelling keeps its raw form',
    claims: [claim('declared', 'mit/apache-2.0', 'MIT OR Apache-2.0')],
    written: {
      '1.4': [{ expression: 'MIT OR Apache-2.0' }],
      '1.5': [{ expression: 'MIT OR Apache-2.0' }],
      '1.6': [{ expression: 'MIT OR Apache-2.0', acknowledgement: 'declared' }],
      '1.7': [{ expression: 'MIT OR Apache-2.0', acknowledgement: 'declared' }],
    },
    properties: { '1.6': [{ name: 'assay:license:raw', value: 'mit/apache-2.0' }] },
  },
  {
    name: 'NONE and NOASSERTION are no licences',
    claims: [text('declared', 'NOASSERTION'), text('concluded', ' NONE ')],
    written: { '1.4': [], '1.5': [], '1.6': [], '1.7': [] },
  },
]

describe('licences by version (spec/sbom.md §1.4)', () => {
  for (const { name, claims, written, properties } of TABLE)
    for (const version of ['1.4', '1.5', '1.6', '1.7'] as const)
      it(`${version}: ${name}`, () => {
        const fields = cyclonedxLicenses(claims, CYCLONEDX_VERSIONS[version])
        expect(fields.licenses).toEqual(written[version])
        const expected = properties?.[version]
        if (expected !== undefined) expect(fields.properties).toEqual(expected)
        expect(fields.evidence).toEqual([])
      })

  it('has what files say in the evidence, an expression beside others as a name before 1.7', () => {
    const claims = [claim('found', 'MIT'), claim('found', 'MIT OR ISC')]
    expect(cyclonedxLicenses(claims, CYCLONEDX_VERSIONS['1.6']).evidence).toEqual([
      id('MIT'),
      { license: { name: 'MIT OR ISC' } },
    ])
    expect(cyclonedxLicenses(claims, CYCLONEDX_VERSIONS['1.7']).evidence).toEqual([id('MIT'), { expression: 'MIT OR ISC' }])
    expect(cyclonedxLicenses([claim('found', 'MIT OR ISC')], CYCLONEDX_VERSIONS['1.4']).evidence).toEqual([
      { expression: 'MIT OR ISC' },
    ])
  })

  it('keeps a text of several lines as a text', () => {
    const [row] = cyclonedxLicenses([text('declared', '\n A licence\r\n\twith a tab\u0007')], CYCLONEDX_VERSIONS['1.6']).licenses
    expect(row).toEqual({
      license: {
        name: 'A licence',
        acknowledgement: 'declared',
        text: { contentType: 'text/plain', content: 'A licence\n\twith a tab\\u0007' },
      },
    })
  })
})

describe('the list of licences', () => {
  const written = (one: string): unknown => cyclonedxLicenses([claim('declared', one)], CYCLONEDX_VERSIONS['1.4']).licenses[0]

  it('is of the version that the SPDX document names', async () => {
    const list = librarySchema('spdx')
    expect(list['$comment']).toBe('v1.1-3.29.0')
    const names = new Set(Array.isArray(list['enum']) ? list['enum'] : [])
    expect(IDS.filter((one) => !names.has(one))).toEqual([])
    expect(await writeJson('spdx-2.3-json', SMALL_INPUT)).toMatchObject({ creationInfo: { licenseListVersion: '3.29' } })
  })

  describeShared('schemas', 'against the published enumeration', () => {
    it(`writes each of the ${IDS.length} listed ids as an id just where the enumeration has it`, () => {
      const published = new Set(readSharedJson<{ enum: string[] }>('schemas', 'cyclonedx', 'spdx.schema.json').enum)
      const wrong = IDS.filter(
        (one) => JSON.stringify(written(one)) !== JSON.stringify(published.has(one) ? id(one) : { expression: one }),
      )
      expect(wrong).toEqual([])
      expect(IDS.filter((one) => !published.has(one))).toHaveLength(13)
    })
  })
})
