import type { ModuleId, RequirementGraph } from './build-list.js'
import { moduleKey } from './build-list.js'

/** `from` requires `to`, both at their selected versions; a main module is named by its path alone. */
export interface SelectedEdge {
  readonly from: string
  readonly to: string
  /** The requirement that makes it; its version is a lower bound. */
  readonly requirement: ModuleId
  /** Only a version that was not selected asks for it. */
  readonly viaUnselected: boolean
}

/** The build list in the order of paths. */
export function buildList(graph: RequirementGraph): readonly ModuleId[] {
  return [...graph.selected]
    .map(([path, version]) => ({ path, version }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/**
 * The edges between selected versions (spec/go.md §6.5). A module that only unselected versions ask for hangs below the
 * selected version of whoever asks, so that nothing is without a reason.
 */
export function selectedEdges(graph: RequirementGraph): readonly SelectedEdge[] {
  const mains = new Set(graph.mains.map((main) => main.path))
  const edges = new Map<string, SelectedEdge>()
  const reached = new Set<string>()
  const nameOf = (path: string): string | undefined => {
    const version = graph.selected.get(path)
    return mains.has(path) ? path : version === undefined ? undefined : moduleKey({ path, version })
  }
  const add = (from: string, fromPath: string, requirement: ModuleId, viaUnselected: boolean): void => {
    const to = nameOf(requirement.path)
    const key = `${from}\n${to}`
    // What requires an old release of the one main module does not depend on the main module being built.
    const isBack = graph.mains.length === 1 && mains.has(requirement.path)
    if (to === undefined || requirement.path === fromPath || isBack || edges.has(key)) return
    edges.set(key, { from, to, requirement, viaUnselected })
    reached.add(to)
  }
  for (const main of graph.mains) for (const requirement of main.requirements) add(main.path, main.path, requirement, false)
  for (const { path, version } of buildList(graph)) {
    const key = moduleKey({ path, version })
    for (const requirement of graph.nodes.get(key)?.requirements ?? []) add(key, path, requirement, false)
  }
  for (const { module, requirements } of graph.nodes.values()) {
    const from = nameOf(module.path)
    for (const requirement of requirements) {
      const to = nameOf(requirement.path)
      if (from !== undefined && to !== undefined && !reached.has(to)) add(from, module.path, requirement, true)
    }
  }
  return [...edges.values()]
}

/**
 * Leaves out the edges of main modules to what is only marked `// indirect`, where another way leads there: such a line
 * holds a version and is no use of the module.
 */
export function withoutHeldEdges(
  edges: readonly SelectedEdge[],
  mains: ReadonlySet<string>,
  isHeld: (main: string, path: string) => boolean,
): readonly SelectedEdge[] {
  const held = edges.filter((edge) => mains.has(edge.from) && isHeld(edge.from, edge.requirement.path))
  const kept = new Set(edges)
  for (const edge of held) kept.delete(edge)
  const out = new Map<string, string[]>()
  for (const edge of kept) {
    const known = out.get(edge.from)
    if (known === undefined) out.set(edge.from, [edge.to])
    else known.push(edge.to)
  }
  const reached = new Set<string>()
  const reach = (start: string): void => {
    const stack = [start]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (reached.has(at)) continue
      reached.add(at)
      stack.push(...(out.get(at) ?? []))
    }
  }
  for (const main of mains) reach(main)
  const needed = new Set<SelectedEdge>()
  for (const edge of held) {
    if (reached.has(edge.to)) continue
    needed.add(edge)
    reach(edge.to)
  }
  return edges.filter((edge) => kept.has(edge) || needed.has(edge))
}
