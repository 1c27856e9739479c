import {
  broken,
  mustBeClean,
  mustBeCleanRow,
  mustBeDigest,
  mustBeExpression,
  mustBePurl,
  mustBeTime,
  mustResolve,
  uniqueRefs,
} from '../invariants.js'
import type { Json, JsonArray, WrittenRow } from '../json-element.js'

export interface CheckedSpdx {
  readonly creation: Json
  readonly packages: readonly WrittenRow[]
  readonly relationships: readonly WrittenRow[]
  readonly licenses: JsonArray
  readonly annotations: JsonArray
  readonly documentId: string
  readonly namespace: string
}

const SPDX_ID = /^SPDXRef-[A-Za-z0-9.-]+$/
/** SPDX 2.3 §6.8 */
const CREATOR = /^(?:Person|Organization|Tool): \S/
/** SPDX 2.3 §7.7: a URL or a version-control locator, without user info. */
const LOCATION = /^(?:(?:git|hg|svn|bzr)\+)?(?:https?|ssh|git|svn):\/\/[^/@\s]+(?:\/\S*)?$/
const NAMESPACE = /^https?:\/\/[^/@#\s]+\/[^#\s]+$/
const NOTHING: ReadonlySet<unknown> = new Set(['NONE', 'NOASSERTION'])

/**
 * What the SPDX 2.3 schema does not see (spec/sbom.md §2.6): ids unique and in their grammar, every end of a relationship
 * is there, one thing is described, times, creators, namespace and locations in their grammar, checksums of their algorithm's length, purls and expressions well-formed, every licence reference listed and
 * every listed one used.
 */
export function checkSpdx(document: CheckedSpdx): void {
  const { packages, relationships, licenses, documentId } = document
  checkHead(document)
  const ids = uniqueRefs([documentId, ...packages.map(({ row }) => row['SPDXID'])])
  const used = new Set<string>()
  for (const written of packages) for (const reference of checkPackage(written)) used.add(reference)
  if (relationships.filter(({ row }) => row['relationshipType'] === 'DESCRIBES').length !== 1)
    throw broken('the document does not describe one thing')
  for (const { row, json } of relationships) {
    const { spdxElementId, relatedSpdxElement } = row
    mustBeCleanRow(row, json)
    mustResolve(spdxElementId, ids, 'a relationship')
    if (!NOTHING.has(relatedSpdxElement)) mustResolve(relatedSpdxElement, ids, `a relationship of ${String(spdxElementId)}`)
  }
  const listed = uniqueRefs(licenses.map((row) => row['licenseId']))
  for (const reference of used) mustResolve(reference, listed, 'a licence expression')
  for (const reference of listed) mustResolve(reference, used, 'the list of licence texts')
  for (const row of licenses) mustBeClean(row)
}

function checkHead({ creation, annotations, namespace }: CheckedSpdx): void {
  mustBeClean(creation)
  mustBeTime(creation['created'])
  const creators: readonly unknown[] = Array.isArray(creation['creators']) ? creation['creators'] : []
  if (creators.length === 0) throw broken('nobody made the document')
  for (const creator of creators)
    if (typeof creator !== 'string' || !CREATOR.test(creator)) throw broken(`${String(creator)} is no creator`)
  if (!NAMESPACE.test(namespace)) throw broken(`${namespace} is no namespace of a document`)
  for (const annotation of annotations) mustBeClean(annotation)
}

/** Checks one package and gives back the licence references it uses. */
function checkPackage({ row, json }: WrittenRow): string[] {
  const id = String(row['SPDXID'])
  if (!SPDX_ID.test(id)) throw broken(`${id} is no SPDXID`)
  mustBeCleanRow(row, json)
  const { downloadLocation } = row
  if (!NOTHING.has(downloadLocation) && (typeof downloadLocation !== 'string' || !LOCATION.test(downloadLocation)))
    throw broken(`${String(downloadLocation)} of ${id} is no download location`)
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
