import type { ComponentId } from '../../model/component.js'
import type { Diagnostic } from '../../model/diagnostic.js'
import type { ProjectFile, ReadInput } from '../../model/ecosystem.js'
import { impossible } from '../../model/error.js'
import type { Fact, FileCoverage, Inventory, Project } from '../../model/graph.js'
import { folderOf, joinPath } from '../../model/tree.js'
import { findMergeConflict } from '../../syntax/merge-conflict.js'
import { decodeDiagnostic, decodeUtf8, SourceText } from '../../syntax/text.js'
import type { BuildScript } from './build-script.js'
import { readBuildScript } from './build-script.js'
import type { NamedNode } from './components.js'
import { nameNode, toComponent, toEdges } from './components.js'
import { graphFacts, vendorFacts } from './graph-facts.js'
import type { ManifestReading } from './manifest.js'
import { parseZigManifest } from './manifest.js'
import type { Note } from './manifest-facts.js'
import { manifestFacts } from './manifest-facts.js'
import { manifestDiagnostics } from './manifest-messages.js'
import { PROBLEM_KINDS } from './manifest-problem.js'
import { MAX_MANIFEST_BYTES, packageStores, vendoredFolders, vendorFolderOf } from './package-store.js'
import type { PackageTable, ZigPackage } from './packages.js'
import { walkPackages } from './packages.js'
import type { ZigProject } from './projects.js'
import { findProjects } from './projects.js'

/** Reads every Zig project of a tree. */
export async function readZig(input: ReadInput): Promise<Inventory> {
  const reader = new ZigReader(input)
  await reader.readManifests()
  return reader.inventory()
}

class ZigReader {
  readonly #diagnostics: Diagnostic[] = []
  readonly #files: FileCoverage[] = []
  readonly #facts: Fact[] = []
  readonly #manifests = new Map<string, ManifestReading | undefined>()
  readonly #vendorFolders = new Set<string>()

  constructor(readonly input: ReadInput) {}

  async readManifests(): Promise<void> {
    for (const file of this.input.files) {
      if (file.format !== 'zig-zon') {
        this.#passOver(file)
        continue
      }
      const vendor = vendorFolderOf(file.path)
      const reading = await this.#manifest(file)
      // A vendored copy is no project; it is found again by the hash that names its folder.
      if (vendor !== undefined) this.#vendorFolders.add(vendor)
      else this.#manifests.set(folderOf(file.path), reading)
    }
  }

