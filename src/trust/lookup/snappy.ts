export type Unpacked = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string }

const LITERAL = 0
const NEAR_COPY = 1
const COPY = 2
/** Lengths of a literal from here on stand in 1 to 4 bytes of their own. */
const FIRST_LONG_LITERAL = 60
/** A length of 32 bits takes no more. */
const MAX_VARINT_BYTES = 5
/** A copy of three bytes gives at most 64: whoever declares more than this ratio cannot keep the promise. */
const MOST_PER_BYTE = 22

/**
 * Decodes one raw Snappy block, without framing (spec/trust.md §3.2). The declared length is compared with `limit`, and with
 * what so many bytes can hold at all, before anything is allocated.
 */
export function unpackSnappy(packed: Uint8Array, limit: number): Unpacked {
  const declared = readVarint(packed)
  if (declared === undefined) return { ok: false, why: 'its length cannot be read' }
  const { value: size, next } = declared
  if (size > limit) return { ok: false, why: `it declares ${size} bytes, at most ${limit} are accepted` }
  if (size > (packed.length - next) * MOST_PER_BYTE) return { ok: false, why: 'it declares more bytes than it can hold' }
  const bytes = new Uint8Array(size)
  const why = fill(bytes, packed, next)
  return why === undefined ? { ok: true, bytes } : { ok: false, why }
}

function readVarint(packed: Uint8Array): { readonly value: number; readonly next: number } | undefined {
  let value = 0
  for (let at = 0; at < MAX_VARINT_BYTES; at += 1) {
    const byte = packed[at]
    if (byte === undefined) return undefined
    // Multiplied, not shifted: the fifth byte reaches beyond 31 bits.
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return value > 0xffff_ffff ? undefined : { value, next: at + 1 }
  }
  return undefined
}

const CUT = 'it ends in the middle of an element'
const TOO_LONG = 'it holds more bytes than it declares'

/** Writes the elements from `start` on; gives back what is wrong with them. */
function fill(bytes: Uint8Array, packed: Uint8Array, start: number): string | undefined {
  let read = start
  let written = 0
  while (read < packed.length) {
    const tag = packed[read] ?? 0
    const kind = tag & 3
    read += 1
    if (kind === LITERAL) {
      let length = tag >> 2
      if (length >= FIRST_LONG_LITERAL) {
        const extra = length - FIRST_LONG_LITERAL + 1
        if (read + extra > packed.length) return CUT
        length = littleEndian(packed, read, extra)
        read += extra
      }
      length += 1
      if (read + length > packed.length) return CUT
      if (written + length > bytes.length) return TOO_LONG
      bytes.set(packed.subarray(read, read + length), written)
      read += length
      written += length
      continue
    }
    const extra = kind === NEAR_COPY ? 1 : kind === COPY ? 2 : 4
    if (read + extra > packed.length) return CUT
    const low = littleEndian(packed, read, extra)
    read += extra
    const offset = kind === NEAR_COPY ? (tag >> 5) * 256 + low : low
    const length = kind === NEAR_COPY ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    if (offset === 0 || offset > written) return 'a copy begins before the first byte'
    if (written + length > bytes.length) return TOO_LONG
    copy(bytes, written, offset, length)
    written += length
  }
  return written === bytes.length ? undefined : 'it holds fewer bytes than it declares'
}

/** Source and target may overlap: then what was just written is read again. */
function copy(bytes: Uint8Array, to: number, offset: number, length: number): void {
  if (offset >= length) bytes.copyWithin(to, to - offset, to - offset + length)
  else for (let at = to; at < to + length; at += 1) bytes[at] = bytes[at - offset] ?? 0
}

function littleEndian(packed: Uint8Array, start: number, count: number): number {
  let value = 0
  for (let at = count - 1; at >= 0; at -= 1) value = value * 256 + (packed[start + at] ?? 0)
  return value
}
