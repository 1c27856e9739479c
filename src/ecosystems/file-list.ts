import { createHash } from 'node:crypto'
import type { TreeDigest } from '../model/digest.js'

/** One file of a package, content digested. */
export interface ListedFile {
  /** Relative to the package root, `/`-separated. */
  readonly path: string
  readonly kind: 'file' | 'link'
  /** SHA-256 of the bytes of a file, or of the text of a link; lower-case hex. */
  readonly sha256: string
}

/**
 * assay's own digest of a package, recorded where its ecosystem has only SHA-1 or a tree hash of its own: SHA-256 over a
 * line `assay-files 1` and, in byte order of the paths, a line for each file: kind, SHA-256 of the content, length of the
 * path in bytes, colon, path. With the length no name can pass for several lines.
 */
export function fileListDigest(files: readonly ListedFile[]): TreeDigest {
  return { of: 'tree', scheme: 'assay-files', value: createHash('sha256').update(fileList(files)).digest('hex') }
}

/** The listing that the digest is taken of. */
export function fileList(files: readonly ListedFile[]): Uint8Array {
  const rows = files.map((file) => ({ file, key: Buffer.from(file.path) })).sort((a, b) => Buffer.compare(a.key, b.key))
  const lines = rows.flatMap(({ file, key }) => [
    Buffer.from(`${file.kind} ${file.sha256} ${key.length}:`),
    key,
    Buffer.from('\n'),
  ])
  return Buffer.concat([Buffer.from('assay-files 1\n'), ...lines])
}
