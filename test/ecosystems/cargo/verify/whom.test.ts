import { describe, expect, it } from 'vitest'
import { claimCargo } from '../../../../src/ecosystems/cargo/claims.js'
import { privateNames } from '../../../../src/ecosystems/cargo/verify/private-names.js'
import { cargoCredentials } from '../../../../src/ecosystems/cargo/verify/tokens.js'
import { cargoVerifier } from '../../../../src/ecosystems/cargo/verify/verifier.js'
import { credentialFor } from '../../../../src/evidence/http/credentials.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import type { VerifyOptions } from './support.js'
import { lockOf, NO_SOURCES, rowOf, ScriptedDesk, serve, testDesk, verifyTree } from './support.js'

const SUM = '11'.repeat(32)
const OTHER = '22'.repeat(32)
const row = (name: string, sum = SUM): string => rowOf(name, '1.0.0', sum)
const entry = (name: string, source?: string) => ({ name, version: '1.0.0', source, checksum: SUM })
const PUBLIC = 'https://index.crates.io/'
const CORP = 'https://cargo.corp.example/index/'
const CONFIG = '{"dl":"https://dl.example/x"}'

/** What is asked, and by whom the verdicts are. */
async function ask(
  files: Readonly<Record<string, string>>,
  answers: Readonly<Record<string, string>>,
  options: Omit<VerifyOptions, 'desk'> = {},
): Promise<{
  readonly asked: readonly string[]
  readonly said: readonly string[]
  readonly why: readonly (string | undefined)[]
}> {
  const desk = new ScriptedDesk(answers)
  const { evidence } = await verifyTree(new MemoryTree(files), { ...options, desk })
  return {
    asked: [...desk.asked].sort(),
    said: evidence.map(({ check, verdict, authority }) => `${check.slice('cargo/'.length)} ${verdict} ${authority?.name ?? '-'}`),
    why: evidence.map(({ why }) => why),
  }
}

