import type { Desk } from '../../../evidence/desk/desk.js'
import type { Authority } from '../../../model/evidence.js'
import { ChecksumDatabase } from '../../../trust/go-checksum-database/client.js'
import { lookupPath } from '../../../trust/go-checksum-database/module-address.js'
import type { DatabaseLookup, ForkProof } from '../../../trust/go-checksum-database/outcome.js'
import type { ModuleId } from '../build-list.js'
import { moduleKey } from '../build-list.js'
import { DeskDatabase, type Said } from './desk-database.js'
import type { GoSources } from './go-sources.js'

export type LogOutcome =
  | { readonly kind: 'not-asked'; readonly why: string }
  | { readonly kind: 'answered'; readonly lookup: DatabaseLookup; readonly said: Said | undefined }

/** The checksum database of a run, each module version looked up once. */
export class ChecksumLog {
  readonly authority: Authority
  readonly #database: ChecksumDatabase | undefined
  readonly #outside: DeskDatabase | undefined
  readonly #lookups = new Map<string, Promise<LogOutcome>>()
  #ended: { readonly of: number; readonly promise: Promise<unknown> } | undefined
  #known: Promise<ForkProof | undefined> | undefined
  #fork: ForkProof | undefined

  constructor(
    desk: Desk,
    readonly sources: GoSources,
  ) {
    const { database } = sources
    this.authority = { kind: 'log', name: database.kind === 'database' ? database.verifier.name : 'GOSUMDB' }
    if (database.kind !== 'database') return
    this.#outside = new DeskDatabase(desk, sources, database.verifier, database.url)
    this.#database = new ChecksumDatabase(database.verifier, this.#outside)
  }

  lookup(module: ModuleId): Promise<LogOutcome> {
    const key = moduleKey(module)
    const known = this.#lookups.get(key) ?? this.#lookup(module)
    this.#lookups.set(key, known)
    return known
  }

  /**
   * What became of a look-up, once all have ended: after a fork none of them counts, also not what was answered before it
   * was noticed, for that depends on the order of answers.
   */
  async settled(module: ModuleId): Promise<LogOutcome> {
    const outcome = await this.lookup(module)
    await this.#all()
    if (outcome.kind === 'not-asked' || this.#fork === undefined) return outcome
    return { kind: 'answered', lookup: { kind: 'fork', proof: this.#fork }, said: this.#outside?.fork }
  }

  /** One promise for all look-ups there are, however many wait for it. */
  #all(): Promise<unknown> {
    if (this.#ended?.of !== this.#lookups.size)
      this.#ended = { of: this.#lookups.size, promise: Promise.all(this.#lookups.values()) }
    return this.#ended.promise
  }

  async #lookup({ path, version }: ModuleId): Promise<LogOutcome> {
    const why = this.sources.reasonForNoDatabase(path)
    if (why !== undefined || this.#database === undefined || this.#outside === undefined)
      return { kind: 'not-asked', why: why ?? 'there is no checksum database' }
    const base = await this.#outside.base()
    const forbidden = base.ok ? this.sources.reasonNotToAsk(path, base.url) : undefined
    if (forbidden !== undefined) return { kind: 'not-asked', why: forbidden }
    this.#known ??= this.#outside.knownFork()
    const proof = await this.#known
    const lookup: DatabaseLookup = proof === undefined ? await this.#database.lookup(path, version) : { kind: 'fork', proof }
    if (lookup.kind === 'fork') this.#fork = lookup.proof
    return { kind: 'answered', lookup, said: this.#outside.said.get(lookupPath(path, version) ?? '') }
  }
}
