import { ECOSYSTEMS } from '../ecosystems/index.js'
import type { Component, LicenseClaim } from '../model/component.js'
import type { EcosystemEntry, ProjectFile, ReadOptions } from '../model/ecosystem.js'
import type { Fact, Graph, Inventory } from '../model/graph.js'
import type { SourceTree } from '../model/tree.js'
import type { DiscoverOptions, Discovery } from './discover.js'
import { discover } from './discover.js'
import { mergeInventories } from './merge.js'
import { onlyProjectOf } from './only-project.js'

export interface ReadRequest {
  readonly tree: SourceTree
  /** Path of one manifest or lockfile: only the project it belongs to is kept. */
  readonly only?: string | undefined
  readonly discover?: Partial<DiscoverOptions> | undefined
  readonly options?: Partial<ReadOptions> | undefined
  /** Trees of material beside what the user named, for the files of one ecosystem; the user's own come first. */
  readonly supply?: ((ecosystem: string, files: readonly ProjectFile[]) => Promise<ReadOptions['caches']>) | undefined
  /** Told after each step, for progress. */
  readonly onProgress?: ((step: ReadStep) => void) | undefined
}

export type ReadStep =
  | { readonly kind: 'discovered'; readonly files: number; readonly ecosystems: readonly string[] }
  | { readonly kind: 'read'; readonly ecosystem: string; readonly components: number }

/** Discover, read, merge: from a tree to one graph (design §4). Nothing is judged here, nothing is executed. */
export async function readGraph(request: ReadRequest): Promise<Graph> {
  const entries = request.only === undefined ? ECOSYSTEMS : claimants(request.only)
  const found = await discover(request.tree, entries, { exclude: [], include: [], ...request.discover })
  request.onProgress?.({
    kind: 'discovered',
    files: [...found.claimed.values()].reduce((sum, files) => sum + files.length, 0),
    ecosystems: [...found.claimed.keys()],
  })
  // Before anything is read, and so before anybody is asked: who may be asked with what is known from all of them.
  const supplies = new Map<string, ReadOptions['caches']>()
  for (const [name, files] of found.claimed) supplies.set(name, (await request.supply?.(name, files)) ?? new Map())
  const inventories: Inventory[] = [factsOf(found, await imageReferences(request, found))]
  for (const entry of entries) {
    const files = found.claimed.get(entry.name)
    if (files === undefined) continue
    const ecosystem = await entry.load()
    const options = { ...NO_OPTIONS, ...request.options }
    const caches = new Map([...(supplies.get(entry.name) ?? []), ...options.caches])
    const inventory = await ecosystem.read({ tree: request.tree, files, options: { ...options, caches } })
    request.onProgress?.({ kind: 'read', ecosystem: entry.name, components: inventory.components.length })
    inventories.push(inventory)
  }
  const graph = mergeInventories(inventories, found.skipped)
  return withLicenseExpressions(request.only === undefined ? graph : onlyProjectOf(graph, request.only))
}

const NO_OPTIONS: ReadOptions = { caches: new Map(), environment: new Map(), targets: [], features: undefined }

function claimants(path: string): readonly EcosystemEntry[] {
  return ECOSYSTEMS.filter((entry) => entry.claim(path) !== undefined)
}

/** Images that the tree is built from are no components: only whether they can move is looked at. */
async function imageReferences({ tree, only }: ReadRequest, { containerFiles }: Discovery): Promise<readonly Fact[]> {
  if (containerFiles.length === 0 || only !== undefined) return []
  const { imageReferenceFacts } = await import('./container-file.js')
  return imageReferenceFacts(tree, containerFiles)
}

/** What discovery itself observed belongs to no ecosystem. */
function factsOf(found: Discovery, images: readonly Fact[]): Inventory {
  return {
    ecosystem: '',
    projects: [],
    components: [],
    edges: [],
    replacements: [],
    facts: [...found.facts, ...images],
    diagnostics: [],
    files: [],
  }
}

/** Fills in the canonical expression of every licence statement that is one; loads the parser only when there is a statement. */
async function withLicenseExpressions(graph: Graph): Promise<Graph> {
  if (!graph.components.some((c) => c.licenses.length > 0)) return graph
  const { canonicalExpression } = await import('../licenses/expression.js')
  const seen = new Map<string, string | undefined>()
  const expressionOf = (raw: string): string | undefined => {
    if (!seen.has(raw)) seen.set(raw, canonicalExpression(raw))
    return seen.get(raw)
  }
  const complete = (claim: LicenseClaim): LicenseClaim => ({ ...claim, expression: claim.expression ?? expressionOf(claim.raw) })
  const components = graph.components.map(
    (component): Component =>
      component.licenses.length === 0 ? component : { ...component, licenses: component.licenses.map(complete) },
  )
  return { ...graph, components }
}
