import type { CommitFile } from '../../commit-record.js'
import type { PackageEntry, PackageHashes } from './tree-hash.js'
import { hashPackage, MANIFEST, packageEntries } from './tree-hash.js'

/** Hashes the files of a commit as zig fetches them by git (spec/zig.md §5.3): blobs as stored, links as links, no submodules. */
export function commitPackage(files: readonly CommitFile[]): {
  readonly hashes: PackageHashes
  readonly manifests: ReadonlyMap<string, Uint8Array>
} {
  const entries: PackageEntry[] = []
  const manifests = new Map<string, Uint8Array>()
  for (const { kind, path, bytes } of files) {
    if (kind === 'submodule') continue
    if (kind === 'file' && (path === MANIFEST || path.endsWith(`/${MANIFEST}`))) manifests.set(path, bytes)
    entries.push(...packageEntries([path], kind, bytes))
  }
  return { hashes: hashPackage(entries, manifests.get(MANIFEST)), manifests }
}
