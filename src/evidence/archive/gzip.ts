import { createInflateRaw } from 'node:zlib'
import type { PieceReader } from './bytes.js'
import { crc32 } from './crc32.js'
import { ArchiveError } from './limits.js'

const CHUNK = 1 << 18
const DEFLATE = 8
const HAS_CRC = 0x02
const HAS_EXTRA = 0x04
const HAS_NAME = 0x08
const HAS_COMMENT = 0x10
const RESERVED = 0xe0
const MAX_TEXT_BYTES = 1 << 16

/**
 * One gzip member (RFC 1952), unpacked piece by piece, length and CRC checked at its end. Node's own gunzip is not
 * used: it passes over whatever follows a member, where other readers may find a second one.
 */
export async function* gunzipMember(reader: PieceReader): AsyncGenerator<Uint8Array> {
  await readHeader(reader)
  let crc = 0
  let length = 0
  for await (const piece of inflate(reader)) {
    crc = crc32(piece, crc)
    length += piece.length
    yield piece
  }
  const trailer = view(await need(reader, 8))
  if (trailer.getUint32(0, true) !== crc) throw new ArchiveError('corrupt', 'the CRC of the gzip data is wrong')
  if (trailer.getUint32(4, true) !== length % 2 ** 32)
    throw new ArchiveError('corrupt', 'the gzip data has another length than stated')
}

async function readHeader(reader: PieceReader): Promise<void> {
  const header = await need(reader, 10)
  if (header[0] !== 0x1f || header[1] !== 0x8b) throw new ArchiveError('not-an-archive', 'it does not begin as gzip does')
  const flags = header[3] ?? 0
  if (header[2] !== DEFLATE || (flags & RESERVED) !== 0) throw new ArchiveError('unsupported', 'gzip data of an unknown kind')
  if ((flags & HAS_EXTRA) !== 0) await reader.skip(view(await need(reader, 2)).getUint16(0, true), 'the gzip header')
  if ((flags & HAS_NAME) !== 0) await skipText(reader)
  if ((flags & HAS_COMMENT) !== 0) await skipText(reader)
  if ((flags & HAS_CRC) !== 0) await need(reader, 2)
}

async function skipText(reader: PieceReader): Promise<void> {
  for (let i = 0; i < MAX_TEXT_BYTES; i++) if ((await need(reader, 1))[0] === 0) return
  throw new ArchiveError('corrupt', 'a text in the gzip header has no end')
}

async function need(reader: PieceReader, length: number): Promise<Uint8Array> {
  const bytes = await reader.exactly(length, 'the gzip data')
  if (bytes === undefined) throw new ArchiveError('truncated', 'the gzip data is cut off')
  return bytes
}

/** Inflates up to the end of the deflate stream and gives back to the reader what it had read beyond. */
async function* inflate(reader: PieceReader): AsyncGenerator<Uint8Array> {
  const stream = createInflateRaw({ chunkSize: CHUNK })
  let given = 0
  let last: Uint8Array = new Uint8Array(0)
  let ended = false
  let failed: unknown
  const feed = async (): Promise<void> => {
    try {
      while (!ended && !stream.destroyed) {
        const piece = await reader.some(CHUNK)
        if (piece === undefined) {
          stream.end()
          return
        }
        last = piece
        given += piece.length
        await new Promise<void>((resolve) => {
          stream.once('close', resolve)
          stream.write(piece, () => {
            stream.off('close', resolve)
            resolve()
          })
        })
        // The inflater passes over what it is given after its end, and tells by how much it took.
        if (stream.bytesWritten < given) return
      }
    } catch (error) {
      failed = error
      stream.destroy()
    }
  }
  const feeding = feed()
  try {
    for await (const piece of stream) if (piece instanceof Uint8Array) yield piece
    ended = true
  } catch (error) {
    throw failed ?? inflateProblem(error)
  } finally {
    ended = true
    stream.destroy()
    await feeding
  }
  if (failed !== undefined) throw failed
  const unused = given - stream.bytesWritten
  reader.giveBack(last.subarray(last.length - unused))
}

function inflateProblem(error: unknown): ArchiveError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'Z_BUF_ERROR'
    ? new ArchiveError('truncated', 'the gzip data is cut off')
    : new ArchiveError('corrupt', 'the gzip data is damaged')
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
