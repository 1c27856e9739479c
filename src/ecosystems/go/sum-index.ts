import type { SumEntry, SumFile } from './sum-file.js'
import { sumKey } from './sum-file.js'

/** All go.sum and go.work.sum lines that one build looks into, by what they are about. */
export class SumIndex {
  readonly #byKey = new Map<string, SumEntry[]>()

  constructor(readonly files: readonly SumFile[]) {
    for (const file of files) {
      for (const entry of file.entries) {
        const key = sumKey(entry.path, entry.version, entry.goMod)
        const known = this.#byKey.get(key)
        if (known === undefined) this.#byKey.set(key, [entry])
        else known.push(entry)
      }
    }
  }

  get keys(): Iterable<readonly [string, readonly SumEntry[]]> {
    return this.#byKey
  }

  entries(path: string, version: string, goMod: boolean): readonly SumEntry[] {
    return this.#byKey.get(sumKey(path, version, goMod)) ?? []
  }

  /** The different `h1` values of a key, in file order. */
  hashes(path: string, version: string, goMod: boolean): readonly string[] {
    const entries = this.entries(path, version, goMod).filter((entry) => entry.state === 'h1')
    return [...new Set(entries.map((entry) => entry.hash))]
  }
}
