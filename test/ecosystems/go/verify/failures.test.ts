import { describe, expect, it } from 'vitest'
import type { VerdictKind } from '../../../../src/model/evidence.js'
import { http, raw } from '../../../evidence/http/support/servers.js'
import { makeZip } from '../../../support/make-zip.js'
import { makeNoteKey } from '../../../trust/support/signed-log.js'
import {
  cutOff,
  FAST,
  type MadeModule,
  makeModule,
  projectOf,
  proxyFiles,
  type Special,
  serveFiles,
  silence,
  status,
  testDesk,
  type Verification,
  verifyTree,
} from './support.js'

const PATH = 'example.com/m'
const MODULE = makeModule(PATH, 'v1.0.0')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

async function verifyWith(
  files: Readonly<Record<string, string | Uint8Array | undefined>>,
  special?: Special,
  module = MODULE,
): Promise<Verification> {
  const served = proxyFiles([module])
  for (const [path, body] of Object.entries(files)) {
    if (body === undefined) served.delete(path)
    else served.set(path, body)
  }
  const loopback = await serveFiles(served, special)
  const environment = { GOPROXY: loopback.origin, GOSUMDB: 'off' }
  return verifyTree(projectOf([module]), { desk: testDesk({ http: FAST }), environment, depth: { bytes: true } })
}

const zipAt = `/${PATH}/@v/v1.0.0.zip`
const modAt = `/${PATH}/@v/v1.0.0.mod`
const infoAt = `/${PATH}/@v/v1.0.0.info`
const listAt = `/${PATH}/@v/list`
const latestAt = `/${PATH}/@latest`

describe('a source that fails', () => {
  const ways: readonly [string, (ending: string) => Special, VerdictKind][] = [
    ['404', (ending) => status(ending, 404), 'absent'],
    ['410', (ending) => status(ending, 410), 'absent'],
    ['401', (ending) => status(ending, 401, { 'www-authenticate': 'Basic realm="x"' }), 'unavailable'],
    ['403', (ending) => status(ending, 403), 'unavailable'],
    ['451', (ending) => status(ending, 451), 'unavailable'],
    ['429', (ending) => status(ending, 429, { 'retry-after': '3600' }), 'unavailable'],
    ['500', (ending) => status(ending, 500), 'unavailable'],
    ['503', (ending) => status(ending, 503), 'unavailable'],
    ['204', (ending) => status(ending, 204), 'unavailable'],
    ['silence', silence, 'unavailable'],
    ['half an answer', cutOff, 'unavailable'],
  ]
  for (const [file, check] of [
    ['.zip', 'go/zip-bytes'],
    ['.mod', 'go/mod-bytes'],
    ['.info', 'go/info'],
  ] as const) {
    it.each(ways)(`${file}: %s is %s`, async (_, way, verdict) => {
      const verification = await verifyWith({}, way(`v1.0.0${file}`))
      const evidence = verification.one(PATH, check)
      expect(evidence.verdict).toBe(verdict)
      expect(evidence.why).toMatch(/./)
      // What was not asked of the failing file is not touched by it.
      const others = ['go/zip-bytes', 'go/info'].filter((other) => other !== check)
      for (const other of others) expect(verification.one(PATH, other).verdict).toBe('match')
    })
  }

  it.each(ways.filter(([, , verdict]) => verdict === 'unavailable'))(
    'list: %s leaves the latest version unknown, not "not retracted"',
    async (_, way) => {
      const verification = await verifyWith({}, way('/list'))
      expect(verification.one(PATH, 'go/latest').verdict).toBe('unavailable')
      expect(verification.fact('go/latest')).toEqual([])
    },
  )

  it('nothing listens: everything is unavailable and every check says so', async () => {
    const gone = await http(() => undefined)
    gone.stop()
    const environment = { GOPROXY: gone.origin, GOSUMDB: `${makeNoteKey('sum.example').verifierKey} ${gone.origin}` }
    const desk = testDesk({ http: FAST })
    const verification = await verifyTree(projectOf([MODULE]), { desk, environment, depth: { bytes: true } })
    expect(verification.verdicts(PATH)).toEqual(
      ['info', 'latest', 'mod-bytes', 'sumdb', 'sumdb-mod', 'zip-bytes'].map((check) => `go/${check} unavailable`),
    )
  })

  it('offline with nothing stored: everything is unavailable', async () => {
    const environment = { GOSUMDB: `${makeNoteKey('sum.example').verifierKey} https://sum.example` }
    const desk = testDesk({ offline: true })
    const verification = await verifyTree(projectOf([MODULE]), {
      desk,
      environment,
      depth: { bytes: true, source: true },
      supplied: true,
    })
    const { evidence } = verification
    expect(new Set(evidence.map(({ verdict }) => verdict))).toEqual(new Set(['unavailable', 'not-checkable']))
    expect(evidence.filter(({ verdict }) => verdict === 'not-checkable').map(({ check }) => check)).toEqual(['go/direct-tag'])
  })

  it('a server that speaks no HTTP', async () => {
    const server = await raw((socket) => socket.end('+OK POP3 ready\r\n'))
    const environment = { GOPROXY: server.origin, GOSUMDB: 'off' }
    const verification = await verifyTree(projectOf([MODULE]), {
      desk: testDesk({ http: FAST }),
      environment,
      depth: { bytes: true },
    })
    expect(verification.one(PATH, 'go/zip-bytes').verdict).toBe('unavailable')
  })
})

