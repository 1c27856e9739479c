import type { Component, ComponentId, EdgeKnowledge, Scope } from '../../model/component.js'
import type { Edge, EdgeKind, Fact, Project, Replacement } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { baseName, resolvePath } from '../../model/tree.js'
import type { AtlasConfig } from './atlas.js'
import { lockedComponent, rootComponent, toolchainComponent, wantedComponent } from './component.js'
import type { DevelopFile } from './develop.js'
import type { Installed, InstalledPackage } from './installed.js'
import { installedFor } from './installed.js'
import type { Field } from './json-fields.js'
import type { LockEntry, NimLock } from './lock-model.js'
import type { Manifest, ManifestRequirement } from './manifest-model.js'
import { projectFacts } from './project-facts.js'
import { projectReplacements } from './project-replacements.js'
import type { PackageList } from './registry.js'
import { lookUpAll } from './registry.js'
import { isToolchain, normaliseName } from './requirement.js'
import type { Reached } from './resolve.js'
import { edgeKindOf, LockIndex, reach } from './resolve.js'
import type { Submodule } from './submodules.js'
import { formatRange } from './version.js'

/** Everything that was read for one lockfile, or for a manifest without one. */
export interface ProjectInput {
  readonly folder: string
  readonly manifest: Manifest | undefined
  readonly manifestText: string | undefined
  readonly manifestPath: string | undefined
  /** Of several lockfiles beside one manifest, the one with which the manifest's own facts are told. */
  readonly isPrimary: boolean
  /** nimble accepts one manifest in a folder. */
  readonly otherManifests: readonly string[]
  readonly lock: NimLock | undefined
  /** There is a lockfile, whether or not it could be read. */
  readonly lockPath: string | undefined
  /** `config.nims` beside the manifest: the compiler runs it. */
  readonly config: Manifest | undefined
  readonly develop: readonly DevelopFile[]
  readonly searchPaths: readonly Field[]
  readonly links: readonly Field[]
  readonly atlas: readonly AtlasConfig[]
  readonly submodules: readonly Submodule[]
  readonly installed: Installed
  readonly lists: readonly PackageList[]
  /** Every manifest of the tree, by folder. */
  readonly local: ReadonlyMap<string, Manifest>
}

export interface ProjectParts {
  readonly project: Project
  readonly components: readonly Component[]
  readonly edges: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
}

/** A lock entry with its component. */
export interface KnownEntry {
  readonly entry: LockEntry
  readonly component: Component
  readonly copy: InstalledPackage | undefined
}

/** The graph of a project while it is made; what facts and replacements are made from. */
export interface ProjectGraph {
  readonly id: string
  readonly root: Component | undefined
  readonly toolchain: Component | undefined
  readonly index: LockIndex | undefined
  readonly reached: Reached | undefined
  readonly known: ReadonlyMap<LockEntry, KnownEntry>
  /** Components of requirements that no lock pins. */
  readonly wanted: ReadonlyMap<ManifestRequirement, Component>
}

/** Makes the part of the graph that one project gives. Pure. */
export function buildProject(input: ProjectInput): ProjectParts {
  const builder = new ProjectBuilder(input)
  const graph = builder.build()
  const { root, toolchain, known, wanted, id, reached } = graph
  const starts =
    root === undefined ? (reached?.rootEdges ?? []).flatMap(({ entry }) => known.get(entry)?.component.id ?? []) : [root.id]
  const components = new Map<ComponentId, Component>()
  for (const component of [root, toolchain, ...[...known.values()].map((one) => one.component), ...wanted.values()])
    if (component !== undefined && !components.has(component.id)) components.set(component.id, component)
  return {
    project: {
      id,
      ecosystem: 'nimble',
      name: input.manifest?.name ?? (input.folder === '.' ? 'nimble' : baseName(input.folder)),
      folder: input.folder,
      manifests: input.manifestPath === undefined ? [] : [input.manifestPath, ...input.otherManifests].sort(),
      lockfiles: input.lockPath === undefined ? [] : [input.lockPath],
      roots: [...new Set(starts)].sort(),
    },
    components: [...components.values()],
    edges: builder.edges(),
    replacements: projectReplacements(input, graph),
    facts: projectFacts(input, graph),
  }
}

class ProjectBuilder {
  readonly #id: string
  readonly #projects: readonly string[]
  readonly #edges = new Map<string, Edge>()

  /** The first name that an entry asks for and the lock does not hold. */
  readonly #dangling = new Map<LockEntry, string>()

