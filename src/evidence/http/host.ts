import type { Dispatcher } from 'undici'
import { type FailureCode, failureKind } from './failures.js'
import type { ProxyServer } from './proxy.js'

/** When a host that fails is left alone. */
export interface GiveUpPolicy {
  /** Different URLs that must have failed, with no answer between: one poisoned file gives up no host. */
  readonly urls: number
  /** The failures must reach over this time: one hiccup of a server hits all requests that run. */
  readonly spanMs: number
  /** Then one request may try again. */
  readonly pauseMs: number
}

export const DEFAULT_GIVE_UP: GiveUpPolicy = { urls: 3, spanMs: 5000, pauseMs: 60_000 }

export interface HostOptions {
  readonly origin: string
  readonly dispatcher: Dispatcher
  /** Whether the dispatcher may speak HTTP/2. */
  readonly negotiates: boolean
  readonly limit: number
  readonly giveUp: GiveUpPolicy
  /** The proxy that is handed each request as it is, without a tunnel. */
  readonly forwardedBy: ProxyServer | undefined
}

/** What is known of one origin during a run, and who waits for it. */
export class Host {
  /** Requests running and allowed at a time. */
  running = 0
  limit: number
  readonly waiting = new Queue<() => void>()
  #failingUrls = new Set<string>()
  #failingSince = 0
  #givenUpUntil = 0
  #because: FailureCode | undefined
  #pausedUntil = 0

  readonly origin: string
  readonly proxyHeaders: Readonly<Record<string, string>> | undefined
  readonly #giveUp: GiveUpPolicy
  #dispatcher: Dispatcher
  #negotiates: boolean
  readonly #forwarded: boolean

  constructor({ origin, dispatcher, negotiates, limit, giveUp, forwardedBy }: HostOptions) {
    this.origin = origin
    this.#dispatcher = dispatcher
    this.#negotiates = negotiates
    this.limit = limit
    this.#giveUp = giveUp
    this.#forwarded = forwardedBy !== undefined
    const authorization = forwardedBy?.authorization?.reveal()
    this.proxyHeaders = authorization === undefined ? undefined : { 'proxy-authorization': authorization }
  }

  get dispatcher(): Dispatcher {
    return this.#dispatcher
  }

  get negotiates(): boolean {
    return this.#negotiates
  }

  /** From now on over HTTP/1.1; what runs on the connections so far ends there. */
  speakHttp1(dispatcher: Dispatcher, limit: number): void {
    void this.#dispatcher.close()
    this.#dispatcher = dispatcher
    this.#negotiates = false
    this.limit = limit
  }

  /** What stands in the request line. */
  pathOf(url: URL): string {
    return this.#forwarded ? url.href : `${url.pathname}${url.search}`
  }

  /** The failure for which the host is left alone now. */
  givenUp(now: number): FailureCode | undefined {
    return now < this.#givenUpUntil ? this.#because : undefined
  }

  /** Milliseconds until the host wants to be asked again. */
  pause(now: number): number {
    return Math.max(0, this.#pausedUntil - now)
  }

  answered(): void {
    if (this.#failingUrls.size > 0) this.#failingUrls.clear()
  }

  failed(failure: FailureCode, url: string, now: number): void {
    const { host } = failureKind(failure)
    if (host === 'fine') return
    if (this.#failingUrls.size === 0) this.#failingSince = now
    if (this.#failingUrls.size < this.#giveUp.urls) this.#failingUrls.add(url)
    const lasting = this.#failingUrls.size >= this.#giveUp.urls && now - this.#failingSince >= this.#giveUp.spanMs
    if (host === 'broken' || lasting) this.leaveAlone(failure, now + this.#giveUp.pauseMs)
  }

  leaveAlone(because: FailureCode, until: number): void {
    this.#because = because
    this.#givenUpUntil = Math.max(this.#givenUpUntil, until)
  }

  pauseUntil(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
  }

  /** Nothing would be lost with it. */
  isIdle(now: number): boolean {
    return this.running === 0 && this.waiting.size === 0 && this.givenUp(now) === undefined && this.pause(now) === 0
  }
}

/** First in, first out, without moving the rest on every step. */
class Queue<T> {
  #items: T[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head += 1
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
