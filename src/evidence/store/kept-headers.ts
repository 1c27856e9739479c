import { boundedText, type Fields, fieldsOf } from './fields.js'

/** Headers by which an answer says more than its bytes do, as those of container registries do. In the order of a record. */
const KEPT_HEADERS = ['content-type', 'docker-content-digest', 'link', 'oci-filters-applied'] as const

export type KeptHeaders = ReadonlyMap<(typeof KEPT_HEADERS)[number], string>

/**
 * All headers of an answer together are not longer: none is left out because of its length, which would say something else (a
 * list without a next page is whole).
 */
const LONGEST_HEADER = 32 * 1024

/** Those of an answer that are kept. */
export function keptHeaders(value: (name: string) => string | undefined): KeptHeaders {
  const kept = new Map<(typeof KEPT_HEADERS)[number], string>()
  for (const name of KEPT_HEADERS) {
    const text = value(name)
    if (text !== undefined) kept.set(name, text)
  }
  return kept
}

/** The member `headers` of a record; undefined when it has none, `malformed` for what `keptHeaders` does not make. */
export function readKeptHeaders(fields: Fields): KeptHeaders | undefined | 'malformed' {
  if (!fields.has('headers')) return undefined
  const members = fieldsOf(fields.get('headers'))
  if (members === undefined) return 'malformed'
  const headers = keptHeaders((name) => boundedText(members.get(name), LONGEST_HEADER))
  const names = [...members.keys()]
  const isSame = headers.size === names.length && [...headers.keys()].every((name, at) => name === names[at])
  return isSame ? headers : 'malformed'
}
