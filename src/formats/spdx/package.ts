import { createHash } from 'node:crypto'
import type { Component, LicenseClaim } from '../../model/component.js'
import type { ArtifactDigest, HashAlgorithm } from '../../model/digest.js'
import { digestKind } from '../../model/digest.js'
import type { DocumentInput } from '../../model/document.js'
import type { Evidence } from '../../model/evidence.js'
import type { Finding } from '../../model/finding.js'
import type { Replacement } from '../../model/graph.js'
import { compareLocations, formatLocation } from '../../model/location.js'
import type { Source } from '../../model/source.js'
import { sourceKey } from '../../model/source.js'
import { clean, cleanProse, publicSource, publicUrl } from '../clean.js'
import type { Json } from '../json-element.js'
import { listField } from '../json-element.js'
import { compareTexts } from '../sbom-model.js'

const ALGORITHM: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA1',
  sha256: 'SHA256',
  sha384: 'SHA384',
  sha512: 'SHA512',
}

/** Licence texts that are no SPDX expression, listed once at the end of the document. */
export class ExtractedLicenses {
  readonly #rows = new Map<string, Json>()

  /** The reference that stands for a text in an expression. */
  refer(raw: string): string {
    const id = `LicenseRef-assay-${createHash('sha256').update(raw, 'utf8').digest('hex').slice(0, 16)}`
    this.#rows.set(id, { licenseId: id, extractedText: clean(raw), name: 'licence as stated, not an SPDX expression' })
    return id
  }

  rows(): readonly Json[] {
    return [...this.#rows].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, row]) => row)
  }
}

export interface PackageContext {
  readonly input: DocumentInput
  readonly licenses: ExtractedLicenses
  /** Active replacements that put the component in another's place. */
  readonly replaces: readonly Replacement[]
  readonly evidence: readonly Evidence[]
  readonly findings: readonly Finding[]
}

/** One entry of `packages` (spec/sbom.md §2.3). */
export function spdxPackage(component: Component, id: string, context: PackageContext): Json {
  const checksums = artifactChecksums(component)
  const declared = statement(component.licenses, 'declared', context.licenses)
  const concluded = statement(component.licenses, 'concluded', context.licenses)
  const comments = licenseComments(component.licenses)
  const [author] = component.authors ?? []
  return {
    SPDXID: id,
    name: clean(component.name),
    ...(component.version === undefined ? {} : { versionInfo: clean(component.version) }),
    supplier: 'NOASSERTION',
    ...(author === undefined || component.authors?.length !== 1 ? {} : { originator: `Person: ${personText(author)}` }),
    downloadLocation: downloadLocation(component.source, component.firstParty),
    filesAnalyzed: false,
    ...listField('checksums', checksums),
    ...homepage(component),
    sourceInfo: sourceInfo(component),
    licenseConcluded: concluded,
    licenseDeclared: declared,
    ...(comments === '' ? {} : { licenseComments: comments }),
    copyrightText: 'NOASSERTION',
    ...(component.description === undefined ? {} : { description: cleanProse(component.description) }),
    primaryPackagePurpose: component.type === 'library' ? 'LIBRARY' : 'APPLICATION',
    ...(component.purl === undefined
      ? {}
      : { externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: component.purl }] }),
    annotations: [
      assayAnnotation('component', componentFacts(component, context), context.input),
      ...context.findings.map((finding) => findingAnnotation(finding, context.input)),
    ],
  }
}

function artifactChecksums(component: Component): Json[] {
  const digests = component.claims.flatMap(({ digest }): ArtifactDigest[] => (digest.of === 'artifact' ? [digest] : []))
  const values = new Map<HashAlgorithm, Set<string>>()
  for (const { algorithm, value } of digests) values.set(algorithm, (values.get(algorithm) ?? new Set()).add(value))
  return [...values]
    .filter(([, set]) => set.size === 1)
    .sort((a, b) => compareTexts(a[0], b[0]))
    .map(([algorithm, set]) => ({ algorithm: ALGORITHM[algorithm], checksumValue: [...set][0] }))
}

