import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type BoundedFile =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly modified: Date }
  | { readonly ok: false; readonly failure: 'absent' | 'not-a-file' | 'too-large' | 'unreadable'; readonly why: string }

/** Reads a regular file of at most `limit` bytes. Does not wait on a pipe or a device, nor follow one that grows. */
export async function readBoundedFile(path: string, limit: number): Promise<BoundedFile> {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to waits for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return { ok: false, failure: 'not-a-file', why: 'it is not a regular file' }
      if (stats.size > limit) return { ok: false, failure: 'too-large', why: `${stats.size} bytes, at most ${limit}` }
      const bytes = Buffer.allocUnsafeSlow(stats.size)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return { ok: true, bytes: bytes.subarray(0, filled), modified: stats.mtime }
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
    return { ok: false, failure: code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : 'unreadable', why: code }
  }
}
