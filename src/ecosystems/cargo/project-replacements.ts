import type { ComponentId } from '../../model/component.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import type { Replacement } from '../../model/graph.js'
import type { Source } from '../../model/source.js'
import type { SourceDefinition } from './config.js'
import { followReplacement } from './config.js'
import type { KnownPackage } from './known-packages.js'
import type { LockPackage } from './lock-model.js'
import type { DeclaredDependency } from './manifest.js'
import type { ProjectInput } from './project.js'
import { withoutUserInfo } from './source-string.js'

/** The ledger of one project: everything that makes cargo take something else than what is asked for. */
export function projectReplacements(
  input: ProjectInput,
  project: string,
  known: ReadonlyMap<LockPackage, KnownPackage>,
): Replacement[] {
  const byName = new Map<string, KnownPackage[]>()
  for (const one of known.values()) {
    const same = byName.get(one.package.name)
    if (same === undefined) byName.set(one.package.name, [one])
    else same.push(one)
  }
  return [
    ...manifestOverrides(input, project, byName),
    ...configOverrides(input, project, byName),
    ...sourceReplacements(input, project),
  ]
}

function manifestOverrides(
  input: ProjectInput,
  project: string,
  byName: ReadonlyMap<string, readonly KnownPackage[]>,
): Replacement[] {
  const { workspace } = input
  return (workspace?.root.overrides ?? []).map(({ kind, of, dependency }): Replacement => {
    const used = replacementInLock(dependency, byName)
    const location = dependency.location ?? { file: workspace?.root.path ?? '', line: 1, column: 1 }
    return {
      kind,
      ecosystem: 'cargo',
      project,
      original: {
        name: dependency.package,
        version: kind === 'replace' ? dependency.requirement?.replace(/^=/, '') : undefined,
        source: kind === 'patch' ? patchedSource(of) : undefined,
      },
      replacement: { name: dependency.package, source: overrideSource(dependency), component: used },
      active: used !== undefined || input.lock === undefined,
      disables: dependency.path !== undefined || dependency.git !== undefined ? ['the registry checksum of the package'] : [],
      location,
    }
  })
}

/** The package of the lock that an override put there: of its name and its kind of source. */
function replacementInLock(
  dependency: DeclaredDependency,
  byName: ReadonlyMap<string, readonly KnownPackage[]>,
): ComponentId | undefined {
  const wanted = dependency.git !== undefined ? 'git' : dependency.path !== undefined ? 'path' : 'registry'
  const found = (byName.get(dependency.package) ?? []).find(({ package: { source } }) => {
    if (source === undefined) return wanted === 'path'
    return source.kind === 'git' ? wanted === 'git' && sameGit(source.url, dependency.git?.url) : wanted === 'registry'
  })
  return found?.id
}

function sameGit(a: string, b: string | undefined): boolean {
  const normal = (url: string): string => url.replace(/\/$/, '').replace(/\.git$/, '')
  return b !== undefined && normal(a) === normal(b)
}

function patchedSource(of: string | undefined): Source | undefined {
  if (of === undefined) return undefined
  if (of === 'crates-io') return { kind: 'registry', protocol: 'cargo-git-index', url: ENDPOINTS.cargo.gitIndex }
  return of.includes('://') ? { kind: 'git', url: withoutUserInfo(of) } : { kind: 'unknown', why: `registry ${of}` }
}

function overrideSource(dependency: DeclaredDependency): Source | undefined {
  if (dependency.git !== undefined) return { kind: 'git', url: withoutUserInfo(dependency.git.url) }
  return dependency.path === undefined ? undefined : { kind: 'path', path: dependency.path.replaceAll('\\', '/'), outside: false }
}

function configOverrides(
  input: ProjectInput,
  project: string,
  byName: ReadonlyMap<string, readonly KnownPackage[]>,
): Replacement[] {
  const { config } = input
  if (config === undefined) return []
  const paths = config.paths.map(
    ({ path, raw, location }): Replacement => ({
      kind: 'paths',
      ecosystem: 'cargo',
      project,
      original: {},
      replacement: { source: { kind: 'path', path: path ?? raw, outside: path === undefined } },
      active: true,
      disables: ['the lockfile: cargo compiles the folder instead and leaves the lock as it is'],
      location,
    }),
  )
  const patches = config.patches.map(
    ({ of, name, location }): Replacement => ({
      kind: 'patch',
      ecosystem: 'cargo',
      project,
      original: { name, source: patchedSource(of) },
      replacement: { name },
      active: byName.has(name),
      disables: ['the registry checksum of the package'],
      location,
    }),
  )
  return [...paths, ...patches]
}

function sourceReplacements(input: ProjectInput, project: string): Replacement[] {
  const { config } = input
  if (config === undefined) return []
  return [...config.sources.values()].flatMap((definition): Replacement[] => {
    if (definition.replaceWith === undefined) return []
    const end = followReplacement(definition, config)
    const replacement =
      end.kind === 'source'
        ? definedSource(end.definition)
        : end.kind === 'registry'
          ? registrySource(end.definition.index)
          : undefined
    return [
      {
        kind: end.kind === 'source' && end.definition.directory !== undefined ? 'vendor' : 'source-replacement',
        ecosystem: 'cargo',
        project,
        original: { source: originalSource(definition) },
        replacement: { source: replacement },
        active: replacement !== undefined,
        disables: definition.git !== undefined ? ['nothing checks the bytes of a replaced git source'] : [],
        location: definition.location,
      },
    ]
  })
}

function originalSource(definition: SourceDefinition): Source {
  if (definition.name === 'crates-io') return { kind: 'registry', protocol: 'cargo-git-index', url: ENDPOINTS.cargo.gitIndex }
  return definedSource(definition) ?? { kind: 'unknown', why: `source ${definition.name}` }
}

function definedSource(definition: SourceDefinition): Source | undefined {
  if (definition.registry !== undefined) return registrySource(definition.registry)
  if (definition.git !== undefined) return { kind: 'git', url: withoutUserInfo(definition.git) }
  if (definition.directory !== undefined)
    return { kind: 'registry', protocol: 'cargo-directory', url: definition.directory.replaceAll('\\', '/') }
  return definition.localRegistry === undefined
    ? undefined
    : { kind: 'registry', protocol: 'cargo-local', url: definition.localRegistry.replaceAll('\\', '/') }
}

function registrySource(url: string): Source {
  const sparse = url.startsWith('sparse+')
  return {
    kind: 'registry',
    protocol: sparse ? 'cargo-sparse' : 'cargo-git-index',
    url: withoutUserInfo(sparse ? url.slice('sparse+'.length) : url),
  }
}
