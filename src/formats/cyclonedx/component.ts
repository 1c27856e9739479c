import type { Component, DigestClaim, LicenseClaim, Property, Scope } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { ArtifactDigest, HashAlgorithm, TreeDigest, TreeScheme } from '../../model/digest.js'
import type { LeftOut } from '../../model/document.js'
import type { Replacement } from '../../model/graph.js'
import { sourceKey } from '../../model/source.js'
import { clean, publicUrl } from '../clean.js'
import { cyclonedxLicenses } from './licenses.js'
import type { CycloneDxVersion } from './versions.js'

type Json = Readonly<Record<string, unknown>>

/** What a component's row needs beside the component. */
export interface RowContext {
  readonly version: CycloneDxVersion
  readonly ref: string
  readonly type: 'application' | 'library'
  /** Active replacements that put this component in another's place. */
  readonly replaces: readonly Replacement[]
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
  return {
    type: context.type,
    'bom-ref': context.ref,
    ...authors(component, version),
    name: clean(component.name),
    ...(component.version === undefined ? {} : { version: clean(component.version) }),
    ...(component.description === undefined ? {} : { description: clean(component.description) }),
    ...scope(component),
    ...list('hashes', hashes(component.claims)),
    ...list('licenses', cyclonedxLicenses(component.licenses, version)),
    ...(component.purl === undefined ? {} : { purl: component.purl }),
    ...pedigree(component, context),
    ...list('externalReferences', references(component)),
    ...evidence(component, context),
    ...list('properties', properties(component)),
  }
}

function list(name: string, items: readonly unknown[]): Json {
  return items.length === 0 ? {} : { [name]: items }
}

function authors(component: Component, version: CycloneDxVersion): Json {
  const names = component.authors ?? []
  if (names.length === 0) return {}
  return version.authors ? { authors: names.map(person) } : { author: names.map(clean).join(', ') }
}

/** Cargo writes `Name <mail>`. */
function person(text: string): Json {
  const open = text.lastIndexOf('<')
  const mail = open > 0 && text.endsWith('>') ? text.slice(open + 1, -1) : ''
  return /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(mail)
    ? { name: clean(text.slice(0, open).trim()), email: mail }
    : { name: clean(text) }
}

const RUNTIME: ReadonlySet<Scope> = new Set(['runtime'])
const EXCLUDED: ReadonlySet<Scope> = new Set(['build', 'dev', 'test', 'tool'])

/** `excluded` is what does not run in the product; `optional` what is not installed. Unknown stays unsaid. */
function scope(component: Component): Json {
  if (component.firstParty || component.scopes.some((s) => RUNTIME.has(s))) return { scope: 'required' }
  if (component.scopes.some((s) => s === 'unknown')) return {}
  if (component.scopes.some((s) => EXCLUDED.has(s))) return { scope: 'excluded' }
  return { scope: 'optional' }
}

function artifactDigests(claims: readonly DigestClaim[]): ArtifactDigest[] {
  const seen = new Set<string>()
  return claims.flatMap(({ digest }) => {
    if (digest.of !== 'artifact' || seen.has(`${digest.algorithm} ${digest.value}`)) return []
    seen.add(`${digest.algorithm} ${digest.value}`)
    return [digest]
  })
}

/** Only digests of a file may stand here; where two statements differ, neither is a hash of the component. */
function hashes(claims: readonly DigestClaim[]): Json[] {
  const digests = artifactDigests(claims)
  const count = (algorithm: HashAlgorithm): number => digests.filter((digest) => digest.algorithm === algorithm).length
  return digests
    .filter((digest) => count(digest.algorithm) === 1)
    .sort((a, b) => (a.algorithm < b.algorithm ? -1 : 1))
    .map((digest) => ({ alg: ALGORITHM[digest.algorithm], content: digest.value }))
}

