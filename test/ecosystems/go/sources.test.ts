import { describe, expect, it } from 'vitest'
import { claimGo } from '../../../src/ecosystems/go/claims.js'
import { goSources } from '../../../src/ecosystems/go/sources.js'
import { type SourcesCase, sourcesOf, summary } from '../support/sources.js'

const read = (environment: Readonly<Record<string, string>>, more: SourcesCase = {}) =>
  sourcesOf(goSources, claimGo, { ...more, environment, files: { 'go.mod': 'module example.com/m\n', ...more.files } })

const DATABASE = ['GOSUMDB https://sum.golang.org:']
const THROUGH = (proxy: string): string => `GOSUMDB through ${proxy} ${proxy}/sumdb/sum.golang.org:`

/** What GOPROXY leads to; spec/go.md §8.3. */
const PROXIES: readonly (readonly [value: string, expected: readonly string[], through: readonly string[]])[] = [
  ['', ['GOPROXY, 1 of 2 https://proxy.golang.org:', 'GOPROXY, 2 of 2 -:'], ['https://proxy.golang.org']],
  [
    'https://a.example,https://b.example',
    ['GOPROXY, 1 of 2 https://a.example: comma-stops-at-errors', 'GOPROXY, 2 of 2 https://b.example:'],
    ['https://a.example', 'https://b.example'],
  ],
  [
    'https://a.example|https://b.example/,direct',
    ['GOPROXY, 1 of 3 https://a.example:', 'GOPROXY, 2 of 3 https://b.example:', 'GOPROXY, 3 of 3 -:'],
    ['https://a.example', 'https://b.example'],
  ],
  [
    'https://a.example|https://proxy.golang.org,direct',
    [
      'GOPROXY, 1 of 3 https://a.example: pipe-passes-refusals',
      'GOPROXY, 2 of 3 https://proxy.golang.org:',
      'GOPROXY, 3 of 3 -:',
    ],
    ['https://a.example', 'https://proxy.golang.org'],
  ],
  ['a.example|direct', ['GOPROXY, 1 of 2 https://a.example: pipe-passes-refusals', 'GOPROXY, 2 of 2 -:'], ['https://a.example']],
  [
    'direct,https://u:hunter22@a.example',
    ['GOPROXY, 1 of 1 -: direct-first', 'GOPROXY, never reached https://a.example: dead-entry credential-in-url'],
    [],
  ],
  ['off', ['GOPROXY, 1 of 1 -:'], []],
  ['https://a.example,off', ['GOPROXY, 1 of 2 https://a.example:', 'GOPROXY, 2 of 2 -:'], ['https://a.example']],
  ['ftp://a.example', ['GOPROXY -: chain-ends-nowhere'], []],
  [',,', ['GOPROXY -: chain-ends-nowhere'], []],
  [
    'http://user:hunter22@a.example/x',
    ['GOPROXY, 1 of 1 http://a.example/x: credential-in-url plain-http'],
    ['http://a.example/x'],
  ],
]

describe('GOPROXY', () => {
  it.each(PROXIES)('%s', async (value, expected, through) => {
    const sources = await read({ GOPROXY: value })
    expect(summary(sources)).toEqual([...expected, ...through.map(THROUGH), ...DATABASE])
    expect(JSON.stringify(sources)).not.toContain('hunter22')
    // The command that asks by hand is told, never with a credential.
    for (const { probes, repeat } of sources) expect(probes.length === 0 || repeat.length > 0).toBe(true)
  })

  it('says what comma and pipe mean', async () => {
    const [comma] = await read({ GOPROXY: 'https://a.example,direct' })
    expect(comma?.meaning).toContain('only when it answers 404 or 410')
    const [pipe] = await read({ GOPROXY: 'https://a.example|direct' })
    expect(pipe?.meaning).toContain('after any error')
  })

  it('a credential is sent, and not shown', async () => {
    const [proxy] = await read({ GOPROXY: 'https://user:hunter22@a.example' })
    expect(proxy?.probes[0]?.address.reveal()).toBe('https://user:hunter22@a.example/golang.org/x/text/@v/v0.3.0.mod')
    expect(String(proxy?.probes[0]?.address)).not.toContain('hunter22')
  })
})

const OWN_KEY = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'

