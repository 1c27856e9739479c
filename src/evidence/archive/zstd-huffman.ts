import { BackwardBits, damaged } from './zstd-bits.js'
import { readFseTable } from './zstd-fse.js'

/** A prefix code: for every possible next `maxBits` bits the symbol they begin with, and its length. */
export interface HuffmanTable {
  readonly maxBits: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
}

const MAX_BITS = 11
const MAX_WEIGHTS = 255

/** Reads a tree description (RFC 8878 §4.2.1); where it ends. Throws `ArchiveError`. */
export function readHuffmanTable(bytes: Uint8Array, start: number): { readonly table: HuffmanTable; readonly end: number } {
  const header = bytes[start]
  if (header === undefined) throw damaged()
  const end = start + 1 + (header < 128 ? header : (header - 126) >> 1)
  if (end > bytes.length) throw damaged()
  const weights = header < 128 ? packedWeights(bytes.subarray(start + 1, end)) : plainWeights(bytes, start + 1, header - 127)
  return { table: makeTable(weights), end }
}

function plainWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = bytes[start + (i >> 1)] ?? 0
    return i % 2 === 0 ? pair >> 4 : pair & 15
  })
}

/** Two states take turns until the bits run out; what they then still stand for counts. */
function packedWeights(bytes: Uint8Array): number[] {
  const { table, end } = readFseTable(bytes, 0, { maxSymbol: MAX_BITS + 1, maxAccuracy: 6 })
  const input = new BackwardBits(bytes, end, bytes.length)
  const weights: number[] = []
  let state = input.read(table.accuracy)
  let other = input.read(table.accuracy)
  if (input.left < 0) throw damaged()
  for (;;) {
    weights.push(table.symbols[state] ?? 0)
    if (weights.length >= MAX_WEIGHTS) throw damaged()
    const bits = table.bits[state] ?? 0
    if (input.left < bits) {
      weights.push(table.symbols[other] ?? 0)
      return weights
    }
    const next = (table.bases[state] ?? 0) + input.read(bits)
    state = other
    other = next
  }
}

/** The last symbol's weight is not written: it fills the code up. */
function makeTable(weights: readonly number[]): HuffmanTable {
  let sum = 0
  for (const weight of weights) {
    if (weight > MAX_BITS) throw damaged()
    if (weight > 0) sum += 1 << (weight - 1)
  }
  if (sum === 0) throw damaged()
  const maxBits = 32 - Math.clz32(sum)
  const rest = (1 << maxBits) - sum
  if (maxBits > MAX_BITS || (rest & (rest - 1)) !== 0) throw damaged()
  const all = [...weights, 32 - Math.clz32(rest)]
  const symbols = new Uint8Array(1 << maxBits)
  const bits = new Uint8Array(1 << maxBits)
  let place = 0
  for (let weight = 1; weight <= maxBits; weight++) {
    all.forEach((own, symbol) => {
      if (own !== weight) return
      const span = 1 << (weight - 1)
      symbols.fill(symbol, place, place + span)
      bits.fill(maxBits + 1 - weight, place, place + span)
      place += span
    })
  }
  return { maxBits, symbols, bits }
}

/** Decodes one stream to fill `to`, using up all its bits. */
export function decodeHuffman(table: HuffmanTable, bytes: Uint8Array, start: number, end: number, to: Uint8Array): void {
  const input = new BackwardBits(bytes, start, end)
  const { maxBits, symbols, bits } = table
  for (let i = 0; i < to.length; i++) {
    const index = input.peek(maxBits)
    to[i] = symbols[index] ?? 0
    input.left -= bits[index] ?? 0
  }
  if (input.left !== 0) throw damaged()
}
