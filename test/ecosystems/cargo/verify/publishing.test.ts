import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { earlierRow } from '../../../../src/ecosystems/cargo/index-file.js'
import { MAX_API_BYTES, readApiCrate } from '../../../../src/ecosystems/cargo/verify/api-crate.js'
import { ApiManners } from '../../../../src/ecosystems/cargo/verify/api-manners.js'
import type { VerifyInput } from '../../../../src/ecosystems/verifier.js'
import type { Answer, Question } from '../../../../src/evidence/desk/desk.js'
import type { Fact } from '../../../../src/model/graph.js'
import type { CrateRegistry, MadePublication } from '../../../support/crate-registry.js'
import { apiDocument, apiPath, makeCrate, serveCrates } from '../../../support/crate-registry.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import type { VerifyOptions } from './support.js'
import { lockOf, rowOf, ScriptedDesk, testDesk, verifyTree } from './support.js'

const COMMIT = 'c0ffee'.padEnd(40, '0')
const ALL: VerifyInput['questions'] = { earlier: () => true, publishing: () => true }
const OLD = makeCrate('widget', '0.9.0', 'pub fn old() {}\n')
const NOW = makeCrate('widget', '1.0.0', 'pub fn now() {}\n')
const trusted = { repository: 'acme/widget', sha: COMMIT }
const HISTORY: readonly MadePublication[] = [
  { version: '1.0.0', createdAt: '2026-03-01T00:00:00.5Z', checksum: NOW.checksum, trusted: null },
  { version: '0.9.0', createdAt: '2026-02-01T00:00:00+00:00', checksum: OLD.checksum, trusted },
  { version: '0.8.0', createdAt: '2026-01-01T00:00:00Z', trusted },
]

async function registryWith(document: string): Promise<CrateRegistry> {
  const registry = await serveCrates([OLD, NOW], { widget: document })
  onTestFinished(() => registry.close())
  return registry
}

async function told(registry: CrateRegistry, options: Partial<VerifyOptions> = {}): Promise<readonly Fact[]> {
  const entry = { name: 'widget', version: '1.0.0', source: `sparse+${registry.url}/`, checksum: NOW.checksum }
  const desk = options.desk ?? testDesk({ retry: { attempts: 1 } })
  const { facts } = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry]) }), { questions: ALL, ...options, desk })
  return facts.filter(({ kind }) => kind.startsWith('registry/'))
}
const publishing = (facts: readonly Fact[]): Fact['data'] | undefined =>
  facts.find(({ kind }) => kind === 'registry/publishing')?.data

