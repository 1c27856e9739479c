import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** A named pipe must not be waited for. Windows has neither the flag nor the danger. */
export const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

export interface ReadFile {
  readonly bytes: Uint8Array
  /** Last use, as far as the store marked it. */
  readonly modifiedMs: number
}

/**
 * A regular file of at most `limit` bytes; undefined when it does not exist, is something else or cannot be read, and
 * `too-large` beyond the limit. Synchronous: for small files several times as fast, and the hashing that follows is too.
 */
export function readRegularFile(path: string, limit: number): ReadFile | 'too-large' | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, READ_FLAGS)
  } catch {
    return undefined
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return undefined
    if (stat.size > limit) return 'too-large'
    return { bytes: fillFromFile(descriptor, new Uint8Array(stat.size), 0), modifiedMs: stat.mtimeMs }
  } catch {
    return undefined
  } finally {
    closeSync(descriptor)
  }
}

/** Reads from an open file into `room`; gives the part that was filled, shorter where the file ends. */
export function fillFromFile(descriptor: number, room: Uint8Array, offset: number): Uint8Array {
  let filled = 0
  while (filled < room.length) {
    const read = readSync(descriptor, room, filled, room.length - filled, offset + filled)
    if (read === 0) break
    filled += read
  }
  return room.subarray(0, filled)
}