describe('private names', () => {
  it.each([
    ['corp-*', 'corp-x', true],
    ['corp-*', 'Corp_X', true],
    ['corp_*', 'corp-x', true],
    ['corp-*', 'corpx', false],
    ['corp-*', 'x-corp-y', false],
    ['**', 'anything', true],
  ])('%s means %s: %s', (pattern, name, wanted) => {
    expect(privateNames([`go:${name}`, `cargo:${pattern}`])(name)).toBe(wanted)
    expect(privateNames([`go:${pattern}`])(name)).toBe(false)
  })

  const sources = { internal: ['cargo:corp-*'] }
  const lock = lockOf([entry('corp-secret'), entry('serde')])

  it('are never asked for at the public registry, in no way of writing it, at any depth', async () => {
    for (const source of [
      undefined,
      'registry+https://github.com/rust-lang/crates.io-index/',
      'sparse+https://index.crates.io/',
    ]) {
      const { asked, said, why } = await ask(
        { 'Cargo.lock': lockOf([entry('corp-secret', source), entry('serde', source)]) },
        { [`${PUBLIC}se/rd/serde`]: row('serde'), [`${PUBLIC}config.json`]: CONFIG },
        { sources, depth: { bytes: true, source: true } },
      )
      expect(asked.filter((url) => url.includes('secret'))).toEqual([])
      expect(said).toContain('index-checksum not-checkable -')
      expect(said).toContain('crate-bytes not-checkable -')
      expect(why.filter((one) => one?.includes('sources.internal')).length).toBe(2)
      expect(said).toContain(`index-checksum match ${PUBLIC}`)
    }
  })

  it('are not asked for while reading either', async () => {
    const desk = new ScriptedDesk({ [`${PUBLIC}se/rd/serde`]: row('serde') })
    const tree = new MemoryTree({ 'Cargo.lock': lock })
    const supplied = cargoVerifier().supply?.({
      desk,
      tree,
      environment: new Map(),
      sources: { ...NO_SOURCES, ...sources },
      files: await claimedFiles(tree, claimCargo),
    })
    const index = supplied?.get('cargo-index')
    expect((await index?.read('co/rp/corp-secret'))?.ok).toBe(false)
    expect((await index?.read('se/rd/serde'))?.ok).toBe(true)
    expect(desk.asked).toEqual([`${PUBLIC}se/rd/serde`])
  })

  it('are asked for where cargo itself asks: in their own registry, and in one that replaces the public one', async () => {
    const own = await ask(
      { 'Cargo.lock': lockOf([entry('corp-secret', `sparse+${CORP}`)]) },
      { [`${CORP}co/rp/corp-secret`]: row('corp-secret') },
      { sources },
    )
    expect(own.said).toEqual([`index-checksum match ${CORP}`])
    const replaced = await ask(
      {
        'Cargo.lock': lockOf([entry('corp-secret')]),
        '.cargo/config.toml': `[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "sparse+${CORP}"\n`,
      },
      { [`${CORP}co/rp/corp-secret`]: row('corp-secret') },
      { sources },
    )
    expect(replaced.asked).toEqual([`${CORP}co/rp/corp-secret`])
    expect(replaced.said).toEqual(['index-checksum not-checkable -', `index-checksum match ${CORP}`])
  })

  it('are asked for at a mirror only when its host is the own one', async () => {
    const mirrors = [{ url: `sparse+${CORP}`, of: 'crates.io' }]
    const foreign = await ask(
      { 'Cargo.lock': lock },
      { [`${CORP}se/rd/serde`]: row('serde') },
      { sources: { ...sources, mirrors } },
    )
    expect(foreign.asked).toEqual([`${CORP}se/rd/serde`])
    const own = await ask(
      { 'Cargo.lock': lock },
      { [`${CORP}co/rp/corp-secret`]: row('corp-secret'), [`${CORP}se/rd/serde`]: row('serde') },
      { sources: { ...sources, mirrors, hosts: ['cargo.corp.example'] } },
    )
    expect(own.asked).toEqual([`${CORP}co/rp/corp-secret`, `${CORP}se/rd/serde`])
    expect(own.said).toEqual([`index-checksum match ${CORP}`, `index-checksum match ${CORP}`])
  })
})

