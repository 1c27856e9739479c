import * as zlib from 'node:zlib'

export type DecodedBody =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly failure: 'bad-encoding' | 'too-large'; readonly detail: string }

/** What may be asked for. zstd is decoded when it comes, and not asked for: on Node 20 only a slow decoder exists. */
export const ACCEPT_ENCODING = 'gzip, br'

/** Below this the call itself costs less than a trip to the thread pool. */
const SYNC_BYTES = 256 * 1024
/** Encodings in a row that a sane server could have applied. */
const MOST_ENCODINGS = 2

type Decoder = (packed: Uint8Array, limit: number) => Uint8Array | Promise<Uint8Array>

/** Undoes `Content-Encoding` (RFC 9110 §8.4.1), last applied first; never more than `limit` bytes of each step. */
export async function decodeBody(packed: Uint8Array, encoding: string | undefined, limit: number): Promise<DecodedBody> {
  const names = encodingsOf(encoding)
  if (names.length > MOST_ENCODINGS) return { ok: false, failure: 'bad-encoding', detail: 'encoded more than twice' }
  let bytes = packed
  for (const name of names.reverse()) {
    const decoder = DECODERS.get(name)
    if (decoder === undefined) return { ok: false, failure: 'bad-encoding', detail: 'an encoding that is not known' }
    try {
      bytes = await decoder(bytes, limit)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (error instanceof TooLarge || code === 'ERR_BUFFER_TOO_LARGE')
        return { ok: false, failure: 'too-large', detail: `more than ${limit} bytes unpacked` }
      const ended = code === 'Z_BUF_ERROR' ? 'the compressed data ends early' : 'the compressed data is damaged'
      return { ok: false, failure: 'bad-encoding', detail: `${name}: ${ended}` }
    }
  }
  return { ok: true, bytes }
}

export function encodingsOf(encoding: string | undefined): string[] {
  if (encoding === undefined) return []
  return encoding
    .toLowerCase()
    .split(',', 16)
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
}

/**
 * Servers that map the ending `.gz` to an encoding label a stored archive with `Content-Encoding: gzip`, and mean the file
 * as it is. Its hash is that of the packed bytes; unpacking it would make every such archive look tampered with. Only if
 * what comes out is gzip again did the server really wrap it.
 */
export function isLabelledArchive(path: string, encoding: string | undefined, packed: Uint8Array): boolean {
  const names = encodingsOf(encoding)
  if (names.length !== 1 || (names[0] !== 'gzip' && names[0] !== 'x-gzip')) return false
  if (!/\.(?:gz|tgz|crate)$/i.test(path)) return false
  return !startsAsGzip(firstBytes(packed))
}

function firstBytes(packed: Uint8Array): Uint8Array {
  try {
    // A cut input is expected: only the beginning is wanted.
    return zlib.gunzipSync(packed.subarray(0, 1024), { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 21 })
  } catch {
    return new Uint8Array()
  }
}

function startsAsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

class TooLarge extends Error {}

type Options = { readonly maxOutputLength: number }
type SyncForm = (packed: Uint8Array, options: Options) => Uint8Array
type AsyncForm = (packed: Uint8Array, options: Options, done: (error: Error | null, bytes: Uint8Array) => void) => void

function zlibDecoder(sync: SyncForm, async: AsyncForm): Decoder {
  return (packed, limit) => {
    const options = { maxOutputLength: Math.max(1, limit) }
    if (packed.length <= SYNC_BYTES) return sync(packed, options)
    return new Promise((resolve, reject) => {
      async(packed, options, (error, bytes) => (error === null ? resolve(bytes) : reject(error)))
    })
  }
}

const gunzip = zlibDecoder(zlib.gunzipSync, zlib.gunzip)
const inflate = zlibDecoder(zlib.inflateSync, zlib.inflate)
const inflateRaw = zlibDecoder(zlib.inflateRawSync, zlib.inflateRaw)

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['br', zlibDecoder(zlib.brotliDecompressSync, zlib.brotliDecompress)],
  // Half the servers send zlib data under this name, as the standard says, the other half raw deflate.
  ['deflate', (packed, limit) => (((packed[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(packed, limit)],
  ['zstd', unzstd],
])

/** Through the reader of archives: it bounds every step of a frame and checks its checksum, which the package does not. */
async function unzstd(packed: Uint8Array, limit: number): Promise<Uint8Array> {
  const { unpack } = await import('../archive/unpack.js')
  const { ArchiveError, DEFAULT_LIMITS } = await import('../archive/limits.js')
  const limits = { ...DEFAULT_LIMITS, maxTotalBytes: limit, maxEntryBytes: limit }
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of unpack(packed, 'zstd', limits)) chunks.push(chunk)
  } catch (error) {
    if (error instanceof ArchiveError && (error.code === 'too-large' || error.code === 'ratio')) throw new TooLarge()
    throw error
  }
  return Buffer.concat(chunks)
}
