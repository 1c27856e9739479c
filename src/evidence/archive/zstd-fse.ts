import { damaged, ForwardBits } from './zstd-bits.js'

/** A decoding table of finite state entropy, by state (RFC 8878 §4.1). */
export interface FseTable {
  /** Bits of a state. */
  readonly accuracy: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
  readonly bases: Uint16Array
}

/** Reads a table description; where it ends. Throws `ArchiveError`. */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  limits: { readonly maxSymbol: number; readonly maxAccuracy: number },
): { readonly table: FseTable; readonly end: number } {
  const input = new ForwardBits(bytes, start)
  const accuracy = input.read(4) + 5
  if (accuracy > limits.maxAccuracy) throw damaged()
  const counts: number[] = []
  let left = 1 << accuracy
  while (left > 0 && counts.length <= limits.maxSymbol) {
    // The values that can no longer come are used to spare a bit for the smaller ones.
    const width = 32 - Math.clz32(left + 1)
    let value = input.read(width)
    const lower = (1 << (width - 1)) - 1
    const threshold = (1 << width) - 1 - (left + 1)
    if ((value & lower) < threshold) {
      input.back(1)
      value &= lower
    } else if (value > lower) value -= threshold
    const count = value - 1
    left -= Math.abs(count)
    counts.push(count)
    if (count === 0) for (let more = 3; more === 3; ) for (let i = (more = input.read(2)); i > 0; i--) counts.push(0)
  }
  if (left !== 0 || counts.length > limits.maxSymbol + 1) throw damaged()
  return { table: makeFseTable(counts, accuracy), end: input.end }
}

/** The table for counts of which -1 stands for "less than one". */
export function makeFseTable(counts: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy
  const symbols = new Uint8Array(size)
  const next = new Uint16Array(counts.length)
  let high = size
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[--high] = symbol
    next[symbol] = count === -1 ? 1 : count
  })
  const step = (size >> 1) + (size >> 3) + 3
  let place = 0
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[place] = symbol
      do place = (place + step) & (size - 1)
      while (place >= high)
    }
  })
  if (place !== 0) throw damaged()
  const bits = new Uint8Array(size)
  const bases = new Uint16Array(size)
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] ?? 0
    const rank = next[symbol] ?? 0
    next[symbol] = rank + 1
    const width = accuracy - (31 - Math.clz32(rank))
    bits[state] = width
    bases[state] = (rank << width) - size
  }
  return { accuracy, symbols, bits, bases }
}

/** The table of a single symbol, which takes no bits. */
export function singleFseTable(symbol: number): FseTable {
  return { accuracy: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) }
}
