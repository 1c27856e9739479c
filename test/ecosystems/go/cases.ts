import { claimGo } from '../../../src/ecosystems/go/claims.js'
import { go } from '../../../src/ecosystems/go/index.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import type { Component } from '../../../src/model/component.js'
import type { ReadOptions } from '../../../src/model/ecosystem.js'
import type { Inventory } from '../../../src/model/graph.js'
import type { FileBytes, SourceTree, TreeEntry } from '../../../src/model/tree.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { MemoryTree } from '../../support/memory-tree.js'
import { sharedPath } from '../../support/shared.js'

/** A static proxy as a module cache: the same files, below `cache/download`. */
export class ProxyAsCache implements SourceTree {
  readonly label = 'proxy'
  /** Paths that were found and read, without the prefix. */
  readonly found: string[] = []

  constructor(readonly proxy: SourceTree) {}

  #below(path: string): string | undefined {
    return path.startsWith('cache/download/') ? path.slice('cache/download/'.length) : undefined
  }
  async list(): Promise<readonly TreeEntry[]> {
    return []
  }
  async stat(path: string): Promise<TreeEntry | undefined> {
    const below = this.#below(path)
    return below === undefined ? undefined : this.proxy.stat(below)
  }
  async read(path: string, limit?: number): Promise<FileBytes> {
    const below = this.#below(path)
    if (below === undefined) return { ok: false, failure: 'absent', why: 'outside of the cache' }
    const read = await this.proxy.read(below, limit)
    if (read.ok) this.found.push(below)
    return read
  }
  async link(): Promise<string | undefined> {
    return undefined
  }
}

export function sharedProxy(): ProxyAsCache {
  return new ProxyAsCache(new FolderTree(sharedPath('vectors', 'go', 'proxy')))
}

export async function readTree(tree: SourceTree, options: Partial<ReadOptions> = {}): Promise<Inventory> {
  return go.read({
    tree,
    files: await claimedFiles(tree, claimGo),
    options: { caches: new Map(), environment: new Map(), targets: [], features: undefined, ...options },
  })
}

/** Reads a made-up project; with `cache`, the `.mod` documents by `path@version`. */
export async function readFiles(
  files: Readonly<Record<string, string>>,
  cache?: Readonly<Record<string, string>>,
  environment: ReadonlyMap<string, string> = new Map(),
): Promise<Inventory> {
  const documents = Object.entries(cache ?? {}).map(([module, text]) => {
    const at = module.lastIndexOf('@')
    return [`cache/download/${module.slice(0, at)}/@v/${module.slice(at + 1)}.mod`, text] as const
  })
  const caches = new Map(cache === undefined ? [] : [['gomodcache', new MemoryTree(Object.fromEntries(documents))]])
  return readTree(new MemoryTree(files), { caches, environment })
}

export async function readCase(
  name: string,
  withDocuments: boolean,
): Promise<{ inventory: Inventory; found: readonly string[] }> {
  const proxy = sharedProxy()
  const tree = new FolderTree(sharedPath('vectors', 'go', 'cases', name))
  const inventory = await readTree(tree, { caches: new Map(withDocuments ? [['gomodcache', proxy]] : []) })
  return { inventory, found: proxy.found }
}

export function propertyOf(component: Component, name: string): string | undefined {
  return component.properties.find((property) => property.name === `assay:go:${name}`)?.value
}

/** `path@version` as the go command names a component: what was asked for, not what replaces it. */
export function askedFor(component: Component): string {
  const replaces = propertyOf(component, 'replaces')
  return replaces ?? (component.version === undefined ? component.name : `${component.name}@${component.version}`)
}
