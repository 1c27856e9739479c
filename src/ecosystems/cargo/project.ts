import type { Component, ComponentId, EdgeKnowledge, LicenseClaim, Property } from '../../model/component.js'
import type { Edge, EdgeKind, Fact, Project, Replacement } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { resolvePath } from '../../model/tree.js'
import type { Target } from './cfg.js'
import type { CargoConfig, ConfigFile } from './config.js'
import type { DeclaredPackage } from './declared.js'
import type { KnownPackage } from './known-packages.js'
import { knowPackages } from './known-packages.js'
import type { CargoLock, LockPackage } from './lock-model.js'
import type { DeclaredDependency } from './manifest.js'
import { projectFacts } from './project-facts.js'
import { projectReplacements } from './project-replacements.js'
import { cargoPurl } from './purl.js'
import { fieldLocation } from './raw-lock.js'
import type { CargoScope } from './scopes.js'
import type { VendoredPackage } from './third-party.js'
import { unlockedParts } from './unlocked.js'
import type { CargoWorkspace, Member } from './workspace.js'

/** Everything that was read for one lockfile or workspace. */
export interface ProjectInput {
  readonly folder: string
  readonly workspace: CargoWorkspace | undefined
  readonly lock: CargoLock | undefined
  readonly lockPath: string
  /** There is a lockfile, whether or not it could be read. */
  readonly hasLockFile: boolean
  readonly config: CargoConfig | undefined
  readonly configFiles: readonly ConfigFile[]
  readonly vendorFolder: string | undefined
  readonly vendored: ReadonlyMap<string, VendoredPackage> | undefined
  /** Folders of members that have a build.rs. */
  readonly buildScripts: ReadonlySet<string>
  readonly declared: ReadonlyMap<LockPackage, DeclaredPackage>
  readonly targets: readonly Target[] | undefined
  readonly features: readonly string[] | undefined
  /** A manifest is there and could not be read. */
  readonly unreadManifest: (folder: string) => boolean
}

export interface ProjectParts {
  readonly project: Project
  readonly components: readonly Component[]
  readonly edges: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
}

/** Makes the part of the graph that one project gives. Pure. */
export function buildProject(input: ProjectInput): ProjectParts {
  const projectId = `cargo:${input.lock === undefined && !input.hasLockFile ? (input.workspace?.root.path ?? input.lockPath) : input.lockPath}`
  if (input.lock === undefined) return unlockedParts(input, projectId)
  const known = knowPackages(input, input.lock)
  const roots = rootsOf(known)
  const direct = new Set<LockPackage>()
  for (const { package: package_, isMember } of known.values())
    if (isMember) for (const { target } of package_.dependencies) direct.add(target)
  const projects = [projectId]
  const components = [...known.values()].map((one) => toComponent(one, input, direct.has(one.package), projects))
  const edges = [...known.values()].flatMap((one) => toEdges(one, known, input, projects))
  return {
    project: {
      id: projectId,
      ecosystem: 'cargo',
      name: input.workspace?.root.package?.name ?? (roots.length === 1 ? (roots[0]?.package.name ?? '') : input.folder),
      folder: input.folder,
      manifests:
        input.workspace === undefined
          ? []
          : [...new Set([input.workspace.root.path, ...input.workspace.members.map((m) => m.manifest.path)])].sort(),
      lockfiles: [input.lockPath],
      roots: roots.map((root) => root.id).sort(),
    },
    components,
    edges,
    replacements: projectReplacements(input, projectId, known),
    facts: projectFacts(input, projectId, known),
  }
}

function rootsOf(known: ReadonlyMap<LockPackage, KnownPackage>): readonly KnownPackage[] {
  const members = [...known.values()].filter((one) => one.isMember)
  if (members.length > 0) return members
  const needed = new Set([...known.keys()].flatMap((package_) => package_.dependencies.map(({ target }) => target)))
  const paths = [...known.values()].filter((one) => one.package.source === undefined)
  const tops = paths.filter((one) => !needed.has(one.package))
  return tops.length > 0 ? tops : paths
}

function toComponent(one: KnownPackage, input: ProjectInput, direct: boolean, projects: readonly string[]): Component {
  const { package: package_, member } = one
  const file = input.lockPath
  const name = package_.entry.name
  const occurrences: Component['occurrences'][number][] = [
    { location: name === undefined ? { file, line: package_.entry.line, column: 1 } : fieldLocation(file, name), role: 'lock' },
  ]
  const location = member?.manifest.package?.location
  if (location !== undefined) occurrences.push({ location, role: 'manifest' })
  const vendored = package_.source === undefined ? undefined : input.vendored?.get(`${package_.name} ${package_.version}`)
  if (vendored !== undefined) occurrences.push({ location: vendored.location, role: 'vendor' })
  const declared = one.matched.declared
  return {
    id: one.id,
    ecosystem: 'cargo',
    name: package_.name,
    version: package_.version,
    source: one.source,
    // A path package is no package of the public registry: a plain purl would match a stranger's advisories.
    purl: package_.source === undefined ? undefined : cargoPurl(package_.name, package_.version, package_.source),
    type: 'library',
    firstParty: one.isMember || (input.workspace === undefined && package_.source === undefined),
    direct,
    scopes: SCOPES[one.scope],
    claims: claims(package_, vendored, file),
    occurrences,
    licenses: licenses(declared?.license, location),
    edges: knowledge(one),
    projects,
    properties: properties(one),
    description: declared?.description,
    homepage: declared?.homepage,
    repository: declared?.repository,
    authors: declared?.authors,
  }
}

