import type { Diagnostic } from '../../model/diagnostic.js'
import type { SourceTree } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import { memberOf, parseNimJson, textOf } from './json-fields.js'
import { normaliseName } from './requirement.js'
import { repositoryKey } from './url.js'

/** One entry of a `packages.json` (spec/nimble.md §6). */
export interface ListedPackage {
  readonly name: string
  /** As written, with `?subdir=`; undefined for an alias. */
  readonly url: string | undefined
  readonly method: 'git' | 'hg'
  readonly alias: string | undefined
  readonly license: string | undefined
  readonly description: string | undefined
  readonly deleted: boolean
}

export interface PackageList {
  readonly path: string
  /** By normalised name; of several the first. */
  readonly packages: ReadonlyMap<string, ListedPackage>
}

export type PackageListResult =
  | { readonly ok: true; readonly list: PackageList }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Reads a list of packages. Entries without a name are left out: nimble cannot look them up either. */
export function parsePackageList(text: string, file: string): PackageListResult {
  const parsed = parseNimJson(text, file, 'input/config-unparseable')
  if (!parsed.ok) return parsed
  const { root } = parsed.document
  if (root.kind !== 'array') {
    const { line, column } = parsed.document.locate(root)
    return {
      ok: false,
      diagnostic: {
        code: 'input/config-unparseable',
        severity: 'error',
        message: `${file} is no list of packages`,
        help: 'Fetch it again (nimble refresh).',
        location: { file, line, column },
      },
    }
  }
  const packages = new Map<string, ListedPackage>()
  for (const item of root.items) {
    const name = textOf(memberOf(item, 'name'))
    if (name === undefined || packages.has(normaliseName(name))) continue
    const tags = memberOf(item, 'tags')
    packages.set(normaliseName(name), {
      name,
      url: textOf(memberOf(item, 'url')),
      method: textOf(memberOf(item, 'method')) === 'hg' ? 'hg' : 'git',
      alias: textOf(memberOf(item, 'alias')),
      license: textOf(memberOf(item, 'license')),
      description: textOf(memberOf(item, 'description')),
      deleted: tags?.kind === 'array' && tags.items.some((tag) => textOf(tag) === 'deleted'),
    })
  }
  return { ok: true, list: { path: file, packages } }
}

/** What became of looking a name up. */
export type Lookup =
  | { readonly kind: 'found'; readonly package: ListedPackage; readonly through: readonly string[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'alias-loop' | 'alias-missing'; readonly through: readonly string[] }

/** nimble has no guard against loops of aliases; real chains have one step. */
const MAX_ALIASES = 8

/** Looks a name up in a list and follows aliases. */
export function lookUp(list: PackageList, name: string): Lookup {
  const through: string[] = []
  let current = list.packages.get(normaliseName(name))
  if (current === undefined) return { kind: 'absent' }
  while (current.alias !== undefined) {
    through.push(current.name)
    if (through.length > MAX_ALIASES) return { kind: 'alias-loop', through }
    const next = list.packages.get(normaliseName(current.alias))
    if (next === undefined) return { kind: 'alias-missing', through: [...through, current.alias] }
    if (through.some((seen) => normaliseName(seen) === normaliseName(next.name)))
      return { kind: 'alias-loop', through: [...through, next.name] }
    current = next
  }
  return { kind: 'found', package: current, through }
}

/** Every list of a package cache: `packages.json` and the `packages_<list>.json` that nimble keeps. */
export async function readPackageLists(
  cache: SourceTree,
): Promise<{ readonly lists: readonly PackageList[]; readonly diagnostics: readonly Diagnostic[] }> {
  const lists: PackageList[] = []
  const diagnostics: Diagnostic[] = []
  for (const { path, kind } of await cache.list('.')) {
    if (kind !== 'file' || !/^packages(?:_[^/]*)?\.json$/.test(path)) continue
    const file = await cache.read(path, MAX_LIST_BYTES)
    const decoded = file.ok ? decodeUtf8(file.bytes) : undefined
    if (!file.ok || decoded?.ok !== true) {
      const why = file.ok ? 'it is no UTF-8 text' : file.why
      diagnostics.push(unreadableList(path, why))
      continue
    }
    const result = parsePackageList(decoded.text, path)
    if (result.ok) lists.push(result.list)
    else diagnostics.push(result.diagnostic)
  }
  return { lists, diagnostics }
}

/** The official list has 1.5 MB. */
const MAX_LIST_BYTES = 64 * 1024 * 1024

function unreadableList(file: string, why: string): Diagnostic {
  return {
    code: 'input/config-unparseable',
    severity: 'error',
    message: `the package list ${file} cannot be read: ${why}`,
    help: 'Fetch it again (nimble refresh).',
    location: { file, line: 1, column: 1 },
  }
}

/** Looks a name up in several lists: the first that has it, and every other URL it has in the others. */
export function lookUpAll(
  lists: readonly PackageList[],
  name: string,
): { readonly lookup: Lookup; readonly conflicts: readonly string[] } {
  let first: Lookup = { kind: 'absent' }
  const conflicts = new Set<string>()
  for (const list of lists) {
    const found = lookUp(list, name)
    if (found.kind === 'absent') continue
    if (first.kind === 'absent') first = found
    else if (first.kind === 'found' && found.kind === 'found') {
      const [one, other] = [first.package.url ?? '', found.package.url ?? '']
      if (repositoryKey(one) !== repositoryKey(other)) conflicts.add(other)
    }
  }
  return { lookup: first, conflicts: [...conflicts] }
}
