import type { Component, EdgeKnowledge, LicenseClaim, Property, Scope } from '../../model/component.js'
import { componentId } from '../../model/component.js'
import type { Location } from '../../model/location.js'
import type { Source } from '../../model/source.js'
import type { InstalledPackage } from './installed.js'
import type { Field } from './json-fields.js'
import { nimLicenseExpression } from './license.js'
import type { LockEntry } from './lock-model.js'
import type { Manifest, ManifestRequirement } from './manifest-model.js'
import { nimPurl } from './purl.js'
import type { ListedPackage, Lookup } from './registry.js'
import { readPackageUrl, repositoryPath } from './url.js'
import { formatRange } from './version.js'

/** What a component needs beside what names it. */
export interface Placement {
  readonly direct: boolean
  readonly scopes: readonly Scope[]
  readonly edges: EdgeKnowledge
  readonly projects: readonly string[]
}

/** The package of the project itself. */
export function rootComponent(manifest: Manifest, folder: string, edges: EdgeKnowledge, projects: readonly string[]): Component {
  const source: Source = { kind: 'path', path: folder, outside: false }
  const version = manifest.fields.get('version')
  const author = manifest.fields.get('author')?.text
  const hasBinary = (manifest.lists.get('bin') ?? []).length > 0 || manifest.namedBin.size > 0
  return {
    id: componentId('nimble', manifest.name, version?.text, source),
    ecosystem: 'nimble',
    name: manifest.name,
    version: version?.text,
    source,
    type: hasBinary ? 'application' : 'library',
    firstParty: true,
    direct: false,
    scopes: ['runtime'],
    claims: [],
    occurrences: [{ location: version?.location ?? { file: manifest.path, line: 1, column: 1 }, role: 'manifest' }],
    licenses: licensesOf(manifest.fields.get('license')),
    edges,
    projects,
    properties: manifest.certainty === 'exact' ? [] : [{ name: 'assay:nimble:certainty', value: manifest.certainty }],
    description: manifest.fields.get('description')?.text,
    authors: author === undefined || author === '' ? undefined : [author],
  }
}

/** A package as the lock pins it. `#head` is no version: where there is a commit, that is the version. */
export function lockedComponent(
  entry: LockEntry,
  copy: InstalledPackage | undefined,
  listed: ListedPackage | undefined,
  placement: Placement,
): Component {
  const source = lockedSource(entry)
  const isSpecial = entry.version.startsWith('#') || entry.version === ''
  const version = isSpecial ? entry.revision : entry.version
  const fields = copy?.manifest?.fields
  const { sha1 } = entry
  const properties: Property[] = []
  if (isSpecial && entry.version !== '') properties.push({ name: 'assay:nimble:version', value: entry.version })
  if (sha1 !== undefined) properties.push({ name: 'assay:nimble:sha1', value: sha1.text })
  if (entry.task !== undefined) properties.push({ name: 'assay:nimble:task', value: entry.task })
  return {
    id: componentId('nimble', entry.name, version, source),
    ecosystem: 'nimble',
    name: entry.name,
    version,
    source,
    purl: nimPurl(entry.name, version, source),
    type: 'library',
    firstParty: false,
    ...placement,
    claims:
      sha1 === undefined
        ? []
        : [{ digest: { of: 'tree', scheme: 'nimble-sha1', value: sha1.text }, statedBy: 'lock', location: sha1.location }],
    occurrences: [
      { location: entry.location, role: 'lock' },
      ...(copy?.inTree === true ? [{ location: copy.location, role: 'vendor' as const }] : []),
    ],
    licenses: fields?.get('license') !== undefined ? licensesOf(fields.get('license'), copy?.inTree) : listedLicense(listed),
    properties,
    description: fields?.get('description')?.text ?? listed?.description,
    repository: source.kind === 'git' && /^https?:/i.test(source.url) ? source.url : undefined,
  }
}

function lockedSource(entry: LockEntry): Source {
  return sourceOf(entry.url.text, entry.method, entry.revision)
}

/** The source that a URL, a method and a commit name together. */
export function sourceOf(raw: string, method: 'git' | 'hg', revision: string | undefined): Source {
  const { url, subdirectory } = readPackageUrl(raw)
  return method === 'hg' ? { kind: 'vcs', system: 'hg', url, revision } : { kind: 'git', url, commit: revision, subdirectory }
}

