import type { Field } from './json-fields.js'
import type { LockEntry, LockFlag } from './lock-model.js'
import { isToolchain, normaliseName } from './requirement.js'
import { readPackageUrl } from './url.js'

/** The entries of a lock by name, as one entry sees them: its own task first, then the packages of the project. */
export class LockNames {
  readonly #byScope = new Map<string, LockEntry>()

  constructor(entries: readonly LockEntry[]) {
    for (const entry of entries) {
      const key = keyOf(entry.task, entry.name)
      if (!this.#byScope.has(key)) this.#byScope.set(key, entry)
    }
  }

  find(name: string, task?: string | undefined): LockEntry | undefined {
    const own = task === undefined ? undefined : this.#byScope.get(keyOf(task, name))
    return own ?? this.#byScope.get(keyOf(undefined, name))
  }
}

function keyOf(task: string | undefined, name: string): string {
  return `${task ?? ''}\n${normaliseName(name)}`
}

/** What the entries show (spec/nimble.md §11), in the order of the file. */
export function lockFlags(entries: readonly LockEntry[], isAtlas: boolean): LockFlag[] {
  const flags: LockFlag[] = []
  const names = new LockNames(entries)
  let toolchainEdge: Field | undefined
  for (const entry of entries) {
    flags.push(...entryFlags(entry, isAtlas))
    if (names.find(entry.name, entry.task) !== entry) flags.push({ code: 'duplicate-entry', entry })
    for (const dependency of entry.dependencies) {
      if (names.find(dependency.text, entry.task) !== undefined) continue
      if (isToolchain(dependency.text)) toolchainEdge ??= dependency
      else flags.push({ code: 'dangling-dependency', entry, dependency })
    }
  }
  if (toolchainEdge !== undefined) flags.push({ code: 'toolchain-not-locked', location: toolchainEdge.location })
  flags.push(...cycles(entries, names))
  return flags
}

function entryFlags(entry: LockEntry, isAtlas: boolean): LockFlag[] {
  const flags: LockFlag[] = []
  const url = readPackageUrl(entry.url.text)
  if (entry.revision === undefined) flags.push({ code: 'unpinned', entry })
  if (isAtlas) flags.push({ code: 'no-checksum', entry })
  else if (entry.sha1 === undefined) flags.push({ code: 'missing-checksum', entry })
  if (entry.version.startsWith('#')) flags.push({ code: 'special-version', entry })
  if (/^(?:http|git|ftp):\/\//i.test(url.url)) flags.push({ code: 'cleartext-url', entry })
  if (url.isLocal) flags.push({ code: 'local-url', entry })
  if (url.injection !== undefined) flags.push({ code: 'url-injection', entry })
  return flags
}

/** One cycle for every entry that closes one: depth first without recursion, each edge looked at once. */
function cycles(entries: readonly LockEntry[], names: LockNames): LockFlag[] {
  const flags: LockFlag[] = []
  const state = new Map<LockEntry, 'open' | 'done'>()
  for (const start of entries) {
    if (state.has(start)) continue
    const stack: { readonly entry: LockEntry; next: number }[] = [{ entry: start, next: 0 }]
    state.set(start, 'open')
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const dependency = top.entry.dependencies[top.next]
      if (dependency === undefined) {
        state.set(top.entry, 'done')
        stack.pop()
        continue
      }
      top.next += 1
      const target = names.find(dependency.text, top.entry.task)
      if (target === undefined) continue
      const seen = state.get(target)
      if (seen === undefined) {
        state.set(target, 'open')
        stack.push({ entry: target, next: 0 })
      } else if (seen === 'open' && flags.length < MAX_CYCLES) {
        const from = stack.findIndex((frame) => frame.entry === target)
        const names = [...stack.slice(from).map((frame) => frame.entry.name), target.name]
        flags.push({ code: 'cycle', names, location: dependency.location })
      }
    }
  }
  return flags
}

/** A lock that is one knot has as many cycles as edges; a few tell as much. */
const MAX_CYCLES = 20
