import { formatByMagic } from '../../../evidence/archive/format.js'
import type { ProjectFile } from '../../../model/ecosystem.js'
import type { SourceTree } from '../../../model/tree.js'
import { folderOf, joinPath } from '../../../model/tree.js'
import type { PackageHash } from '../package-hash.js'
import type { PackageStore } from '../package-store.js'
import { packageStores, vendorFolderOf } from '../package-store.js'
import { hashPackageArchive } from './archive-package.js'
import { compareHash, hasSameFiles } from './compare.js'
import { hashPackageFolder } from './folder-package.js'
import type { PackageEntry, PackageHashes } from './tree-hash.js'

/** A copy that zig takes by the name of its folder alone, looked at (spec/zig.md §6, §7). */
export interface StoredCopy {
  /** Where it is: a path of the repository, or in a package cache. */
  readonly name: string
  readonly verdict: 'match' | 'mismatch' | 'not-checkable'
  readonly observed?: string | undefined
  readonly why?: string | undefined
  /** What lies in it beside the files that the hash covers: a build can take it all the same. */
  readonly extra?: readonly string[] | undefined
  /** What it is made of; for comparing with what is fetched. */
  readonly entries: readonly PackageEntry[]
}

/** The folders of unpacked packages at hand: `zig-pkg` beside a manifest, and the cache that the user named. */
export async function storesAtHand(
  tree: SourceTree,
  files: readonly ProjectFile[],
  cache: SourceTree | undefined,
): Promise<readonly PackageStore[]> {
  const vendored = new Set<string>()
  for (const { path } of files) {
    const vendor = vendorFolderOf(path)
    // A vendored package need not have a manifest, so that its folder may not be among the claimed files.
    const folder = vendor ?? joinPath(folderOf(path), 'zig-pkg')
    if (!vendored.has(folder) && (vendor !== undefined || (await tree.stat(folder))?.kind === 'folder')) vendored.add(folder)
  }
  return packageStores(tree, vendored, cache)
}

/** Every copy of a package that the stores hold. */
export async function storedCopies(stores: readonly PackageStore[], hash: PackageHash): Promise<readonly StoredCopy[]> {
  const copies: StoredCopy[] = []
  for (const store of stores) {
    const folder = joinPath(store.folder, hash.text)
    const name = store.inTree ? folder : `${folder} in the package cache`
    if ((await store.tree.stat(folder))?.kind === 'folder') copies.push(await lookAt(store, folder, name, hash))
    // zig 0.16 keeps packages packed, and unpacks them into projects.
    const packed = `${folder}.tar.gz`
    if (!store.inTree && (await store.tree.stat(packed))?.kind === 'file') copies.push(await lookInto(store.tree, packed, hash))
  }
  return copies
}

async function lookAt({ tree }: PackageStore, folder: string, name: string, hash: PackageHash): Promise<StoredCopy> {
  const found = await hashPackageFolder(tree, folder)
  if (!found.ok) return { name, verdict: 'not-checkable', why: `${found.path}: ${found.why}`, entries: [] }
  return { name, ...judge(hash, found.hashes), entries: found.hashes.included }
}

async function lookInto(tree: SourceTree, path: string, hash: PackageHash): Promise<StoredCopy> {
  const where = { name: `${path} in the package cache`, entries: [] }
  const read = await tree.read(path)
  if (!read.ok) return { ...where, verdict: 'not-checkable', why: read.why }
  const format = formatByMagic(read.bytes)
  if (format === undefined) return { ...where, verdict: 'mismatch', observed: 'no archive' }
  const archive = await hashPackageArchive(read.bytes, format)
  if (!archive.ok) return { ...where, verdict: archive.problem === 'unreadable' ? 'not-checkable' : 'mismatch', why: archive.why }
  return { ...where, ...judge(hash, archive.hashes), entries: archive.hashes.included }
}

/** Unpacked packages are filtered already, which may have taken the manifest away that zig read before. */
function judge(hash: PackageHash, hashes: PackageHashes): Pick<StoredCopy, 'verdict' | 'observed' | 'why' | 'extra'> {
  const compared = compareHash(hash, hashes)
  if (compared.verdict === 'mismatch') {
    const withoutManifest = hash.form === 'new' && hashes.manifest === 'none' && hasSameFiles(hash, hashes)
    return withoutManifest ? { verdict: 'match', why: 'its manifest is not among the files that paths name' } : compared
  }
  if (compared.reading === 'legacy-all-files')
    return { verdict: 'match', observed: hash.text, why: hashes.excluded.length > 0 ? ALL_FILES : undefined }
  return { verdict: 'match', observed: hash.text, extra: hashes.excluded }
}

export const ALL_FILES = 'the hash is that of all files, as zig 0.11 made it'

const SHOWN = 5

/** A few of many names. */
export function some(names: readonly string[]): string {
  const rest = names.length - SHOWN
  return names.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

/** Paths whose content differs, or that only one of both has. */
export function differingPaths(a: readonly PackageEntry[], b: readonly PackageEntry[]): readonly string[] {
  const left = new Map(a.map(({ path, kind, sha256 }) => [path, `${kind} ${sha256}`]))
  const differing = new Set<string>()
  for (const { path, kind, sha256 } of b) {
    if (left.get(path) !== `${kind} ${sha256}`) differing.add(path)
    left.delete(path)
  }
  for (const path of left.keys()) differing.add(path)
  return [...differing].sort()
}
