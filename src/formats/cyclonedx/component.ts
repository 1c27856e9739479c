import type { Component, Property, Scope } from '../../model/component.js'
import type { ArtifactDigest, HashAlgorithm, TreeScheme } from '../../model/digest.js'
import type { LeftOut, Party } from '../../model/document.js'
import type { Evidence } from '../../model/evidence.js'
import type { Edge, Replacement } from '../../model/graph.js'
import type { Source } from '../../model/source.js'
import { sourceKey } from '../../model/source.js'
import { clean, cleanProse, publicRepository, publicSource, webUrl, withheldPart } from '../clean.js'
import { fileDigests } from '../digests.js'
import { inOrder } from '../in-order.js'
import type { Json } from '../json-element.js'
import { distinctJson, listField } from '../json-element.js'
import { authorsOf, splitPerson } from '../people.js'
import { compareTexts } from '../sbom-model.js'
import { componentEvidence, verificationProperties } from './evidence.js'
import { cyclonedxLicenses } from './licenses.js'
import type { CycloneDxVersion } from './versions.js'

/** What a component's row needs beside the component. */
export interface RowContext {
  readonly version: CycloneDxVersion
  readonly ref: string
  /** The `bom-ref` of assay itself, for what it observed. */
  readonly toolRef: string
  /** Only of the product: who supplies it. */
  readonly supplier?: Party | undefined
  /** Outgoing edges, each with the `bom-ref` of what is depended on. */
  readonly edges: readonly { readonly edge: Edge; readonly to: string }[]
  /** Active replacements that put this component in another's place. */
  readonly replaces: readonly Replacement[]
  readonly evidence: readonly Evidence[]
  readonly onLeftOut: (left: LeftOut) => void
}

const ALGORITHM: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}
const TREE_PROPERTY: Readonly<Record<TreeScheme, string>> = {
  'go-h1': 'assay:go:h1',
  'go-mod-h1': 'assay:go:gomod-h1',
  zig: 'assay:zig:hash',
  'zig-legacy': 'assay:zig:hash',
  'nimble-sha1': 'assay:nimble:sha1',
  'assay-files': 'assay:files-sha256',
}

/** One entry of `components`, keys in the order of the schema (spec/sbom.md §1.3). */
export function componentRow(component: Component, context: RowContext): Json {
  const { version } = context
  const licenses = cyclonedxLicenses(component.licenses, version)
  const digests = fileDigests(component)
  // Assigned one by one: spreading fifteen small objects is what a large document would spend its time on.
  const row: Record<string, unknown> = {
    type: component.type === 'library' ? 'library' : 'application',
    'bom-ref': context.ref,
  }
  if (context.supplier !== undefined) row['supplier'] = organisation(context.supplier)
  addAuthors(row, component, version)
  row['name'] = clean(component.name)
  addVersion(row, component, context.onLeftOut)
  if (component.description !== undefined) row['description'] = cleanProse(component.description)
  const scope = scopeOf(component)
  if (scope !== undefined) row['scope'] = scope
  addList(row, 'hashes', digests.ofComponent.map(hash))
  addList(row, 'licenses', licenses.licenses)
  if (component.purl !== undefined) row['purl'] = component.purl
  const pedigree = pedigreeOf(component, context)
  if (pedigree !== undefined) row['pedigree'] = pedigree
  addList(row, 'externalReferences', references(component, digests.ofUrl, version))
  const evidence = componentEvidence(component, licenses.evidence, context)
  if (evidence !== undefined) row['evidence'] = evidence
  addList(row, 'properties', properties(component, licenses.properties, context))
  return row
}

function addList(row: Record<string, unknown>, name: string, items: readonly unknown[]): void {
  if (items.length > 0) row[name] = items
}

/** The longest version that the schemas take. */
const MAX_VERSION = 1024

/** Sets `version`, or where it is longer than any schema takes no field and a word about it. */
export function addVersion(
  row: Record<string, unknown>,
  of: { readonly name: string; readonly version?: string | undefined },
  onLeftOut: (left: LeftOut) => void,
): void {
  if (of.version === undefined) return
  const version = clean(of.version)
  if (version.length <= MAX_VERSION) row['version'] = version
  else
    onLeftOut({
      subject: of.name,
      what: `a version of ${version.length} characters`,
      why: `CycloneDX takes ${MAX_VERSION}; it stands in the property assay:version`,
    })
}

