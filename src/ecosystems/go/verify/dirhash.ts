import { createHash } from 'node:crypto'
import type { TreeDigest } from '../../../model/digest.js'

/** A file as the hash sees it. */
export interface HashedFile {
  /** With the `path@version/` prefix in a module; `go.mod` alone for a go.mod hash. */
  readonly name: string
  /** Lower-case hexadecimal SHA-256 of the content. */
  readonly sha256: string
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The lines the hash is made of, ordered by name as bytes; undefined when a name holds a line feed. */
export function hashSummary(files: Iterable<HashedFile>): string | undefined {
  const rows = [...files].map(({ name, sha256: digest }) => ({ order: Buffer.from(name), line: `${digest}  ${name}\n` }))
  if (rows.some(({ order }) => order.includes(0x0a))) return undefined
  // UTF-16 order, as strings sort by, is another one beyond U+FFFF.
  rows.sort((a, b) => Buffer.compare(a.order, b.order))
  return rows.map(({ line }) => line).join('')
}

/**
 * `h1:` over a set of files (spec/go.md §7.1). Undefined when a name holds a line feed: two sets could then have one
 * summary.
 */
export function hash1(files: Iterable<HashedFile>): string | undefined {
  const summary = hashSummary(files)
  return summary === undefined ? undefined : `h1:${createHash('sha256').update(summary).digest('base64')}`
}

/** The hash on the `/go.mod` line of go.sum: over the document byte for byte. */
export function goModHash(document: Uint8Array): TreeDigest {
  return { of: 'tree', scheme: 'go-mod-h1', value: hash1([{ name: 'go.mod', sha256: sha256(document) }]) ?? '' }
}
