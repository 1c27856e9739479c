import type { ProjectFile } from '../../src/model/ecosystem.js'
import type { SourceTree } from '../../src/model/tree.js'

/** Every file of a tree that an ecosystem claims, in code-unit order; no folder is left out. */
export async function claimedFiles(
  tree: SourceTree,
  claim: (path: string) => string | undefined,
  folder = '.',
): Promise<ProjectFile[]> {
  const found: ProjectFile[] = []
  for (const entry of await tree.list(folder)) {
    if (entry.kind === 'folder') found.push(...(await claimedFiles(tree, claim, entry.path)))
    const format = entry.kind === 'file' ? claim(entry.path) : undefined
    if (format !== undefined) found.push({ path: entry.path, format })
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}
