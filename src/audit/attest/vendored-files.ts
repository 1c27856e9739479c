import { AssayError } from '../../model/error.js'
import type { Graph } from '../../model/graph.js'
import type { SourceTree } from '../../model/tree.js'
import { folderOf, resolvePath } from '../../model/tree.js'

/** A file or link below a folder of vendored copies. */
export interface VendoredFile {
  readonly path: string
  readonly kind: 'file' | 'link'
}

const MAX_FILES = 1_000_000
const MAX_DEPTH = 128

/**
 * Everything in the folders that hold copies of dependencies: a build takes it as it lies there, whether or not reading the
 * graph looks at it. Throws `input-unreadable` where that is more than can be looked at.
 */
export async function vendoredFiles(tree: SourceTree, graph: Graph): Promise<readonly VendoredFile[]> {
  const files = new Map<string, VendoredFile>()
  const seen = new Set<string>()
  const open = [...vendoredFolders(graph)].map((path) => ({ path, depth: 0 }))
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { path, depth } = at
    if (seen.has(path)) continue
    seen.add(path)
    if (depth > MAX_DEPTH || seen.size + files.size > MAX_FILES)
      throw new AssayError(
        'input-unreadable',
        `the vendored copies in ${path} are more than can be looked at`,
        'Attest the projects one by one.',
      )
    for (const { path: inner, kind } of await tree.list(path)) {
      if (kind === 'folder') open.push({ path: inner, depth: depth + 1 })
      else if (kind === 'file' || kind === 'link') files.set(inner, { path: inner, kind })
    }
  }
  return [...files.values()]
}

function vendoredFolders({ components, replacements, files }: Graph): ReadonlySet<string> {
  const folders = new Set<string>()
  for (const { path, state, why = '' } of files) if (state === 'skipped' && why.startsWith('vendored')) folders.add(path)
  for (const { occurrences } of components)
    for (const { role, location } of occurrences) if (role === 'vendor') folders.add(folderOf(location.file))
  for (const { kind, replacement, location } of replacements) {
    const source = kind === 'vendor' ? replacement?.source : undefined
    if (source?.kind === 'path') folders.add(source.path)
    // A directory of cargo counts from the folder that holds `.cargo`.
    const directory = source?.kind === 'registry' ? resolvePath(folderOf(folderOf(location.file)), source.url) : undefined
    if (directory !== undefined) folders.add(directory)
  }
  // No folder of copies, but the whole repository.
  folders.delete('.')
  return folders
}
