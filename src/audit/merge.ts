import type { Component, ComponentId, Scope } from '../model/component.js'
import { impossible } from '../model/error.js'
import type { Edge, Fact, FileCoverage, Graph, Inventory } from '../model/graph.js'
import { compareLocations, formatLocation } from '../model/location.js'

/**
 * Makes one graph of the inventories of all ecosystems: components and edges of the same identity become one, nothing
 * else is joined, and every list gets its canonical order (code units), so that the order of reading leaves no trace.
 * Linear in components and edges, but for the sorts.
 */
export function mergeInventories(inventories: readonly Inventory[], skipped: readonly FileCoverage[] = []): Graph {
  const components = mergeAllComponents(inventories)
  return {
    projects: inventories.flatMap((i) => i.projects).sort(by((p) => p.id)),
    components,
    edges: mergeAllEdges(inventories, components),
    replacements: inventories
      .flatMap((i) => i.replacements)
      .sort((a, b) => compareLocations(a.location, b.location) || compareText(a.kind, b.kind)),
    facts: inOrder(inventories.flatMap((i) => i.facts)),
    diagnostics: inventories
      .flatMap((i) => i.diagnostics)
      .sort(
        (a, b) => compareLocations(a.location, b.location) || compareText(a.code, b.code) || compareText(a.message, b.message),
      ),
    files: [...inventories.flatMap((i) => i.files), ...skipped].sort(
      (a, b) => compareText(a.path, b.path) || compareText(a.format ?? '', b.format ?? ''),
    ),
  }
}

/** A graph with further facts, each list still in its order. */
export function withFacts(graph: Graph, facts: readonly Fact[]): Graph {
  return facts.length === 0 ? graph : { ...graph, facts: inOrder([...graph.facts, ...facts]) }
}

function inOrder(facts: readonly Fact[]): readonly Fact[] {
  const keyed = facts.map((fact) => ({ fact, key: factKey(fact) }))
  return keyed.sort((a, b) => compareText(a.key, b.key)).map(({ fact }) => fact)
}

function mergeAllComponents(inventories: readonly Inventory[]): readonly Component[] {
  const first = new Map<ComponentId, Component>()
  const several = new Map<ComponentId, Component[]>()
  for (const inventory of inventories) {
    for (const component of inventory.components) {
      const before = first.get(component.id)
      if (before === undefined) first.set(component.id, component)
      else append(several, component.id, component, before)
    }
  }
  for (const [id, same] of several) first.set(id, mergeComponents(same))
  return [...first.values()].sort(compareComponents)
}

/**
 * Edges in the order of their components, ends compared by rank: with a hundred thousand edges the ids, which are long
 * and much alike, are too slow to compare or to join into keys.
 */
function mergeAllEdges(inventories: readonly Inventory[], components: readonly Component[]): readonly Edge[] {
  const rank = new Map<ComponentId, number>(components.map((component, i) => [component.id, i]))
  const rankOf = (id: ComponentId): number => rank.get(id) ?? impossible(`an edge ends at ${id}, which is no component`)
  const rows: Ranked[][] = components.map(() => [])
  for (const { edges } of inventories) for (const edge of edges) rows[rankOf(edge.from)]?.push({ to: rankOf(edge.to), edge })
  const merged: Edge[] = []
  for (const row of rows) {
    if (row.length > 1) row.sort((a, b) => a.to - b.to)
    for (let start = 0; start < row.length; ) {
      let end = start + 1
      while (end < row.length && row[end]?.to === row[start]?.to) end += 1
      merged.push(mergeEdges(row.slice(start, end).map(({ edge }) => edge)))
      start = end
    }
  }
  return merged
}

interface Ranked {
  readonly to: number
  readonly edge: Edge
}

function compareComponents(a: Component, b: Component): number {
  return (
    compareText(a.ecosystem, b.ecosystem) ||
    compareText(a.name, b.name) ||
    compareText(a.version ?? '', b.version ?? '') ||
    compareText(a.id, b.id)
  )
}

