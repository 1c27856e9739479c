import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GoSources } from '../../../../src/ecosystems/go/verify/go-sources.js'
import type { Answer, Desk, Question } from '../../../../src/evidence/desk/desk.js'
import type { Settings } from '../../../../src/model/rule.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { makeNoteKey } from '../../../trust/support/signed-log.js'
import { verifyTree } from './support.js'

/** Has nothing, and writes down what it was asked. */
class ListeningDesk implements Desk {
  readonly offline = false
  readonly asked: string[] = []
  readonly speaksFor: (url: string) => boolean

  constructor(speaksFor: (url: string) => boolean = () => false) {
    this.speaksFor = speaksFor
  }

  async ask({ url }: Question): Promise<Answer> {
    this.asked.push(url)
    const said = { at: '2026-01-01T00:00:00Z', from: 'network', signs: [] } as const
    if (!url.endsWith('/supported') || !this.speaksFor(url)) return { kind: 'absent', status: 404, ...said }
    return { kind: 'ok', bytes: new Uint8Array(), sha256: 'ab'.repeat(32), url, ...said }
  }

  async remember(_name: string, bytes: Uint8Array) {
    return { bytes, sha256: 'ab'.repeat(32), at: '2026-01-01T00:00:00Z' }
  }

  async replace(): Promise<boolean> {
    return true
  }

  async recall(): Promise<undefined> {
    return undefined
  }

  used(): never {
    throw new Error('what was used is not known here')
  }

  async close(): Promise<void> {
    return
  }
}

const PRIVATE = 'git.corp.example/team/secret'
const tree = new MemoryTree({
  'go.mod': `module example.com/p\n\ngo 1.16\n\nrequire (\n\t${PRIVATE} v1.0.0\n\texample.com/open v1.0.0\n)\n`,
  'go.sum': '',
})

async function askedAbout(
  environment: Readonly<Record<string, string>>,
  sources: Partial<Settings['sources']> = {},
  desk = new ListeningDesk(),
): Promise<readonly string[]> {
  await verifyTree(tree, { desk, environment, sources, depth: { bytes: true, source: true }, supplied: true })
  // Everything else is asked for as ever.
  expect(desk.asked.some((url) => url.includes('example.com/open'))).toBe(true)
  return desk.asked.filter((url) => url.includes('secret'))
}

const hostsOf = (urls: readonly string[]): readonly string[] => [...new Set(urls.map((url) => new URL(url).host))]
const OWN_KEY = makeNoteKey('sum.corp.example').verifierKey

describe('a private name', () => {
  it('is asked for in public when nobody says that it is private', async () => {
    expect(hostsOf(await askedAbout({})).toSorted()).toEqual(['proxy.golang.org', 'sum.golang.org'])
  })

  it.each<[string, Readonly<Record<string, string>>, Partial<Settings['sources']>]>([
    ['GOPRIVATE', { GOPRIVATE: '*.corp.example' }, {}],
    [
      'GOPRIVATE, undone for proxies and database, which are public all the same',
      { GOPRIVATE: '*.corp.example', GONOPROXY: 'none', GONOSUMDB: 'none' },
      {},
    ],
    ['sources.internal', {}, { internal: ['go:git.corp.example/**'] }],
    [
      'sources.internal, the public hosts being allowed',
      {},
      { internal: ['go:git.corp.example/**'], hosts: ['proxy.golang.org', 'sum.golang.org'] },
    ],
    [
      'sources.internal and a third proxy in public',
      { GOPROXY: 'https://mirror.example.net|https://proxy.golang.org|https://goproxy.io' },
      { internal: ['go:git.corp.example/**'] },
    ],
    [
      'sources.internal and the public database at another address',
      { GOSUMDB: 'sum.golang.google.cn' },
      { internal: ['go:git.corp.example/**'] },
    ],
  ])('%s: nobody is asked', async (_, environment, sources) => {
    expect(await askedAbout(environment, sources)).toEqual([])
  })

  it('GOPRIVATE with GONOPROXY=none: its own proxy is asked, the public database not even through it', async () => {
    const desk = new ListeningDesk((url) => url.startsWith('https://goproxy.corp.example/'))
    const environment = {
      GOPRIVATE: '*.corp.example',
      GONOPROXY: 'none',
      GONOSUMDB: 'none',
      GOPROXY: 'https://goproxy.corp.example',
    }
    const asked = await askedAbout(environment, {}, desk)
    expect(hostsOf(asked)).toEqual(['goproxy.corp.example'])
    expect(asked.filter((url) => url.includes('/sumdb/'))).toEqual([])
    expect(
      desk.asked.some((url) => url.startsWith('https://goproxy.corp.example/sumdb/sum.golang.org/lookup/example.com/open')),
    ).toBe(true)
  })

  it('an internal name goes to hosts that are listed as allowed and are nobody else’s', async () => {
    const sources = { internal: ['go:git.corp.example/**'], hosts: ['goproxy.corp.example', 'sum.corp.example'] }
    const environment = { GOPROXY: 'https://goproxy.corp.example', GOSUMDB: OWN_KEY }
    expect(hostsOf(await askedAbout(environment, sources)).toSorted()).toEqual(['goproxy.corp.example', 'sum.corp.example'])
  })

  it('a module of the workspace is nobody’s business, and neither is one that a directory replaces', async () => {
    const desk = new ListeningDesk()
    const workspace = new MemoryTree({
      'go.work': 'go 1.20\n\nuse (\n\t./a\n\t./b\n)\n',
      'a/go.mod':
        'module corp.example/secret/a\n\ngo 1.16\n\nrequire (\n\tcorp.example/secret/b v0.1.0\n\tcorp.example/secret/c v1.0.0\n)\n\nreplace corp.example/secret/c => ./c\n',
      'a/c/go.mod': 'module corp.example/secret/c\n',
      'b/go.mod': 'module corp.example/secret/b\n\ngo 1.16\n',
    })
    await verifyTree(workspace, { desk, environment: { GOSUMDB: 'off' }, supplied: true })
    expect(desk.asked.filter((url) => url.endsWith('.mod') && !url.includes('list'))).toEqual([])
  })

  it('hosts outside of the allowed ones are not asked', async () => {
    const desk = new ListeningDesk()
    const verification = await verifyTree(tree, {
      desk,
      environment: {},
      sources: { hosts: ['example.net'] },
      depth: { bytes: true },
      supplied: true,
    })
    expect(desk.asked.filter((url) => url.includes('/@') || url.includes('/lookup/'))).toEqual([])
    expect(verification.one(PRIVATE, 'go/zip-bytes')).toMatchObject({
      verdict: 'not-checkable',
      why: expect.stringContaining('sources.hosts'),
    })
  })

  it('a declared mirror is asked before the public proxy, and takes its place where it answers', async () => {
    const desk = new ListeningDesk()
    const mirrors = [{ url: 'https://mirror.corp.example/go', of: 'go:proxy' }]
    await verifyTree(tree, { desk, environment: {}, sources: { mirrors } })
    const infos = desk.asked.filter((url) => url.endsWith('example.com/open/@v/v1.0.0.info'))
    expect(infos).toEqual(
      ['https://mirror.corp.example/go', 'https://proxy.golang.org'].map((base) => `${base}/example.com/open/@v/v1.0.0.info`),
    )
  })

  it('a credential in GOPROXY reaches the proxy and no evidence', async () => {
    const desk = new ListeningDesk()
    const { evidence, facts } = await verifyTree(tree, {
      desk,
      environment: { GOPROXY: 'https://me:hunter2@goproxy.corp.example' },
      depth: { bytes: true },
    })
    expect(desk.asked.some((url) => url.startsWith('https://me:hunter2@goproxy.corp.example/'))).toBe(true)
    expect(JSON.stringify([evidence, facts])).not.toContain('hunter2')
    expect(evidence.some(({ authority }) => authority?.name === 'https://goproxy.corp.example')).toBe(true)
  })
})

