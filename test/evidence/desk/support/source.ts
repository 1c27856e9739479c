import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { createHttpClient } from '../../../../src/evidence/http/client.js'
import type { HttpClient } from '../../../../src/evidence/http/http-client.js'
import type { Pack } from '../../../../src/evidence/pack/pack.js'
import type { Store } from '../../../../src/evidence/store/store.js'

export type Serve = (request: IncomingMessage, response: ServerResponse) => void

/** A real server on loopback whose answers a test sets by path, and which counts. */
export interface Source {
  readonly origin: string
  readonly paths: Map<string, Serve>
  /** `GET /path` and what was asked conditionally, in order. */
  readonly seen: string[]
  readonly stop: () => Promise<void>
}

export async function source(): Promise<Source> {
  const paths = new Map<string, Serve>()
  const seen: string[] = []
  const server = createServer((request, response) => {
    const condition = request.headers['if-none-match'] ?? request.headers['if-modified-since']
    seen.push(`${request.url}${condition === undefined ? '' : ` if ${condition}`}`)
    const serve = paths.get(request.url ?? '')
    if (serve === undefined) response.writeHead(404).end()
    else serve(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = (): Promise<void> => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  onTestFinished(stop)
  const address = server.address()
  return { origin: `http://127.0.0.1:${isAddress(address) ? address.port : 0}`, paths, seen, stop }
}

function isAddress(value: AddressInfo | string | null): value is AddressInfo {
  return typeof value === 'object' && value !== null
}

/** These bytes with an ETag; 304 for whoever names it. */
export function file(body: string | Uint8Array, etag?: string, headers: Readonly<Record<string, string>> = {}): Serve {
  return (request, response) => {
    const tag = etag === undefined ? {} : { etag }
    if (etag !== undefined && request.headers['if-none-match'] === etag) response.writeHead(304, { ...tag, ...headers }).end()
    else response.writeHead(200, { ...tag, ...headers }).end(body)
  }
}

export function status(code: number, words = ''): Serve {
  return (_, response) => void response.writeHead(code, { 'content-type': 'text/plain' }).end(words)
}

/** Time by the test's hand. */
export class HandClock {
  constructor(public ms = Date.UTC(2026, 10, 1, 10)) {}

  now(): number {
    return this.ms
  }

  advance(hours: number): void {
    this.ms += hours * 3600 * 1000
  }
}

export interface Run {
  readonly desk: Desk
  /** How many clients were made. */
  readonly clients: () => number
}

export interface RunOptions {
  readonly store?: Store | undefined
  readonly pack?: Pack | undefined
  readonly clock?: HandClock | undefined
}

/** An online run with the real client; tries once, so that failures are quick. */
export function online({ store, pack, clock = new HandClock() }: RunOptions = {}): Run {
  let clients = 0
  const http = (): HttpClient => {
    clients += 1
    return createHttpClient({ retry: { attempts: 1 }, giveUp: { urls: 1000 } })
  }
  const desk = openDesk({ offline: false, http, store, pack, clock })
  onTestFinished(() => desk.close())
  return { desk, clients: () => clients }
}

export function offline({ store, pack, clock = new HandClock() }: RunOptions = {}): Desk {
  return openDesk({ offline: true, store, pack, clock })
}
