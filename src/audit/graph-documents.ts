import type { GraphView } from '../model/graph-view.js'

export type GraphFormat = 'tree' | 'json' | 'dot'
type Style = (name: 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan', text: string) => string

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
