import type { ComponentId } from '../../model/component.js'
import { componentId } from '../../model/component.js'
import type { Source } from '../../model/source.js'
import type { MatchedPackage } from './declared.js'
import { declaredOfMember, matchDeclarations } from './declared.js'
import type { CargoLock, LockPackage } from './lock-model.js'
import type { ProjectInput } from './project.js'
import type { CargoScope } from './scopes.js'
import { computeScopes } from './scopes.js'
import type { CargoSource } from './source-string.js'
import { toSource } from './source-string.js'
import type { Member } from './workspace.js'

/** A lock package with all that is known of it; what facts and replacements are made from. */
export interface KnownPackage {
  readonly package: LockPackage
  readonly id: ComponentId
  readonly source: Source
  readonly member: Member | undefined
  /** The package of the workspace with its name and another version, when none has both: the lock is older than it. */
  readonly renumbered: Member | undefined
  readonly isMember: boolean
  readonly matched: MatchedPackage
  readonly scope: CargoScope | 'unknown'
}

/** What the manifests at hand say of a package of the lock. */
export interface MatchedLockPackage {
  readonly member: Member | undefined
  readonly isMember: boolean
  readonly matched: MatchedPackage
}

/** Matches every package of the lock to the manifest it comes from, and its edges to what that declares. */
export function matchLock(
  input: Pick<ProjectInput, 'workspace' | 'declared' | 'vendored' | 'buildScripts'>,
  lock: CargoLock,
): ReadonlyMap<LockPackage, MatchedLockPackage> {
  const members = byNameAndVersion(input.workspace?.members ?? [])
  const outsiders = byNameAndVersion(input.workspace?.outsiders ?? [])
  const found = new Map<LockPackage, MatchedLockPackage>()
  for (const package_ of lock.packages) {
    const key = `${package_.name} ${package_.version}`
    const isPath = package_.source === undefined
    const own = isPath ? members.get(key) : undefined
    const member = own ?? (isPath ? outsiders.get(key) : undefined)
    const declared =
      member === undefined
        ? (input.declared.get(package_) ?? (isPath ? undefined : input.vendored?.get(key)?.declared))
        : declaredOfMember(member, input.buildScripts.has(member.folder))
    found.set(package_, {
      member,
      isMember: own !== undefined,
      matched: matchDeclarations(package_, declared, own !== undefined),
    })
  }
  return found
}

function byNameAndVersion(members: readonly Member[]): ReadonlyMap<string, Member> {
  return new Map(members.map((member) => [`${member.name} ${member.version}`, member]))
}

/** All that is known of the packages of a lock: their manifests, identities, scopes. */
export function knowPackages(input: ProjectInput, lock: CargoLock): ReadonlyMap<LockPackage, KnownPackage> {
  const { workspace } = input
  const found = matchLock(input, lock)
  const packages = new Map([...found].map(([package_, { matched }]) => [package_, matched]))
  const roots = scopeRoots(lock, found)
  const knowsManifests = workspace !== undefined && [...found.values()].some(({ isMember }) => isMember)
  const scopes = knowsManifests
    ? computeScopes({
        packages,
        roots,
        features:
          input.features === undefined
            ? 'all'
            : { names: input.features.filter((name) => name !== 'default'), default: !input.features.includes('no-default') },
        targets: input.targets,
        resolver: workspace.resolver,
      }).scopes
    : undefined
  const known = new Map<LockPackage, KnownPackage>()
  const sources = new Map<CargoSource, Source>()
  const own = [...(workspace?.members ?? []), ...(workspace?.outsiders ?? [])]
  const byName = new Map(own.map((member) => [member.name, member]))
  for (const [package_, { member, isMember, matched }] of found) {
    const renumbered = package_.source === undefined && member === undefined ? byName.get(package_.name) : undefined
    const source = sourceOf(package_, member ?? renumbered, sources)
    const id = componentId('cargo', package_.name, package_.version, source)
    const scope = scopes?.get(package_) ?? 'unknown'
    known.set(package_, { package: package_, id, source, member, renumbered, isMember, matched, scope })
  }
  return known
}

/** Members; without manifests the path packages that nothing depends on, else all path packages (spec/cargo.md §2.8). */
function scopeRoots(lock: CargoLock, found: ReadonlyMap<LockPackage, { readonly isMember: boolean }>): readonly LockPackage[] {
  const members = lock.packages.filter((package_) => found.get(package_)?.isMember === true)
  if (members.length > 0) return members
  const paths = lock.packages.filter((package_) => package_.source === undefined)
  const needed = new Set(lock.packages.flatMap((package_) => package_.dependencies.map(({ target }) => target)))
  const tops = paths.filter((package_) => !needed.has(package_))
  return tops.length > 0 ? tops : paths
}

function sourceOf(package_: LockPackage, member: Member | undefined, known: Map<CargoSource, Source>): Source {
  if (package_.source !== undefined) {
    const source = known.get(package_.source) ?? toSource(package_.source)
    known.set(package_.source, source)
    return source
  }
  if (member !== undefined) return { kind: 'path', path: member.folder, outside: false }
  return { kind: 'unknown', why: 'a path package whose manifest is not in the tree' }
}
