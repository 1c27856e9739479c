/** Reads the parts of an SSH message in turn (RFC 4251 §5); `undefined` from the first that is not there on. */
export class SshReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  uint32(): number | undefined {
    const part = this.take(4)
    return part === undefined ? undefined : Buffer.from(part).readUInt32BE(0)
  }

  string(): Uint8Array | undefined {
    const length = this.uint32()
    return length === undefined ? undefined : this.take(length)
  }

  text(): string | undefined {
    const part = this.string()
    return part === undefined ? undefined : Buffer.from(part).toString('latin1')
  }

  /** A number that is not negative, without leading zeros. */
  mpint(): Uint8Array | undefined {
    const part = this.string()
    if (part === undefined || ((part[0] ?? 0) & 0x80) !== 0) return undefined
    return part[0] === 0 ? part.subarray(1) : part
  }

  take(length: number): Uint8Array | undefined {
    if (this.#at + length > this.#bytes.length) {
      this.#at = this.#bytes.length + 1
      return undefined
    }
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return part
  }

  /** Whether all was read, and nothing was missing. */
  get ended(): boolean {
    return this.#at === this.#bytes.length
  }
}

/** A string with its length before it. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
