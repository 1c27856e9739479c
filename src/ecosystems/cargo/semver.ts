/** A version of SemVer 2.0 in its parts. Build metadata takes no part in order or matching. */
export interface SemVer {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** Dot-separated pre-release identifiers, empty for a release. */
  readonly pre: readonly string[]
}

const NUMBER = '(0|[1-9]\\d*)'
const VERSION = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+([0-9A-Za-z.-]+))?$`)
const PLAIN_RELEASE = /^(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})$/
/** Cargo keeps the numbers in 64 bits. */
const MAX = 2n ** 64n - 1n

/** Parses a full version; undefined for anything SemVer 2.0 does not allow. */
export function parseSemVer(text: string): SemVer | undefined {
  if (text.length > 256) return undefined
  const match = VERSION.exec(text)
  if (match === null) return undefined
  const [, major, minor, patch, pre, build] = match
  const numbers = [major, minor, patch].map((part) => BigInt(part ?? '0'))
  if (numbers.some((n) => n > MAX)) return undefined
  if (build?.split('.').includes('') === true) return undefined
  const identifiers = pre === undefined ? [] : pre.split('.')
  if (!identifiers.every(isPreReleaseIdentifier)) return undefined
  return { major: numbers[0] ?? 0n, minor: numbers[1] ?? 0n, patch: numbers[2] ?? 0n, pre: identifiers }
}

/** Whether it is a full version; cheaper than parsing one. */
export function isSemVer(text: string): boolean {
  // Up to 15 digits a number: far below the limit, and no identifier that could break a rule.
  return PLAIN_RELEASE.test(text) || parseSemVer(text) !== undefined
}

/** A numeric identifier has no leading zero (SemVer 2.0 §9). */
export function isPreReleaseIdentifier(identifier: string): boolean {
  return identifier !== '' && !/^0\d+$/.test(identifier)
}

/** Precedence of SemVer 2.0 §11: negative when `a` is lower. */
export function compareSemVer(a: SemVer, b: SemVer): number {
  return compare(a.major, b.major) || compare(a.minor, b.minor) || compare(a.patch, b.patch) || comparePre(a.pre, b.pre)
}

function compare<T extends bigint | string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function comparePre(a: readonly string[], b: readonly string[]): number {
  // A release comes after all of its pre-releases.
  if (a.length === 0 || b.length === 0) return compare(b.length, a.length)
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i] ?? ''
    const right = b[i] ?? ''
    const leftNumeric = /^\d+$/.test(left)
    const rightNumeric = /^\d+$/.test(right)
    if (leftNumeric !== rightNumeric) return leftNumeric ? -1 : 1
    const order = leftNumeric ? compare(BigInt(left), BigInt(right)) : compare(left, right)
    if (order !== 0) return order
  }
  return compare(a.length, b.length)
}
