import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttpClient } from '../../../src/evidence/http/client.js'
import type { HttpClient, HttpClientOptions } from '../../../src/evidence/http/http-client.js'
import type { HttpOutcome } from '../../../src/evidence/http/outcome.js'
import { proxySettings } from '../../../src/evidence/http/proxy.js'
import type { RegistryAccess } from '../../../src/evidence/http/registry-access.js'
import { loginWith, type RegistryLogin } from '../../../src/evidence/registry/docker-config.js'
import { registryAuthenticator } from '../../../src/evidence/registry/registry-authenticator.js'
import { AUTHORITY } from '../http/support/certificates.js'
import { TestClock } from '../http/support/clients.js'
import { http, https, type Loopback, proxy } from '../http/support/servers.js'

const PULL: RegistryAccess = { repository: 'acme/app', action: 'pull' }

interface TokenAsk {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}

interface Stand {
  readonly registry: Loopback
  readonly asks: TokenAsk[]
  /** What `Authorization` came to the registry with. */
  readonly sent: (string | undefined)[]
  /** Tokens that the registry takes; undefined: every one that was given. */
  taken: (token: string) => boolean
  challenge: (origin: string) => string | string[]
  /** The answer of the server of tokens, for the token that is next. */
  give: (token: string, ask: TokenAsk) => readonly [status: number, body: unknown]
}

/** A registry that wants tokens and a server that gives them, `t1`, `t2` and so on. */
async function stand(serve: typeof http = http): Promise<Stand> {
  const given: string[] = []
  const self: Stand = {
    get registry() {
      return registry
    },
    asks: [],
    sent: [],
    taken: () => true,
    challenge: (origin) => `Bearer realm="${origin}/token?client=1",service="the registry",scope="repository:acme/app:pull"`,
    give: (token) => [200, { token }],
  }
  const tokens = await serve((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += String(chunk)
    })
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://tokens')
      const ask = { method: request.method ?? '', url, headers: request.headers, form: new URLSearchParams(text) }
      self.asks.push(ask)
      given.push(`t${given.length + 1}`)
      const [status, body] = self.give(given.at(-1) ?? '', ask)
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  const registry = await serve((request: IncomingMessage, response: ServerResponse) => {
    const { authorization } = request.headers
    self.sent.push(authorization)
    const token = authorization?.replace(/^Bearer /, '')
    if (token !== undefined && given.includes(token) && self.taken(token)) response.end('content')
    else
      response
        .writeHead(401, { 'www-authenticate': self.challenge(tokens.origin), 'content-type': 'text/plain' })
        .end(authorization)
  })
  return self
}

interface Options extends HttpClientOptions {
  readonly login?: RegistryLogin | undefined
}

interface Asking {
  readonly client: HttpClient
  readonly clock: TestClock
  readonly looked: string[]
  get(stand: Stand | string, access?: RegistryAccess): Promise<HttpOutcome>
}

function asking({ login, ...options }: Options = {}): Asking {
  const clock = new TestClock()
  const looked: string[] = []
  const logins = {
    find: (host: string, repository: string) => {
      looked.push(`${host} ${repository}`)
      return Promise.resolve(login)
    },
  }
  const client = createHttpClient({
    clock,
    random: () => 0.5,
    extraAuthorities: [AUTHORITY.cert],
    registries: () => Promise.resolve(registryAuthenticator(logins, () => clock.now())),
    ...options,
  })
  onTestFinished(() => client.close())
  const get = (from: Stand | string, auth = PULL): Promise<HttpOutcome> =>
    client.get(typeof from === 'string' ? from : `${from.registry.origin}/v2/acme/app/manifests/latest`, { auth })
  return { client, clock, looked, get }
}

