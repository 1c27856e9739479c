import { hash } from 'node:crypto'
import type { Pack } from '../pack/pack.js'
import type { Store } from '../store/store.js'

/** Bytes held in memory for want of a store that can be written. */
const MEMORY_BYTES = 64 * 1024 * 1024

/** The bytes of a run, wherever they are: in the pack, in the store, or in memory up to a bound. */
export class Shelf {
  readonly #memory = new Map<string, Uint8Array>()
  #left = MEMORY_BYTES

  constructor(
    readonly pack: Pack | undefined,
    readonly store: Store | undefined,
  ) {}

  /** True when `get` will give them back. */
  async put(sha256: string, bytes: Uint8Array, where: 'anywhere' | 'memory'): Promise<boolean> {
    if (where === 'anywhere' && this.store !== undefined && (await this.store.putBlob(sha256, bytes))) return true
    if (this.#memory.has(sha256)) return true
    if (bytes.length > this.#left) return false
    this.#left -= bytes.length
    this.#memory.set(sha256, bytes)
    return true
  }

  get(sha256: string, size: number): Uint8Array | undefined {
    const held = this.#memory.get(sha256)
    // Whoever asked was given these very bytes, and may have written into them against the rule.
    if (held !== undefined && hash('sha256', held) === sha256) return held
    const packed = this.pack?.blob(sha256)
    if (packed !== undefined) return packed
    const read = this.store?.blob(sha256, size)
    return read?.kind === 'ok' ? read.bytes : undefined
  }
}
