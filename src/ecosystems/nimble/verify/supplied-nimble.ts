import type { ProjectFile } from '../../../model/ecosystem.js'
import type { FileBytes, SourceTree, TreeEntry } from '../../../model/tree.js'
import { baseName, joinPath } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import { parseNimLock } from '../lock.js'
import type { LockEntry } from '../lock-model.js'
import { isToolchain } from '../requirement.js'
import { readPackageUrl } from '../url.js'
import { listedFolder } from './list-check.js'
import type { PackageCommits } from './package-commit.js'
import type { AskedLists } from './package-lists.js'

export interface SupplyAround {
  readonly commits: PackageCommits
  readonly lists: () => Promise<AskedLists>
  readonly tree: SourceTree
  readonly files: readonly ProjectFile[]
  /** Why a URL is not asked about a package of these names; undefined when it may be. */
  readonly reasonNotToAsk: (names: readonly string[], url: string) => string | undefined
}

const MAX_LOCK_BYTES = 256 * 1024 * 1024
/** More are in no real project; the rest stays without manifests. */
const MAX_ENTRIES = 5000
const INSTALLED = 'pkgs2'

/**
 * The folder of nimble behind the network: the package lists as nimble keeps them, and of each locked package its manifest at
 * the locked commit under the name that an installed package has. The commit is what nimble enforces, whatever the checksum.
 */
export class SuppliedNimble implements SourceTree {
  readonly label = 'packages behind the network'
  #entries: Promise<ReadonlyMap<string, LockEntry>> | undefined
  readonly #manifests = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>()

  constructor(readonly around: SupplyAround) {}

  async list(folder: string): Promise<readonly TreeEntry[]> {
    if (folder === '.') {
      const { held } = await this.around.lists()
      return held.map(({ file, bytes }) => ({ path: file, kind: 'file', size: bytes.length }))
    }
    if (folder === INSTALLED) {
      const names = [...(await this.#locked()).keys()]
      // All at once, so that whoever looks into one after the other need not wait for each.
      for (const name of names) this.#manifest(name).catch(() => undefined)
      return names.sort().map((name) => ({ path: joinPath(INSTALLED, name), kind: 'folder' }))
    }
    const files = await this.#filesIn(folder)
    return [...files].map(([name, bytes]) => ({ path: joinPath(folder, name), kind: 'file', size: bytes.length }))
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    if (path === INSTALLED) return { path, kind: 'folder' }
    const at = path.lastIndexOf('/')
    const folder = at < 0 ? '.' : path.slice(0, at)
    return (await this.list(folder)).find((entry) => entry.path === path)
  }

  async read(path: string): Promise<FileBytes> {
    const held = path.includes('/') ? [] : (await this.around.lists()).held
    const at = path.lastIndexOf('/')
    const bytes =
      held.find(({ file }) => file === path)?.bytes ??
      (at < 0 ? undefined : (await this.#filesIn(path.slice(0, at))).get(baseName(path)))
    return bytes === undefined ? { ok: false, failure: 'absent', why: `${path} is not there` } : { ok: true, bytes }
  }

  async link(): Promise<string | undefined> {
    return undefined
  }

  async #filesIn(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return folder.startsWith(`${INSTALLED}/`) ? this.#manifest(folder.slice(INSTALLED.length + 1)) : new Map()
  }

  #locked(): Promise<ReadonlyMap<string, LockEntry>> {
    this.#entries ??= this.#readLocks()
    return this.#entries
  }

  async #readLocks(): Promise<ReadonlyMap<string, LockEntry>> {
    const entries = new Map<string, LockEntry>()
    for (const { path, format } of this.around.files) {
      if (format !== 'nimble-lock' && format !== 'atlas-lock') continue
      const read = await this.around.tree.read(path, MAX_LOCK_BYTES)
      const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
      const parsed = decoded?.ok === true ? parseNimLock(decoded.text, path, decoded.hadBom) : undefined
      for (const entry of parsed?.ok === true ? parsed.lock.entries : []) {
        const name = folderName(entry)
        if (name !== undefined && entries.size < MAX_ENTRIES) entries.set(name, entry)
      }
    }
    return entries
  }

  #manifest(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const known = this.#manifests.get(folder) ?? this.#lookAt(folder)
    this.#manifests.set(folder, known)
    return known
  }

  async #lookAt(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const entry = (await this.#locked()).get(folder)
    if (entry?.revision === undefined || entry.method !== 'git') return new Map()
    const { url, subdirectory, isLocal } = readPackageUrl(entry.url.text)
    const { name, revision: commit } = entry
    if (isLocal || this.around.reasonNotToAsk([name, baseName(url.replace(/\.git$/, ''))], url) !== undefined) return new Map()
    const listedSubdirectory = listedFolder(await this.around.lists(), name, url)
    const looked = await this.around.commits.lookAt({ name, url, commit, subdirectory, listedSubdirectory })
    const manifest = looked.kind === 'ok' ? looked.candidates.find((one) => one.manifest !== undefined)?.manifest : undefined
    if (manifest === undefined) return new Map()
    const meta = { version: 1, metaData: { url, downloadMethod: 'git', vcsRevision: commit, files: [], binaries: [] } }
    return new Map([
      [manifest.path, manifest.bytes],
      ['nimblemeta.json', Buffer.from(JSON.stringify(meta))],
    ])
  }
}

/** `NAME-VERSION-SHA1` as nimble names what it installs; where a lock has no checksum, the commit stands in its place. */
function folderName({ name, version, sha1, revision }: LockEntry): string | undefined {
  const digest = sha1?.text ?? revision
  if (digest === undefined || isToolchain(name) || !/^[^/\\]+$/.test(name)) return undefined
  const plain = version.replace(/^#/, '').replace(/[/\\]/g, '_')
  return `${name}-${plain === '' ? '0' : plain}-${digest}`
}
