import { join } from 'node:path'
import { isHexDigest } from '../../model/digest.js'

/**
 * A store on disk:
 *
 *     CACHEDIR.TAG           tells backup programs to pass by
 *     blobs/ab/abcd…         bytes under their SHA-256
 *     answers/cd/cdef….json  what a source said, under the SHA-256 of the key's text; sealed JSON
 *     facts/ef/ef01….json    bytes under a name of the caller's, likewise
 *     damaged/…              what did not hash to its name, moved aside
 *     …/.tmp-…               half-written
 *
 * Files only ever appear whole, by renaming, and whoever comes last wins; only a fact that is to replace a certain other one
 * is put under a lock. A record whose `format` is another
 * than `STORE_FORMAT` belongs to another version of the program: it is not read, not replaced and not removed.
 */
export const STORE_FORMAT = 1

export const MAX_RECORD_BYTES = 1 << 16

export const RECORD_FOLDERS = ['answers', 'facts'] as const

export type RecordFolder = (typeof RECORD_FOLDERS)[number]

export const DAMAGED = 'damaged'

/** See bford.info/cachedir: the first line is fixed. */
export const CACHEDIR_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of assay and can be deleted.\n'

export function blobPath(folder: string, sha256: string): string {
  return join(folder, 'blobs', sha256.slice(0, 2), sha256)
}

export function recordPath(folder: string, kind: RecordFolder, name: string): string {
  return join(folder, kind, name.slice(0, 2), `${name}.json`)
}

/** The name a record's file carries; undefined for files that are none. */
export function recordName(file: string): string | undefined {
  const name = file.endsWith('.json') ? file.slice(0, -'.json'.length) : ''
  return isHexDigest('sha256', name) ? name : undefined
}
