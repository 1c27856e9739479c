import type { History } from './history.js'
import { ArchiveError } from './limits.js'

/*
 * Places of the probabilities in one table; the model is that of the LZMA specification (LZMA SDK, lzma-specification.txt).
 * A length coder is: choice, choice2, low[16][8], mid[16][8], high[256].
 */
const STATES = 12
const POSITION_STATES = 16
const LENGTH_CODER = 2 + POSITION_STATES * 8 * 2 + 256
const IS_MATCH = 0
const IS_REP = IS_MATCH + STATES * POSITION_STATES
const IS_REP_0 = IS_REP + STATES
const IS_REP_1 = IS_REP_0 + STATES
const IS_REP_2 = IS_REP_1 + STATES
const IS_REP_0_LONG = IS_REP_2 + STATES
const DISTANCE_SLOT = IS_REP_0_LONG + STATES * POSITION_STATES
const DISTANCE_SPECIAL = DISTANCE_SLOT + 4 * 64
const DISTANCE_ALIGN = DISTANCE_SPECIAL + 128
const MATCH_LENGTH = DISTANCE_ALIGN + 16
const REP_LENGTH = MATCH_LENGTH + LENGTH_CODER
const LITERAL = REP_LENGTH + LENGTH_CODER
const LITERAL_CODER = 0x300
/** xz allows lc + lp of at most 4. */
const MAX_LITERAL_BITS = 4

/** Decodes LZMA chunks into a history; keeps its model between chunks. */
export class LzmaDecoder {
  readonly #model = new Uint16Array(LITERAL + (LITERAL_CODER << MAX_LITERAL_BITS))
  #literalContextBits = 0
  #literalPositionMask = 0
  #positionMask = 0
  #state = 0
  /** The last four distances less one, newest first. */
  #distance0 = 0
  #distance1 = 0
  #distance2 = 0
  #distance3 = 0
  #input: Uint8Array = new Uint8Array(0)
  #at = 0
  #range = 0
  #code = 0
  /** Bytes since the dictionary was reset: positions count from there, and no copy reaches further. */
  #position = 0

  constructor(readonly history: History) {}

  /** Sets the properties byte (lc, lp, pb) and resets the model. */
  setProperties(properties: number): void {
    const literalContextBits = properties % 9
    const rest = Math.floor(properties / 9)
    const literalPositionBits = rest % 5
    const positionBits = Math.floor(rest / 5)
    if (positionBits > 4 || literalContextBits + literalPositionBits > MAX_LITERAL_BITS) throw damaged()
    this.#literalContextBits = literalContextBits
    this.#literalPositionMask = (1 << literalPositionBits) - 1
    this.#positionMask = (1 << positionBits) - 1
    this.reset()
  }

  reset(): void {
    this.#model.fill(1024)
    this.#state = 0
    this.#distance0 = this.#distance1 = this.#distance2 = this.#distance3 = 0
  }

  resetDictionary(): void {
    this.#position = 0
  }

  /** Content that is stored as it is. The caller reserved the room. */
  store(content: Uint8Array): void {
    this.history.append(content)
    this.#position += content.length
  }

