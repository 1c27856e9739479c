import { ChecksumDatabase } from '../../../trust/go-checksum-database/client.js'
import { parseLookupAnswer } from '../../../trust/go-checksum-database/lookup-answer.js'
import { lookupPath } from '../../../trust/go-checksum-database/module-address.js'
import type { DatabaseLookup } from '../../../trust/go-checksum-database/outcome.js'
import type { DatabaseOutside, RemoteAnswer } from '../../../trust/go-checksum-database/outside.js'
import type { NoteVerifier } from '../../../trust/note.js'
import type { Held, MirrorFile, MirrorInput, MirrorItem, MirrorOutcome } from '../../mirror.js'
import { DeskDatabase } from '../verify/desk-database.js'
import type { GoSources } from '../verify/go-sources.js'
import { CACHE } from './layout.js'
import type { PinnedModule } from './pinned-modules.js'

/**
 * The part of a checksum database that proves the modules of a store: look-ups and tiles, as proxies serve them below
 * `sumdb/` (spec/go.md §9.8). All look-ups get one signed head, the newest that was shown, so that a client without a past
 * needs the tiles of that one tree alone. Undefined when no module is looked up.
 */
export function databasePart(input: MirrorInput, sources: GoSources, modules: readonly PinnedModule[]): MirrorItem | undefined {
  const { database } = sources
  if (database.kind !== 'database') return undefined
  const known = modules.filter(({ path }) => sources.reasonForNoDatabase(path) === undefined)
  if (known.length === 0) return undefined
  const { verifier, url } = database
  const outside = new DeskDatabase(input.desk, sources, verifier, url)
  return {
    pinned: { ecosystem: 'go', name: `checksum database ${verifier.name}` },
    fetch: async (held) => {
      const folder = `${CACHE}/sumdb/${verifier.name}`
      const part = new DatabasePart(verifier, (path) => held(`${folder}/${path}`), outside, sources)
      return part.collect(known, folder)
    },
  }
}

/** Both passes over the look-ups: what was shown, then the same under one head, as a client of the store will see it. */
class DatabasePart {
  constructor(
    readonly verifier: NoteVerifier,
    readonly held: Held,
    readonly database: DeskDatabase,
    readonly sources: GoSources,
  ) {}

  async collect(modules: readonly PinnedModule[], folder: string): Promise<MirrorOutcome> {
    const paths = new Map(modules.map((module) => [lookupPath(module.path, module.version), module.path]))
    const shown = new Recording(this.held, (path) => this.#remote(path, paths.get(path)))
    const refused = await this.#lookUp(modules, shown)
    if (refused !== undefined) return refused
    const { head } = shown
    if (head === undefined) return { kind: 'not-covered', why: 'the database knows none of the modules' }
    const bodies = new Map<string, Uint8Array>()
    for (const path of shown.lookups) {
      const body = shown.seen.get(path)
      const parsed = body === undefined ? undefined : parseLookupAnswer(body)
      if (parsed?.ok === true)
        bodies.set(path, Buffer.concat([Buffer.from(`${parsed.answer.id}\n`), parsed.answer.record, Buffer.from('\n'), head]))
    }
    const tiles: Held = async (path) =>
      bodies.get(path) ?? (path.startsWith('tile/') ? (shown.seen.get(path) ?? this.held(path)) : undefined)
    const stored = new Recording(tiles, (path) =>
      path.startsWith('tile/') ? this.database.readRemote(path) : Promise.resolve(GONE),
    )
    stored.head = head
    const known = modules.filter(({ path, version }) => bodies.has(lookupPath(path, version) ?? ''))
    const failed = await this.#lookUp(known, stored)
    if (failed !== undefined) return failed
    const files: readonly MirrorFile[] = [...stored.seen]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, bytes]) => ({ path: `${folder}/${path}`, bytes }))
    return {
      kind: 'verified',
      files: [{ path: `${folder}/supported`, bytes: new Uint8Array(0) }, ...files],
      verified: `${bodies.size} look-ups proved to be in the log under one head signed by ${this.verifier.name}`,
    }
  }

  /** Asked only where the name may be told; tiles name no module. */
  async #remote(path: string, module: string | undefined): Promise<RemoteAnswer> {
    const base = await this.database.base()
    const why = module === undefined || !base.ok ? undefined : this.sources.reasonNotToAsk(module, base.url)
    return why === undefined ? this.database.readRemote(path) : { kind: 'unavailable', why }
  }

  async #lookUp(modules: readonly PinnedModule[], outside: Recording): Promise<MirrorOutcome | undefined> {
    const client = new ChecksumDatabase(this.verifier, outside)
    const outcomes = await Promise.all(
      modules.map(async (module) => ({ module, lookup: await client.lookup(module.path, module.version) })),
    )
    for (const { module, lookup } of outcomes) {
      const failed = this.#judge(module, lookup)
      if (failed !== undefined) return failed
    }
    for (const { module, lookup } of outcomes)
      if (lookup.kind === 'verified') outside.lookups.add(lookupPath(module.path, module.version) ?? '')
    return undefined
  }

  #judge({ path, version, zip, mod }: PinnedModule, lookup: DatabaseLookup): MirrorOutcome | undefined {
    const source = this.verifier.name
    const label = `${path}@${version}`
    switch (lookup.kind) {
      case 'absent':
        return undefined
      case 'verified':
        for (const [logged, stated] of [
          [lookup.zipHash, zip],
          [lookup.goModHash, mod],
        ] as const)
          if (logged !== undefined && stated.size > 0 && !stated.has(logged))
            return {
              kind: 'refused',
              source,
              expected: [...stated][0],
              observed: logged,
              why: `the log has another hash of ${label} than go.sum`,
            }
        return undefined
      case 'unavailable':
        return { kind: 'unavailable', source, why: lookup.why }
      case 'refused':
        return { kind: 'refused', source, why: `${label}: ${lookup.why}` }
      case 'fork':
        return { kind: 'refused', source, why: 'the database has shown two histories, and is not believed' }
    }
  }
}

const GONE: RemoteAnswer = { kind: 'not-found', why: 'it was not looked up' }

/** The world of a client that keeps what it was shown; nothing outlives the run. */
class Recording implements DatabaseOutside {
  head: Uint8Array | undefined
  /** What was read and held, or fetched and proved, by its path. */
  readonly seen = new Map<string, Uint8Array>()
  readonly lookups = new Set<string>()

  constructor(
    readonly held: Held,
    readonly readRemote: (path: string) => Promise<RemoteAnswer>,
  ) {}

  readonly readHead = async (): Promise<Uint8Array | undefined> => this.head

  readonly replaceHead = async (_: Uint8Array | undefined, next: Uint8Array): Promise<boolean> => {
    this.head = next
    return true
  }

  readonly readCache = async (path: string): Promise<Uint8Array | undefined> => {
    const known = this.seen.get(path) ?? (await this.held(path))
    if (known !== undefined) this.seen.set(path, known)
    return known
  }

  readonly writeCache = async (path: string, bytes: Uint8Array): Promise<void> => {
    this.seen.set(path, bytes)
  }

  readonly securityAlarm = async (): Promise<void> => undefined
}
