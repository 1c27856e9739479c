import { folderOf, joinPath, resolvePath } from '../../model/tree.js'
import { isGlob, matchGlob } from '../../syntax/glob.js'
import type { DeclaredDependency, Manifest } from './manifest.js'
import { string, strings } from './manifest.js'

/** A member of a workspace with everything inherited filled in. */
export interface Member {
  readonly manifest: Manifest
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  readonly description: string | undefined
  readonly homepage: string | undefined
  readonly repository: string | undefined
  readonly authors: readonly string[] | undefined
  readonly dependencies: readonly DeclaredDependency[]
}

/** A workspace, or a package on its own: what one lockfile is for. */
export interface CargoWorkspace {
  /** Folder of the root manifest. */
  readonly folder: string
  readonly root: Manifest
  readonly virtual: boolean
  readonly members: readonly Member[]
  /** Path dependencies that are not members, by folder. */
  readonly outsiders: readonly Member[]
  readonly defaultMembers: readonly string[]
  readonly resolver: 1 | 2 | 3
}

/** Groups the manifests of a tree into workspaces (spec/cargo.md §2.3). `manifests` is keyed by folder. */
export function findWorkspaces(manifests: ReadonlyMap<string, Manifest>): readonly CargoWorkspace[] {
  const roots = new Map<string, Manifest[]>()
  for (const [folder, manifest] of manifests) {
    const root = workspaceRoot(folder, manifest, manifests) ?? folder
    const group = roots.get(root)
    if (group === undefined) roots.set(root, [manifest])
    else group.push(manifest)
  }
  const taken = new Set<string>()
  const workspaces: CargoWorkspace[] = []
  for (const [folder] of [...roots].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const root = manifests.get(folder)
    if (root?.workspace === undefined) continue
    const workspace = buildWorkspace(folder, root, manifests)
    for (const member of workspace.members) taken.add(member.folder)
    workspaces.push(workspace)
  }
  // A manifest that no workspace took stands for itself, even when it lies below one (cargo would ask for `exclude`).
  for (const [folder, manifest] of manifests) {
    if (taken.has(folder) || manifest.workspace !== undefined || manifest.package === undefined) continue
    workspaces.push(buildWorkspace(folder, manifest, manifests))
  }
  return workspaces.sort((a, b) => (a.folder < b.folder ? -1 : 1))
}

/** The folder of the workspace a manifest belongs to by its own search: `package.workspace`, else the nearest one above. */
export function workspaceRoot(folder: string, manifest: Manifest, manifests: ReadonlyMap<string, Manifest>): string | undefined {
  if (manifest.workspace !== undefined) return folder
  const named = manifest.package?.workspace
  if (named !== undefined) return resolvePath(folder, named)
  for (let at = folder; at !== '.'; ) {
    at = folderOf(at)
    const above = manifests.get(at)
    if (above?.workspace !== undefined && !isExcluded(folder, at, above)) return at
  }
  return undefined
}

function buildWorkspace(folder: string, root: Manifest, manifests: ReadonlyMap<string, Manifest>): CargoWorkspace {
  const seen = new Set<string>()
  const confers = (target: string): boolean => {
    // Inside the root every path dependency of a member is a member; outside only when its own search leads back.
    if (root.workspace === undefined) return false
    const manifest = manifests.get(target)
    const inside = isBelow(target, folder) && !isExcluded(target, folder, root)
    return inside || (manifest !== undefined && workspaceRoot(target, manifest, manifests) === folder)
  }
  const collect = (
    start: readonly string[],
    rootOf: (at: string, manifest: Manifest) => Manifest,
    follow: (target: string) => boolean,
  ): { found: Member[]; rest: string[] } => {
    const found: Member[] = []
    const rest: string[] = []
    const queue = [...start]
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const manifest = manifests.get(at)
      if (seen.has(at) || manifest?.package === undefined) continue
      seen.add(at)
      const member = fillIn(manifest, at, rootOf(at, manifest))
      found.push(member)
      for (const { path } of member.dependencies) {
        const target = path === undefined ? undefined : resolvePath(at, path)
        if (target !== undefined && !seen.has(target)) (follow(target) ? queue : rest).push(target)
      }
    }
    return { found, rest }
  }
  const { found: members, rest } = collect(memberFolders(folder, root, manifests), () => root, confers)
  const { found: outsiders } = collect(
    rest,
    (at, manifest) => ownRoot(at, manifest, manifests),
    () => true,
  )
  const sorted = members.sort((a, b) => (a.folder < b.folder ? -1 : 1))
  return {
    folder,
    root,
    virtual: root.package === undefined,
    members: sorted,
    outsiders: outsiders.sort((a, b) => (a.folder < b.folder ? -1 : 1)),
    defaultMembers: defaultMembers(folder, root, sorted),
    resolver: resolverOf(root),
  }
}

