import { describe, expect, it } from 'vitest'
import { claimNimble } from '../../../src/ecosystems/nimble/claims.js'
import { nimbleSources } from '../../../src/ecosystems/nimble/sources.js'
import { readNimbleIni } from '../../../src/ecosystems/nimble/user-settings.js'
import { describeShared, readSharedBytes } from '../../support/shared.js'
import { type SourcesCase, sourcesOf, summary } from '../support/sources.js'

const read = (more: SourcesCase = {}) =>
  sourcesOf(nimbleSources, claimNimble, { ...more, files: { 'x.nimble': 'version = "1.0"\n', ...more.files } })

const OFFICIAL = [
  'Official, 1 of 3 https://packages.nim-lang.org/packages.json:',
  'Official, 2 of 3 https://raw.githubusercontent.com/nim-lang/packages/master/packages.json:',
  'Official, 3 of 3 https://nim-lang.org/nimble/packages.json:',
]
const ini = (text: string): SourcesCase => ({ userFile: { shown: '~/.config/nimble/nimble.ini', text } })

describe('lists of nimble', () => {
  it('three places stand in for one another', async () => {
    const sources = await read()
    expect(summary(sources)).toEqual(OFFICIAL)
    expect(new Set(sources.map(({ alternative }) => alternative)).size).toBe(1)
  })

  it('nimble.ini replaces the official list', async () => {
    const sources = await read(
      ini('[PackageList]\nname = "Official"\nurl = "http://m.example/p.json"\nurl = "https://u:hunter22@n.example/p.json"\n'),
    )
    expect(summary(sources)).toEqual([
      'Official http://m.example/p.json: plain-http',
      'Official https://n.example/p.json: credential-in-url',
    ])
    expect(sources[0]?.from).toEqual({ kind: 'user-file', file: '~/.config/nimble/nimble.ini', line: 1 })
    expect(JSON.stringify(sources)).not.toContain('hunter22')
  })

  it('several lists have no order, and one needs a place', async () => {
    const sources = await read(ini('httpProxy = "http://p.example:3128"\n[PackageList]\nname = "ours"\n'))
    expect(summary(sources)).toEqual([
      ...OFFICIAL,
      'ours -: lists-without-order chain-ends-nowhere',
      'httpProxy http://p.example:3128:',
    ])
  })

  it('mirrors and lists of the policy', async () => {
    const sources = await read({
      sources: {
        mirrors: [{ url: 'https://m.example/p.json', of: 'nim:official' }],
        registries: ['nim:official', 'nim:https://o.example/p.json'],
      },
    })
    expect(summary(sources)).toEqual([
      'mirror of Official https://m.example/p.json:',
      ...OFFICIAL,
      'own list https://o.example/p.json:',
    ])
  })

  it('packages by URL come from hosts', async () => {
    const lock = {
      version: 2,
      packages: {
        a: {
          version: '1',
          vcsRevision: 'a'.repeat(40),
          url: 'https://h.example/a',
          downloadMethod: 'git',
          dependencies: [],
          checksums: { sha1: 'b'.repeat(40) },
        },
      },
      tasks: {},
    }
    const sources = await read({
      files: {
        'x.nimble': 'version = "1.0"\nrequires "http://u:hunter22@g.example/b?subdir=x"\n',
        'nimble.lock': JSON.stringify(lock),
      },
    })
    expect(summary(sources).slice(3)).toEqual([
      '1 package https://h.example:',
      '1 package http://g.example: credential-in-url plain-http',
    ])
    expect(JSON.stringify(sources)).not.toContain('hunter22')
  })

  it('a lockfile that cannot be read is told', async () => {
    expect(summary(await read({ files: { 'nimble.lock': '{' } }))[0]).toBe('nimble.lock -: config-unreadable')
  })

  it('a list gives its digest and how many packages it has', async () => {
    const [source] = await read()
    const reading = source?.probes[0]?.read?.(
      new TextEncoder().encode('[{"name":"a","url":"https://h.example/a","method":"git"}]'),
    )
    expect(reading).toMatchObject({ ok: true, remark: '1 packages' })
    expect(source?.probes[0]?.read?.(new TextEncoder().encode('<html>'))).toMatchObject({ ok: false })
  })
})

const INI = ['vectors', 'nimble', 'registry', 'nimble.ini']

describeShared(INI.join('/'), 'nimble.ini of the vectors', () => {
  it('gives its lists', () => {
    expect(readNimbleIni(new TextDecoder().decode(readSharedBytes(...INI)))).toEqual({
      httpProxy: { value: 'http://proxy.example.org:3128', line: 3 },
      lists: [
        { name: 'Official', urls: ['https://mirror.example.org/packages.json'], path: undefined, line: 5 },
        { name: 'Local', urls: [], path: '/srv/nimble/packages.json', line: 9 },
      ],
    })
  })
})
