import { AssayError } from '../model/error.js'
import type { FileBytes, SourceTree, TreeEntry } from '../model/tree.js'
import { baseName, folderOf, joinPath, MAX_FILE_BYTES, resolvePath } from '../model/tree.js'
import { askGit } from './git-command.js'
import { GitObjects } from './git-objects.js'

/** The listing of a tree of a million files has about 100 MB; a string of the engine holds 512 MB. */
const MAX_LISTING_BYTES = 256 * 1024 * 1024
/** A stored link target longer than any system's path. */
const MAX_LINK_BYTES = 8192
const MAX_LINK_HOPS = 40

interface GitEntry extends TreeEntry {
  readonly object: string
}

/**
 * Opens the tree of a commit without a checkout. `folder` is a repository or a folder in one: its own part of the tree
 * becomes the root. Throws `input-unreadable` when there is no repository, or no such commit.
 */
export async function openGitTree(folder: string, ref: string): Promise<SourceTree> {
  // git would take it for an option; no branch, tag or id begins so.
  if (ref === '' || ref.startsWith('-') || /[\u0000-\u0020\u007f]/.test(ref))
    throw new AssayError('input-unreadable', `${JSON.stringify(ref)} names no commit`, 'Name a branch, a tag or a commit id.')
  const prefix = askGit(folder, ['rev-parse', '--show-prefix'], 64 * 1024)
  if (!prefix.ok)
    throw new AssayError(
      'input-unreadable',
      `no git repository can be read there: ${prefix.why}`,
      'Name a folder in a git repository.',
    )
  const commit = askGit(folder, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], 64 * 1024)
  if (!commit.ok)
    throw new AssayError(
      'input-unreadable',
      `the repository has no commit ${ref}`,
      'Check the name; a shallow clone may not hold it.',
    )
  const id = commit.stdout.toString('latin1').trim()
  const inside = prefix.stdout.toString('utf8').replace(/\n$/, '').replace(/\/$/, '')
  const listing = askGit(folder, ['ls-tree', '-r', '-z', '-l', '--full-tree', `${id}:${inside}`], MAX_LISTING_BYTES)
  if (!listing.ok)
    throw new AssayError(
      'input-unreadable',
      `commit ${id} cannot be listed: ${listing.why}`,
      'Check that the folder exists in that commit.',
    )
  return new GitTree(parseListing(listing.stdout), new GitObjects(folder), `${folder}#${ref}`, id)
}

class GitTree implements SourceTree {
  constructor(
    readonly folders: ReadonlyMap<string, ReadonlyMap<string, GitEntry>>,
    readonly objects: GitObjects,
    readonly label: string,
    readonly commit: string,
  ) {}

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const at = await this.#resolve(folder)
    if (at === undefined) return []
    return [...(this.folders.get(at)?.values() ?? [])].map(({ kind, size, executable, path }) => ({
      path: joinPath(folder, baseName(path)),
      kind,
      size,
      executable,
    }))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    const at = await this.#resolve(path)
    if (at === undefined) return undefined
    if (this.folders.has(at)) return { path, kind: 'folder' }
    const entry = this.#entry(at)
    return entry === undefined ? undefined : { path, kind: entry.kind, size: entry.size, executable: entry.executable }
  }

  async read(path: string, limit = MAX_FILE_BYTES): Promise<FileBytes> {
    const at = await this.#resolve(path)
    const entry = at === undefined ? undefined : this.#entry(at)
    if (entry === undefined) {
      if (at !== undefined && this.folders.has(at))
        return { ok: false, failure: 'not-a-file', why: `${path} is not a regular file` }
      const named = this.#entry(path)
      return named?.kind === 'link'
        ? { ok: false, failure: 'outside', why: `${path} is a link to nothing inside the tree` }
        : { ok: false, failure: 'absent', why: `${path} does not exist` }
    }
    if (entry.kind !== 'file') return { ok: false, failure: 'not-a-file', why: `${path} is not a regular file` }
    if (entry.size !== undefined && entry.size > limit)
      return { ok: false, failure: 'too-large', why: `${path} has ${entry.size} bytes, the limit is ${limit}` }
    const answer = await this.objects.read(entry.object, limit)
    if (answer.ok) return answer
    return answer.failure === 'too-large'
      ? { ok: false, failure: 'too-large', why: `${path} is larger than the limit of ${limit} bytes` }
      : { ok: false, failure: 'unreadable', why: `${path} cannot be read: ${answer.why}` }
  }

  async link(path: string): Promise<string | undefined> {
    const entry = this.#entry(path)
    return entry?.kind === 'link' ? this.#target(entry) : undefined
  }

  #entry(path: string): GitEntry | undefined {
    return this.folders.get(folderOf(path))?.get(baseName(path))
  }

  async #target(entry: GitEntry): Promise<string | undefined> {
    const answer = await this.objects.read(entry.object, MAX_LINK_BYTES)
    return answer.ok ? new TextDecoder().decode(answer.bytes) : undefined
  }

  /** The path without links on the way; undefined when it leaves the tree, goes in circles or leads to nothing. */
  async #resolve(path: string): Promise<string | undefined> {
    if (path === '.' || this.folders.has(path)) return path
    const left = path.split('/')
    let at = '.'
    let hops = 0
    while (left.length > 0) {
      const name = left.shift() ?? ''
      const next = joinPath(at, name)
      if (this.folders.has(next)) {
        at = next
        continue
      }
      const entry = this.#entry(next)
      if (entry === undefined) return undefined
      if (entry.kind !== 'link') return left.length === 0 ? next : undefined
      hops += 1
      const target = hops > MAX_LINK_HOPS ? undefined : await this.#target(entry)
      const landed = target === undefined ? undefined : resolvePath(at, target)
      if (landed === undefined) return undefined
      if (landed !== '.') left.unshift(...landed.split('/'))
      at = '.'
    }
    return at
  }
}

/** The size is `-` for what has none and `BAD` for an object the repository lacks (a partial clone). */
const LISTED = /^(\d{6}) [a-z]+ ([0-9a-f]+) +(-|BAD|\d+)\t([\s\S]+)$/

/** What `git ls-tree -r -z -l` prints, by folder; folders are made from the paths. */
function parseListing(listing: Buffer): ReadonlyMap<string, ReadonlyMap<string, GitEntry>> {
  const folders = new Map<string, Map<string, GitEntry>>([['.', new Map()]])
  for (const line of listing.toString('utf8').split('\0')) {
    const match = LISTED.exec(line)
    if (match === null) {
      if (line === '') continue
      throw new AssayError(
        'input-unreadable',
        `git lists what is no tree entry: ${JSON.stringify(line.slice(0, 200))}`,
        'Check the repository with git fsck.',
      )
    }
    const [, mode = '', object = '', size = '-', path = ''] = match
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) continue
    addFolder(folders, folderOf(path)).set(baseName(path), {
      path,
      kind: kindOf(mode),
      object,
      ...(/^\d/.test(size) ? { size: Number(size) } : {}),
      executable: mode === '100755',
    })
  }
  for (const [folder, entries] of folders) folders.set(folder, new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1))))
  return folders
}

function addFolder(folders: Map<string, Map<string, GitEntry>>, folder: string): Map<string, GitEntry> {
  const known = folders.get(folder)
  if (known !== undefined) return known
  const made = new Map<string, GitEntry>()
  folders.set(folder, made)
  addFolder(folders, folderOf(folder)).set(baseName(folder), { path: folder, kind: 'folder', object: '' })
  return made
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '120000') return 'link'
  if (mode === '160000') return 'submodule'
  return mode.startsWith('100') ? 'file' : 'other'
}
