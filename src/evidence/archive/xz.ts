import { createHash } from 'node:crypto'
import type { PieceReader } from './bytes.js'
import { crc32 } from './crc32.js'
import { Crc64 } from './crc64.js'
import { ArchiveError } from './limits.js'
import { dictionarySize, unpackLzma2 } from './lzma2.js'

const MAGIC = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)
const LZMA2 = 0x21
/** Makers with many threads write a block for some megabytes. */
const MAX_BLOCKS = 100_000

interface Block {
  readonly unpadded: number
  readonly unpacked: number
}

/**
 * One xz stream (The .xz File Format 1.2.1): every block's check, the index and the footer are verified. Filters other
 * than LZMA2 are for machine code; no source archive has them. Throws `ArchiveError`.
 */
export async function* unpackXzStream(reader: PieceReader): AsyncGenerator<Uint8Array> {
  const header = await need(reader, 12)
  if (Buffer.compare(header.subarray(0, 6), MAGIC) !== 0) throw new ArchiveError('not-an-archive', 'it does not begin as xz does')
  const flags = header.slice(6, 8)
  if (view(header).getUint32(8, true) !== crc32(flags)) throw damaged('the stream header')
  const check = makeCheck(flags)
  const blocks: Block[] = []
  for (;;) {
    const first = (await need(reader, 1))[0] ?? 0
    if (first === 0) break
    if (blocks.length >= MAX_BLOCKS) throw new ArchiveError('too-many-entries', `more than ${MAX_BLOCKS} xz blocks`)
    blocks.push(yield* unpackBlock(reader, first, check))
  }
  const indexSize = await readIndex(reader, blocks)
  const footer = await need(reader, 12)
  const backward = view(footer).getUint32(4, true)
  if (view(footer).getUint32(0, true) !== crc32(footer.subarray(4, 10))) throw damaged('the stream footer')
  if (footer[10] !== 0x59 || footer[11] !== 0x5a || (backward + 1) * 4 !== indexSize) throw damaged('the stream footer')
  if (Buffer.compare(footer.subarray(8, 10), flags) !== 0) throw damaged('the stream footer')
}

interface Check {
  readonly size: number
  start(): { update(bytes: Uint8Array): void; digest(): Uint8Array }
}

function makeCheck(flags: Uint8Array): Check {
  const kind = flags[0] === 0 ? flags[1] : undefined
  switch (kind) {
    case 0:
      return { size: 0, start: () => ({ update: () => undefined, digest: () => new Uint8Array(0) }) }
    case 1:
      return { size: 4, start: startCrc32 }
    case 4:
      return { size: 8, start: () => new Crc64() }
    case 10:
      return { size: 32, start: startSha256 }
    default:
      throw new ArchiveError('unsupported', 'xz data with an unknown check')
  }
}

function startCrc32(): ReturnType<Check['start']> {
  let value = 0
  return {
    update: (bytes) => {
      value = crc32(bytes, value)
    },
    digest: () => {
      const bytes = new Uint8Array(4)
      view(bytes).setUint32(0, value, true)
      return bytes
    },
  }
}

function startSha256(): ReturnType<Check['start']> {
  const hash = createHash('sha256')
  return {
    update: (bytes) => {
      hash.update(bytes)
    },
    digest: () => hash.digest(),
  }
}

async function* unpackBlock(reader: PieceReader, first: number, check: Check): AsyncGenerator<Uint8Array, Block> {
  const { headerSize, packedSize, unpackedSize, dictionary } = await readBlockHeader(reader, first)
  const running = check.start()
  let packed = 0
  let unpacked = 0
  const took = (bytes: number): void => {
    packed += bytes
  }
  for await (const piece of unpackLzma2(reader, dictionary, took)) {
    running.update(piece)
    unpacked += piece.length
    yield piece
  }
  if ((packedSize ?? packed) !== packed || (unpackedSize ?? unpacked) !== unpacked)
    throw new ArchiveError('inconsistent', 'an xz block has other sizes than stated')
  await zeros(reader, (4 - (packed % 4)) % 4)
  if (check.size > 0 && Buffer.compare(await need(reader, check.size), running.digest()) !== 0)
    throw damaged('the check of a block')
  return { unpadded: headerSize + packed + check.size, unpacked }
}

