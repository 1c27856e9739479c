import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cargoToken, parseCargoCredentials, readCargoCredentials } from '../../../src/evidence/http/cargo-credentials.js'
import { createHttpClient } from '../../../src/evidence/http/client.js'
import { type Credential, credentialFor } from '../../../src/evidence/http/credentials.js'
import { httpEnvironment } from '../../../src/evidence/http/environment.js'
import { parseGoAuth } from '../../../src/evidence/http/go-auth.js'
import { netrcPaths, parseNetrc, readNetrc } from '../../../src/evidence/http/netrc.js'
import { displayUrl, Redactor } from '../../../src/evidence/http/redact.js'
import { basicAuthorization, fitsHeader, Secret } from '../../../src/evidence/http/secret.js'
import { AUTHORITY } from './support/certificates.js'
import { testClient } from './support/clients.js'
import { type Answer, http, https } from './support/servers.js'

const TOKEN = 'cio-s3cr3t-token'
const forOrigin = (url: string, token = TOKEN): Credential => ({ scope: { kind: 'url', url }, authorization: new Secret(token) })
const sent = (server: {
  readonly seen: readonly { readonly headers: { readonly authorization?: string | undefined } }[]
}): readonly (string | undefined)[] => server.seen.map(({ headers }) => headers.authorization)

/** Lets in who has the token. */
const guarded: Answer = (request, response) =>
  request.headers.authorization === TOKEN ? response.end('in') : response.writeHead(401, { 'www-authenticate': 'Cargo' }).end()

describe('where a credential goes', () => {
  it('to its server, only after it asked; at once or never where the caller says so', async () => {
    const server = await https(guarded)
    const client = testClient({ credentials: [forOrigin(server.origin)] })
    expect(await client.get(server.origin)).toMatchObject({ kind: 'ok' })
    expect(await client.get(server.origin, { auth: 'always' })).toMatchObject({ kind: 'ok' })
    expect(await client.get(server.origin, { auth: 'never' })).toMatchObject({
      kind: 'refused',
      status: 401,
      authenticated: false,
    })
    expect(sent(server)).toEqual([undefined, TOKEN, TOKEN, undefined])
  })

  it('once: a server that still says no is believed', async () => {
    const server = await https((_, response) => response.writeHead(401).end())
    const client = testClient({ credentials: [forOrigin(server.origin)] })
    expect(await client.get(server.origin)).toMatchObject({ kind: 'refused', status: 401, authenticated: true })
    expect(sent(server)).toEqual([undefined, TOKEN])
  })

  it('to no other server, not even one that a redirect names and that has its own', async () => {
    const other = await https((_, response) => response.end('other'))
    const server = await https((_, response) =>
      response.writeHead(302, { location: `${other.origin}/signed?X-Amz-Signature=abcdef` }).end(),
    )
    const client = testClient({ credentials: [forOrigin(server.origin), forOrigin(other.origin, 'another-s3cr3t')] })
    const outcome = await client.get(server.origin, { auth: 'always' })
    expect(outcome).toMatchObject({ kind: 'ok', redirects: 1, url: `${other.origin}/signed?X-Amz-Signature=secret` })
    expect([sent(server), sent(other)]).toEqual([[TOKEN], [undefined]])
  })

  it('not back home after a detour', async () => {
    const other = await https((_, response) => response.writeHead(302, { location: `${home.origin}/end` }).end())
    const home = await https((request, response) =>
      request.url === '/end' ? response.end('x') : response.writeHead(302, { location: other.origin }).end(),
    )
    const client = testClient({ credentials: [forOrigin(home.origin)] })
    expect(await client.get(`${home.origin}/start`, { auth: 'always' })).toMatchObject({ kind: 'ok', redirects: 2 })
    expect(sent(home)).toEqual([TOKEN, undefined])
  })

  it('out of a URL, as Basic, and not into what is shown', async () => {
    const basic = `Basic ${Buffer.from('u ser:p@ss').toString('base64')}`
    const server = await https((request, response) =>
      response.writeHead(request.headers.authorization === basic ? 200 : 500).end(),
    )
    const url = `https://u%20ser:p%40ss@${new URL(server.origin).host}/x`
    expect(await testClient().get(url)).toMatchObject({ kind: 'ok', url: `${server.origin}/x` })
  })

  it.each([
    ['https://r.example/index/a', 'https://r.example/index', true],
    ['https://r.example/index/a', 'https://r.example/index/', true],
    ['https://r.example/index', 'https://r.example/index', true],
    ['https://r.example/indexes', 'https://r.example/index', false],
    ['https://r.example/', 'https://r.example/index', false],
    ['https://r.example/index/../other', 'https://r.example/index', false],
    ['https://r.example:8443/index/a', 'https://r.example/index', false],
    ['http://r.example/index/a', 'http://r.example/index', false],
    ['http://127.0.0.1:1/index/a', 'http://127.0.0.1:1/index', true],
    ['https://r.example.evil.example/index/a', 'https://r.example/index', false],
    ['https://r.example/index/a', 'no url', false],
  ])('%s with the scope %s: %s', (url, scope, belongs) => {
    expect(credentialFor(new URL(url), [forOrigin(scope)]) !== undefined).toBe(belongs)
  })

  it('to the longest scope, and to a host only over https', () => {
    const whole: Credential = { scope: { kind: 'host', host: 'R.example' }, authorization: new Secret('whole') }
    const part = forOrigin('https://r.example/a', 'part')
    const revealed = (url: string): string | undefined => credentialFor(new URL(url), [whole, part])?.reveal()
    expect(
      ['https://r.example/a/b', 'https://r.example:444/x', 'http://r.example/a', 'https://x.r.example/'].map(revealed),
    ).toEqual(['part', 'whole', undefined, undefined])
  })
})

