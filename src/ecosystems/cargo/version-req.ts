import type { SemVer } from './semver.js'
import { compareSemVer, isPreReleaseIdentifier, parseSemVer } from './semver.js'

type Operator = '=' | '>' | '>=' | '<' | '<=' | '~' | '^' | '*'

/** One comparator; `minor` and `patch` are undefined where the requirement leaves them out or writes `*`. */
interface Comparator {
  readonly operator: Operator
  readonly major: bigint
  readonly minor: bigint | undefined
  readonly patch: bigint | undefined
  readonly pre: readonly string[]
}

/** A version requirement as Cargo understands it: all comparators must hold (spec/cargo.md §2.4). */
export interface VersionReq {
  readonly comparators: readonly Comparator[]
}

const COMPARATOR =
  /^(=|>=|>|<=|<|~|\^)?\s*(\d+|[*xX])(?:\.(\d+|[*xX])(?:\.(\d+|[*xX])(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?)?$/

/** Cargo reads at most 32 comparators. */
const MAX_COMPARATORS = 32

/** Parses a requirement; undefined for what cargo refuses. */
export function parseVersionReq(text: string): VersionReq | undefined {
  const trimmed = text.trim()
  if (trimmed === '*') return { comparators: [] }
  const parts = trimmed.split(',')
  if (text.length > 1024 || parts.length > MAX_COMPARATORS) return undefined
  const comparators: Comparator[] = []
  for (const part of parts) {
    const comparator = parseComparator(part.trim())
    if (comparator === undefined) return undefined
    // A bare `*` stands alone.
    if (comparator === 'any') return parts.length === 1 ? { comparators: [] } : undefined
    comparators.push(comparator)
  }
  return { comparators }
}

function parseComparator(text: string): Comparator | 'any' | undefined {
  const match = COMPARATOR.exec(text)
  if (match === null) return undefined
  const [, operator, first, second, third, pre] = match
  if (isWildcard(first)) return operator === undefined && second === undefined ? 'any' : undefined
  // After a wildcard only wildcards may follow, and never with a pre-release.
  if (isWildcard(second) && third !== undefined && !isWildcard(third)) return undefined
  const wildcard = isWildcard(second) || isWildcard(third)
  const identifiers = pre === undefined ? [] : pre.split('.')
  if (!identifiers.every(isPreReleaseIdentifier) || [first, second, third].some(hasLeadingZero)) return undefined
  if (wildcard && pre !== undefined) return undefined
  return {
    operator: toOperator(operator, wildcard),
    major: BigInt(first ?? 0),
    minor: toNumber(second),
    patch: toNumber(third),
    pre: identifiers,
  }
}

function toOperator(operator: string | undefined, wildcard: boolean): Operator {
  switch (operator) {
    case '=':
    case '>':
    case '>=':
    case '<':
    case '<=':
    case '~':
    case '^':
      return operator
    default:
      return wildcard ? '*' : '^'
  }
}

function isWildcard(part: string | undefined): boolean {
  return part === '*' || part === 'x' || part === 'X'
}

function toNumber(part: string | undefined): bigint | undefined {
  return part === undefined || isWildcard(part) ? undefined : BigInt(part)
}

function hasLeadingZero(part: string | undefined): boolean {
  return part !== undefined && part.length > 1 && part.startsWith('0')
}

/** Whether a version meets a requirement. Build metadata is ignored; pre-releases only match where one is asked for. */
export function matchesVersionReq(req: VersionReq, version: SemVer): boolean {
  if (!req.comparators.every((comparator) => matches(comparator, version))) return false
  return (
    version.pre.length === 0 ||
    req.comparators.some(
      (c) => c.pre.length > 0 && c.major === version.major && c.minor === version.minor && c.patch === version.patch,
    )
  )
}

/** The same over texts; false where either is not valid. */
export function satisfies(requirement: string, version: string): boolean {
  const req = parseVersionReq(requirement)
  const parsed = parseSemVer(version)
  return req !== undefined && parsed !== undefined && matchesVersionReq(req, parsed)
}

function matches(c: Comparator, v: SemVer): boolean {
  switch (c.operator) {
    case '=':
    case '*':
      return equalAsFar(c, v)
    case '>':
      return isGreater(c, v)
    case '>=':
      return equalAsFar(c, v) || isGreater(c, v)
    case '<':
      return isLess(c, v)
    case '<=':
      return equalAsFar(c, v) || isLess(c, v)
    case '~':
      return isTilde(c, v)
    case '^':
      return isCaret(c, v)
  }
}

function equalAsFar(c: Comparator, v: SemVer): boolean {
  if (v.major !== c.major || (c.minor !== undefined && v.minor !== c.minor)) return false
  if (c.patch === undefined) return true
  return v.patch === c.patch && compareToComparator(c, v) === 0
}

function compareToComparator(c: Comparator, v: SemVer): number {
  return compareSemVer(v, { major: c.major, minor: c.minor ?? 0n, patch: c.patch ?? 0n, pre: c.pre })
}

function isGreater(c: Comparator, v: SemVer): boolean {
  if (v.major !== c.major) return v.major > c.major
  if (c.minor === undefined) return false
  if (v.minor !== c.minor) return v.minor > c.minor
  return c.patch !== undefined && compareToComparator(c, v) > 0
}

function isLess(c: Comparator, v: SemVer): boolean {
  if (v.major !== c.major) return v.major < c.major
  if (c.minor === undefined) return false
  if (v.minor !== c.minor) return v.minor < c.minor
  return c.patch !== undefined && compareToComparator(c, v) < 0
}

function isTilde(c: Comparator, v: SemVer): boolean {
  if (v.major !== c.major || (c.minor !== undefined && v.minor !== c.minor)) return false
  return c.patch === undefined || compareToComparator(c, v) >= 0
}

/** Compatible: the leftmost number that is not zero stays. */
function isCaret(c: Comparator, v: SemVer): boolean {
  if (v.major !== c.major) return false
  if (c.minor === undefined) return true
  if (c.patch === undefined) return c.major > 0n ? v.minor >= c.minor : v.minor === c.minor
  const notBefore = compareToComparator(c, v) >= 0
  if (c.major > 0n) return notBefore
  if (c.minor > 0n) return v.minor === c.minor && notBefore
  return v.minor === c.minor && v.patch === c.patch && notBefore
}
