import type { FileBytes, SourceTree, TreeEntry } from '../../model/tree.js'
import { baseName, folderOf, joinPath, MAX_FILE_BYTES, resolvePath } from '../../model/tree.js'
import type { ArchiveEntry } from './entry.js'
import { ArchiveError } from './limits.js'

const MAX_LINK_HOPS = 40

interface Member extends TreeEntry {
  readonly bytes?: Uint8Array | undefined
  readonly linkTarget?: string | undefined
}

export interface ArchiveTreeOptions {
  /** How to show the archive to a person. */
  readonly label: string
  /** Whose content to keep for reading; default: everything, which the archive's limits bound. */
  readonly keep?: ((path: string) => boolean) | undefined
}

/**
 * An archive as a tree, all kept content in memory: for the manifests of a `.crate` or module zip. A path that comes
 * twice refuses the archive, since readers keep the first or the last. Throws `ArchiveError`.
 */
export async function openArchiveTree(
  entries: AsyncIterable<ArchiveEntry>,
  { label, keep = () => true }: ArchiveTreeOptions,
): Promise<SourceTree> {
  const folders = new Map<string, Map<string, Member>>([['.', new Map()]])
  for await (const entry of entries) {
    if (entry.path === '.') continue
    if (entry.kind === 'folder') {
      addFolder(folders, entry.path)
      continue
    }
    if (entry.again) throw new ArchiveError('duplicate-name', `${entry.path} is there twice`)
    addFolder(folders, folderOf(entry.path)).set(baseName(entry.path), memberOf(entry, keep(entry.path)))
  }
  for (const [folder, members] of folders) folders.set(folder, new Map([...members].sort(([a], [b]) => (a < b ? -1 : 1))))
  return new ArchiveTree(folders, label)
}

function memberOf(entry: ArchiveEntry, kept: boolean): Member {
  const { path, size } = entry
  switch (entry.kind) {
    case 'file':
      // A copy: the entry's bytes may be a part of a larger buffer.
      return {
        path,
        kind: 'file',
        size,
        executable: (entry.mode & 0o111) !== 0,
        ...(kept ? { bytes: new Uint8Array(entry.bytes) } : {}),
      }
    case 'symlink':
      return { path, kind: 'link', linkTarget: entry.linkTarget }
    default:
      return { path, kind: 'other' }
  }
}

function addFolder(folders: Map<string, Map<string, Member>>, folder: string): Map<string, Member> {
  const known = folders.get(folder)
  if (known !== undefined) return known
  const made = new Map<string, Member>()
  folders.set(folder, made)
  addFolder(folders, folderOf(folder)).set(baseName(folder), { path: folder, kind: 'folder' })
  return made
}

class ArchiveTree implements SourceTree {
  constructor(
    readonly folders: ReadonlyMap<string, ReadonlyMap<string, Member>>,
    readonly label: string,
  ) {}

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const at = this.#resolve(folder)
    if (at === undefined) return []
    return [...(this.folders.get(at)?.values() ?? [])].map((member) => shown(joinPath(folder, baseName(member.path)), member))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    const at = this.#resolve(path)
    if (at === undefined) return undefined
    if (this.folders.has(at)) return { path, kind: 'folder' }
    const member = this.#member(at)
    return member === undefined ? undefined : shown(path, member)
  }

  async read(path: string, limit = MAX_FILE_BYTES): Promise<FileBytes> {
    const at = this.#resolve(path)
    const member = at === undefined ? undefined : this.#member(at)
    if (at === undefined && this.#member(path)?.kind === 'link')
      return { ok: false, failure: 'outside', why: `${path} is a link to nothing inside the archive` }
    if (member === undefined && (at === undefined || !this.folders.has(at)))
      return { ok: false, failure: 'absent', why: `${path} does not exist` }
    if (member?.kind !== 'file') return { ok: false, failure: 'not-a-file', why: `${path} is not a regular file` }
    const { bytes, size = 0 } = member
    if (size > limit) return { ok: false, failure: 'too-large', why: `${path} has ${size} bytes, the limit is ${limit}` }
    if (bytes === undefined) return { ok: false, failure: 'unreadable', why: `the content of ${path} was not kept` }
    return { ok: true, bytes }
  }

  async link(path: string): Promise<string | undefined> {
    return this.#member(path)?.linkTarget
  }

  #member(path: string): Member | undefined {
    return this.folders.get(folderOf(path))?.get(baseName(path))
  }

  /** The path without links on the way; undefined when it leaves the archive, goes in circles or leads to nothing. */
  #resolve(path: string): string | undefined {
    const left = path === '.' ? [] : path.split('/')
    let at = '.'
    let hops = 0
    while (left.length > 0) {
      const next = joinPath(at, left.shift() ?? '')
      if (this.folders.has(next)) {
        at = next
        continue
      }
      const member = this.#member(next)
      if (member === undefined) return undefined
      if (member.linkTarget === undefined) return left.length === 0 ? next : undefined
      hops += 1
      const landed = hops > MAX_LINK_HOPS ? undefined : resolvePath(at, member.linkTarget)
      if (landed === undefined) return undefined
      if (landed !== '.') left.unshift(...landed.split('/'))
      at = '.'
    }
    return at
  }
}

function shown(path: string, { kind, size, executable }: Member): TreeEntry {
  return { path, kind, size, executable }
}
