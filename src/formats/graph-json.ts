import type { Graph } from '../model/graph.js'
import type { GraphView } from '../model/graph-view.js'
import { jsonArray } from './json-element.js'

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
export const GRAPH_FORMAT = 1

const LISTS = [
  'projects',
  'components',
  'edges',
  'replacements',
  'facts',
  'diagnostics',
  'files',
] as const satisfies readonly (keyof Graph)[]

/** The graph as JSON (`schemas/graph.schema.json`), one chunk an entry. */
export function* graphJson(view: GraphView): Iterable<string> {
  yield `{\n  "$schema": "https://assay.invalid/schemas/graph.schema.json",\n  "format": ${GRAPH_FORMAT},\n`
  for (const [i, name] of LISTS.entries()) {
    yield* jsonArray(name, view.graph[name], '  ')
    yield i === LISTS.length - 1 ? '\n}\n' : ',\n'
  }
}
