import { describe, expect, it } from 'vitest'
import { claimCargo } from '../../../src/ecosystems/cargo/claims.js'
import { cargoSources } from '../../../src/ecosystems/cargo/sources.js'
import { type SourcesCase, sourcesOf, summary, weights } from '../support/sources.js'

const LOCK = 'version = 4\n'
const read = (config: string, more: SourcesCase = {}) =>
  sourcesOf(cargoSources, claimCargo, { ...more, files: { 'Cargo.lock': LOCK, '.cargo/config.toml': config, ...more.files } })

const PUBLIC = 'crates-io https://index.crates.io/:'

/** What a configuration leads to; spec/cargo.md §4.2 and §4.3. */
const CASES: readonly (readonly [name: string, config: string, expected: readonly string[]])[] = [
  ['nothing configured', '', [PUBLIC]],
  [
    'a mirror',
    '[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://m.example/index/"\n',
    ['crates-io https://m.example/index/:'],
  ],
  [
    'a chain: only its end is asked',
    '[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "sparse+https://a.example/"\nreplace-with = "b"\n[source.b]\nregistry = "sparse+https://b.example/"\n',
    ['crates-io https://b.example/: dead-entry'],
  ],
  ['a chain into nothing', '[source.crates-io]\nreplace-with = "gone"\n', ['crates-io -: chain-ends-nowhere']],
  [
    'a circle',
    '[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "sparse+https://a.example/"\nreplace-with = "crates-io"\n',
    ['crates-io -: chain-circle'],
  ],
  [
    'a circle beside',
    '[source.a]\nregistry = "sparse+https://a.example/"\nreplace-with = "b"\n[source.b]\nregistry = "sparse+https://b.example/"\nreplace-with = "a"\n',
    [PUBLIC, 'a -: chain-circle'],
  ],
  [
    'a link before its chain',
    '[source.b]\nregistry = "sparse+https://b.example/"\nreplace-with = "c"\n[source.c]\nregistry = "sparse+https://c.example/"\n[source.crates-io]\nreplace-with = "b"\n',
    ['crates-io https://c.example/: dead-entry'],
  ],
  ['a table without a place', '[source.crates-io]\nreplace-with = "a"\n[source.a]\n', ['crates-io -: chain-ends-nowhere']],
  [
    'two places in one table',
    '[source.crates-io]\nreplace-with = "a"\n[source.a]\ndirectory = "vendor"\nregistry = "sparse+https://a.example/"\n',
    ['crates-io -: chain-ends-nowhere'],
  ],
  [
    'a registry replaced by a repository',
    '[source.crates-io]\nreplace-with = "a"\n[source.a]\ngit = "https://git.example/x"\n',
    ['crates-io -: chain-ends-nowhere'],
  ],
  [
    'a vendor folder that is not there',
    '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n',
    ['crates-io vendor: chain-ends-nowhere'],
  ],
  [
    'a vendor folder outside',
    '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "../vendor"\n',
    ['crates-io ../vendor: outside-repository'],
  ],
  [
    'a table that nothing leads to',
    '[source.spare]\nregistry = "sparse+https://spare.example/"\n',
    [PUBLIC, 'source.spare https://spare.example/: dead-entry'],
  ],
  [
    'plain http and a password',
    '[registries.ours]\nindex = "sparse+http://user:hunter22@r.example/i/"\n',
    [PUBLIC, 'ours http://r.example/i/: credential-in-url plain-http'],
  ],
  [
    'a replaced repository',
    '[source.x]\ngit = "https://git.example/x"\nreplace-with = "y"\n[source.y]\ngit = "https://mirror.example/x"\n',
    [PUBLIC, 'x https://mirror.example/x: no-checksum'],
  ],
  [
    'switches',
    '[http]\ncheck-revoke = false\nproxy = "http://u:secret99@p.example:3128"\ncainfo = "ca.pem"\n[registry]\ntoken = "verysecret"\n',
    [
      PUBLIC,
      'http.proxy http://p.example:3128: credential-in-url',
      'http.check-revoke -: checks-off',
      'http.cainfo -: own-authority',
      'registry.token -: token-in-file',
    ],
  ],
  ['no TOML', '[source\ntoken = "verysecret"\n', ['.cargo/config.toml -: config-unreadable', PUBLIC]],
]

