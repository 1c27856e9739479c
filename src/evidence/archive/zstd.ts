import type { PieceReader } from './bytes.js'
import { History } from './history.js'
import { ArchiveError } from './limits.js'
import { Xxh64 } from './xxh64.js'
import { BlockDecoder } from './zstd-block.js'

/** What `zstd -d` takes without being told to. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024
const MAX_BLOCK_BYTES = 128 * 1024
const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50

/**
 * One zstd frame (RFC 8878), piece by piece, its length and checksum verified; a skippable frame gives nothing.
 * Frames that need a dictionary are refused: none comes with an archive. Throws `ArchiveError`.
 */
export async function* unpackZstdFrame(reader: PieceReader): AsyncGenerator<Uint8Array> {
  const magic = view(await need(reader, 4)).getUint32(0, true)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
    await reader.skip(view(await need(reader, 4)).getUint32(0, true), 'the zstd data')
    return
  }
  if (magic !== MAGIC) throw new ArchiveError('not-an-archive', 'it does not begin as zstd does')
  const header = await readHeader(reader)
  const maxBlock = Math.min(header.window, MAX_BLOCK_BYTES)
  const history = new History(header.window)
  const decoder = new BlockDecoder(history, maxBlock)
  const checksum = header.hasChecksum ? new Xxh64() : undefined
  let length = 0
  for (let last = false; !last; ) {
    const blockHeader = await need(reader, 3)
    const bits = (blockHeader[0] ?? 0) | ((blockHeader[1] ?? 0) << 8) | ((blockHeader[2] ?? 0) << 16)
    last = (bits & 1) === 1
    const size = bits >> 3
    const kind = (bits >> 1) & 3
    if (size > maxBlock || kind === 3) throw new ArchiveError('corrupt', 'a zstd block of impossible size or kind')
    let piece: Uint8Array
    if (kind === 2) piece = decoder.decode(await need(reader, size), Math.min(length, header.window))
    else {
      piece = kind === 0 ? await need(reader, size) : new Uint8Array(size).fill((await need(reader, 1))[0] ?? 0)
      history.reserve(size)
      history.append(piece)
    }
    length += piece.length
    if (header.contentSize !== undefined && length > header.contentSize) throw new ArchiveError('corrupt', LENGTH)
    checksum?.update(piece)
    yield piece
  }
  if (header.contentSize !== undefined && length !== header.contentSize) throw new ArchiveError('corrupt', LENGTH)
  if (checksum !== undefined && view(await need(reader, 4)).getUint32(0, true) !== checksum.low32())
    throw new ArchiveError('corrupt', 'the checksum of the zstd data is wrong')
}

const LENGTH = 'the zstd data has another length than stated'

interface FrameHeader {
  readonly window: number
  readonly contentSize: number | undefined
  readonly hasChecksum: boolean
}

async function readHeader(reader: PieceReader): Promise<FrameHeader> {
  const descriptor = (await need(reader, 1))[0] ?? 0
  if ((descriptor & 0x08) !== 0) throw new ArchiveError('unsupported', 'a zstd frame of an unknown kind')
  const single = (descriptor & 0x20) !== 0
  const windowByte = single ? 0 : ((await need(reader, 1))[0] ?? 0)
  const dictionary = await need(reader, [0, 1, 2, 4][descriptor & 3] ?? 0)
  if (dictionary.some((byte) => byte !== 0)) throw new ArchiveError('unsupported', 'the zstd data needs a dictionary')
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const stated = [...(await need(reader, sizeBytes))].reduceRight((value, byte) => value * 256 + byte, 0)
  const contentSize = sizeBytes === 0 ? undefined : sizeBytes === 2 ? stated + 256 : stated
  const base = 2 ** (10 + (windowByte >> 3))
  const window = single ? (contentSize ?? 0) : base + (base / 8) * (windowByte & 7)
  if (window > MAX_WINDOW_BYTES)
    throw new ArchiveError('unsupported', `it needs a window of ${window} bytes, the limit is ${MAX_WINDOW_BYTES}`)
  return { window, contentSize, hasChecksum: (descriptor & 0x04) !== 0 }
}

async function need(reader: PieceReader, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0)
  const bytes = await reader.exactly(length, 'the zstd data')
  if (bytes === undefined) throw new ArchiveError('truncated', 'the zstd data is cut off')
  return bytes
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