function claims(package_: LockPackage, vendored: VendoredPackage | undefined, file: string): Component['claims'] {
  const found: Component['claims'][number][] = []
  const { checksum, source } = package_
  if (checksum !== undefined && /^[0-9a-fA-F]{64}$/.test(checksum.text)) {
    found.push({
      digest: { of: 'artifact', algorithm: 'sha256', value: checksum.text.toLowerCase() },
      statedBy: 'lock',
      location: fieldLocation(file, checksum),
    })
  }
  if (source?.commit !== undefined) {
    const location =
      package_.entry.source === undefined
        ? { file, line: package_.entry.line, column: 1 }
        : fieldLocation(file, package_.entry.source)
    found.push({
      digest: { of: 'git-object', algorithm: source.commit.length === 64 ? 'sha256' : 'sha1', value: source.commit },
      statedBy: 'lock',
      location,
    })
  }
  if (vendored?.checksum !== undefined && /^[0-9a-f]{64}$/.test(vendored.checksum)) {
    found.push({
      digest: { of: 'artifact', algorithm: 'sha256', value: vendored.checksum },
      statedBy: 'vendor',
      location: vendored.location,
    })
  }
  return found
}

function licenses(raw: string | undefined, location: LicenseClaim['location']): readonly LicenseClaim[] {
  return raw === undefined ? NONE : [{ raw, kind: 'declared', location }]
}

/** The lock holds every edge, of all features and targets together; what is missing is a dangling dependency string. */
function knowledge(one: KnownPackage): EdgeKnowledge {
  const missing = one.package.entry.dependencies.length - one.package.dependencies.length
  if (missing > 0 && one.package.replacedBy === undefined)
    return { state: 'incomplete', why: `${missing} of its dependencies are not in the lockfile` }
  return COMPLETE
}

function properties(one: KnownPackage): readonly Property[] {
  if (one.matched.declared === undefined && one.package.replacedBy === undefined) return NONE
  const found: Property[] = []
  if (one.matched.declared?.procMacro === true) found.push({ name: 'assay:cargo:proc-macro', value: 'true' })
  if (one.matched.declared?.buildScript === true) found.push({ name: 'assay:cargo:build-script', value: 'true' })
  if (one.package.replacedBy !== undefined) found.push({ name: 'assay:cargo:replaced', value: 'true' })
  return found
}

function toEdges(
  one: KnownPackage,
  known: ReadonlyMap<LockPackage, KnownPackage>,
  input: ProjectInput,
  projects: readonly string[],
): Edge[] {
  const { dependencies } = one.package
  if (dependencies.length === 0) return []
  const edges = new Map<ComponentId, Edge>()
  const { records } = one.matched
  for (const { target, field } of dependencies) {
    const to = known.get(target)
    if (to === undefined || edges.has(to.id)) continue
    if (records.length === 0) {
      edges.set(to.id, lockEdge(one.id, to.id, fieldLocation(input.lockPath, field), projects))
      continue
    }
    const declared = records.filter((record) => record.target === target).map((record) => record.declared)
    edges.set(to.id, {
      from: one.id,
      to: to.id,
      kinds: edgeKinds(declared),
      optional: declared.length > 0 && declared.every((d) => d.optional) ? true : undefined,
      target:
        declared.length > 0 && declared.every((d) => d.target !== undefined)
          ? [...new Set(declared.map((d) => d.target))].join(' | ')
          : undefined,
      requirement: declared.find((d) => d.requirement !== undefined)?.requirement,
      location: declared.find((d) => d.location !== undefined)?.location ?? fieldLocation(input.lockPath, field),
      projects,
    })
  }
  return [...edges.values()]
}

/** An edge that the lock alone states: what for is not known. */
function lockEdge(from: ComponentId, to: ComponentId, location: Location, projects: readonly string[]): Edge {
  return {
    from,
    to,
    kinds: KIND_UNKNOWN,
    optional: undefined,
    target: undefined,
    requirement: undefined,
    location,
    projects,
  }
}

/** Shared by every row that says the same: a large lockfile has tens of thousands of them. */
const KIND_UNKNOWN: readonly EdgeKind[] = ['unknown']
const COMPLETE: EdgeKnowledge = { state: 'complete' }
const NONE: readonly never[] = []

const SCOPES: Readonly<Record<CargoScope | 'unknown', Component['scopes']>> = {
  runtime: ['runtime'],
  build: ['build'],
  dev: ['dev'],
  inactive: ['inactive'],
  unknown: ['unknown'],
}

const EDGE_KIND: Readonly<Record<DeclaredDependency['kind'], EdgeKind>> = { normal: 'runtime', build: 'build', dev: 'dev' }

function edgeKinds(declared: readonly DeclaredDependency[]): readonly EdgeKind[] {
  if (declared.length === 0) return KIND_UNKNOWN
  return [...new Set(declared.map((d) => EDGE_KIND[d.kind]))].sort()
}

/** Where a path dependency leads, seen from a member; undefined when it leaves the tree. */
export function pathTarget(member: Member, dependency: DeclaredDependency): string | undefined {
  return dependency.path === undefined ? undefined : resolvePath(member.folder, dependency.path)
}
