import type { Diagnostic } from '../../model/diagnostic.js'
import type { ProjectFile, ReadInput } from '../../model/ecosystem.js'
import type { Fact, FileCoverage, Inventory } from '../../model/graph.js'
import { folderOf, joinPath } from '../../model/tree.js'
import { findMergeConflict } from '../../syntax/merge-conflict.js'
import { decodeDiagnostic, decodeUtf8, SourceText } from '../../syntax/text.js'
import type { GoFlags } from './go-flags.js'
import { parseGoFlags } from './go-flags.js'
import { findModuleCaches } from './mod-documents.js'
import type { ModFile, ModProblem, WorkFile } from './mod-file.js'
import { parseModFile } from './parse-mod.js'
import { parseWorkFile } from './parse-work.js'
import { hasProgram } from './programs.js'
import type { ProjectParts } from './project.js'
import { buildProject } from './project.js'
import { settingParts } from './setting-facts.js'
import { findSettings } from './settings.js'
import type { SumFile } from './sum-file.js'
import { parseSumFile } from './sum-file.js'
import { SumIndex } from './sum-index.js'
import type { VendorList } from './vendor-list.js'
import { parseVendorList } from './vendor-list.js'
import type { MainFile, VendorFolder, View } from './view.js'
import { whyVendorUnused } from './view.js'
import type { Workspace } from './workspaces.js'
import { ambientFacts, membersOf } from './workspaces.js'

const MAX_MANIFEST_BYTES = 16 * 1024 * 1024
/** The largest go.sum of a real repository has some hundred thousand lines. */
const MAX_SUM_BYTES = 64 * 1024 * 1024
/** A file that is something else altogether need not fill the report. */
const MAX_PROBLEMS = 20

/** Reads every Go module and workspace of a tree (spec/go.md §2 to §6). */
export async function readGo(input: ReadInput): Promise<Inventory> {
  const reader = new GoReader(input)
  for (const file of input.files) await reader.readFile(file)
  return reader.inventory()
}

class GoReader {
  readonly #diagnostics: Diagnostic[] = []
  readonly #files: FileCoverage[] = []
  readonly #modules = new Map<string, ModFile>()
  readonly #works = new Map<string, WorkFile>()
  readonly #sums = new Map<string, SumFile>()
  readonly #vendors = new Map<string, VendorList>()

  readonly #flags: GoFlags

  constructor(readonly input: ReadInput) {
    this.#flags = parseGoFlags(input.options.environment.get('GOFLAGS') ?? '')
  }

  async readFile(file: ProjectFile): Promise<void> {
    const isSum = file.format === 'go-sum' || file.format === 'go-work-sum'
    const isLock = isSum || file.format === 'go-vendor'
    const code = isLock ? 'input/lock-unparseable' : 'input/manifest-unparseable'
    const text = await this.#text(file, isLock ? MAX_SUM_BYTES : MAX_MANIFEST_BYTES, code)
    if (text === undefined) return
    const conflict = findMergeConflict(new SourceText(file.path, text))
    if (conflict !== undefined) {
      this.#diagnostics.push(conflict)
      this.#cover(file, 'partial', conflict.message)
    }
    const problems = this.#parse(file, text)
    if (conflict !== undefined) return
    this.#diagnostics.push(...problems.slice(0, MAX_PROBLEMS))
    const [first] = problems.filter((problem) => problem.severity === 'error')
    this.#cover(file, first === undefined ? 'read' : 'partial', first?.message)
  }

