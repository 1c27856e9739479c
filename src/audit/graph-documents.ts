import type { GraphView } from '../model/graph-view.js'
import type { Style } from '../model/style.js'

export type GraphFormat = 'tree' | 'json' | 'dot'

/** The graph in one of the forms `assay graph` prints. Only the writer that is asked for is loaded. */
export async function graphDocument(format: GraphFormat, graph: GraphView, style: Style): Promise<Iterable<string>> {
  switch (format) {
    case 'json':
      return (await import('../formats/graph-json.js')).graphJson(graph)
    case 'dot':
      return (await import('../formats/graph-dot.js')).graphDot(graph)
    case 'tree':
      return (await import('../formats/graph-tree.js')).graphTree(graph, style)
  }
}
