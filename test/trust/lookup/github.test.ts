import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Desk } from '../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../src/evidence/desk/open-desk.js'
import { createHttpClient } from '../../../src/evidence/http/client.js'
import { githubCredentials, githubInstance } from '../../../src/evidence/http/github-environment.js'
import type { Pack } from '../../../src/evidence/pack/pack.js'
import { readPack } from '../../../src/evidence/pack/read-pack.js'
import { openStore } from '../../../src/evidence/store/open-store.js'
import type { Store } from '../../../src/evidence/store/store.js'
import { githubSource } from '../../../src/trust/lookup/github-source.js'
import { recordedSource } from '../../../src/trust/lookup/recorded-source.js'
import type { LookupAnswer, LookupSource, LookupSubject } from '../../../src/trust/lookup/source.js'
import { HandClock } from '../../evidence/desk/support/source.js'
import { packOf } from '../../evidence/pack/support/used.js'
import { withScratch } from '../../support/assay.js'
import type { Server } from './support/github-api.js'
import { bytes, json, server, status } from './support/github-api.js'
import { packSnappy } from './support/pack-snappy.js'

const HEX = createHash('sha256').update('artifact').digest('hex')
const LIST = `/repos/acme/widget/attestations/sha256:${HEX}`
const FIRST = `${LIST}?per_page=100`
const SUBJECT: LookupSubject = {
  name: 'widget',
  anchors: [{ of: 'artifact', algorithm: 'sha256', value: HEX }],
  sourceRepository: 'https://github.com/acme/widget',
}
const TOKEN = 'ghp_thisTokenMustNotBeSeenElsewhere'
const QUERY = 'se=2026-11-28&sig=thisSignatureMustNotBeKept&plain=neitherThisOne'

interface Surroundings {
  readonly api: string
  readonly store?: Store | undefined
  readonly clock?: HandClock | undefined
  readonly token?: string | undefined
}

function online({ api, store, clock = new HandClock(), token }: Surroundings): {
  readonly desk: Desk
  readonly source: LookupSource
} {
  const credentials = githubCredentials({ GITHUB_API_URL: api, GITHUB_TOKEN: token })
  const http = () => createHttpClient({ retry: { attempts: 1 }, giveUp: { urls: 1000 }, credentials })
  const desk = openDesk({ offline: false, http, store, clock })
  onTestFinished(() => desk.close())
  const plain = githubSource({ desk, api, host: 'github.com' })
  return { desk, source: recordedSource(plain, { desk, place: 'remote', keep: 'hour', now: () => clock.now() }) }
}

function replay(pack: Pack | undefined, api: string): LookupSource {
  const desk = openDesk({ offline: true, pack, clock: new HandClock(Date.UTC(2031, 1, 1)) })
  return recordedSource(githubSource({ desk, api, host: 'github.com' }), { desk, place: 'remote', keep: 'hour', now: () => 0 })
}

function told(answer: LookupAnswer): string {
  if (answer.kind === 'none') return 'none'
  if (answer.kind !== 'found') return `${answer.kind}: ${answer.why}`
  const texts = answer.bundles.map((bundle) => Buffer.from(bundle.bytes).toString())
  return `found ${texts.join(' ')}${answer.incomplete === undefined ? '' : `; ${answer.incomplete}`}`
}

const inline = (...names: string[]) => ({
  attestations: names.map((name) => ({ repository_id: 1, bundle_url: null, bundle: { name } })),
})
const elsewhere = (...urls: string[]) => ({
  attestations: urls.map((bundle_url) => ({ repository_id: 1, bundle_url, bundle: null })),
})

async function asked(prepare: (api: Server) => void, subject = SUBJECT): Promise<string> {
  const api = await server()
  prepare(api)
  return told(await online({ api: api.origin }).source.ask(subject))
}

