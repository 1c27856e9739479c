import type { ByteSource } from './bytes.js'
import { PieceReader, pieces } from './bytes.js'
import { Gauge } from './gauge.js'
import { gunzipMember } from './gzip.js'
import type { ArchiveLimits } from './limits.js'
import { ArchiveError, DEFAULT_LIMITS } from './limits.js'
import { unpackXzStream } from './xz.js'
import { unpackZstdFrame } from './zstd.js'

export type Packing = 'none' | 'gzip' | 'xz' | 'zstd'

/**
 * What to do when a second gzip member, xz stream or zstd frame follows the first. Their specifications say that the
 * contents are joined (`all`); many readers stop after the first, so that one file has two contents (`one` refuses it).
 */
export type Members = 'all' | 'one'

const READ_ONE: Readonly<Record<Exclude<Packing, 'none'>, (reader: PieceReader) => AsyncGenerator<Uint8Array>>> = {
  gzip: gunzipMember,
  xz: unpackXzStream,
  zstd: unpackZstdFrame,
}

/**
 * The unpacked bytes, piece by piece, bounded by the limits while they come. Zeros behind the end are padding; anything
 * else there refuses the file. Throws `ArchiveError`.
 */
export async function* unpack(
  source: ByteSource,
  packing: Packing,
  limits: ArchiveLimits = DEFAULT_LIMITS,
  members: Members = 'all',
): AsyncGenerator<Uint8Array> {
  const gauge = new Gauge(limits)
  const reader = new PieceReader(gauge.packed(pieces(source)))
  try {
    for (let count = 0; !(await reader.atEnd()); count++) {
      if (count > 0 && (await skipPadding(reader))) return
      if (count > 0 && members === 'one')
        throw new ArchiveError('inconsistent', `data follows the end of the ${packing} data; readers differ over it`)
      if (packing === 'none') {
        for (let piece = await reader.some(1 << 20); piece !== undefined; piece = await reader.some(1 << 20))
          yield gauge.unpacked(piece)
        return
      }
      for await (const piece of READ_ONE[packing](reader)) yield gauge.unpacked(piece)
    }
  } finally {
    await reader.close()
  }
}

/** True when nothing but zeros was left. */
async function skipPadding(reader: PieceReader): Promise<boolean> {
  for (let piece = await reader.some(1 << 16); piece !== undefined; piece = await reader.some(1 << 16)) {
    const first = piece.findIndex((byte) => byte !== 0)
    if (first < 0) continue
    reader.giveBack(piece.subarray(first))
    return false
  }
  return true
}