/** An organisation as the schema has it; how to reach it only where the configuration says. */
export function organisation(party: Party): Json {
  return {
    name: clean(party.name),
    ...(party.url === undefined ? {} : { url: [party.url] }),
    ...(party.email === undefined ? {} : { contact: [{ email: party.email }] }),
  }
}

function addAuthors(row: Record<string, unknown>, component: Component, version: CycloneDxVersion): void {
  if (component.authors === undefined) return
  const names = authorsOf(component)
  if (names.length === 0) return
  if (version.authors) row['authors'] = names.map(splitPerson)
  else row['author'] = names.map(clean).join(', ')
}

const EXCLUDED: ReadonlySet<Scope> = new Set(['build', 'dev', 'test', 'tool'])

/** `excluded` is what does not run in the product; `optional` what is not installed. Unknown stays unsaid. */
function scopeOf(component: Component): string | undefined {
  if (component.firstParty || component.scopes.includes('runtime')) return 'required'
  if (component.scopes.includes('unknown')) return undefined
  return component.scopes.some((s) => EXCLUDED.has(s)) ? 'excluded' : 'optional'
}

function hash({ algorithm, value }: ArtifactDigest): Json {
  return { alg: ALGORITHM[algorithm], content: value }
}

/** A replacement is a descendant of what it stands for; a git commit is named as such. */
function pedigreeOf({ claims, source }: Component, { replaces, onLeftOut }: RowContext): Json | undefined {
  if (replaces.length === 0 && source.kind !== 'git' && !claims.some(({ digest }) => digest.of === 'git-object')) return undefined
  const ancestors = replaces.flatMap(({ original: { name, version } }) => {
    if (name === undefined) return []
    const ancestor: Record<string, unknown> = { type: 'library', name: clean(name) }
    addVersion(ancestor, { name, version }, onLeftOut)
    return [ancestor]
  })
  const commits = claims.flatMap(({ digest }) => (digest.of === 'git-object' ? [digest.value] : []))
  if (source.kind === 'git' && source.commit !== undefined) commits.push(source.commit)
  const notes = replaces.map((r) => `${r.kind} in ${r.location.file} line ${r.location.line}`)
  if (notes.length === 0 && commits.length === 0) return undefined
  return {
    ...listField('ancestors', distinctJson(ancestors)),
    ...listField(
      'commits',
      [...new Set(commits)].sort().map((uid) => ({ uid: clean(uid) })),
    ),
    ...(notes.length === 0 ? {} : { notes: clean(notes.join('; ')) }),
  }
}

/** Keys in the order of the schema. */
interface Reference {
  readonly url: string
  readonly comment?: string | undefined
  readonly type: string
  readonly hashes?: readonly Json[] | undefined
}

function references(component: Component, ofUrl: readonly ArtifactDigest[], version: CycloneDxVersion): Reference[] {
  const { source } = component
  if (source.kind === 'registry' && component.repository === undefined && component.homepage === undefined) return []
  const found: Reference[] = []
  const digests = ofUrl.map(hash)
  if (source.kind === 'git' || source.kind === 'vcs') {
    const url = publicRepository(source.url)
    const commit = source.kind === 'git' ? source.commit : source.revision
    if (url !== undefined) found.push({ url, comment: commit === undefined ? undefined : clean(`commit ${commit}`), type: 'vcs' })
  }
  const url = source.kind === 'archive' ? webUrl(source.url) : undefined
  if (url !== undefined)
    for (const type of version.sourceDistribution ? ['distribution', 'source-distribution'] : ['distribution'])
      found.push({ url, comment: withheldComment(source), type, hashes: digests.length === 0 ? undefined : digests })
  const repository = webUrl(component.repository)
  if (repository !== undefined && !found.some((reference) => reference.type === 'vcs'))
    found.push({ url: repository, type: 'vcs' })
  const homepage = webUrl(component.homepage)
  if (homepage !== undefined) found.push({ url: homepage, type: 'website' })
  return found.sort((a, b) => compareTexts(a.type, b.type) || compareTexts(a.url, b.url))
}

