import type { Fact } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { resolvePath } from '../../model/tree.js'
import { compareVersions } from '../../model/version-order.js'
import { gitRef } from './identity.js'
import type { ZigManifest } from './manifest.js'
import type { ZigDependency } from './manifest-dependency.js'
import type { ManifestProblem } from './manifest-problem.js'
import type { ZigPackage } from './packages.js'
import { manifestOf, placeIn } from './packages.js'
import type { ZigUrl } from './url.js'

/** Notes a fact; without `about` it is about the package whose manifest is read. */
export type Note = (kind: string, location: Location, data: Fact['data'], about?: ZigPackage) => void

/** What the manifest of one package says that rules judge. */
export function manifestFacts(package_: ZigPackage, note: Note): void {
  const manifest = manifestOf(package_)
  if (package_.state.kind !== 'read' || manifest === undefined) return
  for (const problem of package_.state.reading.problems) problemFacts(package_, manifest, problem, note)
  for (const { dependency, to } of package_.links) dependencyFacts(package_, manifest, dependency, to, note)
  // What follows is for those who write the manifest.
  if (!package_.firstParty) return
  if (manifest.minimumZigVersion === undefined)
    note('zig/minimum-version-missing', placeIn(package_, manifest.location), { manifest: manifest.file })
  if (manifest.pathsLocation !== undefined && manifest.effectivePaths.includes('.'))
    note('zig/paths-wide', placeIn(package_, manifest.pathsLocation), { manifest: manifest.file })
}

/** Problems of the manifest itself; those of a dependency are told with the dependency. */
function problemFacts(package_: ZigPackage, manifest: ZigManifest, problem: ManifestProblem, note: Note): void {
  const at = placeIn(package_, problem.location)
  switch (problem.code) {
    case 'zon.duplicate-field':
      note('zig/duplicate-field', at, { manifest: manifest.file, what: problem.message })
      return
    case 'zig.manifest.missing-fingerprint':
      // A package without one is accepted as a dependency and counts as id 0.
      if (package_.firstParty) note('zig/fingerprint', at, { name: manifest.name ?? '', why: problem.message })
      return
    case 'zig.manifest.bad-fingerprint':
    case 'zig.manifest.fingerprint-mismatch':
    case 'zig.manifest.fingerprint-reserved':
      note('zig/fingerprint', at, { name: manifest.name ?? '', why: problem.message })
      return
    case 'zig.paths.escape':
      note('zig/paths-escape', at, { manifest: manifest.file, what: problem.message })
      return
    case 'zig.paths.empty':
      note('zig/paths-empty', at, { manifest: manifest.file })
  }
}

function dependencyFacts(from: ZigPackage, manifest: ZigManifest, dependency: ZigDependency, to: ZigPackage, note: Note): void {
  const place = (location: Location): Location => placeIn(from, location)
  const { key, from: wanted } = dependency
  if (wanted.kind === 'url') {
    urlFacts(key, wanted.reading, place(wanted.location), to, note)
    hashFacts(manifest, dependency, wanted, place, to, note)
    return
  }
  const folder = from.place.kind === 'local' || from.place.kind === 'inner' ? from.place.folder : '.'
  if (resolvePath(folder, wanted.path) === undefined)
    note('source/path-outside', place(wanted.location), { name: key, path: wanted.path.replaceAll('\\', '/') }, to)
  if (wanted.hashLocation !== undefined)
    note('zig/path-with-hash', place(wanted.hashLocation), { name: key, path: wanted.path }, to)
}

type UrlDependency = Extract<ZigDependency['from'], { kind: 'url' }>

function hashFacts(
  manifest: ZigManifest,
  { key, keyLocation }: ZigDependency,
  { hash, reading }: UrlDependency,
  place: (location: Location) => Location,
  to: ZigPackage,
  note: Note,
): void {
  if (hash === undefined) {
    note('zig/hash-missing', place(keyLocation), { name: key, url: reading.url.url }, to)
    return
  }
  if (!hash.result.ok) {
    note('zig/hash-malformed', place(hash.location), { name: key, why: hash.result.why }, to)
    return
  }
  const { hash: decoded } = hash.result
  if (decoded.form === 'legacy') {
    // `-0` sorts before every pre-release: development builds of 0.16 count as 0.16.
    const refused = manifest.minimumZigVersion !== undefined && compareVersions(manifest.minimumZigVersion, '0.16.0-0') >= 0
    note('zig/hash-legacy', place(hash.location), { name: key, refused }, to)
  } else if (decoded.form === 'new' && decoded.name !== key) {
    note('zig/dependency-key', place(keyLocation), { key, name: decoded.name }, to)
  }
}

function urlFacts(name: string, { url, credential }: UrlDependency['reading'], at: Location, to: ZigPackage, note: Note): void {
  if (credential) note('source/credential', at, { where: `the URL of ${name}` }, to)
  switch (url.kind) {
    case 'unsupported':
      note('zig/unsupported-url', at, { name, url: url.url, why: url.why }, to)
      if (URL.canParse(url.url)) note('source/url', at, { url: url.url, usage: 'unsupported' }, to)
      return
    case 'file':
      if (url.absolute || resolvePath('.', url.path) === undefined) note('source/path-outside', at, { name, path: url.url }, to)
      return
    case 'archive':
      note('source/url', at, { url: url.url, usage: 'archive', ...(isMoving(url) ? { mutable: true } : {}) }, to)
      return
    case 'git':
      note('source/url', at, { url: url.repository, usage: 'git' }, to)
      note('source/git-requirement', at, { name, url: url.repository, ...gitRequirement(url), locked: url.commit ?? '' }, to)
  }
}

function isMoving(url: Extract<ZigUrl, { kind: 'archive' }>): boolean {
  return url.forge?.ref?.kind === 'moving'
}

function gitRequirement({ revision, commit }: Extract<ZigUrl, { kind: 'git' }>): { follows: string; by: string } {
  if (commit !== undefined) return { follows: `commit ${commit}`, by: 'rev' }
  const ref = gitRef(revision, undefined)
  switch (ref?.kind) {
    case 'branch':
    case 'tag':
      return { follows: `${ref.kind} ${ref.value ?? ''}`, by: ref.kind }
    case 'rev':
      return { follows: `${ref.value ?? ''}, a branch or a tag`, by: 'branch' }
    default:
      return { follows: 'the default branch', by: 'default' }
  }
}