describe('what a registry says of how a crate was published', () => {
  it('is asked of its API once, at the address that its index names', async () => {
    const registry = await registryWith(apiDocument('widget', HISTORY))
    const facts = await told(registry)
    expect(facts.map(({ kind, data, location }) => [kind, data, location?.file])).toEqual([
      ['registry/earlier-version', { version: '0.9.0', sha256: OLD.checksum }, 'Cargo.lock'],
      [
        'registry/publishing',
        {
          method: 'token',
          registry: new URL(registry.url).host,
          publisher: 'someone',
          trustedOnly: false,
          earlier: '0.9.0',
          earlierRepository: 'https://github.com/acme/widget',
        },
        'Cargo.lock',
      ],
    ])
    expect(registry.asked.filter((path) => path.startsWith('/api/'))).toEqual([apiPath('widget')])
  })

  it('names the repository and the commit of a trusted version', async () => {
    const registry = await registryWith(
      apiDocument('widget', [
        { version: '1.0.0', trusted },
        { version: '1.1.0', trusted: null },
        { version: '2.0.0', trusted },
      ]),
    )
    expect(publishing(await told(registry))).toEqual({
      method: 'trusted',
      registry: new URL(registry.url).host,
      repository: 'https://github.com/acme/widget',
      commit: COMMIT,
      trustedOnly: false,
      later: '2.0.0',
      laterRepository: 'https://github.com/acme/widget',
    })
  })

  it('counts by the time of publishing: a line that is mended after the switch comes after it', async () => {
    const registry = await registryWith(
      apiDocument('widget', [
        { version: '1.0.0', createdAt: '2026-03-01T00:00:00Z', trusted: null },
        { version: '2.0.0', createdAt: '2026-02-01T00:00:00Z', trusted },
      ]),
    )
    expect(publishing(await told(registry))).toMatchObject({ method: 'token', earlier: '2.0.0' })
  })

  it('is asked about the next crate a second later, by the clock', async () => {
    const others = ['gadget', 'gizmo'].map((name) => makeCrate(name, '1.0.0', ''))
    const documents = others.map(({ name }) => [name, apiDocument(name, [{ version: '1.0.0', trusted: null }])])
    const times: number[] = []
    const registry = await serveCrates(others, Object.fromEntries(documents))
    onTestFinished(() => registry.close())
    const source = `sparse+${registry.url}/`
    const lock = lockOf(others.map(({ name, checksum }) => ({ name, version: '1.0.0', source, checksum })))
    const desk = testDesk({ retry: { attempts: 1 } })
    const ask = desk.ask.bind(desk)
    desk.ask = (question) => {
      if (question.url.includes('/api/')) times.push(performance.now())
      return ask(question)
    }
    const { facts } = await verifyTree(new MemoryTree({ 'Cargo.lock': lock }), { questions: ALL, desk })
    expect(facts.filter(({ kind }) => kind === 'registry/publishing')).toHaveLength(2)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990)
  })

  it('is not asked for what the settings are not about', async () => {
    const registry = await registryWith(apiDocument('widget', HISTORY))
    expect(await told(registry, { questions: undefined })).toEqual([])
    expect(await told(registry, { questions: { earlier: () => false, publishing: () => false } })).toEqual([])
    expect(registry.asked.filter((path) => path.startsWith('/api/'))).toEqual([])
  })

  it.each<readonly [string, string]>([
    ['no JSON', '<html>log in</html>'],
    ['a list', '[]'],
    ['a key that stands twice', '{"crate":{"name":"widget"},"crate":{"name":"widget"},"versions":[]}'],
    ['another crate', apiDocument('gadget', HISTORY)],
    ['versions of another crate', apiDocument('widget', HISTORY).replaceAll('"crate":"widget"', '"crate":"gadget"')],
    ['no versions', '{"crate":{"name":"widget"},"versions":null}'],
    ['nothing of this version', apiDocument('widget', HISTORY.slice(1))],
    ['this version twice', apiDocument('widget', [...HISTORY, { version: '1.0.0', trusted }])],
    [
      'another archive',
      apiDocument('widget', [{ version: '1.0.0', checksum: 'ab'.repeat(32), trusted: null }, ...HISTORY.slice(1)]),
    ],
    ['nothing of trusted publishing', apiDocument('widget', HISTORY).replaceAll('trustpub_data', 'nothing')],
    ['a text in its place', apiDocument('widget', HISTORY).replace('"trustpub_data":null', '"trustpub_data":"null"')],
    ['false in its place', apiDocument('widget', HISTORY).replace('"trustpub_data":null', '"trustpub_data":false')],
    ['deep nesting', `{"crate":{"name":"widget"},"versions":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    [
      'what it inherits',
      '{"crate":{"name":"widget"},"versions":[{"num":"1.0.0","crate":"widget","__proto__":{"trustpub_data":null}}]}',
    ],
  ])('is unknown where it answers with %s', async (_title, document) => {
    expect(publishing(await told(await registryWith(document)))).toMatchObject({ method: 'unknown' })
  })

  it.each([
    'acme/widget/../evil',
    'acme',
    'acme/widget/x',
    '../widget',
    'acme/..',
    'acme/wid get',
    'acme/widget?x',
    'acme/widget#x',
    'acme@evil.example/widget',
    'acme/wid\u202eget',
    'acme/%2e%2e',
    'acme/widget\n',
    '',
    `acme/${'a'.repeat(256)}`,
  ])('takes %j for no repository', async (repository) => {
    const document = apiDocument('widget', [{ version: '1.0.0', trusted: { repository } }])
    expect(readApiCrate(Buffer.from(document), 'widget')?.versions).toMatchObject([{ publication: { method: 'unknown' } }])
  })

  it.each(['1.0', 'latest', '\u001b[2J', '1.0.0\n', '9'.repeat(300), ''])('takes %j for no version', (version) => {
    const document = apiDocument('widget', [{ version, trusted }])
    expect(readApiCrate(Buffer.from(document), 'widget')).toEqual({ trustedOnly: false, versions: [] })
  })

  it('knows projects of GitLab, and builds of hosts that it does not know', () => {
    const of = (data: object): unknown =>
      readApiCrate(
        Buffer.from(
          JSON.stringify({
            crate: { name: 'widget' },
            versions: [{ num: '1.0.0', crate: 'widget', trustpub_data: data, published_by: null }],
          }),
        ),
        'widget',
      )?.versions[0]?.publication
    expect(of({ provider: 'gitlab', project_path: 'acme/tools/widget', sha: COMMIT })).toEqual({
      method: 'trusted',
      repository: 'https://gitlab.com/acme/tools/widget',
      commit: COMMIT,
    })
    expect(of({ provider: 'github', repository: 'acme/widget', sha: 'main' })).toMatchObject({ commit: undefined })
    expect(of({ provider: 'forge', repository: 'acme/widget' })).toMatchObject({ method: 'trusted', repository: undefined })
    expect(of({})).toEqual({ method: 'unknown' })
  })

  it('is unknown where it does not answer, and where nobody may be asked', async () => {
    const registry = await registryWith(apiDocument('widget', HISTORY))
    registry.instead.set(apiPath('widget'), 403)
    expect(publishing(await told(registry))).toMatchObject({ method: 'unknown', why: expect.stringContaining('403') })
    registry.instead.set(apiPath('widget'), Buffer.alloc(MAX_API_BYTES + 1, 0x20))
    expect(publishing(await told(registry))).toMatchObject({
      method: 'unknown',
      why: expect.stringMatching(/more bytes/),
    })
    // A crate that the API does not have, or a registry without one, says nothing.
    registry.instead.set(apiPath('widget'), 404)
    expect(publishing(await told(registry))).toBeUndefined()
    registry.instead.set('/config.json', JSON.stringify({ dl: registry.url }))
    expect(publishing(await told(registry))).toBeUndefined()
  })

  const CONFIG = 'https://cargo.corp.example/index/config.json'
  const corp = (api: string, name = 'widget') => ({
    [CONFIG]: JSON.stringify({ dl: 'https://dl.example/x', api }),
    [`https://cargo.corp.example/index/wi/dg/${name}`]: rowOf(name, '1.0.0', NOW.checksum),
  })
  const asked = async (api: string, sources: VerifyOptions['sources']): Promise<readonly string[]> => {
    const desk = new ScriptedDesk(corp(api))
    const entry = {
      name: 'widget',
      version: '1.0.0',
      source: 'sparse+https://cargo.corp.example/index/',
      checksum: NOW.checksum,
    }
    await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry]) }), {
      desk,
      questions: ALL,
      ...(sources === undefined ? {} : { sources }),
    })
    return desk.asked.filter((url) => url.includes('/api/'))
  }

  it('is not asked for where an index must not lead, and no public host is told a private name', async () => {
    const good = 'https://cargo.corp.example/api/v1/crates/widget?include=versions'
    expect(await asked('https://cargo.corp.example', {})).toEqual([good])
    expect(await asked('https://cargo.corp.example/', {})).toEqual([good])
    for (const api of ['http://cargo.corp.example', 'file:///etc', 'http://127.0.0.1:1', 'https://10.0.0.1', 'nowhere', ''])
      expect([api, await asked(api, {})]).toEqual([api, []])
    expect(await asked('https://crates.io', { internal: ['cargo:wid*'] })).toEqual([])
    expect(await asked('https://crates.io', { hosts: ['cargo.corp.example'] })).toEqual([])
  })
})

