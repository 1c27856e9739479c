import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ModuleId } from '../../../src/ecosystems/go/build-list.js'
import { loadGraph, moduleKey } from '../../../src/ecosystems/go/build-list.js'
import { buildList, selectedEdges } from '../../../src/ecosystems/go/component-edges.js'
import { compareGoVersions } from '../../../src/ecosystems/go/go-version.js'
import { ModDocuments } from '../../../src/ecosystems/go/mod-documents.js'
import type { ModFile } from '../../../src/ecosystems/go/mod-file.js'
import { parseModFile } from '../../../src/ecosystems/go/parse-mod.js'
import { parseWorkFile } from '../../../src/ecosystems/go/parse-work.js'
import { ReplaceTable } from '../../../src/ecosystems/go/replace-table.js'
import { SumIndex } from '../../../src/ecosystems/go/sum-index.js'
import { treeHash } from '../../../src/ecosystems/go/tree-hash.js'
import type { VendoredModule } from '../../../src/ecosystems/go/vendor-list.js'
import { parseVendorList } from '../../../src/ecosystems/go/vendor-list.js'
import { inMemory, readZip } from '../../../src/evidence/archive/zip.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import type { Component } from '../../../src/model/component.js'
import type { Inventory } from '../../../src/model/graph.js'
import { isPreRelease } from '../../../src/model/version-order.js'
import { describeShared, listShared, readSharedBytes, readSharedJson, sharedPath } from '../../support/shared.js'
import { askedFor, propertyOf, readCase, sharedProxy } from './cases.js'

interface ExpectedModule {
  readonly path: string
  readonly version: string
  readonly listedInGoMod: boolean | string
  readonly relation: string
  readonly replacedBy?: { readonly path?: string; readonly version?: string; readonly dir?: string }
  readonly zipH1: string | readonly string[] | null
  readonly goModH1: string | readonly string[] | null
  readonly purl: string
}
interface Expected {
  readonly mainModules?: readonly { path: string; go: string; toolchain: string | null; dir: string }[]
  readonly fromGoModAlone?: { readonly components: readonly { path: string; version: string; relation: string }[] }
  readonly withModDocuments?: {
    readonly buildList: readonly ExpectedModule[]
    readonly requirementGraph: readonly string[]
    readonly componentEdges: readonly (readonly [string, string])[]
    readonly modDocumentsRead: readonly string[]
    readonly withoutIncomingComponentEdge?: readonly { component: string }[]
  }
  readonly goSum?: { readonly keysNotOfABuildListComponent: readonly string[] }
  readonly vendor?: {
    readonly consistent: boolean
    readonly problems?: readonly { kind: string; module: string; goMod?: string; modulesTxt?: string }[]
    readonly modules?: readonly object[]
    readonly replacementsOnly?: readonly object[]
  }
  readonly stdlib?: { readonly minimum: string; readonly suggestedToolchain: string }
  readonly findings: readonly { rule: string; severity: string; subject: string }[]
}

const expectedOf = (name: string): Expected => readSharedJson<Expected>('vectors', 'go', 'cases', name, 'expected.json')
const text = (...parts: string[]): string => new TextDecoder().decode(readSharedBytes('vectors', 'go', 'cases', ...parts))
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The view the expectations are about: the workspace where there is one. */
function projectOf(inventory: Inventory): string {
  return inventory.projects.find((project) => project.id === 'go:go.work')?.id ?? 'go:go.mod'
}

function dependencies(inventory: Inventory, project = projectOf(inventory)): Component[] {
  return inventory.components.filter((c) => c.projects.includes(project) && !c.firstParty && c.type !== 'toolchain')
}

/** Cases whose modules are meant to resolve. */
const CASES = listShared('vectors', 'go', 'cases').filter((name) => name !== '11-syntax')

/** The manifests of a case, by folder. */
function manifests(name: string, expected: Expected): { mods: ModFile[]; work: ReturnType<typeof parseWorkFile> | undefined } {
  const hasWork = existsSync(sharedPath('vectors', 'go', 'cases', name, 'go.work'))
  const folders = (expected.mainModules ?? [{ dir: '.' }]).map(({ dir }) => dir)
  const mods = folders.map((dir) => {
    const file = dir === '.' ? 'go.mod' : `${dir}/go.mod`
    return parseModFile(text(name, file), file)
  })
  return { mods, work: hasWork ? parseWorkFile(text(name, 'go.work'), 'go.work') : undefined }
}

