import type { Subject } from '../model/document.js'
import type { Graph, Project } from '../model/graph.js'

/**
 * What an SBOM of this graph is about, when the configuration does not say: the only first-party root, else the
 * project at the top of the tree. Never the folder's name: the same tree must give the same document everywhere.
 * `guessed` is set when nothing in the tree names the whole.
 */
export function subjectOf(graph: Graph): { readonly subject: Subject; readonly guessed: boolean } {
  const top = graph.projects.filter((project) => project.folder === '.')
  const candidates = graph.projects.length === 1 ? graph.projects : top
  const [project] = candidates
  if (project === undefined || candidates.length > 1) return { subject: { name: 'repository' }, guessed: true }
  return { subject: subjectOfProject(graph, project), guessed: false }
}

function subjectOfProject(graph: Graph, project: Project): Subject {
  const [root] = project.roots
  const component = project.roots.length === 1 && root !== undefined ? graph.components.find((c) => c.id === root) : undefined
  if (component === undefined) return { name: project.name }
  return { name: component.name, version: component.version, purl: component.purl }
}
