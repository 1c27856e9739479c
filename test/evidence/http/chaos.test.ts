import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/evidence/http/client.js'
import { AUTHORITY } from './support/certificates.js'
import { testClient } from './support/clients.js'
import { either, raw } from './support/servers.js'

// Servers that do everything wrong by a seeded chance. Two things must hold whatever they do: every request ends, and a body
// that is called whole is whole.

function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const bodyOf = (path: string): Buffer =>
  Buffer.concat(
    Array.from({ length: 1 + (path.length % 7) * 12 }, (_, i) => createHash('sha256').update(`${path} ${i}`).digest()),
  )

const REQUESTS = 300

/** An answer over a bare connection: right, or damaged in one of many ways. */
function misbehave(socket: Socket, path: string, dice: (below: number) => number): void {
  const body = bodyOf(path)
  const [packed, encoding] =
    dice(3) === 0
      ? [gzipSync(body), 'content-encoding: gzip\r\n']
      : dice(3) === 0
        ? [brotliCompressSync(body), 'content-encoding: br\r\n']
        : [body, '']
  const head = `HTTP/1.1 200 OK\r\n${encoding}`
  const half = packed.subarray(0, dice(packed.length))
  switch (dice(14)) {
    case 0:
      return void socket.end(`HTTP/1.1 ${[429, 500, 502, 503, 504][dice(5)]} No\r\ncontent-length: 0\r\n\r\n`)
    case 1:
      return void socket.destroy()
    case 2:
      return void socket.resetAndDestroy()
    case 3:
      return void socket.end(Buffer.concat([Buffer.from(`${head}content-length: ${packed.length}\r\n\r\n`), half]))
    case 4:
      return void socket.end(
        Buffer.concat([Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n${packed.length.toString(16)}\r\n`), half]),
      )
    case 5:
      return void socket.end(
        Buffer.concat([
          Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n${packed.length.toString(16)}\r\n`),
          packed,
          Buffer.from('\r\n'),
        ]),
      )
    case 6:
      return void socket.write(`${head}content-length: ${packed.length}\r\n\r\n`)
    case 7:
      return void socket.end('\u0000\u0001 no http at all')
    case 8:
      // More than was declared: what follows belongs to nobody.
      return void socket.end(
        Buffer.concat([
          Buffer.from(`${head}content-length: ${packed.length}\r\n\r\n`),
          packed,
          Buffer.from('HTTP/1.1 200 OK\r\n\r\nstray'),
        ]),
      )
    case 9:
      return void socket.write(
        Buffer.concat([
          Buffer.from(`HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\n${head}content-length: ${packed.length}\r\n\r\n`),
          packed,
        ]),
      )
    default:
      return void socket.write(Buffer.concat([Buffer.from(`${head}content-length: ${packed.length}\r\n\r\n`), packed]))
  }
}

describe('a server that does everything wrong', () => {
  it.each([1, 2, 3])('never makes a request hang or a cut body whole (seed %i)', async (seed) => {
    const dice = chance(seed)
    const server = await raw((socket, path) => misbehave(socket, path, dice))
    const client = testClient({
      timeouts: { headersMs: 200, bodyMs: 200 },
      retry: { attempts: 3 },
      // Never given up: all requests shall meet it.
      giveUp: { urls: Number.POSITIVE_INFINITY },
    })
    const paths = Array.from({ length: REQUESTS }, (_, i) => `/${'x'.repeat(i % 10)}${i}`)
    const outcomes = await Promise.all(paths.map((path) => client.get(`${server.origin}${path}`, { compressed: true })))
    let whole = 0
    for (const [i, outcome] of outcomes.entries()) {
      expect(['ok', 'unavailable']).toContain(outcome.kind)
      if (outcome.kind !== 'ok') continue
      expect(Buffer.compare(outcome.bytes, bodyOf(paths[i] ?? ''))).toBe(0)
      whole += 1
    }
    expect(whole).toBeGreaterThan(REQUESTS / 4)
    expect(client.counters()).toMatchObject({ requests: REQUESTS, ended: REQUESTS, running: 0 })
  })

  it.each([
    [1, 1],
    [2, 1],
    [3, 20],
  ])('nor over HTTP/2 (seed %i, one in %i answers without a length; 1: none)', async (seed, unframed) => {
    const dice = chance(seed)
    const server = await either((path, response) => {
      const body = bodyOf(path)
      const withLength = unframed === 1 || dice(unframed) > 0
      if (withLength) response.writeHead(200, { 'content-length': `${body.length}` })
      const { stream } = response
      switch (dice(7)) {
        case 0:
          return void response.destroy()
        case 1:
          response.write(body.subarray(0, dice(body.length)))
          return void setTimeout(() => (stream?.session === undefined ? response.destroy() : stream.session.destroy()), dice(20))
        case 2:
          response.write(body.subarray(0, dice(body.length)))
          return void setTimeout(() => (stream === undefined ? response.destroy() : stream.close(dice(13))), dice(20))
        // No GOAWAY together with these: Node's own server dies of it. It has a test of its own.
        case 3:
          return
        default:
          return void response.end(body)
      }
    })
    const client = createHttpClient({
      extraAuthorities: [AUTHORITY.cert],
      timeouts: { headersMs: 200, bodyMs: 200 },
      retry: { attempts: 4, firstWaitMs: 1 },
      giveUp: { urls: Number.POSITIVE_INFINITY },
    })
    const paths = Array.from({ length: REQUESTS }, (_, i) => `/${'x'.repeat(i % 10)}${i}`)
    const outcomes = await Promise.all(paths.map((path) => client.get(`${server.origin}${path}`)))
    let whole = 0
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.kind !== 'ok') continue
      expect(Buffer.compare(outcome.bytes, bodyOf(paths[i] ?? ''))).toBe(0)
      whole += 1
    }
    expect(whole).toBeGreaterThan(REQUESTS / 4)
    expect(client.counters()).toMatchObject({ ended: REQUESTS, running: 0 })
    await client.close()
  })
})
