import type { Diagnostic } from '../../model/diagnostic.js'
import type { ProjectFile, ReadInput } from '../../model/ecosystem.js'
import type { FileCoverage, Inventory } from '../../model/graph.js'
import type { SourceTree } from '../../model/tree.js'
import { folderOf, joinPath, resolvePath } from '../../model/tree.js'
import { decodeDiagnostic, decodeUtf8 } from '../../syntax/text.js'
import type { CargoConfig, ConfigFile } from './config.js'
import { configChain, followReplacement, isAtOrAbove } from './config.js'
import type { DeclaredPackage } from './declared.js'
import { parseCargoLock } from './lock.js'
import type { CargoLock } from './lock-model.js'
import type { Manifest } from './manifest.js'
import type { ProjectInput } from './project.js'
import { buildProject } from './project.js'
import type { CargoWorkspace } from './workspace.js'

const MAX_MANIFEST_BYTES = 8 * 1024 * 1024
/** A lockfile of 3,000 packages has 0.8 MB. */
const MAX_LOCK_BYTES = 64 * 1024 * 1024

/** Reads every Cargo project of a tree. */
export async function readCargo(input: ReadInput): Promise<Inventory> {
  const reader = new CargoReader(input)
  await reader.readFiles()
  return reader.projects()
}

class CargoReader {
  readonly #diagnostics: Diagnostic[] = []
  readonly #files: FileCoverage[] = []
  readonly #locks = new Map<string, CargoLock>()
  readonly #manifests = new Map<string, Manifest>()
  readonly #configs: ConfigFile[] = []

  constructor(readonly input: ReadInput) {}

  async readFiles(): Promise<void> {
    for (const file of this.input.files) {
      const limit = file.format === 'cargo-lock' ? MAX_LOCK_BYTES : MAX_MANIFEST_BYTES
      const code =
        file.format === 'cargo-lock'
          ? 'input/lock-unparseable'
          : file.format === 'cargo-config'
            ? 'input/config-unparseable'
            : 'input/manifest-unparseable'
      const text = await this.#text(file, limit, code)
      if (text === undefined) continue
      const problem = await this.#parse(file, text)
      if (problem !== undefined) this.#diagnostics.push(problem)
      this.#cover(file, problem === undefined ? undefined : problem.message)
    }
  }

