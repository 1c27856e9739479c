import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shortMessage } from '../../../../src/ecosystems/go/verify/author-words.js'
import type { DirectSource, OpenedCommit } from '../../../../src/ecosystems/go/verify/direct-tag.js'
import { highest, parseVersionList } from '../../../../src/ecosystems/go/verify/latest-version.js'
import { ProxiedCache } from '../../../../src/ecosystems/go/verify/proxied-cache.js'
import { isVendored, zipOfRepository } from '../../../../src/ecosystems/go/verify/repository-zip.js'
import { parseVersionInfo } from '../../../../src/ecosystems/go/verify/version-info.js'
import { compareVersions } from '../../../../src/ecosystems/go/version.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { makeNoteKey, serveLog } from '../../../trust/support/signed-log.js'
import { type MadeModule, makeModule, proxyFiles, serveFiles, testDesk, type Verification, verifyTree } from './support.js'

const MODULE = makeModule('example.com/m', 'v1.0.0', {
  files: {
    LICENSE: 'terms\n',
    'a.go': 'package m\n',
    'a_test.go': 'package m\n',
    'asset.txt': 'asset\n',
    'gen.go': '// made by hand\n\n//go:build ignore\n\npackage main\n',
    'old.go': '// +build ignore\n\npackage main\n',
    'ignore_not.go': '//go:build linux\n\npackage m\n',
    'sub/b.go': 'package sub\n',
    'sub/README': 'not in a listed package when sub is not listed\n',
    'other/c.go': 'package other\n',
  },
})
/** What `go mod vendor` copies for the packages example.com/m and example.com/m/sub. */
const COPY: Readonly<Record<string, string>> = {
  LICENSE: 'terms\n',
  'a.go': 'package m\n',
  'asset.txt': 'asset\n',
  'ignore_not.go': '//go:build linux\n\npackage m\n',
  'sub/b.go': 'package sub\n',
  'sub/README': 'not in a listed package when sub is not listed\n',
}

async function vendored(
  copy: Readonly<Record<string, string>>,
  sum = MODULE.sum,
  served: MadeModule = MODULE,
  gosumdb = 'off',
): Promise<Verification> {
  const loopback = await serveFiles(proxyFiles([served]))
  const files = Object.entries(copy).map(([name, body]): [string, string] => [`vendor/example.com/m/${name}`, body])
  const tree = new MemoryTree({
    'go.mod': 'module example.com/p\n\ngo 1.20\n\nrequire example.com/m v1.0.0\n',
    'go.sum': sum,
    'vendor/modules.txt': '# example.com/m v1.0.0\n## explicit; go 1.20\nexample.com/m\nexample.com/m/sub\n',
    ...Object.fromEntries(files),
  })
  return verifyTree(tree, { environment: { GOPROXY: loopback.origin, GOSUMDB: gosumdb }, depth: { bytes: true } })
}

