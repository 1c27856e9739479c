import type { Fact } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { resolvePath } from '../../model/tree.js'
import { isGlob } from '../../syntax/glob.js'
import { followReplacement } from './config.js'
import type { KnownPackage } from './known-packages.js'
import type { LockPackage } from './lock-model.js'
import type { DeclaredDependency } from './manifest.js'
import type { ProjectInput } from './project.js'
import { pathTarget } from './project.js'
import { isPublicRegistry, withoutUserInfo } from './source-string.js'
import { satisfies } from './version-req.js'
import type { CargoWorkspace, Member } from './workspace.js'

type Data = Fact['data']

/** What was observed in one project and is neither component nor edge; rules read these. */
export function projectFacts(input: ProjectInput, project: string, known: ReadonlyMap<LockPackage, KnownPackage>): Fact[] {
  const facts: Fact[] = []
  const note = (kind: string, location: Location | undefined, data: Data, component?: KnownPackage): void => {
    facts.push({ kind, project, location, data, component: component?.id })
  }
  lockFacts(input, known, note)
  manifestFacts(input, known, note)
  sourceFacts(input, known, note)
  configFacts(input, note)
  vendorFacts(input, known, note)
  return facts
}

type Note = (kind: string, location: Location | undefined, data: Data, component?: KnownPackage) => void

function lockFacts(input: ProjectInput, known: ReadonlyMap<LockPackage, KnownPackage>, note: Note): void {
  const { lock, lockPath } = input
  if (lock === undefined) {
    const count = (input.workspace?.members ?? []).reduce(
      (sum, member) => sum + member.dependencies.filter((d) => d.path === undefined).length,
      0,
    )
    const manifest = input.workspace?.root.path
    if (!input.hasLockFile && count > 0 && manifest !== undefined)
      note('input/dependencies-without-lock', { file: manifest, line: 1, column: 1 }, { manifest, count })
    return
  }
  note('cargo/lock-format', { file: lockPath, line: 1, column: 1 }, { format: lock.format, declared: lock.declaredVersion ?? 0 })
  for (const flag of lock.flags) {
    const location = { file: lockPath, line: flag.line, column: 1 }
    const component = flag.package === undefined ? undefined : known.get(flag.package)
    const data: Data = {
      ...(flag.names === undefined ? {} : { names: flag.names }),
      ...(flag.dependency === undefined ? {} : { dependency: flag.dependency }),
    }
    note(`cargo/${flag.code}`, location, data, component)
    if (flag.code === 'missing-checksum')
      note('integrity/checksum-missing', location, { why: 'a registry package without checksum' }, component)
  }
  for (const unused of lock.patchUnused) {
    note(
      'graph/unused-override',
      { file: lockPath, line: unused.line, column: 1 },
      { override: `${unused.name} ${unused.version}`, kind: 'patch' },
    )
  }
}

/** What the manifests ask for against what the lock holds. */
function manifestFacts(input: ProjectInput, known: ReadonlyMap<LockPackage, KnownPackage>, note: Note): void {
  const { workspace, lock } = input
  if (workspace === undefined) return
  const byMember = new Map([...known.values()].flatMap((one) => (one.member === undefined ? [] : [[one.member, one] as const])))
  memberFacts(workspace, note)
  for (const member of workspace.members) {
    const one = byMember.get(member)
    if (lock !== undefined && one === undefined) {
      const at = member.manifest.package?.location ?? { file: member.manifest.path, line: 1, column: 1 }
      note('cargo/manifest-package-missing', at, { name: member.name, version: member.version })
      note('input/lock-stale', at, {
        dependency: member.name,
        requirement: `=${member.version}`,
        locked: 'nothing',
        why: 'a package of the workspace is not in the lockfile',
      })
    }
    for (const dependency of member.dependencies) dependencyFacts(input, member, dependency, one, note)
    const build = member.manifest.package?.build
    if (member.manifest.procMacro)
      note('graph/build-code', member.manifest.locate(['lib', 'proc-macro'], 'key'), { what: 'a procedural macro' }, one)
    if (build !== false && (typeof build === 'string' || input.buildScripts.has(member.folder))) {
      note(
        'graph/build-code',
        { file: member.manifest.path, line: 1, column: 1 },
        { what: `the build script ${typeof build === 'string' ? build : 'build.rs'}` },
        one,
      )
    }
  }
  for (const one of known.values()) {
    if (one.package.source !== undefined || one.member !== undefined) continue
    const location = { file: input.lockPath, line: one.package.entry.line, column: 1 }
    const { name, version } = one.package
    if (one.renumbered === undefined) note('cargo/manifest-missing', location, { name }, one)
    else {
      const why = 'the path package has another version by now'
      note(
        'input/lock-stale',
        location,
        { dependency: name, requirement: `=${one.renumbered.version}`, locked: version, why },
        one,
      )
    }
  }
  for (const [package_, { matched }] of known) {
    const { declared } = matched
    const component = known.get(package_)
    if (component === undefined || component.isMember) continue
    if (declared?.procMacro === true)
      note(
        'graph/build-code',
        { file: input.lockPath, line: package_.entry.line, column: 1 },
        { what: 'a procedural macro' },
        component,
      )
    if (declared?.buildScript === true)
      note(
        'graph/build-code',
        { file: input.lockPath, line: package_.entry.line, column: 1 },
        { what: 'a build script' },
        component,
      )
  }
  const overrides = workspace.root.overrides.filter(({ dependency }) => dependency.git?.url !== undefined)
  for (const { dependency } of overrides) urlFacts(dependency.git?.url ?? '', 'git', dependency.location, note)
}