describe('attestations of GitHub', () => {
  it('come with the answer', async () => {
    expect(await asked(({ paths }) => paths.set(FIRST, json(inline('one', 'two'))))).toBe('found {"name":"one"} {"name":"two"}')
  })

  it('come from elsewhere, packed by Snappy or plain', async () => {
    const storage = await server()
    storage.paths.set('/1.json.sn', bytes(packSnappy(Buffer.from('{"packed":1}'))))
    storage.paths.set('/2.json', bytes(Buffer.from('{"plain":1}')))
    const urls = ['/1.json.sn', '/2.json'].map((path) => storage.origin + path)
    expect(await asked(({ paths }) => paths.set(FIRST, json(elsewhere(...urls))))).toBe('found {"packed":1} {"plain":1}')
  })

  it('are of all pages', async () => {
    const answer = await asked(({ paths, origin }) => {
      const link = (page: string): string =>
        `<${origin}${LIST}?per_page=100&after=${page}>; rel="next", <${origin}/x,y>; rel="prev"`
      paths.set(FIRST, json(inline('one'), { link: link('a') }))
      paths.set(`${LIST}?per_page=100&after=a`, json(inline('two'), { link: link('b') }))
      paths.set(`${LIST}?per_page=100&after=b`, json(inline('three')))
    })
    expect(answer).toBe('found {"name":"one"} {"name":"two"} {"name":"three"}')
  })

  it('that are none: an empty list, and 404', async () => {
    expect(await asked(({ paths }) => paths.set(FIRST, json({ attestations: [] })))).toBe('none')
    expect(await asked(() => undefined)).toBe('none')
  })

  it('are unknown where nothing is answered', async () => {
    for (const code of [401, 403, 429, 451, 500, 502, 503])
      expect(await asked(({ paths }) => paths.set(FIRST, status(code)))).toMatch(/^unknown: ./)
    expect(await asked(({ paths }) => paths.set(FIRST, status(403)))).toContain('status 403')
    const closed = online({ api: 'http://127.0.0.1:1' }).source
    expect(told(await closed.ask(SUBJECT))).toMatch(/^unknown: ./)
  })

  it('are not asked for without a repository on that host and a SHA-256', async () => {
    const none = (subject: Partial<LookupSubject>) => asked(() => undefined, { ...SUBJECT, ...subject })
    const places = [
      'https://gitlab.com/acme/widget',
      'http://github.com/acme/widget',
      'https://github.com.evil/acme/widget',
      'https://github.com/acme',
      'https://github.com/acme/%2e%2e',
      'https://github.com/a%2Fb/c',
      'no url',
    ]
    for (const sourceRepository of [undefined, ...places])
      expect(await none({ sourceRepository })).toBe('not-applicable: its source is in no repository on github.com')
    expect(await none({ anchors: [{ of: 'artifact', algorithm: 'sha512', value: 'a'.repeat(128) }] })).toBe(
      'not-applicable: no SHA-256 of it is known',
    )
  })

  it('are those of the repository, whatever place in it is named', async () => {
    for (const rest of ['.git', '/', '/tree/main/sub', '.git/']) {
      const subject = { ...SUBJECT, sourceRepository: `git+https://github.com/acme/widget${rest}` }
      expect(await asked(({ paths }) => paths.set(FIRST, json(inline('one'))), subject)).toBe('found {"name":"one"}')
    }
  })

  it('are not complete where a further page is not there', async () => {
    const answer = await asked(({ paths }) => paths.set(FIRST, json(inline('one'), { link: `<${LIST}?after=1>; rel="next"` })))
    expect(answer).toBe('found {"name":"one"}; one of its pages is not there')
  })

  it('of a renamed repository are followed, and nowhere else', async () => {
    const moved = await asked(({ paths }) => {
      paths.set(FIRST, status(301, { location: '/repositories/1/attestations' }))
      paths.set('/repositories/1/attestations', json(inline('moved')))
    })
    expect(moved).toBe('found {"name":"moved"}')
    expect(await asked(({ paths }) => paths.set(FIRST, status(302, { location: 'http://192.0.2.1/' })))).toContain('unknown: ')
  })
})