/** The compiler. Its entry's checksum covers an installed `lib` folder (spec/nimble.md §3), so it is no claim about a source. */
export function toolchainComponent(
  entry: LockEntry | undefined,
  requirement: string | undefined,
  location: Location,
  placement: Omit<Placement, 'edges' | 'scopes'>,
): Component {
  const source: Source = { kind: 'toolchain' }
  const version = entry === undefined || entry.version.startsWith('#') || entry.version === '' ? undefined : entry.version
  return {
    id: componentId('nimble', 'nim', version, source),
    ecosystem: 'nimble',
    name: 'nim',
    version,
    source,
    purl: entry === undefined ? undefined : nimPurl('nim', version, lockedSource(entry)),
    type: 'toolchain',
    firstParty: false,
    ...placement,
    scopes: ['build'],
    claims: [],
    occurrences: [{ location: entry?.location ?? location, role: entry === undefined ? 'manifest' : 'lock' }],
    licenses: [],
    edges: { state: 'complete' },
    properties: [
      ...(requirement === undefined ? [] : [{ name: 'assay:nimble:requirement', value: requirement }]),
      ...(entry?.revision === undefined ? [] : [{ name: 'assay:nimble:revision', value: entry.revision }]),
    ],
  }
}

/** A package that is asked for and that no lock pins. */
export function wantedComponent(
  wanted: ManifestRequirement,
  copy: InstalledPackage | undefined,
  lookup: Lookup,
  placement: Omit<Placement, 'edges' | 'direct'>,
): Component {
  const { requirement } = wanted
  const listed = lookup.kind === 'found' ? lookup.package : undefined
  const source = wantedSource(wanted, copy, lookup)
  const name = requirement.target === 'url' ? nameOfUrl(requirement.name) : (copy?.name ?? listed?.name ?? requirement.name)
  const version = copy?.version
  const range = formatRange(requirement.range)
  return {
    id: componentId('nimble', name, version, source),
    ecosystem: 'nimble',
    name,
    version,
    source,
    purl: nimPurl(name, version, source),
    type: 'library',
    firstParty: false,
    direct: true,
    ...placement,
    claims: [],
    occurrences: [{ location: wanted.location, role: 'manifest' }],
    licenses: copy?.manifest === undefined ? listedLicense(listed) : licensesOf(copy.manifest.fields.get('license'), copy.inTree),
    edges: { state: 'unknown', why: 'without a lockfile its version is not known' },
    properties: [{ name: 'assay:nimble:requirement', value: range }],
    description: listed?.description,
  }
}

function wantedSource({ requirement }: ManifestRequirement, copy: InstalledPackage | undefined, lookup: Lookup): Source {
  if (requirement.target === 'url') {
    const source = sourceOf(requirement.name, 'git', undefined)
    const ref = requirement.range.kind === 'special' ? requirement.range.ref.slice(1) : undefined
    if (source.kind !== 'git' || ref === undefined) return source
    if (/^[0-9a-f]{40}$/i.test(ref)) return { ...source, commit: ref.toLowerCase() }
    return { ...source, ref: /^head$/i.test(ref) ? { kind: 'default' } : { kind: 'tag', value: ref } }
  }
  if (copy?.meta?.url !== undefined) return sourceOf(copy.meta.url.text, copy.meta.method, copy.meta.revision)
  if (lookup.kind === 'found' && lookup.package.url !== undefined)
    return sourceOf(lookup.package.url, lookup.package.method, undefined)
  if (lookup.kind === 'found' || lookup.kind === 'absent')
    return { kind: 'unknown', why: 'there is no lockfile, and no package list at hand that has the name' }
  return { kind: 'unknown', why: `the package list has the name as an alias that leads nowhere: ${lookup.through.join(', ')}` }
}

/** The last part of a URL; the real name stands in a manifest that is not at hand. */
function nameOfUrl(raw: string): string {
  const { url, subdirectory } = readPackageUrl(raw)
  const path = subdirectory ?? repositoryPath(url)
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1) || url
}

/** A place in a cache means nothing to who reads the report, so it is left out. */
function licensesOf(field: Field | undefined, hasPlace = true): readonly LicenseClaim[] {
  if (field === undefined || field.text === '') return []
  return [
    {
      raw: field.text,
      kind: 'declared',
      expression: nimLicenseExpression(field.text),
      location: hasPlace ? field.location : undefined,
    },
  ]
}

function listedLicense(listed: ListedPackage | undefined): readonly LicenseClaim[] {
  if (listed?.license === undefined || listed.license === '') return []
  return [{ raw: listed.license, kind: 'declared', expression: nimLicenseExpression(listed.license) }]
}
