import type { ProjectFile } from '../../../model/ecosystem.js'
import type { FileBytes, SourceTree, TreeEntry } from '../../../model/tree.js'
import { folderOf, joinPath, resolvePath } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import { parseZigManifest } from '../manifest.js'
import type { ZigDependency } from '../manifest-dependency.js'
import type { PackageHash } from '../package-hash.js'
import { readManifestIn } from '../package-store.js'
import type { ZigUrl } from '../url.js'
import type { Origin } from './claim.js'
import { originOf, originText } from './claim.js'
import { compareHash } from './compare.js'
import type { PackageSource } from './package-source.js'
import { MANIFEST } from './tree-hash.js'

export interface SupplyAround {
  readonly packages: PackageSource
  readonly tree: SourceTree
  readonly files: readonly ProjectFile[]
  /** Why a URL is not asked about a package of these names; undefined when it may be. */
  readonly reasonNotToAsk: (names: readonly string[], url: string) => string | undefined
}

/** What some manifest says of a hash. */
interface Known {
  readonly hash: PackageHash
  readonly origins: Map<string, { readonly origin: Origin; readonly names: readonly string[] }>
}

/** A fetched package whose files have the hash that it was asked by. */
interface Unpacked {
  readonly manifests: ReadonlyMap<string, Uint8Array>
  /** Files, and the folders that they lie in. */
  readonly kinds: ReadonlyMap<string, 'file' | 'folder'>
}

/** A repository with more is no Zig project. */
const MAX_KNOWN = 20_000
const STORE = 'p/'

/**
 * A package cache behind the network: `p/<hash>` holds what the URL beside that hash delivers, if and only if its files have
 * the hash. Content is kept of manifests alone. URLs are learnt from the manifests of the repository, and from each manifest
 * that is handed out.
 */
export class SuppliedPackages implements SourceTree {
  readonly label = 'packages behind the network'
  readonly #known = new Map<string, Known>()
  readonly #unpacked = new Map<string, Promise<Unpacked | undefined>>()
  readonly #folders = new Set<string>()
  #ready: Promise<void> | undefined

  constructor(readonly around: SupplyAround) {}

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const at = await this.#find(folder)
    if (at === undefined) return []
    const prefix = at.path === '' ? '' : `${at.path}/`
    return [...at.unpacked.kinds]
      .filter(([path]) => path !== '' && path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map(([path, kind]) => ({ path: joinPath(folder, path.slice(prefix.length)), kind }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    const at = await this.#find(path)
    const kind = at?.unpacked.kinds.get(at.path)
    return kind === undefined ? undefined : { path, kind }
  }

  async read(path: string): Promise<FileBytes> {
    const at = await this.#find(path)
    const bytes = at?.unpacked.manifests.get(at.path)
    if (bytes !== undefined) return { ok: true, bytes }
    return at?.unpacked.kinds.has(at.path) === true
      ? { ok: false, failure: 'unreadable', why: `the content of ${path} was not kept` }
      : { ok: false, failure: 'absent', why: `${path} is not there` }
  }

  async link(): Promise<string | undefined> {
    return undefined
  }

  async #find(path: string): Promise<{ readonly unpacked: Unpacked; readonly path: string } | undefined> {
    if (!path.startsWith(STORE)) return undefined
    const slash = path.indexOf('/', STORE.length)
    const hash = path.slice(STORE.length, slash < 0 ? undefined : slash)
    this.#ready ??= this.#learnFromTree()
    await this.#ready
    const unpacked = await this.#unpack(hash)
    return unpacked === undefined ? undefined : { unpacked, path: slash < 0 ? '' : path.slice(slash + 1) }
  }

  async #learnFromTree(): Promise<void> {
    for (const { path, format } of this.around.files) if (format === 'zig-zon') await this.#learnFolder(folderOf(path))
  }

  /** A manifest can lead to folders whose manifests discovery left out. */
  async #learnFolder(folder: string): Promise<void> {
    const open = [folder]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (this.#folders.has(at) || this.#folders.size >= MAX_KNOWN) continue
      this.#folders.add(at)
      const read = await readManifestIn(this.around.tree, at)
      for (const { from } of read.ok ? this.#learn(read.bytes) : []) {
        const to = from.kind === 'path' ? resolvePath(at, from.path) : undefined
        if (to !== undefined) open.push(to)
      }
    }
  }

  /** Takes note of every URL in a manifest, and begins to fetch what it names. */
  #learn(bytes: Uint8Array): readonly ZigDependency[] {
    const decoded = decodeUtf8(bytes)
    const dependencies = decoded.ok ? (parseZigManifest(decoded.text, MANIFEST).manifest?.dependencies ?? []) : []
    for (const { key, from } of dependencies) {
      if (from.kind !== 'url' || from.hash?.result.ok !== true) continue
      const { hash } = from.hash.result
      const origin = originOf(from.reading.url)
      const known = this.#known.get(hash.text) ?? { hash, origins: new Map() }
      if (origin === undefined || (known.origins.size === 0 && this.#known.size >= MAX_KNOWN)) continue
      this.#known.set(hash.text, known)
      known.origins.set(originText(origin), { origin, names: namesOf(key, hash, from.reading.url) })
      // Whoever needs it will wait for it, and hear of what went wrong.
      this.#unpack(hash.text).catch(() => undefined)
    }
    return dependencies
  }

  #unpack(hash: string): Promise<Unpacked | undefined> {
    const known = this.#known.get(hash)
    if (known === undefined) return Promise.resolve(undefined)
    const unpacked = this.#unpacked.get(hash) ?? this.#fetch(known)
    this.#unpacked.set(hash, unpacked)
    return unpacked
  }

  /** The first URL that delivers what the hash says; the others are asked only where it does not. */
  async #fetch({ hash, origins }: Known): Promise<Unpacked | undefined> {
    for (const { origin, names } of origins.values()) {
      const delivered = await this.around.packages.deliver(origin, [hash], (url) => this.around.reasonNotToAsk(names, url))
      if (delivered.kind !== 'hashed' || compareHash(hash, delivered.hashes).verdict !== 'match') continue
      const { manifests, paths } = delivered
      const kinds = kindsOf([...paths, ...(manifests.has(MANIFEST) ? [MANIFEST] : [])])
      // A folder that paths leave out is no part of the package; its own manifest zig reads before it filters.
      const kept = new Map([...manifests].filter(([path]) => kinds.get(path) === 'file'))
      for (const bytes of kept.values()) this.#learn(bytes)
      return { manifests: kept, kinds }
    }
    return undefined
  }
}

function kindsOf(paths: readonly string[]): ReadonlyMap<string, 'file' | 'folder'> {
  const kinds = new Map<string, 'file' | 'folder'>([['', 'folder']])
  for (const path of paths) {
    kinds.set(path, 'file')
    for (let folder = folderOf(path); folder !== '.' && !kinds.has(folder); folder = folderOf(folder)) kinds.set(folder, 'folder')
  }
  return kinds
}

/** Everything by which the package may be known as internal. */
function namesOf(key: string, hash: PackageHash, url: ZigUrl): readonly string[] {
  const forge = url.kind === 'git' || url.kind === 'archive' ? url.forge?.repository : undefined
  return [key, ...(hash.form === 'new' ? [hash.name] : []), ...(forge === undefined ? [] : [forge])]
}
