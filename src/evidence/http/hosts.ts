import { rootCertificates } from 'node:tls'
import { Connections } from './connections.js'
import { Exchange, type Reply } from './exchange.js'
import type { FailureCode } from './failures.js'
import { Host } from './host.js'
import type { Settings } from './http-client.js'
import { chooseProxy } from './proxy.js'
import { parseRetryAfter } from './retry.js'
import type { Secret } from './secret.js'
import { single } from './signs.js'
import { Traffic } from './traffic.js'
import { troubleOf } from './trouble.js'

/** Why no exchange took place. */
export interface NotAsked {
  readonly ok: false
  readonly failure: FailureCode
  readonly detail?: string | undefined
  readonly because?: FailureCode | undefined
}

export interface HostAsk {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly limitBytes: number
  readonly deadline: number
}

/** All hosts of a client: how many requests each may have, which are given up, which want a pause. */
export class Hosts {
  readonly #hosts = new Map<string, Host>()
  readonly #traffic: Traffic
  readonly #connections: Connections
  readonly #running = new Set<Exchange>()
  readonly #stop = new AbortController()
  exchanges = 0

  constructor(
    readonly settings: Settings,
    /** Called with the credentials of a proxy, before it is used. */
    readonly learn: (secret: Secret) => void,
  ) {
    const { limits, timeouts, environment, extraAuthorities, http2, userAgent } = settings
    this.#traffic = new Traffic(limits.total)
    const trusted = environment?.authorities.trusted
    this.#connections = new Connections({
      connectMs: timeouts.connectMs,
      connections: limits.perHost,
      streams: Math.max(1, Math.ceil(limits.perHostStreams / 2)),
      http2,
      userAgent,
      trusted: extraAuthorities.length === 0 ? trusted : [...(trusted ?? rootCertificates), ...extraAuthorities],
    })
  }

  get running(): number {
    return this.#traffic.running
  }

  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /** Waits for its turn and asks once. */
  async ask(ask: HostAsk): Promise<Reply | NotAsked> {
    const host = this.#hostOf(ask.url)
    if (typeof host === 'string') return { ok: false, failure: host }
    if (!this.#goesAtOnce(host, ask.deadline)) {
      const refused = await this.#turn(host, ask.deadline)
      if (refused !== undefined) return refused
    }
    const exchange = this.#start(host, ask)
    try {
      const reply = await exchange.reply
      this.#note(host, ask.url, reply)
      return reply
    } finally {
      this.#running.delete(exchange)
      this.#traffic.leave(host)
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    for (const exchange of this.#running) exchange.cancel()
    await Promise.all([...[...this.#hosts.values()].map((host) => host.dispatcher.destroy()), this.#connections.close()])
  }

  /** Enters if nothing stands in the way. */
  #goesAtOnce(host: Host, deadline: number): boolean {
    const isFree = this.#refusal(host, deadline) === undefined && host.pause(this.settings.clock.now()) === 0
    return isFree && this.#traffic.tryEnter(host)
  }

  /** Enters when host and time allow; what was true before waiting is judged again after. */
  async #turn(host: Host, deadline: number): Promise<NotAsked | undefined> {
    const { clock } = this.settings
    for (;;) {
      const refused = this.#refusal(host, deadline)
      if (refused !== undefined) return refused
      const pause = host.pause(clock.now())
      if (pause > 0) {
        await clock.sleep(Math.min(pause, deadline - clock.now()), this.stopped)
        continue
      }
      await this.#traffic.enter(host)
      if (this.#refusal(host, deadline) === undefined && host.pause(clock.now()) === 0) return undefined
      this.#traffic.leave(host)
    }
  }

  #refusal(host: Host, deadline: number): NotAsked | undefined {
    const now = this.settings.clock.now()
    if (this.stopped.aborted) return { ok: false, failure: 'cancelled' }
    const because = host.givenUp(now)
    if (because !== undefined) return { ok: false, failure: 'host-given-up', because }
    return now >= deadline ? { ok: false, failure: 'budget-spent' } : undefined
  }

  #start(host: Host, ask: HostAsk): Exchange {
    const { clock, timeouts } = this.settings
    this.exchanges += 1
    const exchange = new Exchange(host.dispatcher, {
      origin: host.origin,
      path: host.pathOf(ask.url),
      headers: host.proxyHeaders === undefined ? ask.headers : { ...ask.headers, ...host.proxyHeaders },
      limitBytes: ask.limitBytes,
      timeouts,
      budgetMs: ask.deadline - clock.now(),
    })
    this.#running.add(exchange)
    return exchange
  }

  #note(host: Host, url: URL, reply: Reply): void {
    const now = this.settings.clock.now()
    const failure = reply.ok ? troubleOf(reply.status) : reply.failure
    if (failure === undefined) {
      host.answered()
      return
    }
    host.failed(failure, url.href, now)
    const wait = reply.ok ? parseRetryAfter(single(reply.headers['retry-after']), now) : undefined
    if (wait === undefined || wait === 0) return
    if (wait > this.settings.retry.longestRetryAfterMs) host.leaveAlone(failure, now + wait)
    else host.pauseUntil(now + wait)
  }

  #hostOf(url: URL): Host | FailureCode {
    const known = this.#hosts.get(url.origin)
    if (known !== undefined) return known
    const { environment, limits, giveUp } = this.settings
    const choice = environment === undefined ? undefined : chooseProxy(url, environment.proxies)
    if (choice?.kind === 'invalid') return 'proxy-invalid'
    const proxy = choice?.kind === 'proxy' ? choice.proxy : undefined
    if (proxy?.authorization !== undefined) this.learn(proxy.authorization)
    this.#forget()
    // Until the first connection has said whether it speaks HTTP/2 there is only that one: else a host that does would
    // be opened as many connections as one that does not.
    const unknown = url.protocol === 'https:' && this.settings.http2
    const dispatcher = this.#connections.open(url, proxy, (protocol) => {
      host.limit = protocol === 'h2' ? limits.perHostStreams : limits.perHost
      this.#traffic.admit()
    })
    const host: Host = new Host({
      origin: url.origin,
      dispatcher,
      limit: unknown ? 1 : limits.perHost,
      giveUp,
      // Without a tunnel the proxy needs the whole URL and its own credentials with each request (RFC 9112 §3.2.2).
      forwardedBy: url.protocol === 'http:' ? proxy : undefined,
    })
    this.#hosts.set(url.origin, host)
    return host
  }

  #forget(): void {
    if (this.#hosts.size < this.settings.limits.hosts) return
    const now = this.settings.clock.now()
    for (const [origin, host] of this.#hosts) {
      if (this.#hosts.size < this.settings.limits.hosts) return
      if (!host.isIdle(now)) continue
      this.#hosts.delete(origin)
      void host.dispatcher.destroy()
    }
  }
}