describeShared('vectors/go/cases', 'build lists and edges of the cases', () => {
  describe.each(CASES.filter((name) => expectedOf(name).withModDocuments !== undefined))('%s', (name) => {
    const expected = expectedOf(name)
    const wanted = expected.withModDocuments
    if (wanted === undefined) return

    it('requirement graph, build list, edges and documents as the go command has them', async () => {
      const { mods, work } = manifests(name, expected)
      const proxy = sharedProxy()
      const replaces = new ReplaceTable(
        work?.replace ?? [],
        mods.flatMap((mod) => mod.replace),
      )
      const excluded = new Set(mods.flatMap((mod) => mod.exclude.map(moduleKey)))
      const tree = new FolderTree(sharedPath('vectors', 'go', 'cases', name))
      const documents = new ModDocuments(tree, [{ tree: proxy, folder: '.' }], replaces, new SumIndex([]), () => undefined)
      const graph = await loadGraph({
        mains: mods.map((mod) => ({ path: mod.module?.value ?? '', go: mod.go?.value ?? '1.16', requirements: mod.require })),
        workspace: work !== undefined,
        isExcluded: (module: ModuleId) => excluded.has(moduleKey(module)),
        document: documents.document,
      })
      expect(graph.missing.size).toBe(0)
      expect(buildList(graph)).toEqual(wanted.buildList.map(({ path, version }) => ({ path, version })))
      const lines = graph.mains.flatMap((main, i) => [
        ...main.requirements.map((r) => `${main.path} ${moduleKey(r)}`),
        `${main.path} go@${main.go}`,
        ...(mods[i]?.toolchain === undefined ? [] : [`${main.path} toolchain@${mods[i].toolchain.value}`]),
      ])
      for (const node of graph.nodes.values()) {
        lines.push(...node.requirements.map((r) => `${moduleKey(node.module)} ${moduleKey(r)}`))
        if (compareGoVersions(node.go, '1.21') >= 0) lines.push(`${moduleKey(node.module)} go@${node.go}`)
      }
      expect(lines.sort(byText)).toEqual(wanted.requirementGraph)
      const edges = selectedEdges(graph)
      expect(
        edges
          .filter((e) => !e.viaUnselected)
          .map((e) => `${e.from} ${e.to}`)
          .sort(byText),
      ).toEqual(wanted.componentEdges.map((pair) => pair.join(' ')).sort(byText))
      expect(edges.filter((e) => e.viaUnselected).map((e) => e.to)).toEqual(
        (wanted.withoutIncomingComponentEdge ?? []).map(({ component }) => component),
      )
      const read = [...documents.states.values()].flatMap((state) => (state.kind === 'read' ? [moduleKey(state.of)] : []))
      expect(read.sort(byText)).toEqual([...wanted.modDocumentsRead].sort(byText))
    })

    it('components with their hashes, replacements and package URLs', async () => {
      const { inventory } = await readCase(name, true)
      const found = dependencies(inventory).map((component) => {
        const values = (scheme: string): string[] =>
          component.claims.flatMap(({ digest }) => (digest.of === 'tree' && digest.scheme === scheme ? [digest.value] : []))
        return { asked: askedFor(component), purl: component.purl, zip: values('go-h1'), goMod: values('go-mod-h1') }
      })
      // A hash of an algorithm nobody knows is no claim that could be compared.
      const list = (value: string | readonly string[] | null): string[] =>
        (value === null ? [] : typeof value === 'string' ? [value] : [...value]).filter((hash) => hash.startsWith('h1:'))
      const want = wanted.buildList.map((m) => ({
        asked: `${m.path}@${m.version}`,
        purl: m.purl,
        zip: list(m.zipH1),
        goMod: list(m.goModH1),
      }))
      expect(found.sort((a, b) => byText(a.asked, b.asked))).toEqual(want.sort((a, b) => byText(a.asked, b.asked)))
      for (const m of wanted.buildList) {
        const one = dependencies(inventory).find((c) => askedFor(c) === `${m.path}@${m.version}`)
        const relation = one === undefined ? undefined : (propertyOf(one, 'relation') ?? '')
        expect(`${relation} ${m.relation}`).toMatch(/^(?:direct direct.*|indirect indirect|implied implied by the graph)$/)
        if (m.replacedBy?.dir !== undefined) expect(one?.source.kind).toBe('path')
        if (m.replacedBy?.path !== undefined)
          expect(one).toMatchObject({ name: m.replacedBy.path, version: m.replacedBy.version })
      }
    })

    it('every component is reached from a root', async () => {
      const { inventory } = await readCase(name, true)
      const project = projectOf(inventory)
      const reached = new Set(inventory.projects.find((p) => p.id === project)?.roots ?? [])
      for (const id of reached)
        for (const edge of inventory.edges) if (edge.projects.includes(project) && edge.from === id) reached.add(edge.to)
      const all = inventory.components.filter((c) => c.projects.includes(project)).map((c) => c.id)
      expect(all.filter((id) => !reached.has(id))).toEqual([])
    })
  })
})