function ownRoot(folder: string, manifest: Manifest, manifests: ReadonlyMap<string, Manifest>): Manifest {
  const root = workspaceRoot(folder, manifest, manifests)
  return (root === undefined ? undefined : manifests.get(root)) ?? manifest
}

/** Folders that `members` names, globs expanded over the manifests there are, and the root package. */
function memberFolders(folder: string, root: Manifest, manifests: ReadonlyMap<string, Manifest>): string[] {
  const folders = root.package === undefined ? [] : [folder]
  for (const pattern of root.workspace?.members ?? []) {
    const clean = pattern.replace(/^\.\//, '').replace(/\/$/, '')
    if (!isGlob(clean)) {
      const literal = resolvePath(folder, clean)
      if (literal !== undefined && manifests.has(literal)) folders.push(literal)
      continue
    }
    for (const candidate of manifests.keys()) {
      const inner = innerPath(candidate, folder)
      if (inner !== undefined && matchGlob(clean, inner) && !isExcluded(candidate, folder, root)) folders.push(candidate)
    }
  }
  return [...new Set(folders)].sort()
}

/** `exclude` lists path prefixes; a literally named member is never excluded. */
function isExcluded(folder: string, rootFolder: string, root: Manifest): boolean {
  const workspace = root.workspace
  const inner = innerPath(folder, rootFolder)
  if (workspace === undefined || inner === undefined) return false
  const literal = workspace.members.some(
    (member) => !isGlob(member) && isBelow(inner, member.replace(/^\.\//, '').replace(/\/$/, '')),
  )
  return !literal && workspace.exclude.some((prefix) => isBelow(inner, prefix.replace(/^\.\//, '').replace(/\/$/, '')))
}

function defaultMembers(folder: string, root: Manifest, members: readonly Member[]): readonly string[] {
  const named = root.workspace?.defaultMembers
  if (named === undefined) return root.package === undefined ? members.map((member) => member.folder) : [folder]
  return members
    .map((member) => member.folder)
    .filter((at) =>
      named.some((pattern) => matchGlob(pattern.replace(/^\.\//, '').replace(/\/$/, ''), innerPath(at, folder) ?? '..')),
    )
}

function resolverOf(root: Manifest): 1 | 2 | 3 {
  const inherited =
    root.package?.inherits.has('edition') === true ? string(root.workspace?.package?.['edition']) : root.package?.edition
  const stated = root.workspace?.resolver ?? root.package?.resolver
  if (stated === '2') return 2
  if (stated === '3') return 3
  if (stated !== undefined || root.package === undefined) return 1
  return inherited === '2021' ? 2 : inherited === '2024' ? 3 : 1
}

/** Fills in what a member inherits from its workspace. */
function fillIn(manifest: Manifest, folder: string, root: Manifest): Member {
  const { package: own } = manifest
  const shared = root.workspace?.package
  const value = (key: 'version' | 'license' | 'description' | 'homepage' | 'repository'): string | undefined =>
    own?.inherits.has(key) === true ? string(shared?.[key]) : own?.[key]
  const base = new Map((root.workspace?.dependencies ?? []).map((dependency) => [dependency.key, dependency]))
  return {
    manifest,
    folder,
    name: own?.name ?? '',
    version: value('version') ?? '0.0.0',
    license: value('license'),
    description: value('description'),
    homepage: value('homepage'),
    repository: value('repository'),
    authors: own?.inherits.has('authors') === true ? strings(shared?.['authors']) : own?.authors,
    dependencies: manifest.dependencies.map((dependency) => inherit(dependency, base, folder, folderOf(root.path))),
  }
}

/** `workspace = true`: the shared entry, plus the member's own features (spec/cargo.md §2.2). */
function inherit(
  own: DeclaredDependency,
  base: ReadonlyMap<string, DeclaredDependency>,
  folder: string,
  rootFolder: string,
): DeclaredDependency {
  const shared = own.inherited ? base.get(own.key) : undefined
  if (shared === undefined) return own
  return {
    ...shared,
    kind: own.kind,
    target: own.target,
    optional: own.optional,
    features: [...shared.features, ...own.features],
    // A member's `true` turns a shared `false` on; its `false` is ignored.
    defaultFeatures: shared.defaultFeatures === false && own.defaultFeatures === true ? true : shared.defaultFeatures,
    path: shared.path === undefined ? undefined : (fromFolder(folder, resolvePath(rootFolder, shared.path)) ?? shared.path),
    inherited: true,
    location: own.location,
  }
}

/** The path from one folder of the tree to another, as a manifest in the first would write it. */
function fromFolder(folder: string, target: string | undefined): string | undefined {
  if (target === undefined) return undefined
  const up = folder === '.' ? '' : '../'.repeat(folder.split('/').length)
  return target === '.' ? up || '.' : joinPath(up.replace(/\/$/, ''), target)
}

function innerPath(path: string, folder: string): string | undefined {
  if (folder === '.') return path
  if (path === folder) return '.'
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
}

function isBelow(path: string, folder: string): boolean {
  return innerPath(path, folder) !== undefined
}