describe('sources of cargo', () => {
  it.each(CASES)('%s', async (_, config, expected) => {
    const sources = await read(config)
    expect(summary(sources)).toEqual(expected)
    expect(JSON.stringify(sources)).not.toMatch(/hunter22|secret99|verysecret/)
  })

  it('a vendor folder that is there is fine, and nobody is asked', async () => {
    const config = '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n'
    const [source] = await read(config, { files: { 'vendor/itoa/Cargo.toml': '' } })
    expect(source).toMatchObject({ role: 'folder', url: 'vendor', problems: [], probes: [] })
  })

  it('variables name registries, and win over files', async () => {
    const sources = await read('[registries.ours]\nindex = "sparse+https://file.example/"\n', {
      environment: {
        CARGO_REGISTRIES_OURS_INDEX: 'sparse+https://here.example/',
        CARGO_REGISTRIES_OTHER_ONE_INDEX: 'https://git.example/index',
        CARGO_HTTP_CHECK_REVOKE: 'false',
      },
    })
    expect(summary(sources)).toEqual([
      PUBLIC,
      'ours https://here.example/:',
      'other-one https://git.example/index:',
      'CARGO_HTTP_CHECK_REVOKE -: checks-off',
    ])
    expect(sources[1]?.from).toEqual({ kind: 'variable', name: 'CARGO_REGISTRIES_OURS_INDEX' })
    expect(sources[2]?.repeat).toEqual(['git ls-remote https://git.example/index HEAD'])
  })

  it('what holds for this user alone is said to', async () => {
    const [source] = await read('', {
      userFile: {
        shown: '~/.cargo/config.toml',
        text: '\n[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://m.example/"\n',
      },
    })
    expect(source).toMatchObject({
      url: 'https://m.example/',
      from: { kind: 'user-file', file: '~/.cargo/config.toml', line: 2 },
    })
    expect(source?.problems.map(({ code }) => code)).toEqual(['user-setting'])
  })

  it('looks for settings of the user only where a variable leads', () => {
    expect(cargoSources.userFiles?.(new Map())).toEqual([])
    expect(cargoSources.userFiles?.(new Map([['HOME', '/home/x']]))?.map(({ shown }) => shown)).toEqual([
      '~/.cargo/config',
      '~/.cargo/config.toml',
    ])
    expect(cargoSources.userFiles?.(new Map([['CARGO_HOME', '/c']]))?.[0]).toEqual({
      path: '/c/config',
      shown: '$CARGO_HOME/config',
    })
  })

  it('the lockfile names repositories, and registries that nothing here names', async () => {
    const entry = (name: string, source: string): string =>
      `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "${source}"\n\n`
    const commit = '0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9'
    const sources = await read('', {
      files: {
        'Cargo.lock': `version = 4\n\n${entry('a', `git+https://git.example/o/a#${commit}`)}${entry('b', `git+https://git.example/o/b?rev=1#${commit}`)}${entry('c', 'sparse+https://r.example/i/')}`,
      },
    })
    expect(summary(sources)).toEqual([
      PUBLIC,
      '2 packages https://git.example:',
      'without a name here https://r.example/i/: registry-unnamed',
    ])
    expect(sources[1]?.from).toMatchObject({ location: { file: 'Cargo.lock', line: 6 } })
  })

  it('says in which projects a source holds', async () => {
    const sources = await sourcesOf(cargoSources, claimCargo, {
      files: {
        'a/Cargo.lock': LOCK,
        'b/Cargo.lock': LOCK,
        'a/.cargo/config.toml': '[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://m.example/"\n',
      },
    })
    expect(sources.map(({ meaning }) => /Holds in .*$/.exec(meaning)?.[0])).toEqual(['Holds in a.', 'Holds in b.'])
  })

  it('a mirror of the policy is asked for what the public registry has', async () => {
    const sources = await read('', {
      sources: {
        mirrors: [
          { url: 'sparse+https://m.example/i/', of: 'crates.io' },
          { url: 'https://p.example', of: 'go:proxy' },
        ],
      },
    })
    expect(summary(sources)).toEqual([PUBLIC, 'mirror of crates-io https://m.example/i/:'])
    expect(sources[1]?.probes.map(({ what }) => what)).toEqual(['config.json', 'checksum of lazy_static 1.5.0'])
  })

  it('weighs what is unsafe', async () => {
    expect(weights(await read('[source.crates-io]\nreplace-with = "gone"\n'))).toEqual(['unsafe chain-ends-nowhere'])
    expect(weights(await read('[a\n'))).toEqual(['unreadable config-unreadable'])
  })
})

describe('what a registry answers', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const probes = async () => (await read(''))[0]?.probes ?? []

  it.each([
    ['{"dl":"https://static.crates.io/crates"}', { ok: true, remark: 'archives come from static.crates.io' }, []],
    ['{"dl":"http://dl.example"}', { ok: true }, ['plain-http']],
    ['{"dl":"https://u:pw123456@dl.example","auth-required":true}', { ok: true }, ['credential-in-url', 'token-to-other-host']],
    ['<html>log in</html>', { ok: false }, undefined],
  ] as const)('config.json %s', async (text, expected, codes) => {
    const reading = (await probes())[0]?.read?.(bytes(text))
    expect(reading).toMatchObject(expected)
    expect(reading?.ok === true ? reading.problems?.map(({ code }) => code) : undefined).toEqual(codes)
    expect(JSON.stringify(reading)).not.toContain('pw123456')
  })

  it('a row gives its checksum, a page is no index', async () => {
    const row = JSON.stringify({
      name: 'lazy_static',
      vers: '1.5.0',
      deps: [],
      cksum: 'ab'.repeat(32),
      features: {},
      yanked: false,
    })
    const read = (await probes())[1]?.read
    expect(read?.(bytes(row))).toEqual({ ok: true, value: 'ab'.repeat(32) })
    expect(read?.(bytes('<html>'))).toMatchObject({ ok: false })
    expect(read?.(bytes(row.replace('1.5.0', '1.4.0')))).toMatchObject({ ok: false })
  })
})
