import { findMergeConflict } from '../../syntax/merge-conflict.js'
import { SourceText } from '../../syntax/text.js'
import { readLockLines } from './lock-lines.js'
import type { LockResult } from './lock-model.js'
import { failure, NEWEST_FORMAT } from './lock-model.js'
import { resolveLock } from './lock-resolve.js'
import type { RawLock } from './raw-lock.js'

/** Reads a Cargo.lock, formats 1 to 4. Never throws on content. */
export async function parseCargoLock(text: string, file: string): Promise<LockResult> {
  const conflict = findMergeConflict(new SourceText(file, text))
  if (conflict !== undefined) return { ok: false, code: 'merge-conflict', diagnostic: conflict }
  const raw = await readRaw(text, file)
  if (!raw.ok) return raw
  if (raw.lock.version === undefined && raw.lock.entries.length === 0 && isBlank(text)) {
    return failure('empty', file, 1, `${file} is empty`, 'Let cargo write it (cargo generate-lockfile) and commit it.')
  }
  const version = raw.lock.version
  if (version !== undefined && version.value !== 3 && version.value !== 4) {
    return {
      ok: false,
      code: 'version-unknown',
      diagnostic: {
        code: 'input/lock-version-unsupported',
        severity: 'error',
        message: `${file} has format ${version.value}, known are 3 and ${NEWEST_FORMAT} (and files without a number)`,
        help: 'Update assay, or let the cargo that the project pins write the file again.',
        location: { file, line: version.line, column: 1 },
      },
    }
  }
  return resolveLock(raw.lock, file, text)
}

/** True for a text of comments and white space. */
function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#|$)/.test(line))
}

async function readRaw(
  text: string,
  file: string,
): Promise<{ readonly ok: true; readonly lock: RawLock } | (LockResult & { readonly ok: false })> {
  const fast = readLockLines(text)
  if (fast !== undefined) return { ok: true, lock: fast }
  // What cargo itself wrote never comes here, so the TOML parser need not be there at the start.
  const { readLockToml } = await import('./lock-toml.js')
  const slow = readLockToml(text, file)
  if (slow.ok) return slow
  const versionIsWrong = slow.diagnostic.message.includes(': version must be')
  return { ok: false, code: versionIsWrong ? 'version-type' : 'toml', diagnostic: slow.diagnostic }
}