describe('a source that lies', () => {
  const prefixed = (files: Readonly<Record<string, string>>): Uint8Array =>
    makeZip(Object.entries(files).map(([name, body]) => ({ name, body: text(body) })))
  const bomb = makeZip([
    {
      name: `${PATH}@v1.0.0/a.go`,
      body: text('package a'),
      deflate: true,
      central: { size: 600 * 1024 * 1024 },
      local: { size: 600 * 1024 * 1024 },
    },
  ])
  const understated = makeZip([
    { name: `${PATH}@v1.0.0/a.go`, body: text('x'.repeat(1 << 20)), deflate: true, central: { size: 10 }, local: { size: 10 } },
  ])
  const cases: readonly [string, Uint8Array | string, RegExp][] = [
    ['a truncated zip', MODULE.zip.subarray(0, MODULE.zip.length - 30), /no end record/],
    ['a zip that says it is 600 MiB', bomb, /600|bytes/],
    ['content longer than its stated size', understated, /a\.go/],
    ['the zip of another version', makeModule(PATH, 'v1.0.1').zip, /does not begin with example\.com\/m@v1\.0\.0\//],
    ['the zip of another module', makeModule('example.com/n', 'v1.0.0').zip, /does not begin/],
    ['a page of a captive portal', '<html>log in</html>', /no end record/],
    ['nothing at all', '', /no end record/],
    ['a path that leaves', prefixed({ [`${PATH}@v1.0.0/../../evil.go`]: 'x' }), /\.\./],
    [
      'a second go.mod',
      prefixed({ [`${PATH}@v1.0.0/go.mod`]: 'module m', [`${PATH}@v1.0.0/sub/go.mod`]: 'module n' }),
      /another module/,
    ],
  ]
  it.each(cases)('zip: %s', async (_, zip, why) => {
    const evidence = (await verifyWith({ [zipAt]: zip })).one(PATH, 'go/zip-bytes')
    expect(evidence).toMatchObject({ verdict: 'mismatch', expected: MODULE.zipHash })
    expect(evidence.observed).toBeUndefined()
    expect(evidence.why).toMatch(why)
    expect(evidence.stored).toMatch(/^[0-9a-f]{64}$/)
  })

  it('zip: well-formed, other code', async () => {
    const other = makeModule(PATH, 'v1.0.0', { files: { 'a.go': 'package evil\n' } })
    const verification = await verifyWith({ [zipAt]: other.zip })
    expect(verification.one(PATH, 'go/zip-bytes')).toMatchObject({
      ...{ verdict: 'mismatch', expected: MODULE.zipHash, observed: other.zipHash },
    })
    expect(verification.one(PATH, 'go/mod-in-zip').verdict).toBe('match')
  })

  it('zip: two hashes in go.sum, one of them right', async () => {
    const wrong = makeModule(PATH, 'v1.0.0', { files: { 'a.go': 'package other\n' } })
    const loopback = await serveFiles(proxyFiles([MODULE]))
    const environment = { GOPROXY: loopback.origin, GOSUMDB: 'off' }
    const tree = projectOf([MODULE], `${MODULE.sum}${PATH} v1.0.0 ${wrong.zipHash}\n`)
    const { evidence } = await verifyTree(tree, { environment, depth: { bytes: true } })
    const found = evidence.filter(({ check }) => check === 'go/zip-bytes').map(({ verdict, expected }) => [verdict, expected])
    expect(found).toEqual([
      ['match', MODULE.zipHash],
      ['mismatch', wrong.zipHash],
    ])
  })

  it('.mod: other needs than the author wrote, which the go command would not notice in the zip', async () => {
    const evil = makeModule(PATH, 'v1.0.0', { mod: `module ${PATH}\n\ngo 1.20\n\nrequire example.com/evil v1.0.0\n` })
    const verification = await verifyWith({ [modAt]: evil.mod })
    expect(verification.one(PATH, 'go/mod-bytes')).toMatchObject({ verdict: 'mismatch', observed: evil.modHash })
    expect(verification.one(PATH, 'go/zip-bytes').verdict).toBe('match')
    // Both hashes recorded: all that is left to notice it is to compare the two.
    const recorded: MadeModule = { ...MODULE, sum: MODULE.sum.replace(MODULE.modHash, evil.modHash) }
    const both = await verifyWith({ [modAt]: evil.mod }, undefined, recorded)
    expect(both.verdicts(PATH).filter((line) => line.includes('mismatch'))).toEqual(['go/mod-in-zip mismatch'])
    expect(both.one(PATH, 'go/mod-in-zip')).toMatchObject({ expected: evil.modHash, observed: MODULE.modHash })
  })

  it.each([
    ['made up as the go command would', `module ${PATH}\n`, 'match'],
    ['with more than the path', `module ${PATH}\n\nrequire example.com/evil v1.0.0\n`, 'mismatch'],
    ['without the last line feed', `module ${PATH}`, 'mismatch'],
    ['of another path', 'module example.com/other\n', 'mismatch'],
  ])('.mod for a zip without one: %s', async (_, mod, verdict) => {
    const zip = prefixed({ [`${PATH}@v1.0.0/a.go`]: 'package a\n' })
    const verification = await verifyWith({ [zipAt]: zip, [modAt]: mod })
    expect(verification.one(PATH, 'go/mod-in-zip').verdict).toBe(verdict)
  })

  it.each([
    ['another version', JSON.stringify({ Version: 'v1.0.1' }), 'mismatch'],
    ['a branch', JSON.stringify({ Version: 'main' }), 'mismatch'],
    ['no version', JSON.stringify({ Time: '2023-01-02T03:04:05Z' }), 'unavailable'],
    ['no JSON', '<html>', 'unavailable'],
    ['an array', '["v1.0.0"]', 'unavailable'],
    ['a key twice', '{"Version":"v1.0.0","Version":"v1.0.1"}', 'unavailable'],
    ['deep nesting', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'unavailable'],
    ['nothing', '', 'unavailable'],
  ])('.info: %s', async (_, info, verdict) => {
    const verification = await verifyWith({ [infoAt]: info })
    expect(verification.one(PATH, 'go/info').verdict).toBe(verdict)
    expect(verification.fact('go/published')).toEqual([])
  })

  it('.info: when and where from, without what nobody should see', async () => {
    const Origin = { VCS: 'git', URL: 'https://user:secret@example.com/m', Hash: 'ab'.repeat(20), Ref: 'refs/tags/v1.0.0' }
    const info = JSON.stringify({ Version: 'v1.0.0', Time: '2023-01-02T03:04:05.678Z', Origin })
    const verification = await verifyWith({ [infoAt]: info })
    expect(verification.fact('go/published')).toEqual([{ module: PATH, time: '2023-01-02T03:04:05Z' }])
    expect(verification.fact('go/origin')).toEqual([
      { vcs: 'git', url: 'https://example.com/m', hash: 'ab'.repeat(20), ref: 'refs/tags/v1.0.0' },
    ])
  })
})

describe('the latest version', () => {
  const retracting = (version: string): string => `module ${PATH}\n\ngo 1.20\n\nretract v1.0.0 // ${version} says so\n`
  async function latestOf(files: Readonly<Record<string, string | undefined>>): Promise<Verification> {
    return verifyWith(files)
  }

  it('an empty list and @latest', async () => {
    const files = {
      [listAt]: '',
      [latestAt]: JSON.stringify({ Version: 'v1.4.0' }),
      [`/${PATH}/@v/v1.4.0.mod`]: retracting('v1.4.0'),
    }
    const verification = await latestOf(files)
    expect(verification.fact('go/retracted')).toMatchObject([{ rationale: 'v1.4.0 says so', by: 'v1.4.0', better: '' }])
  })

  it('nothing but pseudo-versions in the list and no @latest: the newest of them', async () => {
    const [old, young] = ['v0.0.0-20200101000000-aaaaaaaaaaaa', 'v0.0.0-20230101000000-bbbbbbbbbbbb']
    const files = {
      [listAt]: `${young}\n${old}\n`,
      [latestAt]: undefined,
      [`/${PATH}/@v/${young}.mod`]: retracting('the young one'),
    }
    expect((await latestOf(files)).fact('go/latest')).toMatchObject([{ version: young, behind: false }])
  })

  it('a major without go.mod after one with it is no successor', async () => {
    const files = {
      [listAt]: 'v1.0.0\nv1.1.0\nv2.0.0+incompatible\nv3.0.0+incompatible\n',
      [`/${PATH}/@v/v1.1.0.mod`]: retracting('v1.1.0'),
    }
    expect((await latestOf(files)).fact('go/retracted')).toMatchObject([{ by: 'v1.1.0', better: 'v1.1.0' }])
  })

  it('where the majors before had none either, it is', async () => {
    const files = {
      [listAt]: 'v1.0.0\nv2.0.0+incompatible\n',
      [modAt]: `module ${PATH}\n`,
      [`/${PATH}/@v/v2.0.0+incompatible.mod`]: `module ${PATH}\n`,
    }
    expect((await latestOf(files)).fact('go/latest')).toMatchObject([{ version: 'v2.0.0+incompatible' }])
  })

  it('a pre-release only where there is no release; other majors and nonsense do not count', async () => {
    const list = 'v9.0.0\nnonsense\nv1.0.0\nv1.1.0-rc.1\nv1\n v1.0.5 extra\n\nv01.2.3\n'
    const files = { [listAt]: list, [`/${PATH}/@v/v1.0.5.mod`]: retracting('v1.0.5') }
    expect((await latestOf(files)).fact('go/latest')).toMatchObject([{ version: 'v1.0.5', behind: true }])
  })

  it.each([
    ['neither list nor @latest', { [listAt]: undefined, [latestAt]: undefined }, 'not-checkable'],
    ['@latest that is no JSON', { [listAt]: '', [latestAt]: 'v1.0.0' }, 'unavailable'],
    ['@latest of no version', { [listAt]: '', [latestAt]: '{"Version":"main"}' }, 'unavailable'],
    ['a go.mod that is none', { [listAt]: 'v1.9.0\n', [`/${PATH}/@v/v1.9.0.mod`]: '<html>' }, 'unavailable'],
    ['no go.mod for it', { [listAt]: 'v1.9.0\n' }, 'not-checkable'],
  ])('%s: unknown', async (_, files, verdict) => {
    const verification = await latestOf(files)
    expect(verification.one(PATH, 'go/latest').verdict).toBe(verdict)
    expect(verification.fact('go/latest')).toEqual([])
  })

  it('words that should not be shown are not', async () => {
    const mod = `// Deprecated: \u001b[31mred\u001b[0m\nmodule ${PATH}\n\nretract v1.0.0 // ${'long '.repeat(200)}\n`
    const verification = await latestOf({ [listAt]: 'v1.9.0\n', [`/${PATH}/@v/v1.9.0.mod`]: mod })
    expect(verification.fact('go/retracted')).toMatchObject([{ rationale: '(a message that is too long to show)' }])
    expect(verification.fact('go/deprecated')).toMatchObject([{ message: '(a message that holds unprintable characters)' }])
  })
})
