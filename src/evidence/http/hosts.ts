import { setMaxListeners } from 'node:events'
import { rootCertificates } from 'node:tls'
import { Connections } from './connections.js'
import { Exchange, type Method, type Reply } from './exchange.js'
import type { FailureCode } from './failures.js'
import { Host } from './host.js'
import type { Settings } from './http-client.js'
import { chooseProxy, type ProxyServer } from './proxy.js'
import { parseRetryAfter } from './retry.js'
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
  readonly method: Method
  readonly body?: Uint8Array | undefined
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

  constructor(readonly settings: Settings) {
    const { limits, timeouts, environment, extraAuthorities, userAgent } = settings
    // Everybody who sleeps listens; Node takes eleven of them for a leak.
    setMaxListeners(0, this.#stop.signal)
    this.#traffic = new Traffic(limits.total)
    const trusted = environment?.authorities.trusted
    this.#connections = new Connections({
      connectMs: timeouts.connectMs,
      connections: limits.perHost,
      streams: limits.perHostStreams,
      userAgent,
      onSecured: settings.onSecured,
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
    try {
      let reply = await this.#exchange(host, ask)
      // Over HTTP/1.1 a cut shows, so this host is asked that way, at once and from now on.
      if (!reply.ok && reply.unframed === true) {
        if (host.negotiates) this.#speakHttp1(host, ask.url)
        reply = await this.#exchange(host, ask)
      }
      this.#note(host, ask.url, reply)
      return reply
    } finally {
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

  async #exchange(host: Host, ask: HostAsk): Promise<Reply> {
    const { clock, timeouts } = this.settings
    this.exchanges += 1
    const exchange = new Exchange(host.dispatcher, {
      origin: host.origin,
      path: host.pathOf(ask.url),
      method: ask.method,
      body: ask.body,
      headers: host.proxyHeaders === undefined ? ask.headers : { ...ask.headers, ...host.proxyHeaders },
      limitBytes: ask.limitBytes,
      timeouts,
      budgetMs: ask.deadline - clock.now(),
      // What is written must not be sent twice for that.
      refuseUnframed: host.negotiates && ask.method === 'GET',
    })
    this.#running.add(exchange)
    const reply = await exchange.reply
    this.#running.delete(exchange)
    return reply
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
    const proxy = this.#proxyOf(url)
    if (proxy === 'invalid') return 'proxy-invalid'
    this.#forget()
    const { limits, giveUp, http2 } = this.settings
    const negotiates = url.protocol === 'https:' && http2
    const host: Host = new Host({
      origin: url.origin,
      dispatcher: negotiates
        ? this.#connections.negotiate(url, proxy, (protocol) => {
            if (!host.negotiates) return
            if (protocol === 'h2') host.limit = limits.perHostStreams
            else this.#speakHttp1(host, url)
            this.#traffic.admit()
          })
        : this.#connections.open(url, proxy),
      negotiates,
      // Until the server has said whether it speaks HTTP/2.
      limit: negotiates ? 1 : limits.perHost,
      giveUp,
      // Without a tunnel the proxy needs the whole URL and its own credentials with each request (RFC 9112 §3.2.2).
      forwardedBy: url.protocol === 'http:' ? proxy : undefined,
    })
    this.#hosts.set(url.origin, host)
    return host
  }

  #speakHttp1(host: Host, url: URL): void {
    const proxy = this.#proxyOf(url)
    if (proxy !== 'invalid') host.speakHttp1(this.#connections.open(url, proxy), this.settings.limits.perHost)
  }

  #proxyOf(url: URL): ProxyServer | undefined | 'invalid' {
    const { environment } = this.settings
    const choice = environment === undefined ? undefined : chooseProxy(url, environment.proxies)
    if (choice?.kind === 'invalid') return 'invalid'
    return choice?.kind === 'proxy' ? choice.proxy : undefined
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
