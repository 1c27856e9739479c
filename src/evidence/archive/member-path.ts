import type { ArchiveLimits } from './limits.js'
import { ArchiveError } from './limits.js'

export type MemberPath =
  | {
      readonly ok: true
      /** Without `.` segments, doubled and trailing slashes; `.` for the root. */
      readonly path: string
    }
  | { readonly ok: false; readonly code: 'bad-name' | 'escapes'; readonly why: string }

type NameLimits = Pick<ArchiveLimits, 'maxNameBytes' | 'maxDepth'>

const DRIVE = /^[A-Za-z]:/

/**
 * Judges the name of an archive member. A name that leads out of the root escapes, and so does one that would only
 * where `\` separates or drives exist; any `..` counts, since no maker of archives writes one and readers resolve it
 * before or after links, as they please. Names are compared, shown and joined later, so NUL and length are judged here.
 */
export function memberPath(name: string, limits: NameLimits): MemberPath {
  if (name === '') return bad('an empty name')
  // Three bytes is the most one UTF-16 unit needs: the exact count is asked only where it can matter.
  if (name.length * 3 > limits.maxNameBytes && Buffer.byteLength(name) > limits.maxNameBytes)
    return bad(`a name of more than ${limits.maxNameBytes} bytes`)
  if (name.includes('\0')) return bad(`the name ${shown(name)} holds a NUL`)
  if (name.startsWith('/')) return escapes(`${shown(name)} is absolute`)
  const unified = name.replaceAll('\\', '/')
  if (DRIVE.test(name) || unified.startsWith('/') || unified.split('/').includes('..'))
    return escapes(`${shown(name)} leads out of the archive`)
  if (unified !== name) return bad(`${shown(name)} holds a backslash, which is a separator on some systems`)
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.length > limits.maxDepth) return bad(`a name of more than ${limits.maxDepth} segments`)
  const path = segments.length === 0 ? '.' : segments.join('/')
  return DRIVE.test(path) ? escapes(`${shown(name)} names a drive`) : { ok: true, path }
}

/** The path, or an `ArchiveError`. */
export function requireMemberPath(name: string, limits: NameLimits): string {
  const judged = memberPath(name, limits)
  if (!judged.ok) throw new ArchiveError(judged.code, judged.why)
  return judged.path
}

/** True when a symbolic link at `path` names a place outside the archive's root, on any system. */
export function linkLeavesRoot(path: string, target: string): boolean {
  const unified = target.replaceAll('\\', '/')
  if (unified.startsWith('/') || DRIVE.test(target) || target.includes('\0')) return true
  let depth = path === '.' ? 0 : path.split('/').length - 1
  for (const segment of unified.split('/')) {
    if (segment === '..') depth -= 1
    else if (segment !== '' && segment !== '.') depth += 1
    if (depth < 0) return true
  }
  return false
}

function bad(why: string): MemberPath {
  return { ok: false, code: 'bad-name', why }
}

function escapes(why: string): MemberPath {
  return { ok: false, code: 'escapes', why }
}

function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
}
