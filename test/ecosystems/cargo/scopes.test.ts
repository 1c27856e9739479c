import { expect, it } from 'vitest'
import { claimCargo } from '../../../src/ecosystems/cargo/claims.js'
import { matchLock } from '../../../src/ecosystems/cargo/known-packages.js'
import { parseCargoLock } from '../../../src/ecosystems/cargo/lock.js'
import { parseManifest } from '../../../src/ecosystems/cargo/manifest.js'
import { computeScopes } from '../../../src/ecosystems/cargo/scopes.js'
import { targetSets } from '../../../src/ecosystems/cargo/target-sets.js'
import { lookUpDeclared } from '../../../src/ecosystems/cargo/third-party.js'
import { findWorkspaces } from '../../../src/ecosystems/cargo/workspace.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import { folderOf } from '../../../src/model/tree.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { describeShared, readSharedJson, sharedPath } from '../../support/shared.js'

interface Query {
  readonly roots: readonly string[] | 'all members'
  readonly features: string
  readonly target: string
  readonly scopes: Record<string, string>
}

/** Features of the query as cargo's options say them. */
const FEATURES: Readonly<Record<string, 'all' | { names: readonly string[]; default: boolean }>> = {
  all: 'all',
  default: { names: [], default: true },
  none: { names: [], default: false },
}

describeShared('vectors/cargo/cases/13-scope-recovery', 'case 13: scopes from any root', () => {
  const { queries } = readSharedJson<{ queries: Query[] }>('vectors', 'cargo', 'cases', '13-scope-recovery', 'expected.json')

  it(`${queries.length} answers of cargo tree`, async () => {
    const tree = new FolderTree(sharedPath('vectors', 'cargo', 'cases', '13-scope-recovery'))
    const text = async (path: string): Promise<string> => {
      const read = await tree.read(path)
      if (!read.ok) throw new Error(read.why)
      return new TextDecoder().decode(read.bytes)
    }
    const manifests = new Map()
    for (const { path, format } of await claimedFiles(tree, claimCargo)) {
      if (format !== 'cargo-manifest') continue
      const parsed = parseManifest(await text(path), path)
      if (parsed.ok) manifests.set(folderOf(path), parsed.manifest)
    }
    const workspace = findWorkspaces(manifests).find(({ folder }) => folder === 'ws')
    const parsed = await parseCargoLock(await text('ws/Cargo.lock'), 'ws/Cargo.lock')
    if (!parsed.ok || workspace === undefined) throw new Error('the case cannot be read')
    const index = new FolderTree(sharedPath('vectors', 'cargo', 'registry', 'index'))
    const declared = await lookUpDeclared(parsed.lock.packages, { cargoHome: undefined, index })
    const matched = matchLock({ workspace, declared, vendored: undefined, buildScripts: new Set() }, parsed.lock)
    const packages = new Map([...matched].map(([package_, one]) => [package_, one.matched]))
    for (const query of queries) {
      const roots = parsed.lock.packages.filter((package_) =>
        query.roots === 'all members' ? matched.get(package_)?.isMember === true : query.roots.includes(package_.name),
      )
      const { scopes } = computeScopes({
        packages,
        roots,
        features: FEATURES[query.features] ?? { names: query.features.split(','), default: false },
        targets: query.target === 'all' ? undefined : targetSets([query.target]),
        resolver: workspace.resolver,
      })
      const found = Object.fromEntries([...scopes].map(([{ name, version }, scope]) => [`${name} ${version}`, scope]))
      expect(found, `${query.roots} ${query.features} ${query.target}`).toEqual(query.scopes)
    }
  })
})
