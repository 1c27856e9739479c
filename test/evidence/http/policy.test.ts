import { describe, expect, it } from 'vitest'
import { checkRedirect, checkUrl, type UrlPolicy } from '../../../src/evidence/http/url-policy.js'
import { testClient } from './support/clients.js'
import { type Answer, http, https } from './support/servers.js'

describe('which URLs are asked', () => {
  it.each<[string, UrlPolicy, string]>([
    ['https://r.example/x', {}, 'ok'],
    ['http://r.example/x', {}, 'scheme-not-allowed'],
    ['http://r.example/x', { http: 'any' }, 'ok'],
    ['http://r.example:5000/x', { plainHttp: ['other.example', 'R.example:5000'] }, 'ok'],
    ['http://r.example/x', { plainHttp: ['r.example:80'] }, 'ok'],
    ['http://r.example/x', { plainHttp: ['r.example'], http: 'never' }, 'ok'],
    ['http://r.example:5001/x', { plainHttp: ['r.example:5000', 'r.example', ''] }, 'scheme-not-allowed'],
    ['http://a.r.example/x', { plainHttp: ['r.example'] }, 'scheme-not-allowed'],
    ['http://127.0.0.1:80/x', {}, 'ok'],
    ['http://127.9.9.9/x', {}, 'ok'],
    ['http://[::1]/x', {}, 'ok'],
    ['http://LOCALHOST/x', {}, 'ok'],
    ['http://a.localhost/x', {}, 'ok'],
    ['http://127.0.0.1.evil.example/x', {}, 'scheme-not-allowed'],
    ['http://localhost.evil.example/x', {}, 'scheme-not-allowed'],
    ['http://127.0.0.1/x', { http: 'never' }, 'scheme-not-allowed'],
    ['file:///etc/hosts', {}, 'scheme-not-allowed'],
    ['file:///etc/hosts', { file: true }, 'ok'],
    ['ftp://r.example/x', { http: 'any' }, 'scheme-not-allowed'],
    ['data:text/plain,x', {}, 'scheme-not-allowed'],
    ['javascript:1', {}, 'scheme-not-allowed'],
    ['//r.example/x', {}, 'bad-url'],
    ['https://', {}, 'bad-url'],
    [`https://r.example/${'x'.repeat(9000)}`, {}, 'bad-url'],
    ['https://r.example/x', { allowHosts: ['other.example', 'R.example'] }, 'ok'],
    ['https://a.r.example/x', { allowHosts: ['r.example'] }, 'host-not-allowed'],
    ['https://a.r.example/x', { allowHosts: ['*.r.example'] }, 'ok'],
    ['https://r.example/x', { allowHosts: ['*.r.example'] }, 'host-not-allowed'],
    ['https://evilr.example/x', { allowHosts: ['*.r.example'] }, 'host-not-allowed'],
    ['https://r.example/x', { allowHosts: [] }, 'host-not-allowed'],
  ])('%s with %o: %s', (url, policy, expected) => {
    const checked = checkUrl(url, policy)
    expect(checked.ok ? 'ok' : checked.failure).toBe(expected)
  })

  it('says so without a request', async () => {
    const server = await http((_, response) => response.end('x'))
    const client = testClient({ policy: { allowHosts: ['r.example'] } })
    expect(await client.get(server.origin)).toMatchObject({ kind: 'unavailable', failure: 'host-not-allowed', attempts: 0 })
    expect(await client.get('no url')).toMatchObject({ failure: 'bad-url', why: 'the text given is not a URL that can be asked' })
    expect(server.connections()).toBe(0)
  })
})

describe('redirects', () => {
  it.each<[string, string, UrlPolicy, string | false]>([
    ['https://a.example/x', '/y', {}, 'https://a.example/y'],
    ['https://a.example/x', '//b.example/y', {}, 'https://b.example/y'],
    ['https://a.example/x', 'https://b.example/', { allowHosts: ['a.example'] }, false],
    ['https://a.example/x', 'http://a.example/x', { http: 'any' }, false],
    ['https://a.example/x', 'http://127.0.0.1/x', {}, false],
    ['http://a.example/x', 'http://b.example/x', { http: 'any' }, 'http://b.example/x'],
    ['http://a.example/x', 'https://a.example/x', { http: 'any' }, 'https://a.example/x'],
    ['https://a.example/x', 'file:///etc/hosts', { file: true }, false],
    ['https://a.example/x', 'https://10.1.2.3/', {}, false],
    ['https://a.example/x', 'https://169.254.169.254/latest', {}, false],
    ['https://a.example/x', 'https://[fd00::1]/', {}, false],
    ['https://a.example/x', 'https://localhost/', {}, false],
    ['https://10.0.0.1/x', 'https://10.0.0.2/', {}, 'https://10.0.0.2/'],
    ['https://a.example/x', 'https://8.8.8.8/', {}, 'https://8.8.8.8/'],
    ['https://a.example/x', 'http://[bad', {}, false],
  ])('from %s to %s with %o: %s', (from, to, policy, expected) => {
    const checked = checkRedirect(new URL(from), to, policy)
    expect(checked.ok ? checked.url.href : checked.failure).toBe(expected === false ? 'redirect-refused' : expected)
  })

  const to =
    (next: (path: string) => string | undefined): Answer =>
    (request, response) => {
      const location = next(request.url ?? '')
      if (location === undefined) response.end(request.url)
      else response.writeHead(307, { location }).end()
    }

  it('are followed within the count, each hop with its own body limits and the last URL told', async () => {
    const server = await http(to((path) => (path === '/5' ? undefined : `/${Number(path.slice(1)) + 1}`)))
    expect(await testClient().getText(`${server.origin}/0`)).toMatchObject({
      kind: 'ok',
      text: '/5',
      redirects: 5,
      url: `${server.origin}/5`,
    })
    expect(await testClient({ limits: { redirects: 4 } }).get(`${server.origin}/0`)).toMatchObject({
      failure: 'too-many-redirects',
      attempts: 1,
    })
  })

  it('in a circle are told at once', async () => {
    const server = await http(to((path) => (path === '/a' ? '/b' : '/a')))
    expect(await testClient().get(`${server.origin}/a`)).toMatchObject({ failure: 'too-many-redirects' })
    expect(server.seen).toHaveLength(2)
  })

  it('from https to http are refused, and nothing is sent there', async () => {
    const plain = await http((_, response) => response.end('x'))
    const server = await https(to(() => plain.origin))
    expect(await testClient().get(server.origin)).toMatchObject({
      failure: 'redirect-refused',
      why: expect.stringContaining('from https: to http:'),
    })
    expect(plain.connections()).toBe(0)
  })

  it('are begun anew with another try', async () => {
    let tries = 0
    const server = await http((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: `/b?try=${++tries}` }).end()
      else response.writeHead(tries < 2 ? 503 : 200).end('x')
    })
    expect(await testClient().get(`${server.origin}/a`)).toMatchObject({ kind: 'ok', url: `${server.origin}/b?try=2` })
  })
})