  #parse(file: ProjectFile, text: string): readonly Diagnostic[] {
    const folder = folderOf(file.path)
    switch (file.format) {
      case 'go-mod': {
        const mod = parseModFile(text, file.path)
        this.#modules.set(folder, mod)
        const unnamed = mod.module === undefined ? [unnamedModule(file.path)] : []
        return [...toDiagnostics(mod.problems, mod), ...unnamed]
      }
      case 'go-work': {
        const work = parseWorkFile(text, file.path)
        this.#works.set(folder, work)
        return toDiagnostics(work.problems, undefined)
      }
      case 'go-vendor':
        this.#vendors.set(folderOf(folder), parseVendorList(text, file.path))
        return []
      default: {
        const sum = parseSumFile(text, file.path)
        this.#sums.set(file.path, sum)
        return sum.malformed.map(({ fields, location }) => ({
          code: 'input/lock-unparseable',
          severity: 'error',
          message: `a line has ${fields} fields, and every line needs three`,
          help: 'Take the line out and run go mod tidy; the go command stops at it.',
          location,
        }))
      }
    }
  }

  async #text(file: ProjectFile, limit: number, code: string): Promise<string | undefined> {
    const read = await this.input.tree.read(file.path, limit)
    if (!read.ok) {
      const tooLarge = read.failure === 'too-large'
      this.#diagnostics.push({
        code: tooLarge ? 'input/too-large' : code,
        severity: 'error',
        message: read.why,
        help: tooLarge ? 'No file of this kind is that large; check what it is.' : 'Check its permissions.',
        location: { file: file.path, line: 1, column: 1 },
      })
      this.#cover(file, 'unreadable', read.why)
      return undefined
    }
    const decoded = decodeUtf8(read.bytes)
    if (decoded.ok) return decoded.hadBom ? `\ufeff${decoded.text}` : decoded.text
    // The go command does not look at control characters in comments, and elsewhere they are errors of their own.
    if (decoded.problem === 'nul-byte') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.bytes)
    const diagnostic = decodeDiagnostic(decoded, file.path, code)
    this.#diagnostics.push(diagnostic)
    this.#cover(file, 'unreadable', diagnostic.message)
    return undefined
  }

  #cover(file: ProjectFile, state: FileCoverage['state'], why?: string): void {
    if (this.#files.some((known) => known.path === file.path)) return
    this.#files.push({ path: file.path, ecosystem: 'go', format: file.format, state, why })
  }

  /** Every module is built alone, and every workspace as a whole. */
  async inventory(): Promise<Inventory> {
    const { tree, options } = this.input
    const mains = await this.#mains()
    const workspaces =
      options.environment.get('GOWORK') === 'off' ? [] : [...this.#works.values()].map((work) => membersOf(work, mains))
    const views = [
      ...[...mains.values()].map((main) => this.#moduleView(main, workspaces)),
      ...workspaces.filter(({ members }) => members.length > 0).map((workspace) => this.#workspaceView(workspace)),
    ]
    const surroundings = { tree, caches: await findModuleCaches(tree, options.caches.get('gomodcache')) }
    const parts: ProjectParts[] = []
    for (const view of views) {
      const part = await buildProject(view, surroundings)
      parts.push(part)
    }
    const settings = views.length === 0 ? [] : await findSettings(tree, [...mains.keys()])
    const tracked = settingParts(settings, parts[0]?.project.id)
    this.#coverStrays(mains)
    const { modfile } = this.#flags
    const why = `GOFLAGS names ${modfile ?? ''} in place of every go.mod, and that file is not read`
    if (modfile !== undefined) for (const main of mains.values()) this.#passOver(main.mod.file, why)
    return {
      ecosystem: 'go',
      projects: parts.map((part) => part.project),
      components: parts.flatMap((part) => part.components),
      edges: parts.flatMap((part) => part.edges),
      replacements: [...parts.flatMap((part) => part.replacements), ...tracked.replacements],
      facts: [
        ...parts.flatMap((part) => part.facts),
        ...workspaces.flatMap((workspace): readonly Fact[] => workspace.facts),
        ...ambientFacts(workspaces, mains.values()),
        ...tracked.facts,
      ],
      diagnostics: this.#diagnostics,
      files: this.#files,
    }
  }

  /** The file is fine and is not what gets built. */
  #passOver(path: string, why: string): void {
    const at = this.#files.findIndex((file) => file.path === path)
    const file = this.#files[at]
    if (file?.state === 'read') this.#files[at] = { ...file, state: 'skipped', why }
  }

  async #mains(): Promise<ReadonlyMap<string, MainFile>> {
    const mains = new Map<string, MainFile>()
    for (const [folder, mod] of this.#modules) {
      const path = mod.module?.value
      if (path !== undefined) mains.set(folder, { mod, path, folder, application: await hasProgram(this.input.tree, folder) })
    }
    return mains
  }

  #moduleView(main: MainFile, workspaces: readonly Workspace[]): View {
    const inWorkspace = workspaces.some(({ work, members }) => folderOf(work.file) === main.folder && members.includes(main))
    const sum = joinPath(main.folder, 'go.sum')
    return {
      id: `go:${main.mod.file}`,
      kind: 'module',
      folder: main.folder,
      file: main.mod.file,
      mains: [main],
      work: undefined,
      ...this.#sumsOf([sum]),
      // Beside a go.work the vendor folder may be the workspace's; it then belongs to that view alone.
      vendor: this.#vendor(main.folder, main.mod.go?.value, false, inWorkspace),
    }
  }

  #workspaceView({ work, members }: Workspace): View {
    const folder = folderOf(work.file)
    const sums = [joinPath(folder, 'go.work.sum'), ...members.map((member) => joinPath(member.folder, 'go.sum'))]
    return {
      id: `go:${work.file}`,
      kind: 'workspace',
      folder,
      file: work.file,
      mains: members,
      work,
      ...this.#sumsOf(sums),
      vendor: this.#vendor(folder, work.go?.value, true, this.#modules.has(folder)),
    }
  }

  #sumsOf(paths: readonly string[]): Pick<View, 'sums' | 'hasSumFile' | 'lockfiles'> {
    const lockfiles = paths.filter((path) => this.input.files.some((file) => file.path === path))
    const sums = new SumIndex(lockfiles.flatMap((path) => this.#sums.get(path) ?? []))
    return { sums, hasSumFile: lockfiles.length > 0, lockfiles }
  }

  #vendor(folder: string, go: string | undefined, workspace: boolean, shared: boolean): VendorFolder | undefined {
    const list = this.#vendors.get(folder)
    if (list === undefined || (shared && list.workspace !== workspace)) return undefined
    return { folder: joinPath(folder, 'vendor'), list, unused: whyVendorUnused(list, go, workspace, this.#flags) }
  }

  /** A lockfile without its manifest tells nothing that can be relied on, and that is said. */
  #coverStrays(mains: ReadonlyMap<string, MainFile>): void {
    for (const file of [...this.#files]) {
      const isVendor = file.format === 'go-vendor'
      const folder = isVendor ? folderOf(folderOf(file.path)) : folderOf(file.path)
      const alone =
        (file.format === 'go-sum' && !mains.has(folder)) ||
        (file.format === 'go-work-sum' && !this.#works.has(folder)) ||
        (isVendor && !mains.has(folder) && !this.#works.has(folder))
      if (alone) this.#passOver(file.path, 'there is no readable manifest beside it, and it is no list of what gets built')
    }
  }
}

function unnamedModule(file: string): Diagnostic {
  return {
    code: 'input/manifest-unparseable',
    severity: 'error',
    message: 'the module line is missing',
    help: 'Write module and the path of the module; the go command refuses the file without.',
    location: { file, line: 1, column: 1 },
  }
}

/** What the go command refuses. A requirement without a version is no such thing: a fact tells of it. */
function toDiagnostics(problems: readonly ModProblem[], mod: ModFile | undefined): readonly Diagnostic[] {
  const unresolved = new Set((mod?.unresolved ?? []).map((one) => one.location.line))
  return problems
    .filter((problem) => problem.kind !== 'noncanonical' || !unresolved.has(problem.location.line))
    .map(({ kind, message, location }) => ({
      code: 'input/manifest-unparseable',
      severity: kind === 'windows-path' ? 'warning' : 'error',
      message,
      help:
        kind === 'windows-path'
          ? 'Write the directory with forward slashes, which works everywhere.'
          : 'Correct the line; the go command refuses the file as it is.',
      location,
    }))
}
