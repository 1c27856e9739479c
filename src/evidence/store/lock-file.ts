import { randomBytes } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TEMPORARY } from './replace-file.js'

/** Nobody holds a lock for longer than a few small files take: one that was seen unchanged for this long has no owner. */
const ABANDONED_MS = 5000
const LONGEST_PAUSE_MS = 20

/**
 * Does a short piece of work while no other process does any under the same path. The lock is a file beside `path`, named
 * like a half-written one, so that pruning takes it where a killed process left it; the next to come takes it away after
 * five seconds of its own watching, whatever the clocks say. Throws what the file system throws when the lock cannot be
 * made, and what the work throws.
 */
export async function whileLocked<T>(path: string, mode: number, work: () => T): Promise<T> {
  const lock = join(dirname(path), `${TEMPORARY}lock-${basename(path)}`)
  let seen = ''
  let since = 0
  while (!take(lock, mode)) {
    const now = identity(lock)
    if (now !== seen) {
      seen = now
      since = performance.now()
    } else if (performance.now() - since > ABANDONED_MS) breakOpen(lock, seen)
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * LONGEST_PAUSE_MS))
  }
  try {
    return work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function take(lock: string, mode: number): boolean {
  try {
    closeSync(openSync(lock, 'wx', mode))
    return true
  } catch (error) {
    // Windows says EPERM while a file of that name is on its way out.
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'EEXIST' || (error.code === 'EPERM' && identity(lock) !== ''))
    ) {
      return false
    }
    throw error
  }
}

/** Which file the lock is; empty where there is none. */
function identity(lock: string): string {
  const stat = statSync(lock, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs}`
}

/**
 * Of several that do this at once one succeeds: a name can be taken away only once. Whoever comes late finds another lock, and
 * leaves it.
 */
function breakOpen(lock: string, abandoned: string): void {
  if (identity(lock) !== abandoned) return
  const aside = join(dirname(lock), `${TEMPORARY}${randomBytes(12).toString('hex')}`)
  try {
    renameSync(lock, aside)
  } catch {
    return
  }
  rmSync(aside, { force: true })
}
