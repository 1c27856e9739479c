import type { ArchiveEntry } from '../../src/evidence/archive/entry.js'
import { ArchiveError, type ArchiveProblemCode } from '../../src/evidence/archive/limits.js'

/** All bytes of a stream. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

/** All members, their content copied. */
export async function collectEntries(entries: AsyncIterable<ArchiveEntry>): Promise<ArchiveEntry[]> {
  const all: ArchiveEntry[] = []
  for await (const entry of entries) all.push({ ...entry, bytes: Uint8Array.from(entry.bytes) })
  return all
}

/** The code something is refused with; what is not refused gives `accepted`. Anything but an `ArchiveError` is thrown on. */
export async function refusal(work: () => unknown): Promise<ArchiveProblemCode | 'accepted'> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    if (error instanceof ArchiveError) return error.code
    throw error
  }
}

/** The bytes in pieces of the given sizes, over and over. */
export async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

export interface Damage {
  readonly at: number
  readonly bit: number
}

/** A copy with some bits turned; places count from the start and wrap around. */
export function damaged(bytes: Uint8Array, damages: readonly Damage[]): Uint8Array {
  const copy = Uint8Array.from(bytes)
  for (const { at, bit } of damages) {
    const place = at % Math.max(1, copy.length)
    copy[place] = (copy[place] ?? 0) ^ (1 << bit)
  }
  return copy
}
