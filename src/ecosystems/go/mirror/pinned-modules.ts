import type { Component } from '../../../model/component.js'
import type { ProjectFile } from '../../../model/ecosystem.js'
import type { SourceTree } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { Pinned } from '../../mirror.js'
import { parseSumFile } from '../sum-file.js'

/** What go.sum and go.work.sum state of one module version. */
export interface PinnedModule {
  readonly path: string
  readonly version: string
  /** Hashes of the zip; none where only the go.mod takes part in choosing versions. */
  readonly zip: ReadonlySet<string>
  /** Hashes of the go.mod. */
  readonly mod: ReadonlySet<string>
}

const SUM_FORMATS: ReadonlySet<string> = new Set(['go-sum', 'go-work-sum'])

/** Everything that the sum files of a tree name: what the go command may ask for, and no more (spec/go.md §3.2). */
export async function pinnedModules(tree: SourceTree, files: readonly ProjectFile[]): Promise<readonly PinnedModule[]> {
  const modules = new Map<string, PinnedModule & { readonly zip: Set<string>; readonly mod: Set<string> }>()
  for (const { path: file, format } of files) {
    if (!SUM_FORMATS.has(format)) continue
    const read = await tree.read(file)
    const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
    // Reading the tree reports what cannot be read.
    if (decoded?.ok !== true) continue
    for (const { path, version, goMod, hash, state } of parseSumFile(decoded.text, file).entries) {
      if (state !== 'h1') continue
      const key = `${path}@${version}`
      const module = modules.get(key) ?? { path, version, zip: new Set<string>(), mod: new Set<string>() }
      modules.set(key, module)
      if (goMod) module.mod.add(hash)
      else module.zip.add(hash)
    }
  }
  return [...modules.values()].sort((a, b) => (`${a.path}@${a.version}` < `${b.path}@${b.version}` ? -1 : 1))
}

/** As a go.sum line names it: a version of which only the go.mod counts is told apart. */
export function pinnedOf({ path, version, zip }: PinnedModule): Pinned {
  return { ecosystem: 'go', name: path, version: zip.size > 0 ? version : `${version}/go.mod` }
}

/** Modules of the build list whose code no sum file states a hash of. */
export function withoutHash(components: readonly Component[], modules: readonly PinnedModule[]): readonly Component[] {
  const stated = new Set(modules.filter(({ zip }) => zip.size > 0).map(({ path, version }) => `${path}@${version}`))
  return components.filter(({ name, version }) => !stated.has(`${name}@${version ?? ''}`))
}
