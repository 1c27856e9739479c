import type { Component, ComponentId, EdgeKnowledge, Property } from '../../model/component.js'
import { componentId } from '../../model/component.js'
import type { Edge, EdgeKind, Fact, Project, Replacement } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import type { RequirementGraph } from './build-list.js'
import { loadGraph, moduleKey } from './build-list.js'
import type { SelectedEdge } from './component-edges.js'
import { selectedEdges, withoutHeldEdges } from './component-edges.js'
import { compareGoVersions } from './go-version.js'
import type { KnownModule } from './known-module.js'
import { identityOf, labelOf } from './known-module.js'
import { knowModules } from './known-modules.js'
import { ledger } from './ledger.js'
import { goOf } from './main-go.js'
import { ModDocuments } from './mod-documents.js'
import { projectFacts } from './project-facts.js'
import { modulePurl, stdlibPurl } from './purl.js'
import { ReplaceTable } from './replace-table.js'
import type { SumEntry } from './sum-file.js'
import type { VendorProblem } from './vendor-problems.js'
import { vendorProblems } from './vendor-problems.js'
import type { MainFile, Surroundings, View } from './view.js'

/** One view resolved: its graph, and everything the go command would build. */
export interface ResolvedView {
  readonly view: View
  readonly graph: RequirementGraph
  readonly documents: ModDocuments
  readonly replaces: ReplaceTable
  readonly vendorProblems: readonly VendorProblem[]
  readonly modules: ReadonlyMap<string, KnownModule>
  readonly mains: ReadonlyMap<string, ComponentId>
}

export interface ProjectParts {
  readonly project: Project
  readonly components: readonly Component[]
  readonly edges: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
}

/** Computes the build list of a view from what is at hand. */
async function resolveView(view: View, { tree, caches }: Surroundings): Promise<ResolvedView> {
  const replaces = new ReplaceTable(
    view.work?.replace ?? [],
    view.mains.flatMap((main) => main.mod.replace),
  )
  const problems = vendorProblems(view, replaces)
  const excluded = new Set(view.mains.flatMap((main) => main.mod.exclude.map(moduleKey)))
  const documents = new ModDocuments(tree, caches, replaces, view.sums, vendoredFolder(view))
  const graph = await loadGraph({
    mains: view.mains.map((main) => ({ path: main.path, go: goOf(main), requirements: main.mod.require })),
    workspace: view.kind === 'workspace',
    isExcluded: (module) => excluded.has(moduleKey(module)),
    document: documents.document,
  })
  const modules = knowModules(view, { graph, documents, replaces, vendorProblems: problems.length })
  const mains = new Map(view.mains.map((main) => [main.path, mainId(main)]))
  return { view, graph, documents, replaces, vendorProblems: problems, modules, mains }
}

/** Below 1.17 the go.mod files of dependencies are vendored with them. */
function vendoredFolder(view: View): ModDocuments['vendoredFolder'] {
  const { vendor } = view
  const versions = new Map((vendor?.list.modules ?? []).map((m) => [`${m.path}@${m.version ?? ''}`, m]))
  return (module) =>
    vendor !== undefined && (versions.get(moduleKey(module))?.packages.length ?? 0) > 0
      ? `${vendor.folder}/${module.path}`
      : undefined
}

/** Makes the part of the graph that one view gives. */
export async function buildProject(view: View, surroundings: Surroundings): Promise<ProjectParts> {
  const resolved = await resolveView(view, surroundings)
  const stdlib = stdlibComponent(resolved)
  const selected = selectedEdges(resolved.graph)
  const held = new Set(selected.filter((edge) => edge.viaUnselected).map((edge) => edge.to))
  const components = [
    ...view.mains.map((main) => mainComponent(main, view)),
    ...[...resolved.modules.values()].map((known) => moduleComponent(known, view, held.has(labelOf(known)))),
    stdlib,
  ]
  return {
    project: {
      id: view.id,
      ecosystem: 'go',
      name: view.kind === 'module' ? (view.mains[0]?.path ?? view.folder) : view.file,
      folder: view.folder,
      manifests: [...new Set([view.file, ...view.mains.map((main) => main.mod.file)])].sort(),
      lockfiles: [...view.lockfiles, ...(view.vendor === undefined ? [] : [view.vendor.list.file])].sort(),
      roots: [...resolved.mains.values()].sort(),
    },
    components,
    edges: [...moduleEdges(resolved, selected), ...view.mains.map((main) => stdlibEdge(main, stdlib.id, view))],
    replacements: ledger(resolved),
    facts: await projectFacts(resolved, surroundings),
  }
}

function mainId(main: MainFile): ComponentId {
  return componentId('go', main.path, undefined, { kind: 'path', path: main.folder, outside: false })
}

function mainComponent(main: MainFile, view: View): Component {
  const { mod } = main
  const location = mod.module?.location ?? { file: mod.file, line: 1, column: 1 }
  const edges: EdgeKnowledge =
    mod.unresolved.length === 0
      ? { state: 'complete' }
      : { state: 'incomplete', why: 'requirements without a version are resolved by asking the network' }
  return {
    id: mainId(main),
    ecosystem: 'go',
    name: main.path,
    source: { kind: 'path', path: main.folder, outside: false },
    purl: modulePurl(main.path, undefined),
    type: main.application ? 'application' : 'library',
    firstParty: true,
    direct: false,
    scopes: ['runtime'],
    claims: [],
    occurrences: [{ location, role: 'manifest' }],
    licenses: [],
    edges,
    projects: [view.id],
    properties: [
      ...property('go', mod.go?.value),
      ...property('toolchain', mod.toolchain?.value),
      ...property('deprecated', mod.module?.deprecated === '' ? undefined : mod.module?.deprecated),
    ],
  }
}

