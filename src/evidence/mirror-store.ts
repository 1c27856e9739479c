import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AssayError } from '../model/error.js'
import { parseJson } from '../syntax/json.js'
import { decodeUtf8 } from '../syntax/text.js'
import { readBoundedFile } from './http/bounded-file.js'
import { replaceFile, TEMPORARY } from './store/replace-file.js'

/** The list of what is in a store, and the mark by which a folder is known to be one. */
export const MIRROR_MANIFEST = 'assay-mirror.json'
export const MIRROR_FORMAT = 'assay-mirror-1'
export const MIRROR_SCHEMA = 'https://assay.invalid/schemas/mirror.schema.json'

/** One file of a store as it was written or found. */
export interface StoredPath {
  readonly path: string
  /** SHA-256 of the bytes, or of the target of a link; lower-case hex. */
  readonly sha256: string
  readonly size: number
  readonly target?: string | undefined
  /** It was there already, and the same. */
  readonly kept: boolean
}

/** A folder that files are stored in, each whole or not at all; no path leaves it, also not through links. */
export interface MirrorStore {
  readonly folder: string
  /** The bytes of a regular file that is there already. */
  held(path: string): Promise<Uint8Array | undefined>
  /** Throws `output-unwritable`. */
  put(path: string, bytes: Uint8Array): Promise<StoredPath>
  /** A symbolic link whose target stays in the store. Throws `output-unwritable`. */
  link(path: string, target: string): StoredPath
  /** Removes everything below a folder that is none of these files; a link is removed, and never followed. */
  keepOnly(folder: string, paths: ReadonlySet<string>): void
  /** Removes what runs that were ended in the middle left beside the files of this one. */
  sweep(): void
}

const MAX_HELD_BYTES = 1024 * 1024 * 1024
const MAX_PATH_BYTES = 4096
const MAX_MANIFEST_BYTES = 512 * 1024 * 1024

/**
 * Opens a folder for a store: one that is not there, is empty, or holds a store already. Anything else is refused, so that
 * no folder of the user is written into by mistake. Throws `output-unwritable`.
 */
export async function openMirrorStore(named: string): Promise<MirrorStore> {
  const folder = resolve(named)
  attempt(folder, () => mkdirSync(folder, { recursive: true }))
  const names = attempt(folder, () => readdirSync(folder))
  if (names.length > 0 && !(await isStore(join(folder, MIRROR_MANIFEST))))
    throw new AssayError(
      'output-unwritable',
      `${named} holds other things than a store of assay`,
      'Name a new or empty folder with -o.',
    )
  return new FolderStore(folder)
}

async function isStore(path: string): Promise<boolean> {
  const read = await readBoundedFile(path, MAX_MANIFEST_BYTES)
  if (!read.ok) return false
  const decoded = decodeUtf8(read.bytes)
  const json = decoded.ok
    ? parseJson(decoded.text, MIRROR_MANIFEST, { code: 'input/config-unparseable', help: 'Make the store anew.' })
    : undefined
  if (json?.ok !== true || json.document.root.kind !== 'object') return false
  const format = json.document.root.members.get('format')?.value
  return format?.kind === 'string' && format.value === MIRROR_FORMAT
}

class FolderStore implements MirrorStore {
  readonly #folders = new Set<string>()
  /** Places of folders that hold files of this run. */
  readonly #used = new Set<string>()
  /** Of what was read: what is given back unchanged need not be written. */
  readonly #read = new Map<string, string>()

  constructor(readonly folder: string) {}

