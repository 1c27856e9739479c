import { isVersion, parseVersion } from './version.js'

/** What a pseudo-version says: an untagged commit and the tag it comes after (spec/go.md §1.2). */
export interface PseudoVersion {
  /** RFC 3339 UTC; undefined when the fourteen digits are no date. */
  readonly time: string | undefined
  readonly revision: string
  /** The tagged version it is based on; empty when there is none, undefined when the form is impossible. */
  readonly base: string | undefined
}

const PSEUDO = /^v[0-9]+\.(?:0\.0-|\d+\.\d+-(?:[^+]*\.)?0\.)\d{14}-[A-Za-z0-9]+(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/** Stands for "no real version" beside local replacements and in workspaces; never one that can be downloaded. */
const PLACEHOLDER = 'v0.0.0-00010101000000-000000000000'

export function isPseudoVersion(version: string): boolean {
  return isVersion(version) && PSEUDO.test(version)
}

export function isPlaceholderVersion(version: string): boolean {
  return version === PLACEHOLDER
}

/** Takes a pseudo-version apart; undefined for any other version. */
export function parsePseudoVersion(version: string): PseudoVersion | undefined {
  if (!isPseudoVersion(version)) return undefined
  const plus = version.indexOf('+')
  const build = plus < 0 ? '' : version.slice(plus)
  const bare = plus < 0 ? version : version.slice(0, plus)
  const lastDash = bare.lastIndexOf('-')
  const beforeRevision = bare.slice(0, lastDash)
  const cut = beforeRevision.length - TIME_DIGITS - 1
  return {
    revision: bare.slice(lastDash + 1),
    time: toTime(beforeRevision.slice(-TIME_DIGITS)),
    base: baseOf(beforeRevision.slice(0, cut), build),
  }
}

const TIME_DIGITS = 14

/** The three forms end, without time and revision, in nothing, `-0` after a release, or `.0` after a pre-release. */
function baseOf(head: string, build: string): string | undefined {
  const parts = parseVersion(head)
  if (parts === undefined) return undefined
  if (parts.prerelease === '') return build === '' ? '' : undefined
  if (parts.prerelease === '-0') {
    if (/^0+$/.test(parts.patch)) return undefined
    return `v${parts.major}.${parts.minor}.${BigInt(parts.patch) - 1n}${build}`
  }
  return head.endsWith('.0') ? `${head.slice(0, -2)}${build}` : undefined
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function toTime(digits: string): string | undefined {
  const at = (start: number, end: number): string => digits.slice(start, end)
  const year = Number(at(0, 4))
  const month = Number(at(4, 6))
  const day = Number(at(6, 8))
  const leap = month === 2 && ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0) ? 1 : 0
  const days = (DAYS[month - 1] ?? 0) + leap
  const valid = day >= 1 && day <= days && Number(at(8, 10)) < 24 && Number(at(10, 12)) < 60 && Number(at(12, 14)) < 60
  return valid ? `${at(0, 4)}-${at(4, 6)}-${at(6, 8)}T${at(8, 10)}:${at(10, 12)}:${at(12, 14)}Z` : undefined
}
