import type { CargoLock, LockErrorCode, LockFlag, LockPackage, LockResult } from './lock-model.js'
import { failure } from './lock-model.js'
import type { RawEntry, RawLock } from './raw-lock.js'
import { isSemVer } from './semver.js'
import type { CargoSource } from './source-string.js'
import { parseSourceString } from './source-string.js'

const REGENERATE = 'Let cargo write the file again (cargo generate-lockfile, or cargo update -w); do not edit it by hand.'

/** Turns the tables of a lockfile into packages and edges as cargo does, reporting what cargo drops in silence. */
export function resolveLock(raw: RawLock, file: string, text: string): LockResult {
  const packages: LockPackage[] = []
  const patchUnused: { name: string; version: string; source: string | undefined; line: number }[] = []
  const encoded = raw.version?.value === 4
  const sources = sourceReader(encoded)
  for (const entry of raw.entries) {
    const made = makePackage(entry, file, sources)
    if ('ok' in made) return made
    if (entry.table === 'patch-unused')
      patchUnused.push({ name: made.name, version: made.version, source: made.rawSource, line: entry.line })
    else packages.push(made)
  }
  const twice = duplicate(packages)
  if (twice !== undefined)
    return failure('duplicate-package', file, twice.entry.line, `${twice.name} ${twice.version} is listed twice`, REGENERATE)

  const index = new PackageIndex(packages)
  const flags: LockFlag[] = []
  const unpinnedFormat = raw.version === undefined
  for (const package_ of packages) {
    for (const field of package_.entry.dependencies) {
      const reference = parseReference(field.text, encoded)
      if (reference === undefined) {
        return failure(
          'bad-dependency-string',
          file,
          field.line,
          `${JSON.stringify(field.text)} is not "name", "name version" or "name version (source)"`,
          REGENERATE,
        )
      }
      const target = index.find(reference, unpinnedFormat)
      if (target === undefined)
        flags.push({ code: 'dangling-dependency', line: field.line, package: package_, dependency: field.text })
      else package_.dependencies.push({ target, field })
    }
  }
  const replaced = applyReplacements(packages, index, encoded, unpinnedFormat, file)
  if (replaced !== undefined) return replaced

  const format = raw.version === undefined ? inferFormat(packages, text) : encoded ? 4 : 3
  flags.push(...checkChecksums(raw, packages, index, format), ...nameFlags(packages), ...sourceFlags(packages))
  if (packages.length > 0 && packages.every((p) => p.source !== undefined))
    flags.push({ code: 'no-first-party-package', line: 1 })
  const lock: CargoLock = { declaredVersion: raw.version?.value, format, packages, patchUnused, flags }
  return { ok: true, lock }
}

type ReadSource = (text: string) => ReturnType<typeof parseSourceString>

/** A lockfile names few sources, each many times. */
function sourceReader(encoded: boolean): ReadSource {
  const known = new Map<string, ReturnType<typeof parseSourceString>>()
  return (text) => {
    const parsed = known.get(text) ?? parseSourceString(text, encoded)
    known.set(text, parsed)
    return parsed
  }
}

function makePackage(entry: RawEntry, file: string, readSource: ReadSource): LockPackage | (LockResult & { readonly ok: false }) {
  const bad = (code: LockErrorCode, line: number, message: string): LockResult & { readonly ok: false } =>
    failure(code, file, line, message, REGENERATE)
  const { name, version, source } = entry
  if (name === undefined) return bad('missing-field', entry.line, 'a package has no name')
  if (version === undefined) return bad('missing-field', entry.line, `the package ${JSON.stringify(name.text)} has no version`)
  if (!isSemVer(version.text)) return bad('bad-version', version.line, `${JSON.stringify(version.text)} is not a version`)
  const parsed = source === undefined ? undefined : readSource(source.text)
  if (parsed?.ok === false) return bad(parsed.code, source?.line ?? entry.line, parsed.why)
  return {
    name: name.text,
    version: version.text,
    rawSource: source?.text,
    source: parsed?.source,
    checksum: entry.checksum,
    entry,
    dependencies: [],
    replacedBy: undefined,
  }
}

function duplicate(packages: readonly LockPackage[]): LockPackage | undefined {
  const seen = new Set<string>()
  return packages.find((p) => {
    const key = `${p.name}\n${p.version}\n${p.rawSource ?? ''}`
    if (seen.has(key)) return true
    seen.add(key)
    return false
  })
}

