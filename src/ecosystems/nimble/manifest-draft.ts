import type { Location } from '../../model/location.js'
import type { Field } from './json-fields.js'
import type { Certainty, Command, Hook, ManifestFlag, ManifestRequirement } from './manifest-model.js'
import { normaliseName, parseRequirements } from './requirement.js'

/** Where a requirement stands. */
export interface RequirementScope {
  readonly condition?: string | undefined
  readonly task?: string | undefined
  readonly feature?: string | undefined
}

const RANK: Readonly<Record<Certainty, number>> = { exact: 0, partial: 1, unknown: 2 }

/** Hundreds of times what any real manifest asks for. */
const MAX_REQUIREMENTS = 10_000

/** A manifest while it is read, in either form. */
export class ManifestDraft {
  readonly fields = new Map<string, Field>()
  readonly lists = new Map<string, readonly Field[]>()
  readonly namedBin = new Map<string, string>()
  readonly requires: ManifestRequirement[] = []
  readonly tasks: Field[] = []
  readonly hooks: Hook[] = []
  readonly commands: Command[] = []
  readonly foreignDeps: Field[] = []
  readonly flags: ManifestFlag[] = []
  certainty: Certainty = 'exact'

  flag(code: ManifestFlag['code'], detail: string, location: Location): void {
    this.flags.push({ code, detail, location })
  }

  /** Certainty only falls. */
  lower(to: Certainty): void {
    if (RANK[to] > RANK[this.certainty]) this.certainty = to
  }

  /** Sets a field; the last assignment wins. */
  set(name: string, value: Field): void {
    if (this.fields.has(name)) this.flag('reassigned', name, value.location)
    this.fields.set(name, value)
  }

  /** A field has a value that only running the manifest would tell. */
  forget(name: string, location: Location, line: number): void {
    this.fields.delete(name)
    if (name === 'version') this.flag('computed-version', `line ${line}`, location)
    else this.flag('computed-field', `${name} line ${line}`, location)
    this.lower(name === 'version' ? 'unknown' : 'partial')
  }

  /** Every requirement of one string (spec/nimble.md §2.5). */
  require(text: string, location: Location, scope: RequirementScope = {}): void {
    for (const result of parseRequirements(text)) {
      if (!result.ok) {
        this.flag('requires-syntax', result.text, location)
        continue
      }
      if (this.requires.length >= MAX_REQUIREMENTS) {
        if (this.certainty !== 'unknown') this.flag('too-many-requirements', '', location)
        this.lower('unknown')
        return
      }
      const { requirement } = result
      const { range } = requirement
      const shown = requirement.name + (range.kind === 'special' ? range.ref : '')
      if (requirement.suspicion !== undefined) this.flag('suspicious-name', requirement.name, location)
      if (requirement.features.length > 0) this.#needsNewNimble(location)
      if (range.kind === 'special') {
        const code = refCode(range.ref)
        if (code !== undefined) this.flag(code, shown, location)
      }
      if (scope.condition === undefined && scope.task === undefined && scope.feature === undefined)
        this.#duplicate(requirement.name, location)
      this.requires.push({
        requirement,
        text: result.text,
        location,
        condition: scope.condition,
        task: scope.task,
        feature: scope.feature,
      })
    }
    if (scope.feature !== undefined) this.#needsNewNimble(location)
  }

  readonly #always = new Set<string>()
  #duplicate(name: string, location: Location): void {
    const key = normaliseName(name)
    if (this.#always.has(key)) this.flag('duplicate-requirement', name, location)
    this.#always.add(key)
  }

  #saidNewNimble = false
  #needsNewNimble(location: Location): void {
    if (!this.#saidNewNimble) this.flag('feature-needs-new-nimble', '', location)
    this.#saidNewNimble = true
  }
}

/** What a `#ref` is as far as its text tells; undefined for a full commit, which never moves. */
export function refCode(ref: string): 'mutable-ref' | 'symbolic-ref' | 'short-or-symbolic-ref' | undefined {
  const name = ref.slice(1)
  if (/^(?:head|tip)$/i.test(name)) return 'mutable-ref'
  if (/^[0-9a-f]{40}$/i.test(name)) return undefined
  return /^[0-9a-f]{4,39}$/i.test(name) ? 'short-or-symbolic-ref' : 'symbolic-ref'
}
