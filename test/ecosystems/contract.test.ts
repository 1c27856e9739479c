import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mergeInventories } from '../../src/audit/merge.js'
import { ECOSYSTEMS } from '../../src/ecosystems/index.js'
import { FolderTree } from '../../src/evidence/folder-tree.js'
import { HEX_LENGTH } from '../../src/model/digest.js'
import type { Inventory } from '../../src/model/graph.js'
import { parsePurl } from '../../src/model/purl.js'
import { sourceKey } from '../../src/model/source.js'
import { PROJECT } from '../support/assay.js'
import { claimedFiles } from '../support/claimed-files.js'

const OPTIONS = { caches: new Map(), environment: new Map(), targets: [], features: undefined }

/** What every ecosystem owes the rest of the house, whatever it is; a new one is held to it by being in the registry. */
describe.each(ECOSYSTEMS)('the contract of $name', ({ name, claim, load }) => {
  const read = async (example: string): Promise<Inventory> => {
    const tree = new FolderTree(join(PROJECT, 'examples', example))
    const ecosystem = await load()
    return ecosystem.read({ tree, files: await claimedFiles(tree, claim), options: OPTIONS })
  }

  it('has one name everywhere', async () => {
    const ecosystem = await load()
    expect(ecosystem.name).toBe(name)
    expect(ecosystem.title).not.toBe('')
    expect((await read(name)).ecosystem).toBe(name)
    for (const rule of ecosystem.rules) expect(rule.id.startsWith(`${name}/`)).toBe(true)
  })

  it('claims by name alone and never what is another ecosystem’s', () => {
    for (const path of ['README.md', 'src/main.rs', 'package.json', '', '/', '.', 'a/../b', 'x'.repeat(10_000)])
      expect(claim(path)).toBeUndefined()
    const others = ECOSYSTEMS.filter((other) => other.name !== name)
    for (const path of [
      'Cargo.lock',
      'Cargo.toml',
      '.cargo/config.toml',
      'go.mod',
      'go.sum',
      'go.work',
      'build.zig.zon',
      'a.nimble',
      'nimble.lock',
    ])
      if (claim(path) !== undefined) expect(others.filter((other) => other.claim(path) !== undefined)).toEqual([])
  })

  it('gives nothing for nothing', async () => {
    const ecosystem = await load()
    const empty = await ecosystem.read({
      tree: new FolderTree(join(PROJECT, 'examples', 'clean', 'src')),
      files: [],
      options: OPTIONS,
    })
    expect(empty).toEqual({
      ecosystem: name,
      projects: [],
      components: [],
      edges: [],
      replacements: [],
      facts: [],
      diagnostics: [],
      files: [],
    })
  })

  it.each([name, 'polyglot'])('reads examples/%s into rows that hold together', async (example) => {
    const inventory = await read(example)
    expect(inventory.projects.length).toBeGreaterThan(0)
    const ids = new Set(inventory.components.map((component) => component.id))
    const projects = new Set(inventory.projects.map((project) => project.id))
    for (const component of inventory.components) {
      expect(component.ecosystem).toBe(name)
      expect(component.id.startsWith(`${name}:`)).toBe(true)
      expect(component.id.endsWith(`|${sourceKey(component.source)}`)).toBe(true)
      expect(component.scopes.length).toBeGreaterThan(0)
      expect(component.occurrences.length).toBeGreaterThan(0)
      expect(component.projects.every((project) => projects.has(project))).toBe(true)
      if (component.purl !== undefined) expect(parsePurl(component.purl).ok).toBe(true)
      for (const { digest } of component.claims)
        if (digest.of !== 'tree') expect(digest.value).toMatch(new RegExp(`^[0-9a-f]{${HEX_LENGTH[digest.algorithm]}}$`))
      for (const { name: property } of component.properties) expect(property).toMatch(/^assay:[a-z]+:[a-z0-9-]+/)
    }
    for (const edge of inventory.edges) {
      expect(ids.has(edge.from)).toBe(true)
      expect(ids.has(edge.to)).toBe(true)
      expect(edge.kinds.length).toBeGreaterThan(0)
    }
    for (const project of inventory.projects) expect(project.roots.every((root) => ids.has(root))).toBe(true)
    for (const fact of inventory.facts) expect(fact.kind).toMatch(/^[a-z]+\/[a-z0-9-]+$/)
    // Merging with itself changes nothing but the order: an identity is an identity.
    expect(mergeInventories([inventory, inventory]).components).toHaveLength(ids.size)
  })

  it('gives the same for the same', async () => {
    expect(await read(name)).toEqual(await read(name))
  })
})
