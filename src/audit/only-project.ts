import type { Graph, Project } from '../model/graph.js'

/**
 * The part of a graph that belongs to the project of one manifest or lockfile, for `assay audit path/to/Cargo.lock`.
 * Observations without a project stay when they are about one of the project's own files.
 */
export function onlyProjectOf(graph: Graph, path: string): Graph {
  const projects = graph.projects.filter((project) => filesOf(project).includes(path))
  const ids = new Set(projects.map((project) => project.id))
  const files = new Set([path, ...projects.flatMap(filesOf)])
  const ofProject = (item: { readonly projects: readonly string[] }): boolean => item.projects.some((id) => ids.has(id))
  return {
    projects,
    components: graph.components.filter(ofProject),
    edges: graph.edges.filter(ofProject),
    replacements: graph.replacements.filter((replacement) => ids.has(replacement.project)),
    facts: graph.facts.filter((fact) =>
      fact.project === undefined ? files.has(fact.location?.file ?? '') : ids.has(fact.project),
    ),
    diagnostics: graph.diagnostics.filter((diagnostic) => files.has(diagnostic.location.file)),
    files: graph.files.filter((file) => files.has(file.path)),
  }
}

function filesOf(project: Project): readonly string[] {
  return [...project.manifests, ...project.lockfiles]
}
