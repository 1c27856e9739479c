import { createHash } from 'node:crypto'

/**
 * Go's `h1` hash of a set of files (spec/go.md §7.1): a SHA-256 over a listing of SHA-256 sums, ordered by the names as
 * UTF-8 bytes. Not the hash of any file.
 */
export function treeHash(files: readonly { readonly name: string; readonly content: Uint8Array }[]): string {
  const named = files.map((file) => ({ ...file, bytes: Buffer.from(file.name, 'utf8') }))
  named.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  const summary = createHash('sha256')
  for (const { name, content } of named) {
    summary.update(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
  }
  return `h1:${summary.digest('base64')}`
}
