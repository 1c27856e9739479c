import { closeSync, fstatSync, openSync } from 'node:fs'
import { fillFromFile, READ_FLAGS } from '../store/read-file.js'

/**
 * The bytes of a pack, read where they lie. Synchronous as the store is: a run reads thousands of small pieces and hashes
 * each, and the way through the thread pool costs several times what the reading does.
 */
export interface PackBytes {
  readonly size: number
  /** Fewer than `length` at the end. `room` may be used for them; then they hold until it is used again. */
  read(offset: number, length: number, room?: Uint8Array): Uint8Array
  close(): void
}

export function bytesInMemory(bytes: Uint8Array): PackBytes {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    close: () => undefined,
  }
}

/** Throws what the file system throws. */
export function bytesOfFile(path: string): PackBytes {
  const descriptor = openSync(path, READ_FLAGS)
  const stat = fstatSync(descriptor)
  if (!stat.isFile()) {
    closeSync(descriptor)
    throw new Error('it is not a file')
  }
  return {
    size: stat.size,
    read: (offset, length, room = new Uint8Array(length)) => fillFromFile(descriptor, room.subarray(0, length), offset),
    close: () => closeSync(descriptor),
  }
}
