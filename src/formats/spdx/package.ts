import { createHash } from 'node:crypto'
import type { Component, LicenseClaim } from '../../model/component.js'
import type { ArtifactDigest, HashAlgorithm } from '../../model/digest.js'
import { digestKind } from '../../model/digest.js'
import type { DocumentInput } from '../../model/document.js'
import { formatLocation } from '../../model/location.js'
import type { Source } from '../../model/source.js'
import { sourceKey } from '../../model/source.js'
import { clean, publicUrl } from '../clean.js'

type Json = Readonly<Record<string, unknown>>

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
}

/** One entry of `packages` (spec/sbom.md §2.3). */
export function spdxPackage(component: Component, id: string, purpose: 'APPLICATION' | 'LIBRARY', context: PackageContext): Json {
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
    ...(checksums.length === 0 ? {} : { checksums }),
    ...homepage(component),
    sourceInfo: sourceInfo(component),
    licenseConcluded: concluded,
    licenseDeclared: declared,
    ...(comments === '' ? {} : { licenseComments: comments }),
    copyrightText: 'NOASSERTION',
    ...(component.description === undefined ? {} : { description: clean(component.description) }),
    primaryPackagePurpose: component.type === 'library' ? purpose : 'APPLICATION',
    ...(component.purl === undefined
      ? {}
      : { externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: component.purl }] }),
    annotations: [annotation(component, context.input)],
  }
}

function artifactChecksums(component: Component): Json[] {
  const digests = component.claims.flatMap(({ digest }): ArtifactDigest[] => (digest.of === 'artifact' ? [digest] : []))
  const values = new Map<HashAlgorithm, Set<string>>()
  for (const { algorithm, value } of digests) values.set(algorithm, (values.get(algorithm) ?? new Set()).add(value))
  return [...values]
    .filter(([, set]) => set.size === 1)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([algorithm, set]) => ({ algorithm: ALGORITHM[algorithm], checksumValue: [...set][0] }))
}

function statement(claims: readonly LicenseClaim[], kind: LicenseClaim['kind'], extracted: ExtractedLicenses): string {
  const claim = claims.find((candidate) => candidate.kind === kind)
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

/** Section 7.7 of the SPDX 2.3 text: a URL, a version-control locator without user info, NONE or NOASSERTION. */
function downloadLocation(source: Source, firstParty: boolean): string {
  if (source.kind === 'git') {
    const url = publicUrl(source.url)
    if (url === undefined || !/^(?:https?|ssh|git):/.test(url)) return 'NOASSERTION'
    return `git+${url}${source.commit === undefined ? '' : `@${source.commit}`}${source.subdirectory === undefined ? '' : `#${encodeURI(source.subdirectory)}`}`
  }
  if (source.kind === 'archive') return publicUrl(source.url) ?? 'NOASSERTION'
  if (source.kind === 'path') return firstParty ? 'NONE' : 'NOASSERTION'
  return 'NOASSERTION'
}

function homepage(component: Component): Json {
  const url = component.homepage === undefined ? undefined : publicUrl(component.homepage)
  return url?.startsWith('http') === true ? { homepage: url } : {}
}

function sourceInfo(component: Component): string {
  const places = component.occurrences.map((occurrence) => formatLocation(occurrence.location))
  return clean(
    `${places.slice(0, 3).join(', ')}${places.length > 3 ? ` and ${places.length - 3} more places` : ''}; source ${sourceKey(component.source)}`,
  )
}

/** What SPDX has no field for, on one line of JSON: scopes, digests that are no file checksums, facts of the ecosystem. */
function annotation(component: Component, input: DocumentInput): Json {
  const digests = component.claims
    .filter((claim) => claim.digest.of !== 'artifact')
    .map((claim) => `${digestKind(claim.digest)} ${claim.digest.value}`)
  const facts = {
    ecosystem: component.ecosystem,
    scope: component.scopes,
    direct: component.direct,
    ...(digests.length === 0 ? {} : { digests: [...new Set(digests)].sort() }),
    ...(component.edges.state === 'complete' ? {} : { edges: component.edges.state, why: component.edges.why }),
    ...(component.properties.length === 0
      ? {}
      : { properties: Object.fromEntries(component.properties.map(({ name, value }) => [name, value])) }),
  }
  return {
    annotationDate: input.timestamp,
    annotationType: 'OTHER',
    annotator: `Tool: ${input.tool.name}-${input.tool.version}`,
    comment: `assay:component ${JSON.stringify(facts)}`,
  }
}
