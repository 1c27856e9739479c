/** A version as Go's module system reads it (spec/go.md §1.1), numbers as decimal texts of any length. */
export interface ModuleVersionParts {
  readonly major: string
  readonly minor: string
  readonly patch: string
  /** With its leading `-`, or empty. */
  readonly prerelease: string
  /** With its leading `+`, or empty. */
  readonly build: string
}

const NUMBER = '(0|[1-9]\\d*)'
const IDS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const VERSION = new RegExp(`^v${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER}(-${IDS})?(\\+${IDS})?)?)?$`)
/** No real version comes near; the bound keeps comparisons cheap. */
const MAX_LENGTH = 4096

/** The parts of a version, shorthands (`v1`, `v1.2`) filled up; undefined for what is none. */
export function parseVersion(text: string): ModuleVersionParts | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const match = VERSION.exec(text)
  if (match === null) return undefined
  const [, major = '0', minor = '0', patch = '0', prerelease = '', build = ''] = match
  const badId = prerelease !== '' && prerelease.slice(1).split('.').some(isNumberWithLeadingZero)
  return badId ? undefined : { major, minor, patch, prerelease, build }
}

function isNumberWithLeadingZero(id: string): boolean {
  return id.length > 1 && id.startsWith('0') && /^\d+$/.test(id)
}

export function isVersion(text: string): boolean {
  return parseVersion(text) !== undefined
}

/**
 * Three numbers, pre-release kept, build metadata dropped but for the exact `+incompatible`; undefined for what is no
 * version (spec/go.md §1.1).
 */
export function canonicalVersion(text: string): string | undefined {
  const parts = parseVersion(text)
  if (parts === undefined) return undefined
  const build = parts.build === '+incompatible' ? parts.build : ''
  return `v${parts.major}.${parts.minor}.${parts.patch}${parts.prerelease}${build}`
}

export function isIncompatible(version: string): boolean {
  return version.endsWith('+incompatible')
}

/** Semantic order; build metadata does not count, and what is no version sorts below every version. */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a)
  const right = parseVersion(b)
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined)
  return (
    compareDecimal(left.major, right.major) ||
    compareDecimal(left.minor, right.minor) ||
    compareDecimal(left.patch, right.patch) ||
    comparePrerelease(left.prerelease, right.prerelease)
  )
}

/** Decimal texts without leading zeros, of any length. */
export function compareDecimal(a: string, b: string): number {
  return a.length - b.length || compareText(a, b)
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function comparePrerelease(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const left = a.slice(1).split('.')
  const right = b.slice(1).split('.')
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareId(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length
}

function compareId(a: string, b: string): number {
  const aIsNumber = /^\d+$/.test(a)
  const bIsNumber = /^\d+$/.test(b)
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1
  return aIsNumber ? compareDecimal(a, b) : compareText(a, b)
}
