import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AssayError } from '../model/error.js'

export interface FileToWrite {
  readonly path: string
  readonly chunks: Iterable<string>
}

/**
 * Writes files whole or not at all: each goes to a temporary file in its own folder first, and only when all of them
 * are written they take their names. Throws `output-unwritable`; nothing half-written is left behind.
 */
export function writeFiles(files: readonly FileToWrite[]): void {
  const pending: { readonly temporary: string; readonly path: string }[] = []
  try {
    for (const file of files) {
      const path = resolve(file.path)
      const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
      attempt(path, () => makeFolder(dirname(path)))
      // rename would fail too, but only after others have taken their names.
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw taken(path)
      pending.push({ temporary, path })
      attempt(path, () => writeWhole(temporary, file.chunks))
    }
    for (const { temporary, path } of pending) attempt(path, () => renameSync(temporary, path))
  } catch (error) {
    for (const { temporary } of pending) rmSync(temporary, { force: true })
    throw error
  }
}

/** Not by Node's own recursion, which never ends where no folder can be made although none is in the way (/proc). */
function makeFolder(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false })
  if (there?.isDirectory() === true) return
  if (there === undefined) makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process was faster.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}

const BUFFER = 1 << 18

function writeWhole(path: string, chunks: Iterable<string>): void {
  const descriptor = openSync(path, 'wx', 0o666)
  try {
    let held: string[] = []
    let length = 0
    const flush = (): void => {
      if (held.length > 0) writeAll(descriptor, Buffer.from(held.join(''), 'utf8'))
      held = []
      length = 0
    }
    for (const chunk of chunks) {
      held.push(chunk)
      length += chunk.length
      if (length >= BUFFER) flush()
    }
    flush()
  } finally {
    closeSync(descriptor)
  }
}

/** One write may take less than it is given (a nearly full disk). */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at)
}

function attempt(path: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    if (error instanceof AssayError || !(error instanceof Error && 'code' in error)) throw error
    throw new AssayError(
      'output-unwritable',
      `cannot write ${path} (${String(error.code)})`,
      HELP.get(String(error.code)) ?? 'Choose another place with -o.',
      { cause: error },
    )
  }
}

function taken(path: string): AssayError {
  return new AssayError('output-unwritable', `cannot write ${path}: a folder has that name`, 'Name a file.')
}

const HELP: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'You may not write there; choose another place with -o.'],
  ['EPERM', 'You may not write there; choose another place with -o.'],
  ['EROFS', 'That file system is read-only; choose another place with -o.'],
  ['ENOSPC', 'The disk is full; nothing was replaced. Make room and run again.'],
])