function dependencyFacts(
  input: ProjectInput,
  member: Member,
  dependency: DeclaredDependency,
  one: KnownPackage | undefined,
  note: Note,
): void {
  const { location } = dependency
  const name = dependency.package
  if (dependency.requirement === '*')
    note('cargo/wildcard', location, { name, path: dependency.path !== undefined || dependency.git !== undefined }, one)
  if (dependency.git !== undefined) {
    const locked = one?.matched.records.find((record) => record.declared === dependency)?.target.source
    const { url, branch, tag, rev } = dependency.git
    const follows =
      branch !== undefined
        ? `branch ${branch}`
        : tag !== undefined
          ? `tag ${tag}`
          : rev !== undefined
            ? `rev ${rev}`
            : 'the default branch'
    note(
      'source/git-requirement',
      location,
      {
        name,
        url: withoutUserInfo(url),
        follows,
        by: branch !== undefined ? 'branch' : tag !== undefined ? 'tag' : rev !== undefined ? 'rev' : 'default',
        locked: locked?.commit ?? '',
      },
      one,
    )
    urlFacts(url, 'git', location, note)
  }
  if (dependency.path !== undefined && pathTarget(member, dependency) === undefined)
    note('source/path-outside', location, { name, path: dependency.path.replaceAll('\\', '/') }, one)
  const target = pathTarget(member, dependency)
  if (dependency.path !== undefined && target !== undefined && input.unreadManifest(target))
    note('cargo/manifest-missing', location, { name }, one)
  staleFact(dependency, one, note)
}

/** Members the root manifest names that are not there or not in the tree; cargo stops at either. */
function memberFacts({ folder, root, members }: CargoWorkspace, note: Note): void {
  for (const [i, written] of (root.workspace?.members ?? []).entries()) {
    const location = root.locate(['workspace', 'members', i])
    const target = resolvePath(folder, written)
    if (target === undefined)
      note('source/path-outside', location, { name: 'a workspace member', path: written.replaceAll('\\', '/') })
    else if (!isGlob(written) && !members.some((member) => member.folder === target))
      note('cargo/manifest-missing', location, { name: written })
  }
}

/** The lock is resolved with every feature and target on, so each declaration of a member must have its edge. */
function staleFact(dependency: DeclaredDependency, one: KnownPackage | undefined, note: Note): void {
  if (one === undefined || one.matched.records.some((record) => record.declared === dependency)) return
  const locked = one.package.dependencies
    .filter(({ target }) => target.name === dependency.package)
    .map(({ target }) => target.version)
  const requirement = dependency.requirement ?? '*'
  if (locked.some((version) => satisfies(requirement, version))) return
  note(
    'input/lock-stale',
    dependency.location,
    {
      dependency: dependency.package,
      requirement,
      locked: locked.length === 0 ? 'nothing' : locked.join(', '),
      why: 'the lockfile does not satisfy the manifest',
    },
    one,
  )
}

/** Every URL the lockfile and the registries name, once each. */
function sourceFacts(input: ProjectInput, known: ReadonlyMap<LockPackage, KnownPackage>, note: Note): void {
  const seen = new Set<string>()
  for (const one of known.values()) {
    const { source, entry } = one.package
    if (source === undefined || seen.has(`${source.kind} ${source.url}`)) continue
    seen.add(`${source.kind} ${source.url}`)
    const field = entry.source
    const location: Location =
      field === undefined
        ? { file: input.lockPath, line: entry.line, column: 1 }
        : { file: input.lockPath, line: field.line, column: field.column }
    urlFacts(source.url, source.kind === 'git' ? 'git' : 'registry', location, note, one)
    if (source.kind === 'registry' || source.kind === 'sparse') {
      if (isPublicRegistry(source.url)) continue
      note('cargo/alternate-registry', location, { url: withoutUserInfo(source.url) }, one)
    }
  }
}

