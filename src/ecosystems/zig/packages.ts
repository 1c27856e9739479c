import type { Location } from '../../model/location.js'
import type { SourceTree } from '../../model/tree.js'
import { joinPath, resolvePath } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import type { ManifestReading, ZigManifest } from './manifest.js'
import { parseZigManifest } from './manifest.js'
import type { ZigDependency } from './manifest-dependency.js'
import type { PackageHash } from './package-hash.js'
import type { PackageStore, StoredPackage } from './package-store.js'
import { findStored, readManifestIn } from './package-store.js'
import type { ZigUrl } from './url.js'

/** A repository with more is no Zig project; a cache can be built to have no end. */
const MAX_PACKAGES = 20_000

/** Where a package is, which is what tells it from others (spec/zig.md §6). */
export type Place =
  /** A folder of the repository. */
  | { readonly kind: 'local'; readonly folder: string }
  /** Fetched from a URL; the hash, where there is a usable one, is the identity. */
  | { readonly kind: 'remote'; readonly url: ZigUrl; readonly hash: PackageHash | undefined }
  /** A folder inside a fetched package. */
  | { readonly kind: 'inner'; readonly of: ZigPackage; readonly folder: string }
  /** A path that leads out of the repository, or out of a fetched package; as written. */
  | { readonly kind: 'outside'; readonly path: string }

/** What is known of a package's own manifest. */
export type ManifestState =
  | { readonly kind: 'read'; readonly reading: ManifestReading }
  /** The package is at hand and has none, so it has no dependencies. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: string }

/** One entry of a manifest that asks for a package. */
export interface Mention {
  readonly from: ZigPackage
  readonly dependency: ZigDependency
}

export interface ZigPackage {
  readonly place: Place
  state: ManifestState
  /** Part of the repository itself. */
  readonly firstParty: boolean
  /** The folder where its files are, when they are at hand. */
  readonly files: { readonly tree: SourceTree; readonly folder: string; readonly inTree: boolean } | undefined
  /** For places in files that are not of the tree: the entry in the tree that leads here. */
  readonly anchor: Location
  readonly mentions: Mention[]
  /** What its manifest asks for, in order. */
  readonly links: { readonly dependency: ZigDependency; readonly to: ZigPackage }[]
}

export interface PackageWalkInput {
  readonly tree: SourceTree
  /** Manifests of the repository that were read, by folder; undefined for one that could not be read. */
  readonly manifests: ReadonlyMap<string, ManifestReading | undefined>
  readonly stores: readonly PackageStore[]
  /** The user named a package cache, so a package that is not there is missing. */
  readonly hasCache: boolean
}

export interface PackageTable {
  readonly packages: readonly ZigPackage[]
  /** The walk stopped at its limit. */
  readonly truncated: boolean
}

/** Follows every manifest at hand to what it asks for: folders of the repository, vendored and cached packages. */
export async function walkPackages(input: PackageWalkInput): Promise<PackageTable> {
  const walk = new PackageWalk(input)
  await walk.run()
  return { packages: [...walk.packages.values()], truncated: walk.truncated }
}

class PackageWalk {
  readonly packages = new Map<string, ZigPackage>()
  truncated = false
  readonly #queue: ZigPackage[] = []
  readonly #ids = new Map<ZigPackage, string>()

  constructor(readonly input: PackageWalkInput) {}

  async run(): Promise<void> {
    for (const folder of [...this.input.manifests.keys()].sort()) await this.#local(folder, undefined)
    // The queue grows while it is walked.
    for (const next of this.#queue) {
      if (next.state.kind !== 'read') continue
      for (const dependency of next.state.reading.manifest?.dependencies ?? []) await this.#follow(next, dependency)
    }
  }

  async #follow(from: ZigPackage, dependency: ZigDependency): Promise<void> {
    const to = await (dependency.from.kind === 'path'
      ? this.#byPath(from, dependency, dependency.from.path)
      : this.#byUrl(from, dependency, dependency.from))
    if (to === undefined) return
    to.mentions.push({ from, dependency })
    from.links.push({ dependency, to })
  }