describe('secrets stay secret', () => {
  const secrets = [
    'cio-s3cr3t-token',
    'hunter2-proxy',
    'hunter3-proxy',
    'url-passw0rd',
    Buffer.from('user:url-passw0rd').toString('base64'),
  ]

  it('in every outcome, whatever a server says back, and in the client itself', async () => {
    const echo: Answer = (request, response) => {
      const status = Number(request.url?.slice(1, 4)) || 404
      const words = `you sent ${request.headers.authorization} ${secrets.join(' ')}`
      response.writeHead(status, { 'content-type': 'text/plain', 'www-authenticate': words, location: `/${words}` }).end(words)
    }
    const server = await https(echo)
    const environment = await httpEnvironment({ https_proxy: 'http://me:hunter3-proxy@proxy.invalid', no_proxy: '127.0.0.1' })
    const client = createHttpClient({
      environment,
      extraAuthorities: [AUTHORITY.cert],
      retry: { attempts: 1 },
      credentials: [
        forOrigin(server.origin),
        { scope: { kind: 'host', host: 'x' }, authorization: basicAuthorization('u', 'hunter2-proxy') },
      ],
    })
    const host = new URL(server.origin).host
    const urls = [401, 403, 404, 410, 429, 451, 500, 302, 400, 304].map(
      (status) => `https://user:url-passw0rd@${host}/${status}?token=cio-s3cr3t-token#url-passw0rd`,
    )
    urls.push(
      `https://user:url-passw0rd@nowhere.invalid/`,
      `ftp://user:url-passw0rd@${host}/`,
      'https://user:url-passw0rd@[bad/',
      `http://user:url-passw0rd@registry.example/`,
    )
    const outcomes = await Promise.all(urls.flatMap((url) => [client.get(url, { auth: 'always' }), client.getJson(url)]))
    expect(outcomes).toHaveLength(28)
    const shown = [
      JSON.stringify(outcomes),
      inspect(outcomes, { depth: 9 }),
      inspect(client, { depth: 9, showHidden: true }),
      ...outcomes.map(String),
    ].join('\n')
    for (const secret of secrets) expect(shown).not.toContain(secret)
    await client.close()
    expect(shown).toContain('you sent [secret] [secret]')
  })

  it('no half of one is left where a text is cut, or one begins like another', () => {
    const redactor = new Redactor([new Secret('abcd'), new Secret('abcdefgh'), new Secret('a/b c+d')])
    expect(redactor.clean('abcdefgh abcd a%2Fb%20c%2Bd')).toBe('[secret] [secret] [secret]')
    for (let padding = 0; padding < 1000; padding += 1) {
      expect(redactor.quote(`${' '.repeat(padding)}abcdefgh`)).not.toContain('abc')
      expect(redactor.quote(`${'x'.repeat(padding)}abcdefgh`)).not.toContain('abc')
    }
  })

  it('in every way of printing one', () => {
    const secret = new Secret('s3cr3t', ['part'])
    for (const text of [`${secret}`, String(secret), JSON.stringify({ secret }), inspect({ secret }, { showHidden: true })]) {
      expect(text).toContain('[secret]')
      expect(text).not.toContain('s3cr3t')
    }
    expect(secret.reveal()).toBe('s3cr3t')
  })

  it.each([
    ['https://u:p@r.example/a#f', 'https://r.example/a'],
    [
      'https://r.example/a?sig=1&v=2&X-Amz-Credential=3&access_token=4',
      'https://r.example/a?sig=secret&v=2&X-Amz-Credential=secret&access_token=secret',
    ],
    ['https://u:p@[bad/x?token=1', 'https://[bad/x'],
    ['u:p@host:path', 'host:path'],
    ['sparse+https://u:p@r.example/', 'sparse+https://r.example/'],
  ])('a URL is shown without them: %s', (url, shown) => {
    expect(displayUrl(url)).toBe(shown)
  })

  it('a credential that would break out of its header is not sent', async () => {
    for (const value of ['a\r\nx: y', 'a\nb', 'ä', '', ' a', 'a\0']) expect(fitsHeader(value)).toBe(false)
    const server = await http((request, response) =>
      response.writeHead(request.headers.authorization === undefined ? 401 : 200).end(),
    )
    const client = testClient({ credentials: [forOrigin(server.origin, 'a\r\nx: y')] })
    expect(await client.get(server.origin, { auth: 'always' })).toMatchObject({ kind: 'refused', authenticated: false })
  })
})