describe('what a hostile or broken API answers', () => {
  it.each([
    ['a list of something else', { attestations: {} }, 'unknown: its answer cannot be read'],
    ['nothing', null, 'unknown: its answer cannot be read'],
    [
      'attestations that are none',
      { attestations: [null, 1, { bundle: null }, { bundle: [], bundle_url: 7 }] },
      'unknown: an attestation comes without',
    ],
    [
      'addresses that are not asked',
      elsewhere('http://example.com/x', 'file:///etc/passwd', 'ftp://a/b', 'http://[::ffff:10.0.0.1]/'),
      'unknown: a bundle is at an address that is not asked',
    ],
    ['an address that is none', elsewhere('http://'), 'unknown: a bundle is at an address that is not asked'],
  ])('%s', async (_, answer, expected) => {
    expect(await asked(({ paths }) => paths.set(FIRST, json(answer)))).toContain(expected)
  })

  it('names twice in one object', async () => {
    expect(await asked(({ paths }) => paths.set(FIRST, bytes(Buffer.from('{"attestations":[],"attestations":[]}'))))).toContain(
      'stands twice',
    )
  })

  it('one bad bundle among good ones: those are kept, and it is said that something is missing', async () => {
    const storage = await server()
    storage.paths.set('/bomb', bytes(Buffer.from('ffffffff0f0061', 'hex')))
    storage.paths.set('/garbage', bytes(Buffer.from('not snappy at all')))
    storage.paths.set('/gone', status(403, {}, `refused for ${QUERY}`))
    const list = (path: string) => ({
      attestations: [...inline('good').attestations, ...elsewhere(`${storage.origin}${path}`).attestations],
    })
    const ask = (path: string) => asked(({ paths }) => paths.set(FIRST, json(list(path))))
    expect(await ask('/bomb')).toMatch(
      /^found {"name":"good"}; a bundle from 127\.0\.0\.1:\d+ cannot be unpacked: it declares 4294967295 bytes/,
    )
    expect(await ask('/garbage')).toContain('cannot be unpacked')
    expect(await ask('/gone')).toMatch(/could not be fetched from 127\.0\.0\.1:\d+: status 403$/)
    expect(await ask('/absent')).toContain('status 404')
  })

  it('100 MB and more, declared or not, are not read', async () => {
    const storage = await server()
    let sent = 0
    const endless = (declared: boolean) => (response: import('node:http').ServerResponse) => {
      const block = Buffer.alloc(1 << 20, '{')
      response.writeHead(200, declared ? { 'content-length': String(100 << 20) } : {})
      const more = (): void => {
        while (sent < 100 << 20 && !response.destroyed) {
          sent += block.length
          if (!response.write(block)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    }
    storage.paths.set('/declared', endless(true))
    storage.paths.set('/undeclared', endless(false))
    for (const path of ['/declared', '/undeclared']) {
      sent = 0
      expect(await asked(({ paths }) => paths.set(FIRST, json(elsewhere(storage.origin + path))))).toContain('too-large')
      expect(sent).toBeLessThan(40 << 20)
    }
    sent = 0
    expect(await asked(({ paths }) => paths.set(FIRST, endless(false)))).toMatch(/^unknown: .*sends more bytes than are accepted/)
  })

  it('pages without end, and more attestations than are wanted', async () => {
    const endless = await asked(({ paths, origin }) => {
      for (let page = 0; page < 30; page += 1)
        paths.set(
          `${LIST}?per_page=100${page === 0 ? '' : `&after=${page}`}`,
          json(inline(String(page)), { link: `<${origin}${LIST}?per_page=100&after=${page + 1}>; rel="next"` }),
        )
    })
    expect(endless).toContain('; it has more than 10 pages')
    expect(endless.split('"name"')).toHaveLength(11)
    const many = await asked(({ paths }) => paths.set(FIRST, json(inline(...Array.from({ length: 150 }, (_, at) => String(at))))))
    expect(many).toContain('; it has more than 100 attestations of one digest')
    expect(many.split('"name"')).toHaveLength(101)
  })

  it.each(['https://evil.example/next', '//evil.example/next', 'http://user:x@127.0.0.1/', 'http://'])(
    'a next page at %s is not asked',
    async (next) => {
      const answer = await asked(({ paths }) => paths.set(FIRST, json(inline('one'), { link: `<${next}>; rel="next"` })))
      expect(answer).toBe('found {"name":"one"}; its next page is somewhere else')
    },
  )
})

describe('the limits of the API', () => {
  it.each([
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795910400' }, 'until 2026-11-29T00:00:00Z'],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795910400' }, 'until 2026-11-29T00:00:00Z'],
    [403, { 'retry-after': '3600' }, 'asks for fewer requests'],
    [429, {}, 'asks for fewer requests'],
  ])('%i with %j: unknown, with its end where it is said, and nobody asks on', async (code, headers, expected) => {
    const api = await server()
    api.paths.set(FIRST, status(code, headers))
    const { source } = online({ api: api.origin })
    expect(told(await source.ask(SUBJECT))).toMatch(new RegExp(`^unknown: .*${expected}`))
    const other = { ...SUBJECT, sourceRepository: 'https://github.com/acme/other' }
    expect(told(await source.ask(other))).toMatch(new RegExp(`^unknown: .*${expected}`))
    expect(api.seen).toHaveLength(1)
  })

  it('do not hide what came before', async () => {
    const answer = await asked(({ paths, origin }) => {
      paths.set(FIRST, json(inline('one'), { link: `<${origin}${LIST}?after=1>; rel=next` }))
      paths.set(`${LIST}?after=1`, status(429))
    })
    expect(answer).toMatch(/^found {"name":"one"}; .*asks for fewer requests/)
  })
})

describe('the token', () => {
  it('goes to the API alone, and neither it nor a pre-signed query is kept anywhere', () =>
    withScratch(async (folder) => {
      const [api, storage, third] = [await server(), await server(), await server()]
      storage.paths.set(`/1.json.sn?${QUERY}`, bytes(packSnappy(Buffer.from('{"packed":1}'))))
      storage.paths.set(`/2.json.sn?${QUERY}`, status(401, { 'www-authenticate': 'Bearer realm="x"' }, `you sent ${QUERY}`))
      storage.paths.set(`/3.json.sn?${QUERY}`, status(302, { location: `${third.origin}/3` }))
      third.paths.set('/3', bytes(Buffer.from('{"third":1}')))
      third.paths.set('/moved', json(inline('moved')))
      const urls = [1, 2, 3].map((at) => `${storage.origin}/${at}.json.sn?${QUERY}`)
      api.paths.set(FIRST, json(elsewhere(...urls), { link: `<${api.origin}/repos/acme/widget/2>; rel="next"` }))
      api.paths.set('/repos/acme/widget/2', status(302, { location: `${third.origin}/moved` }))
      const store = openStore(join(folder, 'store'))
      const { desk, source } = online({ api: api.origin, store, token: TOKEN })
      const answer = await source.ask(SUBJECT)
      expect(told(answer)).toMatch(/^found {"packed":1} {"third":1} {"name":"moved"}; .*status 401$/)
      expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`])
      for (const { headers } of [...storage.seen, ...third.seen]) {
        expect(headers.authorization).toBeUndefined()
        expect(JSON.stringify(headers)).not.toContain(TOKEN)
      }
      expect([storage.seen.length, third.seen.length]).toEqual([3, 2])
      const used = desk.used()
      expect(used.notKept).toEqual([])
      const kept = [
        JSON.stringify(answer),
        packOf(used).toString('latin1'),
        ...filesBelow(folder).map((file) => readFileSync(file, 'latin1')),
      ]
      expect(kept.length).toBeGreaterThan(4)
      for (const text of kept)
        for (const secret of [TOKEN, 'thisSignatureMustNotBeKept', 'neitherThisOne']) expect(text).not.toContain(secret)
    }))

  it('that the API refuses is not in what is said of it', async () => {
    const api = await server()
    api.paths.set(FIRST, status(401, {}, `bad token ${TOKEN}`))
    expect(told(await online({ api: api.origin, token: TOKEN }).source.ask(SUBJECT))).toMatch(/^unknown: .*\[secret\]/)
  })

  it('is of the environment, for the API that the environment names', () => {
    const scopes = (environment: Record<string, string>) =>
      githubCredentials(environment).map(({ scope, authorization }) => [scope, authorization.reveal()])
    expect(scopes({})).toEqual([])
    expect(scopes({ GITHUB_TOKEN: 'a', GH_TOKEN: '' })).toEqual([[{ kind: 'url', url: 'https://api.github.com/' }, 'Bearer a']])
    expect(scopes({ GITHUB_TOKEN: 'a', GH_TOKEN: 'b' })[0]?.[1]).toBe('Bearer b')
    expect(scopes({ GITHUB_TOKEN: 'a\r\nX: y' })).toEqual([])
    const enterprise = {
      GITHUB_API_URL: 'https://git.corp.example/api/v3/',
      GITHUB_SERVER_URL: 'https://git.corp.example',
      GITHUB_TOKEN: 'a',
    }
    expect(githubInstance(enterprise)).toEqual({ api: 'https://git.corp.example/api/v3', host: 'git.corp.example' })
    expect(scopes(enterprise)).toEqual([[{ kind: 'url', url: 'https://git.corp.example/api/v3/' }, 'Bearer a']])
    for (const url of [
      'http://git.corp.example',
      'no url',
      'https://user:x@git.corp.example',
      'https://a.example/?x',
      'file:///x',
    ]) {
      expect(githubInstance({ GITHUB_API_URL: url })).toBeUndefined()
      expect(scopes({ GITHUB_API_URL: url, GITHUB_TOKEN: 'a' })).toEqual([])
    }
  })
})

describe('between runs', () => {
  const at = (clock: HandClock, hours: number): HandClock => new HandClock(clock.ms + hours * 3_600_000)

  it('what was found counts for an hour, "none" for ten minutes, "unknown" and the incomplete never', () =>
    withScratch(async (folder) => {
      const api = await server()
      const store = openStore(join(folder, 'store'))
      const clock = new HandClock()
      const ask = async (hours: number) =>
        told(await online({ api: api.origin, store, clock: at(clock, hours) }).source.ask(SUBJECT))
      api.paths.set(FIRST, status(500))
      expect(await ask(0)).toMatch(/^unknown/)
      api.paths.delete(FIRST)
      expect(await ask(0)).toBe('none')
      api.paths.set(FIRST, json(inline('one')))
      expect([await ask(0.1), await ask(0.2)]).toEqual(['none', 'found {"name":"one"}'])
      api.paths.set(FIRST, json(inline('two')))
      expect([await ask(1.1), await ask(1.3)]).toEqual(['found {"name":"one"}', 'found {"name":"two"}'])
      api.paths.set(FIRST, json({ attestations: [...inline('three').attestations, {}] }))
      const incomplete = 'found {"name":"three"}; an attestation comes without its bundle'
      expect([await ask(9), await ask(9)]).toEqual([incomplete, incomplete])
      expect(api.seen).toHaveLength(6)
      api.paths.set(FIRST, status(503))
      const kept = await ask(10)
      expect(kept).toMatch(/^found {"name":"three"}; what an earlier run found could not be confirmed: .*503/)
      expect(await ask(10)).toBe(kept)
      api.paths.set(FIRST, json({ attestations: [] }))
      expect(await ask(10)).toBe('none')
    }))

  it('a replay from a pack is told the same, years later and with nobody there', async () => {
    const [api, storage] = [await server(), await server()]
    const cases: [string, () => void][] = [
      ['found', () => api.paths.set(FIRST, json(elsewhere(`${storage.origin}/1?${QUERY}`, `${storage.origin}/2?${QUERY}`)))],
      ['none', () => api.paths.delete(FIRST)],
      ['unknown', () => api.paths.set(FIRST, status(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795910400' }))],
    ]
    storage.paths.set(`/1?${QUERY}`, bytes(packSnappy(Buffer.from('{"packed":1}'))))
    for (const [kind, prepare] of cases) {
      prepare()
      const { desk, source } = online({ api: api.origin })
      const answer = await source.ask(SUBJECT)
      expect(answer.kind).toBe(kind)
      const read = readPack(packOf(desk.used()))
      if (!read.ok) throw new Error(read.problem.why)
      const again = await replay(read.pack, api.origin).ask(SUBJECT)
      expect(plain(again)).toEqual(plain(answer))
    }
  })

  it('offline without a recorded answer is unknown', async () => {
    expect(told(await replay(undefined, 'https://api.example').ask(SUBJECT))).toMatch(
      /^unknown: it was not asked: the run is offline/,
    )
  })
})

function plain(answer: LookupAnswer): unknown {
  if (answer.kind !== 'found') return answer
  return { ...answer, bundles: answer.bundles.map((bundle) => ({ ...bundle, bytes: Buffer.from(bundle.bytes).toString() })) }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
