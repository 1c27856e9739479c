import { compareDecimal, compareText } from './version.js'

/** A version of Go itself: not semver, and a missing patch has a meaning of its own (spec/go.md §11.1). */
interface GoVersion {
  readonly major: string
  readonly minor: string
  /** Empty from 1.21 on where none is written: lower than every release and pre-release of that minor. */
  readonly patch: string
  readonly kind: string
  readonly pre: string
}

const GO_VERSION = /^(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*)|([a-z]+)(0|[1-9]\d*))?)?$/

function parseGoVersion(text: string): GoVersion | undefined {
  const match = text.length > 200 ? null : GO_VERSION.exec(text)
  if (match === null) return undefined
  const [, major = '0', minor = '0', patch, kind = '', pre = ''] = match
  const implied = kind === '' && (compareDecimal(minor, '21') < 0 || match[2] === undefined) ? '0' : ''
  return { major, minor, patch: patch ?? implied, kind, pre }
}

/** Orders versions of Go, without their `go`, by what is before a `-suffix`; what is none sorts below all. */
export function compareGoVersions(a: string, b: string): number {
  const left = parseGoVersion(withoutSuffix(a))
  const right = parseGoVersion(withoutSuffix(b))
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined)
  return (
    compareDecimal(left.major, right.major) ||
    compareDecimal(left.minor, right.minor) ||
    compareDecimal(left.patch, right.patch) ||
    compareText(left.kind, right.kind) ||
    compareDecimal(left.pre, right.pre)
  )
}

/** The version in the name of a toolchain, `go1.22.5` or `go1.22.5-suffix`; undefined for another text. */
export function toolchainVersion(name: string): string | undefined {
  if (!name.startsWith('go')) return undefined
  const version = withoutSuffix(name.slice(2))
  return parseGoVersion(version) === undefined ? undefined : version
}

function withoutSuffix(version: string): string {
  const dash = version.indexOf('-')
  return dash < 0 ? version : version.slice(0, dash)
}

/** The language a toolchain implements, `go1.22` of `go1.22.5`; undefined for what is no toolchain. */
export function languageOf(name: string): string | undefined {
  const version = toolchainVersion(name)
  const parts = version === undefined ? undefined : parseGoVersion(version)
  if (parts === undefined) return undefined
  return version === parts.major ? `go${parts.major}` : `go${parts.major}.${parts.minor}`
}

/** What a go.mod without a `go` line counts as. */
export const DEFAULT_GO = '1.16'
/** What a go.work without one counts as. */
export const DEFAULT_WORK_GO = '1.18'

/** From 1.17 on a go.mod lists all that its module needs, so the go command need not read further (spec/go.md §6.2). */
export function supportsPruning(go: string): boolean {
  return compareGoVersions(go, '1.17') >= 0
}