/** A dependency string: `name`, `name version` or `name version (source)`. */
interface Reference {
  readonly name: string
  readonly version?: string | undefined
  readonly source?: CargoSource | undefined
}

function parseReference(text: string, encoded: boolean): Reference | undefined {
  const first = text.indexOf(' ')
  if (text === '' || first === 0) return undefined
  if (first < 0) return { name: text }
  const name = text.slice(0, first)
  const second = text.indexOf(' ', first + 1)
  const version = second < 0 ? text.slice(first + 1) : text.slice(first + 1, second)
  if (!isSemVer(version)) return undefined
  if (second < 0) return { name, version }
  const wrapped = text.slice(second + 1)
  if (!wrapped.startsWith('(') || !wrapped.endsWith(')')) return undefined
  const source = parseSourceString(wrapped.slice(1, -1), encoded)
  return source.ok ? { name, version, source: source.source } : undefined
}

/** Looks dependency strings up by the rules of spec/cargo.md §1.6. */
class PackageIndex {
  /** By name; `several` where there is more than one version, so that a name alone names none. */
  readonly #byName = new Map<string, Candidates | 'several'>()
  readonly #byVersion = new Map<string, Candidates>()
  readonly #byIdentity = new Map<string, LockPackage>()

  constructor(packages: readonly LockPackage[]) {
    const versions = new Map<string, string>()
    for (const package_ of packages) {
      const { name, version } = package_
      const first = versions.get(name)
      if (first === undefined) versions.set(name, version)
      if (first !== undefined && first !== version) this.#byName.set(name, 'several')
      const key = `${name} ${version}`
      const before = this.#byVersion.get(key)
      const candidates = before ?? { path: undefined, other: undefined, paths: 0, others: 0 }
      if (before === undefined) {
        this.#byVersion.set(key, candidates)
        if (first === undefined) this.#byName.set(name, candidates)
      } else if (before.paths + before.others === 1) {
        // Identities are asked for only where one name and version comes from several sources.
        for (const one of [before.path, before.other]) if (one !== undefined) this.#addIdentity(key, one)
      }
      if (package_.source === undefined) {
        candidates.path = package_
        candidates.paths += 1
      } else {
        candidates.other = package_
        candidates.others += 1
      }
      if (before !== undefined) this.#addIdentity(key, package_)
    }
  }

  find(reference: Reference, unpinnedFormat: boolean): LockPackage | undefined {
    const { name, version, source } = reference
    if (version === undefined) {
      const named = this.#byName.get(name)
      return named === undefined || named === 'several' ? undefined : withoutSource(named)
    }
    const key = `${name} ${version}`
    const candidates = this.#byVersion.get(key)
    if (candidates === undefined) return undefined
    if (source === undefined) return withoutSource(candidates)
    const exact = this.#withIdentity(key, candidates, source.identity)
    if (exact !== undefined || !unpinnedFormat || source.kind !== 'git' || source.ref?.kind !== 'default') return exact
    // Formats 1 and 2 leave `?branch=master` out of dependency strings.
    return this.#withIdentity(key, candidates, source.identity.replace(/default $/, 'branch master'))
  }

  #addIdentity(key: string, package_: LockPackage): void {
    const identity = package_.source?.identity
    const full = `${key} ${identity ?? ''}`
    if (identity !== undefined && !this.#byIdentity.has(full)) this.#byIdentity.set(full, package_)
  }

  #withIdentity(key: string, candidates: Candidates, identity: string): LockPackage | undefined {
    if (candidates.paths + candidates.others > 1) return this.#byIdentity.get(`${key} ${identity}`)
    return candidates.other?.source?.identity === identity ? candidates.other : undefined
  }
}

/** The packages of one name and version, by whether they have a source: the last of each kind, and how many there are. */
interface Candidates {
  path: LockPackage | undefined
  other: LockPackage | undefined
  paths: number
  others: number
}

function withoutSource({ path, other, paths, others }: Candidates): LockPackage | undefined {
  if (paths > 0) return paths === 1 ? path : undefined
  return others === 1 ? other : undefined
}

