import { sameBytes } from '../base64.js'
import type { HashReader, Subtree } from '../merkle.js'
import { HASH_LENGTH, rootOfFirst } from '../merkle.js'
import type { Tile } from '../tile.js'
import { FULL_WIDTH, partialTiles, tileEntry, tileInTree, tilePath, tileRunHash, tileRunOf } from '../tile.js'
import type { LookupFailure } from './outcome.js'

export type TileAnswer =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly cached: boolean }
  | { readonly ok: false; readonly why: string }

/** Where claimed tiles come from; `fresh` asks for the server's own answer, past any cache. */
export type TileSource = (tile: Tile, fresh: boolean) => Promise<TileAnswer>

type TileBytes = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly failure: LookupFailure }

/**
 * The tiles of one tree, each checked before anything is read from it: the partial ones against the signed root, every
 * other against its entry one level up (spec/go.md §9.6 step 4). A tile is asked for once.
 */
export class TiledTree implements HashReader {
  /** Authenticated tiles by `level/index`. */
  readonly #known = new Map<string, Uint8Array>()
  readonly #pending = new Map<string, Promise<TileBytes>>()
  readonly #unsaved = new Map<string, Uint8Array>()
  #edge: Promise<LookupFailure | undefined> | undefined

  constructor(
    readonly size: bigint,
    readonly root: Uint8Array,
    private readonly source: TileSource,
  ) {}

  /** Authenticates the tiles that hold the given subtrees. */
  async load(subtrees: readonly Subtree[]): Promise<LookupFailure | undefined> {
    const edge = await this.#loadEdge()
    if (edge !== undefined) return edge
    const wanted = new Map(subtrees.map((subtree) => [keyOf(tileRunOf(subtree)), tileRunOf(subtree)]))
    const loaded = await Promise.all([...wanted.values()].map((run) => this.#tile(run.level, run.index)))
    for (const tile of loaded) if (!tile.ok) return tile.failure
    return undefined
  }

  /** Hash of a subtree whose tile `load` has authenticated. */
  hash(subtree: Subtree): Uint8Array {
    const run = tileRunOf(subtree)
    const bytes = this.#known.get(keyOf(run))
    if (bytes === undefined || (run.start + run.length) * HASH_LENGTH > bytes.length) {
      throw new RangeError(`subtree ${subtree.level}/${subtree.index} is not loaded`)
    }
    return tileRunHash(bytes, run.start, run.length)
  }

  /** Authenticated tiles that came from the server since the last call, by path. */
  takeUnsaved(): Map<string, Uint8Array> {
    const taken = new Map(this.#unsaved)
    this.#unsaved.clear()
    return taken
  }

  #loadEdge(): Promise<LookupFailure | undefined> {
    this.#edge ??= this.#fetchEdge(false).then((failure) => {
      if (failure !== undefined) this.#edge = undefined
      return failure
    })
    return this.#edge
  }

  /** The partial tiles prove each other only all together: their hashes fold to the root. */
  async #fetchEdge(fresh: boolean): Promise<LookupFailure | undefined> {
    const tiles = partialTiles(this.size)
    const claims = await Promise.all(tiles.map(async (tile) => ({ tile, answer: await this.source(tile, fresh) })))
    const claimed = new Map<string, Uint8Array>()
    let cached = false
    for (const { tile, answer } of claims) {
      if (!answer.ok) return unavailable(tile, answer.why)
      cached ||= answer.cached
      if (hasItsLength(tile, answer.bytes)) claimed.set(keyOf(tile), answer.bytes)
    }
    if (claimed.size < tiles.length || !sameBytes(rootOfFirst(this.size, claimedReader(claimed)), this.root)) {
      if (cached) return this.#fetchEdge(true)
      return inconsistent(`${tiles.map(tilePath).join(', ')} do not add up to the signed root of ${this.size} records`)
    }
    for (const { tile, answer } of claims) if (answer.ok) this.#keep(tile, answer.bytes, answer.cached)
    return undefined
  }

  #tile(level: number, index: bigint): Promise<TileBytes> {
    const key = keyOf({ level, index })
    const bytes = this.#known.get(key)
    if (bytes !== undefined) return Promise.resolve({ ok: true, bytes })
    const pending = this.#pending.get(key)
    if (pending !== undefined) return pending
    const started = this.#fetchTile(level, index).finally(() => this.#pending.delete(key))
    this.#pending.set(key, started)
    return started
  }

  async #fetchTile(level: number, index: bigint): Promise<TileBytes> {
    const tile = tileInTree(level, index, this.size)
    if (tile === undefined)
      return { ok: false, failure: inconsistent(`the tree of ${this.size} records has no tile ${level}/${index}`) }
    // Every partial tile belongs to the edge, which is loaded by now: this one is full and has a parent.
    const [parent, answer] = await Promise.all([this.#tile(level + 1, index / BigInt(FULL_WIDTH)), this.source(tile, false)])
    if (!parent.ok) return parent
    const expected = tileEntry(parent.bytes, Number(index % BigInt(FULL_WIDTH)))
    const checked = this.#check(tile, answer, expected)
    if (checked.ok || !answer.ok || !answer.cached) return checked
    return this.#check(tile, await this.source(tile, true), expected)
  }

  #check(tile: Tile, answer: TileAnswer, expected: Uint8Array): TileBytes {
    if (!answer.ok) return { ok: false, failure: unavailable(tile, answer.why) }
    if (!hasItsLength(tile, answer.bytes) || !sameBytes(tileRunHash(answer.bytes, 0, FULL_WIDTH), expected)) {
      return { ok: false, failure: inconsistent(`${tilePath(tile)} does not hash to its entry in the tile above it`) }
    }
    this.#keep(tile, answer.bytes, answer.cached)
    return { ok: true, bytes: answer.bytes }
  }

  #keep(tile: Tile, bytes: Uint8Array, cached: boolean): void {
    this.#known.set(keyOf(tile), bytes)
    if (!cached) this.#unsaved.set(tilePath(tile), bytes)
  }
}

function claimedReader(tiles: ReadonlyMap<string, Uint8Array>): HashReader {
  return {
    hash: (subtree) => {
      const run = tileRunOf(subtree)
      return tileRunHash(tiles.get(keyOf(run)) ?? new Uint8Array(), run.start, run.length)
    },
  }
}

function keyOf(tile: { readonly level: number; readonly index: bigint }): string {
  return `${tile.level}/${tile.index}`
}

/** A tile is its hashes and nothing else (spec/go.md §9.5). */
function hasItsLength(tile: Tile, bytes: Uint8Array): boolean {
  return bytes.length === tile.width * HASH_LENGTH
}

function unavailable(tile: Tile, why: string): LookupFailure {
  return { kind: 'unavailable', path: tilePath(tile), why }
}

function inconsistent(why: string): LookupFailure {
  return { kind: 'refused', reason: 'inconsistent-tile', why }
}
