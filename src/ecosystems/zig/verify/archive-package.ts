import { readArchive } from '../../../evidence/archive/archive.js'
import type { ArchiveEntry } from '../../../evidence/archive/entry.js'
import type { ArchiveFormat } from '../../../evidence/archive/format.js'
import type { ArchiveLimits, ArchiveProblemCode } from '../../../evidence/archive/limits.js'
import { ArchiveError, DEFAULT_LIMITS } from '../../../evidence/archive/limits.js'
import { linkLeavesRoot } from '../../../evidence/archive/member-path.js'
import { MAX_MANIFEST_BYTES } from '../package-store.js'
import type { PackageEntry, PackageHashes } from './tree-hash.js'
import { hashPackage, MANIFEST, packageEntries } from './tree-hash.js'

export type PackageArchiveProblem =
  /** A member would be written outside the package: hostile. */
  | 'path-escape'
  /** A hard link, fifo or device among the files that count. */
  | 'unsupported-entry'
  /** One path twice among the files that count. */
  | 'duplicate-entry'
  /** It is no archive, or a damaged or cut off one: a transfer can do that. */
  | 'damaged'
  /** It can be read by some reader, and is not read here: over a limit, of a kind or with names that are not supported. */
  | 'unreadable'

export type PackageArchiveNote =
  /** Members begin with `./`; zig 0.14 fails on it. */
  | 'dot-prefix'
  /** One file at the top and nothing else; zig takes its name for the root folder and fails. */
  | 'single-file'
  /** Links of a zip are unpacked as files that hold their target: the same content as tar has another hash. */
  | 'zip-symlink'
  /** A link names a place outside the package. Zig hashes its text and makes it all the same. */
  | 'link-outside'

export type PackageArchive =
  | {
      readonly ok: true
      readonly hashes: PackageHashes
      readonly notes: readonly PackageArchiveNote[]
      /** Every manifest in it by its path, those that `paths` leave out included. */
      readonly manifests: ReadonlyMap<string, Uint8Array>
    }
  | { readonly ok: false; readonly problem: PackageArchiveProblem; readonly why: string }

/**
 * Hashes a package archive as zig unpacks it (spec/zig.md §5.3): common root folder stripped, links in tar kept, the
 * manifest's `paths` applied, names outside them excused what is refused elsewhere. Nothing is written to disk. Never
 * throws on content.
 */
export async function hashPackageArchive(
  bytes: Uint8Array,
  format: ArchiveFormat,
  limits: ArchiveLimits = DEFAULT_LIMITS,
): Promise<PackageArchive> {
  const members = new Members()
  try {
    // zig reads a zstd file to its end, and of gzip and xz the first part alone.
    const parts = format.container === 'tar' && format.packing === 'zstd' ? 'all' : 'one'
    for await (const entry of readArchive(bytes, format, { limits, members: parts })) members.add(entry, format)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    return { ok: false, problem: PROBLEMS[error.code] ?? 'unreadable', why: error.message }
  }
  return members.result()
}

const PROBLEMS: Readonly<Partial<Record<ArchiveProblemCode, PackageArchiveProblem>>> = {
  escapes: 'path-escape',
  'duplicate-name': 'duplicate-entry',
  'not-an-archive': 'damaged',
  truncated: 'damaged',
  corrupt: 'damaged',
}

/** Manifests have some kilobytes; an archive can be made of nothing else. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024

/** Both ways to see a member: below the root folder that all may share, and as it stands. */
interface Member {
  readonly whole: PackageEntry
  readonly below: PackageEntry | undefined
  readonly again: boolean
  readonly type: string
}

/** Collects members without knowing until the end whether they share a root, nor what `paths` leave out. */
class Members {
  readonly #members: Member[] = []
  readonly #manifests = new Map<string, Uint8Array>()
  #keepBytes = MAX_KEPT_BYTES
  readonly #notes = new Set<PackageArchiveNote>()
  /** The first component of all members so far; `undefined` before the first, `false` once two differ. */
  #root: string | undefined | false

  add(entry: ArchiveEntry, format: ArchiveFormat): void {
    if (entry.name.startsWith('./')) this.#notes.add('dot-prefix')
    if (entry.path === '.') return
    const slash = entry.path.indexOf('/')
    const first = slash < 0 ? entry.path : entry.path.slice(0, slash)
    const isFolder = entry.kind === 'folder'
    if ((slash < 0 && !isFolder) || (this.#root !== undefined && this.#root !== first)) this.#root = false
    else this.#root ??= first
    if (isFolder) return
    if (entry.kind === 'symlink' && format.container === 'zip') this.#notes.add('zip-symlink')
    const kind = kindIn(entry, format)
    if (kind === 'link' && linkLeavesRoot(entry.path, entry.linkTarget ?? '')) this.#notes.add('link-outside')
    const below = this.#root === false ? [] : [entry.path.slice(slash + 1)]
    const content = kind === 'link' ? (entry.linkTarget ?? '') : entry.bytes
    const [whole, stripped] = packageEntries([entry.path, ...below], kind, content)
    if (whole === undefined) return
    if (kind === 'file') this.#keep(entry)
    this.#members.push({ whole, below: stripped, again: entry.again, type: entry.type })
  }

  #keep({ path, bytes }: ArchiveEntry): void {
    if (path !== MANIFEST && !path.endsWith(`/${MANIFEST}`)) return
    const mayBeOwn = path === MANIFEST || path === `${this.#root}/${MANIFEST}`
    // zig stops at an own manifest of that size; a byte that no manifest holds makes ours stop as well.
    if (bytes.length > MAX_MANIFEST_BYTES) {
      if (mayBeOwn) this.#manifests.set(path, Uint8Array.of(0))
      return
    }
    if (!mayBeOwn && bytes.length > this.#keepBytes) return
    if (!mayBeOwn) this.#keepBytes -= bytes.length
    this.#manifests.set(path, new Uint8Array(bytes))
  }

  result(): PackageArchive {
    const root = this.#root
    const stripped = typeof root === 'string'
    if (!stripped && this.#members.length === 1) this.#notes.add('single-file')
    const members = this.#members.map((member) => ({
      ...member,
      entry: stripped ? (member.below ?? member.whole) : member.whole,
    }))
    const skip = stripped ? root.length + 1 : 0
    const manifests = new Map([...this.#manifests].map(([path, bytes]) => [path.slice(skip), bytes]))
    const manifest = manifests.get(MANIFEST)
    const hashes = hashPackage(
      members.map(({ entry }) => entry),
      manifest,
    )
    const included = new Set(hashes.included)
    for (const { entry, again, type } of members) {
      if (!included.has(entry)) continue
      if (entry.kind === 'special')
        return { ok: false, problem: 'unsupported-entry', why: `${entry.path} is of type ${type}, which zig does not unpack` }
      if (again) return { ok: false, problem: 'duplicate-entry', why: `${entry.path} is there twice` }
    }
    return { ok: true, hashes, notes: [...this.#notes], manifests }
  }
}

function kindIn(entry: ArchiveEntry, format: ArchiveFormat): PackageEntry['kind'] {
  if (entry.kind === 'file') return 'file'
  if (entry.kind === 'symlink') return format.container === 'zip' ? 'file' : 'link'
  return 'special'
}
