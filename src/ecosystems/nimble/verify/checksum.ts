import { createHash } from 'node:crypto'
import type { TreeDigest } from '../../../model/digest.js'
import { checkedOut } from './checkout.js'
import { GitAttributes } from './git-attributes.js'

/** What lies in the folder of a `.nimble` file at a commit; content as the repository stores it. */
export type PackageFile =
  | { readonly path: string; readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly path: string; readonly kind: 'symlink'; readonly target: string }
  | { readonly path: string; readonly kind: 'submodule' }

/**
 * The circumstances a checksum can have been made in (spec/nimble.md §4). One tree has a value for each, and honest
 * locks hold any of them.
 *
 * - `checkout`: a git work tree with git's defaults: names that git quotes are passed over.
 * - `checkout-unquoted`: the same where `core.quotePath=false`; only control characters, `"` and `\` are quoted.
 * - `stored`: every file as the repository stores it: no line ends or ids changed, git's default names.
 * - `plain-folder`: a folder that is no checkout, such as an unpacked tarball: all names count.
 * - `atlas`: written by Atlas, which hashes the package's name in place of each file's.
 */
export type ChecksumReading = 'checkout' | 'checkout-unquoted' | 'stored' | 'plain-folder' | 'atlas'

/** Why content of a package is not covered by its checksum, or why a value cannot be had. */
export interface ChecksumNote {
  readonly kind: /** Its name is quoted by git, so nimble finds no such file. */
    | 'quoted-name'
    /** Nothing of it is hashed, though its code is compiled. */
    | 'submodule'
    /** A link to a folder, to nothing, or out of the package. */
    | 'link-skipped'
    /** A checkout changes its line ends or puts its id in. */
    | 'changed-by-checkout'
    /** A filter or an encoding makes what a checkout writes. */
    | 'not-computable'
  readonly path: string
}

export interface PackageChecksums {
  /** Those that are not computable are absent; equal values stand once for each reading. */
  readonly values: ReadonlyMap<ChecksumReading, TreeDigest>
  readonly notes: readonly ChecksumNote[]
}

const MAX_LINK_HOPS = 40
const ATTRIBUTES = '.gitattributes'

/** Where in its repository a package lies, when it is not all of it. */
export interface Above {
  /** The folder of the package, with a final slash. */
  readonly prefix: string
  /** Every `.gitattributes` outside that folder, by its path in the repository. */
  readonly attributes: ReadonlyMap<string, string>
}

/** All readings of the sha1 of nimble.lock for one package. `packageName` is for the reading of Atlas. */
export function packageChecksums(files: readonly PackageFile[], packageName: string, above?: Above): PackageChecksums {
  const folder = new PackageFolder(files, above)
  const checkout = folder.rows(isQuoted, 'checked-out')
  const unquoted = folder.rows(isQuotedAlways, 'checked-out')
  const none = (): boolean => false
  const readings: readonly (readonly [ChecksumReading, readonly Row[] | undefined])[] = [
    ['checkout', checkout],
    ['checkout-unquoted', unquoted],
    ['stored', folder.rows(isQuoted, 'stored')],
    ['plain-folder', folder.rows(none, 'stored')],
    ['atlas', folder.rows(isQuoted, 'checked-out')?.map((row) => ({ ...row, name: packageName }))],
  ]
  const values = new Map(readings.flatMap(([reading, rows]) => (rows === undefined ? [] : [[reading, checksum(rows)] as const])))
  return { values, notes: folder.notes() }
}

/** The readings under which the tree has this checksum, the usual one first; none means the content is another. */
export function readingsOf(checksums: PackageChecksums, sha1: string): readonly ChecksumReading[] {
  return [...checksums.values].filter(([, digest]) => digest.value === sha1).map(([reading]) => reading)
}

interface Row {
  readonly name: string
  readonly content: Uint8Array | string
}

