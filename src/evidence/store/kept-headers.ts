import { boundedText, type Fields, fieldsOf } from './fields.js'

/** Headers by which an answer says more than its bytes do, as those of container registries do. In the order of a record. */
const KEPT_HEADERS = ['content-type', 'docker-content-digest', 'link', 'oci-filters-applied'] as const

export type KeptHeaders = ReadonlyMap<(typeof KEPT_HEADERS)[number], string>

const LONGEST_HEADER = 2000

/** Those of an answer that are kept. One that is too long is none: half of it would say something else. */
export function keptHeaders(value: (name: string) => string | undefined): KeptHeaders {
  const kept = new Map<(typeof KEPT_HEADERS)[number], string>()
  for (const name of KEPT_HEADERS) {
    const text = value(name)
    if (text !== undefined && text.length <= LONGEST_HEADER) kept.set(name, text)
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
