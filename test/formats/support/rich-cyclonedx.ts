import type { Component } from '../../../src/model/component.js'
import type { Json } from './documents.js'
import { object, rows, writeJson } from './documents.js'
import { RICH_INPUT } from './rich.js'
import { CYCLONEDX_VERSIONS } from './schemas.js'

/** The rich graph in every version, parsed. */
export const documents = new Map<string, Json>()
for (const version of CYCLONEDX_VERSIONS) documents.set(version, await writeJson(`cyclonedx-${version}-json`, RICH_INPUT))
export const V14 = object(documents.get('1.4'))
export const V15 = object(documents.get('1.5'))
export const V16 = object(documents.get('1.6'))
export const V17 = object(documents.get('1.7'))

/** The row of a component: by purl, or where it has none or shares it by its name, version and the property of its source. */
export function rowOf(document: Json, component: Component): Json {
  const candidates = rows(document['components']).filter(
    (one) => one['name'] === component.name && one['version'] === component.version && one['purl'] === component.purl,
  )
  const [found] = candidates
  if (found === undefined) throw new RangeError(component.name)
  return found
}
/** The part of a document about itself. */
export const metadata = (document: Json): Json => object(document['metadata'])
/** The references of one type. */
export const references = (one: Json, type: string): Json[] => rows(one['externalReferences']).filter((r) => r['type'] === type)
