import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, parse, resolve } from 'node:path'
import { AssayError } from '../model/error.js'
import type { SourceTree } from '../model/tree.js'
import { decodeUtf8 } from '../syntax/text.js'
import { FolderTree } from './folder-tree.js'

/** What a user named on the command line, opened for reading. */
export interface OpenInput {
  readonly tree: SourceTree
  /** Set when one file was named: its path in the tree. */
  readonly only?: string | undefined
  /** The folder on disk, where there is one: configuration is looked for from here upwards. */
  readonly folder?: string | undefined
}

/**
 * Opens a folder, one manifest or lockfile, or `git:FOLDER#REF` (a commit, read without a checkout).
 * Throws `input-unreadable` for what is not there.
 */
export async function openInput(named: string): Promise<OpenInput> {
  if (named.startsWith('git:')) return openGit(named.slice('git:'.length))
  const path = resolve(named)
  let stats: ReturnType<typeof statSync>
  try {
    stats = statSync(path)
  } catch (error) {
    throw unreadable(named, error)
  }
  if (stats.isDirectory()) return { tree: openFolder(path, named), folder: path }
  if (!stats.isFile())
    throw new AssayError(
      'input-unreadable',
      `${named} is neither a folder nor a file`,
      'Name a folder, a manifest or a lockfile.',
    )
  const folder = dirname(path)
  return { tree: openFolder(folder, named), only: basename(path), folder }
}

async function openGit(spec: string): Promise<OpenInput> {
  const mark = spec.lastIndexOf('#')
  const folder = mark < 0 ? spec : spec.slice(0, mark)
  const ref = mark < 0 ? 'HEAD' : spec.slice(mark + 1)
  const { openGitTree } = await import('./git-tree.js')
  return { tree: await openGitTree(resolve(folder === '' ? '.' : folder), ref), folder: resolve(folder === '' ? '.' : folder) }
}

/** A folder of material beside the repository: a module cache, a package cache. */
export function openFolder(path: string, named: string = path): SourceTree {
  try {
    if (!statSync(path).isDirectory())
      throw new AssayError('input-unreadable', `${named} is not a folder`, 'Name an existing folder.')
    return new FolderTree(path, named)
  } catch (error) {
    if (error instanceof AssayError) throw error
    throw unreadable(named, error)
  }
}

/**
 * The nearest file of one of the names from `folder` upwards, as far as the repository root (the folder that holds
 * `.git`); outside a repository only `folder` itself is looked at, so that no stranger's folder above decides.
 */
export function findUp(folder: string, names: readonly string[]): string[] {
  const start = resolve(folder)
  const inRepository = repositoryRoot(start) !== undefined
  for (let at = start; ; at = dirname(at)) {
    const here = names.map((name) => join(at, name)).filter((path) => existsSync(path))
    if (here.length > 0) return here
    if (!inRepository || existsSync(join(at, '.git')) || at === parse(at).root) return []
  }
}

/** The nearest folder at or above that holds `.git`. */
export function repositoryRoot(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (at === parse(at).root) return undefined
  }
}

function unreadable(named: string, error: unknown): AssayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AssayError(
      'input-unreadable',
      `${named} does not exist`,
      'Check the path; `assay audit` without one reads this folder.',
      { cause: error },
    )
  return new AssayError('input-unreadable', `${named} cannot be opened (${code})`, 'Check its permissions.', { cause: error })
}

/** A text file the user named or that lies beside one; undefined when it cannot be read. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

type BoundedText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

/** A text file that somebody names, as UTF-8 without a byte-order mark; what is no regular file or too large is refused. */
export function readBoundedText(path: string, maxBytes: number): BoundedText {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to waits for ever.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = fstatSync(file)
      if (!stats.isFile()) return { ok: false, why: 'it is not a regular file' }
      if (stats.size > maxBytes) return { ok: false, why: `it has ${stats.size} bytes, at most ${maxBytes} are read` }
      const decoded = decodeUtf8(readFileSync(file))
      return decoded.ok ? { ok: true, text: decoded.text } : { ok: false, why: `it is no UTF-8 text (line ${decoded.line})` }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { ok: false, why: code === 'ENOENT' ? 'it is not there' : code }
  }
}

/** Whether a path names a file that is there. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
