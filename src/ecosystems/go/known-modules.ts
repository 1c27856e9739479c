import type { EdgeKnowledge, Scope } from '../../model/component.js'
import type { ModuleId, RequirementGraph } from './build-list.js'
import { moduleKey } from './build-list.js'
import { buildList } from './component-edges.js'
import { supportsPruning } from './go-version.js'
import type { KnownModule, Relation } from './known-module.js'
import { codeOf, identityOf } from './known-module.js'
import { goOf } from './main-go.js'
import type { ModDocuments } from './mod-documents.js'
import type { Requirement } from './mod-file.js'
import type { ReplaceTable } from './replace-table.js'
import type { VendoredModule } from './vendor-list.js'
import { vendoredCode } from './vendor-list.js'
import { compareVersions, isIncompatible } from './version.js'
import type { View } from './view.js'

export interface Resolution {
  readonly graph: RequirementGraph
  readonly documents: ModDocuments
  readonly replaces: ReplaceTable
  /** Differences between modules.txt and the manifests; none where there is no vendor folder in use. */
  readonly vendorProblems: number
}

/** False when the list lacks what only documents that are not at hand would name (spec/go.md §6.4). */
export function isListComplete(view: View, graph: RequirementGraph): boolean {
  return graph.missing.size === 0 || view.mains.every((main) => supportsPruning(goOf(main)))
}

/** The modules of a build, by the path they are asked for. */
export function knowModules(view: View, resolution: Resolution): ReadonlyMap<string, KnownModule> {
  const requirements = new Map<string, Requirement[]>()
  for (const requirement of view.mains.flatMap((main) => main.mod.require)) {
    const same = requirements.get(requirement.path)
    if (same === undefined) requirements.set(requirement.path, [requirement])
    else same.push(requirement)
  }
  const tools = toolsByModule(view, resolution.graph)
  const vendored = vendoredByPath(view)
  const known = new Map<string, KnownModule>()
  const add = (module: ModuleId, relation: Relation): void => {
    const replace = resolution.replaces.find(module.path, module.version)
    const code = codeOf(module, replace)
    const one = {
      module,
      code,
      replace,
      id: identityOf(module, code).id,
      relation,
      requirements: requirements.get(module.path) ?? [],
      tools: tools.get(module.path) ?? [],
      vendored: vendored.get(module.path),
    }
    known.set(module.path, { ...one, scopes: scopesOf(one, view, resolution), edges: edgeKnowledge(one, resolution) })
  }
  const isExact = resolution.graph.missing.size === 0
  const isComplete = isListComplete(view, resolution.graph)
  for (const module of buildList(resolution.graph)) {
    const lines = requirements.get(module.path)
    // A document that is not at hand may raise it, and what builds and tests the main modules is listed anyway.
    if (lines === undefined && !isExact && isComplete) continue
    add(module, lines === undefined ? 'implied' : lines.some((line) => !line.indirect) ? 'direct' : 'indirect')
  }
  if (!isComplete) addNextBest(view, known, add)
  const mains = new Set(view.mains.map((main) => main.path))
  return new Map([...known].map(([path, one]) => [path, withoutUnlisted(one, known, mains, resolution.graph)]))
}

/** Edges to modules that are not listed are left out, and that is said. */
function withoutUnlisted(
  one: KnownModule,
  known: ReadonlyMap<string, KnownModule>,
  mains: ReadonlySet<string>,
  graph: RequirementGraph,
): KnownModule {
  const requirements = graph.nodes.get(moduleKey(one.module))?.requirements ?? []
  if (one.edges.state !== 'complete' || requirements.every(({ path }) => known.has(path) || mains.has(path))) return one
  const why = 'the versions of what they need beyond the list of the main module depend on go.mod files that are not at hand'
  return { ...one, edges: { state: 'incomplete', why } }
}

/** What the list of modules lacks, in words for a person; undefined when it is whole. */
export function listGap(view: View, graph: RequirementGraph): string | undefined {
  if (graph.missing.size === 0) return undefined
  const old = view.mains.find((main) => !supportsPruning(goOf(main)))
  if (old !== undefined)
    return `at go ${goOf(old)} a go.mod lists direct needs only, and the go.mod files of ${graph.missing.size} modules are not at hand`
  return view.kind === 'workspace'
    ? `the versions listed are lower bounds: what a workspace selects over all members depends on the go.mod files of ${graph.missing.size} modules that are not at hand`
    : undefined
}

