import type { SourceTree } from '../../model/tree.js'
import { folderOf, joinPath, resolvePath } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import type { ModuleId, RequirementDocument } from './build-list.js'
import { moduleKey } from './build-list.js'
import { DEFAULT_GO } from './go-version.js'
import type { ModFile } from './mod-file.js'
import { escapePath, escapeVersion } from './module-path.js'
import { parseModFile } from './parse-mod.js'
import type { ReplaceTable } from './replace-table.js'
import type { SumIndex } from './sum-index.js'
import { treeHash } from './tree-hash.js'
import { isIncompatible } from './version.js'

/** A module cache: a tree, and the folder in it that holds `cache/download`. */
export interface ModuleCache {
  readonly tree: SourceTree
  readonly folder: string
}

/** What became of the document of one module version. */
export type DocumentState =
  | { readonly kind: 'read'; readonly of: ModuleId; readonly mod: ModFile }
  | { readonly kind: 'directory'; readonly folder: string; readonly mod: ModFile }
  /** The version predates modules: its document is made up and its needs are written nowhere. */
  | { readonly kind: 'synthetic' }
  | { readonly kind: 'missing'; readonly why: string }
  /** The cached document is not the one go.sum has the hash of. */
  | { readonly kind: 'mismatch'; readonly of: ModuleId; readonly recorded: string; readonly found: string }

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
const NOT_AT_HAND = 'their go.mod files are not at hand'

/**
 * Finds the `.mod` documents of a project's dependencies in module caches and in directories that replace them
 * (spec/go.md §6.4), each read once.
 */
export class ModDocuments {
  readonly states = new Map<string, DocumentState>()

  constructor(
    readonly tree: SourceTree,
    readonly caches: readonly ModuleCache[],
    readonly replaces: ReplaceTable,
    readonly sums: SumIndex,
    /** Folder of the vendored copy of a module version, where copies hold their go.mod. */
    readonly vendoredFolder: (module: ModuleId) => string | undefined,
  ) {}

  /** The document that the go command would read for a module, after replacement. */
  readonly document = async (module: ModuleId): Promise<RequirementDocument | undefined> => {
    const key = moduleKey(module)
    const state = this.states.get(key) ?? (await this.#find(module))
    this.states.set(key, state)
    if (state.kind === 'synthetic') return { go: DEFAULT_GO, requirements: [] }
    if (state.kind !== 'read' && state.kind !== 'directory') return undefined
    return { go: state.mod.go?.value ?? DEFAULT_GO, requirements: state.mod.require }
  }

  async #find(module: ModuleId): Promise<DocumentState> {
    const replace = this.replaces.find(module.path, module.version)
    if (replace?.target.kind === 'directory') return this.#directory(replace.target.path, folderOf(replace.location.file))
    const code = replace?.target ?? module
    const state = (await this.#cached({ path: code.path, version: code.version })) ?? (await this.#vendored(module))
    if (state !== undefined) return state
    return isIncompatible(code.version) ? { kind: 'synthetic' } : { kind: 'missing', why: NOT_AT_HAND }
  }

  async #directory(path: string, base: string): Promise<DocumentState> {
    const folder = resolvePath(base, path)
    if (folder === undefined) return { kind: 'missing', why: 'they are replaced by directories outside of the repository' }
    const text = await readText(this.tree, joinPath(folder, 'go.mod'))
    if (text === undefined) return { kind: 'missing', why: 'the directory that replaces them has no go.mod' }
    return { kind: 'directory', folder, mod: parseModFile(text, joinPath(folder, 'go.mod'), 'lax') }
  }

  async #cached(of: ModuleId): Promise<DocumentState | undefined> {
    const path = escapePath(of.path)
    const version = escapeVersion(of.version)
    if (path === undefined || version === undefined) return undefined
    for (const cache of this.caches) {
      const file = joinPath(cache.folder, `cache/download/${path}/@v/${version}.mod`)
      const state = await this.#checked(cache.tree, file, of)
      if (state !== undefined) return state
    }
    return undefined
  }

  async #vendored(module: ModuleId): Promise<DocumentState | undefined> {
    const folder = this.vendoredFolder(module)
    return folder === undefined ? undefined : this.#checked(this.tree, joinPath(folder, 'go.mod'), module)
  }

  /** A document is used only when go.sum does not contradict it. */
  async #checked(tree: SourceTree, file: string, of: ModuleId): Promise<DocumentState | undefined> {
    const read = await tree.read(file, MAX_DOCUMENT_BYTES)
    if (!read.ok) return undefined
    const found = treeHash([{ name: 'go.mod', content: read.bytes }])
    const recorded = this.sums.hashes(of.path, of.version, true)
    const [first] = recorded
    if (first !== undefined && !recorded.includes(found)) return { kind: 'mismatch', of, recorded: first, found }
    const decoded = decodeUtf8(read.bytes)
    const mod = decoded.ok && !decoded.hadBom ? parseModFile(decoded.text, file, 'lax') : undefined
    if (mod === undefined || mod.problems.length > 0) return { kind: 'missing', why: 'their go.mod files cannot be read' }
    return { kind: 'read', of, mod }
  }
}

async function readText(tree: SourceTree, path: string): Promise<string | undefined> {
  const read = await tree.read(path, MAX_DOCUMENT_BYTES)
  if (!read.ok) return undefined
  const decoded = decodeUtf8(read.bytes)
  return decoded.ok && !decoded.hadBom ? decoded.text : undefined
}

/** Places where a repository keeps a module cache of its own, when nobody names one. */
const CACHE_FOLDERS = ['.', 'go/pkg/mod', '.go/pkg/mod', 'pkg/mod', '.gomodcache', 'gomodcache']

/** The module caches that may be looked into: the one the user named, then those inside the tree. */
export async function findModuleCaches(tree: SourceTree, named: SourceTree | undefined): Promise<readonly ModuleCache[]> {
  const caches: ModuleCache[] = named === undefined ? [] : [{ tree: named, folder: '.' }]
  for (const folder of CACHE_FOLDERS) {
    const entry = await tree.stat(joinPath(folder, 'cache/download'))
    if (entry?.kind === 'folder') caches.push({ tree, folder })
  }
  return caches
}