/** Redirects every edge at a replaced package to its replacement; the replaced one keeps no edges of its own. */
function applyReplacements(
  packages: readonly LockPackage[],
  index: PackageIndex,
  encoded: boolean,
  unpinnedFormat: boolean,
  file: string,
): (LockResult & { readonly ok: false }) | undefined {
  let any = false
  for (const package_ of packages) {
    const field = package_.entry.replace
    if (field === undefined) continue
    const reference = parseReference(field.text, encoded)
    if (reference === undefined)
      return failure('bad-dependency-string', file, field.line, `${JSON.stringify(field.text)} names no package`, REGENERATE)
    package_.replacedBy = index.find(reference, unpinnedFormat)
    any ||= package_.replacedBy !== undefined
  }
  if (!any) return undefined
  for (const package_ of packages) {
    package_.dependencies.forEach((dependency, i) => {
      const target = dependency.target.replacedBy
      if (target !== undefined) package_.dependencies[i] = { target, field: dependency.field }
    })
  }
  return undefined
}

/** Format of a file without a number, in the order cargo decides it (spec/cargo.md §1.2). */
function inferFormat(packages: readonly LockPackage[], text: string): 1 | 2 {
  for (const package_ of packages) {
    if (package_.entry.checksum !== undefined) return 2
    for (const { target, field } of package_.dependencies) {
      const parts = field.text.split(' ')
      if (parts.length === 1 || (parts.length === 2 && target.source !== undefined)) return 2
    }
  }
  return packages.length === 1 && text.endsWith('\n') && !text.endsWith('\n\n') ? 2 : 1
}

const CHECKSUM_KEY = 'checksum '

/** Format 1 keeps checksums in `[metadata]`; where a later format has them there too, cargo throws all of them away. */
function checkChecksums(raw: RawLock, packages: readonly LockPackage[], index: PackageIndex, format: number): LockFlag[] {
  const kept = raw.metadata.filter((pair) => pair.key.startsWith(CHECKSUM_KEY))
  const flags: LockFlag[] = []
  if (format !== 1 && kept.length > 0) flags.push({ code: 'mixed-checksum-styles', line: kept[0]?.value.line ?? 1 })
  if (format === 1) {
    for (const { key, value } of kept) {
      const reference = parseReference(key.slice(CHECKSUM_KEY.length), false)
      const target = reference === undefined ? undefined : index.find(reference, true)
      if (target !== undefined && value.text !== '<none>') target.checksum = value
    }
  }
  return [...flags, ...packages.flatMap(checksumFlags)]
}

function checksumFlags(package_: LockPackage): LockFlag[] {
  const { checksum, source } = package_
  const registry = source?.kind === 'registry' || source?.kind === 'sparse'
  if (checksum === undefined) return registry ? [{ code: 'missing-checksum', line: package_.entry.line, package: package_ }] : []
  if (!/^[0-9a-fA-F]{64}$/.test(checksum.text)) return [{ code: 'checksum-malformed', line: checksum.line, package: package_ }]
  return /[A-F]/.test(checksum.text) ? [{ code: 'checksum-not-lowercase-hex', line: checksum.line, package: package_ }] : []
}

function nameFlags(packages: readonly LockPackage[]): LockFlag[] {
  const versions = new Map<string, Set<string>>()
  const registries = new Map<string, Set<string>>()
  for (const { name, version, source } of packages) {
    add(versions, name, version)
    if (source?.kind === 'registry' || source?.kind === 'sparse') add(registries, name, source.identity)
  }
  const several = (sets: ReadonlyMap<string, ReadonlySet<string>>): string[] =>
    [...sets].filter(([, set]) => set.size > 1).map(([name]) => name)
  const flags: LockFlag[] = []
  const manyVersions = several(versions)
  if (manyVersions.length > 0) flags.push({ code: 'duplicate-versions', line: 1, names: manyVersions })
  const manyRegistries = several(registries)
  if (manyRegistries.length > 0) flags.push({ code: 'same-name-multiple-registries', line: 1, names: manyRegistries })
  return flags
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

function sourceFlags(packages: readonly LockPackage[]): LockFlag[] {
  return packages.flatMap((package_): LockFlag[] => {
    const { source } = package_
    if (source?.kind !== 'git') return []
    const line = package_.entry.source?.line ?? package_.entry.line
    const flags: LockFlag[] = []
    if (source.refAmbiguous) flags.push({ code: 'git-ref-ambiguous', line, package: package_ })
    if (source.pin === 'none') flags.push({ code: 'git-not-pinned', line, package: package_ })
    if (source.pin === 'abbreviated') flags.push({ code: 'git-commit-not-full', line, package: package_ })
    return flags
  })
}
