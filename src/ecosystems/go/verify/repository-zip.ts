import type { SourceTree } from '../../../model/tree.js'
import { baseName, joinPath } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { ModuleId } from '../build-list.js'
import { compareGoVersions, DEFAULT_GO } from '../go-version.js'
import { parseModFile } from '../parse-mod.js'
import { type HashedFile, hash1, sha256 } from './dirhash.js'
import { MAX_MOD_BYTES } from './mod-document.js'

export type RepositoryZip =
  | { readonly ok: true; readonly h1: string; readonly files: readonly HashedFile[] }
  | { readonly ok: false; readonly why: string }

const MAX_FILES = 200_000
const MAX_DEPTH = 100
const MAX_BYTES = 500 * 1024 * 1024
/** Folders where version control keeps its own. */
const METADATA = new Set(['.bzr', '.git', '.hg', '.svn'])

/** What the go command would put into the zip of a module, from the commit it is in (spec/go.md §7.3), and its hash. */
export async function zipOfRepository(tree: SourceTree, folder: string, module: ModuleId): Promise<RepositoryZip> {
  const go = await languageOf(tree, folder)
  const listed = await new Listing(tree, folder, go).list()
  if (listed === undefined) return { ok: false, why: 'the repository is larger than any module may be' }
  const names = new Map(listed.map((path) => [folder === '.' ? path : path.slice(folder.length + 1), path]))
  // A module below the root of its repository takes the licence of the root with it.
  if (folder !== '.' && !names.has('LICENSE') && (await tree.list('.')).some(isLicence)) names.set('LICENSE', 'LICENSE')
  const files: HashedFile[] = []
  let left = MAX_BYTES
  for (const [name, path] of names) {
    const read = await tree.read(path, left)
    if (!read.ok) return { ok: false, why: `${path} of the repository cannot be read: ${read.why}` }
    left -= read.bytes.length
    files.push({ name: `${module.path}@${module.version}/${name}`, sha256: sha256(read.bytes) })
  }
  const h1 = hash1(files)
  return h1 === undefined ? { ok: false, why: 'a name in the repository holds a line feed' } : { ok: true, h1, files }
}

function isLicence(entry: { readonly path: string; readonly kind: string }): boolean {
  return entry.kind === 'file' && entry.path === 'LICENSE'
}

async function languageOf(tree: SourceTree, folder: string): Promise<string> {
  const read = await tree.read(joinPath(folder, 'go.mod'), MAX_MOD_BYTES)
  const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
  return (decoded?.ok === true ? parseModFile(decoded.text, 'go.mod', 'lax').go?.value : undefined) ?? DEFAULT_GO
}

class Listing {
  readonly #paths: string[] = []

  constructor(
    readonly tree: SourceTree,
    readonly folder: string,
    readonly go: string,
  ) {}

  /** Paths of the regular files; undefined when there are too many. */
  async list(): Promise<readonly string[] | undefined> {
    const stack = [{ path: this.folder, depth: 0 }]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const entries = await this.tree.list(at.path)
      if (at.depth > 0 && entries.some(({ path, kind }) => kind === 'file' && /^go\.mod$/i.test(baseName(path)))) continue
      for (const { path, kind } of entries) {
        if (kind === 'folder' && at.depth < MAX_DEPTH && !METADATA.has(baseName(path))) stack.push({ path, depth: at.depth + 1 })
        if (kind === 'file' && !this.#isLeftOut(this.folder === '.' ? path : path.slice(this.folder.length + 1)))
          this.#paths.push(path)
        if (this.#paths.length > MAX_FILES || stack.length > MAX_FILES) return undefined
      }
    }
    return this.#paths
  }

  #isLeftOut(name: string): boolean {
    return name === '.hg_archival.txt' || isVendored(name, this.go)
  }
}

/**
 * Whether a file belongs to a vendored package. Below 1.24 a defect is kept alive, since hashes depend on it: for a folder
 * that is not at the root the text after the eighth byte of the whole name is looked at.
 */
export function isVendored(name: string, go: string): boolean {
  const fixed = compareGoVersions(go, '1.24') >= 0
  const mark = '/vendor/'
  if (name.startsWith('vendor/')) return name.indexOf('/', 'vendor/'.length) >= 0 || (fixed && name === 'vendor/modules.txt')
  const at = name.indexOf(mark)
  return at >= 0 && name.indexOf('/', fixed ? at + mark.length : mark.length) >= 0
}
