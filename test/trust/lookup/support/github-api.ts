import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export type Serve = (response: ServerResponse, asked: Asked) => void

/** A real server on loopback; a test sets what it answers by path with query. */
export interface Server {
  readonly origin: string
  readonly paths: Map<string, Serve>
  readonly seen: Asked[]
}

export async function server(): Promise<Server> {
  const paths = new Map<string, Serve>()
  const seen: Asked[] = []
  const http = createServer((request, response) => {
    const asked = { path: request.url ?? '', headers: request.headers }
    seen.push(asked)
    const serve = paths.get(asked.path)
    if (serve === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}')
    else serve(response, asked)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  const address = http.address()
  if (!isAddress(address)) throw new Error('the server has no port')
  return { origin: `http://127.0.0.1:${address.port}`, paths, seen }
}

function isAddress(value: AddressInfo | string | null): value is AddressInfo {
  return typeof value === 'object' && value !== null
}

export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Serve {
  return (response) =>
    void response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(value))
}

export function bytes(body: Uint8Array): Serve {
  return (response) => void response.writeHead(200, { 'content-type': 'application/x-snappy' }).end(body)
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}, body = ''): Serve {
  return (response) => void response.writeHead(code, { 'content-type': 'text/plain', ...headers }).end(body)
}
