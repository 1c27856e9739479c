import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificatesOf } from '../../../src/evidence/http/authorities.js'
import { httpEnvironment } from '../../../src/evidence/http/environment.js'
import { chooseProxy, ProxyBypass, proxySettings } from '../../../src/evidence/http/proxy.js'
import { AUTHORITY, certificate } from './support/certificates.js'
import { testClient } from './support/clients.js'
import { http, http2, https, proxy } from './support/servers.js'

describe('NO_PROXY', () => {
  it.each([
    ['', 'https://a.example/', false],
    ['*', 'https://a.example/', true],
    ['a.example', 'https://a.example/', true],
    ['a.example', 'https://b.a.example/', true],
    ['a.example', 'https://nota.example/', false],
    ['.a.example', 'https://b.a.example/', true],
    ['.a.example', 'https://a.example/', false],
    ['*.a.example', 'https://b.a.example/', true],
    ['A.Example', 'https://a.example/', true],
    ['a.example:8443', 'https://a.example:8443/', true],
    ['a.example:8443', 'https://a.example/', false],
    ['a.example:443', 'https://a.example/', true],
    ['10.0.0.0/8', 'https://10.9.8.7/', true],
    ['10.0.0.0/8', 'https://11.9.8.7/', false],
    ['10.0.0.0/33', 'https://10.9.8.7/', false],
    ['10.9.8.7', 'https://10.9.8.7/', true],
    ['10.9.8.7:80', 'https://10.9.8.7/', false],
    ['fd00::/8', 'https://[fd00::1]/', true],
    ['[fd00::1]:443', 'https://[fd00::1]/', true],
    ['x.example, ,a.example y.example', 'https://a.example/', true],
    ['a.example', 'https://a.example./', true],
  ])('%s and %s: %s', (list, url, holds) => {
    expect(new ProxyBypass(list).holds(new URL(url))).toBe(holds)
  })
})

describe('the proxy of a URL', () => {
  const choose = (url: string, env: Record<string, string>): string => {
    const choice = chooseProxy(new URL(url), proxySettings(env))
    return choice.kind === 'proxy' ? `${choice.proxy.url.href} ${choice.proxy.authorization?.reveal() ?? 'none'}` : choice.kind
  }
  it.each<[string, Record<string, string>, string]>([
    ['https://a.example/', {}, 'direct'],
    ['https://a.example/', { HTTPS_PROXY: 'http://p.example:3128' }, 'http://p.example:3128/ none'],
    ['https://a.example/', { HTTPS_PROXY: 'p.example:3128' }, 'http://p.example:3128/ none'],
    ['https://a.example/', { HTTPS_PROXY: 'http://x', https_proxy: 'https://p.example' }, 'https://p.example/ none'],
    ['https://a.example/', { HTTP_PROXY: 'http://p.example' }, 'direct'],
    ['http://a.example/', { HTTP_PROXY: 'http://p.example' }, 'http://p.example/ none'],
    ['http://a.example/', { HTTP_PROXY: 'http://p.example', REQUEST_METHOD: 'GET' }, 'direct'],
    [
      'https://a.example/',
      { HTTPS_PROXY: 'http://u:p%40ss@p.example' },
      `http://p.example/ Basic ${Buffer.from('u:p@ss').toString('base64')}`,
    ],
    ['https://a.example/', { HTTPS_PROXY: 'socks5://p.example' }, 'invalid'],
    ['https://a.example/', { HTTPS_PROXY: 'http://[x' }, 'invalid'],
    ['https://localhost/', { HTTPS_PROXY: 'http://p.example' }, 'direct'],
    ['https://a.example/', { HTTPS_PROXY: 'http://p.example', NO_PROXY: 'a.example' }, 'direct'],
    [
      'https://a.example/',
      { HTTPS_PROXY: 'http://p.example', NO_PROXY: 'a.example', no_proxy: 'b.example' },
      'http://p.example/ none',
    ],
    ['https://a.example/', { HTTPS_PROXY: ' ' }, 'direct'],
  ])('%s with %o: %s', (url, env, expected) => {
    expect(choose(url, env)).toBe(expected)
  })

  it('is a tunnel for https, with credentials for the proxy and none of them for the server', async () => {
    const server = await https((request, response) => response.end(request.headers['proxy-authorization'] ?? 'none'))
    const between = await proxy({
      authorization: `Basic ${Buffer.from('me:pr0xy-pass').toString('base64')}`,
      ports: new Map([['registry.example:443', server.port]]),
    })
    const environment = await httpEnvironment({ https_proxy: between.origin.replace('//', '//me:pr0xy-pass@') })
    const client = testClient({ environment, limits: { perHost: 3 } })
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, i) => client.getText(`https://registry.example/${i}`)))
    expect(new Set(outcomes.map((outcome) => (outcome.kind === 'ok' ? outcome.text : outcome)))).toEqual(new Set(['none']))
    expect(new Set(between.seen.map(({ method, url }) => `${method} ${url}`))).toEqual(new Set(['CONNECT registry.example:443']))
    expect(between.seen.length).toBeLessThanOrEqual(4)
  })

  it('carries HTTP/2 inside the tunnel', async () => {
    const server = await http2((path, response) => {
      response.writeHead(200, { 'content-length': `${path.length}` })
      response.end(path)
    })
    const between = await proxy({ ports: new Map([['registry.example:443', server.port]]) })
    const client = testClient({ environment: await httpEnvironment({ https_proxy: between.origin }) })
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, i) => client.getText(`https://registry.example/${i}`)))
    expect(outcomes.every((outcome) => outcome.kind === 'ok')).toBe(true)
    expect(between.seen.length).toBeLessThanOrEqual(2)
  })

  it('shows what is wrong with the server behind it under the same names', async () => {
    const server = await https((_, response) => response.end('x'), certificate({ hosts: ['other.example'], by: AUTHORITY }))
    const between = await proxy({ ports: new Map([['registry.example:443', server.port]]) })
    const client = testClient({ environment: await httpEnvironment({ https_proxy: between.origin }) })
    expect(await client.get('https://registry.example/')).toMatchObject({ failure: 'tls-wrong-host' })
  })

  it('gets plain http as it is, with the whole URL', async () => {
    const server = await http((request, response) => response.end(`${request.headers.host} ${request.url}`))
    const between = await proxy({
      authorization: `Basic ${Buffer.from('me:p').toString('base64')}`,
      ports: new Map([['registry.example', server.port]]),
    })
    const environment = await httpEnvironment({ http_proxy: between.origin.replace('//', '//me:p@') })
    const client = testClient({ environment, policy: { http: 'any' } })
    expect(await client.getText('http://registry.example/a?b=c')).toMatchObject({ kind: 'ok', text: 'registry.example /a?b=c' })
    expect(between.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET http://registry.example/a?b=c'])
  })
})

