import { ArchiveError, type ArchiveLimits, DEFAULT_LIMITS } from '../../../evidence/archive/limits.js'
import { inMemory, readZip, type ZipEntry } from '../../../evidence/archive/zip.js'
import type { TreeDigest } from '../../../model/digest.js'
import { majorMismatch, modulePathProblem, splitPathVersion } from '../module-path.js'
import { elementsProblem } from '../path-elements.js'
import { canonicalVersion } from '../version.js'
import { foldCase } from './case-fold.js'
import { hash1, sha256 } from './dirhash.js'

export type ModuleZipProblemCode =
  | 'module'
  | 'archive'
  | 'prefix'
  | 'unclean'
  | 'name'
  | 'go-mod-place'
  | 'go-mod-case'
  | 'duplicate'
  | 'case-collision'
  | 'file-and-folder'
  | 'too-large'
  | 'content'

export interface ModuleZipProblem {
  readonly code: ModuleZipProblemCode
  /** The entry it is about, without the `path@version/` prefix where it has that. */
  readonly entry?: string | undefined
  readonly why: string
}

export interface ZipFile {
  /** As the hash sees it, with the `path@version/` prefix. */
  readonly name: string
  readonly size: number
  readonly sha256: string
}

export interface ModuleZip {
  readonly h1: TreeDigest
  /** In the order of the archive; folder entries too, for the hash covers them. */
  readonly files: readonly ZipFile[]
  /** The go.mod in the root. */
  readonly goMod: Uint8Array | undefined
  /** Entries with a link's mode. The go command unpacks them as plain files; nothing made by it holds one. */
  readonly linkModes: readonly string[]
  /** Folder entries. The go command never writes them and they change the hash. */
  readonly folders: readonly string[]
}

export type ModuleZipResult =
  | { readonly ok: true; readonly zip: ModuleZip }
  | { readonly ok: false; readonly problems: readonly ModuleZipProblem[] }

/** 500 MiB each way, as the go command has it. */
export const ZIP_LIMITS: ArchiveLimits = { ...DEFAULT_LIMITS, maxRatio: Number.POSITIVE_INFINITY }
const MAX_ROOT_FILE_BYTES = 16 * 1024 * 1024
/** A hostile zip has a problem an entry; nobody reads more than these. */
const MAX_PROBLEMS = 20
const TYPE_BITS = 0o170000
const LINK = 0o120000

/** Checks a module zip by the rules of the go command and hashes it (spec/go.md §7.1, §7.4). Never throws on content. */
export function readModuleZip(bytes: Uint8Array, path: string, version: string): ModuleZipResult {
  const unusable = moduleProblem(path, version)
  if (unusable !== undefined) return refused({ code: 'module', why: unusable })
  try {
    const entries = readZip(inMemory(bytes), ZIP_LIMITS)
    const problems = new NameCheck(`${path}@${version}/`).problems(entries)
    return problems.length > 0 ? { ok: false, problems } : hashEntries(entries, `${path}@${version}/`)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    const code = error.code === 'duplicate-name' ? 'duplicate' : error.code === 'too-large' ? 'too-large' : 'archive'
    return refused({ code, why: error.message })
  }
}

function moduleProblem(path: string, version: string): string | undefined {
  const problem = modulePathProblem(path)
  if (problem !== undefined) return `${JSON.stringify(path)} is no module path: ${problem}`
  if (canonicalVersion(version) !== version) return `${JSON.stringify(version)} is no canonical version`
  const mismatch = majorMismatch(splitPathVersion(path)?.major ?? '', version)
  return mismatch === undefined ? undefined : `the path asks for ${mismatch.wanted}, the version is ${mismatch.found}`
}

/** The rules about names, which need no content. */
class NameCheck {
  readonly #problems: ModuleZipProblem[] = []
  /** By folded name: the name as it was first met, and what it is. */
  readonly #seen = new Map<string, { readonly name: string; readonly kind: 'file' | 'folder' }>()

