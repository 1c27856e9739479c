import type { FileBytes, SourceTree } from '../../model/tree.js'
import { baseName, joinPath } from '../../model/tree.js'

/** zig's own limit for a manifest. */
export const MAX_MANIFEST_BYTES = 10 * 1024 * 1024

/** A folder of unpacked packages, each named by its hash: a cache's `p`, a `--system` folder, or a tracked `zig-pkg`. */
export interface PackageStore {
  readonly tree: SourceTree
  readonly folder: string
  /** It is part of the repository, so that places in it can be shown. */
  readonly inTree: boolean
}

/** An unpacked package that a store holds. */
export interface StoredPackage {
  readonly store: PackageStore
  readonly folder: string
}

const VENDOR_FOLDER = 'zig-pkg'

/** The stores at hand, in the order they are asked: folders of the repository first, then what the user named (spec/zig.md §6). */
export async function findStores(
  tree: SourceTree,
  folders: Iterable<string>,
  cache: SourceTree | undefined,
): Promise<readonly PackageStore[]> {
  const stores: PackageStore[] = []
  for (const folder of folders) {
    const path = joinPath(folder, VENDOR_FOLDER)
    if ((await tree.stat(path))?.kind === 'folder') stores.push({ tree, folder: path, inTree: true })
  }
  if (cache !== undefined) for (const folder of ['p', '.']) stores.push({ tree: cache, folder, inTree: false })
  return stores
}

/** Where a package is, by the text of its hash, which must be well-formed: it becomes part of a path. */
export async function findStored(stores: readonly PackageStore[], hash: string): Promise<StoredPackage | undefined> {
  for (const store of stores) {
    const folder = joinPath(store.folder, hash)
    if ((await store.tree.stat(folder))?.kind === 'folder') return { store, folder }
  }
  return undefined
}

/** Names of the packages in the stores of the repository, with their folders. */
export async function vendoredPackages(stores: readonly PackageStore[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const store of stores) {
    if (!store.inTree) continue
    for (const entry of await store.tree.list(store.folder))
      if (entry.kind === 'folder') found.set(entry.path, baseName(entry.path))
  }
  return found
}

/** The manifest in a folder of a tree. */
export function readManifestIn(tree: SourceTree, folder: string): Promise<FileBytes> {
  return tree.read(joinPath(folder, 'build.zig.zon'), MAX_MANIFEST_BYTES)
}

/** The path inside a vendor folder, `HASH/…`, when a file lies in one. */
export function isVendored(path: string): boolean {
  return path.startsWith(`${VENDOR_FOLDER}/`) || path.includes(`/${VENDOR_FOLDER}/`)
}
