import type { History } from './history.js'
import { BackwardBits, damaged } from './zstd-bits.js'
import type { FseTable } from './zstd-fse.js'
import { makeFseTable, readFseTable, singleFseTable } from './zstd-fse.js'
import type { HuffmanTable } from './zstd-huffman.js'
import { decodeHuffman, readHuffmanTable } from './zstd-huffman.js'

/** What a code stands for: a base, and so many bits more. */
interface Codes {
  readonly bases: readonly number[]
  readonly bits: readonly number[]
}

/** Bases follow from the bits: each code begins where the one before ends. */
function codes(first: number, bits: readonly number[]): Codes {
  let next = first
  return { bits, bases: bits.map((count) => (next += 2 ** count) - 2 ** count) }
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0)
const LITERAL_LENGTHS = codes(0, [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
const MATCH_LENGTHS = codes(3, [...zeros(32), ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]])

/** One of the three tables that sequences are read by (RFC 8878 §3.1.1.3.2). */
interface TableKind {
  readonly maxSymbol: number
  readonly maxAccuracy: number
  readonly predefined: FseTable
}

const ones = (count: number, of = 1): number[] => new Array<number>(count).fill(of)
const LITERAL_LENGTH_TABLE: TableKind = {
  maxSymbol: 35,
  maxAccuracy: 9,
  predefined: makeFseTable([4, 3, ...ones(11, 2), 1, 1, 1, ...ones(9, 2), 3, 2, 1, 1, 1, 1, 1, ...ones(4, -1)], 6),
}
const OFFSET_TABLE: TableKind = {
  maxSymbol: 31,
  maxAccuracy: 8,
  predefined: makeFseTable([...ones(6), 2, 2, 2, ...ones(15), ...ones(5, -1)], 5),
}
const MATCH_LENGTH_TABLE: TableKind = {
  maxSymbol: 52,
  maxAccuracy: 9,
  predefined: makeFseTable([1, 4, 3, ...ones(6, 2), ...ones(37), ...ones(7, -1)], 6),
}

/** Below this, a loop is faster than a call that copies. */
const SHORT = 32

/** Decodes the compressed blocks of one frame; keeps tables and offsets between them. */
export class BlockDecoder {
  #huffman: HuffmanTable | undefined
  #literalLengths: FseTable | undefined
  #offsets: FseTable | undefined
  #matchLengths: FseTable | undefined
  #offset1 = 1
  #offset2 = 4
  #offset3 = 8
  #literals: Uint8Array = new Uint8Array(0)

  constructor(
    readonly history: History,
    /** Most bytes a block unpacks to. */
    readonly maxBlock: number,
  ) {}

  /** Unpacks one block, into the history too. `reach` is how many bytes before it copies may come from. Throws `ArchiveError`. */
  decode(block: Uint8Array, reach: number): Uint8Array {
    const { history } = this
    const sequencesAt = this.#readLiterals(block)
    history.reserve(this.maxBlock)
    const start = history.end
    this.#runSequences(block, sequencesAt, reach)
    return history.bytes.slice(start, history.end)
  }

  /** Reads the literals section; where the sequences section begins. */
  #readLiterals(block: Uint8Array): number {
    const kind = byteAt(block, 0) & 3
    const format = (byteAt(block, 0) >> 2) & 3
    return kind < 2 ? this.#plainLiterals(block, kind === 1, format) : this.#packedLiterals(block, kind === 2, format)
  }

  #plainLiterals(block: Uint8Array, repeated: boolean, format: number): number {
    const b0 = byteAt(block, 0)
    let size = b0 >> 3
    let at = 1
    if (format === 1) {
      size = (b0 >> 4) | (byteAt(block, 1) << 4)
      at = 2
    } else if (format === 3) {
      size = (b0 >> 4) | (byteAt(block, 1) << 4) | (byteAt(block, 2) << 12)
      at = 3
    }
    if (size > this.maxBlock) throw damaged()
    if (repeated) {
      this.#literals = new Uint8Array(size).fill(byteAt(block, at))
      return at + 1
    }
    if (at + size > block.length) throw damaged()
    this.#literals = block.subarray(at, at + size)
    return at + size
  }

  #packedLiterals(block: Uint8Array, ownTable: boolean, format: number): number {
    const width = format < 2 ? 10 : format === 2 ? 14 : 18
    let at = format < 2 ? 3 : format === 2 ? 4 : 5
    let header = 0
    for (let i = at - 1; i >= 0; i--) header = header * 256 + byteAt(block, i)
    const size = Math.floor(header / 16) % 2 ** width
    const packed = Math.floor(header / 2 ** (4 + width))
    const end = at + packed
    if (size > this.maxBlock || end > block.length) throw damaged()
    const section = block.subarray(0, end)
    if (ownTable) {
      const { table, end: tableEnd } = readHuffmanTable(section, at)
      this.#huffman = table
      at = tableEnd
    }
    const table = this.#huffman
    if (table === undefined) throw damaged()
    this.#literals = new Uint8Array(size)
    if (format === 0) decodeHuffman(table, section, at, end, this.#literals)
    else decodeFour(table, section, at, this.#literals)
    return end
  }

  #runSequences(block: Uint8Array, start: number, reach: number): void {
    let at = start
    const b0 = byteAt(block, at++)
    let count = b0
    if (b0 === 255) {
      count = byteAt(block, at) + (byteAt(block, at + 1) << 8) + 0x7f00
      at += 2
    } else if (b0 > 127) count = ((b0 - 128) << 8) + byteAt(block, at++)
    if (count === 0) {
      if (at !== block.length) throw damaged()
      this.history.append(this.#literals)
      return
    }
    const modes = byteAt(block, at++)
    if ((modes & 3) !== 0) throw damaged()
    const read = (mode: number, kind: TableKind, before: FseTable | undefined): FseTable => {
      const { table, end } = readTable(mode & 3, block, at, kind, before)
      at = end
      return table
    }
    this.#literalLengths = read(modes >> 6, LITERAL_LENGTH_TABLE, this.#literalLengths)
    this.#offsets = read(modes >> 4, OFFSET_TABLE, this.#offsets)
    this.#matchLengths = read(modes >> 2, MATCH_LENGTH_TABLE, this.#matchLengths)
    const tables = [this.#literalLengths, this.#offsets, this.#matchLengths] as const
    this.#copy(new BackwardBits(block, at, block.length), count, tables, reach)
  }

  #copy(input: BackwardBits, count: number, tables: readonly [FseTable, FseTable, FseTable], reach: number): void {
    const [literalTable, offsetTable, matchTable] = tables
    let literalState = input.read(literalTable.accuracy)
    let offsetState = input.read(offsetTable.accuracy)
    let matchState = input.read(matchTable.accuracy)
    const literals = this.#literals
    const { bytes, end: start } = this.history
    const limit = start + this.maxBlock
    let to = start
    let from = 0
    for (let i = 0; i < count; i++) {
      const offsetCode = offsetTable.symbols[offsetState] ?? 0
      const matchCode = matchTable.symbols[matchState] ?? 0
      const literalCode = literalTable.symbols[literalState] ?? 0
      // No window here has 2^28 bytes, so a longer offset cannot be meant.
      if (offsetCode > 28) throw damaged()
      const low = Math.min(offsetCode, 16)
      const offsetValue = 2 ** offsetCode + input.read(offsetCode - low) * 2 ** low + input.read(low)
      const matchLength = (MATCH_LENGTHS.bases[matchCode] ?? 0) + input.read(MATCH_LENGTHS.bits[matchCode] ?? 0)
      const literalLength = (LITERAL_LENGTHS.bases[literalCode] ?? 0) + input.read(LITERAL_LENGTHS.bits[literalCode] ?? 0)
      if (i + 1 < count) {
        literalState = (literalTable.bases[literalState] ?? 0) + input.read(literalTable.bits[literalState] ?? 0)
        matchState = (matchTable.bases[matchState] ?? 0) + input.read(matchTable.bits[matchState] ?? 0)
        offsetState = (offsetTable.bases[offsetState] ?? 0) + input.read(offsetTable.bits[offsetState] ?? 0)
      }
      const offset = this.#offset(offsetValue, literalLength)
      // Lengths are judged before anything is copied: a block of some kilobytes can ask for gigabytes.
      if (input.left < 0 || from + literalLength > literals.length || to + literalLength + matchLength > limit) throw damaged()
      if (literalLength > SHORT) {
        bytes.set(literals.subarray(from, from + literalLength), to)
        from += literalLength
        to += literalLength
      } else for (const stop = from + literalLength; from < stop; ) bytes[to++] = literals[from++] ?? 0
      if (offset <= 0 || offset > reach + (to - start)) throw damaged()
      if (matchLength > SHORT && offset >= matchLength) {
        bytes.copyWithin(to, to - offset, to - offset + matchLength)
        to += matchLength
      } else for (const stop = to + matchLength; to < stop; to++) bytes[to] = bytes[to - offset] ?? 0
    }
    if (input.left !== 0 || to + literals.length - from > limit) throw damaged()
    this.history.end = to
    this.history.append(literals.subarray(from))
  }

  /** The distance an offset value means, with the last three at hand (RFC 8878 §3.1.1.5). */
  #offset(value: number, literalLength: number): number {
    const index = value > 3 ? 3 : value - (literalLength === 0 ? 0 : 1)
    if (index === 0) return this.#offset1
    const offset = value > 3 ? value - 3 : index === 1 ? this.#offset2 : index === 2 ? this.#offset3 : this.#offset1 - 1
    if (index !== 1) this.#offset3 = this.#offset2
    this.#offset2 = this.#offset1
    this.#offset1 = offset
    return offset
  }
}