describe('the places of the ecosystems', () => {
  it('netrc: any layout, first entry of a host, no default, no macros, passwords that look like words of the file', () => {
    const text = `# comment machine no.example login a password b
machine one.example login u1 password p1
machine two.example
\tlogin u2
\taccount x
\tpassword machine
macdef init
machine macro.example login m password m

machine one.example login again password again
machine half.example login only
machine Three.example password #3 login u3
default login d password d
machine after.example login u4 password p4`
    const entries = parseNetrc(text)
    expect(
      entries.map(({ scope, authorization }) => [
        scope.kind === 'host' && scope.host,
        Buffer.from(authorization.reveal().slice(6), 'base64').toString(),
      ]),
    ).toEqual([
      ['one.example', 'u1:p1'],
      ['two.example', 'u2:machine'],
      ['three.example', 'u3:#3'],
      ['after.example', 'u4:p4'],
    ])
    expect(parseNetrc('')).toEqual([])
  })

  it('netrc: any text is read, and only hosts that stand in it get something', () => {
    const word = fc.constantFrom(
      'machine',
      'login',
      'password',
      'default',
      'macdef',
      'account',
      '#',
      '\n',
      '\n\n',
      ' ',
      'a',
      'ä',
      'h.example',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const text = words.join(' ')
        for (const { scope, authorization } of parseNetrc(text)) {
          expect(scope.kind === 'host' && text.includes(scope.host)).toBe(true)
          expect(fitsHeader(authorization.reveal())).toBe(true)
        }
      }),
    )
  })

  it('netrc: where the file is', () => {
    expect(netrcPaths({}, '/home/me', false)).toEqual(['/home/me/.netrc'])
    expect(netrcPaths({ NETRC: '/x' }, '/home/me', false)).toEqual(['/x'])
    expect(netrcPaths({ NETRC: '' }, 'C:\\me', true)).toEqual(['C:\\me\\_netrc', 'C:\\me\\.netrc'])
  })

  it.each([
    [undefined, { netrc: true, notFollowed: [] }],
    ['', { netrc: true, notFollowed: [] }],
    ['netrc', { netrc: true, notFollowed: [] }],
    ['off', { netrc: false, notFollowed: [] }],
    ['git /home/me/secret-dir; netrc', { netrc: true, notFollowed: ['git'] }],
    ['/bin/helper --token=s3cr3t', { netrc: false, notFollowed: ['a command'] }],
  ])('GOAUTH=%s runs nothing', (value, expected) => {
    expect(parseGoAuth(value)).toEqual(expected)
  })

  it('cargo: the variables first, the file where it is given, each registry its own', () => {
    const file = parseCargoCredentials(
      '[registry]\ntoken = "public"\n[registries.my-corp]\ntoken = "Bearer corp"\n[registries.bad]\ntoken = "a\\nb"\n[registries.__proto__]\ntoken = "proto"\n[registries.none]\n',
    )
    const env = { CARGO_REGISTRIES_MY_CORP_TOKEN: 'from-env', CARGO_REGISTRY_TOKEN: 'public-env' }
    expect(cargoToken('my-corp', env, file)?.reveal()).toBe('from-env')
    expect(cargoToken('my-corp', {}, file)?.reveal()).toBe('Bearer corp')
    expect(cargoToken('my-corp', {}, file)?.texts()).toEqual(['Bearer corp', 'corp'])
    expect(cargoToken('crates-io', env, file)?.reveal()).toBe('public-env')
    expect(cargoToken('crates-io', {}, file)?.reveal()).toBe('public')
    expect(cargoToken('__proto__', {}, file)?.reveal()).toBe('proto')
    for (const name of ['bad', 'none', 'other', 'constructor']) expect(cargoToken(name, env, file)).toBeUndefined()
    expect(parseCargoCredentials('token = ')).toEqual(new Map())
  })

  it('files: the first that exists, and a word about one that cannot be read', async () => {
    const home = mkdtempSync(join(tmpdir(), 'assay-credentials-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    expect(await readNetrc([join(home, 'none')])).toEqual({ credentials: [] })
    expect(await readNetrc([home])).toEqual({
      credentials: [],
      problem: 'the netrc file cannot be read (it is not a regular file)',
    })
    writeFileSync(join(home, 'netrc'), 'machine r.example login u password p')
    expect((await readNetrc([join(home, 'none'), join(home, 'netrc')])).credentials).toMatchObject([
      { scope: { host: 'r.example' } },
    ])
    expect(await readCargoCredentials(home)).toEqual({ tokens: new Map() })
    writeFileSync(join(home, 'credentials.toml'), '[registry]\ntoken = "new"')
    expect((await readCargoCredentials(home)).tokens.get('crates-io')?.reveal()).toBe('new')
    writeFileSync(join(home, 'credentials'), '[registry]\ntoken = "old"')
    expect((await readCargoCredentials(home)).tokens.get('crates-io')?.reveal()).toBe('old')
  })
})
