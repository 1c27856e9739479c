import type { FileBytes, SourceTree } from '../../model/tree.js'
import { joinPath } from '../../model/tree.js'

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

/** Where zig 0.16 and later unpack packages inside a project. */
const VENDOR_FOLDER = 'zig-pkg'

/** The vendor folder that a path lies in, if any. */
export function vendorFolderOf(path: string): string | undefined {
  if (path.startsWith(`${VENDOR_FOLDER}/`)) return VENDOR_FOLDER
  const at = path.indexOf(`/${VENDOR_FOLDER}/`)
  return at < 0 ? undefined : path.slice(0, at + 1 + VENDOR_FOLDER.length)
}

/** The stores at hand in the order they are asked: vendor folders of the repository, then what the user named (spec/zig.md §6). */
export function packageStores(
  tree: SourceTree,
  vendorFolders: Iterable<string>,
  cache: SourceTree | undefined,
): readonly PackageStore[] {
  const vendored = [...vendorFolders].map((folder): PackageStore => ({ tree, folder, inTree: true }))
  if (cache === undefined) return vendored
  // A cache keeps packages below `p`, a folder for `--system` at its top.
  return [...vendored, ...['p', '.'].map((folder): PackageStore => ({ tree: cache, folder, inTree: false }))]
}

/** Where a package is, by the text of its hash, which must be well-formed: it becomes part of a path. */
export async function findStored(stores: readonly PackageStore[], hash: string): Promise<StoredPackage | undefined> {
  for (const store of stores) {
    const folder = joinPath(store.folder, hash)
    if ((await store.tree.stat(folder))?.kind === 'folder') return { store, folder }
  }
  return undefined
}

/** The folders of the packages in the vendor folders of the repository; each is named by its hash. */
export async function vendoredFolders(stores: readonly PackageStore[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const store of stores) {
    if (!store.inTree) continue
    for (const entry of await store.tree.list(store.folder)) if (entry.kind === 'folder') found.push(entry.path)
  }
  return found
}

/** The manifest in a folder of a tree. */
export function readManifestIn(tree: SourceTree, folder: string): Promise<FileBytes> {
  return tree.read(joinPath(folder, 'build.zig.zon'), MAX_MANIFEST_BYTES)
}
