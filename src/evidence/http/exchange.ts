import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { type Diagnosis, diagnose, type Phase } from './diagnose.js'
import type { FailureCode } from './failures.js'

export interface Timeouts {
  readonly connectMs: number
  readonly headersMs: number
  /** Each stretch of this length must bring `bodyBytesPerSecond`, so neither silence nor a trickle holds a request open. */
  readonly bodyMs: number
  readonly bodyBytesPerSecond: number
}

export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, headersMs: 30_000, bodyMs: 30_000, bodyBytesPerSecond: 10 }

/** `HEAD` has the headers of `GET` and no body. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT'

export interface Ask {
  readonly origin: string
  readonly path: string
  readonly method: Method
  readonly body?: Uint8Array | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Packed bytes of the body of a success. */
  readonly limitBytes: number
  readonly timeouts: Timeouts
  /** Until the request's own end, whatever the other guards allow. */
  readonly budgetMs: number
  /**
   * Refuse a body whose end could not be told from a cut: over HTTP/2, undici reports a stream that was reset as complete.
   * A declared length tells.
   */
  readonly refuseUnframed: boolean
}

export type Reply =
  | { readonly ok: true; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Uint8Array }
  | ({ readonly ok: false; readonly unframed?: true | undefined } & Diagnosis)

/** Of an answer that is no success this much is kept, for its words; more is not waited for. */
const OTHER_BODY_BYTES = 16 * 1024
/** A request is given this much more time for its own body: 32 KiB a second. */
const SLOWEST_UPLOAD_BYTES_PER_MS = 32
const NOTHING = new Uint8Array()

