import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers a request instead of git; false leaves it to git. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean

export interface GitServer {
  readonly origin: string
  /** `METHOD path`, in order of arrival. */
  readonly requests: readonly string[]
  readonly headers: readonly IncomingMessage['headers'][]
  intercept(interceptor: Interceptor | undefined): void
  close(): Promise<void>
}

/** Real repositories under `root`, served on loopback by `git http-backend` as a web server would. */
export async function serveGit(root: string): Promise<GitServer> {
  let interceptor: Interceptor | undefined
  const backend = gitBackend(root)
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    if (interceptor?.(request, response) !== true) backend(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    headers,
    intercept: (next) => {
      interceptor = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** `git http-backend` over CGI (RFC 3875), as far as git needs it. */
export function gitBackend(root: string): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => runBackend(root, request, response)
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      ...(typeof request.headers['git-protocol'] === 'string' ? { GIT_PROTOCOL: request.headers['git-protocol'] } : {}),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  request.pipe(child.stdin)
  let head = Buffer.alloc(0)
  let inBody = false
  child.stdout.on('data', (chunk: Buffer) => {
    if (inBody) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    inBody = true
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon)
      const value = line.slice(colon + 1).trim()
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.write(head.subarray(end + 4))
  })
  child.stdout.on('end', () => response.end())
  response.on('close', () => child.kill())
}

/** One packet of git's line protocol (gitprotocol-common). */
export function packet(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

export const FLUSH = Buffer.from('0000')

/** A server of protocol 2 whose refs are these lines, whatever they hold. */
export function advertiseRefs(lines: readonly (string | Uint8Array)[], objectFormat = 'sha1'): Interceptor {
  return (request, response) => {
    if (request.url?.includes('/info/refs') === true) {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement')
      response.end(
        Buffer.concat([
          packet('# service=git-upload-pack\n'),
          FLUSH,
          packet('version 2\n'),
          packet('agent=git/test\n'),
          packet('ls-refs=unborn\n'),
          packet('fetch=shallow filter\n'),
          packet(`object-format=${objectFormat}\n`),
          FLUSH,
        ]),
      )
      return true
    }
    request.resume()
    response.setHeader('content-type', 'application/x-git-upload-pack-result')
    response.end(Buffer.concat([...lines.map(packet), FLUSH]))
    return true
  }
}
