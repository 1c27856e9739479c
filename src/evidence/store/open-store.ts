import { hash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, utimesSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AnswerKey } from './answer-key.js'
import { keyText, nameOf } from './answer-key.js'
import type { StoredRecord } from './answer-record.js'
import { readStoredRecord, recordMembers } from './answer-record.js'
import { type FactRecord, factMembers, readFact } from './fact-record.js'
import { blobPath, CACHEDIR_TAG, DAMAGED, MAX_RECORD_BYTES, type RecordFolder, recordPath, STORE_FORMAT } from './layout.js'
import { whileLocked } from './lock-file.js'
import { prune } from './prune.js'
import { readRegularFile } from './read-file.js'
import { replaceFile, replaceSmallFile } from './replace-file.js'
import { seal, type Unsealed, unseal } from './seal.js'
import { statistics } from './statistics.js'
import type { BlobRead, PruneOptions, PruneReport, Store, StoreNotice, StoreStatistics } from './store.js'
import { Turns } from './turns.js'

export interface StoreOptions {
  /** Told once that nothing can be written, and of every damaged blob. */
  readonly tell?: ((notice: StoreNotice) => void) | undefined
  /** Milliseconds since 1970; for the marks of last use. */
  readonly now?: (() => number) | undefined
}

/** A store in this folder. Nothing is created before something is stored; the folder may be unusable. */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  return new FolderStore(folder, options)
}

