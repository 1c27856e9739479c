/** Room that is moved into at once; the more of it, the less often bytes are moved. */
const MIN_ROOM = 1 << 21

/**
 * What was unpacked last, as far back as copies may reach. It grows with what is unpacked, so that a window that is
 * only declared costs nothing.
 */
export class History {
  bytes: Uint8Array
  /** Where the next byte goes. */
  end = 0
  readonly #capacity: number

  constructor(readonly window: number) {
    this.#capacity = window + Math.max(MIN_ROOM, window >>> 2)
    this.bytes = new Uint8Array(Math.min(this.#capacity, MIN_ROOM))
  }

  /** Makes room for `count` bytes (at most two megabytes) behind `end`; positions before may move. */
  reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return
    if (this.bytes.length < this.#capacity) {
      const grown = new Uint8Array(Math.min(this.#capacity, Math.max(this.bytes.length * 2, this.end + count)))
      grown.set(this.bytes.subarray(0, this.end))
      this.bytes = grown
      if (this.end + count <= grown.length) return
    }
    const from = Math.max(0, this.end - this.window)
    this.bytes.copyWithin(0, from, this.end)
    this.end -= from
  }

  append(piece: Uint8Array): void {
    this.bytes.set(piece, this.end)
    this.end += piece.length
  }
}
