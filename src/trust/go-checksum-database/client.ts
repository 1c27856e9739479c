import { sameBytes } from '../base64.js'
import { consistencyProof, HASH_LENGTH, leafHash, rootOfFirst, subtreesOfRange } from '../merkle.js'
import type { NoteVerifier } from '../note.js'
import type { Tile } from '../tile.js'
import { FULL_WIDTH, tilePath } from '../tile.js'
import type { LookupAnswer } from './lookup-answer.js'
import { parseLookupAnswer, recordLines } from './lookup-answer.js'
import { lookupPath } from './module-address.js'
import type { DatabaseLookup, ForkProof, LookupFailure, RefusalReason } from './outcome.js'
import type { DatabaseOutside } from './outside.js'
import type { TileAnswer } from './tiled-tree.js'
import { TiledTree } from './tiled-tree.js'
import type { TreeHead } from './tree-head.js'
import { openTreeHead } from './tree-head.js'

/** The head this client believes, and its tiles. */
interface TrustedTree {
  readonly head: TreeHead
  readonly tree: TiledTree
}

type Failed = { readonly ok: false; readonly failure: LookupFailure }
type Current = { readonly ok: true; readonly trusted: TrustedTree | undefined } | Failed
type Merged = { readonly ok: true; readonly trusted: TrustedTree } | Failed

/** How often a head is merged again because another process stored one meanwhile. */
const MAX_MERGE_ATTEMPTS = 8

/**
 * A client of one Go checksum database (spec/go.md §9): every answer is proved to be in the signed log, every head to
 * continue the stored one. Look-ups may run at the same time; tiles are asked for once. After a fork it answers nothing
 * but the fork.
 */
export class ChecksumDatabase {
  #trusted: TrustedTree | undefined
  #fork: ForkProof | undefined
  /** What reads or moves the head runs one after another: each step builds on what the one before stored. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly verifier: NoteVerifier,
    private readonly outside: DatabaseOutside,
  ) {}

  /** Looks a module version up (`version` as in go.sum, without `/go.mod`). The path becomes public: never ask for a private one. */
  async lookup(modulePath: string, version: string): Promise<DatabaseLookup> {
    const path = lookupPath(modulePath, version)
    if (path === undefined) return refused('module-malformed', 'this can be no module path and version')
    if (this.#fork !== undefined) return { kind: 'fork', proof: this.#fork }
    const cached = await this.outside.readCache(path)
    if (cached !== undefined) {
      const outcome = await this.#verify(cached, true, modulePath, version)
      // A damaged cache is no offence of the database: anything but a proof or a fork is asked for anew.
      if (outcome.kind === 'verified' || outcome.kind === 'fork') return outcome
    }
    const answer = await this.outside.readRemote(path)
    if (answer.kind === 'not-found') return { kind: 'absent', why: answer.why }
    if (answer.kind === 'unavailable') return { kind: 'unavailable', path, why: answer.why }
    const outcome = await this.#verify(answer.bytes, false, modulePath, version)
    if (outcome.kind === 'verified') await this.outside.writeCache(path, answer.bytes)
    return outcome
  }

  /** The steps of spec/go.md §9.6, in its order. */
  async #verify(body: Uint8Array, cached: boolean, modulePath: string, version: string): Promise<DatabaseLookup> {
    const parsed = parseLookupAnswer(body)
    if (!parsed.ok) return refused('answer-malformed', parsed.why)
    const { answer } = parsed
    const merged = await this.#treeFor(answer, cached)
    if (!merged.ok) return merged.failure
    const { head, tree } = merged.trusted
    const failure = await proveInclusion(answer, tree)
    if (failure !== undefined) return failure
    const outcome = linesOf(answer, modulePath, version, head)
    for (const [path, bytes] of tree.takeUnsaved()) await this.outside.writeCache(path, bytes)
    return outcome
  }

