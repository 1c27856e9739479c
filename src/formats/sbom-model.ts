import { createHash } from 'node:crypto'
import type { Component, ComponentId, EdgeKnowledge } from '../model/component.js'
import { componentLabel } from '../model/component.js'
import type { DocumentInfo, DocumentInput, LeftOut, Party } from '../model/document.js'
import { AssayError } from '../model/error.js'
import type { Evidence } from '../model/evidence.js'
import { compareEvidence } from '../model/evidence.js'
import type { Edge, Replacement } from '../model/graph.js'
import type { Location } from '../model/location.js'
import { compareLocations } from '../model/location.js'
import { formatPurl, parsePurl } from '../model/purl.js'
import { clean, isClean } from './clean.js'
import { isMail } from './people.js'

/** What both SBOM formats say, before either has its words: which components, which subject, which edges. */
export interface SbomModel {
  /** The product: a first-party component when it is the only root, else something that holds all roots. */
  readonly subject: {
    readonly name: string
    readonly version?: string | undefined
    readonly purl?: string | undefined
    readonly component?: Component | undefined
  }
  /** Every component but the subject's own, by purl or name, version and id. */
  readonly components: readonly Component[]
  /** Outgoing edges to components that are written, by the id of their ends. */
  readonly edgesOf: (id: ComponentId) => readonly Edge[]
  /** What the subject depends on when it is no component itself: the roots of all projects. */
  readonly roots: readonly ComponentId[]
  readonly subjectKnowledge: EdgeKnowledge
  /** Active replacements that put this component in another's place, by their place in the file. */
  readonly replacementsOf: (id: ComponentId) => readonly Replacement[]
  /** Active replacements that no component of the document stands for: of a whole source, of nothing by something. */
  readonly otherReplacements: readonly Replacement[]
  readonly evidenceOf: (id: ComponentId) => readonly Evidence[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Decides what goes into an SBOM, in an order that does not depend on that of the input. Inactive components stay out
 * unless asked for, and are counted. Throws `configuration` when the document's own data is in no form a document may hold.
 */
export function sbomModel(input: DocumentInput): SbomModel {
  const { graph } = input
  const info = checkedInfo(input.info)
  const leftOut: LeftOut[] = []
  const written = new Set<ComponentId>()
  for (const component of [...graph.components].sort(compareComponents)) {
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
  const active = graph.graph.replacements.filter((replacement) => replacement.active).sort(compareReplacements)
  const replacements = groupBy(active, ({ replacement }) => replacement?.component)
  const evidence = groupBy([...input.evidence].sort(compareEvidence), (one) => one.subject)
  return {
    subject: { ...info.subject, component: own === undefined ? undefined : inOrder(own) },
    components: [...written]
      .map((id) => graph.get(id))
      .filter((component) => component !== own)
      .map(inOrder),
    edgesOf: (id) => {
      const edges = graph.dependencies(id).filter((edge) => written.has(edge.to))
      return edges.length < 2 ? edges : edges.sort((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : 0))
    },
    roots: own === undefined ? roots : [],
    subjectKnowledge: subjectKnowledge(input, own),
    replacementsOf: (id) => replacements.get(id) ?? [],
    otherReplacements: active.filter(({ replacement }) => {
      const component = replacement?.component
      return component === undefined || !written.has(component)
    }),
    evidenceOf: (id) => evidence.get(id) ?? [],
    leftOut,
  }
}

export function isInactive(component: Component): boolean {
  return component.scopes.length === 1 && component.scopes[0] === 'inactive'
}

/** By purl or name, version, id (spec/sbom.md §1.8); code units. */
function compareComponents(a: Component, b: Component): number {
  return (
    compareTexts(a.purl ?? a.name, b.purl ?? b.name) || compareTexts(a.version ?? '', b.version ?? '') || compareTexts(a.id, b.id)
  )
}

/** The component with its lists in one order, where the order says nothing and no writer makes its own. */
function inOrder(component: Component): Component {
  return {
    ...component,
    scopes: [...component.scopes].sort(),
    occurrences: sortedBy(component.occurrences, (o) => `${placeKey(o.location)}:${o.role}`),
    licenses: sortedBy(
      component.licenses,
      (l) => `${l.expression === undefined ? 1 : 0}:${l.kind}:${l.expression ?? l.raw}:${l.raw}`,
    ),
    properties: sortedBy(component.properties, (p) => `${p.name}\n${p.value}`),
    projects: [...component.projects].sort(),
  }
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  if (items.length < 2) return items
  const keyed = items.map((item) => ({ item, key: key(item) }))
  return keyed.sort((a, b) => compareTexts(a.key, b.key)).map(({ item }) => item)
}

/** Lines and columns in a form whose order as text is that of the numbers. */
function placeKey({ file, line, column }: Location): string {
  return `${file}\n${String(line).padStart(10, '0')}:${String(column).padStart(10, '0')}`
}

function compareReplacements(a: Replacement, b: Replacement): number {
  return (
    compareLocations(a.location, b.location) ||
    compareTexts(a.kind, b.kind) ||
    compareTexts(a.original.name ?? '', b.original.name ?? '') ||
    compareTexts(a.original.version ?? '', b.original.version ?? '') ||
    compareTexts(a.project, b.project)
  )
}

/** What a person wrote into the configuration must fit the documents' grammars; the purl is put in canonical form. */
function checkedInfo(info: DocumentInfo): DocumentInfo {
  const { purl } = info.subject
  for (const party of [...info.authors, info.manufacturer, info.supplier]) if (party !== undefined) checkParty(party)
  if (purl === undefined) return info
  const parsed = parsePurl(purl)
  if (!parsed.ok) throw unfit(`${JSON.stringify(purl)}, the purl of the product, is no package URL: ${parsed.why}`)
  return { ...info, subject: { ...info.subject, purl: formatPurl(parsed.purl) } }
}

function checkParty({ name, email, url }: Party): void {
  if (name.trim() === '' || !isClean(name)) throw unfit(`${JSON.stringify(name)} is no name of a party`)
  if (email !== undefined && !isMail(email)) throw unfit(`${JSON.stringify(email)}, of ${name}, is no plain mail address`)
  if (url !== undefined && (!/^https?:\/\/./.test(url) || !URL.canParse(url)))
    throw unfit(`${JSON.stringify(url)}, of ${name}, is no URL of the web`)
}

function unfit(what: string): AssayError {
  return new AssayError('configuration', what, 'Correct it under [project] or [sbom] in the configuration.')
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The product's own edges are not all known when a file is not, or when a project names nothing that it is itself. */
function subjectKnowledge(input: DocumentInput, own: Component | undefined): EdgeKnowledge {
  const { files, projects } = input.graph.graph
  const unread = files.filter((file) => file.state === 'unreadable' || file.state === 'partial')
  if (own !== undefined && own.edges.state !== 'complete') return own.edges
  if (unread.length > 0) return { state: 'incomplete', why: `${unread.length} files could not be read whole` }
  if (own !== undefined) return own.edges
  const rootless = projects.filter((project) => project.roots.length === 0)
  if (rootless.length > 0)
    return { state: 'incomplete', why: `${rootless.length} projects do not say which component is their own` }
  return { state: 'complete' }
}

/** The single root stands for the product when it has the product's name; then it is not listed a second time. */
function ownComponent(input: DocumentInput, roots: readonly ComponentId[]): Component | undefined {
  const [only] = roots
  if (only === undefined || roots.length > 1) return undefined
  const component = input.graph.get(only)
  return component.name === input.info.subject.name ? component : undefined
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K | undefined): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const k = key(item)
    if (k === undefined) continue
    const group = groups.get(k)
    if (group === undefined) groups.set(k, [item])
    else group.push(item)
  }
  return groups
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
      clean(component.purl !== undefined && uses.get(component.purl) === 1 ? component.purl : fallbackRef(component)),
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
