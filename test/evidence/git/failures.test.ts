import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GitRemoteOptions } from '../../../src/evidence/git/remote.js'
import { httpEnvironment } from '../../../src/evidence/http/environment.js'
import { basicAuthorization } from '../../../src/evidence/http/secret.js'
import { PATIENCE } from '../../support/patience.js'
import { AUTHORITY, certificate, LOCALHOST } from '../http/support/certificates.js'
import { https, proxy } from '../http/support/servers.js'
import { advertiseRefs, FLUSH, type GitServer, gitBackend, packet, serveGit } from './support/git-server.js'
import { Bench, hasBackend, hasGit } from './support/repository.js'

const PASSWORD = 'correct-horse-battery'

describe.skipIf(hasBackend)('remotes that fail', () => {
  it('are played by git http-backend', (context) => context.skip(hasGit ? 'git http-backend is not there' : 'git is not there'))
})

describe.skipIf(!hasBackend)('remotes that fail', () => {
  const bench = new Bench()
  let server: GitServer
  let commit = ''
  let url = ''

  beforeAll(async () => {
    commit = bench.repository('lib.git').commit({ a: 'x'.repeat(20_000) })
    server = await serveGit(bench.served)
    url = `${server.origin}/lib.git`
  })
  beforeEach(() => server.intercept(undefined))
  afterAll(async () => {
    await server?.close()
    bench.end()
  })

  const answers = (status: number, headers: Record<string, string> = {}): void =>
    server.intercept((request, response) => {
      request.resume()
      response.writeHead(status, headers).end('<p>words of the server</p>')
      return true
    })

  /** Leaves the first `passed` requests to git, and the rest to `play`. */
  const afterwards = (passed: number, play: (response: ServerResponse) => void): void => {
    let count = 0
    server.intercept((request, response) => {
      if (count++ < passed) return false
      request.resume()
      play(response)
      return true
    })
  }

  describe('by status', () => {
    it.each([
      [400, { kind: 'unavailable', failure: 'unexpected-status', status: 400 }],
      [401, { kind: 'refused', status: 401, authenticated: false }],
      [403, { kind: 'refused', status: 403, authenticated: false }],
      [404, { kind: 'absent', what: 'repository' }],
      [410, { kind: 'absent', what: 'repository' }],
      [429, { kind: 'unavailable', failure: 'rate-limited', status: 429 }],
      [451, { kind: 'refused', status: 451 }],
      [500, { kind: 'unavailable', failure: 'server-error', status: 500 }],
      [502, { kind: 'unavailable', failure: 'bad-gateway', status: 502 }],
      [503, { kind: 'unavailable', failure: 'overloaded', status: 503 }],
      [504, { kind: 'unavailable', failure: 'gateway-timeout', status: 504 }],
    ])('%i', async (status, expected) => {
      answers(status)
      const remote = await bench.remote()
      expect(await remote.refs(url)).toMatchObject(expected)
      expect(await remote.fetchCommit(url, commit)).toMatchObject(expected)
    })

    it.each([
      [401, { kind: 'refused', status: 401 }],
      [403, { kind: 'refused', status: 403 }],
      [404, { kind: 'unavailable', failure: 'unexpected-status', status: 404 }],
      [500, { kind: 'unavailable', failure: 'server-error', status: 500 }],
      [302, { kind: 'unavailable', failure: 'redirect-refused', status: 302 }],
    ])('%i after the first request', async (status, expected) => {
      afterwards(1, (response) => response.writeHead(status, { location: `${server.origin}/other.git/git-upload-pack` }).end())
      expect(await (await bench.remote()).fetchCommit(url, commit)).toMatchObject(expected)
    })
  })

  describe('by what they send', () => {
    const adverts = 'application/x-git-upload-pack-advertisement'
    it.each([
      // git takes a page for an old server without refs: an empty repository.
      ['a page', 'text/html', '<html>log in</html>', 'not-git'],
      ['nothing', 'text/plain', '', 'not-git'],
      ['the refs of a dumb server', 'text/plain', `${'1'.repeat(40)}\trefs/heads/main\n`, 'not-git'],
      ['garbage', adverts, 'garbage', 'protocol-error'],
      ['garbage after a good start', adverts, '001e# service=git-upload-pack\n0000zzzz', 'protocol-error'],
      ['a start and no more', adverts, '001e# service=git-upload-pack\n0000', 'git-failed'],
      [
        'words of its own',
        adverts,
        `001e# service=git-upload-pack\n0000${packet('ERR disk on fire\u001b[31m\n')}`,
        'remote-error',
      ],
    ])('%s', async (_, type, body, failure) => {
      server.intercept((_request, response) => {
        response.writeHead(200, { 'content-type': type }).end(body)
        return true
      })
      const outcome = await (await bench.remote()).refs(url)
      expect(outcome).toMatchObject({ kind: 'unavailable', failure, host: new URL(server.origin).host })
      expect(outcome.kind === 'unavailable' && outcome.why).not.toMatch(/[\u0000-\u001f]/)
      const fetched = await (await bench.remote()).fetchCommit(url, commit)
      expect(fetched.kind).toBe('unavailable')
    })

    it('refs that are none', async () => {
      server.intercept(advertiseRefs(['zz refs/heads/main\n']))
      expect(await (await bench.remote()).refs(url)).toMatchObject({ kind: 'unavailable', failure: 'protocol-error' })
    })

    it('a pack that is none', async () => {
      afterwards(1, (response) =>
        response
          .writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
          .end(Buffer.concat([packet('packfile\n'), packet('\u0001PACKgarbagegarbagegarbage'), FLUSH])),
      )
      expect(await (await bench.remote()).fetchCommit(url, commit)).toMatchObject({ kind: 'unavailable' })
    })
  })

  describe('by how they end', () => {
    it('nobody listens', async () => {
      const gone = await serveGit(bench.served)
      await gone.close()
      const outcome = await (await bench.remote()).refs(`${gone.origin}/lib.git`)
      expect(outcome).toMatchObject({ kind: 'unavailable' })
      expect(outcome.kind === 'unavailable' && ['connect-failed', 'connection-refused']).toContain(
        outcome.kind === 'unavailable' ? outcome.failure : '',
      )
    })

    it('the name does not exist', async () => {
      const remote = await bench.remote({ policy: { http: 'any' } })
      const outcome = await remote.refs('http://no-such-host.invalid/lib.git')
      expect(outcome.kind === 'unavailable' && ['dns-not-found', 'dns-failed']).toContain(
        outcome.kind === 'unavailable' ? outcome.failure : '',
      )
    })

    it('closes before it answers', async () => {
      server.intercept((request) => request.socket.destroy() !== undefined)
      expect(await (await bench.remote()).refs(url)).toMatchObject({ kind: 'unavailable', failure: 'connection-reset' })
    })

    it('closes in the middle of the refs', async () => {
      server.intercept((request, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement', 'content-length': 1000 })
        response.write('001e# service=git-upload-pack\n')
        setTimeout(() => request.socket.destroy(), 20)
        return true
      })
      expect(await (await bench.remote()).refs(url)).toMatchObject({ kind: 'unavailable', failure: 'cut-off' })
    })

    it('closes in the middle of the pack', async () => {
      afterwards(1, (response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
        response.write(
          Buffer.concat([packet('packfile\n'), packet('\u0001PACK\u0000\u0000\u0000\u0002\u0000\u0000\u0000\u0003')]),
        )
        setTimeout(() => response.socket?.destroy(), 20)
      })
      expect(await (await bench.remote()).fetchCommit(url, commit)).toMatchObject({ kind: 'unavailable', failure: 'cut-off' })
    })

    it('says nothing', async () => {
      server.intercept(() => true)
      const remote = await bench.remote({ timeouts: { stalledMs: 1000 } })
      expect(await remote.refs(url)).toMatchObject({ kind: 'unavailable', failure: 'timeout-body' })
    })

    it('says nothing in the middle', async () => {
      afterwards(1, () => undefined)
      const remote = await bench.remote({ timeouts: { stalledMs: 1000 } })
      expect(await remote.fetchCommit(url, commit)).toMatchObject({ kind: 'unavailable', failure: 'timeout-body' })
    })

    it('speaks for ever', async () => {
      afterwards(1, (response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
        response.write(packet('packfile\n'))
        const timer = setInterval(() => response.write(packet('\u0002still at it\n')), 50)
        response.on('close', () => clearInterval(timer))
      })
      const started = performance.now()
      const remote = await bench.remote({ timeouts: { fetchMs: 1000 } })
      expect(await remote.fetchCommit(url, commit)).toMatchObject({ kind: 'unavailable', failure: 'timeout-total' })
      expect(performance.now() - started).toBeLessThan(8000 * PATIENCE)
    })

    it('is not waited for beyond the budget, nor asked after it', async () => {
      server.intercept(() => true)
      const remote = await bench.remote({ budgetMs: 700 })
      expect(await remote.refs(url)).toMatchObject({ kind: 'unavailable', failure: 'budget-spent' })
      const before = server.requests.length
      expect(await remote.fetchCommit(url, commit)).toMatchObject({ kind: 'unavailable', failure: 'budget-spent' })
      expect(server.requests).toHaveLength(before)
    })

    it('ends with the run', async () => {
      server.intercept(() => true)
      const run = new AbortController()
      const remote = await bench.remote({ signal: run.signal })
      const waiting = remote.refs(url)
      setTimeout(() => run.abort(), 200)
      expect(await waiting).toMatchObject({ kind: 'unavailable', failure: 'cancelled' })
      expect(await remote.refs(url)).toMatchObject({ kind: 'unavailable', failure: 'cancelled' })
    })

    it('is asked again after a failure, and once after an answer', async () => {
      const remote = await bench.remote()
      answers(503)
      expect(await remote.refs(url)).toMatchObject({ failure: 'overloaded' })
      server.intercept(undefined)
      expect(await remote.refs(url)).toMatchObject({ kind: 'ok' })
      const before = server.requests.length
      expect(await remote.refs(url)).toMatchObject({ kind: 'ok' })
      expect(server.requests).toHaveLength(before)
    })
  })

  describe('redirects', () => {
    const moves = (from: string, to: (path: string) => string, status = 301): void =>
      server.intercept((request, response) => {
        if (request.url?.startsWith(from) !== true) return false
        response.writeHead(status, { location: to(request.url.slice(from.length)) }).end()
        return true
      })

    it.each([301, 302, 303, 307, 308])('are followed with status %i, once for each URL', async (status) => {
      moves('/old.git', (rest) => `/lib.git${rest}`, status)
      const remote = await bench.remote()
      const old = `${server.origin}/old.git`
      expect(await remote.refs(old)).toMatchObject({ kind: 'ok', redirects: 1, url })
      const before = server.requests.length
      expect(await remote.fetchCommit(old, commit)).toMatchObject({ kind: 'ok', redirects: 1, url })
      expect(server.requests.slice(before).filter((line) => line.includes('/old.git'))).toEqual([])
    })

    it.each([
      ['to what is no repository', () => `${server.origin}/login`, 'redirect-refused'],
      ['to a host that is not allowed', (rest: string) => `https://elsewhere.example/lib.git${rest}`, 'redirect-refused'],
      ['to a file', (rest: string) => `file://${bench.served}/lib.git${rest}`, 'redirect-refused'],
      ['to a command', () => 'ext::sh -c "touch ran"', 'redirect-refused'],
      ['to an option', () => '--upload-pack=touch', 'redirect-refused'],
      ['in a circle', (rest: string) => `${server.origin}/old.git${rest}`, 'too-many-redirects'],
    ])('are not followed %s', async (_, to, failure) => {
      moves('/old.git', to)
      const remote = await bench.remote({ policy: { http: 'loopback', allowHosts: ['127.0.0.1'] } })
      expect(await remote.refs(`${server.origin}/old.git`)).toMatchObject({ kind: 'unavailable', failure })
    })

    it('take credentials to the same origin alone', async () => {
      const other = await serveGit(bench.served)
      const mine = `http://user:${PASSWORD}@${new URL(server.origin).host}`
      try {
        moves('/old.git', (rest) => `${other.origin}/lib.git${rest}`)
        expect(await (await bench.remote()).refs(`${mine}/old.git`)).toMatchObject({ kind: 'ok', redirects: 1 })
        expect(other.headers.map((headers) => headers.authorization)).toEqual([undefined, undefined])
        moves('/old.git', (rest) => `/lib.git${rest}`)
        const before = server.headers.length
        expect(await (await bench.remote()).refs(`${mine}/old.git`)).toMatchObject({ kind: 'ok' })
        expect(new Set(server.headers.slice(before).map((headers) => headers.authorization))).toEqual(
          new Set([basicAuthorization('user', PASSWORD).reveal()]),
        )
      } finally {
        await other.close()
      }
    })
  })

  describe('credentials', () => {
    const wanted = basicAuthorization('user', PASSWORD).reveal()
    const guard = (): void =>
      server.intercept((request, response) => {
        if (request.headers.authorization === wanted) return false
        request.resume()
        response.writeHead(401, { 'www-authenticate': `Basic realm="${PASSWORD}"` }).end(PASSWORD)
        return true
      })

    it('of the URL are used and never shown', async () => {
      guard()
      const host = new URL(server.origin).host
      const remote = await bench.remote()
      const outcome = await remote.fetchCommit(`http://user:${PASSWORD}@${host}/lib.git`, commit)
      expect(outcome).toMatchObject({ kind: 'ok', url })
      expect(outcome.kind === 'ok' && JSON.stringify([outcome.url, outcome.fetched.url])).not.toContain('user')
      for (const wrong of [`http://user:${PASSWORD}x@${host}/lib.git`, `http://user:${PASSWORD}x@${host}:1/lib.git`]) {
        const refused = await remote.refs(wrong)
        expect(refused.kind).not.toBe('ok')
        expect(JSON.stringify(refused)).not.toContain(PASSWORD)
      }
      expect(await remote.refs(`http://user:x@${host}/lib.git`)).toMatchObject({
        kind: 'refused',
        authenticated: true,
        status: 401,
      })
      expect(await remote.refs(url)).toMatchObject({ kind: 'refused', authenticated: false })
    })

    it('of the configuration go where they belong', async () => {
      guard()
      const credentials: GitRemoteOptions['credentials'] = [
        { scope: { kind: 'url', url }, authorization: basicAuthorization('user', PASSWORD) },
      ]
      const remote = await bench.remote({ credentials })
      expect(await remote.refs(url)).toMatchObject({ kind: 'ok' })
      expect(await remote.refs(`${server.origin}/other.git`)).toMatchObject({ kind: 'refused', authenticated: false })
    })

    it('are masked in what a server says', async () => {
      server.intercept((_request, response) => {
        const words = packet(`ERR no http://user:${PASSWORD}@host/ here, ${PASSWORD}\n`)
        response
          .writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
          .end(Buffer.concat([packet('# service=git-upload-pack\n'), FLUSH, words]))
        return true
      })
      const outcome = await (await bench.remote()).refs(`http://user:${PASSWORD}@${new URL(server.origin).host}/lib.git`)
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'remote-error' })
      expect(JSON.stringify(outcome)).not.toContain(PASSWORD)
    })
  })

  describe('TLS and proxies', () => {
    const trusting = async (env: Record<string, string> = {}): Promise<GitRemoteOptions['environment']> => ({
      ...(await httpEnvironment(env)),
      authorities: { trusted: [AUTHORITY.cert], problems: [] },
    })

    it('a private authority is trusted when it is named', async () => {
      const secure = await https(gitBackend(bench.served))
      const remote = await bench.remote({ environment: await trusting() })
      expect(await remote.fetchCommit(`${secure.origin}/lib.git`, commit)).toMatchObject({ kind: 'ok' })
    })

    it.each([
      ['an unknown authority', LOCALHOST, false],
      ['its own signature', certificate({ hosts: ['127.0.0.1'] }), true],
      ['another host', certificate({ hosts: ['other.example'], by: AUTHORITY }), true],
      ['an expired one', certificate({ hosts: ['127.0.0.1'], by: AUTHORITY, from: new Date(0), until: new Date(1e12) }), true],
    ])('a certificate with %s is refused', async (_, certified, trusts) => {
      const secure = await https(gitBackend(bench.served), certified)
      const remote = await bench.remote(trusts ? { environment: await trusting() } : {})
      const outcome = await remote.refs(`${secure.origin}/lib.git`)
      // Which of the reasons is told differs with the TLS library that git is built with.
      expect(outcome.kind === 'unavailable' ? outcome.failure : outcome.kind).toMatch(/^tls-/)
      expect(secure.seen).toEqual([])
    })

    it('a server that speaks no TLS', async () => {
      const outcome = await (await bench.remote()).refs(url.replace('http:', 'https:'))
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'tls-handshake' })
    })

    it('the proxy of the surroundings is used, with its credentials', async () => {
      const secure = await https(gitBackend(bench.served))
      const authorization = basicAuthorization('me', 'p@ss:wörd').reveal()
      const way = await proxy({ authorization, ports: new Map([['registry.example:443', secure.port]]) })
      const environment = await trusting({ HTTPS_PROXY: `http://me:${encodeURIComponent('p@ss:wörd')}@127.0.0.1:${way.port}` })
      const remote = await bench.remote({ environment })
      expect(await remote.fetchCommit('https://registry.example/lib.git', commit)).toMatchObject({ kind: 'ok' })
      expect(way.seen.every(({ method }) => method === 'CONNECT')).toBe(true)
    })

    it.each([
      ['wants credentials', { authorization: 'Basic x' }, 'proxy-needs-credentials'],
      ['refuses', { refuseWith: 403 }, 'proxy-refused'],
    ])('a proxy that %s', async (_, wish, failure) => {
      const way = await proxy(wish)
      const remote = await bench.remote({ environment: await trusting({ HTTPS_PROXY: way.origin }) })
      expect(await remote.refs('https://registry.example/lib.git')).toMatchObject({ kind: 'unavailable', failure })
    })

    it('a proxy that is not there, and one that is no URL', async () => {
      const way = await proxy()
      way.stop()
      const gone = await bench.remote({ environment: await trusting({ HTTPS_PROXY: way.origin }) })
      expect(await gone.refs('https://registry.example/lib.git')).toMatchObject({ failure: 'proxy-unreachable' })
      const none = await bench.remote({ environment: await trusting({ HTTPS_PROXY: 'socks5://127.0.0.1:1' }) })
      expect(await none.refs('https://registry.example/lib.git')).toMatchObject({ failure: 'proxy-invalid' })
    })
  })

  it('runs only so many at a time', async () => {
    let open = 0
    let most = 0
    server.intercept((request, response) => {
      if (request.method !== 'GET') return false
      open += 1
      most = Math.max(most, open)
      response.on('close', () => {
        open -= 1
      })
      setTimeout(() => response.writeHead(503).end(), 150)
      return true
    })
    const remote = await bench.remote({ limits: { atOnce: 2 } })
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map((n) => remote.refs(`${server.origin}/${n}.git`)))
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array(5).fill('unavailable'))
    expect(most).toBe(2)
  })
})
