import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type SecretFile =
  /** `exposed`: others on this machine may read it (POSIX). */
  { readonly ok: true; readonly text: string; readonly exposed: boolean } | { readonly ok: false; readonly why: string }

const OTHERS_MAY_READ = 0o044

/** Reads a small file that holds a secret, and looks at who may read it. Nothing of its content is in a message. */
export async function readSecretFile(path: string, limit: number): Promise<SecretFile> {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to waits for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return { ok: false, why: 'is no regular file' }
      if (stats.size > limit) return { ok: false, why: `is longer than ${limit} bytes` }
      const bytes = Buffer.alloc(limit)
      const { bytesRead } = await file.read(bytes, 0, limit, 0)
      const exposed = process.platform !== 'win32' && (stats.mode & OTHERS_MAY_READ) !== 0
      return { ok: true, text: bytes.subarray(0, bytesRead).toString('utf8'), exposed }
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
    return { ok: false, why: code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${code})` }
  }
}
