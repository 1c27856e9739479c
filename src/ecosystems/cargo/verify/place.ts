import { ENDPOINTS } from '../../../model/endpoints.js'
import type { Source } from '../../../model/source.js'
import { isPublicRegistry, normaliseUrl, withoutUserInfo } from '../source-string.js'

/** Where rows and archives of crates can be had. */
export type Place =
  /** Over http(s), or the same files behind a `file:` URL; ends with `/`. */
  | { readonly kind: 'sparse'; readonly url: string }
  /** A repository whose files are the index. */
  | { readonly kind: 'git-index'; readonly url: string }
  /** A folder of the tree: `index/` and archives beside it (spec/cargo.md §3.7). */
  | { readonly kind: 'local'; readonly folder: string }

export const PUBLIC_PLACE: Place = { kind: 'sparse', url: ENDPOINTS.cargo.sparseIndex }

/** A registry by the text that cargo's configuration has for it; both URLs of the public registry mean its sparse index. */
export function registryPlace(text: string): Place {
  const sparse = text.startsWith('sparse+')
  const url = sparse ? text.slice('sparse+'.length) : text
  if (isPublicRegistry(withoutUserInfo(url))) return PUBLIC_PLACE
  return sparse ? sparsePlace(url) : { kind: 'git-index', url }
}

/** A mirror of the configuration: an index over http(s), or one on disk. */
export function mirrorPlace(text: string): Place {
  return text.startsWith('sparse+') ? registryPlace(text) : sparsePlace(text)
}

function sparsePlace(url: string): Place {
  return isPublicRegistry(withoutUserInfo(url)) ? PUBLIC_PLACE : { kind: 'sparse', url: url.endsWith('/') ? url : `${url}/` }
}

/** The registry that a component's source names. */
export function sourcePlace(source: Source & { readonly kind: 'registry' }): Place {
  return source.protocol === 'cargo-sparse' ? sparsePlace(source.url) : registryPlace(source.url)
}

export function isPublicPlace(place: Place): boolean {
  return place.kind === 'sparse' && place.url === ENDPOINTS.cargo.sparseIndex
}

/** Whether cargo takes the two for one (spec/cargo.md §1.5). */
export function isSamePlace(a: Place, b: Place): boolean {
  if (a.kind === 'git-index' && b.kind === 'git-index')
    return normaliseUrl(placeName(a), true) === normaliseUrl(placeName(b), true)
  return a.kind === b.kind && placeName(a) === placeName(b)
}

/** As it stands in evidence; equal texts mean the same place. */
export function placeName(place: Place): string {
  return place.kind === 'local' ? place.folder : withoutUserInfo(place.url)
}
