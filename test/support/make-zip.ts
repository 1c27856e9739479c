import { deflateRawSync } from 'node:zlib'
import { tableCrc32 } from '../../src/evidence/archive/crc32.js'

/** One entry to write; every field of the headers can be made to lie. */
export interface ZipPart {
  readonly name: string | Uint8Array
  readonly body?: Uint8Array
  readonly deflate?: boolean
  /** Unix mode, kept in the external attributes. */
  readonly mode?: number
  /** Sizes and CRC follow the data; signed with the usual mark or bare. */
  readonly descriptor?: 'signed' | 'bare'
  /** What the directory says instead of the truth. */
  readonly central?: Partial<ZipFields>
  /** What the local header says instead of the truth. */
  readonly local?: Partial<ZipFields>
  /** Bytes between the entry before and this one. */
  readonly gap?: Uint8Array
}

export interface ZipFields {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

export interface ZipEnd {
  readonly comment?: Uint8Array
  readonly entries?: number
  readonly gap?: Uint8Array
}

/** Writes a zip for tests. It shares no code with the reader but the CRC. */
export function makeZip(parts: readonly ZipPart[], end: ZipEnd = {}): Uint8Array {
  const chunks: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  const write = (chunk: Uint8Array): void => {
    chunks.push(chunk)
    at += chunk.length
  }
  for (const part of parts) {
    const { name, body = new Uint8Array(0), deflate = false, mode, descriptor } = part
    if (part.gap !== undefined) write(part.gap)
    const data = deflate ? deflateRawSync(body) : body
    const nameBytes = Buffer.from(typeof name === 'string' ? Buffer.from(name) : name)
    const truth = {
      flags: 0x800 | (descriptor === undefined ? 0 : 8),
      method: deflate ? 8 : 0,
      crc: tableCrc32(body),
      packed: data.length,
      size: body.length,
      offset: at,
    }
    const later = descriptor === undefined ? {} : { crc: 0, packed: 0, size: 0 }
    const local = { ...truth, ...later, ...part.local }
    const localName = part.local?.name === undefined ? nameBytes : Buffer.from(part.local.name)
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(20, 4)
    fields(header, 6, local)
    header.writeUInt16LE(localName.length, 26)
    write(Buffer.concat([header, localName]))
    write(data)
    if (descriptor !== undefined) {
      const trailer = Buffer.alloc(descriptor === 'signed' ? 16 : 12)
      if (descriptor === 'signed') trailer.writeUInt32LE(0x08074b50, 0)
      const from = trailer.length - 12
      trailer.writeUInt32LE(truth.crc, from)
      trailer.writeUInt32LE(truth.packed, from + 4)
      trailer.writeUInt32LE(truth.size, from + 8)
      write(trailer)
    }
    const central = { ...truth, ...part.central }
    const centralName = part.central?.name === undefined ? nameBytes : Buffer.from(part.central.name)
    const row = Buffer.alloc(46)
    row.writeUInt32LE(0x02014b50, 0)
    row.writeUInt16LE(mode === undefined ? 20 : (3 << 8) | 20, 4)
    row.writeUInt16LE(20, 6)
    fields(row, 8, central)
    row.writeUInt16LE(centralName.length, 28)
    row.writeUInt32LE(mode === undefined ? 0 : (mode << 16) >>> 0, 38)
    row.writeUInt32LE(central.offset, 42)
    directory.push(Buffer.concat([row, centralName]))
  }
  if (end.gap !== undefined) write(end.gap)
  const rows = Buffer.concat(directory)
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(end.entries ?? parts.length, 8)
  record.writeUInt16LE(end.entries ?? parts.length, 10)
  record.writeUInt32LE(rows.length, 12)
  record.writeUInt32LE(at, 16)
  record.writeUInt16LE(end.comment?.length ?? 0, 20)
  return Buffer.concat([...chunks, rows, record, end.comment ?? new Uint8Array(0)])
}

/** Flags to sizes lie alike in both headers. */
function fields(header: Buffer, at: number, values: Omit<ZipFields, 'name' | 'offset'>): void {
  header.writeUInt16LE(values.flags, at)
  header.writeUInt16LE(values.method, at + 2)
  header.writeUInt32LE(values.crc, at + 8)
  header.writeUInt32LE(values.packed, at + 12)
  header.writeUInt32LE(values.size, at + 16)
}
