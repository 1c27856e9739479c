import { createHash } from 'node:crypto'
import type { Component, LicenseClaim } from '../../model/component.js'
import type { ArtifactDigest, HashAlgorithm } from '../../model/digest.js'
import { digestKind, sameDigest } from '../../model/digest.js'
import type { DocumentInput, Party } from '../../model/document.js'
import type { Evidence } from '../../model/evidence.js'
import type { Finding } from '../../model/finding.js'
import type { Replacement } from '../../model/graph.js'
import { formatLocation } from '../../model/location.js'
import type { Source } from '../../model/source.js'
import { sourceKey } from '../../model/source.js'
import { clean, cleanLines, cleanProse, publicRepository, publicSource, webUrl, withheldPart } from '../clean.js'
import { fileDigests } from '../digests.js'
import type { Json } from '../json-element.js'
import { distinctJson, listField, safeJson } from '../json-element.js'
import { authorsOf, partyText, splitPerson } from '../people.js'
import { replacementText } from '../replacement-text.js'
import { compareTexts } from '../sbom-model.js'

const ALGORITHM: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA1',
  sha256: 'SHA256',
  sha384: 'SHA384',
  sha512: 'SHA512',
}

const REFERENCE = /(?<![A-Za-z0-9.:-])LicenseRef-[A-Za-z0-9.-]+/g

/** The licence references of a document, each listed once at its end. */
export class ExtractedLicenses {
  readonly #rows = new Map<string, Json>()

  /** What stands in a licence field for a statement; a reference where it is no expression that this document can hold. */
  statement({ expression, raw }: LicenseClaim): string {
    const words = raw.trim()
    if (words === 'NONE' || words === 'NOASSERTION') return words
    // A reference into another document needs that document, and SPDX 2 does not know additions of one's own.
    if (expression === undefined || /DocumentRef-|AdditionRef-/.test(expression)) return this.#refer(words)
    for (const [id] of expression.matchAll(REFERENCE))
      this.#list(id, `The text of ${id} was not read; the licence is stated as: ${words}`, 'licence by a name of its own')
    return expression
  }

  #refer(text: string): string {
    const id = `LicenseRef-assay-${createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 16)}`
    this.#list(id, text, 'licence as stated, not an SPDX expression')
    return id
  }

  /** The first text in code-unit order, whichever package comes first. */
  #list(id: string, text: string, name: string): void {
    const extractedText = cleanLines(text)
    const known = this.#rows.get(id)?.['extractedText']
    if (typeof known === 'string' && known <= extractedText) return
    this.#rows.set(id, { licenseId: id, extractedText, name })
  }

  rows(): readonly Json[] {
    return [...this.#rows].sort((a, b) => compareTexts(a[0], b[0])).map(([, row]) => row)
  }
}

export interface PackageContext {
  readonly input: DocumentInput
  readonly licenses: ExtractedLicenses
  /** Only of the product: who supplies it. */
  readonly supplier?: Party | undefined
  /** Active replacements that put the component in another's place. */
  readonly replaces: readonly Replacement[]
  readonly evidence: readonly Evidence[]
  readonly findings: readonly Finding[]
}