  async #parse(file: ProjectFile, text: string): Promise<Diagnostic | undefined> {
    if (file.format === 'cargo-lock') {
      const result = await parseCargoLock(text, file.path)
      if (!result.ok) return result.diagnostic
      this.#locks.set(folderOf(file.path), result.lock)
      return undefined
    }
    if (file.format === 'cargo-config') {
      const { parseConfigFile } = await import('./config-read.js')
      const result = parseConfigFile(text, file.path)
      if (!result.ok) return result.diagnostic
      this.#configs.push(result.file)
      return undefined
    }
    const { parseManifest } = await import('./manifest.js')
    const result = parseManifest(text, file.path)
    if (!result.ok) return result.diagnostic
    this.#manifests.set(folderOf(file.path), result.manifest)
    return undefined
  }

  async #text(file: ProjectFile, limit: number, code: string): Promise<string | undefined> {
    const read = await this.input.tree.read(file.path, limit)
    if (!read.ok) {
      this.#diagnostics.push({
        code: read.failure === 'too-large' ? 'input/too-large' : code,
        severity: 'error',
        message: read.why,
        help:
          read.failure === 'too-large' ? 'No lockfile or manifest is that large; check what it is.' : 'Check its permissions.',
        location: { file: file.path, line: 1, column: 1 },
      })
      this.#cover(file, read.why)
      return undefined
    }
    const decoded = decodeUtf8(read.bytes)
    if (decoded.ok) return decoded.text
    const diagnostic = decodeDiagnostic(decoded, file.path, code)
    this.#diagnostics.push(diagnostic)
    this.#cover(file, diagnostic.message)
    return undefined
  }

  #cover(file: ProjectFile, why: string | undefined): void {
    this.#files.push({
      path: file.path,
      ecosystem: 'cargo',
      format: file.format,
      state: why === undefined ? 'read' : 'unreadable',
      why,
    })
  }

  /** Groups what was read into projects; a lockfile without a manifest beside it is a project too. */
  async projects(): Promise<Inventory> {
    const workspaces = this.#manifests.size === 0 ? [] : (await import('./workspace.js')).findWorkspaces(this.#manifests)
    const inputs: ProjectInput[] = []
    const used = new Set<string>()
    for (const workspace of workspaces) {
      used.add(workspace.folder)
      inputs.push(await this.#projectInput(workspace.folder, workspace))
    }
    for (const folder of this.#locks.keys()) if (!used.has(folder)) inputs.push(await this.#projectInput(folder, undefined))
    const parts = inputs.map(buildProject)
    return {
      ecosystem: 'cargo',
      projects: parts.map((part) => part.project),
      components: parts.flatMap((part) => part.components),
      edges: parts.flatMap((part) => part.edges),
      replacements: parts.flatMap((part) => part.replacements),
      facts: parts.flatMap((part) => part.facts),
      diagnostics: this.#diagnostics,
      files: this.#files,
    }
  }

  async #projectInput(folder: string, workspace: CargoWorkspace | undefined): Promise<ProjectInput> {
    const { tree, options } = this.input
    const lock = this.#locks.get(folder)
    const lockPath = joinPath(folder, 'Cargo.lock')
    const config = await this.#configAt(folder)
    const vendorFolder = config === undefined ? undefined : vendorFolderOf(config)
    const vendored =
      vendorFolder === undefined ? undefined : await (await import('./third-party.js')).readVendorFolder(tree, vendorFolder)
    return {
      folder,
      workspace,
      lock,
      lockPath,
      hasLockFile: this.input.files.some((file) => file.path === lockPath),
      config,
      configFiles: this.#configs.filter((file) => isAtOrAbove(folderOf(folderOf(file.path)), folder)),
      vendorFolder,
      vendored,
      buildScripts: workspace === undefined ? new Set() : await buildScripts(tree, workspace),
      declared: lock === undefined ? new Map() : await this.#declared(lock),
      targets: options.targets.length === 0 ? undefined : (await import('./target-sets.js')).targetSets(options.targets),
      features: options.features,
      unreadManifest: (path) =>
        !this.#manifests.has(path) && this.input.files.some((file) => file.path === joinPath(path, 'Cargo.toml')),
    }
  }

  /** Files from the nearest to the farthest, as cargo sees them when called at the workspace root. */
  async #configAt(folder: string): Promise<CargoConfig | undefined> {
    const chain = configChain(this.#configs, folder)
    if (chain.length === 0) return undefined
    const { mergeConfig } = await import('./config-read.js')
    return mergeConfig(chain, this.input.options.environment)
  }

  async #declared(lock: CargoLock): Promise<ReadonlyMap<CargoLock['packages'][number], DeclaredPackage>> {
    const { caches } = this.input.options
    const cargoHome = caches.get('cargo-home')
    const index = caches.get('cargo-index')
    if (cargoHome === undefined && index === undefined) return new Map()
    const { lookUpDeclared } = await import('./third-party.js')
    return lookUpDeclared(lock.packages, { cargoHome, index })
  }
}

/** The folder that stands in for the public registry, when the configuration puts one there. */
function vendorFolderOf(config: CargoConfig): string | undefined {
  const start = config.sources.get('crates-io')
  if (start?.replaceWith === undefined) return undefined
  const end = followReplacement(start, config)
  if (end.kind !== 'source' || end.definition.directory === undefined) return undefined
  return resolvePath(folderOf(folderOf(end.definition.location.file)), end.definition.directory)
}

async function buildScripts(tree: SourceTree, workspace: CargoWorkspace): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const member of [...workspace.members, ...workspace.outsiders]) {
    if ((await tree.stat(joinPath(member.folder, 'build.rs'))) !== undefined) found.add(member.folder)
  }
  return found
}