  async #byPath(from: ZigPackage, dependency: ZigDependency, path: string): Promise<ZigPackage | undefined> {
    const anchor = placeIn(from, dependency.keyLocation)
    if (from.place.kind === 'local') {
      const folder = resolvePath(from.place.folder, path)
      return folder === undefined ? this.#outside(path, anchor) : this.#local(folder, anchor)
    }
    // Below a fetched package a path must stay inside it: its hash covers nothing else.
    const within = from.place.kind === 'inner' ? from.place : { of: from, folder: '.' }
    const folder = resolvePath(within.folder, path)
    if (folder === undefined) return this.#outside(path, anchor)
    return folder === '.' ? within.of : this.#inner(within.of, folder, anchor)
  }

  async #local(folder: string, anchor: Location | undefined): Promise<ZigPackage | undefined> {
    const { tree } = this.input
    return this.#once(`local ${folder}`, async () => ({
      place: { kind: 'local', folder },
      state: await this.#localState(folder),
      firstParty: true,
      files: { tree, folder, inTree: true },
      anchor: anchor ?? { file: joinPath(folder, 'build.zig.zon'), line: 1, column: 1 },
    }))
  }

  async #localState(folder: string): Promise<ManifestState> {
    const { manifests, tree } = this.input
    const known = manifests.get(folder)
    if (known !== undefined) return readState(known)
    if (manifests.has(folder)) return { kind: 'unknown', why: 'its manifest cannot be read' }
    const entry = await tree.stat(folder)
    return entry?.kind === 'folder'
      ? manifestState(tree, folder)
      : { kind: 'unknown', why: 'its folder is not in the repository' }
  }

  async #outside(path: string, anchor: Location): Promise<ZigPackage | undefined> {
    return this.#once(`outside ${path}`, async () => ({
      place: { kind: 'outside', path },
      state: { kind: 'unknown', why: 'it is outside the repository' },
      firstParty: false,
      files: undefined,
      anchor,
    }))
  }

  async #byUrl(
    from: ZigPackage,
    dependency: ZigDependency,
    { reading: { url }, hash }: Extract<ZigDependency['from'], { kind: 'url' }>,
  ): Promise<ZigPackage | undefined> {
    const decoded = hash?.result.ok === true ? hash.result.hash : undefined
    return this.#once(decoded === undefined ? `url ${url.url}` : `hash ${decoded.text}`, async () => {
      const stored = decoded === undefined ? undefined : await findStored(this.input.stores, decoded.text)
      return {
        place: { kind: 'remote', url, hash: decoded },
        state: await this.#remoteState(decoded, stored, dependency.lazy),
        firstParty: false,
        files: filesOf(stored),
        anchor: placeIn(from, dependency.keyLocation),
      }
    })
  }

  async #remoteState(hash: PackageHash | undefined, stored: StoredPackage | undefined, lazy: boolean): Promise<ManifestState> {
    const state = stored === undefined ? undefined : await manifestState(stored.store.tree, stored.folder)
    // A filtered package may lack the manifest that zig read before filtering.
    if (state?.kind === 'none' && hash?.form === 'new')
      return { kind: 'unknown', why: 'its manifest is not among the files it is made of' }
    if (state !== undefined) return state
    // The hash of a package without manifest says so by itself.
    if (hash?.form === 'naked') return { kind: 'none' }
    if (hash === undefined) return { kind: 'unknown', why: 'without a usable hash no copy of its manifest can be found' }
    if (!this.input.hasCache) return { kind: 'unknown', why: 'its manifest is inside the package, which is not at hand' }
    return { kind: 'unknown', why: `it is not in the package cache${lazy ? ', perhaps because it is lazy' : ''}` }
  }

  async #inner(of: ZigPackage, folder: string, anchor: Location): Promise<ZigPackage | undefined> {
    return this.#once(`inner ${this.#ids.get(of) ?? ''} ${folder}`, async () => {
      const files = of.files === undefined ? undefined : { ...of.files, folder: joinPath(of.files.folder, folder) }
      const entry = await files?.tree.stat(files.folder)
      return {
        place: { kind: 'inner', of, folder },
        state:
          files !== undefined && entry?.kind === 'folder'
            ? await manifestState(files.tree, files.folder)
            : { kind: 'unknown', why: 'its folder is not in the package that names it' },
        firstParty: false,
        files: entry?.kind === 'folder' ? files : undefined,
        anchor,
      }
    })
  }

  /** The package of that identity, made when it is met first. */
  async #once(id: string, make: () => Promise<Omit<ZigPackage, 'mentions' | 'links'>>): Promise<ZigPackage | undefined> {
    const known = this.packages.get(id)
    if (known !== undefined) return known
    if (this.packages.size >= MAX_PACKAGES) {
      this.truncated = true
      return undefined
    }
    const made: ZigPackage = { ...(await make()), mentions: [], links: [] }
    this.packages.set(id, made)
    this.#ids.set(made, id)
    this.#queue.push(made)
    return made
  }
}

function filesOf(stored: StoredPackage | undefined): ZigPackage['files'] {
  return stored === undefined ? undefined : { tree: stored.store.tree, folder: stored.folder, inTree: stored.store.inTree }
}

async function manifestState(tree: SourceTree, folder: string): Promise<ManifestState> {
  const read = await readManifestIn(tree, folder)
  if (!read.ok) return read.failure === 'absent' ? { kind: 'none' } : { kind: 'unknown', why: 'its manifest cannot be read' }
  const decoded = decodeUtf8(read.bytes)
  if (!decoded.ok) return { kind: 'unknown', why: 'its manifest is not UTF-8' }
  return readState(parseZigManifest(decoded.text, joinPath(folder, 'build.zig.zon')))
}

function readState(reading: ManifestReading): ManifestState {
  return reading.manifest === undefined ? { kind: 'unknown', why: 'its manifest cannot be parsed' } : { kind: 'read', reading }
}

/** The manifest of a package, where it is at hand and could be read. */
export function manifestOf(package_: ZigPackage): ZigManifest | undefined {
  return package_.state.kind === 'read' ? package_.state.reading.manifest : undefined
}

/** A place in a package's manifest; where that is no file of the tree, the entry of the tree that leads to the package. */
export function placeIn(package_: ZigPackage, location: Location): Location {
  return package_.files?.inTree === true ? location : package_.anchor
}
