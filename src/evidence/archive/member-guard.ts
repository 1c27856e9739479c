import type { EntryKind } from './entry.js'
import type { ArchiveLimits } from './limits.js'
import { ArchiveError } from './limits.js'

interface Node {
  /** Undefined for a folder that only its members imply. */
  kind: EntryKind | undefined
  children: Map<string, Node> | undefined
}

/**
 * Holds the members of one archive against each other: none lies behind a link or below a file, whichever came first.
 * Kept as a tree of segments, so that a long name costs its length and no more; folders that are only implied count as
 * entries, or a few long names would make millions.
 */
export class MemberGuard {
  readonly #root: Node = { kind: undefined, children: undefined }
  #nodes = 0

  constructor(readonly limits: Pick<ArchiveLimits, 'maxEntries'>) {}

  /** Adds a member; true when its path was there before. Throws `ArchiveError`. */
  add(path: string, kind: EntryKind): boolean {
    if (path === '.') {
      if (kind !== 'folder') throw new ArchiveError('escapes', 'a member takes the place of the archive root')
      return false
    }
    const segments = path.split('/')
    let node = this.#root
    segments.forEach((segment, i) => {
      if (i > 0) refuseBelow(node, segments.slice(0, i).join('/'), path)
      node = this.#child(node, segment)
    })
    if (kind !== 'folder' && node.children !== undefined)
      throw new ArchiveError(kind === 'symlink' ? 'escapes' : 'inconsistent', `${path} holds members and is no folder`)
    const before = node.kind
    if (before !== undefined && (before === 'folder') !== (kind === 'folder'))
      throw new ArchiveError(
        before === 'symlink' || kind === 'symlink' ? 'escapes' : 'inconsistent',
        `${path} is there as a folder and as something else`,
      )
    // Of two members with one path the link is remembered: some reader keeps the one, some the other.
    if (before !== 'symlink') node.kind = kind
    return before !== undefined
  }

  #child(parent: Node, segment: string): Node {
    const known = parent.children?.get(segment)
    if (known !== undefined) return known
    this.#nodes += 1
    if (this.#nodes > this.limits.maxEntries)
      throw new ArchiveError('too-many-entries', `more than ${this.limits.maxEntries} files and folders`)
    const made: Node = { kind: undefined, children: undefined }
    parent.children ??= new Map()
    parent.children.set(segment, made)
    return made
  }
}

function refuseBelow(node: Node, folder: string, path: string): void {
  if (node.kind === undefined || node.kind === 'folder') return
  throw new ArchiveError(
    node.kind === 'symlink' ? 'escapes' : 'inconsistent',
    node.kind === 'symlink' ? `${path} lies behind the link ${folder}` : `${path} lies below ${folder}, which is no folder`,
  )
}