  /** Decodes one chunk to just `size` bytes, using up all of `packed`. The caller reserved the room. */
  decode(packed: Uint8Array, size: number): void {
    this.#input = packed
    this.#range = 0xffffffff
    this.#code = 0
    // The coder begins with a byte that is always zero and four of code.
    if (packed.length < 5 || packed[0] !== 0) throw damaged()
    for (let i = 1; i < 5; i++) this.#code = ((this.#code << 8) | (packed[i] ?? 0)) >>> 0
    this.#at = 5
    const end = this.history.end + size
    while (this.history.end < end) this.#symbol(end)
    this.#normalize()
    if (this.#at !== packed.length || this.#code !== 0) throw damaged()
  }

  #symbol(end: number): void {
    const { history } = this
    const positionState = this.#position & this.#positionMask
    const state = this.#state
    if (this.#bit(IS_MATCH + state * POSITION_STATES + positionState) === 0) {
      this.#literal()
      return
    }
    let length: number
    if (this.#bit(IS_REP + state) === 0) {
      length = this.#length(MATCH_LENGTH, positionState)
      this.#distance3 = this.#distance2
      this.#distance2 = this.#distance1
      this.#distance1 = this.#distance0
      this.#distance0 = this.#distance(length)
      this.#state = state < 7 ? 7 : 10
    } else {
      if (this.#position === 0) throw damaged()
      if (this.#repeated(state, positionState)) {
        this.#state = state < 7 ? 9 : 11
        length = 1
      } else {
        length = this.#length(REP_LENGTH, positionState)
        this.#state = state < 7 ? 8 : 11
      }
    }
    const back = this.#distance0 + 1
    if (back > this.#position || back > history.window || length > end - history.end) throw damaged()
    const { bytes } = history
    let to = history.end
    for (let left = length; left > 0; left--, to++) bytes[to] = bytes[to - back] ?? 0
    history.end = to
    this.#position += length
  }

  /** Brings the repeated distance to the front; true for the short form, one byte at the last distance. */
  #repeated(state: number, positionState: number): boolean {
    if (this.#bit(IS_REP_0 + state) === 0) return this.#bit(IS_REP_0_LONG + state * POSITION_STATES + positionState) === 0
    let chosen = this.#distance1
    if (this.#bit(IS_REP_1 + state) === 1) {
      chosen = this.#distance2
      if (this.#bit(IS_REP_2 + state) === 1) {
        chosen = this.#distance3
        this.#distance3 = this.#distance2
      }
      this.#distance2 = this.#distance1
    }
    this.#distance1 = this.#distance0
    this.#distance0 = chosen
    return false
  }

  #literal(): void {
    const { bytes, end } = this.history
    const before = this.#position > 0 ? (bytes[end - 1] ?? 0) : 0
    const context =
      ((this.#position & this.#literalPositionMask) << this.#literalContextBits) + (before >> (8 - this.#literalContextBits))
    const coder = LITERAL + LITERAL_CODER * context
    let symbol = 1
    if (this.#state >= 7) {
      // After a match the byte that would have continued it is part of the context, until the bits part.
      let match = bytes[end - this.#distance0 - 1] ?? 0
      do {
        const matchBit = (match >> 7) & 1
        match <<= 1
        const bit = this.#bit(coder + ((1 + matchBit) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (bit !== matchBit) break
      } while (symbol < 0x100)
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(coder + symbol)
    bytes[end] = symbol
    this.history.end = end + 1
    this.#position += 1
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
  }

  #length(coder: number, positionState: number): number {
    if (this.#bit(coder) === 0) return 2 + this.#tree(coder + 2 + positionState * 8, 3)
    if (this.#bit(coder + 1) === 0) return 10 + this.#tree(coder + 2 + (POSITION_STATES + positionState) * 8, 3)
    return 18 + this.#tree(coder + 2 + POSITION_STATES * 16, 8)
  }

  #distance(length: number): number {
    const slot = this.#tree(DISTANCE_SLOT + Math.min(length - 2, 3) * 64, 6)
    if (slot < 4) return slot
    const directBits = (slot >> 1) - 1
    const base = (2 | (slot & 1)) * 2 ** directBits
    if (slot < 14) return base + this.#reverseTree(DISTANCE_SPECIAL + base - slot, directBits)
    return base + this.#direct(directBits - 4) * 16 + this.#reverseTree(DISTANCE_ALIGN, 4)
  }

  #tree(coder: number, bits: number): number {
    let symbol = 1
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.#bit(coder + symbol)
    return symbol - (1 << bits)
  }

  #reverseTree(coder: number, bits: number): number {
    let symbol = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(coder + symbol)
      symbol = (symbol << 1) | bit
      value |= bit << i
    }
    return value
  }

  #direct(bits: number): number {
    let value = 0
    for (let i = 0; i < bits; i++) {
      this.#normalize()
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = value * 2 + bit
    }
    return value
  }

  #bit(place: number): number {
    this.#normalize()
    const probability = this.#model[place] ?? 0
    const bound = (this.#range >>> 11) * probability
    if (this.#code < bound) {
      this.#range = bound
      this.#model[place] = probability + ((2048 - probability) >> 5)
      return 0
    }
    this.#range -= bound
    this.#code -= bound
    this.#model[place] = probability - (probability >> 5)
    return 1
  }

  #normalize(): void {
    if (this.#range >= 0x1000000) return
    if (this.#at >= this.#input.length) throw damaged()
    this.#range = (this.#range << 8) >>> 0
    this.#code = ((this.#code << 8) | (this.#input[this.#at++] ?? 0)) >>> 0
  }
}

function damaged(): ArchiveError {
  return new ArchiveError('corrupt', 'the LZMA data is damaged')
}
