import { createHash } from 'node:crypto'
import type { TreeDigest } from '../../../model/digest.js'
import type { CommitFile } from '../../commit-record.js'
import { fileList } from '../../file-list.js'
import type { GitSource } from '../../git-source.js'
import type { NoAnswer } from '../../no-answer.js'
import { Turns } from '../../turns.js'
import { normaliseName } from '../requirement.js'
import type { Above, PackageChecksums, PackageFile } from './checksum.js'
import { packageChecksums } from './checksum.js'

/** A package at a commit, as a lock or a requirement names it. */
export interface PinnedPackage {
  readonly name: string
  readonly url: string
  readonly commit: string
  readonly subdirectory: string | undefined
  /** The folder that the package list has for the name; the URLs of locks mostly lack it. */
  readonly listedSubdirectory: string | undefined
}

/** One folder of the commit that may be the package. */
export interface PackageCandidate {
  /** `.` for the whole repository. */
  readonly folder: string
  readonly checksums: PackageChecksums
  /** assay's own digest of the files. */
  readonly files: TreeDigest
  /** What that digest is taken of: the listing, for identifiers that hash content in other ways. */
  readonly listing: Uint8Array
  readonly count: number
  /** The package's own manifest, where the folder has one. */
  readonly manifest: { readonly path: string; readonly bytes: Uint8Array } | undefined
}

export type LookedAt =
  | {
      readonly kind: 'ok'
      /** The likeliest first. */
      readonly candidates: readonly PackageCandidate[]
      readonly at?: string | undefined
      readonly stored?: string | undefined
    }
  | ({ readonly kind: 'no-answer' } & NoAnswer)
  | { readonly kind: 'mismatch'; readonly why: string }

/** Whole repositories are in memory while they are looked at. */
const AT_ONCE = 4
/** Folders that are tried; a repository can have a manifest in each of its folders. */
const MAX_CANDIDATES = 4

/** Looks at packages in their commits, each once in a run. */
export class PackageCommits {
  readonly #looked = new Map<string, Promise<LookedAt>>()
  readonly #turns = new Turns(AT_ONCE)

  constructor(readonly git: GitSource) {}

  lookAt(pinned: PinnedPackage): Promise<LookedAt> {
    const { name, url, commit, subdirectory, listedSubdirectory } = pinned
    const key = JSON.stringify([name, url, commit, subdirectory, listedSubdirectory, this.git.canAsk])
    const looked = this.#looked.get(key) ?? this.#turns.take(() => this.#look(pinned))
    this.#looked.set(key, looked)
    return looked
  }

  async #look(pinned: PinnedPackage): Promise<LookedAt> {
    const outcome = await this.git.files(pinned.url, pinned.commit)
    if (outcome.kind !== 'ok') return outcome
    const { value: files, at, stored } = outcome
    return { kind: 'ok', candidates: candidatesOf(pinned, files), at, stored }
  }
}

/** The folders of a commit that may be the package, the likeliest first. */
export function candidatesOf(pinned: PinnedPackage, files: readonly CommitFile[]): readonly PackageCandidate[] {
  return foldersOf(pinned, files).map((folder) => candidate(pinned, files, folder))
}

/** The folder that is named, else the root and what else may be meant. */
function foldersOf({ name, subdirectory, listedSubdirectory }: PinnedPackage, files: readonly CommitFile[]): readonly string[] {
  if (subdirectory !== undefined) return [subdirectory]
  const wanted = normaliseName(name)
  const holding = files
    .filter(({ path, kind }) => kind === 'file' && path.endsWith('.nimble') && normaliseName(stem(path)) === wanted)
    .map(({ path }) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'))
  const hasOwn = holding.includes('.')
  const found = [
    ...(hasOwn ? ['.'] : []),
    ...(listedSubdirectory === undefined ? [] : [listedSubdirectory]),
    ...(hasOwn ? [] : ['.', ...holding]),
  ]
  return [...new Set(found)].slice(0, MAX_CANDIDATES)
}

function stem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, -'.nimble'.length)
}

function candidate({ name }: PinnedPackage, all: readonly CommitFile[], folder: string): PackageCandidate {
  const prefix = folder === '.' ? '' : `${folder}/`
  const attributes = new Map<string, string>()
  const own: CommitFile[] = []
  for (const file of all) {
    if (file.path.startsWith(prefix)) own.push({ ...file, path: file.path.slice(prefix.length) })
    else if (file.kind === 'file' && /(?:^|\/)\.gitattributes$/.test(file.path))
      attributes.set(file.path, Buffer.from(file.bytes).toString('utf8'))
  }
  const above: Above | undefined = prefix === '' ? undefined : { prefix, attributes }
  const listing = fileList(
    own.flatMap(({ path, kind, bytes }) =>
      kind === 'submodule' ? [] : [{ path, kind, sha256: createHash('sha256').update(bytes).digest('hex') }],
    ),
  )
  const manifests = own.filter(({ path, kind }) => kind === 'file' && path.endsWith('.nimble') && !path.includes('/'))
  const manifest = manifests.find(({ path }) => normaliseName(stem(path)) === normaliseName(name)) ?? manifests[0]
  return {
    folder,
    checksums: packageChecksums(own.map(toPackageFile), name, above),
    files: { of: 'tree', scheme: 'assay-files', value: createHash('sha256').update(listing).digest('hex') },
    listing,
    count: own.length,
    manifest,
  }
}

function toPackageFile({ path, kind, bytes }: CommitFile): PackageFile {
  if (kind === 'file') return { path, kind, content: bytes }
  return kind === 'link' ? { path, kind: 'symlink', target: Buffer.from(bytes).toString('utf8') } : { path, kind }
}
