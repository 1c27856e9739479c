import { randomBytes } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files that begin like this are half-written: of a process that runs, or that was ended in the middle. */
export const TEMPORARY = '.tmp-'

/**
 * Writes a file whole or not at all: under a temporary name in its own folder, then renamed. `flush`: on the disk before it
 * takes its name, so that not even a power cut leaves half of it; for what nobody checks when reading it. Throws what the
 * file system throws, and leaves nothing behind unless the process is ended.
 */
export async function replaceFile(path: string, chunks: Iterable<Uint8Array>, mode: number, flush = true): Promise<void> {
  const temporary = join(dirname(path), `${TEMPORARY}${randomBytes(12).toString('hex')}`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      for (const chunk of chunks) await file.writeFile(chunk)
      if (flush) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/**
 * The same for a small file, at once and without waiting for the disk: several times faster than through the thread pool,
 * where four calls a file are four trips.
 */
export function replaceSmallFile(path: string, bytes: Uint8Array, mode: number): void {
  const temporary = join(dirname(path), `${TEMPORARY}${randomBytes(12).toString('hex')}`)
  try {
    const descriptor = openSync(temporary, 'wx', mode)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
