import type { Fact } from '../../model/graph.js'
import { baseName, joinPath } from '../../model/tree.js'
import type { BuildScript } from './build-script.js'
import { hex32 } from './fingerprint.js'
import type { Note } from './manifest-facts.js'
import { parsePackageHash } from './package-hash.js'
import type { Mention, ZigPackage } from './packages.js'
import { manifestOf, placeIn } from './packages.js'
import type { ZigUrl } from './url.js'

/** Notes facts that take more than one manifest, or the files of a package. `about` is always given. */
export function graphFacts(
  packages: readonly ZigPackage[],
  scripts: ReadonlyMap<ZigPackage, BuildScript>,
  note: (about: ZigPackage) => Note,
): void {
  for (const package_ of packages) {
    urlDuplicate(package_, note(package_))
    hashAgainstManifest(package_, note(package_))
    const script = scripts.get(package_)
    if (script !== undefined) scriptFacts(package_, script, note(package_))
  }
  sharedIdentities(packages, note)
}

/** zig keys its packages by hash: the URL of a second entry is never tried (spec/zig.md §6). */
function urlDuplicate(package_: ZigPackage, note: Note): void {
  if (package_.place.kind !== 'remote' || package_.place.hash === undefined) return
  const byUrl = new Map<string, Mention>()
  for (const mention of package_.mentions) {
    const { from } = mention.dependency
    if (from.kind !== 'url') continue
    const target = fetchTarget(from.reading.url)
    if (!byUrl.has(target)) byUrl.set(target, mention)
  }
  const [, second] = byUrl.values()
  if (second === undefined) return
  note('zig/url-duplicate', placeIn(second.from, second.dependency.keyLocation), {
    name: package_.mentions[0]?.dependency.key ?? '',
    hash: package_.place.hash.text,
    urls: [...byUrl.keys()],
    keys: package_.mentions.map(({ dependency }) => dependency.key),
  })
}

/** What is asked for: the label of a git URL changes nothing. */
function fetchTarget(url: ZigUrl): string {
  return url.kind === 'git' ? `git+${url.repository}${url.revision === undefined ? '' : `#${url.revision}`}` : url.url
}

/** Name, version and id in the hash against the manifest of the package at hand. */
function hashAgainstManifest(package_: ZigPackage, note: Note): void {
  const { place } = package_
  const manifest = manifestOf(package_)
  if (place.kind !== 'remote' || place.hash === undefined || place.hash.form === 'legacy' || manifest === undefined) return
  const { hash } = place
  const id = manifest.fingerprint?.parts.id ?? 0
  const stated = hash.form === 'naked' ? 'a package without manifest' : describe(hash.name, hash.version, hash.id)
  const found = describe(manifest.name ?? '(no name)', manifest.version ?? '(no version)', id)
  if (stated === found) return
  note('zig/hash-name-mismatch', package_.anchor, { hash: stated, manifest: found })
}

function describe(name: string, version: string, id: number): string {
  return `${name} ${version} with id 0x${hex32(id)}`
}

function scriptFacts(package_: ZigPackage, script: BuildScript, note: Note): void {
  note('graph/build-code', script.location, { what: 'build.zig' })
  const declared = new Set(manifestOf(package_)?.dependencies.map(({ key }) => key))
  for (const { name, location } of script.systemLibraries)
    if (!declared.has(name)) note('zig/system-library', location, { library: name, file: location.file })
}

interface Identified {
  readonly package: ZigPackage
  readonly name: string
  readonly id: number
  /** Undefined where the URL does not tell whose it is, as with a mirror. */
  readonly repository: string | undefined
}

/**
 * Name and id together mean one project for ever (spec/zig.md §3.2). The same pair from two repositories is a fork that
 * claims to be an update of the other, honest or not; one id under two names was copied.
 */
function sharedIdentities(packages: readonly ZigPackage[], note: (about: ZigPackage) => Note): void {
  const byId = new Map<number, Identified[]>()
  for (const package_ of packages) {
    const identified = identifiedBy(package_)
    if (identified === undefined) continue
    const known = byId.get(identified.id)
    if (known === undefined) byId.set(identified.id, [identified])
    else known.push(identified)
  }
  for (const [first, ...others] of byId.values()) {
    if (first === undefined) continue
    const repository = [first, ...others].find((one) => one.name === first.name && one.repository !== undefined)?.repository
    for (const other of others) {
      const why =
        other.name !== first.name
          ? `it has the id 0x${hex32(other.id)} of ${first.name}`
          : other.repository !== undefined && other.repository !== repository
            ? `its name and id also come from ${repository ?? ''}`
            : undefined
      if (why !== undefined) note(other.package)('zig/fingerprint', other.package.anchor, { name: other.name, why })
    }
  }
}

function identifiedBy(package_: ZigPackage): Identified | undefined {
  const { place } = package_
  const manifest = manifestOf(package_)
  const hash = place.kind === 'remote' && place.hash?.form === 'new' ? place.hash : undefined
  const name = hash?.name ?? manifest?.name
  const id = hash?.id ?? manifest?.fingerprint?.parts.id ?? 0
  // 0 and the id of packages without manifest belong to nobody.
  if (name === undefined || id === 0 || id === 0xffff) return undefined
  return { package: package_, name, id, repository: place.kind === 'remote' ? repositoryOf(place.url) : undefined }
}

function repositoryOf(url: ZigUrl): string | undefined {
  if (url.kind !== 'git' && url.kind !== 'archive') return undefined
  const { forge } = url
  if (forge?.owner !== undefined && forge.repository !== undefined)
    return `${forge.host}/${forge.owner}/${forge.repository}`.toLowerCase()
  return url.kind === 'git'
    ? `${url.host}${url.path}`
        .replace(/\/$/, '')
        .replace(/\.git$/, '')
        .toLowerCase()
    : undefined
}

/** Vendored packages that nothing in the repository asks for, or whose folder has no hash for a name. */
export function vendorFacts(folders: readonly string[], packages: readonly ZigPackage[]): Fact[] {
  const used = new Set(
    packages.flatMap(({ files, place }) => (place.kind === 'remote' && files?.inTree === true ? [files.folder] : [])),
  )
  return folders
    .filter((folder) => !used.has(folder))
    .map((folder) => ({
      kind: 'integrity/vendor-drift',
      location: { file: joinPath(folder, 'build.zig.zon'), line: 1, column: 1 },
      data: {
        path: folder,
        why: parsePackageHash(baseName(folder)).ok
          ? 'it is vendored and no manifest names its hash'
          : 'its name is no package hash, so zig never looks into it',
      },
    }))
}