describe('settings', () => {
  const NO_SOURCES: Settings['sources'] = {
    registries: [],
    mirrors: [],
    git: { orgs: [], require: 'any' },
    hosts: [],
    internal: [],
  }
  const settingOf = (environment: Readonly<Record<string, string>>): GoSources =>
    new GoSources(new Map(Object.entries(environment)), NO_SOURCES)

  it.each([
    ['', 'database sum.golang.org at undefined'],
    ['sum.golang.org', 'database sum.golang.org at undefined'],
    ['sum.golang.org https://mirror.example/sumdb/', 'database sum.golang.org at https://mirror.example/sumdb'],
    ['sum.golang.google.cn', 'database sum.golang.org at https://sum.golang.google.cn'],
    ['off', 'off'],
    [OWN_KEY, 'database sum.corp.example at undefined'],
    [`${OWN_KEY} file:///srv/sumdb`, 'database sum.corp.example at file:///srv/sumdb'],
    [`  ${OWN_KEY}\t https://x.example `, 'database sum.corp.example at https://x.example'],
    ['sum.corp.example', 'invalid: only the key of the public database is known by name'],
    [`${OWN_KEY}x`, 'invalid: the key part of a verifier key is not base64'],
    ['a b c', 'invalid: it has more than two fields'],
    [`${OWN_KEY} nonsense`, 'invalid: its second field is no URL'],
    [`${OWN_KEY} ftp://x.example`, 'invalid: its second field is no URL'],
  ])('GOSUMDB=%j', (value, expected) => {
    const { database } = settingOf({ GOSUMDB: value })
    const shown =
      database.kind === 'off'
        ? 'off'
        : database.kind === 'invalid'
          ? `invalid: ${database.why}`
          : `database ${database.verifier.name} at ${database.url}`
    expect(shown).toBe(expected)
  })

  it.each([
    ['', 'https://proxy.golang.org then direct'],
    ['off', ' then off'],
    ['direct', ' then direct'],
    ['https://a.example/|https://b.example,off', 'https://a.example| https://b.example then off'],
    ['a.example/mod', 'https://a.example/mod then nothing'],
    ['ftp://a.example', ' then nothing: GOPROXY cannot be read: scheme must be https, http or file'],
  ])('GOPROXY=%j', (value, expected) => {
    const { proxies, end, proxyProblem } = settingOf({ GOPROXY: value })
    const shown = proxies.map(({ url, fallbackOnAnyError }) => `${url}${fallbackOnAnyError ? '|' : ''}`).join(' ')
    expect(`${shown} then ${end}${proxyProblem === undefined ? '' : `: ${proxyProblem}`}`).toBe(expected)
  })

  it('any values are read', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom(OWN_KEY, 'off', 'direct', ','), fc.webUrl())
    fc.assert(
      fc.property(value, value, value, fc.string(), (GOPROXY, GOSUMDB, GOPRIVATE, path) => {
        const sources = settingOf({ GOPROXY, GOSUMDB, GOPRIVATE, GONOPROXY: GOPRIVATE, GONOSUMDB: GOSUMDB })
        const reasons = [sources.reasonForNoProxy(path), sources.reasonForNoDatabase(path), sources.reasonNotToAsk(path, GOPROXY)]
        expect(reasons.every((reason) => reason === undefined || reason.length > 0)).toBe(true)
      }),
    )
  })
})