describe('whom it is asked of', () => {
  const API = 'https://crates.io/api/v1/crates/widget?include=versions'
  const row = rowOf('widget', '1.0.0', NOW.checksum)
  const answers = {
    'https://index.crates.io/config.json': '{"dl":"https://static.crates.io/crates","api":"https://crates.io"}',
    'https://index.crates.io/wi/dg/widget': row,
    'https://mirror.corp.example/index/config.json': '{"dl":"https://mirror.corp.example/dl","api":null}',
    'https://mirror.corp.example/index/wi/dg/widget': row,
    'https://stead.example/config.json': '{"dl":"https://stead.example/dl","api":"https://stead.example"}',
    'https://stead.example/wi/dg/widget': row,
    [API]: apiDocument('widget', HISTORY),
  }
  const lock = lockOf([{ name: 'widget', version: '1.0.0', checksum: NOW.checksum }])

  it('is the public registry, where a mirror has no API; and never what cargo downloads from in its place', async () => {
    for (const { files, mirrors } of [
      { files: {}, mirrors: [] },
      { files: {}, mirrors: [{ url: 'sparse+https://mirror.corp.example/index/', of: 'crates.io' }] },
      {
        files: {
          '.cargo/config.toml':
            '[source.crates-io]\nreplace-with = "x"\n[source.x]\nregistry = "sparse+https://stead.example/"\n',
        },
        mirrors: [],
      },
    ]) {
      const desk = new ScriptedDesk(answers)
      const tree = new MemoryTree({ 'Cargo.lock': lock, ...files })
      const { facts } = await verifyTree(tree, { desk, questions: ALL, sources: { mirrors } })
      expect(desk.asked.filter((url) => url.includes('/api/'))).toEqual([API])
      expect(publishing(facts)).toMatchObject({ method: 'token', registry: 'crates.io', earlier: '0.9.0' })
    }
  })

  it('gets the token of its registry at that host alone, where the registry wants one everywhere', async () => {
    const auths = async (api: string): Promise<readonly unknown[]> => {
      const index = 'https://cargo.corp.example/index/'
      const config = JSON.stringify({ dl: 'https://dl.example/x', api, 'auth-required': true })
      const desk = new AuthDesk({ [`${index}config.json`]: config, [`${index}wi/dg/widget`]: row })
      const entry = { name: 'widget', version: '1.0.0', source: `sparse+${index}`, checksum: NOW.checksum }
      await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry]) }), {
        desk,
        questions: ALL,
        environment: { CARGO_REGISTRIES_CORP_INDEX: `sparse+${index}`, CARGO_REGISTRIES_CORP_TOKEN: 'secret' },
      })
      return desk.auths
    }
    expect(await auths('https://cargo.corp.example')).toEqual(['always'])
    expect(await auths('https://elsewhere.example')).toEqual(['challenged'])
  })
})

