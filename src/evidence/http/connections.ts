import { Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import { diagnose, NamedFailure } from './diagnose.js'
import type { FailureCode } from './failures.js'
import type { ProxyServer } from './proxy.js'
import { certificateOf, type ShownCertificate } from './shown-certificate.js'

export interface ConnectionSettings {
  readonly connectMs: number
  /** Connections of one origin that speaks HTTP/1.1. */
  readonly connections: number
  /** Requests at a time of one origin that speaks HTTP/2. */
  readonly streams: number
  /** PEM; undefined: Node's own set. */
  readonly trusted?: readonly string[] | undefined
  readonly userAgent: string
  /** Told of each secured connection that is opened where the protocol is agreed on. */
  readonly onSecured?: ((secured: Secured) => void) | undefined
}

export type Protocol = 'http/1.1' | 'h2'

/** A connection that may be used: who answered to that name, and how it speaks. */
export interface Secured {
  readonly origin: string
  readonly protocol: Protocol
  readonly certificate: ShownCertificate | undefined
}

/** Requests may stay unanswered in undici for ever as far as it knows: `Exchange` has its own guards. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 }
/** Servers close idle connections after 5 to 75 seconds; reusing one in that moment costs a retry. */
const KEEP_ALIVE_MS = 4000
const HTTP2_CONNECTIONS = 2
/** Bytes of all headers of an answer. */
const MAX_HEADER_BYTES = 32 * 1024

/** Opens connections to origins, directly or through a proxy, all with the same trusted authorities. */
export class Connections {
  #context: SecureContext | undefined
  readonly #proxies = new Map<string, Pool>()

  constructor(readonly settings: ConnectionSettings) {}

  /** Connections of one origin that all speak HTTP/1.1. */
  open(url: URL, proxy: ProxyServer | undefined): Dispatcher {
    return this.#pool(url, this.#way(proxy, false), { connections: this.settings.connections })
  }

  /**
   * Connections of an origin that may speak HTTP/2: two for many requests. `spoken` tells what the server chose; until then
   * and if it is HTTP/1.1, only one request may be given to them: undici would queue more behind one another.
   */
  negotiate(url: URL, proxy: ProxyServer | undefined, spoken: (protocol: Protocol) => void): Dispatcher {
    const connect = this.#way(proxy, true)
    return this.#pool(
      url,
      (target, callback) =>
        connect(target, (...[error, socket]) => {
          if (error !== null) return callback(error, null)
          const protocol = socket instanceof TLSSocket && socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1'
          if (socket instanceof TLSSocket)
            this.settings.onSecured?.({ origin: url.origin, protocol, certificate: certificateOf(socket) })
          spoken(protocol)
          callback(null, socket)
        }),
      { connections: HTTP2_CONNECTIONS, allowH2: true, pipelining: Math.ceil(this.settings.streams / HTTP2_CONNECTIONS) },
    )
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((pool) => pool.destroy()))
  }

  #pool(url: URL, connect: buildConnector.connector, options: Pool.Options): Pool {
    return new Pool(url.origin, {
      ...NO_TIMEOUTS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      ...options,
      connect,
    })
  }

  #way(proxy: ProxyServer | undefined, http2: boolean): buildConnector.connector {
    return proxy === undefined ? this.#connector(http2) : this.#throughProxy(proxy, http2)
  }

  #connector(http2: boolean): buildConnector.connector {
    return buildConnector({
      allowH2: http2,
      timeout: this.settings.connectMs,
      ...(this.settings.trusted === undefined ? {} : { secureContext: this.#secureContext(this.settings.trusted) }),
    })
  }

  /** One for all connections: reading 150 certificates anew for each would cost more than the connection. */
  #secureContext(trusted: readonly string[]): SecureContext {
    this.#context ??= createSecureContext({ ca: [...trusted] })
    return this.#context
  }

  /** Plain http goes to the proxy as it is, with an absolute URL in the request line; https through a tunnel. */
  #throughProxy(proxy: ProxyServer, http2: boolean): buildConnector.connector {
    const direct = this.#connector(false)
    const overTunnel = this.#connector(http2)
    const { protocol, hostname, host, port } = proxy.url
    return (target, callback) => {
      if (target.protocol === 'http:')
        return direct({ protocol, hostname: bare(hostname), host, port }, (...[error, socket]) =>
          error === null ? callback(null, socket) : callback(proxyProblem(error), null),
        )
      this.#tunnel(
        proxy,
        `${target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname}:${target.port || 443}`,
      ).then(
        (httpSocket) => overTunnel({ ...target, httpSocket }, callback),
        (error: unknown) => callback(proxyProblem(error), null),
      )
    }
  }

  /** `CONNECT` (RFC 9110 §9.3.6). */
  async #tunnel(proxy: ProxyServer, authority: string): Promise<Socket> {
    const { statusCode, socket } = await this.#proxyPool(proxy).connect({
      path: authority,
      headers: {
        host: authority,
        'user-agent': this.settings.userAgent,
        ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization.reveal() }),
      },
      signal: AbortSignal.timeout(this.settings.connectMs),
    })
    // Whoever closes it from now on must not end the program.
    socket.on('error', () => undefined)
    if (statusCode === 200 && socket instanceof Socket) return socket
    socket.destroy()
    throw new NamedFailure(refusalOf(statusCode), `the proxy answered ${statusCode}`)
  }

  #proxyPool(proxy: ProxyServer): Pool {
    const known = this.#proxies.get(proxy.url.origin)
    if (known !== undefined) return known
    const pool = new Pool(proxy.url.origin, { connect: this.#connector(false), ...NO_TIMEOUTS, maxHeaderSize: MAX_HEADER_BYTES })
    this.#proxies.set(proxy.url.origin, pool)
    return pool
  }
}

/** Node connects to addresses without brackets. */
function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function refusalOf(status: number): FailureCode {
  if (status === 407) return 'proxy-needs-credentials'
  return status >= 500 || status === 429 ? 'proxy-failed' : 'proxy-refused'
}

/** A failure on the way to the proxy, told apart from one of the server behind it. */
function proxyProblem(error: unknown): NamedFailure {
  if (error instanceof NamedFailure) return error
  const { failure, detail } = diagnose(error, 'connecting')
  return new NamedFailure(failure.startsWith('tls-') ? 'proxy-untrusted' : 'proxy-unreachable', detail)
}