describe('sources', () => {
  const lock = { 'Cargo.lock': lockOf([entry('serde')]) }
  const MIRROR = 'https://mirror.example/index/'
  const mirrors = [{ url: `sparse+${MIRROR}`, of: 'crates.io' }]

  it.each(['crates.io', 'crates-io', 'https://github.com/rust-lang/crates.io-index', 'sparse+https://index.crates.io/', PUBLIC])(
    'a mirror of %s is asked first, and alone when it agrees',
    async (of) => {
      const { asked, said } = await ask(
        lock,
        { [`${MIRROR}se/rd/serde`]: row('serde') },
        { sources: { mirrors: [{ url: `sparse+${MIRROR}`, of }] } },
      )
      expect(asked).toEqual([`${MIRROR}se/rd/serde`])
      expect(said).toEqual([`index-checksum match ${MIRROR}`])
    },
  )

  it('a mirror that lacks the version, or is none, is no proof that it is gone', async () => {
    for (const answers of [
      {},
      { [`${MIRROR}config.json`]: CONFIG },
      { [`${MIRROR}se/rd/serde`]: rowOf('serde', '0.9.0', SUM) },
    ]) {
      const { said } = await ask(lock, { ...answers, [`${PUBLIC}se/rd/serde`]: row('serde') }, { sources: { mirrors } })
      expect(said).toEqual([`index-checksum match ${PUBLIC}`])
    }
    const gone = await ask(lock, { [`${MIRROR}config.json`]: CONFIG, [`${PUBLIC}config.json`]: CONFIG }, { sources: { mirrors } })
    expect(gone.said).toEqual([`index-checksum absent ${PUBLIC}`])
    const closed = await ask(lock, { [`${MIRROR}config.json`]: CONFIG }, { sources: { mirrors, hosts: ['mirror.example'] } })
    expect(closed.said).toEqual([`index-checksum not-checkable ${MIRROR}`])
    expect(closed.asked.filter((url) => url.startsWith(PUBLIC))).toEqual([])
  })

  it('a mirror that differs is told beside what the registry says', async () => {
    const { said } = await ask(
      lock,
      { [`${MIRROR}se/rd/serde`]: row('serde', OTHER), [`${PUBLIC}se/rd/serde`]: row('serde') },
      { sources: { mirrors } },
    )
    expect(said).toEqual([`index-checksum mismatch ${MIRROR}`, `index-checksum match ${PUBLIC}`])
  })

  it('what replaces the registry in cargo is asked beside it, at the end of the chain alone', async () => {
    const files = {
      ...lock,
      '.cargo/config.toml': [
        '[source.crates-io]\nreplace-with = "a"',
        '[source.a]\nregistry = "sparse+https://a.example/"\nreplace-with = "b"',
        '[registries.b]\nindex = "sparse+https://b.example/"',
      ].join('\n'),
    }
    const answers = { [`${PUBLIC}se/rd/serde`]: row('serde'), 'https://b.example/se/rd/serde': row('serde', OTHER) }
    const { asked, said } = await ask(files, answers)
    expect(asked).toEqual(['https://b.example/se/rd/serde', `${PUBLIC}se/rd/serde`])
    expect(said).toEqual([`index-checksum match ${PUBLIC}`, 'index-checksum mismatch https://b.example/'])
    const environment = { CARGO_REGISTRIES_B_INDEX: 'sparse+https://here.example/' }
    const here = await ask(files, { ...answers, 'https://here.example/se/rd/serde': row('serde') }, { environment })
    expect(here.said).toEqual([`index-checksum match ${PUBLIC}`, 'index-checksum match https://here.example/'])
  })

  it('a registry whose name leads elsewhere in this environment is asked there', async () => {
    const files = {
      'Cargo.lock': lockOf([entry('serde', 'sparse+https://a.example/')]),
      '.cargo/config.toml': '[registries.my-corp]\nindex = "sparse+https://a.example/"\n',
    }
    const { asked } = await ask(files, {}, { environment: { CARGO_REGISTRIES_MY_CORP_INDEX: 'sparse+https://here.example/' } })
    expect(asked).toEqual(['https://here.example/config.json', 'https://here.example/se/rd/serde'])
  })

  it('each project follows its own configuration', async () => {
    const files = {
      'one/Cargo.lock': lockOf([entry('serde')]),
      'one/.cargo/config.toml': '[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "sparse+https://a.example/"\n',
      'two/Cargo.lock': lockOf([entry('log')]),
    }
    const { asked } = await ask(files, { [`${PUBLIC}se/rd/serde`]: row('serde'), [`${PUBLIC}3/l/log`]: row('log') })
    expect(asked).toEqual([
      'https://a.example/config.json',
      'https://a.example/se/rd/serde',
      `${PUBLIC}3/l/log`,
      `${PUBLIC}se/rd/serde`,
    ])
  })

  it('hosts outside the allowed ones are not asked, and that is said', async () => {
    const { asked, said, why } = await ask(lock, {}, { sources: { hosts: ['static.example'] } })
    expect(asked).toEqual([])
    expect(said).toEqual(['index-checksum not-checkable -'])
    expect(why[0]).toContain('sources.hosts')
  })

  it('a chain that cargo refuses leaves the registry itself', async () => {
    for (const text of ['replace-with = "nowhere"', 'replace-with = "crates-io"']) {
      const { said } = await ask(
        { ...lock, '.cargo/config.toml': `[source.crates-io]\n${text}\n` },
        { [`${PUBLIC}se/rd/serde`]: row('serde') },
      )
      expect(said).toEqual([`index-checksum match ${PUBLIC}`])
    }
  })

  it('what no registry can tell is said: folders, repositories, names and versions that cannot be', async () => {
    const lockfile = [
      'version = 4',
      '[[package]]\nname = "root"\nversion = "0.0.0"\ndependencies = ["elsewhere", "../../x", "git-index", "by-git"]',
      '[[package]]\nname = "elsewhere"\nversion = "1.0.0"',
      '[[package]]\nname = "../../x"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"',
      '[[package]]\nname = "git-index"\nversion = "1.0.0"\nsource = "registry+https://git.example/index"',
      `[[package]]\nname = "by-git"\nversion = "1.0.0"\nsource = "git+https://git.example/x#${'a'.repeat(40)}"`,
    ].join('\n\n')
    const { asked, said } = await ask(
      { 'Cargo.lock': lockfile, 'Cargo.toml': '[package]\nname = "root"\nversion = "0.0.0"\n' },
      {},
    )
    expect(asked).toEqual([])
    expect([...said].sort()).toEqual([
      'git-commit not-checkable https://git.example/x',
      'index-checksum not-checkable -',
      'index-checksum not-checkable -',
      'index-checksum not-checkable https://git.example/index',
    ])
  })

  it('two lockfiles that disagree are both held against the registry', async () => {
    const { said } = await ask(
      { 'a/Cargo.lock': lockOf([entry('serde')]), 'b/Cargo.lock': lockOf([{ ...entry('serde'), checksum: OTHER }]) },
      { [`${PUBLIC}se/rd/serde`]: row('serde') },
    )
    expect([...said].sort()).toEqual([`index-checksum match ${PUBLIC}`, `index-checksum mismatch ${PUBLIC}`])
  })
})

