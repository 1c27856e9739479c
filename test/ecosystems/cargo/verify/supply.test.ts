import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { claimCargo } from '../../../../src/ecosystems/cargo/claims.js'
import { cargo } from '../../../../src/ecosystems/cargo/index.js'
import { cargoVerifier } from '../../../../src/ecosystems/cargo/verify/verifier.js'
import type { SupplyInput } from '../../../../src/ecosystems/verifier.js'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { FolderTree } from '../../../../src/evidence/folder-tree.js'
import type { Inventory } from '../../../../src/model/graph.js'
import type { Settings } from '../../../../src/model/rule.js'
import type { SourceTree } from '../../../../src/model/tree.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, sharedPath } from '../../../support/shared.js'
import { lockOf, NO_SOURCES, rowOf, ScriptedDesk, serve, testDesk, verifyTree } from './support.js'

async function readWith(tree: SourceTree, desk: Desk, sources: Partial<Settings['sources']> = {}): Promise<Inventory> {
  const files = await claimedFiles(tree, claimCargo)
  const input: SupplyInput = { desk, tree, files, environment: new Map(), sources: { ...NO_SOURCES, ...sources } }
  const caches = cargoVerifier().supply?.(input) ?? new Map()
  return cargo.read({ tree, files, options: { caches, environment: new Map(), targets: [], features: undefined } })
}

async function readWithFolder(tree: SourceTree, index: SourceTree): Promise<Inventory> {
  const files = await claimedFiles(tree, claimCargo)
  const caches = new Map([['cargo-index', index]])
  return cargo.read({ tree, files, options: { caches, environment: new Map(), targets: [], features: undefined } })
}

describeShared('vectors/cargo/cases/13-scope-recovery', 'index rows behind the desk', () => {
  it('make the graph as exact as an index at hand does, and are not asked for again to verify', async () => {
    const tree = new FolderTree(sharedPath('vectors/cargo/cases/13-scope-recovery'))
    const index = sharedPath('vectors/cargo/registry/index')
    const { origin, seen } = await serve((_, request, response) => {
      try {
        response.end(readFileSync(`${index}${request.url ?? ''}`))
      } catch {
        response.writeHead(404).end()
      }
    })
    const sources = { mirrors: [{ url: `sparse+${origin}/`, of: 'crates.io' }] }
    const desk = testDesk({ policy: { allowHosts: ['127.0.0.1'] } })
    const wanted = await readWithFolder(tree, new FolderTree(index))
    const found = await readWith(tree, desk, sources)
    expect(found).toEqual(wanted)
    expect(found.edges.flatMap(({ kinds }) => kinds)).not.toContain('unknown')
    const asked = [...seen]
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.length).toBeGreaterThan(3)
    const { evidence } = await verifyTree(tree, { desk, sources })
    expect(evidence.filter(({ check }) => check === 'cargo/index-checksum').length).toBeGreaterThan(3)
    expect(seen.filter((path) => path !== '/config.json')).toEqual(asked.filter((path) => path !== '/config.json'))
  })
})

describe('index rows of several registries', () => {
  const dep = (name: string) => [
    { name, req: '^1', features: [], optional: false, default_features: true, target: null, kind: 'build' },
  ]
  const OTHER = 'https://other.example/index/'
  const lock = [
    'version = 4',
    '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\ndependencies = ["c"]',
    `[[package]]\nname = "b"\nversion = "1.0.0"\nsource = "sparse+${OTHER}"\ndependencies = ["c"]`,
    '[[package]]\nname = "c"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"',
    '[[package]]\nname = "root"\nversion = "0.0.0"\ndependencies = ["a", "b"]',
  ].join('\n\n')
  const manifest =
    '[package]\nname = "root"\nversion = "0.0.0"\n[dependencies]\na = "1"\nb = { version = "1", registry = "other" }\n'
  const SUM = '11'.repeat(32)

  it('are each asked of their own, and no private name of the public one', async () => {
    const desk = new ScriptedDesk({
      'https://index.crates.io/1/a': rowOf('a', '1.0.0', SUM, { deps: dep('c') }),
      'https://index.crates.io/1/b': rowOf('b', '1.0.0', SUM),
      'https://index.crates.io/1/c': rowOf('c', '1.0.0', SUM),
      [`${OTHER}1/b`]: rowOf('b', '1.0.0', SUM, { deps: dep('c') }),
    })
    const { edges, components } = await readWith(new MemoryTree({ 'Cargo.lock': lock, 'Cargo.toml': manifest }), desk)
    expect([...desk.asked].sort()).toEqual(['https://index.crates.io/1/a', 'https://index.crates.io/1/c', `${OTHER}1/b`])
    const named = new Map(components.map(({ id, name }) => [id, name]))
    expect(edges.map(({ from, to, kinds }) => [named.get(from), named.get(to), ...kinds]).sort()).toEqual([
      ['a', 'c', 'build'],
      ['b', 'c', 'build'],
      ['root', 'a', 'runtime'],
      ['root', 'b', 'runtime'],
    ])
    expect(components.find(({ name }) => name === 'c')?.scopes).toEqual(['build'])
  })

  it('that nobody hands out leave the graph as it was', async () => {
    const tree = new MemoryTree({ 'Cargo.lock': lock, 'Cargo.toml': manifest })
    const without = await readWithFolder(tree, new MemoryTree({}))
    expect(await readWith(tree, new ScriptedDesk({}))).toEqual(without)
    expect(await readWith(tree, new ScriptedDesk({ 'https://index.crates.io/1/a': '<html>' }))).toEqual(without)
    expect(await readWith(tree, openDesk({ offline: true, clock: { now: () => 0 } }))).toEqual(without)
  })

  it('are read by paths of an index alone', async () => {
    const desk = new ScriptedDesk({})
    const input: SupplyInput = { desk, tree: new MemoryTree({}), files: [], environment: new Map(), sources: NO_SOURCES }
    const index = cargoVerifier().supply?.(input).get('cargo-index')
    for (const path of ['config.json', '../x', '1/../x', 'as/sa/other', 'se/rd/serde/x', 'registries/%zz/1/a', ''])
      expect((await index?.read(path))?.ok, path).toBe(false)
    expect(desk.asked).toEqual([])
    expect(await index?.stat('registries')).toEqual({ path: 'registries', kind: 'folder' })
    expect(await index?.stat('1/a')).toBeUndefined()
    expect(await index?.list('.')).toEqual([])
    expect(await index?.link('1/a')).toBeUndefined()
  })

  it('of a lock of 200 crates are asked for at once, not one after the other', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `crate-${i}`)
    let running = 0
    let most = 0
    const { origin } = await serve((_, request, response) => {
      running += 1
      most = Math.max(most, running)
      setTimeout(() => {
        running -= 1
        response.end(rowOf(request.url?.split('/').at(-1) ?? '', '1.0.0', SUM))
      }, 5)
    })
    const tree = new MemoryTree({
      'Cargo.lock': lockOf(names.map((name) => ({ name, version: '1.0.0', source: `sparse+${origin}/`, checksum: SUM }))),
    })
    await readWith(tree, testDesk())
    expect(most).toBeGreaterThan(4)
  })
})
