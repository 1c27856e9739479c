import type { AnswerRecord } from '../store/answer-record.js'
import type { FactRecord } from '../store/fact-record.js'

/**
 * # The evidence pack, version 1
 *
 * One file: an uncompressed POSIX tar (ustar) of regular files, in this order and with nothing else:
 *
 *     manifest.json       sealed JSON: {format, meta, answers, facts, blobs, sum}
 *     answers.jsonl       one answer a line, in the order of their keys
 *     facts.jsonl         one fact a line, in the order of their names
 *     blobs/<sha256>      bytes that an answer or fact names, in the order of their names
 *
 * then two blocks of zeros and the end of the file.
 *
 * - Every header is determined by name and size: mode 0644, owner and group 0, time 0, no names of either. Padding is zeros.
 *   So there is one pack for a set of answers, byte for byte, and a reader compares headers instead of interpreting them.
 * - It is not compressed: what deflate makes of the same bytes differs from one zlib to the next, most blobs are archives
 *   that do not get smaller, and stored bytes can be read where they lie, without room for all of them.
 * - `meta` holds texts of the writer's, by name. `answers` and `facts` are {count, bytes, sha256} of their files, `blobs` is
 *   {count, bytes}. `sum` is the SHA-256 of the manifest's own text without it.
 * - Which blobs there are and how long each is follows from the lines; each must hash to its name.
 *
 * Hence every byte of a pack is covered: by its name, by the lines, by the manifest, by `sum`, or by being determined.
 * That keeps accidents out. Whoever wants to know that it is the pack of somebody in particular pins the SHA-256 of the file.
 *
 * A line is a JSON object without blanks, its members in the order and with the meaning of `recordMembers` and `factMembers`.
 */
export const PACK_FORMAT = 'assay-evidence-pack-1'
export const PACK_FORMATS = 'assay-evidence-pack-'

export const MANIFEST = 'manifest.json'
export const ANSWERS = 'answers.jsonl'
export const FACTS = 'facts.jsonl'

export function blobMember(sha256: string): string {
  return `blobs/${sha256}`
}

export const BLOCK = 512
export const END = new Uint8Array(2 * BLOCK)

/** Bounds for packs of strangers; a writer keeps them too. */
export const MAX_MANIFEST_BYTES = 1 << 20
/** Of each of the two files of lines: several hundred thousand answers. */
export const MAX_LINES_BYTES = 128 * 1024 * 1024
/** One blob is read whole when it is asked for. */
export const MAX_BLOB_BYTES = 1024 * 1024 * 1024

/** The header of a member: just these bytes. */
export function memberHeader(name: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK)
  const put = (at: number, text: string): void => void header.write(text, at, 'latin1')
  put(0, name)
  put(100, '0000644\0' + '0000000\0' + '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`)
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\0' + '00')
  put(329, '0000000\0' + '0000000\0')
  let sum = 0
  for (const byte of header) sum += byte
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return header
}

/** The size that a header states; undefined when the field is none of ours. */
export function statedSize(header: Uint8Array): number | undefined {
  const digits = Buffer.from(header.subarray(124, 135)).toString('latin1')
  return /^[0-7]{11}$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

/** Zeros up to the next block. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** The blobs that records name, in the order of the pack, with their sizes; `undefined` when two records contradict. */
export function namedBlobs(
  answers: Iterable<AnswerRecord>,
  facts: Iterable<FactRecord>,
): readonly (readonly [sha256: string, size: number])[] | undefined {
  const sizes = new Map<string, number>()
  const add = ({ sha256, size }: { readonly sha256: string; readonly size: number }): boolean => {
    const before = sizes.get(sha256)
    sizes.set(sha256, size)
    return before === undefined || before === size
  }
  for (const record of answers) if (record.kind === 'ok' && !add(record)) return undefined
  for (const record of facts) if (!add(record)) return undefined
  return [...sizes].sort(([a], [b]) => (a < b ? -1 : 1))
}