function statement(claims: readonly LicenseClaim[], kind: LicenseClaim['kind'], extracted: ExtractedLicenses): string {
  const claim = claims.find((candidate) => candidate.kind === kind && candidate.raw.trim() !== '')
  if (claim === undefined) return 'NOASSERTION'
  return claim.expression ?? extracted.refer(claim.raw)
}

/** The spelling that was found, where the expression is written another way. */
function licenseComments(claims: readonly LicenseClaim[]): string {
  const odd = claims.filter((claim) => claim.expression !== undefined && claim.expression !== claim.raw)
  return odd.map((claim) => `${claim.kind} as ${clean(claim.raw)}`).join('; ')
}

function personText(author: string): string {
  return clean(author.replace(/^(.*?)\s*<([^<>]+)>$/, '$1 ($2)'))
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
      return webUrl(source.url) ?? 'NOASSERTION'
    case 'path':
      return firstParty ? 'NONE' : 'NOASSERTION'
    case 'registry':
    case 'toolchain':
    case 'unknown':
      return 'NOASSERTION'
  }
}

function locator(system: string, url: string, revision: string | undefined, folder: string | undefined): string {
  const found = publicUrl(url)
  if (found === undefined || !/^(?:https?|ssh|git):\/\/./.test(found)) return 'NOASSERTION'
  const at = revision === undefined ? '' : `@${encodeURIComponent(clean(revision))}`
  return `${system}+${found}${at}${folder === undefined ? '' : `#${encodeURI(clean(folder))}`}`
}

function webUrl(url: string): string | undefined {
  const found = publicUrl(url)
  return found !== undefined && /^https?:\/\/./.test(found) ? found : undefined
}

function homepage(component: Component): Json {
  const url = component.homepage === undefined ? undefined : webUrl(component.homepage)
  return url === undefined ? {} : { homepage: url }
}

function sourceInfo(component: Component): string {
  const places = component.occurrences.map((occurrence) => occurrence.location).sort(compareLocations)
  const shown = places.slice(0, 3).map(formatLocation).join(', ')
  const more = places.length > 3 ? ` and ${places.length - 3} more places` : ''
  return clean(`${shown === '' ? '' : `${shown}${more}; `}source ${sourceKey(publicSource(component.source))}`)
}

/** What SPDX has no field for: scopes, digests that are no file checksums, what it replaces, facts of the ecosystem. */
function componentFacts(component: Component, { replaces, evidence }: PackageContext): Json {
  const digests = component.claims
    .filter((claim) => claim.digest.of !== 'artifact')
    .map((claim) => `${digestKind(claim.digest)} ${claim.digest.value}`)
  const originals = replaces.map(({ kind, original }) => ({ kind, name: original.name, version: original.version }))
  const checks = evidence.map((one) => `${one.check} ${one.verdict}`)
  const properties = component.properties.map(({ name, value }) => `${name}=${value}`)
  return {
    ecosystem: component.ecosystem,
    scope: component.scopes,
    direct: component.direct,
    firstParty: component.firstParty,
    ...listField('digests', [...new Set(digests)].sort()),
    ...(component.edges.state === 'complete' ? {} : { edges: component.edges.state, why: component.edges.why }),
    ...listField('replaces', originals),
    ...listField('checks', checks.sort()),
    ...listField('properties', properties.sort()),
  }
}

/** An annotation of assay's own: a topic and one line of JSON. */
function assayAnnotation(topic: string, facts: Json, input: DocumentInput): Json {
  return annotation('OTHER', `assay:${topic} ${clean(JSON.stringify(facts))}`, input)
}

/** A finding, on request: a review of the package (spec/sbom.md §2.3). */
export function findingAnnotation(finding: Finding, input: DocumentInput): Json {
  const status = finding.status === 'open' ? '' : ` (${finding.status})`
  return annotation('REVIEW', clean(`assay:finding ${finding.rule} ${finding.severity}${status}: ${finding.message}`), input)
}

function annotation(type: 'OTHER' | 'REVIEW', comment: string, { timestamp, tool }: DocumentInput): Json {
  return { annotationDate: timestamp, annotationType: type, annotator: `Tool: ${tool.name}-${tool.version}`, comment }
}
