import type { Component } from '../model/component.js'
import { compareVersions } from '../model/version-order.js'
import { matchGlob, matchSegment } from '../syntax/glob.js'

/** Which components a `deny`, `allow` or `waiver` entry means (spec/policy.md §3). */
export interface ComponentPattern {
  readonly text: string
  readonly ecosystem: string
  readonly name: string
  readonly range: readonly Comparator[]
}

interface Comparator {
  readonly operator: '=' | '<' | '<=' | '>' | '>='
  readonly version: string
}

export type PatternResult =
  | { readonly ok: true; readonly pattern: ComponentPattern }
  | { readonly ok: false; readonly why: string }

/** Purl types that name one ecosystem each. Zig and Nim have none of their own, so their names stand in its place. */
const ECOSYSTEM_BY_TYPE: ReadonlyMap<string, string> = new Map([
  ['cargo', 'cargo'],
  ['golang', 'go'],
  ['zig', 'zig'],
  ['nim', 'nimble'],
  ['nimble', 'nimble'],
])

const COMPARATOR = /^(<=|>=|=|<|>)?\s*([^\s<>=]+)$/
/** What `compareVersions` puts in order; everything else is a name that equals itself alone. */
const ORDERED = /^v?\d+(?:\.\d+)*(?:[-+].*)?$/

/**
 * Parses `pkg:TYPE/NAME`, optionally with `@` and a version or a range of comparators joined by commas; `*` inside a
 * segment of the name, `**` across segments. Percent-escapes mean what they mean in a package URL.
 */
export function parseComponentPattern(text: string): PatternResult {
  const match = /^pkg:([a-z]+)\/(.+)$/s.exec(text)
  if (match === null) return { ok: false, why: 'it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66' }
  const [, type = '', rest = ''] = match
  const ecosystem = ECOSYSTEM_BY_TYPE.get(type)
  if (ecosystem === undefined)
    return {
      ok: false,
      why: `the type ${type} names no single ecosystem; use one of ${[...ECOSYSTEM_BY_TYPE.keys()].join(', ')}`,
    }
  const at = rest.lastIndexOf('@')
  const written = at < 0 ? rest : rest.slice(0, at)
  if (/[?#]/.test(written)) return { ok: false, why: 'it must end with the name or the version, without ? and #' }
  const name = decode(written)
  if (name === undefined) return { ok: false, why: 'it holds a broken percent-encoding' }
  if (name === '') return { ok: false, why: 'the name is missing' }
  const range: Comparator[] = []
  for (const part of at < 0 ? [] : rest.slice(at + 1).split(',')) {
    const comparator = parseComparator(part.trim())
    if (comparator === undefined)
      return { ok: false, why: `${JSON.stringify(part.trim())} is no version and no comparator like <1.2.0` }
    range.push(comparator)
  }
  return { ok: true, pattern: { text, ecosystem, name, range } }
}

function parseComparator(text: string): Comparator | undefined {
  const [, operator, written = ''] = COMPARATOR.exec(text) ?? []
  const version = decode(written)
  if (version === undefined || version === '') return undefined
  if (operator === undefined || operator === '=') return isWord(version) ? { operator: '=', version } : undefined
  if (operator !== '<' && operator !== '<=' && operator !== '>' && operator !== '>=') return undefined
  return ORDERED.test(version) ? { operator, version } : undefined
}

/** Operators of range grammars that are not ours must not pass for names. */
function isWord(version: string): boolean {
  return !/^[~^!*]/.test(version) && !version.endsWith('*')
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

export function matchesPattern(pattern: ComponentPattern, component: Component): boolean {
  if (pattern.ecosystem !== component.ecosystem || !matchName(pattern.name, component.name)) return false
  const { version } = component
  return pattern.range.length === 0 || (version !== undefined && matchesRange(pattern, version))
}

/** Whether a version is in the range of a pattern. */
export function matchesRange({ range }: ComponentPattern, version: string): boolean {
  return range.every((comparator) => holds(comparator, version))
}

/** The pattern that means one component in that version, whatever its source; undefined where none means it alone. */
export function patternOf({ ecosystem, name, version }: Component): string | undefined {
  const [type] = [...ECOSYSTEM_BY_TYPE].find(([, owner]) => owner === ecosystem) ?? []
  // A character of the pattern language stands for others, escaped or not.
  if (type === undefined || /[*?[\]{}!\\]/.test(name) || version?.includes('*') === true) return undefined
  const written = name.split('/').map(encodeURIComponent).join('/')
  return `pkg:${type}/${written}${version === undefined ? '' : `@${encodeURIComponent(version)}`}`
}

/** The patterns among texts that the loader has checked. */
export function parsePatterns(texts: readonly string[]): readonly ComponentPattern[] {
  return texts.flatMap((text) => {
    const parsed = parseComponentPattern(text)
    return parsed.ok ? [parsed.pattern] : []
  })
}

/** True when one of the texts is a pattern that means the component. */
export function isListed(texts: readonly string[], component: Component): boolean {
  return parsePatterns(texts).some((pattern) => matchesPattern(pattern, component))
}

/** Globs over a name, `**` included. */
export function matchName(pattern: string, name: string): boolean {
  return pattern.includes('/') || name.includes('/') ? matchGlob(pattern, name) : matchSegment(pattern, name)
}

function holds({ operator, version }: Comparator, actual: string): boolean {
  // A range says nothing of what has no place in the order, such as a branch.
  if (operator !== '=' && !ORDERED.test(actual)) return false
  const order = compareVersions(actual, version)
  switch (operator) {
    case '=':
      return order === 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

/** A pattern of `sources.internal`: `go:corp.example/**`. */
export function matchesInternal(pattern: string, component: Component): boolean {
  const colon = pattern.indexOf(':')
  return colon > 0 && pattern.slice(0, colon) === component.ecosystem && matchName(pattern.slice(colon + 1), component.name)
}
