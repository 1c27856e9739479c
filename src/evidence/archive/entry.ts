/** What an archive says a member is. `other` is what holds no content of its own: device, fifo, unknown type. */
export type EntryKind = 'file' | 'folder' | 'symlink' | 'hardlink' | 'other'

/** One member of an archive, its name already known to stay inside the archive's root. */
export interface ArchiveEntry {
  /** As stored. */
  readonly name: string
  /** `name` without `./`, doubled and trailing slashes; `.` for the root itself. */
  readonly path: string
  readonly kind: EntryKind
  /** What the archive calls the type, for messages: a tar type flag, or the file type bits of a zip in octal. */
  readonly type: string
  /** Unix permission bits, 0 where the archive has none. */
  readonly mode: number
  readonly size: number
  /** For links, as stored. Nothing says that it stays inside: see `linkLeavesRoot`. */
  readonly linkTarget?: string | undefined
  /** A member of this path came before. */
  readonly again: boolean
  /** The content of a file; for the others empty. Valid until the next member is asked for. */
  readonly bytes: Uint8Array
}
