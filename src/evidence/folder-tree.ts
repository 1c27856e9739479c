import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { FileBytes, SourceTree, TreeEntry } from '../model/tree.js'
import { joinPath, MAX_FILE_BYTES } from '../model/tree.js'

/**
 * A folder on disk. Synchronous underneath: for the many small files of a repository that is several times faster than
 * the thread pool, and nothing else runs meanwhile.
 */
export class FolderTree implements SourceTree {
  readonly #root: string

  /** `root` must exist; links in it are resolved once, so that "inside" has one meaning. */
  constructor(
    root: string,
    readonly label: string = root,
  ) {
    this.#root = realpathSync(resolve(root))
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const real = this.#inside(folder)
    if (real === undefined) return []
    let entries: readonly { name: string; isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }[]
    try {
      entries = readdirSync(real, { withFileTypes: true })
    } catch {
      return []
    }
    return entries
      .map((entry): TreeEntry => ({ path: joinPath(folder, entry.name), kind: kindOf(entry) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    const real = this.#inside(path)
    if (real === undefined) return undefined
    try {
      const stats = statSync(real)
      return { path, kind: kindOf(stats), size: stats.size, executable: (stats.mode & 0o111) !== 0 }
    } catch {
      return undefined
    }
  }

  async read(path: string, limit = MAX_FILE_BYTES): Promise<FileBytes> {
    const absolute = join(this.#root, ...path.split('/'))
    let real: string
    try {
      real = realpathSync(absolute)
    } catch (error) {
      return failure(error, path)
    }
    if (!this.#contains(real)) return { ok: false, failure: 'outside', why: `${path} is a link that leaves the tree` }
    let descriptor: number
    try {
      descriptor = openSync(real, 'r')
    } catch (error) {
      return failure(error, path)
    }
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) return { ok: false, failure: 'not-a-file', why: `${path} is not a regular file` }
      if (stats.size > limit)
        return { ok: false, failure: 'too-large', why: `${path} has ${stats.size} bytes, the limit is ${limit}` }
      return readWhole(descriptor, stats.size, limit, path)
    } catch (error) {
      return failure(error, path)
    } finally {
      closeSync(descriptor)
    }
  }

  async link(path: string): Promise<string | undefined> {
    const parent = this.#inside(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.')
    if (parent === undefined) return undefined
    try {
      const target = readlinkSync(join(parent, path.slice(path.lastIndexOf('/') + 1)))
      // Elsewhere a backslash is a character of a name.
      return sep === '\\' ? target.replaceAll('\\', '/') : target
    } catch {
      return undefined
    }
  }

  /** The real path, or undefined when absent or not inside. */
  #inside(path: string): string | undefined {
    const absolute = path === '.' ? this.#root : join(this.#root, ...path.split('/'))
    try {
      // lstat first: a plain entry of a plain parent needs no resolution, and most are.
      lstatSync(absolute)
      const real = realpathSync(absolute)
      return this.#contains(real) ? real : undefined
    } catch {
      return undefined
    }
  }

  #contains(real: string): boolean {
    const way = relative(this.#root, real)
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(this.#root, way) === real)
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): TreeEntry['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** A file can grow while it is read: never take more than the limit, never trust the size alone. */
function readWhole(descriptor: number, size: number, limit: number, path: string): FileBytes {
  let bytes = new Uint8Array(size)
  let length = 0
  for (;;) {
    if (length === bytes.length) {
      if (length > limit)
        return { ok: false, failure: 'too-large', why: `${path} grew over the limit of ${limit} bytes while it was read` }
      const probe = new Uint8Array(64 * 1024)
      const more = readSync(descriptor, probe, 0, probe.length, length)
      if (more === 0) break
      const grown = new Uint8Array(length + more)
      grown.set(bytes)
      grown.set(probe.subarray(0, more), length)
      bytes = grown
      length += more
      continue
    }
    const got = readSync(descriptor, bytes, length, bytes.length - length, length)
    if (got === 0) break
    length += got
  }
  return { ok: true, bytes: bytes.subarray(0, length) }
}

function failure(error: unknown, path: string): FileBytes {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR') return { ok: false, failure: 'absent', why: `${path} does not exist` }
  return { ok: false, failure: 'unreadable', why: `${path} cannot be read (${code})` }
}
