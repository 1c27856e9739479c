import { createHash } from 'node:crypto'
import type { FileBytes, SourceTree, TreeEntry } from '../../model/tree.js'

/** A tree that keeps in mind what was read through it: the SHA-256 of every file, or why it could not be read. */
export class RecordingTree implements SourceTree {
  readonly #reads = new Map<string, string>()
  #changed: string | undefined

  constructor(readonly tree: SourceTree) {}

  get label(): string {
    return this.tree.label
  }

  get commit(): string | undefined {
    return this.tree.commit
  }

  /** By path; the value is a SHA-256, or the failure in words of `ReadFailure`. */
  get reads(): ReadonlyMap<string, string> {
    return this.#reads
  }

  /** A file that was read twice and differed. */
  get changed(): string | undefined {
    return this.#changed
  }

  list(folder: string): Promise<readonly TreeEntry[]> {
    return this.tree.list(folder)
  }

  stat(path: string): Promise<TreeEntry | undefined> {
    return this.tree.stat(path)
  }

  link(path: string): Promise<string | undefined> {
    return this.tree.link(path)
  }

  async read(path: string, limit?: number): Promise<FileBytes> {
    const read = await this.tree.read(path, limit)
    const outcome = read.ok ? createHash('sha256').update(read.bytes).digest('hex') : read.failure
    const before = this.#reads.get(path)
    // With another limit the same file may be too large.
    if (before !== undefined && before !== outcome && before !== 'too-large' && outcome !== 'too-large') this.#changed ??= path
    if (before === undefined || before === 'too-large') this.#reads.set(path, outcome)
    return read
  }
}