/** Four streams, each of a quarter; three lengths are written, the fourth stream takes the rest. */
function decodeFour(table: HuffmanTable, section: Uint8Array, start: number, to: Uint8Array): void {
  const quarter = (to.length + 3) >> 2
  if (quarter * 3 > to.length) throw damaged()
  const lengths = [0, 2, 4].map((i) => byteAt(section, start + i) + (byteAt(section, start + i + 1) << 8))
  let at = start + 6
  for (const [i, length] of lengths.entries()) {
    if (at + length > section.length) throw damaged()
    decodeHuffman(table, section, at, at + length, to.subarray(i * quarter, (i + 1) * quarter))
    at += length
  }
  decodeHuffman(table, section, at, section.length, to.subarray(3 * quarter))
}

function readTable(
  mode: number,
  block: Uint8Array,
  at: number,
  kind: TableKind,
  before: FseTable | undefined,
): { readonly table: FseTable; readonly end: number } {
  if (mode === 0) return { table: kind.predefined, end: at }
  if (mode === 1) {
    const symbol = byteAt(block, at)
    if (symbol > kind.maxSymbol) throw damaged()
    return { table: singleFseTable(symbol), end: at + 1 }
  }
  if (mode === 2) return readFseTable(block, at, kind)
  if (before === undefined) throw damaged()
  return { table: before, end: at }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw damaged()
  return byte
}
