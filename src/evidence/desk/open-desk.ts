import { hash } from 'node:crypto'
import { impossible } from '../../model/error.js'
import type { HttpClient } from '../http/http-client.js'
import type { HttpOk, HttpRefused, Sign } from '../http/outcome.js'
import type { Pack } from '../pack/pack.js'
import { ANY_FORM, type AnswerKey, answerKey, keyText } from '../store/answer-key.js'
import type { AnswerRecord, OkRecord, StoredRecord } from '../store/answer-record.js'
import { type FactRecord, factName } from '../store/fact-record.js'
import { isFresh, timestamp } from '../store/keep.js'
import type { Store } from '../store/store.js'
import type { Answer, Desk, NotKept, Question, Remembered, Used } from './desk.js'
import {
  allowsMore,
  answerWithoutBytes,
  type Held,
  httpFailure,
  limitOf,
  localFailure,
  signsOf,
  tooOldOffline,
  words,
} from './held.js'
import { Shelf } from './shelf.js'

interface Surroundings {
  readonly store?: Store | undefined
  /** Asked before anything else, whatever the age of its answers: with it, the run is a replay. */
  readonly pack?: Pack | undefined
  readonly clock: { /** Milliseconds since 1970. */ now(): number }
}

export type DeskOptions = Surroundings &
  (
    | { readonly offline: true }
    | {
        readonly offline: false
        /** Called at most once, when something has to be asked; the desk closes what it gave. */
        readonly http: () => HttpClient | Promise<HttpClient>
      }
  )

/** Whoever opens a desk closes it; store and pack stay the caller's. */
export function openDesk(options: DeskOptions): Desk {
  return new RunDesk(options)
}

/** A question with what it is filed under. */
interface Filed {
  readonly question: Question
  readonly key: AnswerKey
  readonly text: string
  /** The key may be written down. */
  readonly keepable: boolean
}

/** What is held from earlier, its bytes at hand. */
interface Earlier {
  readonly record: StoredRecord
  readonly bytes: Uint8Array | undefined
  /** It still counts, and is only asked again because somebody expected other bytes. */
  readonly fresh: boolean
}

class RunDesk implements Desk {
  readonly offline: boolean
  readonly #shelf: Shelf
  readonly #held = new Map<string, Promise<Held>>()
  readonly #answers = new Map<string, AnswerRecord>()
  readonly #facts = new Map<string, FactRecord>()
  readonly #notKept = new Map<string, NotKept>()
  #client: Promise<HttpClient> | undefined

  constructor(readonly options: DeskOptions) {
    this.offline = options.offline
    this.#shelf = new Shelf(options.pack, options.store)
  }

