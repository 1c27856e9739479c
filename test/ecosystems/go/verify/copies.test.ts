import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommitFile } from '../../../../src/ecosystems/commit-record.js'
import { shortMessage } from '../../../../src/ecosystems/go/verify/author-words.js'
import type { Repositories } from '../../../../src/ecosystems/go/verify/direct-tag.js'
import { highest, parseVersionList } from '../../../../src/ecosystems/go/verify/latest-version.js'
import { ProxiedCache } from '../../../../src/ecosystems/go/verify/proxied-cache.js'
import { filesOfModule, isVendored } from '../../../../src/ecosystems/go/verify/repository-zip.js'
import { parseVersionInfo } from '../../../../src/ecosystems/go/verify/version-info.js'
import { compareVersions } from '../../../../src/ecosystems/go/version.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { makeNoteKey, serveLog } from '../../../trust/support/signed-log.js'
import {
  commitOf,
  type MadeModule,
  makeModule,
  proxyFiles,
  serveFiles,
  testDesk,
  type Verification,
  verifyTree,
} from './support.js'

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
  const files = commitOf({ 'go.mod': github.mod, 'a.go': 'package r\n' })
  const commit = 'cd'.repeat(20)
  const at = '2026-01-01T00:00:00Z'
  const project = (module: MadeModule): MemoryTree =>
    new MemoryTree({
      'go.mod': `module example.com/p\n\ngo 1.20\n\nrequire ${module.path} ${module.version}\n`,
      'go.sum': module.sum,
    })

  interface Repository {
    readonly tags?: readonly string[]
    readonly files?: readonly CommitFile[]
    readonly refs?: Awaited<ReturnType<Repositories['refs']>>
    readonly commit?: Awaited<ReturnType<Repositories['files']>>
  }

  async function direct(module: MadeModule, repository: Repository, info?: string, sources = {}) {
    const served = proxyFiles([module])
    if (info !== undefined) served.set(`/${module.path}/@v/${module.version}.info`, info)
    const loopback = await serveFiles(served)
    const asked: string[] = []
    const tags = new Map((repository.tags ?? ['v1.0.0']).map((name) => [name, { commit }]))
    const repositories: Repositories = {
      refs: async (url) => {
        asked.push(`refs of ${url}`)
        return repository.refs ?? { kind: 'ok', value: { branches: new Map(), tags }, at }
      },
      files: async (url, id) => {
        asked.push(`${id} of ${url}`)
        return repository.commit ?? { kind: 'ok', value: repository.files ?? files, at }
      },
    }
    const environment = { GOPROXY: loopback.origin, GOSUMDB: 'off' }
    const verification = await verifyTree(project(module), { environment, depth: { source: true }, sources, repositories })
    return { evidence: verification.one(module.path, 'go/direct-tag'), asked }
  }

  it('matches, by the tag of its version', async () => {
    const { evidence, asked } = await direct(github, {})
    expect(evidence).toMatchObject({ verdict: 'match', observed: github.zipHash, why: `v1.0.0 is ${commit}`, at })
    expect(asked).toEqual(['refs of https://github.com/o/r', `${commit} of https://github.com/o/r`])
  })

  it.each<[string, Repository, string]>([
    ['no such tag', { tags: ['v1.0.1'] }, 'absent'],
    ['no such repository', { refs: { kind: 'no-answer', verdict: 'absent', why: 'gone' } }, 'absent'],
    ['no answer', { refs: { kind: 'no-answer', verdict: 'unavailable', why: 'silent' } }, 'unavailable'],
    ['no files', { commit: { kind: 'no-answer', verdict: 'unavailable', why: 'silent' } }, 'unavailable'],
    ['damaged objects', { commit: { kind: 'mismatch', why: 'another object' } }, 'mismatch'],
    ['other files', { files: commitOf({ 'go.mod': github.mod, 'a.go': 'package evil\n' }) }, 'mismatch'],
    ['an empty commit', { files: [] }, 'mismatch'],
  ])('%s', async (_, repository, verdict) => {
    const { evidence } = await direct(github, repository)
    expect(evidence).toMatchObject({ verdict, authority: { kind: 'git', name: 'https://github.com/o/r' } })
    expect(evidence.why).toMatch(/./)
  })

  it('is not-checkable where repositories are not asked', async () => {
    const loopback = await serveFiles(proxyFiles([github]))
    const environment = { GOPROXY: loopback.origin, GOSUMDB: 'off' }
    const verification = await verifyTree(project(github), { environment, depth: { source: true } })
    expect(verification.one(github.path, 'go/direct-tag')).toMatchObject({
      verdict: 'not-checkable',
      why: expect.stringMatching(/not asked/),
    })
  })

  it('elsewhere a proxy tells where it is, and its word counts for the address alone', async () => {
    const vanity = makeModule('vanity.example/r', 'v1.0.0', { files: { 'a.go': 'package r\n' } })
    const own = { files: commitOf({ 'go.mod': vanity.mod, 'a.go': 'package r\n' }) }
    const origin = (fields: object): string => JSON.stringify({ Version: 'v1.0.0', Origin: { VCS: 'git', ...fields } })
    const known = await direct(vanity, own, origin({ URL: 'https://git.example/r' }))
    expect([known.evidence.verdict, known.asked[0]]).toEqual(['match', 'refs of https://git.example/r'])
    for (const info of [
      origin({ URL: 'file:///etc' }),
      origin({ URL: 'ext::sh -c id' }),
      JSON.stringify({ Version: 'v1.0.0' }),
    ]) {
      const unknown = await direct(vanity, own, info)
      expect([unknown.evidence.verdict, unknown.asked]).toEqual(['not-checkable', []])
    }
    const hosts = await direct(vanity, own, origin({ URL: 'https://git.example/r' }), { hosts: ['127.0.0.1'] })
    expect([hosts.evidence.verdict, hosts.asked]).toEqual(['not-checkable', []])
    const secret = await direct(vanity, own, origin({ URL: 'https://me:hunter2@git.example/r' }))
    expect(JSON.stringify([secret.evidence, secret.asked])).not.toContain('hunter2')
  })

  it('a pseudo-version needs the whole commit, which must begin as it says', async () => {
    const pseudo = makeModule('github.com/o/r', 'v0.0.0-20230102030405-cdcdcdcdcdcd', { files: { 'a.go': 'package r\n' } })
    const info = (Hash: string): string =>
      JSON.stringify({ Version: pseudo.version, Origin: { VCS: 'git', URL: 'https://github.com/o/r', Hash } })
    const good = await direct(pseudo, {}, info(commit))
    expect([good.evidence.verdict, good.asked]).toEqual(['match', [`${commit} of https://github.com/o/r`]])
    for (const Hash of ['ab'.repeat(20), 'cdcdcdcdcdcd', '']) {
      const bad = await direct(pseudo, {}, info(Hash))
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

  it('links, metadata and nested modules are left out, a licence is taken along', () => {
    const commit: CommitFile[] = [
      ...commitOf({
        LICENSE: 'root terms\n',
        'sub/.hg_archival.txt': 'x',
        'sub/go.mod': 'module github.com/o/r/sub\n\ngo 1.20\n',
        'sub/s.go': 'package sub\n',
        'sub/.svn/entries': 'x',
        'sub/deep/Go.Mod': 'module other\n',
        'sub/deep/below/d.go': 'package deep\n',
        'subway/x.go': 'package subway\n',
      }),
      { kind: 'link', path: 'sub/link.go', bytes: Buffer.from('s.go') },
      { kind: 'submodule', path: 'sub/module', bytes: Buffer.from('ab'.repeat(20)) },
    ]
    expect([...filesOfModule(commit, 'sub').keys()].sort()).toEqual(['LICENSE', 'go.mod', 's.go'])
    expect([...filesOfModule(commit, '.').keys()].sort()).toEqual(['LICENSE', 'subway/x.go'])
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
