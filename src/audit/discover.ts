import type { IgnoreRules } from '../evidence/ignore.js'
import { rootIgnoreRules } from '../evidence/ignore.js'
import type { EcosystemEntry, ProjectFile } from '../model/ecosystem.js'
import type { Fact, FileCoverage } from '../model/graph.js'
import type { SourceTree, TreeEntry } from '../model/tree.js'
import { baseName, joinPath } from '../model/tree.js'
import { matchGlob } from '../syntax/glob.js'
import { isContainerFile } from './container-file-name.js'
import { otherManifest } from './other-manifests.js'

export interface DiscoverOptions {
  /** Globs of paths that are left out although an ecosystem claims them. */
  readonly exclude: readonly string[]
  /** Globs of folders that are read although they would be left out. */
  readonly include: readonly string[]
  readonly maxEntries?: number | undefined
}

export interface Discovery {
  /** Claimed files by ecosystem, in code-unit order of their paths. */
  readonly claimed: ReadonlyMap<string, readonly ProjectFile[]>
  /** What was passed over, and why. */
  readonly skipped: readonly FileCoverage[]
  readonly facts: readonly Fact[]
  /** Files that say what container images are built from, in code-unit order. */
  readonly containerFiles: readonly string[]
}

/** Folders that hold what a tool made or fetched, never a project of the repository. */
const TOOL_FOLDERS: ReadonlyMap<string, string> = new Map([
  ['.git', 'the repository database'],
  ['.hg', 'a repository database'],
  ['.jj', 'a repository database'],
  ['node_modules', 'packages of another ecosystem'],
  ['.zig-cache', 'a build cache'],
  ['zig-cache', 'a build cache'],
  ['zig-out', 'build output'],
  ['nimcache', 'a build cache'],
  ['nimblecache', 'a build cache'],
])

const MAX_DEPTH = 100
/** A repository of a million files is walked whole; beyond that the walk stops and says so. */
const MAX_ENTRIES = 2_000_000

/**
 * Walks the tree once and asks every ecosystem which files are its own. What is left out (tool folders, what git
 * ignores, vendored copies, links that leave the tree) is told, never dropped. Links to folders are not followed: a
 * target inside the tree is met on its own.
 */
export async function discover(
  tree: SourceTree,
  ecosystems: readonly EcosystemEntry[],
  options: DiscoverOptions,
): Promise<Discovery> {
  const walk = new Walk(tree, ecosystems, options)
  await walk.folder('.', await rootIgnoreRules(tree), 0)
  return walk.result()
}

class Walk {
  readonly #claimed = new Map<string, ProjectFile[]>()
  readonly #skipped: FileCoverage[] = []
  readonly #facts: Fact[] = []
  readonly #containerFiles: string[] = []
  #left: number

  constructor(
    readonly tree: SourceTree,
    readonly ecosystems: readonly EcosystemEntry[],
    readonly options: DiscoverOptions,
  ) {
    this.#left = options.maxEntries ?? MAX_ENTRIES
  }

  result(): Discovery {
    for (const files of this.#claimed.values()) files.sort((a, b) => (a.path < b.path ? -1 : 1))
    const containerFiles = this.#containerFiles.sort()
    return { claimed: this.#claimed, skipped: this.#skipped, facts: this.#facts, containerFiles }
  }

  async folder(path: string, above: IgnoreRules, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) {
      this.#skip(path, `folders nest deeper than ${MAX_DEPTH}`)
      return
    }
    const entries = await this.tree.list(path)
    this.#left -= entries.length
    if (this.#left < 0) {
      this.#skip(path, 'the tree has too many entries; audit its parts one by one')
      return
    }
    const rules = await above.enter(path, entries)
    this.#noteCollisions(path, entries)
    const names = new Set(entries.map((entry) => baseName(entry.path)))
    for (const entry of entries) {
      if (entry.kind === 'folder') await this.#subfolder(entry, rules, depth, names)
      else if (entry.kind === 'submodule')
        this.#skip(entry.path, 'submodule: its content is another repository and is not in this tree')
      else if (entry.kind === 'file' || entry.kind === 'link') await this.#file(entry, rules)
    }
  }

  async #subfolder(entry: TreeEntry, rules: IgnoreRules, depth: number, siblings: ReadonlySet<string>): Promise<void> {
    const wanted = this.options.include.some((glob) => matchGlob(glob, entry.path))
    const why = wanted ? undefined : await this.#whyLeftOut(entry.path, rules, siblings)
    if (why === undefined) {
      await this.folder(entry.path, rules, depth + 1)
      return
    }
    if (why !== 'the repository database') this.#skip(entry.path, why)
    // A vendored tree belongs to its project: the list that heads it is claimed, the copies in it are no projects.
    if (why.startsWith('vendored')) {
      for (const inner of await this.tree.list(entry.path)) if (inner.kind === 'file') this.#claim(inner.path)
    }
  }