/**
 * One request and its answer. Settles exactly once whatever the connection below does: the guards are its own timers,
 * because undici has no way to give up a request that still waits for its connection.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly reply: Promise<Reply>
  #settle: ((reply: Reply) => void) | undefined
  #controller: Dispatcher.DispatchController | undefined
  #phase: Phase = 'connecting'
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #dueAt = 0
  readonly #endsAt: number
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #chunks: Uint8Array[] = []
  #received = 0
  #receivedAtTick = 0

  constructor(
    dispatcher: Dispatcher,
    readonly ask: Ask,
  ) {
    this.reply = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.#endsAt = performance.now() + ask.budgetMs
    // Name, tunnel and handshake each have `connectMs` below, and know better what was late; this one is behind them.
    this.#guard(ask.timeouts.connectMs * 2 + 1000)
    const { origin, path, method, headers, body } = ask
    dispatcher.dispatch({ origin, path, method, headers, body: body === undefined ? null : Buffer.from(body) }, this)
  }

  /** Gives up from outside. */
  cancel(): void {
    this.#fail({ failure: 'cancelled' })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settle === undefined) {
      this.#abort()
      return
    }
    // undici sends again what a lost HTTP/2 connection left open; what had begun to answer must not be mixed with that.
    if (this.#phase === 'reading') {
      this.#fail({ failure: 'cut-off' })
      return
    }
    // Once: being sent again earns no new patience.
    if (this.#phase === 'waiting') return
    this.#phase = 'waiting'
    this.#guard(this.ask.timeouts.headersMs + (this.ask.body?.length ?? 0) / SLOWEST_UPLOAD_BYTES_PER_MS)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx: the answer proper is still to come.
    if (status < 200) return
    this.#phase = 'reading'
    this.#status = status
    this.#headers = headers
    const declared = this.#declaredLength()
    if (this.#isWanted() && declared !== undefined && declared > this.ask.limitBytes) this.#tooLarge(`${declared} bytes`)
    else if (this.#isWanted() && declared === undefined && this.#mustBeFramed()) {
      this.#finish({ ok: false, failure: 'cut-off', unframed: true })
      this.#abort()
    } else this.#guard(this.ask.timeouts.bodyMs)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settle === undefined) return
    this.#received += chunk.length
    const limit = this.#isWanted() ? this.ask.limitBytes : OTHER_BODY_BYTES
    if (this.#received <= limit) this.#chunks.push(chunk)
    else if (this.#isWanted()) this.#tooLarge('it had not ended')
    else {
      this.#received -= chunk.length
      this.#succeed()
      this.#abort()
    }
  }

  onResponseEnd(): void {
    const declared = this.#declaredLength()
    const bodiless = this.#status === 304 || this.#status === 204 || this.ask.method === 'HEAD'
    if (declared !== undefined && declared !== this.#received && !bodiless)
      this.#fail({ failure: 'cut-off', detail: `${this.#received} of ${declared} bytes` })
    else this.#succeed()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settle === undefined) return
    const { failure, detail } = diagnose(error, this.#phase)
    const declared = this.#declaredLength()
    const progress = declared === undefined ? `after ${this.#received} bytes` : `${this.#received} of ${declared} bytes`
    this.#fail({ failure, detail: failure === 'cut-off' ? progress : detail })
  }

  /** Whether the body is what was asked for. */
  #isWanted(): boolean {
    return (this.#status === 200 || this.#status === 201) && this.ask.method !== 'HEAD'
  }

  /** Packed data ends by itself, if it is unpacked: an archive asked for as it is may be kept packed. */
  #mustBeFramed(): boolean {
    const { refuseUnframed, headers } = this.ask
    return refuseUnframed && (this.#headers['content-encoding'] === undefined || headers['accept-encoding'] === 'identity')
  }

  #declaredLength(): number | undefined {
    const text = this.#headers['content-length']
    return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  }

  /** Moves the guard. A timer that is early anyway stays and looks again: one timer serves most exchanges whole. */
  #guard(ms: number): void {
    const now = performance.now()
    this.#dueAt = Math.min(now + ms, this.#endsAt)
    if (this.#timerAt <= this.#dueAt) return
    clearTimeout(this.#timer)
    this.#timerAt = this.#dueAt
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, this.#dueAt - now))
  }

  #onTimer(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    // Timers count whole milliseconds and may be early by a part of one.
    const left = this.#dueAt - performance.now()
    if (left > 1) {
      this.#guard(left)
      return
    }
    const failure = this.#overdue()
    if (failure !== undefined) {
      this.#fail({ failure, detail: this.#phase === 'reading' ? `after ${this.#received} bytes` : undefined })
      return
    }
    this.#receivedAtTick = this.#received
    this.#guard(this.ask.timeouts.bodyMs)
  }

  #overdue(): FailureCode | undefined {
    if (performance.now() >= this.#endsAt - 1) return 'budget-spent'
    if (this.#phase === 'connecting') return 'timeout-connect'
    if (this.#phase === 'waiting') return 'timeout-headers'
    const { bodyMs, bodyBytesPerSecond } = this.ask.timeouts
    return this.#received - this.#receivedAtTick < (bodyMs / 1000) * bodyBytesPerSecond ? 'timeout-body' : undefined
  }

  #tooLarge(what: string): void {
    this.#fail({ failure: 'too-large', detail: `${what}, at most ${this.ask.limitBytes}` })
  }

  #fail(diagnosis: Diagnosis): void {
    this.#finish({ ok: false, ...diagnosis })
    this.#abort()
  }

  #succeed(): void {
    this.#finish({ ok: true, status: this.#status, headers: this.#headers, body: join(this.#chunks, this.#received) })
  }

  #finish(reply: Reply): void {
    clearTimeout(this.#timer)
    this.#settle?.(reply)
    this.#settle = undefined
    this.#chunks = []
  }

  #abort(): void {
    this.#controller?.abort(new Error('given up'))
  }
}

/** A copy where a chunk is a small view of a large read buffer, which it would keep in memory. */
function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  if (first === undefined) return NOTHING
  if (chunks.length === 1 && first.buffer.byteLength <= first.length * 2) return first
  const whole = Buffer.allocUnsafe(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
