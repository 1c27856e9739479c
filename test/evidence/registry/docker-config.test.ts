import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DockerConfig, loginFor, loginWith, parseDockerConfig } from '../../../src/evidence/registry/docker-config.js'

const auth = (text: string): string => Buffer.from(text).toString('base64')

function config(value: unknown): DockerConfig {
  const read = parseDockerConfig(JSON.stringify(value))
  if (read === undefined) throw new Error('not read')
  return read
}

/** The login in the clear, for comparison alone. */
function shown(of: DockerConfig, host: string, repository = 'acme/app'): string | undefined {
  const login = loginFor(of, host, repository)
  if (login?.kind === 'identity-token') return `token ${login.token.reveal()}`
  return login && Buffer.from(login.authorization.reveal().slice('Basic '.length), 'base64').toString()
}

describe('a file of docker logins', () => {
  it('names hosts in several ways, and every one means that host alone', () => {
    const read = config({
      auths: {
        'plain.example': { auth: auth('a:1') },
        'https://scheme.example': { auth: auth('a:2') },
        'https://versioned.example/v1/': { auth: auth('a:3') },
        'http://old.example/v2/': { auth: auth('a:4') },
        'port.example:5000': { auth: auth('a:5') },
        'UPPER.example': { auth: auth('a:6') },
        'https://tls.example:443': { auth: auth('a:7') },
      },
    })
    expect(['plain', 'scheme', 'versioned', 'old', 'upper', 'tls'].map((name) => shown(read, `${name}.example`))).toEqual([
      'a:1',
      'a:2',
      'a:3',
      'a:4',
      'a:6',
      'a:7',
    ])
    expect(shown(read, 'port.example:5000')).toBe('a:5')
    for (const other of [
      'port.example',
      'port.example:5001',
      'plain.example:443x',
      'sub.plain.example',
      'example',
      'plain.example.evil.example',
    ])
      expect([other, shown(read, other)]).toEqual([other, undefined])
  })

  it('has logins for paths, of which the longest counts', () => {
    const read = config({
      auths: {
        'r.example': { auth: auth('all:1') },
        'r.example/acme': { auth: auth('acme:2') },
        'r.example/acme/app': { auth: auth('app:3') },
        'q.example/acme': { auth: auth('only:4') },
      },
    })
    expect(shown(read, 'r.example', 'acme/app')).toBe('app:3')
    expect(shown(read, 'r.example', 'acme/app/part')).toBe('app:3')
    expect(shown(read, 'r.example', 'acme/apple')).toBe('acme:2')
    expect(shown(read, 'r.example', 'acmeology')).toBe('all:1')
    expect(shown(read, 'q.example', 'acme/x')).toBe('only:4')
    expect(shown(read, 'q.example', 'other')).toBeUndefined()
  })

  it.each<[string, unknown, string | undefined]>([
    ['colons in the password', { auth: auth('user:a:b:c') }, 'user:a:b:c'],
    ['zero bytes after it', { auth: auth('user:pass\0\0') }, 'user:pass'],
    ['an identity token', { auth: auth('user:'), identitytoken: 'secret' }, 'token secret'],
    ['no password', { auth: auth('user:') }, undefined],
    ['no user', { auth: auth(':pass') }, undefined],
    ['no colon', { auth: auth('user') }, undefined],
    ['nothing', {}, undefined],
    ['something else', 'user:pass', undefined],
    ['a number', { auth: 1 }, undefined],
    ['what is no base64', { auth: '%%%' }, undefined],
    ['a token of any length', { identitytoken: 'x'.repeat(20_000) }, undefined],
  ])('with %s', (_, entry, expected) => expect(shown(config({ auths: { 'r.example': entry } }), 'r.example')).toBe(expected))

  it('names helpers', () => {
    const read = config({
      credHelpers: { 'https://r.example': 'ecr', 'x.example': 7, 'y.example/path': 'z' },
      credsStore: 'desktop',
    })
    expect([...read.helpers]).toEqual([['r.example', 'ecr']])
    expect(read.store).toBe('desktop')
  })

  it('is not read where it is no JSON object', () => {
    for (const text of ['', '[]', 'null', '{', '"x"', '1']) expect(parseDockerConfig(text)).toBeUndefined()
    expect(config({ auths: [], credHelpers: 'x', credsStore: {} })).toEqual({ logins: [], helpers: new Map(), store: undefined })
    const text = '{"auths":{"__proto__":{"auth":"YTpi"},"constructor":{"auth":"YTpi"}}}'
    expect(parseDockerConfig(text)?.logins.map(({ host }) => host)).toEqual(['__proto__', 'constructor'])
  })

  it('never throws, and gives no login to a host that it does not name', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('r.example', 'https://r.example/v1/', 'r.example:5000', '[::1]:5000', '//', 'a/b'),
    )
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({ auth: fc.base64String(), identitytoken: fc.string() }, { requiredKeys: [] }),
    )
    fc.assert(
      fc.property(fc.dictionary(key, entry), (auths) => {
        const read = config({ auths })
        for (const { host } of read.logins)
          expect(Object.keys(auths).some((name) => name.toLowerCase().includes(host))).toBe(true)
        expect(loginFor(read, 'never-named.example', 'a')).toBeUndefined()
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void parseDockerConfig(text)))
  })

  it('is told by nothing that is printed', () => {
    const login = loginWith('user', 'hunter22')
    const token = loginWith('<token>', 'hunter22')
    for (const each of [login, token, config({ auths: { 'r.example': { auth: auth('user:hunter22') } } })])
      expect(`${JSON.stringify(each)} ${String(each)}`).not.toMatch(/hunter22|aHVudGVyMjI|dXNlcjpodW50ZXIyMg/)
  })
})