describeShared('vectors/go/cases', 'what go.mod alone gives', () => {
  it.each(CASES.filter((name) => expectedOf(name).fromGoModAlone !== undefined))('%s', async (name) => {
    const { inventory } = await readCase(name, false)
    const found = inventory.components
      .filter((c) => !c.firstParty && c.type !== 'toolchain' && c.projects.some((id) => id.endsWith('go.mod')))
      // The upper bound from go.sum is labelled as such and is no part of the answer.
      .filter((c) => propertyOf(c, 'upper-bound') === undefined)
      .map((c) => `${askedFor(c)} ${propertyOf(c, 'relation')}`)
    const want = expectedOf(name).fromGoModAlone?.components.map((c) => `${c.path}@${c.version} ${c.relation}`)
    expect([...new Set(found)].sort(byText)).toEqual(want?.sort(byText))
    expect(inventory.diagnostics).toEqual([])
    for (const component of dependencies(inventory).filter((c) => c.source.kind === 'registry'))
      expect(component.edges.state).toBe('unknown')
  })

  it('02-unpruned is labelled as an upper bound beyond go.mod', async () => {
    const { inventory } = await readCase('02-unpruned', false)
    const upper = inventory.components.filter((c) => propertyOf(c, 'upper-bound') !== undefined)
    expect(upper.map((c) => [c.name, c.version, c.scopes])).toEqual([
      ['example.org/b', 'v1.0.0', ['unknown']],
      ['example.org/c', 'v1.1.0', ['unknown']],
      ['example.org/d', 'v1.1.0', ['unknown']],
    ])
  })
})

/** Rules of spec/go.md §15 whose facts are shared ones, or that are judged from the version alone. */
function findings(inventory: Inventory): string[] {
  const project = projectOf(inventory)
  const subject = (data: Readonly<Record<string, unknown>>, ...names: string[]): string => {
    const name = names.find((one) => data[one] !== undefined)
    return name === undefined ? '' : String(data[name])
  }
  const own = inventory.facts.filter((fact) => fact.project === project || fact.project === 'go:go.mod')
  const vendorList = own.filter((fact) => fact.kind === 'go/vendor-inconsistent')
  const found = own.flatMap(({ kind, data }): string[] => {
    switch (kind) {
      case 'graph/unused-override':
        return [`go/replace-unused ${subject(data, 'override')}`]
      case 'integrity/vendor-drift':
        return [`go/vendor-modified ${subject(data, 'path')}`]
      case 'go/replace-local-missing':
        return [`${kind} ${subject(data, 'path')}`]
      case 'go/pseudo-version':
      case 'go/incompatible':
      case 'go/exclude-used':
      case 'go/replace-version':
      case 'go/replace-fork':
      case 'go/replace-local':
        return [`${kind} ${subject(data, 'module')}`]
      default:
        return kind.startsWith('go/sum-') ? [`${kind} ${subject(data, 'module', 'key', 'line')}`] : []
    }
  })
  if (vendorList.length > 0) found.push('go/vendor-inconsistent vendor/modules.txt')
  for (const c of dependencies(inventory, project))
    if (c.version !== undefined && isPreRelease(c.version)) found.push(`go/prerelease ${c.name}@${c.version}`)
  return [...new Set(found)].sort(byText)
}

/** Findings that need more than the files: the latest version's go.mod (10), the module's bytes (09). */
const NEEDS_MORE = new Set(['go/retracted', 'go/deprecated'])

describeShared('vectors/go/cases', 'findings of the cases', () => {
  it.each(CASES)('%s', async (name) => {
    const { inventory } = await readCase(name, true)
    const wanted = expectedOf(name)
      .findings.filter(
        ({ rule, subject }) => !NEEDS_MORE.has(rule) && !(name.startsWith('09') && rule === 'go/sum-mismatch') && subject !== '',
      )
      .map(({ rule, subject }) => `${rule} ${subject}`)
    expect(findings(inventory)).toEqual(wanted.sort(byText))
  })
})

