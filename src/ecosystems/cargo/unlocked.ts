import type { Component } from '../../model/component.js'
import { componentId } from '../../model/component.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import type { Edge } from '../../model/graph.js'
import type { Source } from '../../model/source.js'
import type { DeclaredDependency } from './manifest.js'
import type { ProjectInput, ProjectParts } from './project.js'
import { pathTarget } from './project.js'
import { projectFacts } from './project-facts.js'
import { projectReplacements } from './project-replacements.js'
import { withoutUserInfo } from './source-string.js'
import type { Member } from './workspace.js'

/**
 * A project without a readable lockfile: its own packages, and what they ask for, without versions, because nothing
 * says which ones a build would take.
 */
export function unlockedParts(input: ProjectInput, projectId: string): ProjectParts {
  const { workspace } = input
  const members = workspace?.members ?? []
  const projects = [projectId]
  const own = new Map(members.map((member) => [member.folder, ownComponent(member, input, projects)]))
  const wanted = new Map<string, Component>()
  const edges = new Map<string, Edge>()
  for (const member of members) {
    const from = own.get(member.folder)
    if (from === undefined) continue
    for (const dependency of member.dependencies) {
      const target = pathTarget(member, dependency)
      const to = (target === undefined ? undefined : own.get(target)) ?? wantedComponent(dependency, target, projects)
      if (!to.firstParty && !wanted.has(to.id)) wanted.set(to.id, to)
      const key = `${from.id}\n${to.id}`
      if (edges.has(key)) continue
      const kind = dependency.kind === 'normal' ? 'runtime' : dependency.kind
      const { target: expression, requirement, location } = dependency
      edges.set(key, {
        from: from.id,
        to: to.id,
        kinds: [kind],
        optional: dependency.optional ? true : undefined,
        target: expression,
        requirement,
        location,
        projects,
      })
    }
  }
  return {
    project: {
      id: projectId,
      ecosystem: 'cargo',
      name: workspace?.root.package?.name ?? input.folder,
      folder: input.folder,
      manifests: [
        ...new Set([...(workspace === undefined ? [] : [workspace.root.path]), ...members.map((m) => m.manifest.path)]),
      ].sort(),
      lockfiles: input.hasLockFile ? [input.lockPath] : [],
      roots: [...own.values()].map((component) => component.id).sort(),
    },
    components: [...own.values(), ...wanted.values()],
    edges: [...edges.values()],
    replacements: projectReplacements(input, projectId, new Map()),
    facts: projectFacts(input, projectId, new Map()),
  }
}

function ownComponent(member: Member, input: ProjectInput, projects: readonly string[]): Component {
  const source: Source = { kind: 'path', path: member.folder, outside: false }
  const location = member.manifest.package?.location ?? { file: member.manifest.path, line: 1, column: 1 }
  return {
    id: componentId('cargo', member.name, member.version, source),
    ecosystem: 'cargo',
    name: member.name,
    version: member.version,
    source,
    type: 'library',
    firstParty: true,
    direct: false,
    scopes: ['runtime'],
    claims: [],
    occurrences: [{ location, role: 'manifest' }],
    licenses: member.license === undefined ? [] : [{ raw: member.license, kind: 'declared', location }],
    edges: { state: 'incomplete', why: input.hasLockFile ? 'the lockfile could not be read' : 'there is no lockfile' },
    projects,
    properties: [],
    description: member.description,
    homepage: member.homepage,
    repository: member.repository,
    authors: member.authors,
  }
}

function wantedComponent(dependency: DeclaredDependency, target: string | undefined, projects: readonly string[]): Component {
  const source = wantedSource(dependency, target)
  const location = dependency.location ?? { file: 'Cargo.toml', line: 1, column: 1 }
  return {
    id: componentId('cargo', dependency.package, undefined, source),
    ecosystem: 'cargo',
    name: dependency.package,
    source,
    type: 'library',
    firstParty: false,
    direct: true,
    scopes: [dependency.kind === 'normal' ? 'runtime' : dependency.kind],
    claims: [],
    occurrences: [{ location, role: 'manifest' }],
    licenses: [],
    edges: { state: 'unknown', why: 'without a lockfile its version is not known' },
    projects,
    properties: dependency.requirement === undefined ? [] : [{ name: 'assay:cargo:requirement', value: dependency.requirement }],
  }
}

function wantedSource(dependency: DeclaredDependency, target: string | undefined): Source {
  if (dependency.path !== undefined)
    return { kind: 'path', path: target ?? dependency.path.replaceAll('\\', '/'), outside: target === undefined }
  if (dependency.git !== undefined) {
    const { url, branch, tag, rev } = dependency.git
    const ref =
      branch !== undefined
        ? ({ kind: 'branch', value: branch } as const)
        : tag !== undefined
          ? ({ kind: 'tag', value: tag } as const)
          : rev !== undefined
            ? ({ kind: 'rev', value: rev } as const)
            : ({ kind: 'default' } as const)
    return { kind: 'git', url: withoutUserInfo(url), ref }
  }
  if (dependency.registry !== undefined && dependency.registry !== 'crates-io')
    return { kind: 'unknown', why: `registry ${dependency.registry}` }
  return { kind: 'registry', protocol: 'cargo-git-index', url: ENDPOINTS.cargo.gitIndex }
}
