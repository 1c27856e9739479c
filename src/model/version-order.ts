/**
 * Orders version texts of any ecosystem here: numbers by value, a pre-release before its release (SemVer 2.0 §11), build
 * metadata ignored. Texts that are no such versions compare by code unit after all that are.
 */
export function compareVersions(a: string, b: string): number {
  const left = parse(a)
  const right = parse(b)
  if (left === undefined || right === undefined)
    return (left === undefined ? 1 : 0) - (right === undefined ? 1 : 0) || compareText(a, b)
  for (let i = 0; i < Math.max(left.numbers.length, right.numbers.length); i++) {
    const order = compareNumbers(left.numbers[i] ?? '0', right.numbers[i] ?? '0')
    if (order !== 0) return order
  }
  return comparePre(left.pre, right.pre)
}

/** True for a version with a pre-release part that is no Go pseudo-version. */
export function isPreRelease(version: string): boolean {
  const parsed = parse(version)
  return parsed !== undefined && parsed.pre.length > 0 && !/\d{14}-[0-9a-f]{12}$/.test(version.split('+')[0] ?? '')
}

interface Parsed {
  readonly numbers: readonly string[]
  readonly pre: readonly string[]
}

function parse(version: string): Parsed | undefined {
  const [bare = ''] = version.replace(/^v/, '').split('+')
  const dash = bare.indexOf('-')
  const core = dash < 0 ? bare : bare.slice(0, dash)
  if (!/^\d+(?:\.\d+)*$/.test(core)) return undefined
  return { numbers: core.split('.'), pre: dash < 0 ? [] : bare.slice(dash + 1).split('.') }
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i] ?? ''
    const right = b[i] ?? ''
    const leftNumeric = /^\d+$/.test(left)
    const rightNumeric = /^\d+$/.test(right)
    if (leftNumeric !== rightNumeric) return leftNumeric ? -1 : 1
    const order = leftNumeric ? compareNumbers(left, right) : compareText(left, right)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Decimal digits of any length, without turning them into numbers that round. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, '')
  const right = b.replace(/^0+(?=\d)/, '')
  return left.length - right.length || compareText(left, right)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
