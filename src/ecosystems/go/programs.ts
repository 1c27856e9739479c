import type { SourceTree } from '../../model/tree.js'
import { joinPath } from '../../model/tree.js'

const MAX_FOLDERS = 64
const MAX_FILES = 8
const MAX_BYTES = 1024 * 1024
const PACKAGE = /^package[ \t]+(\w+)/m

/** Whether a module holds a program where one is expected: at its root, or in a folder below `cmd`. */
export async function hasProgram(tree: SourceTree, folder: string): Promise<boolean> {
  if (await isProgram(tree, folder)) return true
  const below = (await tree.list(joinPath(folder, 'cmd'))).filter((entry) => entry.kind === 'folder')
  for (const entry of below.slice(0, MAX_FOLDERS)) if (await isProgram(tree, entry.path)) return true
  return false
}

async function isProgram(tree: SourceTree, folder: string): Promise<boolean> {
  const files = (await tree.list(folder)).filter(
    (entry) => entry.kind === 'file' && entry.path.endsWith('.go') && !entry.path.endsWith('_test.go'),
  )
  for (const file of files.slice(0, MAX_FILES)) {
    const read = await tree.read(file.path, MAX_BYTES)
    if (!read.ok) continue
    if (PACKAGE.exec(new TextDecoder().decode(read.bytes))?.[1] === 'main') return true
  }
  return false
}
