import type { SourceTree, TreeEntry } from '../../model/tree.js'
import { folderOf } from '../../model/tree.js'
import type { VendoredModule, VendorList } from './vendor-list.js'

const MAX_FILES = 100_000
const MAX_DEPTH = 100

/** All files below a folder, by path; nothing beyond the bounds. */
export async function filesBelow(tree: SourceTree, folder: string): Promise<readonly TreeEntry[]> {
  const files: TreeEntry[] = []
  const stack = [{ path: folder, depth: 0 }]
  for (let at = stack.pop(); at !== undefined && files.length < MAX_FILES; at = stack.pop()) {
    const { path, depth } = at
    for (const entry of await tree.list(path)) {
      if (entry.kind === 'folder' && depth < MAX_DEPTH) stack.push({ path: entry.path, depth: depth + 1 })
      else if (entry.kind === 'file' || entry.kind === 'link') files.push(entry)
    }
  }
  return files
}

/** Each file belongs to the module with the longest path that its folder begins with. */
export function fileOwners(
  folder: string,
  list: VendorList,
  files: readonly TreeEntry[],
): ReadonlyMap<VendoredModule, readonly TreeEntry[]> {
  const byPath = new Map(list.modules.filter((m) => m.packages.length > 0).map((m) => [m.path, m]))
  const owners = new Map<VendoredModule, TreeEntry[]>()
  for (const file of files) {
    for (let at = folderOf(file.path.slice(folder.length + 1)); at !== '.'; at = folderOf(at)) {
      const module = byPath.get(at)
      if (module === undefined) continue
      const own = owners.get(module)
      if (own === undefined) owners.set(module, [file])
      else own.push(file)
      break
    }
  }
  return owners
}
