import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createRawServer, type Server as RawServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { type Certified, LOCALHOST } from './certificates.js'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly version: string
}

export interface Loopback {
  readonly port: number
  /** With 127.0.0.1 as host. */
  readonly origin: string
  /** Every request, in order. */
  readonly seen: readonly Seen[]
  /** Connections ever opened. */
  readonly connections: () => number
  /** Ends server and connections at once. */
  readonly stop: () => void
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function start(server: Server | RawServer, scheme: string, seen: readonly Seen[]): Promise<Loopback> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(stop)
  const { port } = addressOf(server)
  return { port, origin: `${scheme}://127.0.0.1:${port}`, seen, connections: () => connections, stop }
}

function addressOf(server: Server | RawServer): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}

const recording =
  (seen: Seen[], answer: Answer): Answer =>
  (request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, version: request.httpVersion })
    answer(request, response)
  }

export function http(answer: Answer): Promise<Loopback> {
  const seen: Seen[] = []
  return start(createServer(recording(seen, answer)), 'http', seen)
}

export function https(answer: Answer, certified: Certified = LOCALHOST): Promise<Loopback> {
  const seen: Seen[] = []
  return start(createTlsServer(certified, recording(seen, answer)), 'https', seen)
}

/** What is used of an answer over HTTP/2; its type and that of HTTP/1.1 have little in common. */
export interface Http2Response {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
  readonly stream: {
    close(code: number): void
    write(text: string): void
    readonly session?: { goaway(): void; destroy(): void } | undefined
  }
}

/** HTTP/2 only. */
export function http2(answer: (path: string, response: Http2Response) => void): Promise<Loopback> {
  const seen: Seen[] = []
  const server = createSecureServer(LOCALHOST, (request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, version: request.httpVersion })
    answer(request.url, response)
  })
  server.on('sessionError', () => undefined)
  return start(server, 'https', seen)
}

export interface EitherResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  write(body: string | Uint8Array): unknown
  end(body: string | Uint8Array): unknown
  destroy(): unknown
  /** Over HTTP/2. */
  readonly stream?: Http2Response['stream'] | undefined
}

/** HTTP/2 or HTTP/1.1, as the client wishes. */
export function either(answer: (path: string, response: EitherResponse) => void): Promise<Loopback> {
  const seen: Seen[] = []
  const server = createSecureServer({ ...LOCALHOST, allowHTTP1: true }, (request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, version: request.httpVersion })
    answer(request.url, response)
  })
  server.on('sessionError', () => undefined)
  return start(server, 'https', seen)
}

/** Writes what it is told to each connection once a request has come; for answers that no HTTP server would give. */
export function raw(answer: (socket: Socket, path: string) => void): Promise<Loopback> {
  const seen: Seen[] = []
  return start(
    createRawServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (data) => {
        const path = String(data).split(' ', 2)[1] ?? ''
        seen.push({ method: 'GET', url: path, headers: {}, version: '1.1' })
        answer(socket, path)
      })
    }),
    'http',
    seen,
  )
}

export interface ProxyWish {
  /** Answers CONNECT with this instead of a tunnel. */
  readonly refuseWith?: number
  /** `Basic …` that must come with each request; without it 407. */
  readonly authorization?: string
  /** Where each host really is; all else is where its name says. */
  readonly ports?: ReadonlyMap<string, number>
}

/** A forward proxy: tunnels by CONNECT, passes on requests with absolute URLs. */
export function proxy(wish: ProxyWish = {}): Promise<Loopback> {
  const seen: Seen[] = []
  const allowed = (request: IncomingMessage): boolean =>
    wish.authorization === undefined || request.headers['proxy-authorization'] === wish.authorization
  const server = createServer(
    recording(seen, (request, response) => {
      if (!allowed(request)) {
        response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end()
        return
      }
      const url = new URL(request.url ?? '')
      const port = wish.ports?.get(url.host) ?? Number(url.port)
      const onward = forward(
        { host: '127.0.0.1', port, path: `${url.pathname}${url.search}`, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
        },
      )
      onward.on('error', () => response.writeHead(502).end())
      onward.end()
    }),
  )
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => undefined)
    seen.push({ method: 'CONNECT', url: request.url ?? '', headers: request.headers, version: request.httpVersion })
    if (wish.refuseWith !== undefined || !allowed(request)) {
      client.end(`HTTP/1.1 ${wish.refuseWith ?? 407} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const authority = request.url ?? ''
    const port = wish.ports?.get(authority) ?? Number(authority.split(':').at(-1))
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(client)
      client.pipe(onward)
    })
    onward.on('error', () => client.destroy())
    client.on('close', () => onward.destroy())
  })
  return start(server, 'http', seen)
}
