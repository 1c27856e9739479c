import type { Component, Property, Scope } from '../../model/component.js'
import type { ArtifactDigest, HashAlgorithm, TreeScheme } from '../../model/digest.js'
import type { LeftOut, Party } from '../../model/document.js'
import type { Evidence } from '../../model/evidence.js'
import type { Edge, Replacement } from '../../model/graph.js'
import type { Source } from '../../model/source.js'
import { sourceKey } from '../../model/source.js'
import { clean, cleanProse, publicRepository, publicSource, webUrl, withheldPart } from '../clean.js'
import { fileDigests } from '../digests.js'
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
  return {
    type: component.type === 'library' ? 'library' : 'application',
    'bom-ref': context.ref,
    ...(context.supplier === undefined ? {} : { supplier: organisation(context.supplier) }),
    ...authors(component, version),
    name: clean(component.name),
    ...versionField(component, context.onLeftOut),
    ...(component.description === undefined ? {} : { description: cleanProse(component.description) }),
    ...scope(component),
    ...listField('hashes', digests.ofComponent.map(hash)),
    ...listField('licenses', licenses.licenses),
    ...(component.purl === undefined ? {} : { purl: component.purl }),
    ...pedigree(component, context),
    ...listField('externalReferences', references(component, digests.ofUrl.map(hash), version)),
    ...componentEvidence(component, licenses.evidence, context),
    ...listField(
      'properties',
      properties(component, [
        ...licenses.properties,
        ...verificationProperties(context.evidence),
        ...edgesProperties(context.edges),
      ]),
    ),
  }
}

/** The longest version that the schemas take. */
const MAX_VERSION = 1024

/** `version`, or where it is longer than any schema takes no field and a word about it. */
export function versionField(
  of: { readonly name: string; readonly version?: string | undefined },
  onLeftOut: (left: LeftOut) => void,
): Json {
  if (of.version === undefined) return {}
  const version = clean(of.version)
  if (version.length <= MAX_VERSION) return { version }
  onLeftOut({
    subject: of.name,
    what: `a version of ${version.length} characters`,
    why: `CycloneDX takes ${MAX_VERSION}; it stands in the property assay:version`,
  })
  return {}
}

/** An organisation as the schema has it; how to reach it only where the configuration says. */
export function organisation(party: Party): Json {
  return {
    name: clean(party.name),
    ...(party.url === undefined ? {} : { url: [party.url] }),
    ...(party.email === undefined ? {} : { contact: [{ email: party.email }] }),
  }
}

function authors(component: Component, version: CycloneDxVersion): Json {
  const names = authorsOf(component)
  if (names.length === 0) return {}
  return version.authors ? { authors: names.map(splitPerson) } : { author: names.map(clean).join(', ') }
}

const EXCLUDED: ReadonlySet<Scope> = new Set(['build', 'dev', 'test', 'tool'])

/** `excluded` is what does not run in the product; `optional` what is not installed. Unknown stays unsaid. */
function scope(component: Component): Json {
  if (component.firstParty || component.scopes.includes('runtime')) return { scope: 'required' }
  if (component.scopes.includes('unknown')) return {}
  if (component.scopes.some((s) => EXCLUDED.has(s))) return { scope: 'excluded' }
  return { scope: 'optional' }
}

function hash({ algorithm, value }: ArtifactDigest): Json {
  return { alg: ALGORITHM[algorithm], content: value }
}

/** A replacement is a descendant of what it stands for; a git commit is named as such. */
function pedigree({ claims, source }: Component, { replaces, onLeftOut }: RowContext): Json {
  const ancestors = replaces.flatMap(({ original: { name, version } }) =>
    name === undefined ? [] : [{ type: 'library', name: clean(name), ...versionField({ name, version }, onLeftOut) }],
  )
  const commits = claims.flatMap(({ digest }) => (digest.of === 'git-object' ? [digest.value] : []))
  if (source.kind === 'git' && source.commit !== undefined) commits.push(source.commit)
  const notes = replaces.map((r) => `${r.kind} in ${r.location.file} line ${r.location.line}`)
  if (notes.length === 0 && commits.length === 0) return {}
  return {
    pedigree: {
      ...listField('ancestors', distinctJson(ancestors)),
      ...listField(
        'commits',
        [...new Set(commits)].sort().map((uid) => ({ uid: clean(uid) })),
      ),
      ...(notes.length === 0 ? {} : { notes: clean(notes.join('; ')) }),
    },
  }
}

/** Keys in the order of the schema. */
interface Reference {
  readonly url: string
  readonly comment?: string | undefined
  readonly type: string
  readonly hashes?: readonly Json[] | undefined
}

function references(component: Component, digests: readonly Json[], version: CycloneDxVersion): Reference[] {
  const found: Reference[] = []
  const { source } = component
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
  const part = withheldPart(source)
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

function properties(component: Component, further: readonly Property[]): Property[] {
  const found: Property[] = [
    { name: 'assay:ecosystem', value: component.ecosystem },
    { name: 'assay:scope', value: component.scopes.join(',') },
    { name: 'assay:source', value: shownSource(component.source) },
    ...further,
    ...component.properties,
  ]
  if (component.direct) found.push({ name: 'assay:direct', value: 'true' })
  if (component.firstParty) found.push({ name: 'assay:first-party', value: 'true' })
  if (component.version === undefined) found.push({ name: 'assay:version:unknown', value: 'true' })
  else if (clean(component.version).length > MAX_VERSION) found.push({ name: 'assay:version', value: component.version })
  if (component.edges.state !== 'complete') found.push({ name: 'assay:edges', value: component.edges.why })
  const withheld = withheldPart(component.source)
  if (withheld !== undefined) found.push({ name: 'assay:withheld:url', value: withheld })
  for (const { digest, statedBy } of component.claims) {
    if (digest.of === 'tree') found.push({ name: TREE_PROPERTY[digest.scheme], value: digest.value })
    else if (digest.of === 'artifact') found.push({ name: `assay:claim:${digest.algorithm}:${statedBy}`, value: digest.value })
  }
  return cleanProperties(found)
}

/** Components of one registry share their source, so each is cut once. */
const SHOWN = new WeakMap<Source, string>()

function shownSource(source: Source): string {
  const known = SHOWN.get(source)
  if (known !== undefined) return known
  const shown = sourceKey(publicSource(source))
  SHOWN.set(source, shown)
  return shown
}

/** Properties as a document may hold them: clean, each once, in order. */
export function cleanProperties(found: readonly Property[]): Property[] {
  const sorted = found.map(({ name, value }) => ({ name, value: clean(value) })).sort(compareProperties)
  return sorted.filter(({ name, value }, i) => i === 0 || sorted[i - 1]?.name !== name || sorted[i - 1]?.value !== value)
}

function compareProperties(a: Property, b: Property): number {
  return compareTexts(a.name, b.name) || compareTexts(a.value, b.value)
}