  async #manifest(file: ProjectFile): Promise<ManifestReading | undefined> {
    const text = await this.#text(file)
    if (text === undefined) return undefined
    const conflict = findMergeConflict(new SourceText(file.path, text))
    if (conflict !== undefined) {
      this.#refuse(file, conflict)
      return undefined
    }
    const reading = parseZigManifest(text, file.path)
    this.#diagnostics.push(...manifestDiagnostics(reading.problems))
    const broken = reading.problems.find(({ code }) => PROBLEM_KINDS[code].reportedBy === 'file')
    this.#cover(file, reading.manifest === undefined ? 'unreadable' : broken === undefined ? 'read' : 'partial', broken?.message)
    return reading
  }

  async #text(file: ProjectFile): Promise<string | undefined> {
    const read = await this.input.tree.read(file.path, MAX_MANIFEST_BYTES)
    if (!read.ok) {
      const tooLarge = read.failure === 'too-large'
      this.#refuse(file, {
        code: tooLarge ? 'input/too-large' : 'input/lock-unparseable',
        severity: 'error',
        message: read.why,
        help: tooLarge ? 'zig reads no manifest of that size either; check what it is.' : 'Check its permissions.',
        location: { file: file.path, line: 1, column: 1 },
      })
      return undefined
    }
    const decoded = decodeUtf8(read.bytes)
    if (decoded.ok) return decoded.text
    this.#refuse(file, decodeDiagnostic(decoded, file.path))
    return undefined
  }

  #refuse(file: ProjectFile, diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic)
    this.#cover(file, 'unreadable', diagnostic.message)
  }

  #cover({ path, format }: ProjectFile, state: FileCoverage['state'], why?: string): void {
    this.#files.push({ path, ecosystem: 'zig', format, state, why })
  }

  #passOver(file: ProjectFile): void {
    this.#cover(file, 'skipped', 'a file of another package manager for Zig, which assay does not read')
    this.#facts.push({
      kind: 'input/manifest-not-covered',
      location: { file: file.path, line: 1, column: 1 },
      data: { file: file.path },
    })
  }

  async inventory(): Promise<Inventory> {
    const { tree, options } = this.input
    const cache = options.caches.get('zig-cache')
    const stores = packageStores(tree, this.#vendorFolders, cache)
    const table = await walkPackages({ tree, manifests: this.#manifests, stores, hasCache: cache !== undefined })
    const projects = findProjects(table.packages)
    const membership = membershipOf(projects)
    const nodes = [...membership.keys()].map(nameNode)
    const ids = new Map(nodes.map((node) => [node.package, node.id]))
    const idOf = (package_: ZigPackage): ComponentId => ids.get(package_) ?? impossible('a Zig package without a name')
    this.#coverUnclaimed(nodes)
    this.#limits(table, projects)
    await this.#observe(nodes, ids)
    this.#facts.push(...vendorFacts(await vendoredFolders(stores), table.packages))
    return {
      ecosystem: 'zig',
      projects: projects.map((project) => toProject(project, idOf)),
      components: nodes.map((node) => toComponent(node, membership.get(node.package) ?? [])),
      edges: nodes.flatMap((node) => toEdges(node, idOf, membership.get(node.package) ?? [])),
      replacements: [],
      facts: this.#facts,
      diagnostics: this.#diagnostics,
      files: this.#files,
    }
  }

  async #observe(nodes: readonly NamedNode[], ids: ReadonlyMap<ZigPackage, ComponentId>): Promise<void> {
    const scripts = new Map<ZigPackage, BuildScript>()
    for (const { package: package_ } of nodes) {
      const script = await readBuildScript(package_)
      if (script !== undefined) scripts.set(package_, script)
    }
    const noteOf =
      (of: ZigPackage): Note =>
      (kind, location, data, about = of) => {
        this.#facts.push({ kind, location, data, component: ids.get(about) })
      }
    for (const { package: package_ } of nodes) manifestFacts(package_, noteOf(package_))
    graphFacts(
      nodes.map((node) => node.package),
      scripts,
      noteOf,
    )
  }

  /** A path can lead to a manifest that discovery left out; it was read, so it is told. */
  #coverUnclaimed(nodes: readonly NamedNode[]): void {
    for (const {
      package: { place, state },
    } of nodes) {
      if (place.kind !== 'local' || state.kind !== 'read' || this.#manifests.has(place.folder)) continue
      this.#cover({ path: joinPath(place.folder, 'build.zig.zon'), format: 'zig-zon' }, 'read')
      this.#diagnostics.push(...manifestDiagnostics(state.reading.problems))
    }
  }

  #limits(table: PackageTable, projects: readonly ZigProject[]): void {
    const stopped = table.truncated ? projects[0] : projects.find((project) => project.truncated)
    if (stopped === undefined) return
    this.#diagnostics.push({
      code: 'input/too-large',
      severity: 'error',
      message: 'the manifests lead to more packages than are followed',
      help: 'Audit the packages of the repository one by one.',
      location: { file: joinPath(stopped.folder, 'build.zig.zon'), line: 1, column: 1 },
    })
  }
}

/** The projects of every package that is in one, in the order the packages are met. */
function membershipOf(projects: readonly ZigProject[]): ReadonlyMap<ZigPackage, readonly string[]> {
  const membership = new Map<ZigPackage, string[]>()
  for (const { id, members } of projects) {
    for (const member of members) {
      const known = membership.get(member)
      if (known === undefined) membership.set(member, [id])
      else known.push(id)
    }
  }
  for (const ids of membership.values()) ids.sort()
  return membership
}

function toProject({ id, folder, root, members }: ZigProject, idOf: (package_: ZigPackage) => ComponentId): Project {
  const manifests = members.flatMap(({ place, state }) =>
    place.kind === 'local' && state.kind === 'read' ? [joinPath(place.folder, 'build.zig.zon')] : [],
  )
  return {
    id,
    ecosystem: 'zig',
    name: nameNode(root).identity.name,
    folder,
    manifests: manifests.sort(),
    // There is no lockfile: the hashes in the manifests are what pins.
    lockfiles: [],
    roots: [idOf(root)],
  }
}
