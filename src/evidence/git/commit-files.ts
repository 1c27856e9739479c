import type { GitLimits } from './limits.js'
import type { ReadObject, VerifiedObjects } from './objects.js'
import { isFolder, readTree, type TreeItem } from './tree-object.js'

interface Named {
  /** From the root, `/`-separated; bytes that are not UTF-8 are replaced. */
  readonly path: string
  /** The path as stored: two paths that differ only here are two files. */
  readonly rawPath: Uint8Array
}

/** One file of a commit, as stored: no attribute (line ends, `export-subst`, `export-ignore`, filters) is applied. */
export type CommitEntry =
  | (Named & {
      readonly kind: 'file'
      readonly mode: string
      readonly executable: boolean
      readonly id: string
      readonly bytes: Uint8Array
    })
  /** `bytes` is where it points, which may be anywhere. */
  | (Named & { readonly kind: 'link'; readonly mode: string; readonly id: string; readonly bytes: Uint8Array })
  /** The commit of another repository: nothing of it is read. */
  | (Named & { readonly kind: 'submodule'; readonly mode: string; readonly commit: string })
  /** A file or folder whose content is not known; whoever hashes all files cannot. */
  | (Named & { readonly kind: 'unreadable'; readonly failure: EntryFailure; readonly why: string })

export type EntryFailure = Exclude<ReadObject, { ok: true }>['failure'] | 'malformed' | 'too-many'

export type WalkLimits = Pick<GitLimits, 'blobBytes' | 'commitBytes' | 'entries' | 'depth' | 'pathBytes'>

interface Folder {
  readonly prefix: Buffer
  readonly items: Iterator<TreeItem>
}

const EMPTY = new Uint8Array(0)
/** An entry has at least 26 bytes; this holds more of them than any limit of ours. */
const MAX_TREE_BYTES = 64 * 1024 * 1024

/**
 * All files of a tree in the byte order of their paths. Every tree and file is checked against its id, so that what comes
 * out is what the commit id stands for. Without `contents`, files and links come with no bytes and unread.
 */
export async function* walkTree(
  objects: VerifiedObjects,
  tree: string,
  limits: WalkLimits,
  contents: boolean,
): AsyncGenerator<CommitEntry, void, void> {
  const idBytes = objects.algorithm === 'sha1' ? 20 : 32
  const open: Folder[] = []
  let seen = 0
  let bytesLeft = limits.commitBytes
  const enter = async (id: string, path: Buffer): Promise<CommitEntry | undefined> => {
    if (open.length >= limits.depth) return unreadable(path, 'too-many', `more than ${limits.depth} folders deep`)
    const object = await objects.read(id, MAX_TREE_BYTES)
    if (!object.ok) return unreadable(path, object.failure, object.why)
    if (object.type !== 'tree') return unreadable(path, 'malformed', `a folder whose object is a ${object.type}`)
    const read = readTree(object.bytes, idBytes)
    if (!read.ok) return unreadable(path, 'malformed', read.why)
    open.push({ prefix: path, items: read.items[Symbol.iterator]() })
    return undefined
  }
  const atRoot = await enter(tree, Buffer.alloc(0))
  if (atRoot !== undefined) yield atRoot
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const next = folder.items.next()
    if (next.done === true) {
      open.pop()
      continue
    }
    const item = next.value
    const path = folder.prefix.length === 0 ? Buffer.from(item.name) : Buffer.concat([folder.prefix, Buffer.from('/'), item.name])
    if ((seen += 1) > limits.entries) return yield unreadable(path, 'too-many', `more than ${limits.entries} files and folders`)
    if (path.length > limits.pathBytes) {
      yield unreadable(path.subarray(0, limits.pathBytes), 'too-large', `a path of more than ${limits.pathBytes} bytes`)
      continue
    }
    if (isFolder(item)) {
      const failed = await enter(item.id, path)
      if (failed !== undefined) yield failed
      continue
    }
    const entry = await readItem(objects, item, path, contents ? Math.min(limits.blobBytes, bytesLeft) : undefined)
    if (entry.kind === 'file') bytesLeft -= entry.bytes.length
    yield entry
  }
}

async function readItem(
  objects: VerifiedObjects,
  item: TreeItem,
  rawPath: Buffer,
  limit: number | undefined,
): Promise<CommitEntry> {
  const { mode, id } = item
  const named = { path: rawPath.toString('utf8'), rawPath }
  if (mode === '160000') return { kind: 'submodule', ...named, mode, commit: id }
  const link = mode === '120000'
  if (!link && !mode.startsWith('100')) return unreadable(rawPath, 'malformed', `mode ${mode} is none that git knows`)
  let bytes: Uint8Array = EMPTY
  if (limit !== undefined) {
    const object = await objects.read(id, limit)
    if (!object.ok) return unreadable(rawPath, object.failure, object.why)
    if (object.type !== 'blob') return unreadable(rawPath, 'malformed', `a file whose object is a ${object.type}`)
    bytes = object.bytes
  }
  // Only the owner's bit counts: git itself knows no other.
  return link
    ? { kind: 'link', ...named, mode, id, bytes }
    : { kind: 'file', ...named, mode, id, bytes, executable: (Number.parseInt(mode, 8) & 0o100) !== 0 }
}

function unreadable(rawPath: Buffer, failure: EntryFailure, why: string): CommitEntry {
  return { kind: 'unreadable', path: rawPath.length === 0 ? '.' : rawPath.toString('utf8'), rawPath, failure, why }
}
