import type { FileBytes, SourceTree, TreeEntry } from '../../src/model/tree.js'
import { joinPath, MAX_FILE_BYTES } from '../../src/model/tree.js'

/** A tree in memory, for tests: paths to text or bytes. */
export class MemoryTree implements SourceTree {
  readonly label = 'memory'
  readonly #files: ReadonlyMap<string, Uint8Array>
  /** How many files were read, to hold readers to linear work. */
  reads = 0

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    const encoder = new TextEncoder()
    this.#files = new Map(
      Object.entries(files).map(([path, body]) => [path, typeof body === 'string' ? encoder.encode(body) : body]),
    )
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const prefix = folder === '.' ? '' : `${folder}/`
    const entries = new Map<string, TreeEntry>()
    for (const [path, bytes] of this.#files) {
      if (!path.startsWith(prefix)) continue
      const rest = path.slice(prefix.length)
      const slash = rest.indexOf('/')
      const full = joinPath(folder, slash < 0 ? rest : rest.slice(0, slash))
      entries.set(full, slash < 0 ? { path: full, kind: 'file', size: bytes.length } : { path: full, kind: 'folder' })
    }
    return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    const bytes = this.#files.get(path)
    if (bytes !== undefined) return { path, kind: 'file', size: bytes.length }
    const prefix = path === '.' ? '' : `${path}/`
    return [...this.#files.keys()].some((key) => key.startsWith(prefix)) ? { path, kind: 'folder' } : undefined
  }

  async read(path: string, limit = MAX_FILE_BYTES): Promise<FileBytes> {
    this.reads += 1
    const bytes = this.#files.get(path)
    if (bytes === undefined) return { ok: false, failure: 'absent', why: `${path} does not exist` }
    if (bytes.length > limit)
      return { ok: false, failure: 'too-large', why: `${path} has ${bytes.length} bytes, the limit is ${limit}` }
    return { ok: true, bytes }
  }

  async link(): Promise<string | undefined> {
    return undefined
  }
}