/** Settings that decide about checks; spec/go.md §8.4. */
const SWITCHES: readonly (readonly [environment: Readonly<Record<string, string>>, expected: readonly string[]])[] = [
  [{ GOSUMDB: 'off' }, ['GOSUMDB -: checks-off']],
  [{ GOSUMDB: 'log.example' }, ['GOSUMDB -: chain-ends-nowhere']],
  [{ GOSUMDB: `${OWN_KEY} https://log.example/sumdb` }, ['GOSUMDB https://log.example/sumdb:']],
  [{ GOSUMDB: `${OWN_KEY} http://log.example` }, ['GOSUMDB http://log.example: plain-http']],
  [{ GOSUMDB: 'sum.golang.google.cn' }, ['GOSUMDB https://sum.golang.google.cn:']],
  [{ GOPRIVATE: 'corp.example' }, [...DATABASE, 'GOPRIVATE -:']],
  [{ GOPRIVATE: '*' }, [...DATABASE, 'GOPRIVATE -: checks-off']],
  [{ GONOSUMDB: 'github.com/*' }, [...DATABASE, 'GONOSUMDB -: checks-off']],
  [{ GONOSUMDB: 'github.com/our-team' }, [...DATABASE, 'GONOSUMDB -:']],
  [{ GOINSECURE: 'corp.example' }, [...DATABASE, 'GOINSECURE -: insecure-fetch']],
  [{ GOFLAGS: '-mod=mod -insecure' }, [...DATABASE, 'GOFLAGS -: checks-off']],
  [{ GOFLAGS: '-mod=mod' }, DATABASE],
  [{ GONOSUMCHECK: '1' }, [...DATABASE, 'GONOSUMCHECK -: no-effect']],
]

describe('switches', () => {
  it.each(SWITCHES)('%j', async (environment, expected) => {
    const sources = await read({ GOPROXY: 'direct', ...environment })
    expect(summary(sources).slice(1)).toEqual(expected)
  })

  it('names that the policy keeps inside must be private to the go command too', async () => {
    const sources = { internal: ['go:corp.example/**', 'cargo:x'] }
    expect(summary(await read({ GOPROXY: 'direct' }, { sources })).at(-1)).toBe('GOPRIVATE -: private-undeclared')
    expect(summary(await read({ GOPROXY: 'direct', GOPRIVATE: 'corp.example' }, { sources })).at(-1)).toBe('GOPRIVATE -:')
  })
})

describe('where a setting stands', () => {
  it('the variable wins over the file of the user', async () => {
    const userFile = { shown: '~/.config/go/env', text: '# x\nGOPROXY=https://file.example\nGOSUMDB=off\n' }
    const sources = await read({ GOPROXY: 'https://here.example' }, { userFile })
    expect(sources[0]).toMatchObject({ url: 'https://here.example', from: { kind: 'variable', name: 'GOPROXY' } })
    expect(sources[1]).toMatchObject({ from: { kind: 'user-file', file: '~/.config/go/env', line: 3 } })
  })

  it('a build file is explained, and nobody is asked for it', async () => {
    const sources = await read(
      { GOPROXY: 'off' },
      { files: { Makefile: 'export GOPROXY=https://a.example|https://b.example\nexport GONOSUMDB=*\n' } },
    )
    const tracked = sources.filter(({ from }) => from.kind === 'file')
    expect(summary(tracked)).toEqual([
      'GOPROXY, 1 of 2 https://a.example:',
      'GOPROXY, 2 of 2 https://b.example:',
      'GONOSUMDB -: checks-off',
    ])
    expect(tracked.map(({ probes }) => probes.length)).toEqual([0, 0, 0])
    expect(tracked[0]?.unasked).toContain('Makefile')
  })

  it('looks for the file of the user where the go command does', () => {
    const shown = (environment: Readonly<Record<string, string>>): readonly string[] | undefined =>
      goSources.userFiles?.(new Map(Object.entries(environment))).map((place) => place.shown)
    expect(shown({})).toEqual([])
    expect(shown({ GOENV: 'off', HOME: '/h' })).toEqual([])
    expect(shown({ GOENV: '/e' })).toEqual(['$GOENV'])
    expect(shown({ HOME: '/h' })?.[0]).toBe('~/.config/go/env')
  })
})

describe('what a database answers', () => {
  it('another signature is no answer of this database', async () => {
    const sources = await read({ GOPROXY: 'direct' })
    const [head] = sources[1]?.probes ?? []
    const page = head?.read?.(new TextEncoder().encode('<html>log in</html>\n'))
    expect(page).toMatchObject({ ok: false })
    expect(page?.ok === false && page.problem).toBeFalsy()
    const root = Buffer.alloc(32).toString('base64')
    const forged = `go.sum database tree\n5\n${root}\n\n— sum.golang.org ${Buffer.concat([Buffer.from('033de0ae', 'hex'), Buffer.alloc(64)]).toString('base64')}\n`
    expect(head?.read?.(new TextEncoder().encode(forged))).toMatchObject({
      ok: false,
      problem: { code: 'bad-signature', weight: 'unsafe' },
    })
  })

  it('a go.mod gives its hash', async () => {
    const [proxy] = await read({})
    expect(proxy?.probes[0]?.read?.(new TextEncoder().encode('module golang.org/x/text\n'))).toEqual({
      ok: true,
      value: 'h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=',
    })
  })
})
