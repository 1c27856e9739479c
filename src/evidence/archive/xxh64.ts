/*
 * XXH64 with seed 0, of which zstd keeps the low half. 64-bit numbers are kept as pairs of 32-bit halves: BigInt
 * would take longer than the unpacking.
 */
const PRIME_1 = [0x85ebca87, 0x9e3779b1] as const
const PRIME_2 = [0x27d4eb4f, 0xc2b2ae3d] as const
const PRIME_3 = [0x9e3779f9, 0x165667b1] as const
const PRIME_4 = [0xc2b2ae63, 0x85ebca77] as const
const PRIME_5 = [0x165667c5, 0x27d4eb2f] as const
type Half = readonly [low: number, high: number]

const STRIPE = 32

/** A running XXH64. */
export class Xxh64 {
  readonly #lanes = [
    new Lane(add(PRIME_1, PRIME_2)),
    new Lane(PRIME_2),
    new Lane([0, 0]),
    new Lane([-PRIME_1[0] | 0, ~PRIME_1[1]]),
  ] as const
  readonly #pending = new Uint8Array(STRIPE)
  #pendingLength = 0
  #length = 0

  update(bytes: Uint8Array): void {
    this.#length += bytes.length
    let at = 0
    if (this.#pendingLength > 0) {
      at = Math.min(bytes.length, STRIPE - this.#pendingLength)
      this.#pending.set(bytes.subarray(0, at), this.#pendingLength)
      this.#pendingLength += at
      if (this.#pendingLength < STRIPE) return
      this.#stripes(this.#pending, 0, STRIPE)
    }
    const end = at + Math.floor((bytes.length - at) / STRIPE) * STRIPE
    this.#stripes(bytes, at, end)
    this.#pending.set(bytes.subarray(end))
    this.#pendingLength = bytes.length - end
  }

  /** The low 32 bits of the digest. */
  low32(): number {
    let hash: Half
    if (this.#length < STRIPE) hash = PRIME_5
    else {
      const [a, b, c, d] = this.#lanes
      hash = add(add(rotate(a.value, 1), rotate(b.value, 7)), add(rotate(c.value, 12), rotate(d.value, 18)))
      for (const lane of this.#lanes) hash = add(multiply(xor(hash, round([0, 0], lane.value)), PRIME_1), PRIME_4)
    }
    hash = add(hash, [this.#length | 0, Math.floor(this.#length / 2 ** 32)])
    const tail = new DataView(this.#pending.buffer, 0, this.#pendingLength)
    let at = 0
    for (; at + 8 <= this.#pendingLength; at += 8) {
      const word = round([0, 0], [tail.getInt32(at, true), tail.getInt32(at + 4, true)])
      hash = add(multiply(rotate(xor(hash, word), 27), PRIME_1), PRIME_4)
    }
    if (at + 4 <= this.#pendingLength) {
      hash = add(multiply(rotate(xor(hash, multiply([tail.getInt32(at, true), 0], PRIME_1)), 23), PRIME_2), PRIME_3)
      at += 4
    }
    for (; at < this.#pendingLength; at++)
      hash = multiply(rotate(xor(hash, multiply([tail.getUint8(at), 0], PRIME_5)), 11), PRIME_1)
    hash = multiply(xor(hash, shift(hash, 33)), PRIME_2)
    hash = multiply(xor(hash, shift(hash, 29)), PRIME_3)
    return xor(hash, shift(hash, 32))[0] >>> 0
  }

  #stripes(bytes: Uint8Array, start: number, end: number): void {
    const [a, b, c, d] = this.#lanes
    for (let at = start; at < end; at += STRIPE) {
      a.eat(bytes, at)
      b.eat(bytes, at + 8)
      c.eat(bytes, at + 16)
      d.eat(bytes, at + 24)
    }
  }
}

/** One of the four accumulators; its arithmetic is written out, for it runs once for every eight bytes. */
class Lane {
  #low: number
  #high: number

  constructor([low, high]: Half) {
    this.#low = low | 0
    this.#high = high | 0
  }

  get value(): Half {
    return [this.#low, this.#high]
  }

  eat(bytes: Uint8Array, at: number): void {
    const inLow = word(bytes, at)
    const inHigh = word(bytes, at + 4)
    // value + input * PRIME_2
    const high1 = (wide(inLow, PRIME_2[0]) + Math.imul(inLow, PRIME_2[1]) + Math.imul(inHigh, PRIME_2[0])) | 0
    const low = (this.#low >>> 0) + (Math.imul(inLow, PRIME_2[0]) >>> 0)
    const high = (this.#high + high1 + (low > 0xffffffff ? 1 : 0)) | 0
    // rotated left by 31, times PRIME_1
    const low31 = (low << 31) | (high >>> 1)
    const high31 = (high << 31) | ((low | 0) >>> 1)
    this.#low = Math.imul(low31, PRIME_1[0])
    this.#high = (wide(low31, PRIME_1[0]) + Math.imul(low31, PRIME_1[1]) + Math.imul(high31, PRIME_1[0])) | 0
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function wide(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = a1 * b0 + ((a0 * b0) >>> 16)
  const other = a0 * b1 + (middle & 0xffff)
  return (a1 * b1 + (middle >>> 16) + (other >>> 16)) | 0
}

function multiply([aLow, aHigh]: Half, [bLow, bHigh]: Half): Half {
  return [Math.imul(aLow, bLow), (wide(aLow, bLow) + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0]
}

function add([aLow, aHigh]: Half, [bLow, bHigh]: Half): Half {
  const low = (aLow >>> 0) + (bLow >>> 0)
  return [low | 0, (aHigh + bHigh + (low > 0xffffffff ? 1 : 0)) | 0]
}

function xor(a: Half, b: Half): Half {
  return [a[0] ^ b[0], a[1] ^ b[1]]
}

/** Rotated left by 1 to 31 bits. */
function rotate([low, high]: Half, bits: number): Half {
  return [(low << bits) | (high >>> (32 - bits)), (high << bits) | (low >>> (32 - bits))]
}

/** Shifted right by 1 to 63 bits. */
function shift([low, high]: Half, bits: number): Half {
  return bits >= 32 ? [high >>> (bits - 32), 0] : [(low >>> bits) | (high << (32 - bits)), high >>> bits]
}

function round(accumulator: Half, input: Half): Half {
  return multiply(rotate(add(accumulator, multiply(input, PRIME_2)), 31), PRIME_1)
}
