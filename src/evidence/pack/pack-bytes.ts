import { type FileHandle, open } from 'node:fs/promises'

/** The bytes of a pack, read where they lie. */
export interface PackBytes {
  readonly size: number
  /** Fewer than `length` at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

export function bytesInMemory(bytes: Uint8Array): PackBytes {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  }
}

/** Throws what the file system throws. */
export async function bytesOfFile(path: string): Promise<PackBytes> {
  const file = await open(path, 'r')
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error('it is not a file')
    return { size: stat.size, read: (offset, length) => readAt(file, offset, length), close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