/** One entry of `packages` (spec/sbom.md §2.3). */
export function spdxPackage(component: Component, id: string, context: PackageContext): Json {
  const { ofComponent, ofUrl } = fileDigests(component)
  const checksums = [...ofComponent, ...ofUrl]
  const declared = stated(component.licenses, 'declared')
  const concluded = stated(component.licenses, 'concluded')
  const comments = licenseComments(component.licenses)
  const authors = authorsOf(component)
  const [author] = authors
  return {
    SPDXID: id,
    name: clean(component.name),
    ...(component.version === undefined ? {} : { versionInfo: clean(component.version) }),
    ...fileName(component),
    supplier: context.supplier === undefined ? 'NOASSERTION' : `Organization: ${partyText(context.supplier)}`,
    ...(author === undefined || authors.length > 1 ? {} : { originator: `Person: ${partyText(splitPerson(author))}` }),
    downloadLocation: downloadLocation(component.source, component.firstParty),
    filesAnalyzed: false,
    ...listField(
      'checksums',
      checksums.map(({ algorithm, value }) => ({ algorithm: ALGORITHM[algorithm], checksumValue: value })),
    ),
    ...homepage(component),
    sourceInfo: sourceInfo(component),
    licenseConcluded: concluded === undefined ? 'NOASSERTION' : context.licenses.statement(concluded),
    licenseDeclared: declared === undefined ? 'NOASSERTION' : context.licenses.statement(declared),
    ...(comments === '' ? {} : { licenseComments: comments }),
    copyrightText: 'NOASSERTION',
    ...(component.description === undefined ? {} : { description: cleanProse(component.description) }),
    primaryPackagePurpose: component.type === 'library' ? 'LIBRARY' : 'APPLICATION',
    ...(component.purl === undefined ? {} : { externalRefs: [purlReference(component.purl)] }),
    annotations: [
      assayAnnotation('component', componentFacts(component, checksums, context), context.input),
      ...verificationAnnotation(context),
      ...context.findings.map((finding) => findingAnnotation(finding, context.input)),
    ],
  }
}

export function purlReference(purl: string): Json {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }
}

/** The URL of an archive; undefined where it may be shown only without its query, which leads somewhere else. */
function archiveUrl(source: Source): string | undefined {
  return source.kind === 'archive' && !withheldPart(source)?.endsWith('query') ? webUrl(source.url) : undefined
}

/** The last part of an archive's URL; no other source says what its file is called. */
function fileName({ source }: Component): Json {
  const url = archiveUrl(source)
  const name = url?.slice(url.lastIndexOf('/') + 1) ?? ''
  return name === '' || name.includes('%') ? {} : { packageFileName: name }
}

/** The statement that goes into the field: the first of its kind, those that are expressions before those that are not. */
function stated(claims: readonly LicenseClaim[], kind: LicenseClaim['kind']): LicenseClaim | undefined {
  return claims.find((claim) => claim.kind === kind && claim.raw.trim() !== '')
}

/** What the two fields have no room for: the spelling that was found, further statements, what files say. */
function licenseComments(claims: readonly LicenseClaim[]): string {
  const fields = [stated(claims, 'declared'), stated(claims, 'concluded')]
  const odd = claims.filter((claim) => claim.expression !== undefined && claim.expression !== claim.raw)
  const further = claims.filter((claim) => !fields.includes(claim) && claim.raw.trim() !== '')
  const lines = [
    ...odd.map((claim) => `${claim.kind} as ${cleanProse(claim.raw)}`),
    ...further.map((claim) => `also ${claim.kind}: ${cleanProse(claim.expression ?? claim.raw)}${place(claim)}`),
  ]
  return [...new Set(lines)].join('; ')
}

function place({ location }: LicenseClaim): string {
  return location === undefined ? '' : ` (${clean(formatLocation(location))})`
}

/** SPDX 2.3 §7.7: a URL, a version-control locator without user info, NONE or NOASSERTION. */
function downloadLocation(source: Source, firstParty: boolean): string {
  switch (source.kind) {
    case 'git':
      return locator('git', source.url, source.commit, source.subdirectory)
    case 'vcs':
      // Fossil has no prefix in the grammar.
      return source.system === 'fossil' ? 'NOASSERTION' : locator(source.system, source.url, source.revision, undefined)
    case 'archive':
      return archiveUrl(source) ?? 'NOASSERTION'
    case 'path':
      return firstParty ? 'NONE' : 'NOASSERTION'
    case 'registry':
    case 'toolchain':
    case 'unknown':
      return 'NOASSERTION'
  }
}

