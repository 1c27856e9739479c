import { componentLabel } from '../model/component.js'
import { escapeTerminal } from '../model/escape.js'
import type { GraphView } from '../model/graph-view.js'

const SHAPE = { library: 'box', application: 'box', toolchain: 'ellipse' } as const

/** The graph in the DOT language of Graphviz: one node a component, one edge a dependency, development edges dashed. */
export function* graphDot(view: GraphView): Iterable<string> {
  yield 'digraph assay {\n  rankdir=LR\n  node [fontname="sans-serif"]\n'
  const numbers = new Map(view.components.map((component, i) => [component.id, i]))
  for (const [i, component] of view.components.entries()) {
    const style = component.firstParty
      ? ', style=bold'
      : component.scopes.every((scope) => scope === 'inactive')
        ? ', style=dotted'
        : ''
    yield `  n${i} [label=${quote(componentLabel(component))}, shape=${SHAPE[component.type]}${style}]\n`
  }
  for (const edge of view.graph.edges) {
    const from = numbers.get(edge.from)
    const to = numbers.get(edge.to)
    if (from === undefined || to === undefined) continue
    const runtime = edge.kinds.some((kind) => kind === 'runtime' || kind === 'unknown')
    yield `  n${from} -> n${to}${runtime ? '' : ` [style=dashed, label=${quote(edge.kinds.join(', '))}]`}\n`
  }
  yield '}\n'
}

/** A quoted string of DOT: backslash and quote escaped, nothing that could end the line. */
function quote(text: string): string {
  return `"${escapeTerminal(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