describe('a vendored copy against its module zip', () => {
  it('as go mod vendor makes it', async () => {
    const verification = await vendored(COPY)
    expect(verification.one('example.com/m', 'go/vendor')).toMatchObject({ verdict: 'match', why: '6 files' })
    expect(verification.fact('integrity/vendor-drift')).toEqual([])
  })

  it.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    ['a changed file', { 'a.go': 'package m // evil\n' }, 'vendor/example.com/m/a.go (modified)'],
    ['a changed asset', { 'asset.txt': '' }, 'vendor/example.com/m/asset.txt (modified)'],
    ['other line ends', { 'a.go': 'package m\r\n' }, 'vendor/example.com/m/a.go (modified)'],
    ['a file too many', { 'evil.go': 'package m\n' }, 'vendor/example.com/m/evil.go (added)'],
    ['a file too few', { 'sub/b.go': undefined }, 'vendor/example.com/m/sub/b.go (missing)'],
    [
      'a file that a build constraint leaves out elsewhere',
      { 'ignore_not.go': undefined },
      'vendor/example.com/m/ignore_not.go (missing)',
    ],
    ['a test, which is never copied', { 'x_test.go': 'package m\n' }, 'vendor/example.com/m/x_test.go (added)'],
  ])('%s', async (_, change, why) => {
    const copy = Object.fromEntries(
      Object.entries({ ...COPY, ...change }).flatMap(([name, body]) => (body === undefined ? [] : [[name, body]])),
    )
    const verification = await vendored(copy)
    expect(verification.one('example.com/m', 'go/vendor')).toMatchObject({ verdict: 'mismatch', why })
    expect(verification.fact('integrity/vendor-drift')).toHaveLength(1)
  })

  it('says nothing by a zip that nobody vouches for', async () => {
    const other = makeModule('example.com/m', 'v1.0.0', { files: { 'a.go': 'package other\n' } })
    const verification = await vendored(COPY, MODULE.sum, other)
    expect(verification.one('example.com/m', 'go/zip-bytes').verdict).toBe('mismatch')
    expect(verification.one('example.com/m', 'go/vendor')).toMatchObject({ verdict: 'not-checkable' })
    expect((await vendored(COPY, '')).one('example.com/m', 'go/vendor').verdict).toBe('not-checkable')
    const broken = { ...MODULE, zip: new Uint8Array(3) }
    expect((await vendored(COPY, MODULE.sum, broken)).one('example.com/m', 'go/vendor').verdict).toBe('not-checkable')
  })

  it('what the log vouches for will do where go.sum has no line', async () => {
    const key = makeNoteKey('sum.example')
    const record = { path: 'example.com/m', version: 'v1.0.0', record: MODULE.sum }
    const log = await serveFiles(new Map([...serveLog(key, [record])].map(([path, body]) => [`/${path}`, body])))
    const verification = await vendored(COPY, '', MODULE, `${key.verifierKey} ${log.origin}`)
    expect(verification.one('example.com/m', 'go/vendor').verdict).toBe('match')
    expect(verification.one('example.com/m', 'go/zip-bytes')).toMatchObject({ verdict: 'match', expected: MODULE.zipHash })
    expect(verification.one('example.com/m', 'go/sumdb')).toMatchObject({ verdict: 'not-checkable', observed: MODULE.zipHash })
  })
})