/** The transports of the grammar; anything else only means something to one machine or one tool. */
const TRANSPORT = /^(?:https?|ssh|git|svn):\/\/[^/]+\/./

function locator(system: string, url: string, revision: string | undefined, folder: string | undefined): string {
  const found = publicRepository(url)
  if (found === undefined || !TRANSPORT.test(found)) return 'NOASSERTION'
  const at = revision === undefined ? '' : `@${encodeURIComponent(clean(revision))}`
  return `${system}+${found}${at}${folder === undefined ? '' : `#${encodeURI(clean(folder))}`}`
}

function homepage(component: Component): Json {
  const url = webUrl(component.homepage)
  return url === undefined ? {} : { homepage: url }
}

function sourceInfo(component: Component): string {
  const places = component.occurrences.map((occurrence) => occurrence.location)
  const shown = places.slice(0, 3).map(formatLocation).join(', ')
  const more = places.length > 3 ? ` and ${places.length - 3} more` : ''
  return clean(`${shown === '' ? '' : `${shown}${more}; `}source ${sourceKey(publicSource(component.source))}`)
}

/** What SPDX has no field for: scopes, digests that are no file checksums, what it replaces, facts of the ecosystem. */
function componentFacts(component: Component, checksums: readonly ArtifactDigest[], { replaces }: PackageContext): Json {
  const digests = component.claims
    .filter(({ digest }) => digest.of !== 'artifact' || !checksums.some((one) => sameDigest(one, digest)))
    .map((claim) => `${digestKind(claim.digest)} ${claim.digest.value}`)
  const properties = component.properties.map(({ name, value }) => `${name}=${value}`)
  const authors = authorsOf(component)
  const repository = webUrl(component.repository)
  const withheld = withheldPart(component.source)
  return {
    ecosystem: component.ecosystem,
    scope: component.scopes,
    direct: component.direct,
    firstParty: component.firstParty,
    ...listField('digests', [...new Set(digests)].sort()),
    ...(component.edges.state === 'complete' ? {} : { edges: component.edges.state, why: component.edges.why }),
    ...listField('replaces', replaces.map(replacementText)),
    ...listField('authors', authors.length > 1 ? authors : []),
    ...(repository === undefined ? {} : { repository }),
    ...(withheld === undefined ? {} : { withheld: `${withheld} of the source's URL` }),
    ...listField('properties', properties.sort()),
  }
}

/** One topic, one annotation: what came of every check. */
function verificationAnnotation({ evidence, input }: PackageContext): Json[] {
  if (evidence.length === 0) return []
  return [assayAnnotation('verification', { checks: distinctJson(evidence.map(checkRow)) }, input)]
}

/** What was compared with whom, and what came of it; neither times nor reasons, which change from run to run. */
function checkRow({ check, verdict, authority, expected, observed }: Evidence): Json {
  return {
    check,
    verdict,
    ...(authority === undefined ? {} : { authority: authority.name }),
    ...(expected === undefined ? {} : { expected }),
    ...(observed === undefined || observed === expected ? {} : { observed }),
  }
}

/** An annotation of assay's own: a topic and one line of JSON. */
export function assayAnnotation(topic: string, facts: Json, input: DocumentInput): Json {
  return annotation('OTHER', `assay:${topic} ${clean(safeJson(JSON.stringify(facts)))}`, input)
}

/** A finding, on request: a review of the package (spec/sbom.md §2.3). */
export function findingAnnotation(finding: Finding, input: DocumentInput): Json {
  const status = finding.status === 'open' ? '' : ` (${finding.status})`
  return annotation('REVIEW', clean(`assay:finding ${finding.rule} ${finding.severity}${status}: ${finding.message}`), input)
}

function annotation(type: 'OTHER' | 'REVIEW', comment: string, { timestamp, tool }: DocumentInput): Json {
  return { annotationDate: timestamp, annotationType: type, annotator: `Tool: ${tool.name}-${tool.version}`, comment }
}
