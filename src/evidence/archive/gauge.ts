import type { ArchiveLimits } from './limits.js'
import { ArchiveError } from './limits.js'

/** Below this, any ratio is let pass: a small file of zeros is no bomb. */
const RATIO_FREE_BYTES = 1 << 20

/** Counts what goes into an unpacker and what comes out, and stops it at the limits. */
export class Gauge {
  #packed = 0
  #unpacked = 0

  constructor(readonly limits: Pick<ArchiveLimits, 'maxPackedBytes' | 'maxTotalBytes' | 'maxRatio'>) {}

  async *packed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      this.#packed += piece.length
      if (this.#packed > this.limits.maxPackedBytes)
        throw new ArchiveError('too-large', `the archive has more than ${this.limits.maxPackedBytes} bytes`)
      yield piece
    }
  }

  /** Call it for every piece before it is handed on. */
  unpacked(piece: Uint8Array): Uint8Array {
    this.#unpacked += piece.length
    const { maxTotalBytes, maxRatio } = this.limits
    if (this.#unpacked > maxTotalBytes) throw new ArchiveError('too-large', `it unpacks to more than ${maxTotalBytes} bytes`)
    if (this.#unpacked > RATIO_FREE_BYTES && this.#unpacked > this.#packed * maxRatio)
      throw new ArchiveError('ratio', `it unpacks to more than ${maxRatio} times its size`)
    return piece
  }
}
