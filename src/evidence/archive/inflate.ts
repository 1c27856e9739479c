import { inflateRawSync } from 'node:zlib'
import { ArchiveError } from './limits.js'

/** Inflates raw deflate data to exactly `size` bytes; stops one byte after, whatever the data still holds. */
export function inflateBounded(packed: Uint8Array, size: number, name: string): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: size + 1 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new ArchiveError('corrupt', `${name} unpacks to more than the ${size} bytes it declares`)
    throw new ArchiveError('corrupt', `the data of ${name} is damaged`)
  }
}