describe('a module straight from its repository', () => {
  const github = makeModule('github.com/o/r', 'v1.0.0', { files: { 'a.go': 'package r\n' } })
  const tree = new MemoryTree({ 'go.mod': github.mod, 'a.go': 'package r\n' })
  const project = (module: MadeModule): MemoryTree =>
    new MemoryTree({
      'go.mod': `module example.com/p\n\ngo 1.20\n\nrequire ${module.path} ${module.version}\n`,
      'go.sum': module.sum,
    })

  async function direct(module: MadeModule, opened: OpenedCommit | undefined, info?: string, sources = {}) {
    const files = proxyFiles([module])
    if (info !== undefined) files.set(`/${module.path}/@v/${module.version}.info`, info)
    const loopback = await serveFiles(files)
    const asked: string[] = []
    const source: DirectSource | undefined =
      opened === undefined
        ? undefined
        : {
            open: async (url, ref) => {
              asked.push(`${url} ${ref.kind} ${ref.kind === 'tag' ? ref.name : ref.id}`)
              return opened
            },
          }
    const environment = { GOPROXY: loopback.origin, GOSUMDB: 'off' }
    const options = source === undefined ? {} : { direct: source }
    const verification = await verifyTree(project(module), { environment, depth: { source: true }, sources, ...options })
    return { evidence: verification.one(module.path, 'go/direct-tag'), asked }
  }
  const commit = 'cd'.repeat(20)

  it('matches, by the tag of its version', async () => {
    const { evidence, asked } = await direct(github, { kind: 'ok', commit, tree })
    expect(evidence).toMatchObject({ verdict: 'match', observed: github.zipHash, why: `v1.0.0 is ${commit}` })
    expect(asked).toEqual(['https://github.com/o/r tag v1.0.0'])
  })

  it.each<[string, OpenedCommit | undefined, string]>([
    ['nobody asks repositories', undefined, 'not-checkable'],
    ['no such tag', { kind: 'absent', why: 'no tag v1.0.0' }, 'absent'],
    ['no answer', { kind: 'unavailable', why: 'it does not answer' }, 'unavailable'],
    ['other files', { kind: 'ok', commit, tree: new MemoryTree({ 'go.mod': github.mod, 'a.go': 'package evil\n' }) }, 'mismatch'],
    ['no files', { kind: 'ok', commit, tree: new MemoryTree({}) }, 'mismatch'],
  ])('%s', async (_, opened, verdict) => {
    const { evidence } = await direct(github, opened)
    expect(evidence.verdict).toBe(verdict)
    expect(verdict === 'mismatch' || evidence.why).toBeTruthy()
  })

  it('elsewhere a proxy tells where it is, and its word counts for the address alone', async () => {
    const vanity = makeModule('vanity.example/r', 'v1.0.0', { files: { 'a.go': 'package r\n' } })
    const own = new MemoryTree({ 'go.mod': vanity.mod, 'a.go': 'package r\n' })
    const origin = (fields: object): string => JSON.stringify({ Version: 'v1.0.0', Origin: { VCS: 'git', ...fields } })
    const known = await direct(vanity, { kind: 'ok', commit, tree: own }, origin({ URL: 'https://git.example/r' }))
    expect([known.evidence.verdict, known.asked]).toEqual(['match', ['https://git.example/r tag v1.0.0']])
    for (const info of [
      origin({ URL: 'file:///etc' }),
      origin({ URL: 'ext::sh -c id' }),
      JSON.stringify({ Version: 'v1.0.0' }),
    ]) {
      const unknown = await direct(vanity, { kind: 'ok', commit, tree: own }, info)
      expect([unknown.evidence.verdict, unknown.asked]).toEqual(['not-checkable', []])
    }
    const hosts = await direct(vanity, { kind: 'ok', commit, tree: own }, origin({ URL: 'https://git.example/r' }), {
      hosts: ['127.0.0.1'],
    })
    expect([hosts.evidence.verdict, hosts.asked]).toEqual(['not-checkable', []])
  })

  it('a pseudo-version needs the whole commit, which must begin as it says', async () => {
    const pseudo = makeModule('github.com/o/r', 'v0.0.0-20230102030405-cdcdcdcdcdcd', { files: { 'a.go': 'package r\n' } })
    const info = (Hash: string): string =>
      JSON.stringify({ Version: pseudo.version, Origin: { VCS: 'git', URL: 'https://github.com/o/r', Hash } })
    const opened = { kind: 'ok', commit, tree } as const
    const good = await direct(pseudo, opened, info(commit))
    expect([good.evidence.verdict, good.asked]).toEqual(['match', [`https://github.com/o/r commit ${commit}`]])
    for (const Hash of ['ab'.repeat(20), 'cdcdcdcdcdcd', '']) {
      const bad = await direct(pseudo, opened, info(Hash))
      expect([bad.evidence.verdict, bad.asked]).toEqual(['not-checkable', []])
    }
  })

  it.each([
    ['vendor/modules.txt', false, true],
    ['vendor/vendor.go', false, false],
    ['vendor/example.com/x/x.go', true, true],
    // The old defect looks behind the eighth byte of the whole name.
    ['pkg/vendor/vendor.go', true, false],
    ['a/vendor/v.go', true, false],
    ['pkg/vendor/x/x.go', true, true],
    ['vendored/x/y.go', false, false],
    ['a.go', false, false],
  ])('%s is vendored below 1.24: %s, from then on: %s', (name, before, after) => {
    expect([isVendored(name, '1.23.4'), isVendored(name, '1.24')]).toEqual([before, after])
  })

  it('links, metadata and nested modules are left out, a licence is taken along', async () => {
    const repository = new MemoryTree({
      LICENSE: 'root terms\n',
      '.hg_archival.txt': 'x',
      'sub/go.mod': 'module github.com/o/r/sub\n\ngo 1.20\n',
      'sub/s.go': 'package sub\n',
      'sub/.git/config': 'x',
      'sub/deep/Go.Mod': 'module other\n',
      'sub/deep/d.go': 'package deep\n',
    })
    const made = await zipOfRepository(repository, 'sub', { path: 'github.com/o/r/sub', version: 'v1.0.0' })
    expect(made.ok && made.files.map(({ name }) => name).sort()).toEqual(
      ['LICENSE', 'go.mod', 's.go'].map((name) => `github.com/o/r/sub@v1.0.0/${name}`),
    )
  })
})

