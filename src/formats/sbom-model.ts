import { createHash } from 'node:crypto'
import type { Component, ComponentId, EdgeKnowledge } from '../model/component.js'
import { componentLabel } from '../model/component.js'
import type { DocumentInput, LeftOut } from '../model/document.js'
import type { Edge } from '../model/graph.js'

/** What both SBOM formats say, before either has its words: which components, which subject, which edges. */
export interface SbomModel {
  /** The product: a first-party component when it is the only root, else something that holds all roots. */
  readonly subject: {
    readonly name: string
    readonly version?: string | undefined
    readonly purl?: string | undefined
    readonly component?: Component | undefined
  }
  /** Every component but the subject's own, in the order of the graph. */
  readonly components: readonly Component[]
  /** Outgoing edges to components that are written, in order of their ends. */
  readonly edgesOf: (id: ComponentId) => readonly Edge[]
  /** What the subject depends on when it is no component itself: the roots of all projects. */
  readonly roots: readonly ComponentId[]
  readonly subjectKnowledge: EdgeKnowledge
  readonly leftOut: readonly LeftOut[]
}

/** Decides what goes into an SBOM. Inactive components stay out unless asked for, and are counted. */
export function sbomModel(input: DocumentInput): SbomModel {
  const { graph } = input
  const leftOut: LeftOut[] = []
  const written = new Set<ComponentId>()
  for (const component of graph.components) {
    if (!input.includeInactive && isInactive(component)) {
      leftOut.push({
        subject: componentLabel(component),
        what: 'the component',
        why: 'no selected feature or target reaches it (--include-inactive lists it)',
      })
    } else written.add(component.id)
  }
  const roots = [...new Set(graph.graph.projects.flatMap((project) => project.roots))].filter((id) => written.has(id)).sort()
  const own = ownComponent(input, roots)
  const broken = graph.graph.files.filter((file) => file.state === 'unreadable' || file.state === 'partial')
  return {
    subject: { ...input.info.subject, component: own },
    components: graph.components.filter((component) => written.has(component.id) && component !== own),
    edgesOf: (id) => graph.dependencies(id).filter((edge) => written.has(edge.to)),
    roots: own === undefined ? roots : [],
    subjectKnowledge:
      broken.length === 0
        ? (own?.edges ?? { state: 'complete' })
        : { state: 'incomplete', why: `${broken.length} files could not be read` },
    leftOut,
  }
}

export function isInactive(component: Component): boolean {
  return component.scopes.length === 1 && component.scopes[0] === 'inactive'
}

/** The single root stands for the product when it has the product's name; then it is not listed a second time. */
function ownComponent(input: DocumentInput, roots: readonly ComponentId[]): Component | undefined {
  const [only] = roots
  if (only === undefined || roots.length > 1) return undefined
  const component = input.graph.get(only)
  return component.name === input.info.subject.name ? component : undefined
}

/**
 * One reference a component: its purl where no other has the same, else its label and a piece of the digest of its id.
 * Nothing is counted, so that a new component renumbers no other.
 */
export function assignRefs(components: readonly Component[]): ReadonlyMap<ComponentId, string> {
  const uses = new Map<string, number>()
  for (const { purl } of components) if (purl !== undefined) uses.set(purl, (uses.get(purl) ?? 0) + 1)
  return new Map(
    components.map((component) => [
      component.id,
      component.purl !== undefined && uses.get(component.purl) === 1 ? component.purl : fallbackRef(component),
    ]),
  )
}

function fallbackRef(component: Component): string {
  return `${component.ecosystem}:${componentLabel(component)}:${idDigest(component.id, 12)}`
}

/** The first digits of the SHA-256 of a component's id. */
export function idDigest(id: ComponentId, digits: number): string {
  return createHash('sha256').update(id, 'utf8').digest('hex').slice(0, digits)
}
