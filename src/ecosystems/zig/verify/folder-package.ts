import type { SourceTree } from '../../../model/tree.js'
import { joinPath } from '../../../model/tree.js'
import type { PackageEntry, PackageHashes } from './tree-hash.js'
import { hashPackage, MANIFEST, packageEntries } from './tree-hash.js'

/** No package is known to have a tenth of it. */
const MAX_ENTRIES = 200_000
const MAX_DEPTH = 128

export type FolderPackage =
  | { readonly ok: true; readonly hashes: PackageHashes }
  | { readonly ok: false; readonly path: string; readonly why: string }

/** Hashes an unpacked package: a folder of a cache or of `zig-pkg`, a checkout (spec/zig.md §4.1, §7). Never throws on content. */
export async function hashPackageFolder(tree: SourceTree, folder: string): Promise<FolderPackage> {
  const entries: PackageEntry[] = []
  let manifest: Uint8Array | undefined
  const open: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.depth > MAX_DEPTH) return { ok: false, path: at.path, why: `it lies more than ${MAX_DEPTH} folders deep` }
    for (const found of await tree.list(at.path === '' ? folder : joinPath(folder, at.path))) {
      const path = joinPath(at.path, found.path.slice(found.path.lastIndexOf('/') + 1))
      if (entries.length + open.length >= MAX_ENTRIES) return { ok: false, path, why: `more than ${MAX_ENTRIES} files` }
      if (found.kind === 'folder') open.push({ path, depth: at.depth + 1 })
      // A submodule is an empty folder to zig.
      if (found.kind === 'folder' || found.kind === 'submodule') continue
      const content = await contentOf(tree, found.path, found.kind)
      if (content === undefined) return { ok: false, path, why: 'it cannot be read' }
      const { kind, bytes } = content
      if (path === MANIFEST && kind === 'file') manifest = bytes
      entries.push(...packageEntries([path], kind, bytes))
    }
  }
  const hashes = hashPackage(entries, manifest)
  const special = hashes.included.find((entry) => entry.kind === 'special')
  return special === undefined
    ? { ok: true, hashes }
    : { ok: false, path: special.path, why: 'it is neither a file, a folder nor a link' }
}

async function contentOf(
  tree: SourceTree,
  path: string,
  kind: 'file' | 'link' | 'other',
): Promise<{ readonly kind: PackageEntry['kind']; readonly bytes: Uint8Array } | undefined> {
  if (kind === 'other') return { kind: 'special', bytes: new Uint8Array(0) }
  if (kind === 'link') {
    const target = await tree.link(path)
    return target === undefined ? undefined : { kind: 'link', bytes: new TextEncoder().encode(target) }
  }
  const read = await tree.read(path)
  return read.ok ? { kind: 'file', bytes: read.bytes } : undefined
}