  async held(path: string): Promise<Uint8Array | undefined> {
    const place = this.#place(path)
    if (!this.#isPlain(path)) return undefined
    const read = await readBoundedFile(place, MAX_HELD_BYTES)
    if (!read.ok) return undefined
    this.#read.set(path, digest(read.bytes))
    return read.bytes
  }

  async put(path: string, bytes: Uint8Array): Promise<StoredPath> {
    const place = this.#place(path)
    this.#used.add(dirname(place))
    const sha256 = digest(bytes)
    const entry = { path, sha256, size: bytes.length }
    if (!this.#read.has(path)) await this.held(path)
    const before = this.#read.get(path)
    this.#read.set(path, sha256)
    if (before === sha256) return { ...entry, kept: true }
    this.#makeFolder(path)
    try {
      await replaceFile(place, [bytes], 0o644)
    } catch (error) {
      throw unwritable(place, error)
    }
    return { ...entry, kept: false }
  }

  link(path: string, target: string): StoredPath {
    const place = this.#place(path)
    const inside = resolve(dirname(place), target)
    if (target.startsWith('/') || target.includes('\0') || !inside.startsWith(`${this.folder}/`)) throw outside(path)
    const entry = { path, sha256: digest(Buffer.from(target)), size: 0, target }
    this.#makeFolder(path)
    if (linkAt(place) === target) return { ...entry, kept: true }
    attempt(place, () => {
      rmSync(place, { force: true })
      symlinkSync(target, place)
    })
    return { ...entry, kept: false }
  }

  sweep(): void {
    for (const place of this.#used)
      attempt(place, () => {
        for (const entry of readdirSync(place, { withFileTypes: true }))
          if (entry.isFile() && entry.name.startsWith(TEMPORARY)) rmSync(join(place, entry.name), { force: true })
      })
  }

  keepOnly(folder: string, paths: ReadonlySet<string>): void {
    const folders = new Set<string>()
    for (const path of paths) for (let i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) folders.add(path.slice(0, i))
    const open = [folder]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const place = this.#place(at)
      for (const entry of attempt(place, () => readdirSync(place, { withFileTypes: true }))) {
        const path = `${at}/${entry.name}`
        if (entry.isDirectory() && folders.has(path)) open.push(path)
        else if (entry.isDirectory() || !paths.has(path))
          attempt(place, () => rmSync(join(place, entry.name), { recursive: true, force: true }))
      }
    }
  }

  /** Names come from lockfiles and archives: each is judged before it becomes a path. */
  #place(path: string): string {
    const segments = path.split('/')
    const isSound = (segment: string): boolean =>
      segment !== '' && segment !== '.' && segment !== '..' && !segment.includes('\0') && Buffer.byteLength(segment) <= 255
    if (Buffer.byteLength(path) > MAX_PATH_BYTES || !segments.every(isSound)) throw outside(path)
    if (process.platform === 'win32' && /[\\:*?"<>|]/.test(path)) throw outside(path)
    return join(this.folder, ...segments)
  }

  /** Every folder on the way is a folder of its own, no link to elsewhere. */
  #makeFolder(path: string): void {
    const segments = path.split('/').slice(0, -1)
    for (let i = 1; i <= segments.length; i++) {
      const relative = segments.slice(0, i).join('/')
      if (this.#folders.has(relative)) continue
      const place = join(this.folder, relative)
      const stats = lstatSync(place, { throwIfNoEntry: false })
      if (stats === undefined) attempt(place, () => mkdirSync(place))
      else if (!stats.isDirectory())
        throw new AssayError('output-unwritable', `${place} is no folder`, 'Remove it, or name a new folder with -o.')
      this.#folders.add(relative)
    }
  }

  #isPlain(path: string): boolean {
    const segments = path.split('/')
    return segments.every((_, i) => {
      const stats = lstatSync(join(this.folder, ...segments.slice(0, i + 1)), { throwIfNoEntry: false })
      return stats !== undefined && (i === segments.length - 1 ? stats.isFile() : stats.isDirectory())
    })
  }
}

function linkAt(place: string): string | undefined {
  try {
    return readlinkSync(place)
  } catch {
    return undefined
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function outside(path: string): AssayError {
  return new AssayError(
    'output-unwritable',
    `${JSON.stringify(path)} is no path of a store`,
    'Report which package has such a name.',
  )
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable(path: string, error: unknown): AssayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return new AssayError('output-unwritable', `cannot write ${path} (${code})`, 'Name another folder with -o, or make room.', {
    cause: error,
  })
}
