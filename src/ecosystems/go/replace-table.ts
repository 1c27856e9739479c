import type { Replace, ReplaceTarget } from './mod-file.js'

/** Two lines that send the same left side to different places: the go command refuses to load. */
export interface ReplaceConflict {
  readonly first: Replace
  readonly second: Replace
}

/**
 * Which replacement applies to a module version (spec/go.md §2.5, §4.2): go.work before go.mod, a line with a version
 * before one without. A replacement is never itself replaced.
 */
export class ReplaceTable {
  readonly #levels: readonly ReadonlyMap<string, Replace>[]
  readonly conflicts: readonly ReplaceConflict[]

  constructor(
    readonly work: readonly Replace[],
    readonly modules: readonly Replace[],
  ) {
    const workPaths = new Set(work.map((line) => line.path))
    const [workLevel, workConflicts] = index(work)
    const [moduleLevel, moduleConflicts] = index(modules)
    this.#levels = [workLevel, moduleLevel]
    // A line of go.work for the path settles what the members disagree about.
    this.conflicts = [...workConflicts, ...moduleConflicts.filter(({ first }) => !workPaths.has(first.path))]
  }

  get lines(): readonly Replace[] {
    return [...this.work, ...this.modules]
  }

  find(path: string, version: string): Replace | undefined {
    for (const level of this.#levels) {
      const found = level.get(`${path} ${version}`) ?? level.get(path)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function index(lines: readonly Replace[]): readonly [ReadonlyMap<string, Replace>, readonly ReplaceConflict[]] {
  const found = new Map<string, Replace>()
  const conflicts: ReplaceConflict[] = []
  for (const line of lines) {
    const key = line.version === undefined ? line.path : `${line.path} ${line.version}`
    const first = found.get(key)
    if (first === undefined) found.set(key, line)
    else if (!sameTarget(first.target, line.target)) conflicts.push({ first, second: line })
  }
  return [found, conflicts]
}

function sameTarget(a: ReplaceTarget, b: ReplaceTarget): boolean {
  return targetLabel(a) === targetLabel(b)
}

/** `path version`, or the directory as written. */
export function targetLabel(target: ReplaceTarget): string {
  return target.kind === 'module' ? `${target.path}@${target.version}` : target.path
}
