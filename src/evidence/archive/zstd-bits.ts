import { ArchiveError } from './limits.js'

/** Bits from the front, lowest first, as table descriptions are written (RFC 8878 §4.1.1). */
export class ForwardBits {
  #position = 0

  constructor(
    readonly bytes: Uint8Array,
    readonly start: number,
  ) {}

  read(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#position++) {
      const byte = this.bytes[this.start + (this.#position >> 3)]
      if (byte === undefined) throw damaged()
      value |= ((byte >> (this.#position & 7)) & 1) << i
    }
    return value
  }

  back(count: number): void {
    this.#position -= count
  }

  /** The offset behind the last byte that was begun. */
  get end(): number {
    return this.start + ((this.#position + 7) >> 3)
  }
}

/** Bits from the back: the last byte's highest set bit marks the end (RFC 8878 §4.1). */
export class BackwardBits {
  /** Bits left; negative once more were read than there are, the missing ones as zeros. */
  left: number
  readonly #bytes: Uint8Array
  readonly #start: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? (bytes[end - 1] ?? 0) : 0
    if (last === 0) throw damaged()
    this.#bytes = bytes
    this.#start = start
    this.left = (end - start) * 8 - Math.clz32(last) + 23
  }

  /** The next `count` (at most 24) bits, not taken. */
  peek(count: number): number {
    const low = this.left - count
    if (low < 0) return this.left <= 0 ? 0 : this.#at(0, this.left) << -low
    return this.#at(low, count)
  }

  read(count: number): number {
    const value = this.peek(count)
    this.left -= count
    return value
  }

  #at(position: number, count: number): number {
    const at = this.#start + (position >> 3)
    const bytes = this.#bytes
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
    return (word >>> (position & 7)) & ((1 << count) - 1)
  }
}

export function damaged(): ArchiveError {
  return new ArchiveError('corrupt', 'the zstd data is damaged')
}
