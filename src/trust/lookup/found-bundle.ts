import { hash } from 'node:crypto'
import type { FoundBundle } from './source.js'

/** A file of signatures at most, packed or not (spec/trust.md §1.6). */
export const MAX_BUNDLE_BYTES = 16 * 1024 * 1024

/** Of one component from one source. */
export const MOST_BUNDLES = 100
export const MOST_BUNDLE_BYTES = 64 * 1024 * 1024

export function foundBundle(from: string, bytes: Uint8Array): FoundBundle {
  return { from, bytes, sha256: hash('sha256', bytes) }
}

/** Collects what one source has, within its bounds. */
export class BundleCollector {
  readonly #bundles: FoundBundle[] = []
  #bytes = 0
  #incomplete: string | undefined

  get bundles(): readonly FoundBundle[] {
    return this.#bundles
  }

  /** The first reason why something is missing. */
  get incomplete(): string | undefined {
    return this.#incomplete
  }

  /** False when it was one too many, and nothing more need be fetched. */
  add(bundle: FoundBundle): boolean {
    if (this.#bundles.some(({ sha256 }) => sha256 === bundle.sha256)) return true
    if (this.#bundles.length >= MOST_BUNDLES || this.#bytes + bundle.bytes.length > MOST_BUNDLE_BYTES) {
      this.missing(`it has more than ${MOST_BUNDLES} bundles or ${MOST_BUNDLE_BYTES} bytes of them`)
      return false
    }
    this.#bytes += bundle.bytes.length
    this.#bundles.push(bundle)
    return true
  }

  missing(why: string): void {
    this.#incomplete ??= why
  }
}
