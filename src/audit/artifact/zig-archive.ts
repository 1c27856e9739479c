import { readArchive } from '../../evidence/archive/archive.js'
import { formatByName } from '../../evidence/archive/format.js'
import { ArchiveError, DEFAULT_LIMITS } from '../../evidence/archive/limits.js'
import type { KnownArtifact } from './judged-signature.js'

/** Of the key with which the Zig project signs its toolchain archives. */
const TOOLCHAIN_KEY_ID = 'D900E7558DAD3A86'
const LIMITS = { ...DEFAULT_LIMITS, maxTotalBytes: 256 * 1024 * 1024 }

/**
 * Whether it is an archive of Zig's toolchain, by its name or the key that signed it, or a package of Zig, which holds a
 * `build.zig.zon`. Mirrors hand both out: only the signed file name tells an older one from the one asked for
 * (spec/trust.md §7).
 */
export async function isZigArchive({ name, bytes }: KnownArtifact, keyId: string): Promise<boolean> {
  const format = formatByName(name)
  if (keyId === TOOLCHAIN_KEY_ID || (format !== undefined && /^zig-/i.test(name))) return true
  if (format === undefined || bytes === undefined) return false
  try {
    for await (const { path, kind } of readArchive(bytes, format, { limits: LIMITS }))
      if (kind === 'file' && /^(?:[^/]+\/)?build\.zig\.zon$/.test(path)) return true
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
  }
  return false
}