  async #whyLeftOut(path: string, rules: IgnoreRules, siblings: ReadonlySet<string>): Promise<string | undefined> {
    const name = baseName(path)
    const tool = TOOL_FOLDERS.get(name)
    if (tool !== undefined) return tool
    if (this.options.exclude.some((glob) => matchGlob(glob, path))) return 'excluded by the configuration'
    if (name === 'target' && (siblings.has('Cargo.toml') || (await this.tree.stat(joinPath(path, 'CACHEDIR.TAG'))) !== undefined))
      return 'build output of cargo'
    if (rules.ignores(path, true)) return 'ignored by git'
    return (await this.#isVendored(path)) ? 'vendored copies of dependencies' : undefined
  }

  /** Go heads a vendor folder with modules.txt; cargo puts a checksum list into every vendored crate. */
  async #isVendored(path: string): Promise<boolean> {
    if (baseName(path) === 'vendor' && (await this.tree.stat(joinPath(path, 'modules.txt'))) !== undefined) return true
    const name = baseName(path)
    if (!name.includes('vendor') && name !== 'third-party' && name !== 'third_party') return false
    for (const inner of await this.tree.list(path)) {
      if (inner.kind === 'folder') return (await this.tree.stat(joinPath(inner.path, '.cargo-checksum.json'))) !== undefined
    }
    return false
  }

  async #file(entry: TreeEntry, rules: IgnoreRules): Promise<void> {
    const ecosystem = this.ecosystems.find((candidate) => candidate.claim(entry.path) !== undefined)
    if (ecosystem === undefined) {
      this.#noteOther(entry, rules)
      return
    }
    if (this.options.exclude.some((glob) => matchGlob(glob, entry.path))) {
      this.#skip(entry.path, 'excluded by the configuration', ecosystem.name)
      return
    }
    if (entry.kind === 'link') {
      const target = await this.tree.stat(entry.path)
      if (target === undefined) {
        this.#skip(
          entry.path,
          `link to ${(await this.tree.link(entry.path)) ?? 'an unknown place'}, which is not a file inside the tree`,
          ecosystem.name,
        )
        this.#facts.push({
          kind: 'input/link-outside',
          location: { file: entry.path, line: 1, column: 1 },
          data: { path: entry.path },
        })
        return
      }
      if (target.kind !== 'file') return
    }
    // A lockfile that git ignores is still what the build here uses: it is read, and the rule says so.
    if (rules.ignores(entry.path, false)) {
      this.#facts.push({
        kind: 'input/lock-not-tracked',
        location: { file: entry.path, line: 1, column: 1 },
        data: { file: entry.path, why: 'ignored' },
      })
    }
    this.#claim(entry.path)
  }

  #noteOther(entry: TreeEntry, rules: IgnoreRules): void {
    const what = otherManifest(baseName(entry.path))
    const isContainer = entry.kind === 'file' && isContainerFile(entry.path)
    if ((what === undefined && !isContainer) || rules.ignores(entry.path, false)) return
    if (this.options.exclude.some((glob) => matchGlob(glob, entry.path))) return
    if (isContainer) this.#containerFiles.push(entry.path)
    if (what === undefined) return
    this.#facts.push({
      kind: 'input/manifest-not-covered',
      location: { file: entry.path, line: 1, column: 1 },
      data: { file: entry.path, what },
    })
  }

  #claim(path: string): void {
    for (const ecosystem of this.ecosystems) {
      const format = ecosystem.claim(path)
      if (format === undefined) continue
      const files = this.#claimed.get(ecosystem.name)
      if (files === undefined) this.#claimed.set(ecosystem.name, [{ path, format }])
      else files.push({ path, format })
    }
  }

  #skip(path: string, why: string, ecosystem?: string): void {
    this.#skipped.push({ path, state: 'skipped', why, ecosystem })
  }

  /** Two names that one machine keeps apart and another folds into one: which of them is read would depend on the machine. */
  #noteCollisions(folder: string, entries: readonly TreeEntry[]): void {
    const seen = new Map<string, string>()
    for (const entry of entries) {
      const folded = entry.path.toLowerCase().normalize('NFC')
      const other = seen.get(folded)
      if (other === undefined) seen.set(folded, entry.path)
      else {
        const matters =
          entry.kind === 'folder' ||
          this.ecosystems.some((e) => e.claim(entry.path) !== undefined || e.claim(other) !== undefined)
        if (matters)
          this.#facts.push({
            kind: 'input/case-collision',
            location: { file: entry.path, line: 1, column: 1 },
            data: { folder, paths: [other, entry.path] },
          })
      }
    }
  }
}
