import type { Desk } from '../../../evidence/desk/desk.js'
import { displayUrl } from '../../../evidence/http/redact.js'
import { sameBytes } from '../../../trust/base64.js'
import type { ForkProof } from '../../../trust/go-checksum-database/outcome.js'
import type { DatabaseOutside, RemoteAnswer } from '../../../trust/go-checksum-database/outside.js'
import { openTreeHead } from '../../../trust/go-checksum-database/tree-head.js'
import type { NoteVerifier } from '../../../trust/note.js'
import { noAnswer } from '../../no-answer.js'
import { formatForkProof, openForkProof } from './fork-proof.js'
import type { GoSources } from './go-sources.js'

/** When something was said, and the SHA-256 of the bytes that said it; none where the answer is that there is nothing. */
export interface Said {
  readonly at: string
  readonly sha256?: string | undefined
}

type Base = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly why: string }

/** A record and a signed note, each of at most a million bytes. */
const MAX_LOOKUP_BYTES = 2_100_000
/** A tile has 8,192; one that is a little longer is told from no answer. */
const MAX_TILE_BYTES = 65_536

/**
 * The world of a checksum database behind the desk. Only what was verified is remembered, under names that say the
 * database and the key: tiles and look-ups are the same wherever they come from. The latest head has one name and only
 * replaces the head it was proved to continue, whatever other processes do meanwhile.
 */
export class DeskDatabase implements DatabaseOutside {
  /** What look-ups rest on, by their path. */
  readonly said = new Map<string, Said>()
  #base: Promise<Base> | undefined
  #fork: Said | undefined

  constructor(
    readonly desk: Desk,
    readonly sources: GoSources,
    readonly verifier: NoteVerifier,
    /** Where GOSUMDB says the database is. */
    readonly url: string | undefined,
  ) {}

  /** The kept proof of a fork. */
  get fork(): Said | undefined {
    return this.#fork
  }

  /** A fork that an earlier run proved: a database that showed two histories is not believed again. */
  async knownFork(): Promise<ForkProof | undefined> {
    const kept = await this.desk.recall(this.#name('fork'))
    const proof = kept === undefined ? undefined : openForkProof(kept.bytes, this.verifier)
    if (proof !== undefined) this.#fork = kept
    return proof
  }

  /** Below which URL look-ups and tiles are. */
  base(): Promise<Base> {
    this.#base ??= this.#find()
    return this.#base
  }

  readonly readRemote = async (path: string): Promise<RemoteAnswer> => {
    const base = await this.base()
    if (!base.ok) return { kind: 'unavailable', why: base.why }
    const url = `${base.url}/${path}`
    const answer = await this.desk.ask({
      url,
      keep: 'for-ever',
      limitBytes: path.startsWith('tile/') ? MAX_TILE_BYTES : MAX_LOOKUP_BYTES,
      // What is verified is remembered; a bad answer must not be met again as one that counts for ever.
      accepts: () => false,
    })
    if (answer.kind === 'ok') {
      this.said.set(path, answer)
      return { kind: 'found', bytes: answer.bytes }
    }
    const { why, at } = noAnswer(answer, displayUrl(url))
    if (at !== undefined) this.said.set(path, { at })
    return answer.kind === 'absent' ? { kind: 'not-found', why } : { kind: 'unavailable', why }
  }

  readonly readHead = async (): Promise<Uint8Array | undefined> => (await this.desk.recall(this.#name('head')))?.bytes

  readonly replaceHead = async (previous: Uint8Array | undefined, next: Uint8Array): Promise<boolean> => {
    const name = this.#name('head')
    const current = await this.desk.recall(name)
    const isSame = current === undefined ? previous === undefined : previous !== undefined && sameBytes(current.bytes, previous)
    if (!isSame || (current !== undefined && !this.#grows(current.bytes, next))) return false
    return this.desk.replace(name, current?.sha256, next)
  }

  readonly readCache = async (path: string): Promise<Uint8Array | undefined> => {
    const kept = await this.desk.recall(this.#name(path))
    if (kept !== undefined) this.said.set(path, kept)
    return kept?.bytes
  }

  readonly writeCache = async (path: string, bytes: Uint8Array): Promise<void> => {
    this.said.set(path, await this.desk.remember(this.#name(path), bytes))
  }

  readonly securityAlarm = async (proof: ForkProof): Promise<void> => {
    this.#fork = await this.desk.remember(this.#name('fork'), formatForkProof(proof))
  }

  #name(what: string): string {
    return `go-checksum-database ${this.verifier.name}+${this.verifier.keyHash} ${what}`
  }

  #grows(current: Uint8Array, next: Uint8Array): boolean {
    const [before, after] = [openTreeHead(current, this.verifier), openTreeHead(next, this.verifier)]
    return after.ok && (!before.ok || before.head.size < after.head.size)
  }

  /** The first proxy that speaks for the database is asked for everything; without one the database itself (spec/go.md §9.8). */
  async #find(): Promise<Base> {
    const { name } = this.verifier
    if (this.url !== undefined) return { ok: true, url: this.url }
    if (this.sources.proxyProblem !== undefined) return { ok: false, why: this.sources.proxyProblem }
    for (const proxy of this.sources.proxies) {
      const url = `${proxy.url}/sumdb/${name}`
      const answer = await this.desk.ask({ url: `${url}/supported`, keep: 'day', limitBytes: MAX_TILE_BYTES })
      if (answer.kind === 'ok') return { ok: true, url }
      if (answer.kind === 'absent' || proxy.fallbackOnAnyError) continue
      const { why } = noAnswer(answer, displayUrl(url))
      return { ok: false, why: `whether ${displayUrl(proxy.url)} speaks for ${name} cannot be known: ${why}` }
    }
    return { ok: true, url: `https://${name}` }
  }
}
