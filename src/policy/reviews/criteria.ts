/** The criteria that every file means the same by: to run it does no harm, to ship it does none either. */
export const BUILT_IN_CRITERIA: ReadonlyMap<string, readonly string[]> = new Map([
  ['safe-to-run', []],
  ['safe-to-deploy', ['safe-to-run']],
])

/** What reviews are by default wanted for. */
export const DEFAULT_CRITERIA: readonly string[] = ['safe-to-deploy']

/** Criteria with everything that they imply; cycles are fine. */
export class CriteriaBook {
  readonly #closures = new Map<string, ReadonlySet<string>>()

  constructor(readonly defined: ReadonlyMap<string, readonly string[]>) {}

  closure(name: string): ReadonlySet<string> {
    const known = this.#closures.get(name)
    if (known !== undefined) return known
    const found = new Set([name])
    for (const one of found) for (const implied of this.defined.get(one) ?? []) found.add(implied)
    this.#closures.set(name, found)
    return found
  }

  /** Whether what is said of `names` says it of `wanted`. */
  gives(names: readonly string[], wanted: string): boolean {
    return names.some((name) => this.closure(name).has(wanted))
  }

  /** Whether what lacks `names` cannot meet `wanted`: it would imply one of them. */
  denies(names: readonly string[], wanted: string): boolean {
    const implied = this.closure(wanted)
    return names.some((name) => implied.has(name))
  }
}