describeShared('vectors/go/cases', 'go.sum keys, vendor lists and the standard library', () => {
  it.each(CASES.filter((name) => expectedOf(name).goSum !== undefined))('%s: keys of no component', async (name) => {
    const expected = expectedOf(name)
    const { inventory } = await readCase(name, true)
    const built = new Set(
      dependencies(inventory).flatMap((c) =>
        c.version === undefined ? [] : [`${c.name} ${c.version}`, `${c.name} ${c.version}/go.mod`],
      ),
    )
    const keys = new Set<string>()
    const files = ['go.sum', 'go.work.sum', ...(expected.mainModules ?? []).map(({ dir }) => `${dir}/go.sum`)]
    for (const file of files) {
      if (!existsSync(sharedPath('vectors', 'go', 'cases', name, file))) continue
      for (const line of text(name, file)
        .split('\n')
        .filter((one) => one.trim() !== ''))
        keys.add(line.split(/\s+/).slice(0, 2).join(' '))
    }
    expect([...keys].filter((key) => !built.has(key)).sort(byText)).toEqual(expected.goSum?.keysNotOfABuildListComponent)
  })

  it('05-vendor is consistent, 06-vendor-drift has five differences in order', async () => {
    const consistent = await readCase('05-vendor', true)
    expect(consistent.inventory.facts.filter((fact) => /vendor/.test(fact.kind))).toEqual([])
    const { inventory } = await readCase('06-vendor-drift', true)
    const problems = inventory.facts
      .filter((fact) => fact.kind === 'go/vendor-inconsistent')
      .map(({ data }) => ({
        kind: data['kind'],
        module: data['module'],
        ...(data['goMod'] === '' ? {} : { goMod: data['goMod'], modulesTxt: data['modulesTxt'] }),
      }))
    expect(problems).toEqual(expectedOf('06-vendor-drift').vendor?.problems)
  })

  it('03-strict names the least standard library', async () => {
    const { inventory } = await readCase('03-strict', true)
    const { stdlib } = expectedOf('03-strict')
    const found = inventory.components.find((c) => c.type === 'toolchain')
    expect(found).toMatchObject({ name: 'stdlib', version: stdlib?.minimum, purl: `pkg:golang/stdlib@${stdlib?.minimum}` })
    expect(found === undefined ? undefined : propertyOf(found, 'toolchain')).toBe(stdlib?.suggestedToolchain)
  })

  it.each(['05-vendor'])('%s: modules.txt as the go command reads it', (name) => {
    const list = parseVendorList(text(name, 'vendor', 'modules.txt'), 'vendor/modules.txt')
    const target = ({ replacement }: VendoredModule): object =>
      replacement === undefined
        ? {}
        : {
            replacedBy:
              replacement.kind === 'directory'
                ? { dir: replacement.path }
                : { path: replacement.path, version: replacement.version },
          }
    const wanted = expectedOf(name).vendor
    const shown = list.modules.filter((module) => module.packages.length > 0 || module.explicit)
    expect(
      shown.map((m) => ({
        path: m.path,
        version: m.version,
        explicit: m.explicit,
        go: m.go,
        packages: m.packages,
        ...target(m),
      })),
    ).toEqual(wanted?.modules)
    expect(
      list.modules
        .filter((module) => !shown.includes(module))
        .map((m) => ({ path: m.path, ...(m.version === undefined ? {} : { version: m.version }), ...target(m) })),
    ).toEqual(wanted?.replacementsOnly)
  })

  it('07-workspace: app alone builds another version than the workspace', async () => {
    const { inventory } = await readCase('07-workspace', true)
    const tiny = (project: string): (string | undefined)[] =>
      dependencies(inventory, project).flatMap((c) => (c.name === 'example.com/tiny' ? [c.version] : []))
    expect(tiny('go:app/go.mod')).toEqual(['v1.0.0'])
    expect(tiny('go:lib/go.mod')).toEqual(['v1.1.0'])
    expect(tiny('go:go.work')).toEqual(['v1.1.0'])
  })
})

interface Hashed {
  readonly path: string
  readonly version: string
  readonly escaped: string
  readonly zipH1: string
  readonly goModH1: string
}

describeShared('vectors/go/hashes.json', 'tree hashes', () => {
  const { modules } = readSharedJson<{ modules: readonly Hashed[] }>('vectors', 'go', 'hashes.json')
  it.each(modules)('$path $version', ({ escaped, zipH1, goModH1 }) => {
    const file = (extension: string): Uint8Array => readSharedBytes('vectors', 'go', 'proxy', `${escaped}.${extension}`)
    expect(treeHash([{ name: 'go.mod', content: file('mod') }])).toBe(goModH1)
    const entries = readZip(inMemory(file('zip')))
    expect(treeHash(entries.map((entry) => ({ name: entry.name, content: entry.content() })))).toBe(zipH1)
  })
})
