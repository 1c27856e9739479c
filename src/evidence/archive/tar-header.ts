import { ArchiveError } from './limits.js'

export const BLOCK = 512

/** One 512-byte header of POSIX ustar, GNU or v7 tar, its checksum verified. */
export interface TarHeader {
  /** The ustar prefix is joined in. Bytes, since their character set is known only with the pax records. */
  readonly name: Uint8Array
  readonly linkName: Uint8Array
  readonly mode: number
  readonly size: number
  /** The type flag as a character; v7's NUL is `0`. */
  readonly type: string
}

const POSIX_MAGIC = 'ustar\0'
const SLASH = Uint8Array.of(0x2f)

/** Reads a header block that is not all zeros. Throws `ArchiveError`. */
export function readTarHeader(block: Uint8Array): TarHeader {
  const stated = number(block, 148, 8, 'checksum')
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0
  if (sum !== stated) throw new ArchiveError('corrupt', 'the checksum of a tar header is wrong')
  const posix = Buffer.from(block.subarray(257, 263)).toString('latin1') === POSIX_MAGIC
  const name = text(block, 0, 100)
  // GNU tar keeps times where POSIX has the prefix.
  const prefix = posix ? text(block, 345, 155) : new Uint8Array(0)
  const flag = block[156] ?? 0
  return {
    name: prefix.length === 0 ? name : Buffer.concat([prefix, SLASH, name]),
    linkName: text(block, 157, 100),
    mode: number(block, 100, 8, 'mode') & 0o7777,
    size: number(block, 124, 12, 'size'),
    type: flag === 0 ? '0' : String.fromCharCode(flag),
  }
}

export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0)
}

/** A copy of the field up to its first NUL. */
function text(block: Uint8Array, start: number, length: number): Uint8Array {
  const field = block.subarray(start, start + length)
  const nul = field.indexOf(0)
  return field.slice(0, nul < 0 ? length : nul)
}

/** Octal digits between blanks and NULs, or GNU's base-256 (first bit set), which alone can exceed 8 GiB. */
function number(block: Uint8Array, start: number, length: number, what: string): number {
  const field = block.subarray(start, start + length)
  if (((field[0] ?? 0) & 0x80) !== 0) return base256(field, what)
  const digits = Buffer.from(field)
    .toString('latin1')
    .replace(/^ +/, '')
    .replace(/[ \0].*$/s, '')
  if (!/^[0-7]*$/.test(digits)) throw new ArchiveError('corrupt', `the ${what} of a tar header is no octal number`)
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

function base256(field: Uint8Array, what: string): number {
  if (((field[0] ?? 0) & 0x40) !== 0) throw new ArchiveError('corrupt', `the ${what} of a tar header is negative`)
  let value = (field[0] ?? 0) & 0x3f
  for (const byte of field.subarray(1)) value = value * 256 + byte
  if (!Number.isSafeInteger(value)) throw new ArchiveError('too-large', `the ${what} of a tar header is out of range`)
  return value
}
