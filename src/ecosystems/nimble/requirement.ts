import type { Comparison, VersionRange } from './version.js'

/** One requirement, as a certain generation of nimble understands it (spec/nimble.md §2.5). */
export interface Requirement {
  /** As written: a package name or a URL. */
  readonly name: string
  readonly range: VersionRange
  readonly target: 'package' | 'toolchain' | 'url' | 'path'
  /** Optional parts of the package that are asked for: `httpx[tls]`. */
  readonly features: readonly string[]
  /** The name holds what looks like a part of the range: nimble looks up another package than the author meant. */
  readonly suspicion: string | undefined
}

export type RequirementResult =
  | { readonly ok: true; readonly text: string; readonly requirement: Requirement }
  /** nimble refuses the whole manifest because of it. */
  | { readonly ok: false; readonly text: string; readonly why: string }

/** Rules changed with 0.18: forge aliases, features, pre-releases, `file:` as a folder. */
export type Generation = '0.14' | '0.24'

/** Everything one string of `requires` asks for; a comma separates, even inside brackets. Never throws. */
export function parseRequirements(text: string, generation: Generation = '0.24'): RequirementResult[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseOne(part, generation))
}

/** Names are compared without case and underscores; a dash counts. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replaceAll('_', '')
}

const TOOLCHAIN = new Set(['nim', 'nimrod', 'compiler'])

/** Whether the name means the compiler itself. */
export function isToolchain(name: string): boolean {
  return TOOLCHAIN.has(normaliseName(name))
}

const FORGES: ReadonlyMap<string, string> = new Map([
  ['gh', 'https://github.com/'],
  ['github', 'https://github.com/'],
  ['gl', 'https://gitlab.com/'],
  ['gitlab', 'https://gitlab.com/'],
  ['srht', 'https://git.sr.ht/'],
  ['sourcehut', 'https://git.sr.ht/'],
  ['cb', 'https://codeberg.org/'],
  ['codeberg', 'https://codeberg.org/'],
])

function parseOne(text: string, generation: Generation): RequirementResult {
  const { rest, features } = generation === '0.24' ? cutFeatures(text) : { rest: text, features: [] }
  const space = rest.search(/\s/)
  const hash = space < 0 ? rest.indexOf('#') : -1
  const written = (space >= 0 ? rest.slice(0, space) : hash >= 0 ? rest.slice(0, hash) : rest).trim()
  const range: VersionRange | string =
    space >= 0
      ? parseRange(rest.slice(space), generation)
      : hash >= 0
        ? { kind: 'special', ref: rest.slice(hash) }
        : { kind: 'any' }
  if (typeof range === 'string') return { ok: false, text, why: range }
  const name = generation === '0.24' ? expandForge(written) : written
  if (name === undefined)
    return { ok: false, text, why: `${written.slice(0, written.indexOf(':'))} is no forge that nimble knows` }
  if (generation === '0.24' && /^file:\/\//i.test(name))
    // The reference is taken into the path: a folder has no branches.
    return {
      ok: true,
      text,
      requirement: { name: hash >= 0 ? rest : name, range: { kind: 'any' }, target: 'path', features, suspicion: undefined },
    }
  const target = isUrl(name) ? 'url' : isToolchain(name) ? 'toolchain' : 'package'
  return {
    ok: true,
    text,
    requirement: { name, range, target, features, suspicion: target === 'package' ? suspicionIn(name) : undefined },
  }
}

/** 0.24 takes everything from the first bracket for features and forgets what stands behind: `a[f] >= 1` has no range. */
function cutFeatures(text: string): { readonly rest: string; readonly features: readonly string[] } {
  const open = text.indexOf('[')
  if (open < 0) return { rest: text, features: [] }
  const close = text.indexOf(']', open)
  const feature = text.slice(open + 1, close < 0 ? text.length : close).trim()
  return { rest: text.slice(0, open).trim(), features: feature === '' ? [] : [feature] }
}

/** `gh:owner/name` to its URL; undefined for a prefix that is no forge. */
function expandForge(name: string): string | undefined {
  const prefix = /^([A-Za-z][A-Za-z0-9+-]*):(?!\/\/)/.exec(name)?.[1]
  if (prefix === undefined) return name
  const forge = FORGES.get(prefix.toLowerCase())
  return forge === undefined ? undefined : forge + name.slice(prefix.length + 1)
}

function isUrl(name: string): boolean {
  return name.includes('://') || /^[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:/.test(name)
}

function suspicionIn(name: string): string | undefined {
  const operator = /[<>=~^]/.exec(name)?.[0]
  if (operator !== undefined) return `there is no space before "${operator}"`
  const character = /[^A-Za-z0-9_.-]/.exec(name)?.[0]
  return character === undefined ? undefined : `it holds ${JSON.stringify(character)}`
}

const OPERATOR = /^(?:==|>=|<=|\^=|~=|>|<)/
const VERSION: Readonly<Record<Generation, RegExp>> = {
  '0.14': /^[0-9][0-9.]*/,
  '0.24': /^[0-9][0-9A-Za-z.+-]*/,
}
/** No real version comes near; longer ones would only cost time. */
const MAX_VERSION = 200

/** `[op] version [& [op] version]`; the reason as text when it is none. */
function parseRange(text: string, generation: Generation): VersionRange | string {
  const parts = text.split('&')
  if (parts.length > 2) return 'it joins more than two ranges'
  const ranges = parts.map((part) => parseComparison(part.trim(), generation))
  const [left, right] = ranges
  if (left === undefined || typeof left === 'string') return left ?? 'it has no range'
  if (right === undefined || typeof right === 'string') return right ?? left
  return { kind: 'and', left, right }
}

function parseComparison(text: string, generation: Generation): VersionRange | string {
  const operator = OPERATOR.exec(text)?.[0] ?? ''
  const rest = text.slice(operator.length).trim()
  const version = VERSION[generation].exec(rest)?.[0]
  if (version === undefined || version.length > MAX_VERSION || version.length < rest.length)
    return `${JSON.stringify(text)} is no version range`
  switch (operator) {
    case '^=':
      return { kind: 'caret', version }
    case '~=':
      return { kind: 'tilde', version }
    default:
      return { kind: 'compare', operator: isComparison(operator) ? operator : '==', version }
  }
}

function isComparison(operator: string): operator is Comparison {
  return operator === '==' || operator === '>' || operator === '<' || operator === '>=' || operator === '<='
}
