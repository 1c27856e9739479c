import type { Component, ComponentId } from './component.js'
import { impossible } from './error.js'
import type { Edge, Fact, Graph } from './graph.js'

/** A graph with the look-ups that rules and writers need; every index is built once, when first asked for, in linear time. */
export class GraphView {
  readonly #byId: Lazy<Map<ComponentId, Component>>
  readonly #byName: Lazy<Map<string, Component[]>>
  readonly #out: Lazy<Map<ComponentId, Edge[]>>
  readonly #in: Lazy<Map<ComponentId, Edge[]>>
  readonly #facts: Lazy<Map<string, Fact[]>>
  readonly #reachedFrom: Lazy<Map<ComponentId, ComponentId | undefined>>

  constructor(readonly graph: Graph) {
    this.#byId = lazy(() => new Map(graph.components.map((c) => [c.id, c])))
    this.#byName = lazy(() => groupBy(graph.components, (c) => `${c.ecosystem}:${c.name}`))
    this.#out = lazy(() => groupBy(graph.edges, (e) => e.from))
    this.#in = lazy(() => groupBy(graph.edges, (e) => e.to))
    this.#facts = lazy(() => groupBy(graph.facts, (f) => f.kind))
    this.#reachedFrom = lazy(() => breadthFirst(graph, this.#out()))
  }

  get components(): readonly Component[] {
    return this.graph.components
  }

  find(id: ComponentId): Component | undefined {
    return this.#byId().get(id)
  }

  get(id: ComponentId): Component {
    return this.find(id) ?? impossible(`no component ${id} in the graph`)
  }

  /** All versions and sources of one name. */
  named(ecosystem: string, name: string): readonly Component[] {
    return this.#byName().get(`${ecosystem}:${name}`) ?? []
  }

  dependencies(id: ComponentId): readonly Edge[] {
    return this.#out().get(id) ?? []
  }

  dependents(id: ComponentId): readonly Edge[] {
    return this.#in().get(id) ?? []
  }

  facts(kind: string): readonly Fact[] {
    return this.#facts().get(kind) ?? []
  }

  /** One shortest path from a root, both ends included; empty when no root reaches it. */
  pathTo(id: ComponentId): readonly ComponentId[] {
    const reachedFrom = this.#reachedFrom()
    if (!reachedFrom.has(id)) return []
    const path: ComponentId[] = []
    for (let at: ComponentId | undefined = id; at !== undefined; at = reachedFrom.get(at)) path.push(at)
    return path.reverse()
  }
}

type Lazy<T> = () => T
function lazy<T>(make: () => T): Lazy<T> {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const k = key(item)
    const group = groups.get(k)
    if (group === undefined) groups.set(k, [item])
    else group.push(item)
  }
  return groups
}

/** For every reached component the one before it on a shortest path; roots map to undefined. */
function breadthFirst(graph: Graph, out: ReadonlyMap<ComponentId, readonly Edge[]>): Map<ComponentId, ComponentId | undefined> {
  const from = new Map<ComponentId, ComponentId | undefined>()
  let frontier: ComponentId[] = []
  for (const project of graph.projects) {
    for (const root of project.roots) {
      if (from.has(root)) continue
      from.set(root, undefined)
      frontier.push(root)
    }
  }
  while (frontier.length > 0) {
    const next: ComponentId[] = []
    for (const id of frontier) {
      for (const edge of out.get(id) ?? []) {
        if (from.has(edge.to)) continue
        from.set(edge.to, id)
        next.push(edge.to)
      }
    }
    frontier = next
  }
  return from
}
