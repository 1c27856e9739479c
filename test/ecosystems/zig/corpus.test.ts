import { describe, expect, it } from 'vitest'
import { claimZig } from '../../../src/ecosystems/zig/claims.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { hasShared, sharedPath } from '../../support/shared.js'
import { one, readZig } from './read-zig.js'

const REPOSITORIES = ['ghostty-org+ghostty', 'zigtools+zls', 'tigerbeetle+tigerbeetle'] as const

for (const repository of REPOSITORIES) {
  const folder = ['corpus', 'repos', repository]
  describe.skipIf(!hasShared(...folder))(`${repository}${hasShared(...folder) ? '' : ' (skipped: not here)'}`, () => {
    it('is read without an error, every manifest of it', async () => {
      const tree = new FolderTree(sharedPath(...folder))
      const files = await claimedFiles(tree, claimZig)
      const inventory = await readZig(tree)
      expect(files.length).toBeGreaterThan(0)
      expect(inventory.diagnostics.filter((d) => d.severity === 'error')).toEqual([])
      expect(inventory.files.map((file) => [file.path, file.state])).toEqual(files.map((file) => [file.path, 'read']))
      const ids = new Set(inventory.components.map((c) => c.id))
      expect(inventory.edges.filter((edge) => !ids.has(edge.from) || !ids.has(edge.to))).toEqual([])
      expect(inventory.components.filter((c) => c.occurrences.length === 0)).toEqual([])
      expect(inventory.facts.filter((fact) => fact.kind === 'zig/fingerprint' || fact.kind === 'zig/hash-malformed')).toEqual([])
    })
  })
}

const ZLS = ['corpus', 'repos', 'zigtools+zls']
describe.skipIf(!hasShared(...ZLS))('zigtools+zls, by hand', () => {
  it('has its four dependencies with what their hashes and URLs say', async () => {
    const inventory = await readZig(new FolderTree(sharedPath(...ZLS)))
    expect(inventory.components.map((c) => `${c.name} ${c.version ?? ''} ${c.purl ?? ''}`).sort()).toEqual([
      'diffz 0.0.1 pkg:github/ziglibs/diffz@b39fe07e7fdbcf56e43ba2890b9f484f16969f90',
      'known_folders 0.0.0 pkg:github/ziglibs/known-folders@d6d03830968cca6b7b9f24fd97ee348346a6905d',
      'lsp_kit 0.1.0 pkg:github/zigtools/lsp-kit@b886a2b0d5cee85ecbcc3089b863f7517cc9ff7f',
      'tracy v0.13.1 pkg:github/wolfpld/tracy@v0.13.1',
      'zls 0.17.0-dev pkg:generic/zls@0.17.0-dev',
    ])
    expect(one(inventory, 'tracy').edges).toEqual({ state: 'complete' })
    expect(one(inventory, 'diffz').edges.state).toBe('unknown')
    expect(inventory.edges.filter((edge) => edge.optional === true)).toHaveLength(1)
  })
})
