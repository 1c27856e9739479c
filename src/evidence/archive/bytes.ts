import { ArchiveError } from './limits.js'

/** Bytes that arrive: all at once or piece by piece. */
export type ByteSource = Uint8Array | AsyncIterable<Uint8Array>

/** A source as pieces; a buffer is handed on in parts, so that what is counted per piece is counted while it is read. */
export async function* pieces(source: ByteSource, size = 1 << 18): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += size) yield source.subarray(at, at + size)
  } else yield* source
}

/** Reads amounts of its own choice from pieces of any size, and holds no more than one piece and what was given back. */
export class PieceReader {
  readonly #iterator: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array(0)
  readonly #later: Uint8Array[] = []
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]()
  }

  /** Just `length` bytes, valid until the next call; undefined at the end. Throws `truncated` when it ends in between. */
  async exactly(length: number, what: string): Promise<Uint8Array | undefined> {
    if (this.#piece.length === 0 && !(await this.#more())) return undefined
    if (this.#piece.length >= length) return this.#take(length)
    const whole = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      if (this.#piece.length === 0 && !(await this.#more())) throw new ArchiveError('truncated', `${what} is cut off`)
      const part = this.#take(length - filled)
      whole.set(part, filled)
      filled += part.length
    }
    return whole
  }

  /** Whatever is at hand, at most `length` bytes; undefined at the end. */
  async some(length: number): Promise<Uint8Array | undefined> {
    if (this.#piece.length === 0 && !(await this.#more())) return undefined
    return this.#take(length)
  }

  async skip(length: number, what: string): Promise<void> {
    for (let left = length; left > 0; ) {
      const part = await this.some(left)
      if (part === undefined) throw new ArchiveError('truncated', `${what} is cut off`)
      left -= part.length
    }
  }

  /** Takes back bytes that were read too far. */
  giveBack(bytes: Uint8Array): void {
    if (this.#piece.length > 0) this.#later.push(this.#piece)
    this.#piece = bytes
  }

  /** True when nothing is left to read. */
  async atEnd(): Promise<boolean> {
    return this.#piece.length === 0 && !(await this.#more())
  }

  /** Lets go of the source; what produces it can end. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#iterator.return?.()
  }

  async #more(): Promise<boolean> {
    const later = this.#later.pop()
    if (later !== undefined) {
      this.#piece = later
      return true
    }
    while (!this.#ended) {
      const next = await this.#iterator.next()
      if (next.done === true) this.#ended = true
      else if (next.value.length > 0) {
        this.#piece = next.value
        return true
      }
    }
    return false
  }

  #take(length: number): Uint8Array {
    const part = this.#piece.subarray(0, length)
    this.#piece = this.#piece.subarray(part.length)
    return part
  }
}