describe('authorities', () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'assay-authorities-'))
    onTestFinished(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('%s is trusted beside the built-in ones', async (name) => {
    const file = join(folder(), 'ca.pem')
    const unrelated = certificate({ name: 'Another Authority' })
    writeFileSync(file, `# our authorities\n${unrelated.cert}\n${AUTHORITY.cert}`)
    const environment = await httpEnvironment({ [name]: file })
    expect(environment.authorities.problems).toEqual([])
    expect(environment.authorities.trusted?.length).toBeGreaterThan(50)
    const server = await https((_, response) => response.end('x'))
    expect(await testClient({ environment, extraAuthorities: [] }).get(server.origin)).toMatchObject({ kind: 'ok' })
  })

  it('says what is wrong with the files, and uses what can be read', async () => {
    const path = folder()
    const [damaged, empty] = [join(path, 'damaged.pem'), join(path, 'empty.pem')]
    writeFileSync(
      damaged,
      `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${AUTHORITY.cert}-----BEGIN CERTIFICATE-----\nMII`,
    )
    writeFileSync(empty, 'nothing')
    const mixed = await httpEnvironment({ SSL_CERT_FILE: damaged, NODE_EXTRA_CA_CERTS: join(path, 'none.pem') })
    expect(mixed.authorities.problems).toEqual([
      'SSL_CERT_FILE: 2 certificate(s) of the file cannot be read',
      'NODE_EXTRA_CA_CERTS: the file it names cannot be read (ENOENT); its authorities are not trusted',
    ])
    expect(mixed.authorities.trusted).toContain(AUTHORITY.cert)
    const none = await httpEnvironment({ SSL_CERT_FILE: empty })
    expect(none.authorities).toEqual({ problems: ['SSL_CERT_FILE: the file it names holds no certificate in PEM form'] })
    expect(certificatesOf(`-----BEGIN TRUSTED CERTIFICATE-----\nx`)).toEqual({ certificates: [], unreadable: 1 })
  })
})
