import type { Target } from './cfg.js'
import { matchesTarget, parseTargetExpr } from './cfg.js'
import type { DependencyRecord, MatchedPackage } from './declared.js'
import type { LockPackage } from './lock-model.js'

export type CargoScope = 'runtime' | 'build' | 'dev' | 'inactive'

export interface ScopeQuery {
  readonly packages: ReadonlyMap<LockPackage, MatchedPackage>
  readonly roots: readonly LockPackage[]
  /** Features of the roots; `all` stands for every feature and optional dependency. */
  readonly features: 'all' | { readonly names: readonly string[]; readonly default: boolean }
  /** Undefined: every target. */
  readonly targets: readonly Target[] | undefined
  readonly resolver: 1 | 2 | 3
}

export interface Scopes {
  readonly scopes: ReadonlyMap<LockPackage, CargoScope>
  /** Dependencies that were activated, by the package that has them. */
  readonly active: ReadonlyMap<LockPackage, ReadonlySet<DependencyRecord>>
}

/** A package as cargo's feature resolver sees it: apart for the build machine where the resolver keeps it apart. */
interface Node {
  readonly package: LockPackage
  readonly forHost: boolean
  readonly isRoot: boolean
  visited: boolean
  readonly enabledFeatures: Set<string>
  readonly enabled: Set<DependencyRecord>
  /** Features asked for by `x/y` and `x?/y`, by the dependency's key. */
  readonly wanted: Map<string, Set<string>>
}

type Work = () => void

/**
 * Which packages are reached, and what for, without cargo (spec/cargo.md §2.7; checked there against `cargo tree`).
 * Iterative throughout: depth equals package count in bad cases, and development dependencies make legal cycles.
 */
export function computeScopes(query: ScopeQuery): Scopes {
  const activation = new Activation(query)
  activation.run()
  return propagate(query, activation.active())
}

class Activation {
  readonly #nodes = new Map<LockPackage, { target: Node | undefined; host: Node | undefined }>()
  readonly #work: Work[] = []
  readonly #targetMatches = new Map<string, boolean>()
  readonly #roots: ReadonlySet<LockPackage>

  constructor(readonly query: ScopeQuery) {
    this.#roots = new Set(query.roots)
  }

  run(): void {
    const { features, roots, packages } = this.query
    for (const root of roots) {
      const node = this.#node(root, false)
      this.#visit(node)
      if (features === 'all') {
        for (const name of packages.get(root)?.declared?.features.keys() ?? []) this.#enableFeature(node, name)
        for (const record of this.#usable(node)) if (record.declared.optional) this.#enableDependency(node, record)
        continue
      }
      if (features.default) this.#enableFeature(node, 'default')
      for (const name of features.names) this.#enableFeature(node, name)
    }
    for (let next = this.#work.pop(); next !== undefined; next = this.#work.pop()) next()
  }

  active(): ReadonlyMap<LockPackage, ReadonlySet<DependencyRecord>> {
    const active = new Map<LockPackage, Set<DependencyRecord>>()
    for (const [package_, { target, host }] of this.#nodes)
      active.set(package_, new Set([...(target?.enabled ?? []), ...(host?.enabled ?? [])]))
    return active
  }

  #node(package_: LockPackage, forHost: boolean): Node {
    let pair = this.#nodes.get(package_)
    if (pair === undefined) {
      pair = { target: undefined, host: undefined }
      this.#nodes.set(package_, pair)
    }
    const key = forHost ? 'host' : 'target'
    pair[key] ??= {
      package: package_,
      forHost,
      isRoot: this.#roots.has(package_),
      visited: false,
      enabledFeatures: new Set(),
      enabled: new Set(),
      wanted: new Map(),
    }
    return pair[key]
  }

  #visit(node: Node): void {
    if (node.visited) return
    node.visited = true
    for (const record of this.#usable(node))
      if (!record.declared.optional) this.#work.push(() => this.#enableDependency(node, record))
  }

  /** Development dependencies count only for a root that is built for the target. */
  #usable(node: Node): readonly DependencyRecord[] {
    const records = this.query.packages.get(node.package)?.records ?? []
    return records.filter(
      ({ declared }) => this.#matches(declared.target) && (declared.kind !== 'dev' || (node.isRoot && !node.forHost)),
    )
  }

  #matches(expression: string | undefined): boolean {
    const { targets } = this.query
    if (expression === undefined || targets === undefined) return true
    let matches = this.#targetMatches.get(expression)
    if (matches === undefined) {
      const parsed = parseTargetExpr(expression)
      matches = parsed === undefined || targets.some((target) => matchesTarget(parsed, target))
      this.#targetMatches.set(expression, matches)
    }
    return matches
  }