/** A replacement is a descendant of what it stands for; a git commit is named as such. */
function pedigree(component: Component, context: RowContext): Json {
  const ancestors = context.replaces.flatMap(({ original }) =>
    original.name === undefined
      ? []
      : [
          {
            type: 'library',
            name: clean(original.name),
            ...(original.version === undefined ? {} : { version: clean(original.version) }),
          },
        ],
  )
  const commits = component.claims.flatMap(({ digest }) => (digest.of === 'git-object' ? [digest.value] : []))
  const notes = context.replaces.map((r) => `${r.kind} in ${r.location.file} line ${r.location.line}`)
  if (ancestors.length === 0 && commits.length === 0) return {}
  return {
    pedigree: {
      ...list('ancestors', ancestors),
      ...list(
        'commits',
        [...new Set(commits)].sort().map((uid) => ({ uid })),
      ),
      ...(ancestors.length === 0 ? {} : { notes: clean(notes.sort().join('; ')) }),
    },
  }
}

function references(component: Component): Json[] {
  const found: { type: string; url: string; comment?: string }[] = []
  const { source } = component
  if (source.kind === 'git') {
    const url = publicUrl(source.url)
    if (url !== undefined)
      found.push({ type: 'vcs', url, ...(source.commit === undefined ? {} : { comment: `commit ${source.commit}` }) })
  }
  const archive = source.kind === 'archive' ? publicUrl(source.url) : undefined
  if (archive !== undefined) found.push({ type: 'distribution', url: archive })
  const repository = component.repository === undefined ? undefined : publicUrl(component.repository)
  if (repository !== undefined && !found.some((reference) => reference.type === 'vcs'))
    found.push({ type: 'vcs', url: repository })
  const homepage = component.homepage === undefined ? undefined : publicUrl(component.homepage)
  if (homepage?.startsWith('http') === true) found.push({ type: 'website', url: homepage })
  return found.sort((a, b) => (a.type + a.url < b.type + b.url ? -1 : 1))
}

function evidence(component: Component, context: RowContext): Json {
  const { version } = context
  if (component.occurrences.length === 0) return {}
  if (!version.occurrences) {
    context.onLeftOut({
      subject: componentLabel(component),
      what: 'where it is named (evidence.occurrences)',
      why: `CycloneDX ${version.version} has no place for it`,
    })
    return {}
  }
  const seen = new Set<string>()
  const occurrences = component.occurrences.flatMap(({ location }) => {
    const row = version.occurrenceLines
      ? { location: clean(location.file), line: location.line }
      : { location: `${clean(location.file)}#L${location.line}` }
    const key = JSON.stringify(row)
    if (seen.has(key)) return []
    seen.add(key)
    return [row]
  })
  return { evidence: { occurrences } }
}

function properties(component: Component): Property[] {
  const found: Property[] = [
    { name: 'assay:ecosystem', value: component.ecosystem },
    { name: 'assay:scope', value: component.scopes.join(',') },
    { name: 'assay:source', value: sourceKey(component.source) },
  ]
  if (component.direct) found.push({ name: 'assay:direct', value: 'true' })
  if (component.firstParty) found.push({ name: 'assay:first-party', value: 'true' })
  if (component.version === undefined) found.push({ name: 'assay:version:unknown', value: 'true' })
  for (const { digest, statedBy } of component.claims) {
    if (digest.of === 'tree') found.push({ name: treeProperty(digest), value: digest.value })
    else if (digest.of === 'artifact') found.push({ name: `assay:claim:${digest.algorithm}:${statedBy}`, value: digest.value })
  }
  for (const license of component.licenses) if (needsRaw(license)) found.push({ name: 'assay:license:raw', value: license.raw })
  found.push(...component.properties)
  const seen = new Set<string>()
  return found
    .map(({ name, value }) => ({ name, value: clean(value) }))
    .filter(({ name, value }) => {
      const key = `${name}\n${value}`
      return seen.has(key) ? false : seen.add(key) !== undefined
    })
    .sort((a, b) => (a.name === b.name ? (a.value < b.value ? -1 : 1) : a.name < b.name ? -1 : 1))
}

function needsRaw(license: LicenseClaim): boolean {
  return license.expression !== undefined && license.expression !== license.raw
}

function treeProperty(digest: TreeDigest): string {
  return TREE_PROPERTY[digest.scheme]
}