  constructor(readonly input: ProjectInput) {
    for (const flag of input.lock?.flags ?? [])
      if (flag.code === 'dangling-dependency' && !this.#dangling.has(flag.entry))
        this.#dangling.set(flag.entry, flag.dependency.text)
    this.#id = `nimble:${input.lockPath ?? input.manifestPath ?? input.folder}`
    this.#projects = [this.#id]
  }

  edges(): readonly Edge[] {
    return [...this.#edges.values()]
  }

  build(): ProjectGraph {
    const { input } = this
    const { manifest, lock } = input
    const index = lock === undefined ? undefined : new LockIndex(lock, input.lists)
    const reached = index === undefined ? undefined : reach(index, manifest)
    const root = manifest === undefined ? undefined : rootComponent(manifest, input.folder, this.#rootKnowledge(), this.#projects)
    const toolchain = this.#toolchain()
    const known = new Map<LockEntry, KnownEntry>()
    const direct = new Set(
      (reached?.rootEdges ?? []).filter((e) => e.wanted !== undefined || manifest === undefined).map((e) => e.entry),
    )
    for (const entry of lock?.entries ?? []) {
      if (isToolchain(entry.name) && toolchain !== undefined) known.set(entry, { entry, component: toolchain, copy: undefined })
      else known.set(entry, this.#locked(entry, direct.has(entry), reached))
    }
    const wanted = new Map<ManifestRequirement, Component>()
    if (root !== undefined) this.#fromRoot(root, toolchain, reached, known, wanted)
    for (const one of known.values()) this.#fromEntry(one, index, toolchain, known)
    return { id: this.#id, root, toolchain, index, reached, known, wanted }
  }

  #rootKnowledge(): EdgeKnowledge {
    const { manifest, lock, lockPath } = this.input
    if (lockPath !== undefined && lock === undefined) return { state: 'incomplete', why: 'the lockfile could not be read' }
    // A lock has the whole graph, however the requirements came about.
    if (lock !== undefined && manifest?.diagnostics.length === 0) return { state: 'complete' }
    if (manifest?.diagnostics.length !== 0) return { state: 'incomplete', why: 'the manifest could not be read to its end' }
    if (manifest.certainty === 'unknown')
      return { state: 'unknown', why: 'the manifest computes its requirements, and there is no lockfile' }
    if (manifest.certainty === 'partial')
      return { state: 'incomplete', why: 'requirements depend on conditions, and there is no lockfile' }
    return manifest.requires.some(({ requirement }) => requirement.target !== 'toolchain')
      ? { state: 'incomplete', why: 'there is no lockfile' }
      : { state: 'complete' }
  }

  #toolchain(): Component | undefined {
    const { manifest, lock } = this.input
    const entry = lock?.entries.find((one) => isToolchain(one.name))
    const asked = (manifest?.requires ?? []).filter(({ requirement }) => requirement.target === 'toolchain')
    const wanted = asked.find(({ condition }) => condition === undefined) ?? asked[0]
    const edge = lock?.entries.flatMap((one) => one.dependencies).find((d) => isToolchain(d.text))
    const location: Location | undefined = entry?.location ?? wanted?.location ?? edge?.location
    if (location === undefined) return undefined
    const requirement =
      wanted === undefined || wanted.condition !== undefined || wanted.requirement.range.kind === 'any'
        ? undefined
        : formatRange(wanted.requirement.range)
    return toolchainComponent(entry, requirement, location, { direct: wanted !== undefined, projects: this.#projects })
  }

  #locked(entry: LockEntry, direct: boolean, reached: Reached | undefined): KnownEntry {
    const copy = installedFor(entry, this.input.installed)
    const { lookup } = lookUpAll(this.input.lists, entry.name)
    const scopes: readonly Scope[] = [...(reached?.scopes.get(entry) ?? ['unknown' as const])].sort()
    const component = lockedComponent(entry, copy, lookup.kind === 'found' ? lookup.package : undefined, {
      direct,
      scopes,
      edges: this.#entryKnowledge(entry, copy),
      projects: this.#projects,
    })
    return { entry, component, copy }
  }

  #entryKnowledge(entry: LockEntry, copy: InstalledPackage | undefined): EdgeKnowledge {
    const { lock } = this.input
    if (lock?.hasEdges === false)
      return copy?.manifest?.certainty === 'exact'
        ? { state: 'complete' }
        : { state: 'unknown', why: 'the lockfile of Atlas records no edges' }
    const missing = this.#dangling.get(entry)
    return missing === undefined
      ? { state: 'complete' }
      : { state: 'incomplete', why: `the lockfile has no entry for ${missing}` }
  }

  #fromRoot(
    root: Component,
    toolchain: Component | undefined,
    reached: Reached | undefined,
    known: ReadonlyMap<LockEntry, KnownEntry>,
    wanted: Map<ManifestRequirement, Component>,
  ): void {
    for (const edge of reached?.rootEdges ?? []) {
      const target = known.get(edge.entry)?.component
      if (target !== undefined) this.#edge(root, target, edge.kind, edge.wanted, edge.wanted?.location ?? edge.entry.location)
    }
    for (const requirement of this.input.manifest?.requires ?? []) {
      if (requirement.requirement.target === 'toolchain') {
        if (toolchain !== undefined) this.#edge(root, toolchain, 'build', requirement, requirement.location)
        continue
      }
      const target = this.#local(requirement) ?? this.#wanted(requirement)
      if (target === undefined) continue
      if (typeof target === 'string') this.#edge(root, { id: target }, edgeKindOf(requirement), requirement, requirement.location)
      else {
        wanted.set(requirement, target)
        this.#edge(root, target, edgeKindOf(requirement), requirement, requirement.location)
      }
    }
  }

  /** A folder of the tree that has a package: the component of that project. */
  #local({ requirement }: ManifestRequirement): ComponentId | undefined {
    if (requirement.target !== 'path') return undefined
    const folder = resolvePath(this.input.folder, requirement.name.replace(/^file:\/\//i, ''))
    const manifest = folder === undefined ? undefined : this.input.local.get(folder)
    return folder === undefined || manifest === undefined
      ? undefined
      : rootComponent(manifest, folder, { state: 'complete' }, []).id
  }

  /** Nothing pins it: what is known of it without a lock. With one, an entry that is missing is a fact and no component. */
  #wanted(wanted: ManifestRequirement): Component | undefined {
    if (this.input.lock !== undefined) return undefined
    const { requirement } = wanted
    const copy = requirement.target === 'package' ? this.input.installed.get(normaliseName(requirement.name))?.[0] : undefined
    const { lookup } = lookUpAll(this.input.lists, requirement.name)
    const kind = edgeKindOf(wanted)
    const scopes: readonly Scope[] = [kind]
    return wantedComponent(wanted, copy, lookup, { scopes, projects: this.#projects })
  }

  #fromEntry(
    one: KnownEntry,
    index: LockIndex | undefined,
    toolchain: Component | undefined,
    known: ReadonlyMap<LockEntry, KnownEntry>,
  ): void {
    if (one.component === toolchain || index === undefined) return
    const asked = one.copy?.manifest?.requires ?? []
    const byName = new Map(asked.map((wanted) => [normaliseName(wanted.requirement.name), wanted]))
    for (const dependency of one.entry.dependencies) {
      const target = index.named(dependency.text, one.entry.task)
      const component =
        target === undefined ? (isToolchain(dependency.text) ? toolchain : undefined) : known.get(target)?.component
      if (component !== undefined)
        this.#edge(
          one.component,
          component,
          component === toolchain ? 'build' : 'runtime',
          byName.get(normaliseName(dependency.text)),
          dependency.location,
        )
    }
    if (index.lock.hasEdges) return
    // Atlas keeps no edges; the manifest of the clone has them.
    for (const wanted of asked) {
      const target =
        wanted.requirement.target === 'toolchain' || wanted.task !== undefined
          ? undefined
          : index.wanted(wanted.requirement, undefined)
      const component = target === undefined ? undefined : known.get(target)?.component
      if (component !== undefined) this.#edge(one.component, component, 'runtime', wanted, wanted.location)
    }
  }

  #edge(
    from: Pick<Component, 'id'>,
    to: Pick<Component, 'id'>,
    kind: EdgeKind,
    wanted: ManifestRequirement | undefined,
    location: Location,
  ): void {
    const key = `${from.id}\n${to.id}`
    const known = this.#edges.get(key)
    const range = wanted?.requirement.range
    const optional = wanted?.feature !== undefined && wanted.feature !== 'dev' ? true : undefined
    this.#edges.set(key, {
      from: from.id,
      to: to.id,
      kinds: [...new Set([...(known?.kinds ?? []), kind])].sort(),
      optional: known === undefined ? optional : known.optional === true ? optional : undefined,
      target: known === undefined ? wanted?.condition : known.target === wanted?.condition ? known.target : undefined,
      requirement: known?.requirement ?? (range === undefined ? undefined : formatRange(range)),
      location: known?.location ?? location,
      projects: this.#projects,
    })
  }
}
