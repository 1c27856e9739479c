import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { claimCargo } from '../../../src/ecosystems/cargo/claims.js'
import { cargo } from '../../../src/ecosystems/cargo/index.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import { componentLabel } from '../../../src/model/component.js'
import type { ReadOptions } from '../../../src/model/ecosystem.js'
import type { Inventory } from '../../../src/model/graph.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { describeShared, readSharedJson, sharedPath } from '../../support/shared.js'

async function read(folder: string, options: Partial<ReadOptions> = {}): Promise<Inventory> {
  const tree = new FolderTree(sharedPath('vectors', 'cargo', 'cases', folder))
  return cargo.read({
    tree,
    files: await claimedFiles(tree, claimCargo),
    options: { caches: new Map(), environment: new Map(), targets: [], features: undefined, ...options },
  })
}

const scopesOf = (inventory: Inventory): Record<string, string> =>
  Object.fromEntries(inventory.components.map((c) => [componentLabel(c).replace('@', ' '), c.scopes.join(',')]))

describeShared('vectors/cargo/cases/06-virtual-workspace-path-only', 'case 06: a virtual workspace', () => {
  const expected = readSharedJson<{ workspace: { manifestValues: Record<string, { version: string; license: string }> } }>(
    'vectors',
    'cargo',
    'cases',
    '06-virtual-workspace-path-only',
    'expected.json',
  )

  it('has the members, the outsider and the inherited values', async () => {
    const inventory = await read('06-virtual-workspace-path-only')
    const workspace = inventory.projects.find((project) => project.folder === 'ws')
    expect(workspace?.roots).toHaveLength(3)
    for (const [name, { version, license }] of Object.entries(expected.workspace.manifestValues)) {
      const found = inventory.components.find((c) => c.name === name && c.projects.includes('cargo:ws/Cargo.lock'))
      expect({ version: found?.version, license: found?.licenses[0]?.raw }).toEqual({ version, license })
    }
    expect(inventory.components.find((c) => c.name === 'sibling' && c.projects.includes('cargo:ws/Cargo.lock'))).toMatchObject({
      firstParty: false,
      source: { kind: 'path', path: 'sibling' },
    })
  })
})

interface Query {
  readonly roots: readonly string[] | 'all members'
  readonly features: string
  readonly target: string
  readonly scopes: Record<string, string>
}

describeShared('vectors/cargo/cases/13-scope-recovery', 'case 13: scopes without cargo', () => {
  it('matches every declaration to its edge, with the index at hand', async () => {
    const index = new FolderTree(sharedPath('vectors', 'cargo', 'registry', 'index'))
    const inventory = await read('13-scope-recovery', { caches: new Map([['cargo-index', index]]) })
    const { declaredEdges } = readSharedJson<{ declaredEdges: { from: string; to: string; kind: string }[] }>(
      'vectors',
      'cargo',
      'cases',
      '13-scope-recovery',
      'expected.json',
    )
    const label = new Map(inventory.components.map((c) => [c.id, componentLabel(c).replace('@', ' ')]))
    for (const { from, to, kind } of declaredEdges) {
      const edge = inventory.edges.find((e) => label.get(e.from) === from && label.get(e.to) === to)
      expect(edge?.kinds, `${from} -> ${to}`).toContain(kind === 'normal' ? 'runtime' : kind)
    }
    expect(inventory.edges.flatMap((e) => e.kinds)).not.toContain('unknown')
  })

  it('gives every package its scope', async () => {
    const index = new FolderTree(sharedPath('vectors', 'cargo', 'registry', 'index'))
    const { queries } = readSharedJson<{ queries: Query[] }>('vectors', 'cargo', 'cases', '13-scope-recovery', 'expected.json')
    // The reader takes all members as roots; the algorithm itself is asked for the other roots in scopes.test.ts.
    for (const query of queries.filter((q) => q.roots === 'all members')) {
      const features = query.features === 'all' ? undefined : ['default']
      const targets = query.target === 'all' ? [] : [query.target]
      const inventory = await read('13-scope-recovery', { caches: new Map([['cargo-index', index]]), features, targets })
      const own = { ...inventory, components: inventory.components.filter((c) => c.projects.includes('cargo:ws/Cargo.lock')) }
      expect(scopesOf(own)).toEqual(query.scopes)
    }
  })
})

const REPOS = [
  'BurntSushi+ripgrep',
  'astral-sh+uv',
  'rust-lang+rust-analyzer',
  'prometheus+prometheus',
  'tigerbeetle+tigerbeetle',
]

describe('real repositories', () => {
  for (const repo of REPOS) {
    const path = sharedPath('corpus', 'repos', repo)
    it.skipIf(!existsSync(path))(`${repo}: every entry and edge of every lockfile, nothing unreadable`, async () => {
      const tree = new FolderTree(path)
      const files = await claimedFiles(tree, claimCargo)
      const inventory = await cargo.read({
        tree,
        files,
        options: { caches: new Map(), environment: new Map(), targets: [], features: undefined },
      })
      expect(inventory.diagnostics).toEqual([])
      for (const file of files.filter((f) => f.format === 'cargo-lock')) {
        const read_ = await tree.read(file.path)
        const text = read_.ok ? new TextDecoder().decode(read_.bytes) : ''
        const entries = text.match(/^\[\[package\]\]$/gm)?.length ?? 0
        const edges = text.match(/^ "[^"]+",$/gm)?.length ?? 0
        const project = `cargo:${file.path}`
        expect(inventory.components.filter((c) => c.projects.includes(project))).toHaveLength(entries)
        expect(inventory.edges.filter((e) => e.projects.includes(project))).toHaveLength(edges)
      }
    })
  }
})
