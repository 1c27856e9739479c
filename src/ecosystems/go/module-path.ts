import { elementsProblem } from './path-elements.js'
import { isIncompatible, parseVersion } from './version.js'

/** A path without its major version suffix, and the suffix: `/v2`, `.v3` (gopkg.in), or empty. */
export interface SplitPath {
  readonly prefix: string
  readonly major: string
}

const FIRST_ELEMENT = /^[a-z0-9\-.]+$/
const GOPKG = 'gopkg.in/'

/** Why a path is none that a module can be downloaded by (spec/go.md §1.3); undefined when it is one. */
export function modulePathProblem(path: string): string | undefined {
  const problem = elementsProblem(path, 'module')
  if (problem !== undefined) return problem
  const slash = path.indexOf('/')
  const first = slash < 0 ? path : path.slice(0, slash)
  if (!first.includes('.')) return 'its first element has no dot'
  if (!FIRST_ELEMENT.test(first)) return 'its first element holds a character that no host name has'
  return splitPathVersion(path) === undefined ? 'it has an impossible major version' : undefined
}

/** Why a path is no import path; undefined when it is one. */
export function importPathProblem(path: string): string | undefined {
  return elementsProblem(path, 'import')
}

/** Splits off the major version suffix; undefined where there is one that can not be (`/v0`, `/v1`, `/v02`, `/v2.0`). */
export function splitPathVersion(path: string): SplitPath | undefined {
  if (path.startsWith(GOPKG)) return splitGopkg(path)
  const slash = path.lastIndexOf('/')
  const last = path.slice(slash + 1)
  if (slash < 0 || !/^v[0-9.]+$/.test(last)) return { prefix: path, major: '' }
  if (last.includes('.') || last.startsWith('v0') || last === 'v1') return undefined
  return { prefix: path.slice(0, slash), major: `/${last}` }
}

/** gopkg.in puts the major version behind a dot, asks for it always, and knows `v0` and `-unstable`. */
function splitGopkg(path: string): SplitPath | undefined {
  const stable = path.endsWith('-unstable') ? path.slice(0, -'-unstable'.length) : path
  const dot = stable.lastIndexOf('.')
  const last = stable.slice(dot + 1)
  if (dot < GOPKG.length || !/^v\d+$/.test(last) || (last.startsWith('v0') && last !== 'v0')) return undefined
  return { prefix: path.slice(0, dot), major: path.slice(dot) }
}

/** The majors a path allows, in words, when the version has another; undefined when they agree (spec/go.md §1.3). */
export function majorMismatch(
  pathMajor: string,
  version: string,
): { readonly wanted: string; readonly found: string } | undefined {
  const parts = parseVersion(version)
  if (parts === undefined) return { wanted: 'a version', found: version }
  const found = `v${parts.major}`
  if (pathMajor === '') {
    return found === 'v0' || found === 'v1' || isIncompatible(version) ? undefined : { wanted: 'v0 or v1', found }
  }
  const bare = pathMajor.endsWith('-unstable') ? pathMajor.slice(0, -'-unstable'.length) : pathMajor
  // An old defect of gopkg.in that is kept alive: pseudo-versions of v1 were made as v0.0.0.
  if (bare === '.v1' && version.startsWith('v0.0.0-')) return undefined
  return found === bare.slice(1) ? undefined : { wanted: bare.slice(1), found }
}

const UPPER = /[A-Z]/g

/**
 * Upper-case letters as `!` and lower case, as proxies and the module cache name modules (spec/go.md §1.4). Undefined
 * for what is no module path.
 */
export function escapePath(path: string): string | undefined {
  return modulePathProblem(path) === undefined ? escapeCase(path) : undefined
}

/** The same for a version; undefined for a text that cannot be a file name. */
export function escapeVersion(version: string): string | undefined {
  const usable = elementsProblem(version, 'file') === undefined && !/[!/]/.test(version) && isAscii(version)
  return usable ? escapeCase(version) : undefined
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text)
}

function escapeCase(text: string): string {
  return text.replace(UPPER, (letter) => `!${letter.toLowerCase()}`)
}

/** The path that `escapePath` made, or undefined when it can have made none. */
export function unescapePath(escaped: string): string | undefined {
  if (!/^(?:[^A-Z!]|![a-z])*$/.test(escaped)) return undefined
  const path = escaped.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return modulePathProblem(path) === undefined ? path : undefined
}
