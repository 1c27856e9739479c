import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttpClient } from '../../../src/evidence/http/client.js'
import type { HttpOutcome } from '../../../src/evidence/http/outcome.js'
import { backoff, DEFAULT_RETRY, parseRetryAfter } from '../../../src/evidence/http/retry.js'
import { PATIENCE } from '../../support/patience.js'
import { testClient } from './support/clients.js'
import { type Answer, http, https, raw } from './support/servers.js'

/** Answers each status in turn, the last one for ever. */
function inTurn(...answers: readonly (readonly [number, Record<string, string>?])[]): Answer {
  let next = 0
  return (_, response) => {
    const [status, headers] = answers[Math.min(next++, answers.length - 1)] ?? [500]
    response.writeHead(status, headers).end('x')
  }
}

const tally = (outcomes: readonly HttpOutcome[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const name = outcome.kind === 'unavailable' ? outcome.failure : outcome.kind
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('waits', () => {
  it.each([
    [0, [500, 1500, 4500]],
    [0.5, [1000, 3000, 9000]],
    [1, [1500, 4500, 10_000]],
  ])('grow threefold, with jitter %d, to at most ten seconds', (random, expected) => {
    expect([1, 2, 3].map((attempt) => backoff(attempt, DEFAULT_RETRY, () => random))).toEqual(expected)
  })

  it.each([
    ['0', 0],
    ['120', 120_000],
    ['99999999999', undefined],
    ['9999999999', 7 * 24 * 3600 * 1000],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    [undefined, undefined],
  ])('Retry-After %s', (value, expected) => {
    expect(parseRetryAfter(value, Date.UTC(2026, 0, 1))).toBe(expected)
  })

  it('come between tries that fail, and the answer is that of the last', async () => {
    const server = await http(inTurn([503], [500], [200]))
    const client = testClient()
    expect(await client.get(server.origin)).toMatchObject({ kind: 'ok' })
    expect(client.clock.waits).toEqual([1000, 3000])
    expect(client.counters()).toMatchObject({ requests: 1, exchanges: 3, retries: 2, unavailable: 0 })
  })

  it('are short after a connection that only was closed', async () => {
    let connections = 0
    const server = await raw((socket) => {
      connections += 1
      if (connections < 3) socket.end()
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    const client = testClient()
    expect(await client.get(server.origin)).toMatchObject({ kind: 'ok' })
    expect(client.clock.waits).toEqual([100, 3000])
  })

  it('are as long as the server asks, for all requests to that host', async () => {
    const server = await http(inTurn([429, { 'retry-after': '20' }], [200]))
    const client = testClient({ limits: { perHost: 1 } })
    const outcomes = await Promise.all(['/a', '/b'].map((path) => client.get(`${server.origin}${path}`)))
    expect(tally(outcomes)).toEqual({ ok: 2 })
    // Whoever waits waits the whole of it: no wait is shorter than what is left of the 20 seconds.
    expect(Math.max(...client.clock.waits)).toBe(20_000)
    expect(server.seen.map(({ url }) => url).sort()).toEqual(['/a', '/a', '/b'])
  })

  it('are not waited for when longer than allowed; the host is left alone instead', async () => {
    const server = await http(inTurn([429, { 'retry-after': '600' }], [200]))
    const client = testClient()
    expect(await client.get(`${server.origin}/a`)).toMatchObject({
      kind: 'unavailable',
      failure: 'rate-limited',
      retryAfterMs: 600_000,
      attempts: 1,
    })
    expect(await client.get(`${server.origin}/b`)).toMatchObject({
      kind: 'unavailable',
      failure: 'host-given-up',
      because: 'rate-limited',
    })
    expect(server.seen).toHaveLength(1)
    client.clock.advance(600_000)
    expect(await client.get(`${server.origin}/b`)).toMatchObject({ kind: 'ok' })
  })

  it('are the same in every run with the same chance', async () => {
    const waits = async (): Promise<readonly number[]> => {
      const server = await http(inTurn([500]))
      let state = 7
      const client = testClient({ random: () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647 })
      await client.get(server.origin)
      return client.clock.waits
    }
    expect(await waits()).toEqual(await waits())
  })
})

describe('an outage ends', () => {
  it('halfway: what is done is kept, the rest fails fast and says what began it', async () => {
    let answered = 0
    const server = await http((_, response) => {
      answered += 1
      if (answered === 40) server.stop()
      else response.end('x')
    })
    const client = testClient()
    const outcomes = await Promise.all(Array.from({ length: 400 }, (_, i) => client.get(`${server.origin}/${i}`)))
    const counts = tally(outcomes)
    expect(counts['ok']).toBe(39)
    expect(counts['host-given-up']).toBeGreaterThan(300)
    const givenUp = outcomes.find((outcome) => outcome.kind === 'unavailable' && outcome.failure === 'host-given-up')
    expect(givenUp).toMatchObject({ because: 'connection-refused', why: expect.stringContaining('nothing listens on that port') })
    expect(client.counters()).toMatchObject({ requests: 400, ended: 400, running: 0 })
  })

  it('a host that is broken for everybody is given up at once', async () => {
    const server = await https(inTurn([200]))
    const client = createHttpClient()
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => client.get(`${server.origin}/${i}`)))
    expect(tally(outcomes)).toEqual({ 'tls-unknown-authority': 1, 'host-given-up': 19 })
    expect(server.connections()).toBe(1)
    await client.close()
  })

  it('one poisoned file gives up nobody', async () => {
    const server = await http((request, response) => response.writeHead(request.url === '/poison' ? 500 : 200).end('x'))
    const client = testClient()
    for (let i = 0; i < 4; i += 1) expect(await client.get(`${server.origin}/poison`)).toMatchObject({ failure: 'server-error' })
    expect(await client.get(`${server.origin}/good`)).toMatchObject({ kind: 'ok' })
  })

  it('a host given up may try again after a while, and is believed when it answers', async () => {
    let up = false
    const server = await http((_, response) => response.writeHead(up ? 200 : 502).end())
    const client = testClient()
    for (const path of ['/a', '/b', '/c']) await client.get(`${server.origin}${path}`)
    expect(await client.get(`${server.origin}/d`)).toMatchObject({ failure: 'host-given-up', because: 'bad-gateway' })
    const before = server.seen.length
    client.clock.advance(60_000)
    up = true
    expect(await client.get(`${server.origin}/d`)).toMatchObject({ kind: 'ok' })
    expect(await client.get(`${server.origin}/e`)).toMatchObject({ kind: 'ok' })
    expect(server.seen.length).toBe(before + 2)
  })

  it('within the time for one request', async () => {
    const server = await http(inTurn([500]))
    const client = testClient({ limits: { requestMs: 3500 } })
    expect(await client.get(server.origin)).toMatchObject({ failure: 'server-error', attempts: 2 })
  })

  it('within the time for all, also for those who wait', async () => {
    const server = await http(() => undefined)
    const client = createHttpClient({ limits: { budgetMs: 150, perHost: 2 }, retry: { attempts: 1 } })
    const started = performance.now()
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => client.get(`${server.origin}/${i}`)))
    expect(tally(outcomes)).toEqual({ 'budget-spent': 50 })
    expect(performance.now() - started).toBeLessThan(2000 * PATIENCE)
    expect(server.seen).toHaveLength(2)
    await client.close()
  })

  it.each(['close', 'signal'])('by %s: running, queued, sleeping and later requests are all told', async (how) => {
    const server = await http((request, response) => {
      if (request.url === '/fails') response.writeHead(503).end()
    })
    const warnings: unknown[] = []
    const note = (warning: unknown): void => void warnings.push(warning)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const abort = new AbortController()
    const client = createHttpClient({
      signal: abort.signal,
      limits: { perHost: 2 },
      retry: { firstWaitMs: 60_000, longestWaitMs: 60_000 },
    })
    const outcomes = [
      ...Array.from({ length: 15 }, () => client.get(`${server.origin}/fails`)),
      ...Array.from({ length: 10 }, (_, i) => client.get(`${server.origin}/${i}`)),
    ]
    await new Promise((resolve) => setTimeout(resolve, 50))
    if (how === 'close') await client.close()
    else abort.abort()
    expect(tally(await Promise.all(outcomes))).toEqual({ cancelled: 25 })
    expect(await client.get(`${server.origin}/later`)).toMatchObject({ failure: 'cancelled' })
    await client.close()
    expect(warnings).toEqual([])
  })

  it('when a server trickles headers for ever', async () => {
    const server = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('a: b\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await testClient({ retry: { attempts: 1 }, timeouts: { headersMs: 300 } }).get(server.origin)).toMatchObject({
      failure: 'timeout-headers',
    })
  })
})
