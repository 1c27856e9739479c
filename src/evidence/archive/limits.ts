/** Bounds for reading an archive that a stranger made. */
export interface ArchiveLimits {
  /** Bytes of the archive itself. */
  readonly maxPackedBytes: number
  /** Entries, and folders that entries imply. */
  readonly maxEntries: number
  /** Bytes of one entry's name; a link target may have as many. */
  readonly maxNameBytes: number
  /** Segments of a name. */
  readonly maxDepth: number
  /** Unpacked bytes of one entry. */
  readonly maxEntryBytes: number
  /** Unpacked bytes in all: of a zip the contents, of a packed tar the tar. */
  readonly maxTotalBytes: number
  /** Unpacked bytes for each packed byte of the whole archive, judged beyond the first megabyte. */
  readonly maxRatio: number
}

/**
 * 500 MiB is what Go allows a module zip, packed and unpacked (spec/go.md §7.4), and more than any crate or Zig package
 * is known to need. Deflate cannot pack better than 1,032 to 1, and single files of zeros come near; whole source
 * archives stay below 200.
 */
export const DEFAULT_LIMITS: ArchiveLimits = {
  maxPackedBytes: 500 * 1024 * 1024,
  maxEntries: 200_000,
  maxNameBytes: 4096,
  maxDepth: 128,
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
