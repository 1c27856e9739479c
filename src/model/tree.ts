/** One entry of a folder. `path` is relative to the tree's root, `/`-separated; `.` is the root. */
export interface TreeEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'submodule' | 'other'
  /** Bytes, for files, where known without reading. */
  readonly size?: number | undefined
  readonly executable?: boolean | undefined
}

export type ReadFailure =
  | 'absent'
  | 'not-a-file'
  | 'too-large'
  /** The path, or a link on the way, leads out of the tree. */
  | 'outside'
  /** The system refused: permission, I/O error. */
  | 'unreadable'

export type FileBytes =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly failure: ReadFailure; readonly why: string }

/**
 * A read-only view of files: a folder, a git commit, an archive, memory. Nothing else touches input. Links are
 * followed only while they stay inside. Paths given are relative, `/`-separated, and never climb above the root.
 */
export interface SourceTree {
  /** How to show it to a person; never in output that must not depend on the machine. */
  readonly label: string
  /** Id of the commit whose files these are, where they are those of one and of nothing else. */
  readonly commit?: string | undefined
  /** Entries of a folder in code-unit order; empty for what is not a folder. */
  list(folder: string): Promise<readonly TreeEntry[]>
  /** After following links; undefined when absent or outside. */
  stat(path: string): Promise<TreeEntry | undefined>
  /** The whole file, at most `limit` bytes (default `MAX_FILE_BYTES`). */
  read(path: string, limit?: number): Promise<FileBytes>
  /** Where a link points, as stored; undefined for what is not a link. */
  link(path: string): Promise<string | undefined>
}

/** 256 MiB: over twice the largest lockfile a real repository is known to hold, and still bounded. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024

/** `folder/name` with `.` folded away. */
export function joinPath(folder: string, name: string): string {
  return folder === '.' || folder === '' ? name : `${folder}/${name}`
}

/** The folder of a path; `.` for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '.' : path.slice(0, slash)
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * Resolves `path` (as written in a manifest, `/` or `\` separated) against a folder of the tree. Undefined when it is
 * absolute (POSIX, drive letter, UNC) or climbs above the root: it is then outside the repository.
 */
export function resolvePath(folder: string, path: string): string | undefined {
  const unified = path.replaceAll('\\', '/')
  if (unified.startsWith('/') || /^[A-Za-z]:/.test(unified)) return undefined
  const parts: string[] = folder === '.' || folder === '' ? [] : folder.split('/')
  for (const part of unified.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else parts.push(part)
  }
  return parts.length === 0 ? '.' : parts.join('/')
}
