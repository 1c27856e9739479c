import { broken, mustBeClean, mustBeDigest, mustBeExpression, mustBePurl, mustResolve, uniqueRefs } from '../invariants.js'
import type { Json, JsonArray } from '../json-element.js'

export interface CheckedSpdx {
  readonly packages: JsonArray
  readonly relationships: JsonArray
  readonly licenses: JsonArray
  readonly documentId: string
}

const SPDX_ID = /^SPDXRef-[A-Za-z0-9.-]+$/
const NOTHING: ReadonlySet<unknown> = new Set(['NONE', 'NOASSERTION'])

/**
 * What the SPDX 2.3 schema does not see (spec/sbom.md §2.6): ids unique and in their grammar, every end of a relationship
 * is there, checksums of their algorithm's length, purls and expressions well-formed, every licence reference listed and
 * every listed one used.
 */
export function checkSpdx({ packages, relationships, licenses, documentId }: CheckedSpdx): void {
  const ids = uniqueRefs([documentId, ...packages.map((row) => row['SPDXID'])])
  const used = new Set<string>()
  for (const row of packages) for (const reference of checkPackage(row)) used.add(reference)
  for (const { spdxElementId, relatedSpdxElement } of relationships) {
    mustResolve(spdxElementId, ids, 'a relationship')
    if (!NOTHING.has(relatedSpdxElement)) mustResolve(relatedSpdxElement, ids, `a relationship of ${String(spdxElementId)}`)
  }
  const listed = uniqueRefs(licenses.map((row) => row['licenseId']))
  for (const reference of used) mustResolve(reference, listed, 'a licence expression')
  for (const reference of listed) mustResolve(reference, used, 'the list of licence texts')
  for (const row of licenses) mustBeClean(row)
}

/** Checks one package and gives back the licence references it uses. */
function checkPackage(row: Json): string[] {
  const id = String(row['SPDXID'])
  if (!SPDX_ID.test(id)) throw broken(`${id} is no SPDXID`)
  mustBeClean(row)
  for (const checksum of listOf(row['checksums'])) mustBeDigest(checksum['algorithm'], checksum['checksumValue'], id)
  for (const reference of listOf(row['externalRefs'])) mustBePurl(reference['referenceLocator'])
  return [row['licenseDeclared'], row['licenseConcluded']].flatMap((expression) => {
    if (NOTHING.has(expression)) return []
    mustBeExpression(expression, id)
    return String(expression).match(/(?<![A-Za-z0-9.:-])LicenseRef-[A-Za-z0-9.-]+/g) ?? []
  })
}

function listOf(value: unknown): JsonArray {
  return Array.isArray(value) ? value : []
}
