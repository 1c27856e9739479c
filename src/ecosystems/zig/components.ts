import type { Component, ComponentId, DigestClaim, EdgeKnowledge, Occurrence, Property } from '../../model/component.js'
import { componentId } from '../../model/component.js'
import type { Edge } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { formatLocation } from '../../model/location.js'
import { joinPath } from '../../model/tree.js'
import type { Identity } from './identity.js'
import { identify } from './identity.js'
import type { ZigPackage } from './packages.js'
import { manifestOf, placeIn } from './packages.js'

/** A package under its final name. */
export interface NamedNode {
  readonly package: ZigPackage
  readonly identity: Identity
  readonly id: ComponentId
}

export function nameNode(package_: ZigPackage): NamedNode {
  const identity = identify(package_)
  return { package: package_, identity, id: componentId('zig', identity.name, identity.version, identity.source) }
}

/** The component of a package, with everything that names it. */
export function toComponent({ package: package_, identity, id }: NamedNode, projects: readonly string[]): Component {
  return {
    id,
    ecosystem: 'zig',
    name: identity.name,
    version: identity.version,
    source: identity.source,
    purl: identity.purl,
    type: 'library',
    firstParty: package_.firstParty,
    direct: package_.mentions.some(({ from }) => from.firstParty),
    // What a dependency is used for is decided by the code of build.zig, which is not run.
    scopes: [package_.firstParty ? 'runtime' : 'unknown'],
    claims: claims(package_),
    occurrences: occurrences(package_),
    licenses: [],
    edges: knowledge(package_),
    projects,
    properties: properties(package_),
  }
}

function claims(package_: ZigPackage): readonly DigestClaim[] {
  const found = new Map<string, DigestClaim>()
  const add = (claim: DigestClaim): void => {
    const key = `${claim.digest.of} ${formatLocation(claim.location)}`
    if (!found.has(key)) found.set(key, claim)
  }
  for (const { from, dependency } of package_.mentions) {
    if (dependency.from.kind !== 'url') continue
    const { hash, reading, location } = dependency.from
    if (hash?.result.ok === true) {
      const { form, text } = hash.result.hash
      add({
        digest: { of: 'tree', scheme: form === 'legacy' ? 'zig-legacy' : 'zig', value: text },
        statedBy: 'manifest',
        location: placeIn(from, hash.location),
      })
    }
    const { url } = reading
    // Another URL for the same hash is never fetched, so its commit says nothing of what is built.
    if (url.kind === 'git' && url.commit !== undefined && package_.place.kind === 'remote' && package_.place.url.url === url.url)
      add({
        digest: { of: 'git-object', algorithm: url.commit.length === 64 ? 'sha256' : 'sha1', value: url.commit },
        statedBy: 'manifest',
        location: placeIn(from, location),
      })
  }
  return [...found.values()]
}

function occurrences(package_: ZigPackage): readonly Occurrence[] {
  const found = new Map<string, Occurrence>()
  const add = (location: Location, role: Occurrence['role']): void => {
    const key = `${role} ${formatLocation(location)}`
    if (!found.has(key)) found.set(key, { location, role })
  }
  const own = manifestOf(package_)
  if (package_.firstParty && own !== undefined) add(own.location, 'manifest')
  for (const { from, dependency } of package_.mentions) add(placeIn(from, dependency.keyLocation), 'manifest')
  if (!package_.firstParty && package_.files?.inTree === true)
    add({ file: joinPath(package_.files.folder, 'build.zig.zon'), line: 1, column: 1 }, 'vendor')
  return [...found.values()]
}

function knowledge(package_: ZigPackage): EdgeKnowledge {
  const { state, links } = package_
  if (state.kind === 'unknown') return { state: 'unknown', why: state.why }
  const manifest = manifestOf(package_)
  if (manifest === undefined) return { state: 'complete' }
  if (manifest.unreadDependencies > 0)
    return { state: 'incomplete', why: `${manifest.unreadDependencies} of its dependencies could not be read` }
  if (links.length < manifest.dependencies.length)
    return { state: 'incomplete', why: 'there are more packages than are followed' }
  return { state: 'complete' }
}

function properties(package_: ZigPackage): readonly Property[] {
  const { place, mentions } = package_
  const manifest = manifestOf(package_)
  const found: Property[] = []
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) found.push({ name: `assay:zig:${name}`, value })
  }
  add('fingerprint', manifest?.fingerprint === undefined ? undefined : `0x${manifest.fingerprint.value.toString(16)}`)
  add('minimum-zig-version', manifest?.minimumZigVersion)
  if (mentions.length > 0 && mentions.every(({ dependency }) => dependency.lazy)) add('lazy', 'true')
  if (place.kind !== 'remote') return found
  if (place.hash !== undefined && place.hash.form !== 'legacy') add('unpackedSize', String(place.hash.size))
  add('url-pin', urlPin(place.url))
  for (const url of new Set(mentions.flatMap(({ dependency: { from } }) => (from.kind === 'url' ? [from.reading.url.url] : []))))
    if (url !== place.url.url) add('other-url', url)
  return found
}

/** How well the URL will find the same content again; the hash holds the content itself (spec/zig.md §6). */
function urlPin(url: Extract<ZigPackage['place'], { kind: 'remote' }>['url']): string | undefined {
  if (url.kind === 'git') return url.commit === undefined ? 'moving' : 'commit'
  return url.kind === 'archive' ? url.forge?.ref?.kind : undefined
}

/** The edges from one package: one a target, lazy only when every entry for it is. */
export function toEdges(
  { package: package_, id }: NamedNode,
  idOf: (package_: ZigPackage) => ComponentId,
  projects: readonly string[],
): readonly Edge[] {
  const edges = new Map<ComponentId, Edge>()
  for (const { dependency, to } of package_.links) {
    const target = idOf(to)
    if (target === id) continue
    const known = edges.get(target)
    const optional = dependency.lazy && (known === undefined || known.optional === true) ? true : undefined
    const location = known?.location ?? placeIn(package_, dependency.keyLocation)
    edges.set(target, { from: id, to: target, kinds: ['unknown'], optional, location, projects })
  }
  return [...edges.values()]
}
