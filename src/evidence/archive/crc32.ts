import * as zlib from 'node:zlib'

/** CRC-32 as zip and gzip use it (ISO-HDLC); `zlib.crc32` where this Node has it (20.15, 22.2), else a table. */
export function crc32(bytes: Uint8Array): number {
  return typeof zlib.crc32 === 'function' ? zlib.crc32(bytes) : tableCrc32(bytes)
}

let table: Uint32Array | undefined
const makeTable = (): Uint32Array =>
  new Uint32Array(256).map((_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c >>> 0
  })

/** The same by table. */
export function tableCrc32(bytes: Uint8Array): number {
  table ??= makeTable()
  let crc = 0xffffffff
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
