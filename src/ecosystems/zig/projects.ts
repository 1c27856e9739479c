import { joinPath } from '../../model/tree.js'
import type { ZigPackage } from './packages.js'
import { manifestOf } from './packages.js'

/** How many packages the projects may have together; a chain of manifests that each lead on has the square of its length. */
const MAX_MEMBERSHIPS = 500_000

/** A package of the repository that is built by itself, and everything it reaches. */
export interface ZigProject {
  readonly id: string
  readonly folder: string
  readonly root: ZigPackage
  readonly members: readonly ZigPackage[]
  /** Not everything it reaches was counted in. */
  readonly truncated: boolean
}

/**
 * Which manifests are projects: all but those that a package in a folder above reaches by path. Those belong to it, as the
 * members of a workspace do.
 */
export function findProjects(packages: readonly ZigPackage[]): readonly ZigProject[] {
  const candidates = packages
    .flatMap((package_) =>
      package_.place.kind === 'local' && manifestOf(package_) !== undefined ? [{ package_, folder: package_.place.folder }] : [],
    )
    .sort((a, b) => depth(a.folder) - depth(b.folder) || (a.folder < b.folder ? -1 : 1))
  const owned = new Set<ZigPackage>()
  const projects: ZigProject[] = []
  let left = MAX_MEMBERSHIPS
  for (const { package_: root, folder } of candidates) {
    if (owned.has(root)) continue
    const members = reach(root, left)
    left = Math.max(left - members.size, 1)
    for (const member of members)
      if (member !== root && member.place.kind === 'local' && isBelow(member.place.folder, folder)) owned.add(member)
    const truncated = [...members].some(({ links }) => links.some(({ to }) => !members.has(to)))
    projects.push({ id: `zig:${joinPath(folder, 'build.zig.zon')}`, folder, root, members: [...members], truncated })
  }
  return projects
}

function reach(root: ZigPackage, limit: number): ReadonlySet<ZigPackage> {
  const reached = new Set([root])
  // A set is walked in the order of insertion, what is added on the way included.
  for (const package_ of reached)
    for (const { to } of package_.links) {
      if (reached.size >= limit) return reached
      reached.add(to)
    }
  return reached
}

function depth(folder: string): number {
  return folder === '.' ? 0 : folder.split('/').length
}

function isBelow(folder: string, above: string): boolean {
  return above === '.' ? folder !== '.' : folder.startsWith(`${above}/`)
}
