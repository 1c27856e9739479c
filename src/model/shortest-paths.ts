import type { ComponentId } from './component.js'
import type { GraphView } from './graph-view.js'

export interface ShortestPaths {
  /** Up to `limit` paths, each from a root to the component, both ends included. */
  readonly paths: readonly (readonly ComponentId[])[]
  /**
   * How many shortest paths there are in all. Their number can grow exponentially with the depth; it is exact up to
   * `Number.MAX_SAFE_INTEGER` and stays there.
   */
  readonly total: number
}

/** All shortest paths from any root to a component: one breadth-first search, then as many paths as are asked for. */
export function shortestPaths(graph: GraphView, to: ComponentId, limit: number): ShortestPaths {
  const reached = search(graph)
  const end = reached.get(to)
  if (end === undefined) return { paths: [], total: 0 }
  const paths: ComponentId[][] = []
  // Depth first from the end backwards; an own stack, because a hostile graph can be deeper than the call stack.
  const stack: { readonly id: ComponentId; readonly tail: Tail | undefined }[] = [{ id: to, tail: undefined }]
  for (let at = stack.pop(); at !== undefined && paths.length < limit; at = stack.pop()) {
    const before = reached.get(at.id)?.before ?? []
    const tail: Tail = { id: at.id, next: at.tail }
    if (before.length === 0) paths.push(unroll(tail))
    for (const id of [...new Set(before)].sort().reverse()) stack.push({ id, tail })
  }
  return { paths, total: end.total }
}

interface Reached {
  readonly distance: number
  /** Predecessors on shortest paths; none for a root. */
  readonly before: ComponentId[]
  total: number
}

/** A path shared from the back, so that listing costs no more than what is listed. */
interface Tail {
  readonly id: ComponentId
  readonly next: Tail | undefined
}

function unroll(tail: Tail): ComponentId[] {
  const path: ComponentId[] = []
  for (let at: Tail | undefined = tail; at !== undefined; at = at.next) path.push(at.id)
  return path
}

function search(graph: GraphView): ReadonlyMap<ComponentId, Reached> {
  const reached = new Map<ComponentId, Reached>()
  let frontier = [...new Set(graph.graph.projects.flatMap((project) => project.roots))]
  for (const root of frontier) reached.set(root, { distance: 0, before: [], total: 1 })
  for (let distance = 1; frontier.length > 0; distance++) {
    const next: ComponentId[] = []
    for (const id of frontier) {
      const total = reached.get(id)?.total ?? 0
      for (const edge of graph.dependencies(id)) {
        const known = reached.get(edge.to)
        if (known === undefined) {
          reached.set(edge.to, { distance, before: [id], total })
          next.push(edge.to)
        } else if (known.distance === distance) {
          known.before.push(id)
          known.total = Math.min(known.total + total, Number.MAX_SAFE_INTEGER)
        }
      }
    }
    frontier = next
  }
  return reached
}