describe('documents of proxies as a module cache', () => {
  it('holds go.mod files and nothing else, whatever is asked', async () => {
    const loopback = await serveFiles(proxyFiles([MODULE]))
    const cache = new ProxiedCache({
      desk: testDesk(),
      environment: new Map([['GOPROXY', loopback.origin]]),
      sources: { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] },
      tree: new MemoryTree({}),
      files: [],
    })
    const read = await cache.read('cache/download/example.com/m/@v/v1.0.0.mod')
    expect(read.ok && Buffer.from(read.bytes).toString()).toBe(MODULE.mod)
    for (const path of [
      'cache/download/example.com/m/@v/v1.0.0.zip',
      'cache/download/example.com/m/@v/list',
      'cache/download/../../etc/@v/passwd.mod',
      'cache/download/example.com/M/@v/v1.0.0.mod',
      'cache/download/example.com/m/@v/../v1.0.0.mod',
      'go.mod',
      '',
    ])
      expect(await cache.read(path), path).toMatchObject({ ok: false, failure: 'absent' })
    expect(await cache.read('cache/download/example.com/m/@v/v1.0.0.mod', 3)).toMatchObject({ ok: false, failure: 'too-large' })
    expect(loopback.seen.map(({ url }) => url)).toEqual(['/example.com/m/@v/v1.0.0.mod'])
    await fc.assert(fc.asyncProperty(fc.string(), async (path) => !(await cache.read(path)).ok))
  })
})

describe('what proxies say', () => {
  const version = fc.tuple(
    fc.nat({ max: 2 }),
    fc.nat({ max: 3 }),
    fc.nat({ max: 3 }),
    fc.constantFrom('', '-rc.1', '+incompatible', '-0.20230102030405-abcdefabcdef'),
  )
  const text = (value: string): Uint8Array => new TextEncoder().encode(value)

  it('any list is read, its versions in order, each once', () => {
    const line = fc.oneof(
      version.map(([a, b, c, rest]) => `v${a}.${b}.${c}${rest}`),
      fc.string(),
      version.map(([a, b, c]) => `v${a}.${b}.${c} 2023-01-02T03:04:05Z`),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const versions = parseVersionList(text(lines.join('\n')), 'example.com/m').map((one) => one.version)
        expect(new Set(versions).size).toBe(versions.length)
        expect(versions.every((one, i) => i === 0 || compareVersions(versions[i - 1] ?? '', one) <= 0)).toBe(true)
        expect(versions.every((one) => lines.some((given) => given.includes(one)))).toBe(true)
        const best = highest(versions)
        const releases = versions.filter((one) => !one.includes('-'))
        expect(best).toBe(releases.at(-1) ?? versions.at(-1))
      }),
    )
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parseVersionList(bytes, 'example.com/m').length >= 0))
  })

  it('any .info is read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json().map(text), fc.uint8Array()), (bytes) => {
        const parsed = parseVersionInfo(bytes)
        expect(parsed.ok ? parsed.info.version : parsed.why).not.toBe('')
      }),
    )
    fc.assert(
      fc.property(fc.record({ Version: fc.string({ minLength: 1 }), Time: fc.anything(), Origin: fc.anything() }), (info) => {
        const parsed = parseVersionInfo(text(JSON.stringify(info)))
        expect(parsed.ok && parsed.info.version).toBe(info.Version)
      }),
    )
  })

  it('any words are short, of one line and printable when shown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 490, maxLength: 600 })), (words) => {
        const shown = shortMessage(words)
        expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(500)
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/)
        if (/^[a-z]*$/.test(words) && words.length <= 500) expect(shown).toBe(words)
      }),
    )
  })
})
