import { constants } from 'node:http2'
import { describe, expect, it } from 'vitest'
import type { HttpOutcome } from '../../../src/evidence/http/outcome.js'
import { testClient } from './support/clients.js'
import { either, type Http2Response, http, http2, https } from './support/servers.js'

const kinds = (outcomes: readonly HttpOutcome[]): ReadonlySet<string> =>
  new Set(outcomes.map((outcome) => (outcome.kind === 'unavailable' ? outcome.failure : outcome.kind)))

function answerWith(text: string, response: Http2Response): void {
  response.writeHead(200, { 'content-length': `${text.length}` })
  response.end(text)
}

/** Answers after a moment and writes down how many requests ran at a time. */
function counting(): { readonly most: () => number; readonly run: (end: () => void) => void } {
  let running = 0
  let most = 0
  return {
    most: () => most,
    run(end) {
      running += 1
      most = Math.max(most, running)
      setTimeout(() => {
        running -= 1
        end()
      }, 10)
    },
  }
}

describe('requests at a time', () => {
  it('are bounded for one host, on connections that are used again', async () => {
    const count = counting()
    const server = await http((_, response) => count.run(() => response.end('x')))
    const client = testClient({ limits: { perHost: 4 } })
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, i) => client.get(`${server.origin}/${i}`)))
    expect(kinds(outcomes)).toEqual(new Set(['ok']))
    expect(count.most()).toBe(4)
    expect(server.connections()).toBe(4)
  })

  it('are bounded in all, and a host with a long queue does not keep out another', async () => {
    const count = counting()
    const order: string[] = []
    const servers = await Promise.all(
      ['a', 'b'].map((name) =>
        http((_, response) => {
          order.push(name)
          count.run(() => response.end('x'))
        }),
      ),
    )
    const [a, b] = servers
    const client = testClient({ limits: { total: 5, perHost: 4 } })
    const ask = (origin: string | undefined, n: number): Promise<HttpOutcome>[] =>
      Array.from({ length: n }, (_, i) => client.get(`${origin}/${i}`))
    expect(kinds(await Promise.all([...ask(a?.origin, 40), ...ask(b?.origin, 4)]))).toEqual(new Set(['ok']))
    expect(count.most()).toBe(5)
    expect(order.lastIndexOf('b')).toBeLessThan(20)
  })

  it('run on one or two connections where HTTP/2 is spoken, many at a time', async () => {
    const count = counting()
    const server = await http2((path, response) => count.run(() => answerWith(path, response)))
    const client = testClient({ limits: { perHostStreams: 32 } })
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => client.getText(`${server.origin}/${i}`)))
    expect(outcomes.map((outcome) => (outcome.kind === 'ok' ? outcome.text : outcome))).toEqual(
      Array.from({ length: 200 }, (_, i) => `/${i}`),
    )
    expect(server.connections()).toBeLessThanOrEqual(2)
    expect(count.most()).toBe(32)
  })

  it('open as many connections as allowed where TLS speaks HTTP/1.1, after the first has said so', async () => {
    const count = counting()
    const server = await https((_, response) => count.run(() => response.end('x')))
    const client = testClient({ limits: { perHost: 6 } })
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, i) => client.get(`${server.origin}/${i}`)))
    expect(kinds(outcomes)).toEqual(new Set(['ok']))
    expect(count.most()).toBe(6)
    // One more than that: the one that found out is not used again.
    expect(server.connections()).toBe(7)
  })

  it('forget hosts that are idle, not those in use', async () => {
    const servers = await Promise.all(Array.from({ length: 6 }, () => http((_, response) => response.end('x'))))
    const client = testClient({ limits: { hosts: 2 } })
    for (const server of [...servers, ...servers]) expect(await client.get(server.origin)).toMatchObject({ kind: 'ok' })
    expect(servers.map((server) => server.connections())).toEqual([2, 2, 2, 2, 2, 2])
    expect(kinds(await Promise.all(servers.map((server) => client.get(server.origin))))).toEqual(new Set(['ok']))
  })
})

describe('HTTP/2 that breaks', () => {
  it.each([
    ['a stream reset with an error', (stream: { close(code: number): void }) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
    ['a stream cancelled', (stream: { close(code: number): void }) => stream.close(constants.NGHTTP2_CANCEL)],
    ['a session destroyed', (stream: { session?: { destroy(): void } | undefined }) => stream.session?.destroy()],
  ])('%s in the middle is half an answer, never a whole one', async (_, cut) => {
    const server = await http2((_path, response) => {
      response.writeHead(200, { 'content-length': '8' })
      response.stream.write('half')
      setTimeout(() => cut(response.stream), 20)
    })
    const client = testClient()
    expect(await client.get(server.origin)).toMatchObject({ kind: 'unavailable', failure: 'cut-off', attempts: 4 })
  })

  it('a body without a length is asked for again over HTTP/1.1, where a cut shows', async () => {
    const server = await either((path, response) => {
      response.write('half')
      if (path === '/cut') setTimeout(() => response.destroy(), 20)
      else response.end('full')
    })
    const client = testClient()
    expect(await client.getText(`${server.origin}/whole`)).toMatchObject({ kind: 'ok', text: 'halffull' })
    expect(await client.get(`${server.origin}/cut`)).toMatchObject({ kind: 'unavailable', failure: 'cut-off', attempts: 4 })
    expect(server.seen.map(({ version, url }) => `${version} ${url}`)).toEqual([
      '2.0 /whole',
      '1.1 /whole',
      ...Array(4).fill('1.1 /cut'),
    ])
  })

  it('a session that says goodbye loses no request', async () => {
    let answered = 0
    const server = await http2((path, response) => {
      answered += 1
      if (answered % 50 === 0) response.stream.session?.goaway()
      answerWith(path, response)
    })
    const client = testClient({ limits: { perHostStreams: 16 } })
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => client.getText(`${server.origin}/${i}`)))
    expect(outcomes.map((outcome) => (outcome.kind === 'ok' ? outcome.text : outcome))).toEqual(
      Array.from({ length: 200 }, (_, i) => `/${i}`),
    )
  })

  it('a server that stops answering is told by the same names', async () => {
    const server = await http2(() => undefined)
    expect(
      await testClient({ retry: { attempts: 1 }, timeouts: { headersMs: 300, bodyMs: 300 } }).get(server.origin),
    ).toMatchObject({ failure: 'timeout-headers' })
    const silent = await http2((_, response) => {
      response.writeHead(200, { 'content-length': '8' })
      response.stream.write('half')
    })
    expect(
      await testClient({ retry: { attempts: 1 }, timeouts: { headersMs: 300, bodyMs: 300 } }).get(silent.origin),
    ).toMatchObject({ failure: 'timeout-body' })
  })

  it('can be switched off', async () => {
    const server = await http2((_, response) => response.end('x'))
    expect(await testClient({ http2: false, retry: { attempts: 1 } }).get(server.origin)).toMatchObject({ kind: 'unavailable' })
  })
})
