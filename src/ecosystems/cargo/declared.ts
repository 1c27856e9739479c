import type { LockPackage } from './lock-model.js'
import type { DeclaredDependency } from './manifest.js'
import { compareSemVer, parseSemVer } from './semver.js'
import { matchesVersionReq, parseVersionReq } from './version-req.js'
import type { Member } from './workspace.js'

/** What is known of one package beside the lock: what it declares, and what it is. */
export interface DeclaredPackage {
  readonly dependencies: readonly DeclaredDependency[]
  readonly features: ReadonlyMap<string, readonly string[]>
  /** Undefined where the source of the fact (an index row) cannot tell. */
  readonly procMacro: boolean | undefined
  readonly buildScript: boolean | undefined
  readonly license?: string | undefined
  readonly description?: string | undefined
  readonly repository?: string | undefined
  readonly homepage?: string | undefined
  readonly authors?: readonly string[] | undefined
}

/** One declared dependency with the package of the lock it resolved to. */
export interface DependencyRecord {
  readonly declared: DeclaredDependency
  readonly target: LockPackage
}

/** The declarations of a package, matched to its lock edges. */
export interface MatchedPackage {
  readonly declared: DeclaredPackage | undefined
  readonly records: readonly DependencyRecord[]
  /** Lock edges that no declaration explains; kept, with kind unknown. */
  readonly unexplained: readonly LockPackage[]
}

/**
 * Maps declarations to lock edges (spec/cargo.md §2.6): among the edges of the package those whose name and version
 * fit; of several the one from the declared kind of source, then the highest version. One edge may carry several
 * declarations. A declaration without an edge was never resolved: normal for optional dependencies nobody enables.
 */
export function matchDeclarations(
  package_: LockPackage,
  declared: DeclaredPackage | undefined,
  isMember: boolean,
): MatchedPackage {
  const targets = package_.dependencies.map((dependency) => dependency.target)
  if (declared === undefined) return { declared, records: [], unexplained: targets }
  const records: DependencyRecord[] = []
  const explained = new Set<LockPackage>()
  for (const dependency of declared.dependencies) {
    // The lock holds development dependencies of members only.
    if (dependency.kind === 'dev' && !isMember) continue
    const target = chooseTarget(dependency, targets)
    if (target === undefined) continue
    explained.add(target)
    records.push({ declared: dependency, target })
  }
  return { declared, records, unexplained: targets.filter((target) => !explained.has(target)) }
}

function chooseTarget(dependency: DeclaredDependency, targets: readonly LockPackage[]): LockPackage | undefined {
  const requirement = dependency.requirement === undefined ? undefined : parseVersionReq(dependency.requirement)
  const fitting = targets.filter((target) => {
    if (target.name !== dependency.package) return false
    const version = parseSemVer(target.version)
    return requirement === undefined || (version !== undefined && matchesVersionReq(requirement, version))
  })
  if (fitting.length < 2) return fitting[0]
  const wanted = dependency.path !== undefined ? 'path' : dependency.git !== undefined ? 'git' : 'registry'
  const sameKind = fitting.filter(
    (target) => (target.source === undefined ? 'path' : target.source.kind === 'git' ? 'git' : 'registry') === wanted,
  )
  const candidates = sameKind.length > 0 ? sameKind : fitting
  return candidates.reduce((best, target) => (isHigher(target.version, best.version) ? target : best))
}

function isHigher(a: string, b: string): boolean {
  const left = parseSemVer(a)
  const right = parseSemVer(b)
  return left !== undefined && right !== undefined && compareSemVer(left, right) > 0
}

/** What a member's manifest says, in the common shape. */
export function declaredOfMember(member: Member, hasBuildScript: boolean): DeclaredPackage {
  const { manifest } = member
  const build = manifest.package?.build
  return {
    dependencies: member.dependencies,
    features: manifest.features,
    procMacro: manifest.procMacro,
    buildScript: build === false ? false : typeof build === 'string' || hasBuildScript,
    license: member.license,
    description: member.description,
    repository: member.repository,
    homepage: member.homepage,
    authors: member.authors,
  }
}
