import type { Component, ComponentId } from '../../src/model/component.js'
import { componentId } from '../../src/model/component.js'
import type { Edge, Graph, Inventory } from '../../src/model/graph.js'
import type { Source } from '../../src/model/source.js'

export const CRATES_IO: Source = {
  kind: 'registry',
  protocol: 'cargo-git-index',
  url: 'https://github.com/rust-lang/crates.io-index',
}

/** A component with everything a test does not care about filled in. */
export function component(name: string, version = '1.0.0', rest: Partial<Component> = {}): Component {
  const source = rest.source ?? CRATES_IO
  return {
    id: componentId(rest.ecosystem ?? 'cargo', name, version, source),
    ecosystem: 'cargo',
    name,
    version,
    source,
    purl: `pkg:cargo/${name}@${version}`,
    type: 'library',
    firstParty: false,
    direct: false,
    scopes: ['runtime'],
    claims: [],
    occurrences: [{ location: { file: 'Cargo.lock', line: 1, column: 1 }, role: 'lock' }],
    licenses: [],
    edges: { state: 'complete' },
    projects: ['cargo:Cargo.lock'],
    properties: [],
    ...rest,
  }
}

export function edge(from: Component, to: Component, rest: Partial<Edge> = {}): Edge {
  return { from: from.id, to: to.id, kinds: ['runtime'], projects: ['cargo:Cargo.lock'], ...rest }
}

/** A graph of one project whose roots are the first-party components. */
export function graphOf(components: readonly Component[], edges: readonly Edge[], rest: Partial<Graph> = {}): Graph {
  const roots: ComponentId[] = components.filter((c) => c.firstParty).map((c) => c.id)
  return {
    projects: [
      {
        id: 'cargo:Cargo.lock',
        ecosystem: 'cargo',
        name: 'example',
        folder: '.',
        manifests: ['Cargo.toml'],
        lockfiles: ['Cargo.lock'],
        roots,
      },
    ],
    components,
    edges,
    replacements: [],
    facts: [],
    diagnostics: [],
    files: [{ path: 'Cargo.lock', ecosystem: 'cargo', format: 'cargo-lock', state: 'read' }],
    ...rest,
  }
}

export function inventoryOf(graph: Graph, ecosystem = 'cargo'): Inventory {
  return { ecosystem, ...graph }
}
