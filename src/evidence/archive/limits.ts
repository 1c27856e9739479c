/** Bounds for reading an archive that a stranger made. */
export interface ArchiveLimits {
  readonly maxEntries: number
  /** Bytes of one entry's name, link target included. */
  readonly maxNameBytes: number
  /** Unpacked bytes of one entry. */
  readonly maxEntryBytes: number
  /** Unpacked bytes of all entries together. */
  readonly maxTotalBytes: number
  /** Unpacked bytes for each packed byte, judged once an entry is larger than a megabyte. */
  readonly maxRatio: number
}

/**
 * 500 MiB unpacked is what Go allows a module zip (spec/go.md §7.4) and more than any crate or Zig package is known to
 * need. Deflate cannot pack better than 1,032 to 1; real sources stay below 200.
 */
export const DEFAULT_LIMITS: ArchiveLimits = {
  maxEntries: 200_000,
  maxNameBytes: 4096,
  maxEntryBytes: 500 * 1024 * 1024,
  maxTotalBytes: 500 * 1024 * 1024,
  maxRatio: 1000,
}

export type ArchiveProblemCode =
  | 'not-an-archive'
  | 'truncated'
  | 'inconsistent'
  | 'unsupported'
  | 'corrupt'
  | 'duplicate-name'
  | 'bad-name'
  | 'escapes'
  | 'too-large'
  | 'too-many-entries'
  | 'ratio'

/** Why an archive was refused. An archive that is refused in one place is refused whole. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
  constructor(
    readonly code: ArchiveProblemCode,
    message: string,
  ) {
    super(message)
  }
}