function moduleComponent(known: KnownModule, view: View, viaUnselected: boolean): Component {
  const identity = identityOf(known.module, known.code)
  const { code } = known
  const zip = code.kind === 'module' ? view.sums.entries(code.path, code.version, false) : []
  const goMod = code.kind === 'module' ? view.sums.entries(code.path, code.version, true) : []
  const occurrences: Component['occurrences'][number][] = [
    ...(zip.length > 0 ? zip : goMod).map(({ location }) => ({ location, role: 'lock' as const })),
    ...known.requirements.map(({ location }) => ({ location, role: 'manifest' as const })),
    ...(known.vendored === undefined ? [] : [{ location: known.vendored.location, role: 'vendor' as const }]),
  ]
  // Implied by others and recorded nowhere: the manifest that leads to it is the nearest place.
  const [first] = view.mains
  const fallback: Location = first?.mod.module?.location ?? { file: view.file, line: 1, column: 1 }
  if (occurrences.length === 0) occurrences.push({ location: fallback, role: 'manifest' })
  return {
    ...identity,
    ecosystem: 'go',
    type: 'library',
    firstParty: false,
    direct: known.relation === 'direct',
    scopes: known.scopes,
    claims: [...claims(zip, 'go-h1'), ...claims(goMod, 'go-mod-h1')],
    occurrences,
    licenses: [],
    edges: known.edges,
    projects: [view.id],
    properties: moduleProperties(known, viaUnselected),
  }
}

/** Tree hashes, never hashes of a file (spec/go.md §7.1). */
function claims(entries: readonly SumEntry[], scheme: 'go-h1' | 'go-mod-h1'): Component['claims'] {
  return entries
    .filter((entry) => entry.state === 'h1')
    .map(({ hash, location }) => ({ digest: { of: 'tree', scheme, value: hash }, statedBy: 'lock', location }))
}

function moduleProperties(known: KnownModule, viaUnselected: boolean): readonly Property[] {
  const { relation, replace, code } = known
  return [
    ...property('relation', relation === 'vendored' || relation === 'recorded' ? undefined : relation),
    ...property(
      'upper-bound',
      relation === 'recorded' ? 'go.sum records it; whether it is in the build list is not known' : undefined,
    ),
    ...property('listed-by', relation === 'vendored' ? known.vendored?.location.file : undefined),
    ...property('via', viaUnselected ? 'unselected version' : undefined),
    ...property('replaces', replace === undefined ? undefined : labelOf(known)),
    ...property('directory', code.kind === 'directory' ? code.written.replaceAll('\\', '/') : undefined),
    ...known.tools.flatMap((tool) => property('tool', tool)),
  ]
}

function property(name: string, value: string | undefined): readonly Property[] {
  return value === undefined ? [] : [{ name: `assay:go:${name}`, value }]
}

/** The standard library at the least version that will do: only a binary says which one was taken (spec/go.md §11.2). */
function stdlibComponent({ view, graph }: ResolvedView): Component {
  const workGo = view.work?.go
  const version = workGo !== undefined && compareGoVersions(workGo.value, graph.minimumGo) > 0 ? workGo.value : graph.minimumGo
  const [first] = view.mains
  const line = workGo ?? first?.mod.go ?? first?.mod.module
  const toolchain = (view.work ?? first?.mod)?.toolchain
  const source = { kind: 'toolchain' } as const
  return {
    id: componentId('go', 'stdlib', version, source),
    ecosystem: 'go',
    name: 'stdlib',
    version,
    source,
    purl: stdlibPurl(version),
    type: 'toolchain',
    firstParty: false,
    direct: true,
    scopes: ['runtime'],
    claims: [],
    occurrences: [{ location: line?.location ?? { file: view.file, line: 1, column: 1 }, role: 'manifest' }],
    licenses: [{ raw: 'BSD-3-Clause', kind: 'concluded' }],
    edges: { state: 'complete' },
    projects: [view.id],
    properties: [...property('version-is', 'minimum'), ...property('toolchain', toolchain?.value)],
  }
}

function stdlibEdge(main: MainFile, to: ComponentId, view: View): Edge {
  return { from: mainId(main), to, kinds: ['runtime'], location: main.mod.go?.location, projects: [view.id] }
}

function moduleEdges({ view, modules, mains }: ResolvedView, selected: readonly SelectedEdge[]): Edge[] {
  const ids = new Map<string, ComponentId>(mains)
  for (const known of modules.values()) ids.set(labelOf(known), known.id)
  const lines = new Map(view.mains.map((main) => [main.path, new Map(main.mod.require.map((line) => [line.path, line]))]))
  const paths = new Set(mains.keys())
  const isHeld = (main: string, path: string): boolean => lines.get(main)?.get(path)?.indirect === true && !paths.has(path)
  return withoutHeldEdges(selected, paths, isHeld).flatMap((edge): Edge[] => {
    const [from, to] = [ids.get(edge.from), ids.get(edge.to)]
    if (from === undefined || to === undefined || from === to) return []
    const line = lines.get(edge.from)?.get(edge.requirement.path)
    const kinds = line === undefined ? (['runtime'] as const) : mainEdgeKinds(line.indirect, modules.get(edge.requirement.path))
    return [{ from, to, kinds, requirement: edge.requirement.version, location: line?.location, projects: [view.id] }]
  })
}

/** A tool is used while developing; what is only held at a version is not known to be used at all. */
function mainEdgeKinds(indirect: boolean, known: KnownModule | undefined): readonly EdgeKind[] {
  const isTool = (known?.tools.length ?? 0) > 0
  if (indirect) return isTool ? ['tool'] : ['unknown']
  return isTool ? ['runtime', 'tool'] : ['runtime']
}
