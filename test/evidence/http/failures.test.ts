import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { httpEnvironment } from '../../../src/evidence/http/environment.js'
import { FAILURES, type FailureCode, failureKind } from '../../../src/evidence/http/failures.js'
import type { HttpClientOptions } from '../../../src/evidence/http/http-client.js'
import { AUTHORITY, type CertificateWish, certificate } from './support/certificates.js'
import { testClient } from './support/clients.js'
import { type Answer, http, https, type Loopback, type ProxyWish, proxy, raw } from './support/servers.js'

const DAY = 24 * 3600 * 1000
const ok: Answer = (_, response) => response.end('{}')
const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(body)

/** Every row is one way an outside can fail, played by a server on this machine. */
interface Row {
  readonly name: string
  readonly server: () => Promise<Pick<Loopback, 'origin'>>
  readonly failure: FailureCode | readonly FailureCode[]
  /** Tries in all; 4 where another may help. */
  readonly attempts: number
  readonly why?: RegExp
  readonly options?: () => Promise<HttpClientOptions>
}

const certified = (wish: CertificateWish) => (): Promise<Loopback> => https(ok, certificate(wish))
const HERE = { hosts: ['127.0.0.1'] }
const through = (wish: ProxyWish) => async (): Promise<HttpClientOptions> => {
  const server = await proxy(wish)
  return { environment: await httpEnvironment({ HTTPS_PROXY: server.origin }) }
}
const registry = async (): Promise<{ origin: string }> => ({ origin: 'https://registry.example' })

/** Short guards, and two tries instead of four, where a test waits for real. */
const IMPATIENT: HttpClientOptions = { timeouts: { connectMs: 300, headersMs: 300, bodyMs: 300 }, retry: { attempts: 2 } }
const impatient = async (): Promise<HttpClientOptions> => IMPATIENT

