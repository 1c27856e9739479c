import ignore from 'ignore'
import type { SourceTree, TreeEntry } from '../model/tree.js'
import { baseName } from '../model/tree.js'

/** What git ignores at one folder of a tree; immutable, one object a folder that has rules of its own. */
export interface IgnoreRules {
  /** The rules inside `folder`, given its entries: those of its parents and of its own `.gitignore`. */
  enter(folder: string, entries: readonly TreeEntry[]): Promise<IgnoreRules>
  /** Whether git would ignore the path. A folder that is ignored is not entered, as git does not. */
  ignores(path: string, isFolder: boolean): boolean
}

/** A `.gitignore` of a megabyte is not a list of patterns. */
const MAX_IGNORE_BYTES = 1024 * 1024

interface Level {
  /** `''` for the root, else with a trailing slash. */
  readonly prefix: string
  readonly matcher: ReturnType<typeof ignore>
}

/** Rules at the root of a tree: `.git/info/exclude`; the root's own `.gitignore` is read on entering it. */
export async function rootIgnoreRules(tree: SourceTree): Promise<IgnoreRules> {
  const exclude = await readPatterns(tree, '.git/info/exclude')
  return rules(tree, exclude === undefined ? [] : [{ prefix: '', matcher: ignore().add(exclude) }])
}

function rules(tree: SourceTree, levels: readonly Level[]): IgnoreRules {
  return {
    async enter(folder, entries) {
      const own = entries.find((entry) => baseName(entry.path) === '.gitignore')
      if (own === undefined) return this
      const patterns = await readPatterns(tree, own.path)
      if (patterns === undefined) return this
      return rules(tree, [...levels, { prefix: folder === '.' ? '' : `${folder}/`, matcher: ignore().add(patterns) }])
    },
    ignores(path, isFolder) {
      // The nearest file that has an opinion decides (gitignore(5): "the last matching pattern decides the outcome").
      for (let i = levels.length - 1; i >= 0; i--) {
        const level = levels[i]
        if (level === undefined || !path.startsWith(level.prefix)) continue
        const inner = path.slice(level.prefix.length)
        const result = level.matcher.test(isFolder ? `${inner}/` : inner)
        if (result.ignored) return true
        if (result.unignored) return false
      }
      return false
    },
  }
}

async function readPatterns(tree: SourceTree, path: string): Promise<string | undefined> {
  const file = await tree.read(path, MAX_IGNORE_BYTES)
  return file.ok ? new TextDecoder().decode(file.bytes) : undefined
}
