import type { ProjectFile } from '../../../model/ecosystem.js'
import { folderOf, resolvePath, type SourceTree } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import { Turns } from '../../turns.js'
import type { ModuleId } from '../build-list.js'
import { moduleKey } from '../build-list.js'
import { DEFAULT_GO, supportsPruning } from '../go-version.js'
import type { ModFile } from '../mod-file.js'
import { parseModFile } from '../parse-mod.js'
import { parseWorkFile } from '../parse-work.js'
import { ReplaceTable } from '../replace-table.js'
import { MAX_MOD_BYTES, readModDocument } from './mod-document.js'

/** What the manifests of a repository say about whose documents are wanted. */
export interface Manifests {
  readonly mains: readonly ModFile[]
  readonly replaces: ReplaceTable
  readonly excluded: ReadonlySet<string>
  /** Modules that a go.work puts in the place of every version of their path. */
  readonly members: ReadonlySet<string>
}

/** Reads every go.mod and go.work; what cannot be read wants nothing. */
export async function readManifests(tree: SourceTree, files: readonly ProjectFile[]): Promise<Manifests> {
  const mods = new Map<string, ModFile>()
  const works: ReturnType<typeof parseWorkFile>[] = []
  for (const { path, format } of files) {
    if (format !== 'go-mod' && format !== 'go-work') continue
    const read = await tree.read(path, MAX_MOD_BYTES)
    const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
    if (decoded?.ok !== true) continue
    if (format === 'go-mod') mods.set(folderOf(path), parseModFile(decoded.text, path))
    else works.push(parseWorkFile(decoded.text, path))
  }
  const mains = [...mods.values()]
  const members = works.flatMap((work) =>
    work.use.flatMap(({ value }) => mods.get(resolvePath(folderOf(work.file), value) ?? '')?.module?.value ?? []),
  )
  return {
    mains,
    replaces: new ReplaceTable(
      works.flatMap((work) => work.replace),
      mains.flatMap((mod) => mod.replace),
    ),
    excluded: new Set(mains.flatMap((mod) => mod.exclude.map(moduleKey))),
    members: new Set(members),
  }
}

type Mode = 'pruned' | 'unpruned'

const AT_A_TIME = 32
const MAX_DOCUMENTS = 100_000

/**
 * Fetches the documents that the reader is going to ask for (spec/go.md §6.2), many at a time: it asks for them one after
 * the other, and would wait for each. Asks for nothing that the reader would not.
 */
export class DocumentWalk {
  readonly #turns = new Turns(AT_A_TIME)
  readonly #started = new Set<string>()

  constructor(
    readonly manifests: Manifests,
    readonly document: (module: ModuleId) => Promise<Uint8Array | undefined>,
  ) {}

  async run(): Promise<void> {
    const { mains } = this.manifests
    await Promise.all(mains.flatMap((main) => main.require.map((module) => this.#follow(module, modeOf(main)))))
  }

  async #follow(module: ModuleId, mode: Mode): Promise<void> {
    const pair = `${moduleKey(module)} ${mode}`
    const { excluded, members, replaces } = this.manifests
    if (this.#started.has(pair) || this.#started.size >= MAX_DOCUMENTS) return
    if (excluded.has(moduleKey(module)) || members.has(module.path)) return
    this.#started.add(pair)
    const target = replaces.find(module.path, module.version)?.target
    // What is in the directory is in the repository, and the reader finds it there.
    if (target?.kind === 'directory') return
    const { path, version } = target ?? module
    const bytes = await this.#turns.take(() => this.document({ path, version }))
    const mod = bytes === undefined ? undefined : readModDocument(bytes, `${path}@${version}/go.mod`)
    if (mod === undefined) return
    const own = modeOf(mod)
    if (mode === 'pruned' && own === 'pruned') return
    await Promise.all(mod.require.map((one) => this.#follow(one, mode === 'unpruned' ? 'unpruned' : own)))
  }
}

function modeOf(mod: ModFile): Mode {
  return supportsPruning(mod.go?.value ?? DEFAULT_GO) ? 'pruned' : 'unpruned'
}
