import { impossible } from '../../model/error.js'
import { compareGoVersions, supportsPruning } from './go-version.js'
import { compareVersions } from './version.js'

export interface ModuleId {
  readonly path: string
  readonly version: string
}

export function moduleKey({ path, version }: ModuleId): string {
  return `${path}@${version}`
}

/** A module whose go.mod is the one being built: it beats every version of its own path. */
export interface MainModule {
  readonly path: string
  readonly go: string
  readonly requirements: readonly ModuleId[]
}

/** What the go.mod of a dependency, or of its replacement, says. */
export interface RequirementDocument {
  readonly go: string
  readonly requirements: readonly ModuleId[]
}

export interface GraphInput {
  readonly mains: readonly MainModule[]
  /** Several main modules under a go.work, which reads on where versions were raised. */
  readonly workspace: boolean
  readonly isExcluded: (module: ModuleId) => boolean
  /** The document to read for a module, after replacement; undefined when it is not at hand. */
  readonly document: (module: ModuleId) => Promise<RequirementDocument | undefined>
}

/** A module version whose requirements were read. */
export interface GraphNode {
  readonly module: ModuleId
  readonly go: string
  readonly requirements: readonly ModuleId[]
  /** Requirements on versions that a main module excludes. */
  readonly ignored: readonly ModuleId[]
}

export interface RequirementGraph {
  readonly mains: readonly MainModule[]
  /** By `path@version`; main modules are not among them. */
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** Requirements of main modules on versions that are excluded. */
  readonly ignoredByMains: readonly ModuleId[]
  /** Module versions whose document was asked for and is not at hand. */
  readonly missing: ReadonlyMap<string, ModuleId>
  /** The selected version of every path that is not a main module's. */
  readonly selected: ReadonlyMap<string, string>
  /** The highest version of Go that any go line read asks for. */
  readonly minimumGo: string
}

type Mode = 'pruned' | 'unpruned'

/** Bounds the work on a hostile cache; the largest real graphs have some thousand nodes. */
const MAX_NODES = 100_000

/**
 * Loads the requirement graph and selects versions: minimal version selection with graph pruning (spec/go.md §6.1 to
 * §6.3). Reads a document only where the go command would; what is not at hand is told in `missing`, never guessed.
 */
export async function loadGraph(input: GraphInput): Promise<RequirementGraph> {
  const loader = new Loader(input)
  await loader.load()
  if (input.workspace) await loader.readRaised()
  return loader.graph()
}

class Loader {
  readonly #nodes = new Map<string, GraphNode>()
  readonly #missing = new Map<string, ModuleId>()
  readonly #selected = new Map<string, string>()
  readonly #done = new Set<string>()
  readonly #mains: ReadonlySet<string>
  readonly #mainRequirements: readonly (readonly ModuleId[])[]
  readonly #ignoredByMains: ModuleId[] = []
  #minimumGo = ''

  constructor(readonly input: GraphInput) {
    this.#mains = new Set(input.mains.map((main) => main.path))
    this.#mainRequirements = input.mains.map((main) =>
      main.requirements.filter((requirement) => {
        const excluded = input.isExcluded(requirement)
        if (excluded) this.#ignoredByMains.push(requirement)
        return !excluded
      }),
    )
  }

  async load(): Promise<void> {
    const queue: [ModuleId, Mode][] = []
    this.input.mains.forEach((main, i) => {
      this.#sawGo(main.go)
      const requirements = this.#mainRequirements[i] ?? []
      for (const requirement of requirements) this.#raise(requirement)
      for (const requirement of requirements) queue.push([requirement, modeOf(main.go)])
    })
    await this.#drain(queue)
  }

  async #drain(queue: [ModuleId, Mode][]): Promise<void> {
    for (let at = 0; at < queue.length; at++) {
      const [module, mode] = queue[at] ?? impossible('a queue shorter than its length')
      const pair = `${moduleKey(module)} ${mode}`
      if (this.#done.has(pair)) continue
      this.#done.add(pair)
      const node = await this.#read(module)
      if (node === undefined) continue
      const own = modeOf(node.go)
      if (mode === 'pruned' && own === 'pruned') continue
      for (const requirement of node.requirements) queue.push([requirement, mode === 'unpruned' ? 'unpruned' : own])
    }
  }

  /** In a workspace: the selected version of what was asked for lower is read as if a main module required it. */
  async readRaised(): Promise<void> {
    const considered = new Set<string>()
    for (let changed = true; changed; ) {
      changed = false
      const level = [...this.#mainRequirements, ...[...considered].map((key) => this.#nodes.get(key)?.requirements ?? [])]
      for (const { path, version } of level.flat()) {
        const selected = this.#selected.get(path)
        if (selected === undefined || compareVersions(selected, version) <= 0) continue
        const module = { path, version: selected }
        if (considered.has(moduleKey(module))) continue
        considered.add(moduleKey(module))
        changed = true
        await this.#drain([[module, 'pruned']])
      }
    }
  }

  async #read(module: ModuleId): Promise<GraphNode | undefined> {
    const key = moduleKey(module)
    const known = this.#nodes.get(key)
    if (known !== undefined || this.#missing.has(key)) return known
    const document = this.#nodes.size < MAX_NODES ? await this.input.document(module) : undefined
    if (document === undefined) {
      this.#missing.set(key, module)
      return undefined
    }
    const ignored = document.requirements.filter((requirement) => this.input.isExcluded(requirement))
    const requirements = document.requirements.filter((requirement) => !this.input.isExcluded(requirement))
    const node = { module, go: document.go, requirements, ignored }
    this.#nodes.set(key, node)
    this.#sawGo(document.go)
    for (const requirement of requirements) this.#raise(requirement)
    return node
  }

  /** Of two versions that compare equal the first met stays. */
  #raise({ path, version }: ModuleId): void {
    if (this.#mains.has(path)) return
    const known = this.#selected.get(path)
    if (known === undefined || compareVersions(version, known) > 0) this.#selected.set(path, version)
  }

  #sawGo(go: string): void {
    if (compareGoVersions(go, this.#minimumGo) > 0) this.#minimumGo = go
  }

  graph(): RequirementGraph {
    return {
      mains: this.input.mains.map((main, i) => ({ ...main, requirements: this.#mainRequirements[i] ?? [] })),
      nodes: this.#nodes,
      ignoredByMains: this.#ignoredByMains,
      missing: this.#missing,
      selected: this.#selected,
      minimumGo: this.#minimumGo,
    }
  }
}

function modeOf(go: string): Mode {
  return supportsPruning(go) ? 'pruned' : 'unpruned'
}