function factKey(fact: Fact): string {
  const at = fact.location === undefined ? '' : formatLocation(fact.location)
  return `${fact.kind}\n${fact.project ?? ''}\n${fact.component ?? ''}\n${at}\n${JSON.stringify(fact.data)}`
}

/** One identity seen from several projects: what each says is kept, side by side. */
function mergeComponents(same: readonly Component[]): Component {
  const [first, ...rest] = same
  if (first === undefined) return impossible('a component group without a component')
  if (rest.length === 0) return first
  const own = same.find((c) => c.firstParty)
  return {
    ...first,
    purl: firstDefined(same, (c) => c.purl),
    type: (own ?? first).type,
    firstParty: own !== undefined,
    direct: same.some((c) => c.direct),
    scopes: mergeScopes(same),
    claims: unique(
      same,
      (c) => c.claims,
      (c) => `${c.digest.of}:${c.digest.value}:${c.statedBy}:${formatLocation(c.location)}`,
    ),
    occurrences: unique(
      same,
      (c) => c.occurrences,
      (o) => `${o.role}:${formatLocation(o.location)}`,
    ),
    licenses: unique(
      same,
      (c) => c.licenses,
      (l) => `${l.kind}:${l.raw}:${l.location === undefined ? '' : formatLocation(l.location)}`,
    ),
    edges: same.map((c) => c.edges).reduce((a, b) => (KNOWLEDGE[a.state] <= KNOWLEDGE[b.state] ? a : b)),
    projects: mergeSorted(same, (c) => c.projects),
    properties: unique(
      same,
      (c) => c.properties,
      (p) => `${p.name}\n${p.value}`,
    ),
    description: firstDefined(same, (c) => c.description),
    homepage: firstDefined(same, (c) => c.homepage),
    repository: firstDefined(same, (c) => c.repository),
    authors: firstDefined(same, (c) => c.authors),
  }
}

function mergeEdges(same: readonly Edge[]): Edge {
  const [first, ...rest] = same
  if (first === undefined) return impossible('an edge group without an edge')
  if (rest.length === 0) return first
  return {
    ...first,
    kinds: mergeSorted(same, (e) => e.kinds),
    // Required by one project is required.
    optional: same.every((e) => e.optional === true) ? true : undefined,
    target: same.every((e) => e.target === first.target) ? first.target : undefined,
    requirement: firstDefined(same, (e) => e.requirement),
    location: firstDefined(same, (e) => e.location),
    projects: mergeSorted(same, (e) => e.projects),
  }
}

const KNOWLEDGE = { complete: 0, incomplete: 1, unknown: 2 }

/** `inactive` and `unknown` say only that no use was found; one project with a use settles it. */
function mergeScopes(same: readonly Component[]): readonly Scope[] {
  const all = mergeSorted(same, (c) => c.scopes)
  const used = all.filter((scope) => scope !== 'inactive' && scope !== 'unknown')
  return used.length > 0 ? used : all
}

function append<K, T>(groups: Map<K, T[]>, key: K, item: T, first: T): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [first, item])
  else group.push(item)
}

function firstDefined<T, V>(items: readonly T[], value: (item: T) => V | undefined): V | undefined {
  for (const item of items) {
    const found = value(item)
    if (found !== undefined) return found
  }
  return undefined
}

function mergeSorted<T, V extends string>(items: readonly T[], values: (item: T) => readonly V[]): readonly V[] {
  const all = new Set<V>()
  for (const item of items) for (const value of values(item)) all.add(value)
  return [...all].sort(compareText)
}

function unique<T, V>(items: readonly T[], values: (item: T) => readonly V[], key: (value: V) => string): readonly V[] {
  const seen = new Map<string, V>()
  for (const item of items) {
    for (const value of values(item)) {
      const k = key(value)
      if (!seen.has(k)) seen.set(k, value)
    }
  }
  return [...seen.values()]
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => compareText(key(a), key(b))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