  /** The head of a cached answer was merged when it came; where the trusted tree holds the record, that tree proves it. */
  async #treeFor(answer: LookupAnswer, cached: boolean): Promise<Merged> {
    if (cached) {
      const current = await this.#inTurn(() => this.#current())
      if (!current.ok) return current
      if (current.trusted !== undefined && answer.id < current.trusted.head.size) return { ok: true, trusted: current.trusted }
    }
    const opened = openTreeHead(answer.note, this.verifier)
    if (!opened.ok) return { ok: false, failure: refused(opened.reason, opened.why) }
    const { head } = opened
    if (this.#trusted !== undefined && sameBytes(this.#trusted.head.note, head.note)) return { ok: true, trusted: this.#trusted }
    return this.#inTurn(() => this.#mergeNow(head))
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(step)
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** The trusted tree, from the stored head where none is known yet. */
  async #current(): Promise<Current> {
    if (this.#fork !== undefined) return { ok: false, failure: { kind: 'fork', proof: this.#fork } }
    if (this.#trusted !== undefined) return { ok: true, trusted: this.#trusted }
    const note = await this.outside.readHead()
    if (note === undefined) return { ok: true, trusted: undefined }
    const stored = openTreeHead(note, this.verifier)
    if (!stored.ok)
      return { ok: false, failure: refused('stored-head-invalid', `the stored tree head is damaged: ${stored.why}`) }
    this.#trusted = this.#trust(stored.head)
    return { ok: true, trusted: this.#trusted }
  }

  /** Merge of a presented head with the stored one (spec/go.md §9.7). */
  async #mergeNow(presented: TreeHead): Promise<Merged> {
    for (let attempt = 0; attempt < MAX_MERGE_ATTEMPTS; attempt += 1) {
      const current = await this.#current()
      if (!current.ok) return current
      const step = await this.#mergeWith(current.trusted, presented)
      if (step !== 'changed-meanwhile') return step
      this.#trusted = undefined
    }
    return {
      ok: false,
      failure: { kind: 'unavailable', path: 'latest', why: 'other processes keep changing the stored tree head' },
    }
  }

  async #mergeWith(trusted: TrustedTree | undefined, presented: TreeHead): Promise<Merged | 'changed-meanwhile'> {
    if (trusted === undefined) return this.#advance(undefined, this.#trust(presented))
    const { head } = trusted
    const grows = presented.size > head.size
    const larger = grows ? this.#trust(presented) : trusted
    const small = grows ? head : presented
    const sameSize = presented.size === head.size
    const failure = sameSize ? undefined : await larger.tree.load(subtreesOfRange(0n, small.size))
    if (failure !== undefined) return { ok: false, failure }
    const computedRoot = sameSize ? head.root : rootOfFirst(small.size, larger.tree)
    if (!sameBytes(computedRoot, small.root)) {
      const consistency = sameSize ? [] : await consistencyOf(small.size, larger.tree)
      return this.#caught({ database: this.verifier.name, stored: head, presented, computedRoot, consistency })
    }
    return grows ? this.#advance(head, larger) : { ok: true, trusted }
  }

  async #advance(from: TreeHead | undefined, to: TrustedTree): Promise<Merged | 'changed-meanwhile'> {
    if (!(await this.outside.replaceHead(from?.note, to.head.note))) return 'changed-meanwhile'
    this.#trusted = to
    return { ok: true, trusted: to }
  }

  async #caught(proof: ForkProof): Promise<Merged> {
    this.#fork = proof
    await this.outside.securityAlarm(proof)
    return { ok: false, failure: { kind: 'fork', proof } }
  }

  #trust(head: TreeHead): TrustedTree {
    return { head, tree: new TiledTree(head.size, head.root, (tile, fresh) => this.#claimTile(tile, fresh)) }
  }

  /** A tile as cache or server have it; where a partial one is gone, the log has grown and the full one begins with it. */
  async #claimTile(tile: Tile, fresh: boolean): Promise<TileAnswer> {
    const full = { ...tile, width: FULL_WIDTH }
    const candidates = tile.width === FULL_WIDTH ? [tile] : [tile, full]
    const prefix = (bytes: Uint8Array, of: Tile): Uint8Array =>
      of === tile || bytes.length !== FULL_WIDTH * HASH_LENGTH ? bytes : bytes.subarray(0, tile.width * HASH_LENGTH)
    if (!fresh) {
      for (const candidate of candidates) {
        const bytes = await this.outside.readCache(tilePath(candidate))
        if (bytes !== undefined) return { ok: true, bytes: prefix(bytes, candidate), cached: true }
      }
    }
    let why = ''
    for (const candidate of candidates) {
      const answer = await this.outside.readRemote(tilePath(candidate))
      if (answer.kind === 'found') return { ok: true, bytes: prefix(answer.bytes, candidate), cached: false }
      why ||= answer.why
      if (answer.kind === 'unavailable') break
    }
    return { ok: false, why }
  }
}

async function consistencyOf(size: bigint, tree: TiledTree): Promise<Uint8Array[]> {
  const needed = [...subtreesOfRange(0n, size), ...subtreesOfRange(size, tree.size)]
  const failure = await tree.load(needed)
  return failure === undefined ? consistencyProof(size, tree.size, tree) : []
}

async function proveInclusion(answer: LookupAnswer, tree: TiledTree): Promise<LookupFailure | undefined> {
  if (answer.id >= tree.size) return refused('bad-inclusion', `record ${answer.id} is not in a log of ${tree.size} records`)
  const leaf = { level: 0, index: answer.id }
  const failure = await tree.load([leaf])
  if (failure !== undefined) return failure
  if (sameBytes(tree.hash(leaf), leafHash(answer.record))) return undefined
  return refused('bad-inclusion', `the log's record ${answer.id} is not the text that was served as it`)
}

/** Lines count only where they stand in the record and name the version asked (spec/go.md §9.9). */
function linesOf(answer: LookupAnswer, modulePath: string, version: string, head: TreeHead): DatabaseLookup {
  const lines = recordLines(answer.record)
  if (lines === undefined) return refused('record-malformed', `the log's record ${answer.id} is not a list of go.sum lines`)
  const zipPrefix = `${modulePath} ${version} `
  const modPrefix = `${modulePath} ${version}/go.mod `
  const zip = lines.filter((line) => line.startsWith(zipPrefix))
  const mod = lines.filter((line) => line.startsWith(modPrefix))
  if (zip.length + mod.length === 0) {
    return refused(
      'no-line-for-module',
      `the log's record ${answer.id}, served for ${modulePath} ${version}, holds no line for it`,
    )
  }
  if (zip.length > 1 || mod.length > 1) {
    return refused('record-malformed', `the log's record ${answer.id} states ${modulePath} ${version} more than once`)
  }
  const zipHash = zip[0]?.slice(zipPrefix.length)
  const goModHash = mod[0]?.slice(modPrefix.length)
  return { kind: 'verified', id: answer.id, lines: [...zip, ...mod], zipHash, goModHash, head }
}

function refused(reason: RefusalReason, why: string): LookupFailure {
  return { kind: 'refused', reason, why }
}
