import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { discover } from '../../src/audit/discover.js'
import { FolderTree } from '../../src/evidence/folder-tree.js'
import type { EcosystemEntry } from '../../src/model/ecosystem.js'
import type { SourceTree } from '../../src/model/tree.js'
import { baseName } from '../../src/model/tree.js'
import { MemoryTree } from '../support/memory-tree.js'

/** Two ecosystems that exist only here: discovery must not know any real one. */
function entry(name: string, files: readonly string[]): EcosystemEntry {
  return {
    name,
    claim: (path) => (files.includes(baseName(path)) ? `${name}-file` : undefined),
    load: () => Promise.reject(new Error('discovery loads nothing')),
  }
}
const ENTRIES = [entry('cargo', ['Cargo.lock', 'Cargo.toml']), entry('go', ['go.mod', 'modules.txt'])]

async function found(tree: SourceTree, options: { exclude?: string[]; include?: string[]; maxEntries?: number } = {}) {
  const result = await discover(tree, ENTRIES, { exclude: [], include: [], ...options })
  return {
    claimed: [...result.claimed].flatMap(([name, files]) => files.map((file) => `${name}:${file.path}`)).sort(),
    skipped: Object.fromEntries(result.skipped.map((file) => [file.path, file.why])),
    facts: result.facts.map((fact) => fact.kind),
  }
}

describe('discover', () => {
  it('finds every project of a monorepo and no copy that a tool made', async () => {
    const tree = new MemoryTree({
      'Cargo.toml': '',
      'Cargo.lock': '',
      'target/package/x/Cargo.toml': '',
      'a/go.mod': '',
      'a/vendor/modules.txt': '',
      'a/vendor/golang.org/x/text/go.mod': '',
      'b/vendor/serde/Cargo.toml': '',
      'b/vendor/serde/.cargo-checksum.json': '',
      'node_modules/x/Cargo.toml': '',
      'docs/vendor/Cargo.toml': '',
      'target2/Cargo.toml': '',
    })
    const { claimed, skipped } = await found(tree)
    expect(claimed).toEqual([
      'cargo:Cargo.lock',
      'cargo:Cargo.toml',
      'cargo:docs/vendor/Cargo.toml',
      'cargo:target2/Cargo.toml',
      'go:a/go.mod',
      'go:a/vendor/modules.txt',
    ])
    expect(skipped).toEqual({
      target: 'build output of cargo',
      'a/vendor': 'vendored copies of dependencies',
      'b/vendor': 'vendored copies of dependencies',
      node_modules: 'packages of another ecosystem',
    })
  })

  it('leaves out what git ignores, but reads a lockfile that git ignores and says so', async () => {
    const tree = new MemoryTree({
      '.gitignore': 'scratch/\nCargo.lock\n!keep/Cargo.lock\n',
      'Cargo.lock': '',
      'scratch/Cargo.toml': '',
      'keep/Cargo.lock': '',
      'sub/.gitignore': '/deep\n',
      'sub/deep/go.mod': '',
      'sub/other/deep/go.mod': '',
    })
    const { claimed, skipped, facts } = await found(tree)
    expect(claimed).toEqual(['cargo:Cargo.lock', 'cargo:keep/Cargo.lock', 'go:sub/other/deep/go.mod'])
    expect(skipped).toEqual({ scratch: 'ignored by git', 'sub/deep': 'ignored by git' })
    expect(facts).toEqual(['input/lock-not-tracked'])
  })

  it('obeys --exclude and --include', async () => {
    const tree = new MemoryTree({ 'examples/a/go.mod': '', 'go.mod': '', 'node_modules/x/go.mod': '' })
    expect((await found(tree, { exclude: ['examples/**'] })).claimed).toEqual(['go:go.mod'])
    expect((await found(tree, { exclude: ['examples/**'] })).skipped['examples']).toBe('excluded by the configuration')
    expect((await found(tree, { include: ['node_modules'] })).claimed).toContain('go:node_modules/x/go.mod')
  })

  it('tells names that differ only in case', async () => {
    expect((await found(new MemoryTree({ 'Cargo.lock': '', 'cargo.lock': '' }))).facts).toEqual(['input/case-collision'])
    expect((await found(new MemoryTree({ 'README.md': '', 'readme.md': '' }))).facts).toEqual([])
  })

  it('tells manifests of ecosystems that are not read, but not those git ignores', async () => {
    const tree = new MemoryTree({
      'package.json': '',
      'web/package.json': '',
      '.gitignore': '/web\n',
      'go.mod': '',
      'setup.txt': '',
    })
    expect((await found(tree)).facts).toEqual(['input/manifest-not-covered'])
    expect((await found(tree, { exclude: ['package.json'] })).facts).toEqual([])
  })

  it('stops at depth and count, and says so', async () => {
    const deep = new MemoryTree({ [`${'d/'.repeat(150)}go.mod`]: '' })
    expect(Object.values((await found(deep)).skipped)).toEqual(['folders nest deeper than 100'])
    const wide = new MemoryTree(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}/go.mod`, ''])))
    expect(Object.values((await found(wide, { maxEntries: 10 })).skipped)[0]).toContain('too many entries')
  })

  const links = process.platform === 'win32' ? it.skip : it
  links('does not follow links out of the tree, nor folders twice', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'assay-discover-'))
    try {
      const root = join(outside, 'repo')
      mkdirSync(join(root, 'real'), { recursive: true })
      writeFileSync(join(outside, 'Cargo.lock'), '')
      writeFileSync(join(root, 'real', 'go.mod'), '')
      symlinkSync('../Cargo.lock', join(root, 'Cargo.lock'))
      symlinkSync('real', join(root, 'again'))
      symlinkSync('real/go.mod', join(root, 'go.mod'))
      const { claimed, skipped, facts } = await found(new FolderTree(root))
      expect(claimed).toEqual(['go:go.mod', 'go:real/go.mod'])
      expect(skipped['Cargo.lock']).toBe('link to ../Cargo.lock, which is not a file inside the tree')
      expect(facts).toEqual(['input/link-outside'])
    } finally {
      rmSync(outside, { recursive: true, force: true })
    }
  })
})