const FILES_AT_A_TIME = 16
/** Index files, records, tiles; archives are larger, and would hold everything else up. */
const SMALL_BYTES = 256 * 1024
/** Last use is marked to the day: a warm run must not write a mark for everything it reads. */
const MARK_MS = 24 * 3600 * 1000
/** What was fetched with a credential is nobody else's business. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

class FolderStore implements Store {
  readonly #turns = new Turns(FILES_AT_A_TIME)
  readonly #made = new Set<string>()
  readonly #tell: (notice: StoreNotice) => void
  readonly #now: () => number
  #writable = true

  constructor(
    readonly folder: string,
    options: StoreOptions,
  ) {
    this.#tell = options.tell ?? (() => undefined)
    this.#now = options.now ?? Date.now
  }

  answer(key: AnswerKey): StoredRecord | undefined {
    const text = keyText(key)
    const read = this.#record('answers', nameOf(text))
    const record = read?.kind === 'ok' ? readStoredRecord(read.fields) : undefined
    return record !== undefined && keyText(record.key) === text ? record : undefined
  }

  putAnswer(record: StoredRecord): Promise<boolean> {
    return this.#putRecord('answers', nameOf(keyText(record.key)), recordMembers(record))
  }

  fact(name: string): FactRecord | undefined {
    const read = this.#record('facts', nameOf(name))
    const record = read?.kind === 'ok' ? readFact(read.fields) : undefined
    return record?.name === name ? record : undefined
  }

  putFact(record: FactRecord): Promise<boolean> {
    return this.#putRecord('facts', nameOf(record.name), factMembers(record))
  }

  async replaceFact(previous: string | undefined, record: FactRecord): Promise<FactRecord | undefined> {
    const path = recordPath(this.folder, 'facts', nameOf(record.name))
    const bytes = Buffer.from(seal({ format: STORE_FORMAT, ...factMembers(record) }))
    try {
      if (!this.#writable) return undefined
      await this.#make(dirname(path))
      return await whileLocked(path, FILE_MODE, () => {
        const read = this.#record('facts', nameOf(record.name))
        if (read?.kind === 'foreign') return undefined
        const standing = read?.kind === 'ok' ? readFact(read.fields) : undefined
        if (standing !== undefined && standing.sha256 !== previous) return standing
        replaceSmallFile(path, bytes, FILE_MODE)
        return record
      })
    } catch (error) {
      this.#cannotWrite(error)
      return undefined
    }
  }

  blob(sha256: string, size: number): BlobRead {
    const path = blobPath(this.folder, sha256)
    const file = readRegularFile(path, size)
    if (file === undefined) return { kind: 'missing' }
    if (file === 'too-large' || file.bytes.length !== size || hash('sha256', file.bytes) !== sha256) {
      this.#moveAside(path, sha256)
      return { kind: 'damaged' }
    }
    this.#mark(path, file.modifiedMs)
    return { kind: 'ok', bytes: file.bytes }
  }

  putBlob(sha256: string, bytes: Uint8Array): Promise<boolean> {
    const path = blobPath(this.folder, sha256)
    const present = readRegularFile(path, bytes.length)
    if (present !== undefined && present !== 'too-large' && hash('sha256', present.bytes) === sha256) {
      // Somebody may be pruning: a blob in use is a young one.
      this.#mark(path, 0)
      return Promise.resolve(true)
    }
    return this.#write(path, bytes)
  }

  prune(options: PruneOptions): PruneReport {
    return prune(this.folder, options)
  }

  statistics(): StoreStatistics {
    return statistics(this.folder)
  }

  #record(kind: RecordFolder, name: string): Unsealed | undefined {
    const path = recordPath(this.folder, kind, name)
    const file = readRegularFile(path, MAX_RECORD_BYTES)
    if (file === undefined || file === 'too-large') return undefined
    const read = unseal(Buffer.from(file.bytes).toString('utf8'), STORE_FORMAT)
    if (read.kind === 'ok') this.#mark(path, file.modifiedMs)
    return read
  }

  #putRecord(kind: RecordFolder, name: string, members: object): Promise<boolean> {
    if (this.#record(kind, name)?.kind === 'foreign') return Promise.resolve(false)
    return this.#write(recordPath(this.folder, kind, name), Buffer.from(seal({ format: STORE_FORMAT, ...members })))
  }

  /** Marks the last use, for pruning. Where that is not allowed, nothing is pruned either. */
  #mark(path: string, modifiedMs: number): void {
    const now = this.#now()
    if (now - modifiedMs < MARK_MS) return
    try {
      utimesSync(path, now / 1000, now / 1000)
    } catch {
      return
    }
  }

  #write(path: string, bytes: Uint8Array): Promise<boolean> {
    return this.#turns.take(async () => {
      if (!this.#writable) return false
      try {
        await this.#replace(path, bytes)
        return true
      } catch (error) {
        this.#cannotWrite(error)
        return false
      }
    })
  }

  async #replace(path: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(path)
    for (let again = false; ; again = true) {
      try {
        if (!this.#made.has(folder)) await this.#make(folder)
        // A torn file is found by its seal or its hash, and asked for again: waiting for the disk would be most of a cold run.
        if (bytes.length <= SMALL_BYTES) return replaceSmallFile(path, bytes, FILE_MODE)
        return await replaceFile(path, [bytes], FILE_MODE, false)
      } catch (error) {
        // Windows does not rename over a file that another process has open; what that one wrote is as good.
        if (said(error, 'syscall') === 'rename' && existsSync(path)) return
        if (again || said(error, 'code') !== 'ENOENT') throw error
        // Somebody deleted the folder meanwhile.
        this.#made.delete(folder)
      }
    }
  }

  async #make(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
    this.#made.add(folder)
    const tag = join(this.folder, 'CACHEDIR.TAG')
    if (!existsSync(tag)) await replaceFile(tag, [Buffer.from(CACHEDIR_TAG)], FILE_MODE)
  }

  #cannotWrite(error: unknown): void {
    if (!this.#writable) return
    this.#writable = false
    const code = said(error, 'code') ?? 'unknown error'
    this.#tell({
      code: 'store-unwritable',
      message: `${this.folder} cannot be written (${code}); this run stores nothing`,
      help: UNWRITABLE_HELP.get(code) ?? 'Name another folder with ASSAY_CACHE.',
    })
  }

  #moveAside(path: string, sha256: string): void {
    let where = 'it cannot be moved aside'
    try {
      const aside = join(this.folder, DAMAGED, `${sha256}-${randomBytes(4).toString('hex')}`)
      mkdirSync(dirname(aside), { recursive: true, mode: FOLDER_MODE })
      renameSync(path, aside)
      where = `moved to ${aside}`
    } catch (error) {
      // Another process did it first.
      if (said(error, 'code') === 'ENOENT') return
    }
    this.#tell({
      code: 'store-damaged',
      message: `the stored bytes ${sha256} are damaged and are not used; ${where}`,
      help: 'Check the disk. They are fetched again when they are needed.',
    })
  }
}

const UNWRITABLE_HELP: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'The disk is full: make room, or name another folder with ASSAY_CACHE.'],
  ['EDQUOT', 'The quota is used up: make room, or name another folder with ASSAY_CACHE.'],
])

function said(error: unknown, name: 'code' | 'syscall'): string | undefined {
  const value: unknown = error instanceof Error && name in error ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : undefined
}