/** A URL that lost a part is not the whole way to the file. */
function withheldComment(source: Source): string | undefined {
  const part = withheldOf(source)
  return part === undefined ? undefined : `without its ${part}`
}

/**
 * What `dependsOn` has no room for, on the component that depends: `assay:edge:<kind>` with the reference of the other end
 * for every edge that is not of the running product alone, whether it is optional, and for which target. Where a lockfile
 * alone names the edges nothing is known of any of them, and `*` says it for all.
 */
function edgesProperties(edges: RowContext['edges']): Property[] {
  const nothingKnown = edges.every(
    ({ edge: { kinds, optional, target } }) =>
      optional !== true && target === undefined && kinds.every((kind) => kind === 'unknown'),
  )
  if (nothingKnown && edges.length > 1) return [{ name: 'assay:edge:unknown', value: '*' }]
  return edges.flatMap(edgeProperties)
}

function edgeProperties({ edge, to }: RowContext['edges'][number]): Property[] {
  const plain = edge.kinds.every((kind) => kind === 'runtime')
  return [
    ...(plain ? [] : edge.kinds.map((kind) => ({ name: `assay:edge:${kind}`, value: to }))),
    ...(edge.optional === true ? [{ name: 'assay:edge:optional', value: to }] : []),
    ...(edge.target === undefined ? [] : [{ name: 'assay:edge:target', value: `${to} ${edge.target}` }]),
  ]
}

function properties(component: Component, ofLicenses: readonly Property[], context: RowContext): Property[] {
  // Nearly in the order of their names, so that few lists have to be sorted.
  const found: Property[] = [...component.properties]
  for (const { digest, statedBy } of component.claims)
    if (digest.of === 'artifact') found.push({ name: `assay:claim:${digest.algorithm}:${statedBy}`, value: digest.value })
  if (component.direct) found.push({ name: 'assay:direct', value: 'true' })
  found.push({ name: 'assay:ecosystem', value: component.ecosystem }, ...edgesProperties(context.edges))
  if (component.edges.state !== 'complete') found.push({ name: 'assay:edges', value: component.edges.why })
  if (component.firstParty) found.push({ name: 'assay:first-party', value: 'true' })
  for (const { digest } of component.claims)
    if (digest.of === 'tree') found.push({ name: TREE_PROPERTY[digest.scheme], value: digest.value })
  found.push(
    ...ofLicenses,
    { name: 'assay:scope', value: component.scopes.join(',') },
    { name: 'assay:source', value: shownSource(component.source) },
    ...verificationProperties(context.evidence),
  )
  if (component.version === undefined) found.push({ name: 'assay:version:unknown', value: 'true' })
  else if (clean(component.version).length > MAX_VERSION) found.push({ name: 'assay:version', value: component.version })
  const withheld = withheldOf(component.source)
  if (withheld !== undefined) found.push({ name: 'assay:withheld:url', value: withheld })
  return cleanProperties(found)
}

/** Components of one registry share their source, so each is looked at once. */
function onceASource<T>(of: (source: Source) => T): (source: Source) => T {
  const known = new WeakMap<Source, { readonly value: T }>()
  return (source) => {
    const before = known.get(source)
    if (before !== undefined) return before.value
    const value = of(source)
    known.set(source, { value })
    return value
  }
}
const shownSource = onceASource((source) => sourceKey(publicSource(source)))
const withheldOf = onceASource(withheldPart)

/** Properties as a document may hold them: clean, each once, in order. */
export function cleanProperties(found: readonly Property[]): Property[] {
  const sorted = inOrder(
    found.map(({ name, value }) => ({ name, value: clean(value) })),
    compareProperties,
  )
  return sorted.filter(({ name, value }, i) => i === 0 || sorted[i - 1]?.name !== name || sorted[i - 1]?.value !== value)
}

function compareProperties(a: Property, b: Property): number {
  return compareTexts(a.name, b.name) || compareTexts(a.value, b.value)
}