/** Writes down when a credential would be sent to an API. */
class AuthDesk extends ScriptedDesk {
  readonly auths: unknown[] = []

  override ask(question: Question): Promise<Answer> {
    if (question.url.includes('/api/')) this.auths.push(question.auth)
    return super.ask(question)
  }
}

describe('the reader of an API', () => {
  it('never throws, whatever comes', () => {
    const value = fc.jsonValue()
    fc.assert(
      fc.property(value, value, value, (crate, version, data) => {
        const row = { num: '1.0.0', crate: 'widget', trustpub_data: data, created_at: version, published_by: crate }
        for (const document of [crate, { crate, versions: version }, { crate: { name: 'widget' }, versions: [row, version] }])
          readApiCrate(Buffer.from(JSON.stringify(document)), 'widget')
        const read = readApiCrate(Buffer.from(JSON.stringify({ crate: { name: 'widget' }, versions: [row] })), 'widget')
        const method = read?.versions[0]?.publication.method
        expect(method === 'token').toBe(data === null)
      }),
    )
  })
})

describe('the manners towards an API', () => {
  const clock = () => {
    const waits: number[] = []
    let now = 5000
    return {
      waits,
      now: () => now,
      sleep: async (ms: number) => {
        waits.push(ms)
        now += ms
      },
    }
  }
  const answer = (used: 'nothing' | 'a-request' | 'failed') => async () => ({ value: used, used })

  it('asks once a second, one after another, and waits for nothing that is at hand', async () => {
    const time = clock()
    const manners = new ApiManners(time)
    await Promise.all([manners.take(answer('nothing')), manners.take(answer('nothing')), manners.take(answer('a-request'))])
    expect(time.waits).toEqual([])
    await Promise.all([manners.take(answer('a-request')), manners.take(answer('a-request'))])
    expect(time.waits).toEqual([1000, 1000])
  })

  it('asks no more after a failure, nor after a minute', async () => {
    const failing = new ApiManners(clock())
    expect(await failing.take(answer('failed'))).toMatchObject({ kind: 'done' })
    expect(await failing.take(answer('a-request'))).toMatchObject({ kind: 'not-asked' })
    const many = new ApiManners(clock())
    const kinds = await Promise.all(Array.from({ length: 70 }, () => many.take(answer('a-request'))))
    expect(kinds.filter(({ kind }) => kind === 'done')).toHaveLength(60)
    expect(kinds.slice(60).every(({ kind }) => kind === 'not-asked')).toBe(true)
  })
})

describe('the version before another', () => {
  const rows = (...texts: string[]): Uint8Array => Buffer.from(texts.join(''))
  const row = (version: string, more = {}, name = 'widget'): string => rowOf(name, version, 'ab'.repeat(32), more)
  it.each<readonly [string, Uint8Array, string | undefined]>([
    ['is the highest below it', rows(row('0.2.0'), row('0.10.0'), row('1.0.0'), row('0.9.0'), row('2.0.0')), '0.10.0'],
    ['is not one that was withdrawn', rows(row('0.2.0'), row('0.3.0', { yanked: true })), '0.2.0'],
    ['may be a pre-release', rows(row('0.9.0'), row('1.0.0-rc.1')), '1.0.0-rc.1'],
    ['does not differ in build metadata alone', rows(row('1.0.0+a'), row('1.0.0')), undefined],
    ['is none of another crate', rows(row('0.9.0', {}, 'gadget')), undefined],
    ['has a digest', rows(rowOf('widget', '0.9.0', 'abc')), undefined],
    ['is in no page of a portal', Buffer.from('<html>\n{}\n[]\nnull'), undefined],
    ['has a version', rows(row('latest'), row('0.1')), undefined],
  ])('%s', (_title, bytes, wanted) => {
    expect(earlierRow(bytes, 'widget', '1.0.0')?.version).toBe(wanted)
  })
})