describe('a token', () => {
  it('is got without a login where there is none, and sent at once the next time', async () => {
    const server = await stand()
    const { get } = asking()
    expect(await get(server)).toMatchObject({ kind: 'ok' })
    expect(await get(server)).toMatchObject({ kind: 'ok' })
    expect(server.sent).toEqual([undefined, 'Bearer t1', 'Bearer t1'])
    expect(server.asks).toHaveLength(1)
    const [ask] = server.asks
    expect(ask?.method).toBe('GET')
    expect(ask?.headers.authorization).toBeUndefined()
    expect([...(ask?.url.searchParams ?? [])]).toEqual([
      ['client', '1'],
      ['service', 'the registry'],
      ['scope', 'repository:acme/app:pull'],
    ])
  })

  it('is asked for once by all who wait for it', async () => {
    const server = await stand()
    const { get } = asking()
    const all = await Promise.all(Array.from({ length: 30 }, () => get(server)))
    expect(all.every(({ kind }) => kind === 'ok')).toBe(true)
    expect(server.asks).toHaveLength(1)
  })

  it('is one for each set of scopes, and that of one repository goes to no other', async () => {
    const server = await stand()
    server.challenge = (origin) => `Bearer realm="${origin}/token",service="s"`
    const { get } = asking()
    await get(server)
    await get(server, { ...PULL, action: 'push' })
    await get(server, { ...PULL, repository: 'acme/other' })
    expect(server.sent).toEqual([undefined, 'Bearer t1', undefined, 'Bearer t2', undefined, 'Bearer t3'])
    expect(server.asks.map(({ url }) => url.searchParams.get('scope'))).toEqual([
      'repository:acme/app:pull',
      'repository:acme/app:pull,push',
      'repository:acme/other:pull',
    ])
    server.challenge = (origin) => `Bearer realm="${origin}/token",scope="repository:b:pull repository:a:pull,push"`
    await asking().get(server, { ...PULL, repository: 'acme/mounted' })
    expect(server.asks.at(-1)?.url.searchParams.getAll('scope')).toEqual(['repository:a:pull,push', 'repository:b:pull'])
  })

  it('is got with a login where there is one', async () => {
    const server = await stand()
    const { get, looked } = asking({ login: loginWith('user', 'pass:word') })
    expect(await get(server)).toMatchObject({ kind: 'ok' })
    expect(server.asks[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:pass:word').toString('base64')}`)
    expect(server.sent).toEqual([undefined, 'Bearer t1'])
    expect(looked).toEqual([`127.0.0.1:${server.registry.port} acme/app`])
  })

  it('is got for an identity token, posted', async () => {
    const server = await stand()
    server.give = (token) => [200, { access_token: token, expires_in: 300 }]
    const { get } = asking({ login: loginWith('<token>', 'the+identity&=') })
    expect(await get(server)).toMatchObject({ kind: 'ok' })
    const [ask] = server.asks
    expect(ask?.method).toBe('POST')
    expect(ask?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' })
    expect(ask?.headers.authorization).toBeUndefined()
    expect(ask?.url.search).toBe('?client=1')
    expect(Object.fromEntries(ask?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'assay',
      service: 'the registry',
      scope: 'repository:acme/app:pull',
      refresh_token: 'the+identity&=',
    })
  })

  it.each([
    ['a minute', undefined, 60],
    ['what is said', 300, 300],
    ['a minute where what is said is nonsense', 'x', 60],
    ['a minute where what is said is nothing', 0, 60],
  ])('holds for %s', async (_, expiresIn, seconds) => {
    const server = await stand()
    server.give = (token) => [200, { token, expires_in: expiresIn, issued_at: '2000-01-01T00:00:00Z' }]
    const { get, clock } = asking()
    await get(server)
    clock.advance((seconds - 6) * 1000)
    await get(server)
    expect(server.asks).toHaveLength(1)
    clock.advance(2000)
    await get(server)
    expect(server.asks).toHaveLength(2)
    expect(server.sent).toEqual([undefined, 'Bearer t1', 'Bearer t1', undefined, 'Bearer t2'])
  })

  it('that is no longer taken is got anew, once', async () => {
    const server = await stand()
    const { get } = asking()
    await get(server)
    server.taken = (token) => token !== 't1'
    expect((await Promise.all([get(server), get(server), get(server)])).map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok'])
    expect(server.asks).toHaveLength(2)
    server.taken = () => false
    server.sent.length = 0
    expect(await get(server)).toMatchObject({ kind: 'refused', status: 401, authenticated: true })
    expect(server.sent).toEqual(['Bearer t2', 'Bearer t3'])
    server.sent.length = 0
    // However many ask at once, it ends.
    const all = await Promise.all(Array.from({ length: 8 }, () => get(server)))
    expect(all.every(({ kind }) => kind === 'refused')).toBe(true)
    expect(server.sent.length).toBeLessThanOrEqual(8 * 4)
  })

  it('is waited for where its server is in trouble', async () => {
    const server = await stand()
    let failures = 2
    server.give = (token) => (failures-- > 0 ? [503, ''] : [200, { token }])
    const { get, clock } = asking()
    expect((await Promise.all([get(server), get(server)])).map(({ kind }) => kind)).toEqual(['ok', 'ok'])
    expect(server.asks).toHaveLength(3)
    expect(clock.waits.length).toBeGreaterThan(0)
    server.give = () => [503, '']
    expect(await asking().get(server)).toMatchObject({ kind: 'unavailable', failure: 'overloaded', attempts: 4 })
    expect(server.asks).toHaveLength(3 + 4)
  })

  it('is repeated in no outcome, whatever the registry says', async () => {
    const server = await stand()
    server.give = () => [200, { token: 'very-secret-token' }]
    server.taken = () => false
    const { get, client } = asking({ login: loginWith('user', 'very-secret-word') })
    const outcomes = [await get(server), await client.send({ method: 'GET', url: `${server.registry.origin}/v2/`, access: PULL })]
    expect(outcomes[0]).toMatchObject({ kind: 'refused', said: '[secret]' })
    expect(outcomes[1]).toMatchObject({ kind: 'reply', status: 401, said: '[secret]' })
    const { bytes: _, ...shown } = { bytes: undefined, ...outcomes[1] }
    expect(JSON.stringify([outcomes[0], shown])).not.toMatch(/very-secret/)
  })

  it.each<[string, readonly [number, unknown], object]>([
    [
      'refuses the login',
      [401, { details: 'incorrect username or password' }],
      { kind: 'refused', status: 401, authenticated: true },
    ],
    ['refuses', [403, 'very-secret-word'], { kind: 'refused', status: 403, authenticated: true }],
    ['is in trouble', [503, 'very-secret-word'], { kind: 'unavailable', failure: 'overloaded' }],
    ['does not understand', [400, { error: 'invalid_grant' }], { kind: 'unavailable', failure: 'unexpected-status' }],
    ['is not there', [404, ''], { kind: 'unavailable', failure: 'unexpected-status' }],
    ['redirects', [307, ''], { kind: 'unavailable', failure: 'unexpected-status' }],
    ['gives nothing', [200, {}], { kind: 'refused', status: 401, authenticated: false }],
    ['gives no JSON', [200, 'token'], { kind: 'refused', status: 401 }],
    ['gives a number', [200, { token: 7 }], { kind: 'refused', status: 401 }],
    ['gives what would be a header of its own', [200, { token: 'a\r\nx: y' }], { kind: 'refused', status: 401 }],
    ['gives too much', [200, { token: 'x'.repeat(300_000) }], { kind: 'unavailable', failure: 'too-large' }],
    ['gives a token that is too long', [200, { token: 'x'.repeat(20_000) }], { kind: 'refused', status: 401 }],
  ])('is not had from a server that %s', async (_, answer, expected) => {
    const server = await stand()
    server.give = () => answer
    const { get } = asking({ login: loginWith('user', 'very-secret-word'), retry: { attempts: 1 } })
    const outcome = await get(server)
    expect(outcome).toMatchObject(expected)
    expect(JSON.stringify(outcome)).not.toMatch(/very-secret/)
    expect(server.sent).toEqual([undefined])
    // Later it may be.
    server.give = (token) => [200, { token }]
    expect(await get(server)).toMatchObject({ kind: 'ok' })
  })
})

describe('a login', () => {
  it('is sent to a registry that wants it itself, and from then on at once', async () => {
    const server = await stand()
    server.challenge = () => 'Basic realm="a, quoted \\"realm\\""'
    server.taken = () => false
    const { get } = asking({ login: loginWith('user', 'word') })
    const basic = `Basic ${Buffer.from('user:word').toString('base64')}`
    expect(await get(server)).toMatchObject({ kind: 'refused', authenticated: true })
    expect(await get(server)).toMatchObject({ kind: 'refused', authenticated: true })
    expect(server.sent).toEqual([undefined, basic, basic])
    expect(server.asks).toEqual([])
  })

  it('is not sent for a challenge that it does not meet', async () => {
    const server = await stand()
    for (const challenge of ['Negotiate', 'Digest realm="x"', 'Bearer realm="not a URL"', 'Bearer service="x"', '']) {
      server.challenge = () => challenge
      expect([challenge, await asking({ login: loginWith('user', 'word') }).get(server)]).toMatchObject([
        challenge,
        { kind: 'refused', authenticated: false },
      ])
    }
    server.challenge = () => 'Basic realm="x"'
    expect(await asking({ login: loginWith('<token>', 'identity') }).get(server)).toMatchObject({
      kind: 'refused',
      authenticated: false,
    })
    expect(await asking().get(server)).toMatchObject({ kind: 'refused', authenticated: false })
    expect(new Set(server.sent)).toEqual(new Set([undefined]))
    // Of several, tokens are preferred, in one header or two.
    const bearer = `Bearer realm="${'REALM'}/token",scope="x"`
    for (const challenge of [
      (at: string) => `Basic realm="x", ${bearer.replace('REALM', at)}`,
      (at: string) => ['Basic realm="x"', bearer.replace('REALM', at)],
    ]) {
      server.challenge = challenge
      expect(await asking({ login: loginWith('user', 'word') }).get(server)).toMatchObject({ kind: 'ok' })
    }
  })

  it('goes to no server of tokens that is named by a scheme or an address that is none of a registry’s', async () => {
    const server = await stand(https)
    for (const realm of ['http://tokens.example/x', 'http://127.0.0.1:1/x', 'file:///etc/passwd', 'ftp://tokens.example/']) {
      server.challenge = () => `Bearer realm="${realm}"`
      const outcome = await asking({ login: loginWith('user', 'word') }).get(server)
      expect([realm, outcome]).toMatchObject([realm, { kind: 'unavailable', failure: 'redirect-refused' }])
    }
    server.challenge = (origin) => `Bearer realm="${origin}/token"`
    expect(await asking({ login: loginWith('user', 'word') }).get(server)).toMatchObject({ kind: 'ok' })
  })

  it('stays here where a registry of this machine names a server of tokens elsewhere over plain http', async () => {
    const logins = { find: () => Promise.resolve(loginWith('user', 'word')) }
    const asked: (string | undefined)[] = []
    for (const realm of ['http://tokens.example/x', 'http://127.0.0.1:1/x', 'https://tokens.example/x'])
      await registryAuthenticator(logins, () => 0).meet(
        { url: new URL('http://127.0.0.1:5000/v2/'), access: PULL, headers: [`Bearer realm="${realm}"`], refused: undefined },
        async ({ authorization }) => {
          asked.push(authorization?.reveal())
          return { kind: 'ok', bytes: Buffer.from('{}') }
        },
      )
    const basic = `Basic ${Buffer.from('user:word').toString('base64')}`
    expect(asked).toEqual([undefined, basic, basic])
  })

  it('goes nowhere over plain http, but to this machine', async () => {
    const server = await stand()
    const { port } = server.registry
    const way = await proxy({
      ports: new Map([
        ['registry.example', port],
        ['tokens.example', port],
      ]),
    })
    const environment = { proxies: proxySettings({ http_proxy: way.origin }), authorities: { problems: [] } }
    const remote = { login: loginWith('user', 'word'), environment, policy: { plainHttp: ['registry.example'] } }
    server.challenge = () => 'Basic realm="x"'
    const { get, looked } = asking(remote)
    expect(await get('http://registry.example/v2/acme/app/manifests/latest')).toMatchObject({
      kind: 'refused',
      authenticated: false,
    })
    expect(looked).toEqual([])
    // Nor to a server of tokens.
    server.challenge = () => 'Bearer realm="http://registry.example/token"'
    await get('http://registry.example/v2/acme/app/manifests/latest')
    server.challenge = () => 'Bearer realm="http://tokens.example/token"'
    expect(await get('http://registry.example/v2/acme/app/manifests/latest')).toMatchObject({ failure: 'redirect-refused' })
    server.challenge = () => 'Bearer realm="http://127.0.0.1:1/token"'
    expect(await get('http://registry.example/v2/acme/app/manifests/latest')).toMatchObject({ failure: 'redirect-refused' })
    expect(server.sent.every((sent) => sent === undefined)).toBe(true)
    // Without being allowed, not even that.
    expect(await get('http://other.example/v2/')).toMatchObject({ kind: 'unavailable', failure: 'scheme-not-allowed' })
  })
})

describe('a request that writes', () => {
  it('carries its body and a token, and follows no redirect', async () => {
    const bodies: string[] = []
    const server = await http((request, response) => {
      let text = ''
      request.on('data', (chunk) => {
        text += String(chunk)
      })
      request.on('end', () => {
        bodies.push(`${request.method} ${request.headers['content-type']} ${request.headers['content-length']} ${text}`)
        if (request.url === '/moved') response.writeHead(307, { location: '/x' }).end()
        else response.writeHead(201, { 'x-name': 'value', 'oci-subject': 'sha256:x' }).end('made')
      })
    })
    const { client } = asking()
    const put = await client.send({
      method: 'PUT',
      url: `${server.origin}/x`,
      body: Buffer.from('ä'),
      headers: { 'content-type': 'text/x' },
    })
    expect(put).toMatchObject({ kind: 'reply', status: 201, url: `${server.origin}/x` })
    if (put.kind !== 'reply') throw new Error('no reply')
    expect(Buffer.from(put.bytes).toString()).toBe('made')
    expect([put.headers.get('x-name'), put.headers.get('oci-subject')]).toEqual(['value', 'sha256:x'])
    expect(await client.send({ method: 'POST', url: `${server.origin}/moved`, body: new Uint8Array() })).toMatchObject({
      status: 307,
    })
    const head = await client.send({ method: 'HEAD', url: `${server.origin}/x` })
    expect(head).toMatchObject({ kind: 'reply', status: 201 })
    expect(bodies).toEqual(['PUT text/x 2 ä', 'POST undefined 0 ', 'HEAD undefined undefined '])
  })

  it('is tried again only where it may be', async () => {
    const server = await http((_, response) => void response.writeHead(503).end())
    const { client } = asking()
    const send = async (method: 'GET' | 'PUT' | 'POST', repeatable?: boolean): Promise<number> => {
      const before = server.seen.length
      expect(await client.send({ method, url: server.origin, repeatable })).toMatchObject({ kind: 'unavailable', status: 503 })
      return server.seen.length - before
    }
    expect([await send('GET'), await send('PUT'), await send('POST'), await send('PUT', true), await send('GET', false)]).toEqual(
      [4, 1, 1, 4, 1],
    )
  })

  it('keeps its token when an answer names another origin, and asks no address that a redirect may not', async () => {
    const server = await stand()
    const elsewhere = await http((_, response) => void response.writeHead(201).end())
    const { client } = asking()
    const from = new URL(server.registry.origin)
    expect(await client.send({ method: 'PUT', url: `${from.origin}/a`, access: PULL, from })).toMatchObject({ status: 200 })
    expect(await client.send({ method: 'PUT', url: `${elsewhere.origin}/a`, access: PULL, from })).toMatchObject({ status: 201 })
    expect(elsewhere.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
    for (const url of ['file:///etc/passwd', 'http://plain.example/', 'nonsense://x'])
      expect(await client.send({ method: 'PUT', url, access: PULL, from })).toMatchObject({
        kind: 'unavailable',
        failure: 'redirect-refused',
      })
    expect(
      await client.send({ method: 'PUT', url: 'http://10.0.0.1/', from: new URL('https://registry.example') }),
    ).toMatchObject({
      failure: 'redirect-refused',
    })
    expect(
      await client.send({ method: 'PUT', url: 'https://10.0.0.1/', from: new URL('https://registry.example') }),
    ).toMatchObject({
      failure: 'redirect-refused',
    })
    expect(await client.send({ method: 'PUT', url: 'nothing' })).toMatchObject({ failure: 'bad-url' })
  })
})
