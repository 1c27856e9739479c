import type { Component, ComponentId } from '../model/component.js'
import { componentLabel } from '../model/component.js'
import { escapeTerminal } from '../model/escape.js'
import type { Edge, Project } from '../model/graph.js'
import type { GraphView } from '../model/graph-view.js'
import type { Style } from '../model/style.js'

/**
 * The graph as an indented tree, a project at a time. A component's own dependencies are shown where it is first met;
 * later it is marked with `(*)`, so that the text stays linear in the graph and cycles end.
 */
export function* graphTree(view: GraphView, style: Style): Iterable<string> {
  let first = true
  for (const project of view.graph.projects) {
    if (!first) yield '\n'
    first = false
    yield `${style('bold', escapeTerminal(heading(project)))}\n`
    const roots = project.roots.map((id) => view.get(id))
    const shown = new Set<ComponentId>()
    for (const [i, root] of roots.entries()) yield* branch(view, project, root, i === roots.length - 1, shown, style)
    if (roots.length === 0) yield '  nothing first-party was found\n'
  }
}

function heading(project: Project): string {
  const files = [...project.lockfiles, ...project.manifests]
  return `${project.ecosystem} ${project.name} (${files[0] ?? project.folder})`
}

interface Step {
  readonly component: Component
  readonly edge: Edge | undefined
  readonly prefix: string
  readonly last: boolean
}

/** Depth first with an own stack: a hostile graph can be deeper than the call stack. */
function* branch(
  view: GraphView,
  project: Project,
  root: Component,
  last: boolean,
  shown: Set<ComponentId>,
  style: Style,
): Iterable<string> {
  const stack: Step[] = [{ component: root, edge: undefined, prefix: '', last }]
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { component, prefix } = step
    const edges = view.dependencies(component.id).filter((edge) => edge.projects.includes(project.id))
    const again = shown.has(component.id) && edges.length > 0
    yield `${prefix}${step.last ? '└── ' : '├── '}${describe(component, step.edge, style)}${again ? ' (*)' : ''}\n`
    if (again) continue
    shown.add(component.id)
    const inner = `${prefix}${step.last ? '    ' : '│   '}`
    for (let i = edges.length - 1; i >= 0; i--) {
      const edge = edges[i]
      if (edge !== undefined) stack.push({ component: view.get(edge.to), edge, prefix: inner, last: i === edges.length - 1 })
    }
  }
}

function describe(component: Component, edge: Edge | undefined, style: Style): string {
  const notes: string[] = []
  const kinds = (edge?.kinds ?? []).filter((kind) => kind !== 'runtime' && kind !== 'unknown')
  if (kinds.length > 0) notes.push(kinds.join(', '))
  if (edge?.optional === true) notes.push('optional')
  if (component.scopes.length === 1 && component.scopes[0] === 'inactive') notes.push('inactive')
  if (component.source.kind === 'git' || component.source.kind === 'archive' || component.source.kind === 'path')
    notes.push(component.source.kind)
  if (component.edges.state !== 'complete') notes.push(`edges ${component.edges.state}`)
  const label = escapeTerminal(componentLabel(component))
  return `${component.firstParty ? style('bold', label) : label}${notes.length === 0 ? '' : style('dim', ` [${notes.join('; ')}]`)}`
}