/** Without documents modules.txt is the best list of code, and the zip lines of go.sum are an upper bound. */
function addNextBest(
  view: View,
  known: ReadonlyMap<string, KnownModule>,
  add: (module: ModuleId, relation: Relation) => void,
): void {
  const mains = new Set(view.mains.map((main) => main.path))
  if (view.vendor !== undefined && view.vendor.unused === undefined) {
    for (const { path, version } of vendoredCode(view.vendor.list).values())
      if (version !== undefined && !known.has(path) && !mains.has(path)) add({ path, version }, 'vendored')
    return
  }
  const taken = new Set([...known.values()].flatMap(({ code }) => (code.kind === 'module' ? [code.path] : [])))
  const highest = new Map<string, string>()
  for (const file of view.sums.files) {
    for (const { path, version, goMod, state } of file.entries) {
      if (goMod || state !== 'h1' || known.has(path) || taken.has(path) || mains.has(path)) continue
      const seen = highest.get(path)
      if (seen === undefined || compareVersions(version, seen) > 0) highest.set(path, version)
    }
  }
  for (const [path, version] of highest) add({ path, version }, 'recorded')
}

function vendoredByPath(view: View): ReadonlyMap<string, VendoredModule> {
  const found = new Map<string, VendoredModule>()
  for (const module of view.vendor?.list.modules ?? []) {
    if (module.version === undefined || (module.packages.length === 0 && !module.explicit)) continue
    const other = found.get(module.path)
    if (other === undefined || module.packages.length > other.packages.length) found.set(module.path, module)
  }
  return found
}

/** A tool belongs to the module with the longest path that begins its package path. */
function toolsByModule(view: View, graph: RequirementGraph): ReadonlyMap<string, readonly string[]> {
  const mains = new Set(view.mains.map((main) => main.path))
  const found = new Map<string, string[]>()
  for (const { value } of view.mains.flatMap((main) => main.mod.tool)) {
    for (let path = value; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
      if (mains.has(path)) break
      if (!graph.selected.has(path)) continue
      found.set(path, [...(found.get(path) ?? []), value])
      break
    }
  }
  return found
}

type Draft = Omit<KnownModule, 'scopes' | 'edges'>

/**
 * What go.mod lists is needed to build or test; test use alone cannot be told from it. A module that no zip hash or no
 * vendored package belongs to contributes no code.
 */
function scopesOf(one: Draft, view: View, { vendorProblems }: Resolution): readonly Scope[] {
  const { relation, code, tools, vendored } = one
  if (relation === 'recorded') return ['unknown']
  if (tools.length > 0) return relation === 'direct' ? ['runtime', 'tool'] : ['tool']
  if (view.vendor !== undefined && view.vendor.unused === undefined && vendorProblems === 0)
    return vendored === undefined || vendored.packages.length === 0 ? ['inactive'] : ['runtime']
  const hasZipHash = code.kind === 'directory' || view.sums.entries(code.path, code.version, false).length > 0
  if (relation !== 'direct' && view.hasSumFile && !hasZipHash) return ['inactive']
  return relation === 'implied' ? ['unknown'] : ['runtime']
}

function edgeKnowledge(one: Draft, { graph, documents }: Resolution): EdgeKnowledge {
  const { code, module } = one
  if (code.kind === 'module' && isIncompatible(code.version))
    return { state: 'unknown', why: 'they predate modules, and what they need is written nowhere' }
  const state = documents.states.get(moduleKey(module))
  if (state?.kind === 'missing') return { state: 'unknown', why: state.why }
  if (state?.kind === 'mismatch')
    return { state: 'unknown', why: 'the cached go.mod files are not those that go.sum has hashes of' }
  if (graph.nodes.has(moduleKey(module))) return { state: 'complete' }
  if (graph.missing.has(moduleKey(module))) return { state: 'unknown', why: 'there are more modules than assay reads' }
  if (one.relation === 'recorded' || one.relation === 'vendored')
    return { state: 'unknown', why: 'the requirements that lead to them are not at hand' }
  return { state: 'unknown', why: 'the go command does not read their go.mod files (graph pruning)' }
}
