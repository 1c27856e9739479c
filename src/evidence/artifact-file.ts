import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** One file as it was read: once, so that whatever is said about it is said about the same bytes. */
export interface ReadArtifact {
  readonly size: number
  readonly sha256: string
  readonly sha384: string
  readonly sha512: string
  /** minisign signs this one. */
  readonly blake2b512: Uint8Array
  /** The bytes, of a file that is not larger than the caller wanted to hold. */
  readonly bytes?: Uint8Array | undefined
}

export type ArtifactReading =
  | { readonly ok: true; readonly artifact: ReadArtifact }
  | { readonly ok: false; readonly failure: 'absent' | 'not-a-file' | 'unreadable'; readonly why: string }

const BLOCK_BYTES = 1 << 20

/**
 * Hashes a regular file of any size in one pass, and keeps its bytes where there are at most `holdBytes`. Does not wait on a
 * pipe or a device; of a file that grows, it reads what it held when it was opened.
 */
export async function readArtifact(path: string, holdBytes: number): Promise<ArtifactReading> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return { ok: false, failure: 'not-a-file', why: 'it is not a regular file' }
      const held = stats.size <= holdBytes ? Buffer.allocUnsafeSlow(stats.size) : undefined
      const block = held ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
      const hashes = ['sha256', 'sha384', 'sha512', 'blake2b512'].map((name) => createHash(name))
      let size = 0
      while (size < stats.size) {
        const start = held === undefined ? 0 : size
        const { bytesRead } = await file.read(block, start, Math.min(BLOCK_BYTES, stats.size - size), size)
        if (bytesRead === 0) break
        const part = block.subarray(start, start + bytesRead)
        for (const hash of hashes) hash.update(part)
        size += bytesRead
      }
      const [sha256 = '', sha384 = '', sha512 = '', blake = ''] = hashes.map((hash) => hash.digest('hex'))
      const bytes = held?.subarray(0, size)
      return { ok: true, artifact: { size, sha256, sha384, sha512, blake2b512: Buffer.from(blake, 'hex'), bytes } }
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
    return { ok: false, failure: code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : 'unreadable', why: code }
  }
}