  constructor(readonly prefix: string) {}

  problems(entries: readonly ZipEntry[]): readonly ModuleZipProblem[] {
    for (const entry of entries) {
      if (this.#problems.length >= MAX_PROBLEMS) break
      const problem = this.#problem(entry)
      if (problem !== undefined) this.#problems.push(problem)
    }
    return this.#problems
  }

  #problem({ name, size, directory }: ZipEntry): ModuleZipProblem | undefined {
    if (!name.startsWith(this.prefix)) return { code: 'prefix', entry: name, why: `it does not begin with ${this.prefix}` }
    const rest = name.slice(this.prefix.length)
    if (rest === '') return undefined
    const relative = directory ? rest.slice(0, -1) : rest
    if (relative.split('/').some((element) => element === '' || element === '.' || element === '..'))
      return { code: 'unclean', entry: rest, why: 'its path has an empty, . or .. element' }
    const problem = elementsProblem(relative, 'file')
    if (problem !== undefined) return { code: 'name', entry: rest, why: problem }
    return this.#collision(relative, directory) ?? (directory ? undefined : this.#content(relative, size))
  }

  #content(path: string, size: number): ModuleZipProblem | undefined {
    const slash = path.lastIndexOf('/')
    const base = path.slice(slash + 1)
    if (/^go\.mod$/i.test(base)) {
      if (slash >= 0) return { code: 'go-mod-place', entry: path, why: 'a go.mod below the root makes another module' }
      if (base !== 'go.mod') return { code: 'go-mod-case', entry: path, why: 'go.mod is written in lower case' }
    }
    if ((path === 'go.mod' || path === 'LICENSE') && size > MAX_ROOT_FILE_BYTES)
      return { code: 'too-large', entry: path, why: `it has ${size} bytes, the limit is ${MAX_ROOT_FILE_BYTES}` }
    return undefined
  }

  /** A name and every folder above it against all before, without regard to case. */
  #collision(path: string, directory: boolean): ModuleZipProblem | undefined {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const problem = this.#note(path.slice(0, slash), 'folder', path)
      if (problem !== undefined) return problem
    }
    return this.#note(path, directory ? 'folder' : 'file', path)
  }

  #note(path: string, kind: 'file' | 'folder', entry: string): ModuleZipProblem | undefined {
    const folded = foldCase(path)
    const before = this.#seen.get(folded)
    if (before === undefined) {
      this.#seen.set(folded, { name: path, kind })
      return undefined
    }
    if (before.name !== path)
      return { code: 'case-collision', entry, why: `${before.name} and ${path} are one name where case does not count` }
    if (before.kind !== kind) return { code: 'file-and-folder', entry, why: `${path} is both a file and a folder` }
    return kind === 'file' ? { code: 'duplicate', entry, why: `${path} is there twice` } : undefined
  }
}

function hashEntries(entries: readonly ZipEntry[], prefix: string): ModuleZipResult {
  const files: ZipFile[] = []
  let goMod: Uint8Array | undefined
  for (const entry of entries) {
    let content: Uint8Array
    try {
      content = entry.content()
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error
      return refused({ code: 'content', entry: entry.name.slice(prefix.length), why: error.message })
    }
    if (entry.name === `${prefix}go.mod`) goMod = content
    files.push({ name: entry.name, size: entry.size, sha256: sha256(content) })
  }
  const value = hash1(files)
  if (value === undefined) return refused({ code: 'name', why: 'a name holds a line feed' })
  return {
    ok: true,
    zip: {
      h1: { of: 'tree', scheme: 'go-h1', value },
      files,
      goMod,
      linkModes: entries.filter((entry) => (entry.mode & TYPE_BITS) === LINK).map((entry) => entry.name.slice(prefix.length)),
      folders: entries.filter((entry) => entry.directory).map((entry) => entry.name.slice(prefix.length)),
    },
  }
}

function refused(problem: ModuleZipProblem): ModuleZipResult {
  return { ok: false, problems: [problem] }
}
