import { createHash } from 'node:crypto'
import { memberHeader, padding } from './layout.js'
import type { PackBytes } from './pack-bytes.js'
import { PackRefused } from './problem.js'

const WINDOW = 1 << 20

/** Goes through a pack once from beginning to end, a window at a time, and hashes all of it on the way. */
export class PackScanner {
  readonly #digest = createHash('sha256')
  #window: Uint8Array = new Uint8Array(0)
  #windowAt = 0
  at = 0

  constructor(readonly source: PackBytes) {}

  /** The next bytes, valid until the next call. Throws `truncated` where there are fewer. */
  async take(length: number): Promise<Uint8Array> {
    let start = this.at - this.#windowAt
    if (start + length > this.#window.length) {
      // A size is only ever a claim: nothing is made ready for bytes that are not there.
      if (length > this.source.size - this.at) throw new PackRefused('truncated', 'the pack is cut off')
      this.#window = await this.source.read(this.at, Math.max(WINDOW, length))
      this.#windowAt = this.at
      start = 0
      if (this.#window.length < length) throw new PackRefused('truncated', 'the pack is cut off')
    }
    const bytes = this.#window.subarray(start, start + length)
    this.#digest.update(bytes)
    this.at += length
    return bytes
  }

  /** Just these bytes. Throws `layout`. */
  async expect(bytes: Uint8Array, what: string): Promise<void> {
    if (Buffer.compare(await this.take(bytes.length), bytes) !== 0)
      throw new PackRefused('layout', `${what} is not what the format has there`)
  }

  async header(name: string, size: number): Promise<void> {
    await this.expect(memberHeader(name, size), `the header of ${name}`)
  }

  async padding(size: number, name: string): Promise<void> {
    await this.expect(new Uint8Array(padding(size)), `what follows ${name}`)
  }

  /** The SHA-256 of the next bytes. */
  async hashOf(length: number): Promise<string> {
    const digest = createHash('sha256')
    for (let left = length; left > 0; ) {
      const piece = await this.take(Math.min(left, WINDOW))
      digest.update(piece)
      left -= piece.length
    }
    return digest.digest('hex')
  }

  /** The hash of the whole. Throws `layout` when something follows. */
  finish(): string {
    if (this.at < this.source.size) throw new PackRefused('layout', 'something follows after the end of the pack')
    return this.#digest.digest('hex')
  }
}
