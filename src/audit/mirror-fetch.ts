import type { Guide, MirrorFile, MirrorItem, MirrorOutcome, Pinned } from '../ecosystems/mirror.js'
import type { MirrorStore, StoredPath } from '../evidence/mirror-store.js'
import { MIRROR_FORMAT, MIRROR_MANIFEST, MIRROR_SCHEMA, openMirrorStore } from '../evidence/mirror-store.js'
import type { Graph } from '../model/graph.js'
import type { MirrorChoices } from './mirror-input.js'
import { withMirrors } from './mirror-input.js'
import { storeReadme } from './mirror-readme.js'
import type { ReadRequest } from './read-graph.js'

export interface FetchRequest extends MirrorChoices {
  /** The folder of the store. */
  readonly output: string
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** What became of one pinned package. */
export interface FetchedItem {
  readonly pinned: Pinned
  readonly outcome: Exclude<MirrorOutcome, { kind: 'verified' }> | { readonly kind: 'verified'; readonly verified: string }
  readonly files: readonly string[]
}

export interface MirrorStored {
  readonly graph: Graph
  readonly folder: string
  readonly items: readonly FetchedItem[]
  readonly guides: readonly Guide[]
  readonly files: number
  readonly bytes: number
  /** Files that were there already, and right. */
  readonly kept: number
}

/** Packages fetched at a time; each may be held in memory whole. */
const AT_ONCE = 8

/**
 * Makes a store of everything that the lockfiles pin, in the layouts that the package managers read. What is stored was
 * verified against the lock in this run, also what lay there before. Throws `output-unwritable`.
 */
export async function fetchMirror(read: ReadRequest, request: FetchRequest): Promise<MirrorStored> {
  const store = await openMirrorStore(request.output)
  return withMirrors(read, { ...request, held: (path) => store.held(path) }, async ({ graph, parts }) => {
    const writer = new Writer(store)
    // From here on the folder is known as a store, so that an interrupted run can be taken up again.
    await writer.begin()
    const plans = await Promise.all(parts.map(async ({ mirror, input }) => ({ mirror, plan: await mirror.plan(input) })))
    const all = plans.flatMap(({ plan }) => plan.items)
    const fetched: FetchedItem[] = []
    let done = 0
    await inTurns(all, async (item, i) => {
      fetched[i] = await writer.fetch(item)
      request.onProgress?.(++done, all.length)
    })
    const guides: Guide[] = []
    for (const { mirror, plan } of plans) {
      const stored = fetched.filter(({ pinned, outcome }) => outcome.kind === 'verified' && pinned.ecosystem === mirror.name)
      if (stored.length === 0) continue
      const { files, guide } = plan.finish(stored.map(({ pinned }) => pinned))
      for (const file of files) await writer.write(file)
      guides.push(guide)
    }
    await writer.write({ path: 'README.txt', bytes: Buffer.from(storeReadme(guides, fetched)) })
    const { files, bytes, kept } = await writer.finish(fetched)
    return { graph, folder: store.folder, items: fetched, guides, files, bytes, kept }
  })
}

async function inTurns<T>(items: readonly T[], work: (item: T, i: number) => Promise<void>): Promise<void> {
  let next = 0
  const loop = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i]
      if (item !== undefined) await work(item, i)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, loop))
}

class Writer {
  readonly #written = new Map<string, StoredPath>()
  /** One file may be written for several packages (an index), each time with more in it. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(readonly store: MirrorStore) {}

  async begin(): Promise<void> {
    await this.#manifest([])
  }

  async fetch({ pinned, fetch }: MirrorItem): Promise<FetchedItem> {
    const outcome = await fetch((path) => this.store.held(path))
    if (outcome.kind !== 'verified') return { pinned, outcome, files: [] }
    const { files, verified, whole } = outcome
    for (const file of files) await this.write(file)
    if (whole !== undefined) this.store.keepOnly(whole, new Set(files.map(({ path }) => path)))
    return { pinned, outcome: { kind: 'verified', verified }, files: files.map(({ path }) => path) }
  }

  write(file: MirrorFile): Promise<void> {
    const write = async (): Promise<void> => {
      const stored = 'bytes' in file ? await this.store.put(file.path, file.bytes) : this.store.link(file.path, file.target)
      const before = this.#written.get(file.path)
      this.#written.set(file.path, { ...stored, kept: stored.kept && before?.kept !== false })
    }
    const result = this.#queue.then(write)
    this.#queue = result.catch(() => undefined)
    return result
  }

  async finish(
    items: readonly FetchedItem[],
  ): Promise<{ readonly files: number; readonly bytes: number; readonly kept: number }> {
    await this.#manifest(items)
    this.store.sweep()
    const all = [...this.#written.values()]
    return {
      files: all.length,
      bytes: all.reduce((sum, { size }) => sum + size, 0),
      kept: all.filter(({ kept }) => kept).length,
    }
  }

  /** Complete when every package is there; what is written first, before any is, never is. */
  #manifest(items: readonly FetchedItem[]): Promise<StoredPath> {
    const complete = items.length > 0 && items.every(({ outcome }) => outcome.kind === 'verified')
    const packages = items.map(({ pinned, outcome, files }) => ({ ...pinned, ...outcome, files }))
    const files = [...this.#written.values()]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, sha256, size, target }) => ({ path, sha256, size, ...(target === undefined ? {} : { target }) }))
    const text = JSON.stringify({ $schema: MIRROR_SCHEMA, format: MIRROR_FORMAT, complete, packages, files }, undefined, 2)
    return this.store.put(MIRROR_MANIFEST, Buffer.from(`${text}\n`))
  }
}
