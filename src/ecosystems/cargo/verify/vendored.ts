import { createHash } from 'node:crypto'
import { DEFAULT_LIMITS } from '../../../evidence/archive/limits.js'
import { memberPath } from '../../../evidence/archive/member-path.js'
import type { SourceTree } from '../../../model/tree.js'
import { joinPath } from '../../../model/tree.js'
import { CHECKSUM_FILE, readChecksumFile } from './checksum-file.js'
import type { CrateFile } from './crate.js'

/** How a tree differs from a list of files; paths below the package's folder, in code-unit order. */
export interface TreeDifference {
  readonly changed: readonly string[]
  readonly missing: readonly string[]
  /** In the tree and not in the list: cargo never looks for them, and compiles a `build.rs` among them. */
  readonly extra: readonly string[]
}

/** A vendored package held against its three authorities (spec/cargo.md §3.8, §6 levels 3 to 5). */
export interface VendoredPackage {
  /** Against the list beside it. Whoever edits a file can edit the list, so that agreement proves little. */
  readonly list:
    | { readonly kind: 'absent' | 'unreadable' }
    | (TreeDifference & {
        readonly kind: 'compared'
        readonly agrees: boolean
        /** Listed paths that lead out of the package; cargo hashes what is there. */
        readonly escaping: readonly string[]
      })
  /** The checksum the list claims for the archive, against that of the lockfile. */
  readonly lock: 'match' | 'mismatch' | 'absent' | 'not-locked'
  /** Against the bytes of the archive, where they are at hand: the one comparison that says the files are the published ones. */
  readonly archive:
    | (TreeDifference & {
        readonly agrees: boolean
        /** Missing, as `cargo vendor` of some version leaves them out. */
        readonly tolerated: readonly string[]
      })
    | undefined
}

export interface VendorAuthorities {
  /** The checksum of Cargo.lock; undefined for what has none there. */
  readonly lockChecksum: string | undefined
  /** Files of the `.crate` whose checksum the lockfile records, as `readCrate` gives them. */
  readonly archive: ReadonlyMap<string, CrateFile> | undefined
}

/** No crate is known to have a tenth of it. */
const MAX_FILES = 100_000
const MAX_DEPTH = 128

/** Compares one folder of a vendor directory. Links are never followed: no archive of cargo's holds one. Never throws on content. */
export async function compareVendored(
  tree: SourceTree,
  folder: string,
  { lockChecksum, archive }: VendorAuthorities,
): Promise<VendoredPackage> {
  const found = await hashFolder(tree, folder)
  const read = await tree.read(joinPath(folder, CHECKSUM_FILE))
  const own = read.ok ? readChecksumFile(read.bytes) : undefined
  return {
    list: own === undefined ? { kind: read.ok ? 'unreadable' : 'absent' } : compareList(found, own.files),
    lock:
      lockChecksum === undefined
        ? 'not-locked'
        : own?.package === undefined
          ? 'absent'
          : own.package === lockChecksum
            ? 'match'
            : 'mismatch',
    archive: archive === undefined ? undefined : compareArchive(found, archive),
  }
}

/** SHA-256 of every file by path; for what is no file or cannot be read something that equals no hash. */
async function hashFolder(tree: SourceTree, folder: string): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  const open: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await tree.list(at.path === '' ? folder : joinPath(folder, at.path))) {
      const path = joinPath(at.path, entry.path.slice(entry.path.lastIndexOf('/') + 1))
      if (path === CHECKSUM_FILE) continue
      if (hashes.size + open.length >= MAX_FILES) return hashes.set(path, 'more files than are looked at')
      if (entry.kind === 'folder' && at.depth < MAX_DEPTH) open.push({ path, depth: at.depth + 1 })
      else if (entry.kind !== 'file') hashes.set(path, entry.kind)
      else {
        const read = await tree.read(entry.path)
        hashes.set(path, read.ok ? createHash('sha256').update(read.bytes).digest('hex') : read.failure)
      }
    }
  }
  return hashes
}

function compareList(found: ReadonlyMap<string, string>, listed: ReadonlyMap<string, string>): VendoredPackage['list'] {
  const inside = new Map<string, string>()
  const escaping: string[] = []
  for (const [path, hash] of listed) {
    const judged = memberPath(path, DEFAULT_LIMITS)
    if (judged.ok) inside.set(judged.path, hash)
    else escaping.push(path)
  }
  const difference = differ(found, inside)
  const agrees = escaping.length === 0 && isEmpty(difference)
  return { kind: 'compared', agrees, ...difference, escaping: escaping.sort() }
}

function compareArchive(
  found: ReadonlyMap<string, string>,
  archive: ReadonlyMap<string, CrateFile>,
): NonNullable<VendoredPackage['archive']> {
  const { changed, missing, extra } = differ(found, new Map([...archive].map(([path, { sha256 }]) => [path, sha256])))
  const tolerated = missing.filter(isLeftOutByVendor)
  const difference = { changed, missing: missing.filter((path) => !isLeftOutByVendor(path)), extra }
  return { agrees: isEmpty(difference), ...difference, tolerated }
}

function differ(found: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): TreeDifference {
  return {
    changed: [...wanted]
      .filter(([path, hash]) => found.has(path) && found.get(path) !== hash)
      .map(([path]) => path)
      .sort(),
    missing: [...wanted.keys()].filter((path) => !found.has(path)).sort(),
    extra: [...found.keys()].filter((path) => !wanted.has(path)).sort(),
  }
}

function isEmpty({ changed, missing, extra }: TreeDifference): boolean {
  return changed.length + missing.length + extra.length === 0
}

/** Control files of git and cargo always, leftovers of merges and the author's manifest by older versions. */
function isLeftOutByVendor(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (
    path.split('/').includes('.git') ||
    name === '.gitattributes' ||
    name === '.gitignore' ||
    path === '.cargo-ok' ||
    name.endsWith('.orig') ||
    name.endsWith('.rej')
  )
}
