/** A range as a requirement writes it (spec/nimble.md §2.5). */
export type VersionRange =
  | { readonly kind: 'any' }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly version: string }
  /** `^=` and `~=`; what they mean says `expandRange`. */
  | { readonly kind: 'caret' | 'tilde'; readonly version: string }
  /** A branch, tag or commit: `#head`. */
  | { readonly kind: 'special'; readonly ref: string }
  | { readonly kind: 'and'; readonly left: VersionRange; readonly right: VersionRange }

export type Comparison = '==' | '>' | '<' | '>=' | '<='

/** The range as nimble 0.24 prints it. */
export function formatRange(range: VersionRange): string {
  switch (range.kind) {
    case 'any':
      return 'any version'
    case 'compare':
      return range.operator === '==' ? range.version : `${range.operator} ${range.version}`
    case 'caret':
      return `^= ${range.version}`
    case 'tilde':
      return `~= ${range.version}`
    case 'special':
      return range.ref
    case 'and':
      return `${formatRange(range.left)} & ${formatRange(range.right)}`
  }
}

/** The bounds that `^=` and `~=` stand for: at least the version, below the next one that may break. */
export function expandRange(kind: 'caret' | 'tilde', version: string): { readonly lower: string; readonly below: string } {
  const parts = version
    .split(/[-+]/, 1)
    .join('')
    .split('.')
    .map((part) => leadingDigits(part))
  const raised = kind === 'caret' ? caretPosition(parts) : Math.max(0, parts.length - 2)
  const below = Array.from({ length: Math.max(3, parts.length) }, (_, i) =>
    i < raised ? (parts[i] ?? '0') : i === raised ? String(BigInt(parts[i] ?? '0') + 1n) : '0',
  )
  return { lower: version, below: below.join('.') }
}

/** The first number that is not zero; of zeros alone the last of three, but for a single zero, which is the major number. */
function caretPosition(parts: readonly string[]): number {
  if (parts.length === 1 || isPositive(parts[0])) return 0
  return isPositive(parts[1]) ? 1 : 2
}

function isPositive(digits: string | undefined): boolean {
  return digits !== undefined && /[1-9]/.test(digits)
}

/**
 * Whether a version of the lock is in the range. `#head` is greater than every number; any other special version equals
 * itself alone and is smaller than every number.
 */
export function satisfies(range: VersionRange, version: string): boolean {
  switch (range.kind) {
    case 'any':
      return true
    case 'special':
      return range.ref.toLowerCase() === version.toLowerCase()
    case 'and':
      return satisfies(range.left, version) && satisfies(range.right, version)
    case 'compare': {
      const order = compareNimVersions(version, range.version)
      switch (range.operator) {
        case '==':
          return order === 0
        case '>':
          return order > 0
        case '<':
          return order < 0
        case '>=':
          return order >= 0
        case '<=':
          return order <= 0
      }
      return false
    }
    case 'caret':
    case 'tilde': {
      const { lower, below } = expandRange(range.kind, range.version)
      return compareNimVersions(version, lower) >= 0 && compareNimVersions(version, below) < 0
    }
  }
}

/** Numbers by position, a missing one is 0; then a pre-release before its release (SemVer 2.0 §11); build metadata ignored. */
export function compareNimVersions(a: string, b: string): number {
  if (a.startsWith('#') || b.startsWith('#')) return rank(a) - rank(b) || (a === b ? 0 : a < b ? -1 : 1)
  const left = split(a)
  const right = split(b)
  for (let i = 0; i < Math.max(left.numbers.length, right.numbers.length); i++) {
    const order = compareDigits(left.numbers[i] ?? '0', right.numbers[i] ?? '0')
    if (order !== 0) return order
  }
  return comparePreRelease(left.pre, right.pre)
}

function rank(version: string): number {
  if (!version.startsWith('#')) return 1
  return version.toLowerCase() === '#head' ? 2 : 0
}

function split(version: string): { readonly numbers: readonly string[]; readonly pre: readonly string[] } {
  const [bare = ''] = version.split('+', 1)
  const dash = bare.indexOf('-')
  const core = dash < 0 ? bare : bare.slice(0, dash)
  return { numbers: core.split('.').map(leadingDigits), pre: dash < 0 ? [] : bare.slice(dash + 1).split('.') }
}

function leadingDigits(part: string): string {
  return /^[0-9]+/.exec(part)?.[0] ?? '0'
}

function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length)
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i] ?? ''
    const right = b[i] ?? ''
    const leftNumeric = /^[0-9]+$/.test(left)
    const rightNumeric = /^[0-9]+$/.test(right)
    if (leftNumeric !== rightNumeric) return leftNumeric ? -1 : 1
    const order = leftNumeric ? compareDigits(left, right) : left < right ? -1 : left > right ? 1 : 0
    if (order !== 0) return order
  }
  return Math.sign(a.length - b.length)
}

function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+(?=[0-9])/, '')
  const right = b.replace(/^0+(?=[0-9])/, '')
  return Math.sign(left.length - right.length) || (left < right ? -1 : left > right ? 1 : 0)
}
