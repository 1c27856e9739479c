import type { Scope } from '../../model/component.js'
import type { EdgeKind } from '../../model/graph.js'
import { LockNames } from './lock-flags.js'
import type { LockEntry, NimLock } from './lock-model.js'
import type { Manifest, ManifestRequirement } from './manifest-model.js'
import type { PackageList } from './registry.js'
import { lookUpAll } from './registry.js'
import type { Requirement } from './requirement.js'
import { isToolchain, normaliseName } from './requirement.js'
import { readPackageUrl, repositoryKey } from './url.js'
import { satisfies } from './version.js'

/** Finds the entry of a lock that a requirement means. */
export class LockIndex {
  readonly #names: LockNames
  readonly #urls = new Map<string, LockEntry[]>()
  /**
   * By the last part of the URL: the lock has the name of the `.nimble` file, a requirement that of the package list, and
   * where they differ the repository mostly carries the latter.
   */
  readonly #repositories = new Map<string, LockEntry>()

  constructor(
    readonly lock: NimLock,
    readonly lists: readonly PackageList[],
  ) {
    this.#names = new LockNames(lock.entries)
    for (const entry of lock.entries) {
      const key = repositoryKey(entry.url.text)
      const repository = normaliseName(key.slice(key.lastIndexOf('/') + 1))
      for (const name of [repository, repository.replace(/^nim-/, '')])
        if (!this.#repositories.has(name)) this.#repositories.set(name, entry)
      const known = this.#urls.get(key)
      if (known === undefined) this.#urls.set(key, [entry])
      else known.push(entry)
    }
  }

  /** An edge of the lock: a name. */
  named(name: string, task: string | undefined): LockEntry | undefined {
    return this.#names.find(name, task)
  }

  /** A requirement: a name, an alias of the package list, or a URL. */
  wanted(requirement: Requirement, task: string | undefined): LockEntry | undefined {
    if (requirement.target === 'url') {
      const found = this.#urls.get(repositoryKey(requirement.name)) ?? []
      const { subdirectory } = readPackageUrl(requirement.name)
      return found.find((entry) => readPackageUrl(entry.url.text).subdirectory === subdirectory) ?? found[0]
    }
    const direct = this.#names.find(requirement.name, task)
    if (direct !== undefined) return direct
    const { lookup } = lookUpAll(this.lists, requirement.name)
    const listed =
      lookup.kind === 'found'
        ? (this.#names.find(lookup.package.name, task) ?? this.#urls.get(repositoryKey(lookup.package.url ?? ''))?.[0])
        : undefined
    return listed ?? this.#repositories.get(normaliseName(requirement.name))
  }
}

/** How a requirement of the manifest is used. */
export function edgeKindOf({ task, feature }: ManifestRequirement): EdgeKind {
  if (task !== undefined) return task === 'test' ? 'test' : 'dev'
  return feature === 'dev' ? 'dev' : 'runtime'
}

export interface RootEdge {
  readonly entry: LockEntry
  readonly kind: EdgeKind
  /** The requirement; absent for an entry that nothing at hand asks for. */
  readonly wanted: ManifestRequirement | undefined
}

export interface Reached {
  readonly rootEdges: readonly RootEdge[]
  readonly scopes: ReadonlyMap<LockEntry, ReadonlySet<Scope>>
  /** Entries that no requirement leads to. */
  readonly unreached: readonly LockEntry[]
}

/**
 * What the project asks for, and what each entry is used for through that. Without a manifest the entries that nobody
 * names are asked for (spec/nimble.md §3); of a knot that nobody names, its first.
 */
export function reach(index: LockIndex, manifest: Manifest | undefined): Reached {
  const { lock } = index
  const scopes = new Map<LockEntry, Set<Scope>>()
  const spread = (from: LockEntry, scope: Scope): void => {
    const open = [from]
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const known = scopes.get(entry)
      if (known?.has(scope) === true) continue
      if (known === undefined) scopes.set(entry, new Set([scope]))
      else known.add(scope)
      for (const dependency of entry.dependencies) {
        const target = index.named(dependency.text, entry.task)
        if (target !== undefined) open.push(target)
      }
    }
  }
  const rootEdges: RootEdge[] = []
  const add = (edge: RootEdge, scope: Scope): void => {
    rootEdges.push(edge)
    spread(edge.entry, scope)
  }
  for (const wanted of manifest?.requires ?? []) {
    const entry = wanted.requirement.target === 'toolchain' ? undefined : index.wanted(wanted.requirement, wanted.task)
    const kind = edgeKindOf(wanted)
    if (entry !== undefined) add({ entry, kind, wanted }, kind)
  }
  for (const entry of lock.entries) {
    if (entry.task === undefined || scopes.has(entry)) continue
    const kind = entry.task === 'test' ? 'test' : 'dev'
    add({ entry, kind, wanted: undefined }, kind)
  }
  const unreached = lock.entries.filter((entry) => !scopes.has(entry) && !isToolchain(entry.name))
  const named = new Set(lock.entries.flatMap((entry) => entry.dependencies.map((d) => index.named(d.text, entry.task))))
  // Without a manifest every entry of `packages` is there for the package itself.
  const scope = manifest === undefined && lock.hasEdges ? 'runtime' : 'unknown'
  for (const entry of [...unreached.filter((entry) => !named.has(entry)), ...unreached])
    if (!scopes.has(entry)) add({ entry, kind: scope, wanted: undefined }, scope)
  return { rootEdges, scopes, unreached }
}

/** Why an entry does not satisfy a requirement; undefined when it does, or when nothing at hand tells. */
export function dissatisfaction(wanted: ManifestRequirement, entry: LockEntry): string | undefined {
  const { range } = wanted.requirement
  if (entry.version === '') return undefined
  if (range.kind !== 'special') return satisfies(range, entry.version) ? undefined : 'the locked version is outside the range'
  const ref = range.ref.slice(1).toLowerCase()
  // Older nimbles lock the version of the manifest where a branch was asked for: only a commit can be compared.
  if (!/^[0-9a-f]{40}$/.test(ref) || entry.revision === undefined || entry.revision === ref) return undefined
  return 'the locked commit is another one'
}
