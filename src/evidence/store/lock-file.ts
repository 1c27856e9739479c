import { randomBytes } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TEMPORARY } from './replace-file.js'

/** Nobody holds a lock for longer than a few small files take: one that was seen unchanged for this long has no owner. */
const ABANDONED_MS = 5000
/** One that is still there after this cannot be taken away either. */
const HOPELESS_MS = 2 * ABANDONED_MS
const LONGEST_PAUSE_MS = 20

/**
 * Does a short piece of work while no other process does any under the same path. The lock is a file beside `path`, named
 * like a half-written one, so that pruning takes it where a killed process left it; the next to come takes it away after
 * five seconds of its own watching, whatever the clocks say. Throws what the file system throws when the lock cannot be
 * made, `EBUSY` when it can neither be had nor taken away, and what the work throws.
 */
export async function whileLocked<T>(path: string, mode: number, work: () => T): Promise<T> {
  const lock = join(dirname(path), `${TEMPORARY}lock-${basename(path)}`)
  let seen = ''
  let since = performance.now()
  while (!take(lock, mode)) {
    const now = identity(lock)
    const watched = performance.now() - since
    if (now !== seen) {
      seen = now
      since = performance.now()
    } else if (watched > HOPELESS_MS) {
      throw Object.assign(new Error(`${lock} cannot be taken away`), { code: 'EBUSY' })
    } else if (watched > ABANDONED_MS) breakOpen(lock, seen)
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
