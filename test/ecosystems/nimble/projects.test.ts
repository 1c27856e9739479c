import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import type { Inventory } from '../../../src/model/graph.js'
import { parsePurl } from '../../../src/model/purl.js'
import { PATIENCE } from '../../support/patience.js'
import { describeShared, listShared, readSharedJson, sharedPath } from '../../support/shared.js'
import { entry, lock, manifest, readFiles, readTree } from './support.js'

const facts = (inventory: Inventory, kind: string) => inventory.facts.filter((f) => f.kind === kind).map((f) => f.data)

describeShared('vectors/nimble', 'the vectors as projects', () => {
  it.each(['manifests', 'locks'].flatMap((part) => listShared('vectors', 'nimble', part).map((folder) => [part, folder])))(
    '%s/%s',
    async (part, folder) => {
      const inventory = await readTree(new FolderTree(sharedPath('vectors', 'nimble', part ?? '', folder ?? '')))
      expect(inventory.projects).toHaveLength(1)
      const expected = readSharedJson<{ ok?: boolean }>('vectors', 'nimble', part ?? '', folder ?? '', 'expected.json')
      expect(inventory.diagnostics.some((d) => d.severity === 'error')).toBe(expected.ok === false)
      for (const component of inventory.components) expect(component.occurrences.length).toBeGreaterThan(0)
    },
  )

  it('a URL that the package list does not have is told', async () => {
    const cache = new FolderTree(sharedPath('vectors', 'nimble', 'registry'))
    const inventory = await readTree(new FolderTree(sharedPath('vectors', 'nimble', 'locks', '21-url-not-registry')), cache)
    expect(facts(inventory, 'nimble/registry-url')).toEqual([
      { name: 'alpha', url: 'https://example.net/someone-else/alpha', listed: 'https://example.org/nim/alpha' },
    ])
  })
})

describeShared('corpus/repos/nim-lang+langserver', 'real lockfiles', () => {
  it.each([
    ['nim-lang+langserver', 2],
    ['status-im+nimbus-eth2', 1],
  ])('%s is read without error', async (folder, version) => {
    const path = sharedPath('corpus', 'repos', folder)
    const inventory = await readTree(new FolderTree(path))
    const written = readSharedJson<{ version: number; packages: Record<string, { dependencies: string[] }> }>(
      'corpus',
      'repos',
      folder,
      'nimble.lock',
    )
    expect(written.version).toBe(version)
    expect(inventory.diagnostics).toEqual([])
    const names = Object.keys(written.packages)
    expect(inventory.components.map((c) => c.name).sort()).toEqual([...names].sort())
    const count = Object.values(written.packages).reduce((sum, { dependencies }) => sum + dependencies.length, 0)
    expect(inventory.edges).toHaveLength(count)
    for (const component of inventory.components)
      expect(component.purl === undefined ? 'none' : parsePurl(component.purl).ok).toBe(true)
  })
})

describe('any input', () => {
  const name = fc.constantFrom(
    'p.nimble',
    'q/p.nimble',
    'q/q.nimble',
    'q/r.nimble',
    'deps/d.nimble',
    'nimble.lock',
    'nimble.develop',
    'atlas.lock',
    'deps/atlas.config',
    'nimble.paths',
    'a.nimble-link',
    'atlas.workspace',
    'requires',
    'config.nims',
    '.gitmodules',
  )
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom(manifest('requires "a", "file://./deps", "file://q"'), manifest('version = "2"'), lock({ a: entry('a') })),
  )

  it('gives an inventory whose edges have their ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, text, { maxKeys: 6 }), async (files) => {
        const inventory = await readFiles({ ...files })
        const ids = new Set(inventory.components.map((c) => c.id))
        for (const edge of inventory.edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true)
        for (const project of inventory.projects) for (const root of project.roots) expect(ids.has(root)).toBe(true)
        const claimed = Object.keys(files).filter((path) => !['requires', 'config.nims', '.gitmodules'].includes(path))
        const beside = new Set(['nimble-requires', 'nim-config', 'git-submodules'])
        const told = inventory.files.filter((f) => !beside.has(f.format ?? ''))
        expect(told.map((f) => f.path).sort()).toEqual(claimed.sort())
      }),
      { numRuns: 300 },
    )
  })

  it('of 3,000 packages takes its time in proportion', async () => {
    const packages = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`p${i}`, entry(`p${i}`, { dependencies: i === 0 ? [] : [`p${i - 1}`, `x${i}`] })]),
    )
    const requires = Array.from({ length: 3000 }, (_, i) => `requires "p${i}"`)
    const start = performance.now()
    const inventory = await readFiles({ 'p.nimble': manifest(...requires), 'nimble.lock': lock(packages) })
    expect(performance.now() - start).toBeLessThan(5000 * PATIENCE)
    expect(inventory.components).toHaveLength(3001)
  })
})