interface BlockHeader {
  readonly headerSize: number
  readonly packedSize: number | undefined
  readonly unpackedSize: number | undefined
  readonly dictionary: number
}

async function readBlockHeader(reader: PieceReader, first: number): Promise<BlockHeader> {
  const headerSize = (first + 1) * 4
  const header = Buffer.concat([Uint8Array.of(first), await need(reader, headerSize - 1)])
  const body = header.subarray(0, headerSize - 4)
  if (header.readUInt32LE(headerSize - 4) !== crc32(body)) throw damaged('a block header')
  const flags = body[1] ?? 0
  if ((flags & 0x3c) !== 0) throw new ArchiveError('unsupported', 'an xz block of an unknown kind')
  let at = 2
  const next = (): number => {
    const byte = body[at++]
    if (byte === undefined) throw damaged('a block header')
    return byte
  }
  const packedSize = (flags & 0x40) !== 0 ? variable(next) : undefined
  const unpackedSize = (flags & 0x80) !== 0 ? variable(next) : undefined
  if ((flags & 0x03) !== 0 || variable(next) !== LZMA2)
    throw new ArchiveError('unsupported', 'xz data with filters other than LZMA2')
  if (variable(next) !== 1) throw damaged('a block header')
  const dictionary = dictionarySize(next())
  if (body.subarray(at).some((byte) => byte !== 0)) throw damaged('a block header')
  return { headerSize, packedSize, unpackedSize, dictionary }
}

/** Reads the index behind its first byte and holds it against the blocks; its size in bytes. */
async function readIndex(reader: PieceReader, blocks: readonly Block[]): Promise<number> {
  let size = 1
  let crc = crc32(Uint8Array.of(0))
  const next = async (): Promise<number> => {
    const byte = await need(reader, 1)
    size += 1
    crc = crc32(byte, crc)
    return byte[0] ?? 0
  }
  if ((await variableLater(next)) !== blocks.length) throw damaged('the index')
  for (const { unpadded, unpacked } of blocks)
    if ((await variableLater(next)) !== unpadded || (await variableLater(next)) !== unpacked) throw damaged('the index')
  while (size % 4 !== 0) if ((await next()) !== 0) throw damaged('the index')
  if (view(await need(reader, 4)).getUint32(0, true) !== crc) throw damaged('the index')
  return size + 4
}

/** A number of 7 bits a byte, lowest first, as short as can be (§1.2). */
function variable(next: () => number): number {
  let value = 0
  for (let i = 0; i < 7; i++) {
    const byte = next()
    value += (byte & 0x7f) * 2 ** (i * 7)
    if (byte < 0x80) {
      if (byte === 0 && i > 0) break
      return value
    }
  }
  throw new ArchiveError('corrupt', 'a number in the xz data is too large, or padded')
}

async function variableLater(next: () => Promise<number>): Promise<number> {
  const bytes: number[] = []
  for (let byte = 0x80; byte >= 0x80 && bytes.length < 8; ) bytes.push((byte = await next()))
  return variable(() => bytes.shift() ?? 0x80)
}

async function zeros(reader: PieceReader, count: number): Promise<void> {
  if (count > 0 && (await need(reader, count)).some((byte) => byte !== 0)) throw damaged('the padding')
}

async function need(reader: PieceReader, length: number): Promise<Uint8Array> {
  const bytes = await reader.exactly(length, 'the xz data')
  if (bytes === undefined) throw new ArchiveError('truncated', 'the xz data is cut off')
  return bytes
}

function damaged(what: string): ArchiveError {
  return new ArchiveError('corrupt', `${what} of the xz data is damaged`)
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