/** Notes a URL and, apart from it, that it carries a credential; the credential itself goes nowhere. */
function urlFacts(url: string, usage: string, location: Location | undefined, note: Note, component?: KnownPackage): void {
  const clean = withoutUserInfo(url)
  note('source/url', location, { url: clean, usage }, component)
  if (hasSecret(url)) note('source/credential', location, { where: `the URL of ${clean}` }, component)
}

/** A bare user name (`git@host`) is no secret; a password or a token in its place is. */
function hasSecret(url: string): boolean {
  const user = /^[a-z][a-z0-9+.-]*:\/\/([^/?#@]*)@/i.exec(url)?.[1]
  return user !== undefined && (user.includes(':') || (/^https?:/i.test(url) && user.length >= 16))
}

function configFacts(input: ProjectInput, note: Note): void {
  const { config } = input
  for (const file of input.configFiles) {
    for (const { key, location } of file.keys) {
      note('cargo/config-key', location, { key, file: file.path })
      if (/(?:^|\.)token$/.test(key)) note('source/credential', location, { where: `${key} in ${file.path}` })
    }
  }
  if (config === undefined) return
  const reached = new Set<string>()
  for (const definition of config.sources.values()) {
    for (const url of [definition.registry, definition.git])
      if (url !== undefined)
        urlFacts(url.replace(/^sparse\+/, ''), definition.git === url ? 'git' : 'registry', definition.location, note)
    if (definition.replaceWith === undefined) continue
    reached.add(definition.name)
    const end = followReplacement(definition, config)
    if (end.kind === 'cycle' || end.kind === 'unknown') {
      note('cargo/mirror-chain-dead', end.location, {
        source: definition.name,
        why: end.kind === 'cycle' ? `replace-with comes back to ${end.name}` : `no source is named ${end.name}`,
      })
      continue
    }
    if (end.kind === 'source') reached.add(end.definition.name)
    for (const name of end.through) {
      reached.add(name)
      const between = config.sources.get(name)
      if (between !== undefined)
        note('cargo/mirror-chain-dead', between.location, {
          source: name,
          why: `cargo goes straight on to ${between.replaceWith ?? ''} and never asks it`,
        })
    }
    if (end.kind === 'source' && definition.git === undefined && end.definition.git !== undefined) {
      note('cargo/mirror-chain-dead', definition.location, {
        source: definition.name,
        why: 'a registry cannot be replaced by a git source',
      })
    }
  }
  for (const definition of config.sources.values()) {
    if (!reached.has(definition.name))
      note('cargo/mirror-chain-dead', definition.location, { source: definition.name, why: 'no replace-with reaches it' })
  }
  for (const { path, raw, location } of config.paths) {
    note('cargo/paths-override', location, { path: raw.replaceAll('\\', '/') })
    if (path === undefined) note('source/path-outside', location, { name: 'paths', path: raw.replaceAll('\\', '/') })
  }
  for (const registry of config.registries.values())
    urlFacts(registry.index.replace(/^sparse\+/, ''), 'registry', registry.location, note)
}

/** The vendor folder against the lock; what its files hold is checked by `verify`. */
function vendorFacts(input: ProjectInput, known: ReadonlyMap<LockPackage, KnownPackage>, note: Note): void {
  const { vendored, vendorFolder } = input
  if (vendored === undefined || vendorFolder === undefined) return
  const left = new Set(vendored.keys())
  for (const one of known.values()) {
    const { package: package_ } = one
    if (package_.source === undefined) continue
    const key = `${package_.name} ${package_.version}`
    const copy = vendored.get(key)
    left.delete(key)
    const at = { file: input.lockPath, line: package_.entry.line, column: 1 }
    if (copy === undefined)
      note(
        'integrity/vendor-drift',
        at,
        { path: vendorFolder, why: `${key} is in the lockfile and not in the vendor folder` },
        one,
      )
    else if (package_.checksum !== undefined && copy.checksum !== package_.checksum.text.toLowerCase()) {
      note(
        'integrity/vendor-drift',
        copy.location,
        { path: copy.folder, why: `the vendored ${key} states another checksum than the lockfile` },
        one,
      )
    }
  }
  for (const key of left) {
    const copy = vendored.get(key)
    if (copy !== undefined)
      note('integrity/vendor-drift', copy.location, { path: copy.folder, why: `${key} is vendored and not in the lockfile` })
  }
}