  async ask(question: Question): Promise<Answer> {
    if (question.unrecorded === true) return this.#askUnrecorded(question)
    const keyed = answerKey(question.url, question.accept, question.markedQuery)
    if (keyed === undefined) return { kind: 'unavailable', ...httpFailure('bad-url', question.url, 'it is no URL') }
    const filed: Filed = keyed.ok
      ? { question, key: keyed.key, text: keyText(keyed.key), keepable: true }
      : { question, key: { url: keyed.shown, accept: question.accept ?? ANY_FORM }, text: keyed.inMemory, keepable: false }
    for (;;) {
      const pending = this.#held.get(filed.text) ?? this.#hold(filed, this.#find(filed))
      const held = await pending
      const answer = allowsMore(held, question) ? 'find-again' : await this.#answer(held, question)
      if (typeof answer !== 'string') {
        this.#record(filed, held.record)
        return answer
      }
      // Of several that want something else, the first one sees to it and the others wait.
      if (this.#held.get(filed.text) !== pending) continue
      this.#hold(filed, answer === 'ask-again' ? this.#askAgain(filed, held) : this.#find(filed))
    }
  }

  async #askUnrecorded(question: Question): Promise<Answer> {
    const { url, accept, auth, compressed } = question
    if (this.offline) return { kind: 'unavailable', ...localFailure('offline-and-not-stored', url, 'and no answer is stored') }
    const client = await this.#http()
    const outcome = await client.get(url, { accept, auth, compressed, limitBytes: limitOf(question) })
    const ended = { at: this.#at(), from: 'network' } as const
    switch (outcome.kind) {
      case 'ok': {
        const { bytes, sha256, url: answered, signs, headers } = outcome
        return { kind: 'ok', ...ended, bytes, sha256, url: answered, signs, headers }
      }
      case 'absent':
        return { kind: 'absent', ...ended, status: outcome.status, signs: [] }
      case 'refused':
        return { kind: 'refused', status: outcome.status, why: refusal(outcome) }
      case 'unavailable':
        return { kind: 'unavailable', failure: outcome.failure, why: words(outcome.why), help: outcome.help }
      default:
        return impossible(`${outcome.kind} although nothing was asked that allows it`)
    }
  }

  async remember(given: string, bytes: Uint8Array): Promise<Remembered> {
    const name = factName(given)
    const sha256 = hash('sha256', bytes)
    const { store, pack, clock } = this.options
    const before = [this.#facts.get(name), pack?.fact(name), store?.fact(name)].find((fact) => fact?.sha256 === sha256)
    const record = before ?? { name, sha256, size: bytes.length, at: timestamp(clock.now()) }
    if (await this.#shelf.put(sha256, bytes, 'anywhere')) {
      this.#facts.set(name, record)
      if (store?.fact(name)?.sha256 !== sha256) await store?.putFact(record)
    } else this.#notKept.set(name, { url: name, why: NO_ROOM })
    return { bytes, sha256, at: record.at }
  }

  async replace(given: string, previous: string | undefined, bytes: Uint8Array): Promise<boolean> {
    const name = factName(given)
    const { store, pack, clock } = this.options
    const own = this.#facts.get(name) ?? pack?.fact(name)
    if (own !== undefined && own.sha256 !== previous && this.#isThere(own)) return false
    const sha256 = hash('sha256', bytes)
    const record = { name, sha256, size: bytes.length, at: timestamp(clock.now()) }
    if (!(await this.#shelf.put(sha256, bytes, 'anywhere'))) {
      this.#notKept.set(name, { url: name, why: NO_ROOM })
      return true
    }
    // A replay is of its pack alone.
    let standing = pack === undefined ? await store?.replaceFact(previous, record) : undefined
    // What lost its bytes cannot be recalled, and must not stand in the way.
    if (standing !== undefined && !this.#isThere(standing)) standing = await store?.replaceFact(standing.sha256, record)
    this.#facts.set(name, standing ?? record)
    return standing === undefined || standing.sha256 === sha256
  }

  async recall(given: string): Promise<Remembered | undefined> {
    const name = factName(given)
    const { store, pack } = this.options
    for (const record of [this.#facts.get(name), pack?.fact(name), store?.fact(name)]) {
      const bytes = record === undefined ? undefined : this.#shelf.get(record.sha256, record.size)
      if (record === undefined || bytes === undefined) continue
      this.#facts.set(name, record)
      return { bytes, sha256: record.sha256, at: record.at }
    }
    return undefined
  }

  #isThere({ sha256, size }: FactRecord): boolean {
    return this.#shelf.get(sha256, size) !== undefined
  }

  used(): Used {
    const shelf = this.#shelf
    return {
      answers: [...this.#answers.values()],
      facts: [...this.#facts.values()],
      notKept: [...this.#notKept.values()],
      blob: (sha256, size) => shelf.get(sha256, size),
    }
  }

  async close(): Promise<void> {
    const client = await this.#client
    await client?.close()
  }

  /** Files what is being found out; its bytes are let go as soon as those who wait have them. */
  #hold(filed: Filed, finding: Promise<Held>): Promise<Held> {
    const { text } = filed
    this.#held.set(text, finding)
    finding.then(
      (held) => {
        if (this.#held.get(text) === finding) this.#held.set(text, Promise.resolve({ ...held, bytes: undefined }))
      },
      () => void (this.#held.get(text) === finding && this.#held.delete(text)),
    )
    return finding
  }

  /** `find-again`: its bytes were pruned or damaged since. `ask-again`: what is stored is not what this asker can use. */
  async #answer(held: Held, question: Question): Promise<Answer | 'find-again' | 'ask-again'> {
    const { record, from, settled } = held
    const answer = answerWithoutBytes(held, question)
    if (answer !== 'needs-bytes') return answer.kind === 'mismatch' && !settled ? 'ask-again' : answer
    if (record.kind !== 'ok') return 'find-again'
    const { sha256, size, at, url } = record
    const bytes = held.bytes ?? this.#shelf.get(sha256, size)
    if (bytes === undefined) return 'find-again'
    if (!settled && question.accepts !== undefined && !(await question.accepts(bytes))) return 'ask-again'
    const headers = question.headers === true ? record.headers : undefined
    return { kind: 'ok', bytes, sha256, at, url, headers, from, signs: signsOf(record) }
  }

  #record({ text, key, keepable }: Filed, record: AnswerRecord): void {
    if (!keepable) this.#notKept.set(text, { url: key.url, why: SECRET_URL })
    else if (!this.#notKept.has(text)) this.#answers.set(text, record)
  }

  async #find(filed: Filed): Promise<Held> {
    const { key, keepable, question } = filed
    const { pack, store, clock } = this.options
    const limitBytes = limitOf(question)
    const packed = keepable ? pack?.answer(key) : undefined
    if (packed !== undefined) return this.#fromPack(packed, limitBytes)
    const stored = keepable ? store?.answer(key) : undefined
    const read = stored?.kind === 'ok' ? store?.blob(stored.sha256, stored.size) : undefined
    const usable = stored !== undefined && (stored.kind === 'absent' || read?.kind === 'ok')
    const bytes = read?.kind === 'ok' ? read.bytes : undefined
    const isWhole = question.headers !== true || stored?.kind !== 'ok' || stored.headers !== undefined
    if (usable && isWhole && isFresh(stored, question.keep, clock.now()))
      return { record: stored, from: 'store', settled: this.offline, limitBytes, bytes }
    if (!this.offline) return this.#askSource(filed, usable && isWhole ? { record: stored, bytes, fresh: false } : undefined)
    if (usable) {
      const record = { ...stored, unconfirmed: tooOldOffline(stored) }
      return { record, from: 'store', settled: true, limitBytes, bytes }
    }
    const why =
      read?.kind === 'damaged'
        ? localFailure('store-damaged', key.url, 'and the run is offline')
        : localFailure(
            'offline-and-not-stored',
            key.url,
            pack === undefined ? 'and no answer is stored' : 'and the pack holds no answer',
          )
    return { record: { kind: 'unavailable', key, ...why }, from: 'store', settled: true, limitBytes }
  }

  #fromPack(record: AnswerRecord, limitBytes: number): Held {
    const from = 'pack'
    if (record.kind !== 'ok') return { record, from, settled: true, limitBytes }
    const bytes = this.options.pack?.blob(record.sha256)
    if (bytes !== undefined) return { record, from, settled: true, limitBytes, bytes }
    const why = localFailure('store-damaged', record.key.url, 'the evidence pack changed while it was used')
    return { record: { kind: 'unavailable', key: record.key, ...why }, from, settled: true, limitBytes }
  }

  /** Asks the source although there is an answer that counts: once, since what it says now is settled. */
  async #askAgain(filed: Filed, held: Held): Promise<Held> {
    const { record } = held
    const bytes = record.kind === 'ok' ? (held.bytes ?? this.#shelf.get(record.sha256, record.size)) : undefined
    return this.#askSource(filed, record.kind !== 'ok' || bytes === undefined ? undefined : { record, bytes, fresh: true })
  }

  async #askSource(filed: Filed, earlier: Earlier | undefined): Promise<Held> {
    const { question, key } = filed
    const limitBytes = limitOf(question)
    const before = earlier?.record.kind === 'ok' ? earlier.record : undefined
    const client = await this.#http()
    const outcome = await client.get(question.url, {
      accept: key.accept,
      limitBytes,
      known: before === undefined ? undefined : { validators: before.validators, sha256: before.sha256 },
      unconditional: earlier?.fresh === true,
      auth: question.auth,
      compressed: question.compressed,
    })
    const ended = { from: 'network', settled: true, limitBytes } as const
    switch (outcome.kind) {
      case 'ok':
        return { ...ended, record: await this.#keepOk(filed, outcome), bytes: outcome.bytes }
      case 'not-modified': {
        if (before === undefined) break
        const { validators } = outcome
        const signs = mergeSigns(before.signs, outcome.signs)
        const record: OkRecord = { ...before, keep: question.keep, at: this.#at(), validators, signs }
        await this.options.store?.putAnswer(record)
        return { ...ended, from: 'store', record, bytes: earlier?.bytes }
      }
      case 'absent': {
        const record = { kind: 'absent', key, at: this.#at(), keep: question.keep, status: outcome.status } as const
        if (filed.keepable) await this.options.store?.putAnswer(record)
        return { ...ended, record }
      }
      case 'refused':
        return { ...ended, record: { kind: 'refused', key, status: outcome.status, why: refusal(outcome) } }
      case 'unavailable': {
        const { failure, why, help } = outcome
        const failed = { failure, why: words(why), help }
        if (earlier === undefined) return { ...ended, record: { kind: 'unavailable', key, ...failed } }
        const { record, bytes, fresh } = earlier
        return { ...ended, from: 'store', record: fresh ? record : { ...record, unconfirmed: failed }, bytes }
      }
    }
    return impossible(`${outcome.kind} although nothing was asked that allows it`)
  }

  /** Stores what was answered; of what this asker cannot use only the bytes, as proof. */
  async #keepOk({ question, key, keepable }: Filed, outcome: HttpOk): Promise<OkRecord> {
    const { status, url, sha256, bytes, validators, signs } = outcome
    const headers = question.headers === true ? outcome.headers : undefined
    const shown = signs.map(({ code, why }) => ({ code, why: words(why) }))
    const record: OkRecord = {
      ...{ kind: 'ok', key, at: this.#at(), keep: question.keep },
      ...{ status, url, sha256, size: bytes.length, validators, signs: shown, headers },
    }
    if (!(await this.#shelf.put(sha256, bytes, keepable ? 'anywhere' : 'memory')))
      this.#notKept.set(keyText(key), { url: key.url, why: NO_ROOM })
    else if (keepable && (await isWanted(outcome, question))) await this.options.store?.putAnswer(record)
    return record
  }

  #at(): string {
    return timestamp(this.options.clock.now())
  }

  #http(): Promise<HttpClient> {
    const { options } = this
    if (options.offline) return Promise.reject(new Error('an offline desk asks nobody'))
    this.#client ??= Promise.resolve(options.http())
    return this.#client
  }
}

const SECRET_URL = 'its URL carries what looks like a secret, or it is too long to be written down'
const NO_ROOM = 'no store can be written, and memory is bounded'

/** The signs of an answer that was confirmed: what was odd about the bytes stays, what a cache said is said anew. */
function mergeSigns(before: readonly Sign[], now: readonly Sign[]): readonly Sign[] {
  const codes = new Set(now.map(({ code }) => code))
  const stays = before.filter(({ code }) => code !== 'stale' && !codes.has(code))
  return [...stays, ...now.map(({ code, why }) => ({ code, why: words(why) }))]
}

async function isWanted({ sha256, bytes }: HttpOk, { expectSha256, accepts }: Question): Promise<boolean> {
  return (expectSha256 === undefined || expectSha256 === sha256) && (accepts === undefined || (await accepts(bytes)))
}

function refusal({ url, status, authenticated, said, challenge }: HttpRefused): string {
  const host = URL.canParse(url) ? new URL(url).host : 'the server'
  const detail = said ?? challenge
  const how = authenticated ? 'with the credential that was sent' : 'without a credential'
  return words(`${host} refuses this ${how} (status ${status}${detail === undefined ? '' : `: ${detail}`})`)
}
