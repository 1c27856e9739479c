import type { FileBytes, SourceTree, TreeEntry } from '../../../model/tree.js'
import { joinPath } from '../../../model/tree.js'
import type { Held } from '../../mirror.js'
import { parsePackageHash } from '../package-hash.js'
import { FOLDER } from './plan.js'
import { unpackArchive } from './unpacked.js'

const STORE = 'p/'

/**
 * The packages of a store as a package cache, each only if its files have the hash that it is named by; what is not there is
 * looked for behind it.
 */
export class HeldPackages implements SourceTree {
  readonly label = 'packages of the store'
  readonly #packages = new Map<string, Promise<ReadonlyMap<string, Uint8Array> | undefined>>()

  constructor(
    readonly held: Held,
    readonly behind: SourceTree | undefined,
  ) {}

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const at = await this.#find(folder)
    if (at === undefined) return (await this.behind?.list(folder)) ?? []
    const prefix = at.path === '' ? '' : `${at.path}/`
    const kinds = new Map<string, TreeEntry['kind']>()
    for (const path of at.files.keys()) {
      if (!path.startsWith(prefix)) continue
      const [name = '', ...below] = path.slice(prefix.length).split('/')
      kinds.set(name, below.length > 0 ? 'folder' : 'file')
    }
    const entries = [...kinds].map(([name, kind]) => ({ path: joinPath(folder, name), kind }))
    return entries.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    const at = await this.#find(path)
    if (at === undefined) return this.behind?.stat(path)
    if (at.files.has(at.path)) return { path, kind: 'file' }
    const isFolder = at.path === '' || [...at.files.keys()].some((one) => one.startsWith(`${at.path}/`))
    return isFolder ? { path, kind: 'folder' } : undefined
  }

  async read(path: string, limit?: number): Promise<FileBytes> {
    const at = await this.#find(path)
    const absent = { ok: false, failure: 'absent', why: `${path} is not there` } as const
    if (at === undefined) return (await this.behind?.read(path, limit)) ?? absent
    const bytes = at.files.get(at.path)
    if (bytes === undefined) return absent
    return limit !== undefined && bytes.length > limit
      ? { ok: false, failure: 'too-large', why: `${path} has more than ${limit} bytes` }
      : { ok: true, bytes }
  }

  async link(path: string): Promise<string | undefined> {
    return this.behind?.link(path)
  }

  async #find(path: string): Promise<{ readonly files: ReadonlyMap<string, Uint8Array>; readonly path: string } | undefined> {
    if (!path.startsWith(STORE)) return undefined
    const slash = path.indexOf('/', STORE.length)
    const hash = path.slice(STORE.length, slash < 0 ? undefined : slash)
    const known = this.#packages.get(hash) ?? this.#open(hash)
    this.#packages.set(hash, known)
    const files = await known
    return files === undefined ? undefined : { files, path: slash < 0 ? '' : path.slice(slash + 1) }
  }

  /** Of the content only manifests are kept: nothing else is read. */
  async #open(text: string): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
    const parsed = parsePackageHash(text)
    const packed = parsed.ok ? await this.held(`${FOLDER}/${text}.tar.gz`) : undefined
    const unpacked = parsed.ok && packed !== undefined ? await unpackArchive(packed, parsed.hash) : undefined
    if (unpacked?.ok !== true) return undefined
    return new Map(
      unpacked.files.map((file) => [
        file.path,
        file.kind === 'file' && file.path.endsWith('build.zig.zon') ? file.bytes : NOT_KEPT,
      ]),
    )
  }
}

const NOT_KEPT = new Uint8Array(0)