/** Name and content follow each other without any separator, so that two trees can have one checksum. */
function checksum(rows: readonly Row[]): TreeDigest {
  const hash = createHash('sha1')
  for (const { name, content } of rows) hash.update(name).update(content)
  return { of: 'tree', scheme: 'nimble-sha1', value: hash.digest('hex') }
}

/** True for a name that `git ls-files` prints in quotes by default: then no file of the printed name exists. */
export function isQuoted(name: string): boolean {
  return /[^\u0020-\u007e]|["\\]/.test(name)
}

/** The same with `core.quotePath=false`. */
function isQuotedAlways(name: string): boolean {
  return /[\u0000-\u001f\u007f"\\]/.test(name)
}

class PackageFolder {
  readonly #files: readonly PackageFile[]
  readonly #byPath: ReadonlyMap<string, PackageFile>
  readonly #attributes: GitAttributes

  readonly #prefix: string

  constructor(files: readonly PackageFile[], above: Above | undefined) {
    this.#prefix = above?.prefix ?? ''
    this.#files = files
      .map((file) => ({ file, key: Buffer.from(file.path) }))
      .sort((a, b) => Buffer.compare(a.key, b.key))
      .map(({ file }) => file)
    this.#byPath = new Map(files.map((file) => [file.path, file]))
    const rules = files.flatMap((file) =>
      file.kind === 'file' && (file.path === ATTRIBUTES || file.path.endsWith(`/${ATTRIBUTES}`))
        ? [[this.#prefix + file.path, Buffer.from(file.content).toString('utf8')] as const]
        : [],
    )
    this.#attributes = new GitAttributes(new Map([...(above?.attributes ?? []), ...rules]))
  }

  /** What is hashed, in order; undefined when some content is not computable. */
  rows(isLeftOut: (name: string) => boolean, as: 'checked-out' | 'stored'): readonly Row[] | undefined {
    const rows: Row[] = []
    for (const file of this.#files) {
      if (isLeftOut(file.path) || file.kind === 'submodule') continue
      if (file.kind === 'symlink') {
        if (this.#leadsToFile(file.path)) rows.push({ name: file.path, content: file.target })
        continue
      }
      const content = as === 'stored' ? file.content : checkedOut(file.content, this.#attributes.of(this.#prefix + file.path))
      if (content === undefined) return undefined
      rows.push({ name: file.path, content })
    }
    return rows
  }

  notes(): readonly ChecksumNote[] {
    return this.#files.flatMap((file): readonly ChecksumNote[] => {
      const { path, kind } = file
      if (kind === 'submodule') return [{ kind: 'submodule', path }]
      const quoted: readonly ChecksumNote[] = isQuoted(path) ? [{ kind: 'quoted-name', path }] : []
      if (kind === 'symlink') return this.#leadsToFile(path) ? quoted : [...quoted, { kind: 'link-skipped', path }]
      const content = checkedOut(file.content, this.#attributes.of(this.#prefix + path))
      if (content === undefined) return [...quoted, { kind: 'not-computable', path }]
      return Buffer.compare(content, file.content) === 0 ? quoted : [...quoted, { kind: 'changed-by-checkout', path }]
    })
  }

  /** Follows links as the system does, folders that are links included; only a file of this package is a file here. */
  #leadsToFile(path: string): boolean {
    const left = path.split('/')
    const at: string[] = []
    for (let hops = 0; left.length > 0; ) {
      const segment = left.shift() ?? ''
      if (segment === '' || segment === '.') continue
      if (segment === '..') {
        if (at.pop() === undefined) return false
        continue
      }
      at.push(segment)
      const found = this.#byPath.get(at.join('/'))
      if (found?.kind === 'file') return left.length === 0
      if (found?.kind !== 'symlink') continue
      hops += 1
      if (hops > MAX_LINK_HOPS || found.target.startsWith('/')) return false
      at.pop()
      left.unshift(...found.target.split('/'))
    }
    return false
  }
}
