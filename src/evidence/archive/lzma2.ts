import type { PieceReader } from './bytes.js'
import { History } from './history.js'
import { ArchiveError } from './limits.js'
import { LzmaDecoder } from './lzma.js'

/** `xz -9` takes 64 MiB; more is seen where somebody asked for it by hand. */
const MAX_DICTIONARY_BYTES = 128 * 1024 * 1024

/** The dictionary's size from the filter's property byte (xz file format §5.3.1). Throws `unsupported` for too large a one. */
export function dictionarySize(property: number): number {
  if (property > 40) throw new ArchiveError('corrupt', 'an LZMA2 dictionary of impossible size')
  const size = property === 40 ? 0xffffffff : (2 | (property & 1)) * 2 ** ((property >> 1) + 11)
  if (size > MAX_DICTIONARY_BYTES)
    throw new ArchiveError('unsupported', `it needs a dictionary of ${size} bytes, the limit is ${MAX_DICTIONARY_BYTES}`)
  return size
}

/** The chunks of an LZMA2 stream up to its end mark; `took` is told of every packed byte. Throws `ArchiveError`. */
export async function* unpackLzma2(
  reader: PieceReader,
  dictionary: number,
  took: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const history = new History(dictionary)
  const decoder = new LzmaDecoder(history)
  let needsDictionaryReset = true
  let needsProperties = true
  const read = async (length: number): Promise<Uint8Array> => {
    const bytes = await reader.exactly(length, 'the xz data')
    if (bytes === undefined) throw new ArchiveError('truncated', 'the xz data is cut off')
    took(length)
    return bytes
  }
  for (;;) {
    const control = (await read(1))[0] ?? 0
    if (control === 0) return
    if (control >= 0xe0 || control === 1) {
      needsDictionaryReset = false
      needsProperties = true
      decoder.resetDictionary()
    } else if (needsDictionaryReset) throw damaged()
    if (control < 0x80) {
      if (control > 2) throw damaged()
      const size = (await read(2)).reduce((value, byte) => value * 256 + byte, 0) + 1
      const content = await read(size)
      history.reserve(size)
      decoder.store(content)
      yield content
      continue
    }
    const [s1 = 0, s2 = 0, p1 = 0, p2 = 0] = await read(4)
    const size = ((control & 0x1f) << 16) + (s1 << 8) + s2 + 1
    if (control >= 0xc0) {
      decoder.setProperties((await read(1))[0] ?? 0)
      needsProperties = false
    } else if (needsProperties) throw damaged()
    else if (control >= 0xa0) decoder.reset()
    const packed = await read((p1 << 8) + p2 + 1)
    history.reserve(size)
    const start = history.end
    decoder.decode(packed, size)
    yield history.bytes.slice(start, history.end)
  }
}

function damaged(): ArchiveError {
  return new ArchiveError('corrupt', 'the LZMA2 chunks are out of order')
}