describe('tokens', () => {
  /** Two registries of one server that answer only to their own tokens, and note what each request carried. */
  const serveGuarded = (authRequired = true, dl = 'ORIGIN') => {
    const sent: (readonly [string, string | undefined])[] = []
    const server = serve((origin, request, response) => {
      const url = request.url ?? ''
      sent.push([url, request.headers.authorization])
      const wanted = url.startsWith('/one/') ? 'token-one' : 'token-two'
      if (request.headers.authorization !== wanted)
        return void response.writeHead(authRequired && !url.endsWith('config.json') ? 404 : 401).end()
      if (url.endsWith('config.json'))
        return void response.end(
          JSON.stringify({ dl: `${dl.replace('ORIGIN', origin)}${url.slice(0, 4)}/dl`, 'auth-required': authRequired }),
        )
      response.end(url.includes('/dl/') ? 'bytes' : rowOf('serde', '1.0.0', BYTES))
    })
    return { server, sent }
  }
  // printf bytes | sha256sum
  const BYTES = '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9'
  const run = async (origin: string, environment: Readonly<Record<string, string>>, registries: readonly string[], more = '') => {
    const tree = new MemoryTree({
      'Cargo.lock': lockOf([{ name: 'serde', version: '1.0.0', source: `sparse+${origin}/one/`, checksum: BYTES }]),
      '.cargo/config.toml': `[registries.one]\nindex = "sparse+${origin}/one/"\n${more}`,
    })
    const sources = { ...NO_SOURCES, registries }
    const files = await claimedFiles(tree, claimCargo)
    const credentials = await cargoCredentials({ tree, files, environment: new Map(Object.entries(environment)), sources })
    return verifyTree(tree, { desk: testDesk({ credentials }), environment, sources, depth: { bytes: true } })
  }
  const ONE = { CARGO_REGISTRIES_ONE_TOKEN: 'token-one' }

  it('of the environment go to their registry: to its settings when asked for, then to index and archives', async () => {
    const { server, sent } = serveGuarded()
    const { origin } = await server
    const { evidence } = await run(origin, ONE, [`sparse+${origin}/one/`])
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['match', 'match'])
    expect(sent).toEqual([
      ['/one/config.json', undefined],
      ['/one/config.json', 'token-one'],
      ['/one/se/rd/serde', 'token-one'],
      ['/one/dl/serde/1.0.0/download', 'token-one'],
    ])
  })

  it('never go where only a file of the repository says that they belong', async () => {
    const { server, sent } = serveGuarded()
    const { origin } = await server
    const { evidence } = await run(origin, ONE, ['crates.io'])
    expect(sent.every(([, token]) => token === undefined)).toBe(true)
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['unavailable', 'unavailable'])
    expect(evidence[0]?.why).toMatch(/was not sent.*sources\.registries/)
    const named = await run(origin, { ...ONE, CARGO_REGISTRIES_ONE_INDEX: `sparse+${origin}/one/` }, ['crates.io'])
    expect(named.evidence.map(({ verdict }) => verdict)).toEqual(['match', 'match'])
  })

  it('of one registry never reach another of the same host', async () => {
    const { server, sent } = serveGuarded()
    const { origin } = await server
    const environment = { ...ONE, CARGO_REGISTRIES_TWO_TOKEN: 'token-two', CARGO_REGISTRIES_TWO_INDEX: `sparse+${origin}/two/` }
    const { evidence } = await run(origin, environment, [`sparse+${origin}/one/`])
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['match', 'match'])
    expect(sent.some(([, token]) => token === 'token-two')).toBe(false)
    // Without a token of its own the registry is asked without any.
    sent.length = 0
    await run(origin, { CARGO_REGISTRIES_TWO_TOKEN: 'token-two', CARGO_REGISTRIES_TWO_INDEX: `sparse+${origin}/two/` }, [])
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.every(([, token]) => token === undefined)).toBe(true)
  })

  it('do not follow archives to another host', async () => {
    const other = await serve(
      (_, request, response) => void response.writeHead(request.headers.authorization === undefined ? 401 : 500).end(),
    )
    const { server } = serveGuarded(true, other.origin.replace('127.0.0.1', 'localhost'))
    const { origin } = await server
    const { of } = await run(origin, ONE, [`sparse+${origin}/one/`])
    expect(of('serde', 'cargo/crate-bytes')).toMatchObject([
      { verdict: 'unavailable', why: expect.stringMatching(/token is not sent to localhost/) },
    ])
  })

  it('are bound to paths where tokens of one origin differ, to the origin where there is one', async () => {
    const credentialsOf = async (environment: Readonly<Record<string, string>>) =>
      cargoCredentials({
        tree: new MemoryTree({}),
        files: [],
        environment: new Map(Object.entries(environment)),
        sources: NO_SOURCES,
      })
    const a = { CARGO_REGISTRIES_A_INDEX: 'sparse+https://h.example/a/', CARGO_REGISTRIES_A_TOKEN: 'ta' }
    const b = { CARGO_REGISTRIES_B_INDEX: 'sparse+https://h.example/b/', CARGO_REGISTRIES_B_TOKEN: 'tb' }
    const at = async (environment: Readonly<Record<string, string>>, url: string) =>
      credentialFor(new URL(url), await credentialsOf(environment))?.reveal()
    expect(await at(a, 'https://h.example/dl/x')).toBe('ta')
    expect(await at({ ...a, ...b }, 'https://h.example/dl/x')).toBeUndefined()
    expect(await at({ ...a, ...b }, 'https://h.example/b/config.json')).toBe('tb')
    expect(await at({ ...a, ...b }, 'https://h.example/ab/config.json')).toBeUndefined()
    expect(await at(a, 'https://other.example/a/config.json')).toBeUndefined()
    expect(await at(a, 'http://h.example/a/config.json')).toBeUndefined()
    expect(JSON.stringify(await credentialsOf(a))).not.toContain('ta"')
    expect(await credentialsOf({ CARGO_REGISTRY_TOKEN: 'public' })).toEqual([])
  })
})
