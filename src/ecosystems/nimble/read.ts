import type { Diagnostic } from '../../model/diagnostic.js'
import type { ProjectFile, ReadInput } from '../../model/ecosystem.js'
import type { FileCoverage, Inventory } from '../../model/graph.js'
import { baseName, folderOf, joinPath, resolvePath } from '../../model/tree.js'
import { decodeDiagnostic, decodeUtf8 } from '../../syntax/text.js'
import type { AtlasConfig } from './atlas.js'
import { parseAtlasConfig } from './atlas.js'
import type { DevelopFile, InstalledMeta } from './develop.js'
import { configuredPaths, parseDevelop, parseInstalledMeta, searchPaths } from './develop.js'
import type { InstalledPackage } from './installed.js'
import { groupInstalled, installedPackage, ownerOf, readCachedPackages, readText } from './installed.js'
import type { Field } from './json-fields.js'
import { parseNimLock } from './lock.js'
import type { NimLock } from './lock-model.js'
import { parseManifest } from './manifest.js'
import { parseIni } from './manifest-ini.js'
import type { Manifest } from './manifest-model.js'
import { withRequiresFile } from './manifest-requires.js'
import type { ProjectInput } from './project.js'
import { buildProject } from './project.js'
import type { PackageList } from './registry.js'
import { readPackageLists } from './registry.js'
import { normaliseName } from './requirement.js'
import type { Submodule } from './submodules.js'
import { parseSubmodules } from './submodules.js'

/** Real manifests have some kilobytes. */
const MAX_MANIFEST_BYTES = 2 * 1024 * 1024
const MAX_LOCK_BYTES = 16 * 1024 * 1024
/** Develop files that include each other. */
const MAX_INCLUDES = 50

/** Reads every Nim project of a tree. */
export async function readNimble(input: ReadInput): Promise<Inventory> {
  const reader = new NimbleReader(input)
  for (const file of input.files) await reader.readFile(file)
  return reader.inventory()
}

class NimbleReader {
  readonly #diagnostics: Diagnostic[] = []
  readonly #files: FileCoverage[] = []
  readonly #locks = new Map<string, NimLock>()
  readonly #manifests = new Map<string, { readonly manifest: Manifest; readonly text: string }>()
  readonly #develop: DevelopFile[] = []
  readonly #metas = new Map<string, InstalledMeta>()
  readonly #atlas: AtlasConfig[] = []
  readonly #paths = new Map<string, readonly Field[]>()
  readonly #links = new Map<string, Field>()

  constructor(readonly input: ReadInput) {}