const ROWS: readonly Row[] = [
  {
    name: 'expired certificate',
    server: certified({ ...HERE, by: AUTHORITY, until: new Date(Date.now() - DAY / 2) }),
    failure: 'tls-expired',
    attempts: 1,
  },
  {
    name: 'certificate of tomorrow',
    server: certified({ ...HERE, by: AUTHORITY, from: new Date(Date.now() + DAY / 2) }),
    failure: 'tls-not-yet-valid',
    attempts: 1,
  },
  {
    name: 'certificate of another host',
    server: certified({ hosts: ['other.example'], by: AUTHORITY }),
    failure: 'tls-wrong-host',
    attempts: 1,
  },
  { name: 'self-signed certificate', server: certified(HERE), failure: 'tls-self-signed', attempts: 1 },
  {
    name: 'unknown authority',
    server: certified({ ...HERE, by: certificate({ name: 'Private Authority' }) }),
    failure: 'tls-unknown-authority',
    attempts: 1,
  },
  {
    name: 'plain http on the port of https',
    server: async () => ({ origin: (await http(ok)).origin.replace('http:', 'https:') }),
    failure: 'tls-handshake',
    attempts: 1,
  },
  { name: '400', server: () => http(answer(400)), failure: 'unexpected-status', attempts: 1, why: /status 400/ },
  { name: '204', server: () => http(answer(204)), failure: 'unexpected-status', attempts: 1 },
  { name: '304 that nobody asked for', server: () => http(answer(304)), failure: 'unexpected-status', attempts: 1 },
  { name: '302 without a place', server: () => http(answer(302)), failure: 'unexpected-status', attempts: 1 },
  { name: '429', server: () => http(answer(429)), failure: 'rate-limited', attempts: 4 },
  {
    name: '500',
    server: () => http(answer(500, { 'content-type': 'text/plain' }, 'disk full')),
    failure: 'server-error',
    attempts: 4,
    why: /status 500: disk full/,
  },
  { name: '502', server: () => http(answer(502)), failure: 'bad-gateway', attempts: 4 },
  { name: '503', server: () => http(answer(503)), failure: 'overloaded', attempts: 4 },
  { name: '504', server: () => http(answer(504)), failure: 'gateway-timeout', attempts: 4 },
  { name: '520', server: () => http(answer(520)), failure: 'server-error', attempts: 4 },
  { name: 'no answer', server: () => http(() => undefined), failure: 'timeout-headers', attempts: 2, options: impatient },
  {
    name: 'no handshake',
    server: async () => ({ origin: (await raw(() => undefined)).origin.replace('http:', 'https:') }),
    failure: 'timeout-connect',
    attempts: 2,
    options: impatient,
  },
  {
    name: 'silence in the middle',
    server: () => http((_, response) => response.writeHead(200, { 'content-length': '100' }).write('x'.repeat(50))),
    failure: 'timeout-body',
    attempts: 2,
    options: impatient,
    why: /after 50 bytes/,
  },
  {
    name: 'a byte now and then',
    server: () =>
      http((_, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        const timer = setInterval(() => response.write('x'), 200)
        response.on('close', () => clearInterval(timer))
      }),
    failure: 'timeout-body',
    attempts: 2,
    options: impatient,
  },
  {
    name: 'less than content-length says',
    server: () => raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
    failure: 'cut-off',
    attempts: 4,
    why: /4 of 100 bytes/,
  },
  {
    name: 'chunks without an end',
    server: () => raw((socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n')),
    failure: 'cut-off',
    attempts: 4,
  },
  {
    name: 'a chunk size that is none',
    server: () => raw((socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')),
    failure: 'cut-off',
    attempts: 4,
  },
  {
    name: 'reset in the middle',
    server: () =>
      raw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
        setTimeout(() => socket.resetAndDestroy(), 20)
      }),
    failure: 'cut-off',
    attempts: 4,
  },
  {
    name: 'reset before the answer',
    server: () => raw((socket) => socket.resetAndDestroy()),
    failure: 'connection-reset',
    attempts: 4,
  },
  { name: 'closed before the answer', server: () => raw((socket) => socket.end()), failure: 'connection-reset', attempts: 4 },
  { name: 'not HTTP', server: () => raw((socket) => socket.end('220 mail.example ESMTP\r\n')), failure: 'not-http', attempts: 1 },
  {
    name: 'endless headers',
    server: () => http(answer(200, { padding: 'x'.repeat(60_000) })),
    failure: 'headers-too-large',
    attempts: 1,
  },
  {
    name: 'nothing listens',
    server: async () => {
      const server = await http(ok)
      server.stop()
      return server
    },
    failure: 'connection-refused',
    attempts: 4,
  },
  {
    // Where no name server answers at all, the system says so instead.
    name: 'a name that does not exist',
    server: async () => ({ origin: 'https://registry.invalid' }),
    failure: ['dns-not-found', 'dns-failed'],
    attempts: 1,
    options: async () => ({ timeouts: { connectMs: 20_000 }, retry: { attempts: 1 } }),
  },
  {
    name: 'damaged gzip',
    server: () => http(answer(200, { 'content-encoding': 'gzip' }, 'no gzip')),
    failure: 'bad-encoding',
    attempts: 4,
  },
  {
    name: 'unknown encoding',
    server: () => http(answer(200, { 'content-encoding': 'rot13' }, 'uryyb')),
    failure: 'bad-encoding',
    attempts: 4,
  },
  {
    name: 'larger than allowed, as declared',
    server: () => http(answer(200, { 'content-length': '9999999999' })),
    failure: 'too-large',
    attempts: 1,
  },
  {
    name: 'a small body that unpacks to much',
    server: () =>
      http((_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(40 * 1024 * 1024))),
      ),
    failure: 'too-large',
    attempts: 1,
  },
  {
    name: 'proxy refuses CONNECT',
    server: registry,
    options: through({ refuseWith: 403 }),
    failure: 'proxy-refused',
    attempts: 1,
    why: /proxy answered 403/,
  },
  {
    name: 'proxy wants credentials',
    server: registry,
    options: through({ authorization: 'Basic eDp5' }),
    failure: 'proxy-needs-credentials',
    attempts: 1,
  },
  {
    name: 'proxy cannot reach the host',
    server: registry,
    options: through({ refuseWith: 502 }),
    failure: 'proxy-failed',
    attempts: 4,
  },
  {
    name: 'proxy is down',
    server: registry,
    options: async () => {
      const server = await proxy()
      server.stop()
      return { environment: await httpEnvironment({ HTTPS_PROXY: server.origin }) }
    },
    failure: 'proxy-unreachable',
    attempts: 4,
  },
  {
    name: 'proxy is no proxy',
    server: registry,
    options: async () => ({
      environment: await httpEnvironment({ HTTPS_PROXY: (await raw((socket) => socket.end('220 mail\r\n'))).origin }),
    }),
    failure: 'proxy-unreachable',
    attempts: 4,
  },
  {
    name: 'proxy never answers',
    server: registry,
    options: async () => ({
      ...IMPATIENT,
      environment: await httpEnvironment({ HTTPS_PROXY: (await raw(() => undefined)).origin }),
    }),
    failure: 'proxy-unreachable',
    attempts: 2,
  },
  {
    name: 'proxy that speaks SOCKS',
    server: registry,
    options: async () => ({ environment: await httpEnvironment({ https_proxy: 'socks5://127.0.0.1:1080' }) }),
    failure: 'proxy-invalid',
    attempts: 1,
  },
  {
    name: 'proxy with a self-signed certificate',
    server: registry,
    options: async () => ({ environment: await httpEnvironment({ https_proxy: (await https(ok, certificate(HERE))).origin }) }),
    failure: 'proxy-untrusted',
    attempts: 1,
  },
]

describe('every failure has its name', () => {
  it.each(ROWS)('$name', async (row) => {
    const { origin } = await row.server()
    const client = testClient(await row.options?.())
    const outcome = await client.get(`${origin}/file`)
    expect(outcome).toMatchObject({ kind: 'unavailable', attempts: row.attempts, url: `${origin}/file` })
    if (outcome.kind !== 'unavailable') return
    expect([row.failure].flat()).toContain(outcome.failure)
    expect(outcome.why).toMatch(row.why ?? /./)
    expect(outcome.why.startsWith(new URL(origin).host)).toBe(true)
    expect(outcome.help).toBe(failureKind(outcome.failure).help)
  })

  it('and every name that the network can cause is played by a row here or a test below', () => {
    const played = new Set<string>(ROWS.flatMap((row) => row.failure))
    const elsewhere = [
      'bad-url',
      'scheme-not-allowed',
      'host-not-allowed',
      'redirect-refused',
      'too-many-redirects',
      'not-json',
      'not-text',
      'file-unreadable',
      'host-given-up',
      'budget-spent',
      'cancelled',
    ]
    // No loopback server can play these: no route to a host, a chain that breaks a rule of certificates.
    const unplayed = ['unreachable', 'tls-untrusted']
    expect(Object.keys(FAILURES).filter((code) => !played.has(code))).toEqual(expect.arrayContaining([...unplayed, ...elsewhere]))
    expect(new Set([...played, ...elsewhere, ...unplayed])).toEqual(new Set(Object.keys(FAILURES)))
  })
})

describe('answers that are none of ours', () => {
  it.each([
    [404, { kind: 'absent', status: 404, said: 'not found: module example.com/x' }],
    [410, { kind: 'absent', status: 410 }],
    [403, { kind: 'refused', status: 403, authenticated: false }],
    [451, { kind: 'refused', status: 451 }],
    [401, { kind: 'refused', status: 401, challenge: 'Basic realm="r"' }],
  ])('%i is an answer, not an outage', async (status, expected) => {
    const server = await http(
      answer(
        status,
        { 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="r"' },
        'not found: module\n  example.com/x',
      ),
    )
    const client = testClient()
    expect(await client.get(`${server.origin}/a`)).toMatchObject(expected)
    expect(server.seen).toHaveLength(1)
    expect(client.counters()).toMatchObject({ requests: 1, ended: 1, unavailable: 0 })
  })

  it('says where JSON stops being JSON, and names a web page', async () => {
    const bodies = ['{"a": 1,\n "b": }', '<!DOCTYPE html><p>Log in</p>', '', '\ufffd', '[1]x']
    const server = await http((request, response) => response.end(bodies[Number(request.url?.slice(1))]))
    const client = testClient()
    const whys = await Promise.all(bodies.map((_, i) => client.getJson(`${server.origin}/${i}`)))
    expect(
      whys.map((outcome) =>
        outcome.kind === 'unavailable' ? `${outcome.failure}: ${/\((.*)\)$/.exec(outcome.why)?.[1]}` : outcome.kind,
      ),
    ).toEqual([
      'not-json: line 2, column 7: no value begins like this',
      'not-json: it is a web page',
      'not-json: the body is empty',
      'not-json: line 1, column 1: no value begins like this',
      'not-json: line 1, column 4: something follows after the end of the value',
    ])
  })

  it('tells the place of bytes that are not UTF-8', async () => {
    const server = await http((_, response) => response.end(Buffer.from([0x61, 0x0a, 0xff, 0x0a])))
    const client = testClient()
    expect(await client.getText(server.origin)).toMatchObject({
      kind: 'unavailable',
      failure: 'not-text',
      why: expect.stringContaining('line 2, column 1'),
    })
    expect(await client.getJson(server.origin)).toMatchObject({ kind: 'unavailable', failure: 'not-json' })
  })

  it('calls other bytes than the ones asked for a mismatch, not an outage', async () => {
    const server = await http((_, response) => response.end('other'))
    const expected = createHash('sha256').update('wanted').digest('hex')
    const observed = createHash('sha256').update('other').digest('hex')
    expect(await testClient().get(server.origin, { expectSha256: expected })).toMatchObject({
      kind: 'mismatch',
      expected,
      observed,
      bytes: 5,
    })
    expect(await testClient().get(server.origin, { expectSha256: observed })).toMatchObject({ kind: 'ok', sha256: observed })
  })
})