  #enableDependency(node: Node, record: DependencyRecord): void {
    if (node.enabled.has(record)) return
    node.enabled.add(record)
    const target = this.#targetOf(node, record)
    this.#visit(target)
    const { declared } = record
    for (const feature of declared.features) this.#enableFeature(target, feature)
    if (declared.defaultFeatures !== false) this.#enableFeature(target, 'default')
    for (const feature of node.wanted.get(declared.key) ?? []) this.#enableFeature(target, feature)
  }

  #targetOf(node: Node, record: DependencyRecord): Node {
    const isProcMacro = this.query.packages.get(record.target)?.declared?.procMacro === true
    const forHost = this.query.resolver >= 2 && (node.forHost || record.declared.kind === 'build' || isProcMacro)
    return this.#node(record.target, forHost)
  }

  #enableFeature(node: Node, feature: string): void {
    if (node.enabledFeatures.has(feature)) return
    node.enabledFeatures.add(feature)
    const items = this.query.packages.get(node.package)?.declared?.features.get(feature)
    if (items !== undefined) {
      for (const item of items) this.#work.push(() => this.#enableItem(node, item))
      return
    }
    // The implicit feature of an optional dependency.
    for (const record of this.#usable(node))
      if (record.declared.optional && record.declared.key === feature) this.#work.push(() => this.#enableDependency(node, record))
  }

  #enableItem(node: Node, item: string): void {
    const keyed = (key: string): readonly DependencyRecord[] => this.#usable(node).filter((record) => record.declared.key === key)
    if (item.startsWith('dep:')) {
      for (const record of keyed(item.slice('dep:'.length))) this.#enableDependency(node, record)
      return
    }
    const slash = item.indexOf('/')
    if (slash < 0) {
      this.#enableFeature(node, item)
      return
    }
    const weak = item[slash - 1] === '?'
    const key = item.slice(0, weak ? slash - 1 : slash)
    const feature = item.slice(slash + 1)
    const wanted = node.wanted.get(key)
    if (wanted === undefined) node.wanted.set(key, new Set([feature]))
    else wanted.add(feature)
    for (const record of keyed(key)) {
      if (!weak && record.declared.optional) this.#enableDependency(node, record)
      if (node.enabled.has(record)) this.#enableFeature(this.#targetOf(node, record), feature)
    }
  }
}

const STRENGTH: Readonly<Record<CargoScope, number>> = { runtime: 3, build: 2, dev: 1, inactive: 0 }

/** Carries the context of use from the roots over the activated dependencies; the strongest one a package meets is its scope. */
function propagate(query: ScopeQuery, active: ReadonlyMap<LockPackage, ReadonlySet<DependencyRecord>>): Scopes {
  const { packages, roots } = query
  const scopes = new Map<LockPackage, CargoScope>()
  for (const package_ of packages.keys()) scopes.set(package_, 'inactive')
  const rootSet = new Set(roots)
  const seen = {
    runtime: new Set<LockPackage>(),
    build: new Set<LockPackage>(),
    dev: new Set<LockPackage>(),
    inactive: new Set<LockPackage>(),
  }
  const isProcMacro = (package_: LockPackage): boolean => packages.get(package_)?.declared?.procMacro === true
  // A root that is itself a proc-macro only ever runs inside the compiler.
  const stack: (readonly [LockPackage, CargoScope])[] = roots.map((root) => [root, isProcMacro(root) ? 'build' : 'runtime'])
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [package_, context] = next
    if (seen[context].has(package_)) continue
    seen[context].add(package_)
    if (STRENGTH[context] > STRENGTH[scopes.get(package_) ?? 'inactive']) scopes.set(package_, context)
    for (const { declared, target } of active.get(package_) ?? []) {
      if (declared.kind === 'dev' && !rootSet.has(package_)) continue
      let inner: CargoScope =
        declared.kind === 'dev' ? 'dev' : declared.kind === 'build' && context === 'runtime' ? 'build' : context
      if (inner === 'runtime' && isProcMacro(target)) inner = 'build'
      stack.push([target, inner])
    }
    // An edge without a declaration is followed: over-approximate, never drop.
    for (const target of packages.get(package_)?.unexplained ?? []) stack.push([target, context])
  }
  return { scopes, active }
}
