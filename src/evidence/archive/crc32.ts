import * as zlib from 'node:zlib'

/**
 * CRC-32 as zip, gzip and xz use it (ISO-HDLC); `before` is that of the bytes in front of these. By `zlib.crc32` where
 * this Node has it (20.15, 22.2), else by table.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  return typeof zlib.crc32 === 'function' ? zlib.crc32(bytes, before) : tableCrc32(bytes, before)
}

let table: Uint32Array | undefined
const makeTable = (): Uint32Array =>
  new Uint32Array(256).map((_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c >>> 0
  })

/** The same by table. */
export function tableCrc32(bytes: Uint8Array, before = 0): number {
  table ??= makeTable()
  let crc = (before ^ 0xffffffff) >>> 0
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
