import { expect, it } from 'vitest'
import { validateDocument } from '../../../src/formats/validate.js'
import { describeShared, listShared, readSharedBytes } from '../../support/shared.js'
import { CYCLONEDX_VERSIONS, librarySchema } from '../support/schemas.js'

/** Two equal components: only `uniqueItems` on the whole list sees it, which costs quadratic time (spec/sbom.md §7.3). */
const ONLY_UNIQUE_ITEMS = new Set(['invalid-component-ref-1.4.json'])

describeShared('vectors', 'official CycloneDX documents through the generated validators', () => {
  for (const version of CYCLONEDX_VERSIONS) {
    const names = listShared('vectors', 'cyclonedx', version).filter((name) => name.endsWith('.json'))

    it(`${version}: ${names.length} documents, valid ones accepted and invalid ones refused`, async () => {
      const wrong: string[] = []
      let [valid, invalid] = [0, 0]
      for (const name of names) {
        const problems = await validateDocument(
          new TextDecoder().decode(readSharedBytes('vectors', 'cyclonedx', version, name)),
          `cyclonedx-${version}-json`,
        )
        const expected = name.startsWith('valid-')
        expected ? valid++ : invalid++
        if ((problems.length === 0) !== expected) wrong.push(name)
      }
      expect(wrong).toEqual(names.filter((name) => ONLY_UNIQUE_ITEMS.has(name)))
      expect([valid, invalid]).toEqual(COUNTS[version])
    })
  }
})

/** Valid and invalid documents of each version (spec/sbom.md §9). */
const COUNTS = { '1.4': [29, 22], '1.5': [36, 22], '1.6': [45, 25], '1.7': [61, 29] }

it('has uniqueItems on the big lists of the schemas it is made from, so that taking it off is no idle step', () => {
  const { properties } = librarySchema('bom-1.6')
  expect(properties).toMatchObject({ components: { uniqueItems: true }, dependencies: { uniqueItems: true } })
})
