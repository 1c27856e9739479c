import { createHash, hash } from 'node:crypto'
import { memberHeader, padding } from './layout.js'
import type { PackBytes } from './pack-bytes.js'
import { PackRefused } from './problem.js'

const WINDOW = 1 << 20

/** Goes through a pack once from beginning to end, a window at a time, and hashes all of it on the way. */
export class PackScanner {
  readonly #digest = createHash('sha256')
  readonly #room: Uint8Array
  #window: Uint8Array = new Uint8Array(0)
  #windowAt = 0
  at = 0

  constructor(readonly source: PackBytes) {
    this.#room = new Uint8Array(Math.min(WINDOW, source.size))
  }

  /** The next bytes, valid until the next call. Throws `truncated` where there are fewer. */
  take(length: number): Uint8Array {
    let start = this.at - this.#windowAt
    if (start + length > this.#window.length) {
      // A size is only ever a claim: nothing is made ready for bytes that are not there.
      if (length > this.source.size - this.at) throw new PackRefused('truncated', 'the pack is cut off')
      this.#window = this.source.read(
        this.at,
        Math.max(this.#room.length, length),
        length > this.#room.length ? undefined : this.#room,
      )
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
  expect(bytes: Uint8Array, what: string): void {
    if (Buffer.compare(this.take(bytes.length), bytes) !== 0)
      throw new PackRefused('layout', `${what} is not what the format has there`)
  }

  header(name: string, size: number): void {
    this.expect(memberHeader(name, size), `the header of ${name}`)
  }

  padding(size: number, name: string): void {
    this.expect(new Uint8Array(padding(size)), `what follows ${name}`)
  }

  /** The SHA-256 of the next bytes. */
  hashOf(length: number): string {
    if (length <= WINDOW) return hash('sha256', this.take(length))
    const digest = createHash('sha256')
    for (let left = length; left > 0; ) {
      const piece = this.take(Math.min(left, WINDOW))
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