  async readFile(file: ProjectFile): Promise<void> {
    const isLock = file.format === 'nimble-lock' || file.format === 'atlas-lock'
    const code = isLock
      ? 'input/lock-unparseable'
      : file.format === 'nimble-manifest'
        ? 'input/manifest-unparseable'
        : 'input/config-unparseable'
    const read = await this.input.tree.read(file.path, isLock ? MAX_LOCK_BYTES : MAX_MANIFEST_BYTES)
    if (!read.ok) {
      const isLarge = read.failure === 'too-large'
      this.#problem(file, {
        code: isLarge ? 'input/too-large' : code,
        severity: 'error',
        message: read.why,
        help: isLarge ? 'No lockfile or manifest is that large; check what it is.' : 'Check its permissions.',
        location: { file: file.path, line: 1, column: 1 },
      })
      return
    }
    const decoded = decodeUtf8(read.bytes)
    if (!decoded.ok) {
      this.#problem(file, decodeDiagnostic(decoded, file.path, code))
      return
    }
    const problems = this.#parse(file, decoded.text, decoded.hadBom)
    const [first] = problems
    if (first === undefined) this.#cover(file, 'read')
    else {
      this.#diagnostics.push(...problems)
      const state = first.severity !== 'error' ? 'read' : file.format === 'nimble-manifest' ? 'partial' : 'unreadable'
      this.#cover(file, state, first.severity === 'error' ? first.message : undefined)
    }
  }

  #parse(file: ProjectFile, text: string, hadBom: boolean): readonly Diagnostic[] {
    const { path } = file
    switch (file.format) {
      case 'nimble-lock':
      case 'atlas-lock': {
        const result = parseNimLock(text, path, hadBom)
        if (!result.ok) return result.errors.map((error) => error.diagnostic)
        this.#locks.set(path, result.lock)
        return result.lock.flags.flatMap((flag) =>
          flag.code === 'unknown-version' ? [unknownVersion(path, flag.version, flag.location)] : [],
        )
      }
      case 'nimble-manifest': {
        const manifest = parseManifest(text, path)
        this.#manifests.set(path, { manifest, text })
        return manifest.diagnostics
      }
      case 'nimble-develop':
        return this.#take(parseDevelop(text, path), (value) => this.#develop.push(value))
      case 'nimble-meta':
        return this.#take(parseInstalledMeta(text, path), (value) => this.#metas.set(folderOf(path), value))
      case 'nimble-paths':
        this.#paths.set(path, searchPaths(text, path))
        return []
      case 'nimble-link':
        this.#links.set(path, { text: (text.split('\n')[0] ?? '').trim(), location: { file: path, line: 1, column: 1 } })
        return []
      case 'atlas-config': {
        const result = parseAtlasConfig(text, path)
        if (!result.ok) return [result.diagnostic]
        this.#atlas.push(result.config)
        return []
      }
      case 'atlas-workspace':
        return this.#workspace(text, path)
    }
    return []
  }

  /** The older configuration of Atlas; its `overrides` name a file of rules. */
  #workspace(text: string, path: string): readonly Diagnostic[] {
    const result = parseIni(text, path)
    if (!result.ok)
      return [
        {
          code: 'input/config-unparseable',
          severity: 'error',
          message: `${path} cannot be read: ${result.why}`,
          help: 'Let Atlas write it again.',
          location: { file: path, line: 1, column: 1 },
        },
      ]
    const setting = (key: string): Field | undefined =>
      result.pairs.find((pair) => pair.key === key && pair.value.text !== '')?.value
    const rules = setting('overrides')
    this.#atlas.push({
      path,
      overrides:
        rules === undefined
          ? []
          : [{ kind: 'urlOverrides', from: { text: `the rules of ${rules.text}`, location: rules.location }, to: rules }],
      resolver: setting('resolver'),
      plugins: setting('plugins'),
      deps: setting('deps'),
    })
    return []
  }

  #take<T>(
    result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly diagnostic: Diagnostic },
    keep: (value: T) => void,
  ): readonly Diagnostic[] {
    if (!result.ok) return [result.diagnostic]
    keep(result.value)
    return []
  }

  #problem(file: ProjectFile, diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic)
    this.#cover(file, 'unreadable', diagnostic.message)
  }

  #cover(file: ProjectFile, state: FileCoverage['state'], why?: string): void {
    this.#files.push({ path: file.path, ecosystem: 'nimble', format: file.format, state, why })
  }

  /** Groups what was read into projects: one a lockfile, and one a folder with a manifest and no lockfile. */
  async inventory(): Promise<Inventory> {
    const atlasFolders = new Set(
      this.input.files
        .filter((file) => file.format.startsWith('atlas-'))
        .map((file) => (baseName(folderOf(file.path)) === 'deps' ? folderOf(folderOf(file.path)) : folderOf(file.path))),
    )
    const copies = new Map<string, InstalledPackage[]>()
    const own = new Map<string, string[]>()
    for (const { path, format } of this.input.files) {
      const owner = ownerOf(path, atlasFolders)
      if (owner !== undefined) {
        if (format === 'nimble-manifest') append(copies, owner, this.#copy(path))
      } else if (format === 'nimble-manifest' || format === 'nimble-lock' || format === 'atlas-lock')
        append(own, folderOf(path), path)
    }
    const submodules = own.size === 0 ? [] : await this.#submodules()
    const { lists, diagnostics } = await this.#lists(own.size > 0)
    this.#diagnostics.push(...diagnostics)
    const inputs: ProjectInput[] = []
    const local = new Map<string, Manifest>()
    for (const [folder, paths] of own) {
      const manifest = this.#manifests.get(manifestOf(folder, paths) ?? '')?.manifest
      if (manifest !== undefined) local.set(folder, manifest)
    }
    const owned = new Map<string, Submodule[]>()
    for (const submodule of submodules) append(owned, nearest(submodule.path, own), submodule)
    for (const [folder, paths] of own) {
      const beside = { copies: copies.get(folder) ?? [], submodules: owned.get(folder) ?? [], lists, local }
      inputs.push(...(await this.#projectsAt(folder, paths, beside)))
    }
    const parts = inputs.map(buildProject)
    return {
      ecosystem: 'nimble',
      projects: parts.map((part) => part.project),
      components: parts.flatMap((part) => part.components),
      edges: parts.flatMap((part) => part.edges),
      replacements: parts.flatMap((part) => part.replacements),
      facts: parts.flatMap((part) => part.facts),
      diagnostics: this.#diagnostics,
      files: this.#files,
    }
  }

  #copy(path: string): InstalledPackage {
    const folder = folderOf(path)
    return installedPackage(path, this.#manifests.get(path)?.manifest, this.#metas.get(folder), true)
  }

  async #submodules(): Promise<readonly Submodule[]> {
    const text = await readText(this.input.tree, '.gitmodules')
    if (text === undefined) return []
    this.#cover({ path: '.gitmodules', format: 'git-submodules' }, 'read')
    return parseSubmodules(text, '.gitmodules')
  }

  async #lists(needed: boolean): Promise<{ lists: readonly PackageList[]; diagnostics: readonly Diagnostic[] }> {
    const cache = this.input.options.caches.get('nimble-packages')
    return cache === undefined || !needed ? { lists: [], diagnostics: [] } : readPackageLists(cache)
  }

  /** The develop file of a folder with those that it includes, as far as they are in the tree. */
  async #developOf(folder: string): Promise<readonly DevelopFile[]> {
    const found = this.#develop.filter((file) => folderOf(file.path) === folder)
    const seen = new Set(found.map((file) => file.path))
    for (let at = 0; at < found.length && seen.size <= MAX_INCLUDES; at++) {
      for (const { text } of found[at]?.includes ?? []) {
        const path = resolvePath(folderOf(found[at]?.path ?? folder), text)
        if (path === undefined || seen.has(path)) continue
        seen.add(path)
        const body = await readText(this.input.tree, path)
        const parsed = body === undefined ? undefined : parseDevelop(body, path)
        if (parsed?.ok === true) found.push(parsed.value)
        else if (parsed !== undefined) this.#diagnostics.push(parsed.diagnostic)
      }
    }
    return found
  }

  async #projectsAt(
    folder: string,
    paths: readonly string[],
    beside: {
      readonly copies: readonly InstalledPackage[]
      readonly submodules: readonly Submodule[]
      readonly lists: readonly PackageList[]
      readonly local: ReadonlyMap<string, Manifest>
    },
  ): Promise<readonly ProjectInput[]> {
    const manifests = paths.filter((path) => path.endsWith('.nimble'))
    const lockPaths = paths.filter((path) => !path.endsWith('.nimble'))
    const manifestPath = manifestOf(folder, paths)
    const found = manifestPath === undefined ? undefined : this.#manifests.get(manifestPath)
    const requiresPath = joinPath(folder, 'requires')
    const requires = found === undefined ? undefined : await readText(this.input.tree, requiresPath)
    const manifest =
      found === undefined || requires === undefined ? found?.manifest : withRequiresFile(found.manifest, requires, requiresPath)
    const configPath = joinPath(folder, 'config.nims')
    const config = manifest === undefined ? undefined : await readText(this.input.tree, configPath)
    if (requires !== undefined) this.#cover({ path: requiresPath, format: 'nimble-requires' }, 'read')
    if (config !== undefined) this.#cover({ path: configPath, format: 'nim-config' }, 'read')
    const { copies, ...surroundings } = beside
    const shared = {
      ...surroundings,
      folder,
      manifest,
      manifestText: found?.text,
      manifestPath,
      otherManifests: manifests.filter((path) => path !== manifestPath),
      config: config === undefined ? undefined : parseManifest(config, configPath),
      develop: await this.#developOf(folder),
      searchPaths: [...(this.#paths.get(joinPath(folder, 'nimble.paths')) ?? []), ...configuredPaths(config ?? '', configPath)],
      links: [...this.#links].filter(([path]) => isBelow(path, folder)).map(([, field]) => field),
      atlas: this.#atlas.filter((one) => folderOf(one.path) === folder || folderOf(one.path) === joinPath(folder, 'deps')),
    }
    const inputs: ProjectInput[] = []
    for (const lockPath of lockPaths.length === 0 ? [undefined] : lockPaths) {
      const lock = lockPath === undefined ? undefined : this.#locks.get(lockPath)
      const names = new Set((lock?.entries ?? []).map((entry) => normaliseName(entry.name)))
      const cache = this.input.options.caches.get('nimble-packages')
      const cached = cache === undefined || names.size === 0 ? [] : await readCachedPackages(cache, names)
      inputs.push({
        ...shared,
        isPrimary: lockPath === lockPaths[0],
        lock,
        lockPath,
        installed: groupInstalled([...copies, ...cached]),
      })
    }
    return inputs
  }
}

function unknownVersion(path: string, version: string, location: Diagnostic['location']): Diagnostic {
  return {
    code: 'input/lock-version-unsupported',
    severity: 'warning',
    message: `${path} has version ${version}, known are 1 and 2; it was read as 2`,
    help: 'Update assay, or let the nimble that the project pins write the file again.',
    location,
  }
}

/** Of several manifests in a folder, which nimble refuses, the one that is named like the folder. */
function manifestOf(folder: string, paths: readonly string[]): string | undefined {
  const manifests = paths.filter((path) => path.endsWith('.nimble'))
  return manifests.find((path) => baseName(path) === `${baseName(folder)}.nimble`) ?? manifests[0]
}

function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`)
}

/** The nearest folder above a path that has a project; the path itself where none has. */
function nearest(path: string, projects: ReadonlyMap<string, unknown>): string {
  for (let folder = path; folder !== '.'; folder = folderOf(folder)) if (projects.has(folder)) return folder
  return '.'
}

function append<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [item])
  else group.push(item)
}
