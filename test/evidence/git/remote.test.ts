import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CommitEntry } from '../../../src/evidence/git/commit-files.js'
import type { FetchedCommit } from '../../../src/evidence/git/fetched-commit.js'
import type { GitRemote } from '../../../src/evidence/git/remote.js'
import { type GitServer, serveGit } from './support/git-server.js'
import { Bench, hasBackend, hasGit, hasSha256, type Repository } from './support/repository.js'

const describeGit = describe.skipIf(!hasGit)
const NOWHERE = '1'.repeat(40)

async function fetched(remote: GitRemote, url: string, commit: string): Promise<FetchedCommit> {
  const outcome = await remote.fetchCommit(url, commit)
  if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome))
  return outcome.fetched
}

async function entries(commit: FetchedCommit): Promise<readonly CommitEntry[]> {
  const all: CommitEntry[] = []
  for await (const entry of commit.files()) all.push(entry)
  return all
}

function shown(entry: CommitEntry): string {
  switch (entry.kind) {
    case 'file':
    case 'link':
      return `${entry.mode} ${entry.path} ${Buffer.from(entry.bytes).toString('utf8')}`
    case 'submodule':
      return `${entry.mode} ${entry.path} ${entry.commit}`
    case 'unreadable':
      return `${entry.failure} ${entry.path}`
  }
}

describeGit('a repository elsewhere', () => {
  const bench = new Bench()
  let repository: Repository
  let server: GitServer
  let first = ''
  let second = ''
  let middle = ''
  let side = ''
  let orphan = ''
  let submodule = ''

  beforeAll(async () => {
    repository = bench.repository('lib.git')
    first = repository.commit({ 'a.txt': 'one\n', 'src/x.nim': 'echo 1\n' })
    submodule = NOWHERE
    const tree = repository.git(
      ['mktree', '-z'],
      [
        `100644 blob ${repository.blob('* text eol=crlf\nid.txt ident export-subst\nb.txt export-ignore\n')}\t.gitattributes`,
        `100644 blob ${repository.blob('[submodule "s"]\n\tpath = s\n\turl = ext::sh -c "touch ran"\n')}\t.gitmodules`,
        `100644 blob ${repository.blob('two\n')}\ta.txt`,
        `100755 blob ${repository.blob('#!/bin/sh\n')}\trun`,
        `120000 blob ${repository.blob('../../etc/passwd')}\tlink`,
        `160000 commit ${submodule}\ts`,
        `100644 blob ${repository.blob('$Id$ $Format:%H$\n')}\tid.txt`,
        `100644 blob ${repository.blob('b\n')}\tb.txt`,
        `040000 tree ${repository.tree({ 'x.nim': 'echo 2\n', 'ü.nim': '' })}\ta`,
      ]
        .map((line) => `${line}\0`)
        .join(''),
    )
    second = repository.commitTree(tree, [first])
    repository.git(['update-ref', 'refs/heads/main', second])
    middle = repository.commitTree(repository.tree({ side: 'm' }), [first])
    side = repository.commit({ side: 's' }, [middle], 'refs/heads/feature/side')
    repository.git(['tag', 'v1', first])
    repository.git(['tag', '-a', '-m', 'm', 'v2', second])
    repository.git(['tag', '-a', '-m', 'm', 'v2-again', 'v2'])
    orphan = repository.commit({ evil: 'e' }, [first], 'refs/pull/7/head')
    server = await serveGit(bench.served)
  })

  beforeEach(() => server.intercept(undefined))
  afterAll(async () => {
    await server?.close()
    bench.end()
  })

  const transports = ['file', ...(hasBackend ? ['http'] : [])]
  const url = (transport: string): string => (transport === 'http' ? `${server.origin}/lib.git` : bench.file('lib.git'))

  it.skipIf(hasBackend)('over http', (context) => context.skip('git http-backend is not there'))

  describe.each(transports)('over %s', (transport) => {
    it('lists branches, tags with their commits, and HEAD', async () => {
      const refs = await (await bench.remote()).refs(url(transport))
      expect(refs).toMatchObject({
        kind: 'ok',
        redirects: 0,
        objectFormat: 'sha1',
        head: { commit: second, branch: 'main' },
        others: 1,
        malformed: 0,
      })
      if (refs.kind !== 'ok') return
      expect([...refs.branches]).toEqual([
        ['feature/side', side],
        ['main', second],
      ])
      expect([...refs.tags].map(([name, tag]) => [name, tag.commit, tag.annotated])).toEqual([
        ['v1', first, false],
        ['v2', second, true],
        ['v2-again', second, true],
      ])
      expect(refs.tags.get('v2')?.object).not.toBe(second)
    })

    it('fetches one commit by its id, without its history', async () => {
      const commit = await fetched(await bench.remote(), url(transport), second)
      expect(commit).toMatchObject({ commit: second, parents: [first], committedAt: 1_700_000_001, signed: false, how: 'exact' })
      expect(commit.tree).toBe(repository.git(['rev-parse', `${second}^{tree}`]))
      expect(commit.url).toBe(url(transport))
    })

    it('gives every file as stored, in the byte order of the paths', async () => {
      const all = await entries(await fetched(await bench.remote(), url(transport), second))
      expect(all.map(shown)).toEqual([
        '100644 .gitattributes * text eol=crlf\nid.txt ident export-subst\nb.txt export-ignore\n',
        '100644 .gitmodules [submodule "s"]\n\tpath = s\n\turl = ext::sh -c "touch ran"\n',
        '100644 a.txt two\n',
        '100644 a/x.nim echo 2\n',
        '100644 a/ü.nim ',
        '100644 b.txt b\n',
        '100644 id.txt $Id$ $Format:%H$\n',
        '120000 link ../../etc/passwd',
        '100755 run #!/bin/sh\n',
        `160000 s ${submodule}`,
      ])
      const paths = all.map(({ rawPath }) => Buffer.from(rawPath))
      expect(paths).toEqual([...paths].sort(Buffer.compare))
      expect(all.filter((entry) => entry.kind === 'file' && entry.executable).map(({ path }) => path)).toEqual(['run'])
    })

    it('gives the same files as a source tree', async () => {
      const opened = await (await fetched(await bench.remote(), url(transport), second)).source()
      expect(opened).toMatchObject({ ok: true })
      if (!opened.ok) return
      expect(opened.tree.label).toBe(`${url(transport)}#${second}`)
      const read = await opened.tree.read('a/x.nim')
      expect(read.ok && Buffer.from(read.bytes).toString()).toBe('echo 2\n')
      expect(await opened.tree.stat('s')).toMatchObject({ kind: 'submodule' })
      expect(await opened.tree.read('link')).toMatchObject({ ok: false, failure: 'outside' })
    })

    it('tells which tags lead to a commit', async () => {
      const remote = await bench.remote()
      expect(await (await fetched(remote, url(transport), second)).tagOf()).toMatchObject({
        kind: 'ok',
        tags: ['v2', 'v2-again'],
      })
      expect(await (await fetched(remote, url(transport), first)).tagOf()).toMatchObject({ kind: 'ok', tags: ['v1'] })
      expect(await (await fetched(remote, url(transport), side)).tagOf()).toMatchObject({ kind: 'ok', tags: [] })
    })

    it.each([
      ['refs/heads/main', () => second, 'reachable', true],
      ['refs/heads/main', () => first, 'reachable', false],
      ['refs/heads/main', () => side, 'not-reachable', false],
      ['refs/heads/feature/side', () => first, 'reachable', false],
      ['refs/tags/v2', () => second, 'reachable', true],
      ['refs/tags/v2-again', () => first, 'reachable', false],
      ['refs/tags/v1', () => second, 'not-reachable', false],
      ['HEAD', () => first, 'reachable', false],
      [undefined, () => first, 'reachable', true],
      [undefined, () => middle, 'reachable', false],
      // Served on request, as forges serve the commits of forks and pull requests, and on no branch or tag.
      [undefined, () => orphan, 'not-reachable', false],
    ])('tells whether %s leads to a commit (%#)', async (ref, commit, reach, tip) => {
      const found = await (await fetched(await bench.remote(), url(transport), commit())).reachableFrom(ref)
      expect(found).toMatchObject({ kind: 'ok', reach, tip })
    })

    it('names what is not there', async () => {
      const remote = await bench.remote()
      expect(await remote.fetchCommit(url(transport), NOWHERE)).toMatchObject({ kind: 'absent', what: 'commit' })
      expect(await remote.refs(`${url(transport)}-not`)).toMatchObject({ kind: 'absent', what: 'repository' })
      expect(await remote.fetchCommit(`${url(transport)}-not`, first)).toMatchObject({ kind: 'absent', what: 'repository' })
      expect(await remote.reachable(url(transport), first, 'refs/heads/gone')).toMatchObject({ kind: 'absent', what: 'ref' })
      expect(await remote.reachable(url(transport), first, 'refs/tags/v1~1')).toMatchObject({
        kind: 'unavailable',
        failure: 'bad-ref-name',
      })
    })

    it('does not take a tag or a tree for a commit', async () => {
      const remote = await bench.remote()
      for (const object of ['v2', `${second}^{tree}`])
        expect(await remote.fetchCommit(url(transport), repository.git(['rev-parse', object]))).toMatchObject({
          kind: 'unavailable',
          failure: 'not-a-commit',
        })
    })

    it('leaves files beyond the limit on the server, and says so', async () => {
      const big = bench.repository(`big-${transport}.git`)
      big.git(['config', 'uploadpack.allowFilter', 'true'])
      const commit = big.commit({ 'a.bin': Buffer.alloc(200_000, 'x'), 'b.txt': 'small' })
      const address = transport === 'http' ? `${server.origin}/big-http.git` : bench.file('big-file.git')
      const one = await fetched(await bench.remote({ limits: { blobBytes: 100_000 } }), address, commit)
      expect((await entries(one)).map(shown)).toEqual(['absent a.bin', '100644 b.txt small'])
      const opened = await one.source()
      expect(opened.ok && (await opened.tree.read('a.bin'))).toMatchObject({ ok: false, failure: 'unreadable' })
      expect(opened.ok && (await opened.tree.read('b.txt'))).toMatchObject({ ok: true })
      big.git(['config', 'uploadpack.allowFilter', 'false'])
      const all = await entries(await fetched(await bench.remote({ limits: { blobBytes: 100_000 } }), address, commit))
      expect(all.map(shown)).toEqual(['too-large a.bin', '100644 b.txt small'])
      const exact = await entries(await fetched(await bench.remote({ limits: { blobBytes: 200_000 } }), address, commit))
      expect(exact.map(({ kind }) => kind)).toEqual(['file', 'file'])
    })
  })

  it('sees a tag that was moved and a branch that was forced', async () => {
    const moving = bench.repository('moving.git')
    const before = moving.commit({ a: '1' })
    moving.git(['tag', 'v1'])
    const remote = await bench.remote()
    expect(await (await fetched(remote, bench.file('moving.git'), before)).tagOf()).toMatchObject({ tags: ['v1'] })
    const after = moving.commit({ a: '2' })
    moving.git(['tag', '-f', 'v1'])
    const later = await bench.remote()
    const old = await fetched(later, bench.file('moving.git'), before)
    expect(await old.tagOf()).toMatchObject({ kind: 'ok', tags: [] })
    expect(await old.reachableFrom()).toMatchObject({ kind: 'ok', reach: 'not-reachable' })
    const refs = await later.refs(bench.file('moving.git'))
    expect(refs.kind === 'ok' && refs.tags.get('v1')?.commit).toBe(after)
  })

  it.runIf(hasBackend).each([0, 1])(
    'finds a commit below a ref where a server of protocol %i hands out no ids',
    async (version) => {
      const remote = await bench.remote()
      const address = `${server.origin}/lib.git`
      const old = (): void =>
        server.intercept((request) => {
          request.headers['git-protocol'] = `version=${version}`
          return false
        })
      old()
      expect(await remote.fetchCommit(address, middle)).toMatchObject({ kind: 'ok', fetched: { how: 'refs', parents: [first] } })
      expect(await remote.fetchCommit(address, second)).toMatchObject({ kind: 'ok', fetched: { how: 'exact' } })
      expect(await remote.fetchCommit(address, NOWHERE)).toMatchObject({ kind: 'absent', what: 'commit' })
      // The tip of a ref that is neither branch nor tag is handed out, what lies below it is not.
      const below = repository.commit({ evil: '1' }, [first], 'refs/pull/8/head')
      repository.commit({ evil: '2' }, [below], 'refs/pull/8/head')
      expect(await remote.fetchCommit(address, below)).toMatchObject({ kind: 'absent', what: 'commit' })
      repository.git(['config', 'uploadpack.allowAnySHA1InWant', 'true'])
      expect(await remote.fetchCommit(address, below)).toMatchObject({ kind: 'ok', fetched: { how: 'exact' } })
      expect(await remote.fetchCommit(address, NOWHERE)).toMatchObject({ kind: 'absent', what: 'commit' })
      repository.git(['config', '--unset', 'uploadpack.allowAnySHA1InWant'])
      repository.git(['update-ref', '-d', 'refs/pull/8/head'])
    },
  )

  it('says unknown where the history of the server is cut off', async () => {
    const cut = bench.repository('cut.git')
    const base = cut.commit({ a: '1' })
    const top = cut.commit({ a: '2' }, [cut.commit({ a: '1b' }, [base])])
    cut.git(['tag', 'apart', cut.commitTree(cut.tree({ z: '' }))])
    const shallow = bench.repository('shallow.git')
    shallow.git(['fetch', '-q', '--depth=1', bench.file('cut.git'), '+refs/heads/*:refs/heads/*'])
    const remote = await bench.remote()
    expect(await remote.reachable(bench.file('cut.git'), base, 'refs/heads/main')).toMatchObject({ reach: 'reachable' })
    expect(await remote.reachable(bench.file('shallow.git'), top, 'refs/heads/main')).toMatchObject({ reach: 'reachable' })
    expect(await remote.reachable(bench.file('shallow.git'), base, 'refs/heads/main')).toMatchObject({ reach: 'unknown' })
  })

  it('reads a history in which old tools left their marks', async () => {
    const old = bench.repository('old.git')
    const bad = old.rawObject(
      'commit',
      Buffer.from(`tree ${old.tree({ a: '1' })}\nauthor A<a@b> 1 +51800\ncommitter A <a@b> 1 +0000\n\nold\n`),
    )
    const top = old.commit({ a: '3' }, [old.commit({ a: '2' }, [bad])])
    const remote = await bench.remote()
    const one = await fetched(remote, bench.file('old.git'), bad)
    expect(await one.reachableFrom('refs/heads/main')).toMatchObject({ kind: 'ok', reach: 'reachable', tip: false })
    const all = await remote.fetchCommit(bench.file('old.git'), top, { depth: 'all' })
    expect(all).toMatchObject({ kind: 'ok' })
  })

  it('is not confused by tags of files and folders, nor by a repository without refs', async () => {
    const odd = bench.repository('odd-tags.git')
    const base = odd.commit({ a: '1' })
    odd.commit({ a: '2' }, [base])
    odd.git(['tag', 'file', `${base}:a`])
    odd.git(['tag', '-a', '-m', 'm', 'folder', `${base}^{tree}`])
    const apart = odd.commitTree(odd.tree({ apart: '' }))
    const remote = await bench.remote()
    expect(await remote.reachable(bench.file('odd-tags.git'), base)).toMatchObject({ kind: 'ok', reach: 'reachable' })
    expect(await remote.reachable(bench.file('odd-tags.git'), apart)).toMatchObject({ kind: 'ok', reach: 'not-reachable' })
    expect(await remote.reachable(bench.file('odd-tags.git'), base, 'refs/tags/file')).toMatchObject({ reach: 'not-reachable' })
    bench.repository('empty.git')
    expect(await remote.refs(bench.file('empty.git'))).toMatchObject({ kind: 'ok', others: 0, malformed: 0 })
    expect(await remote.reachable(bench.file('empty.git'), base)).toMatchObject({ kind: 'ok', reach: 'not-reachable' })
    expect(await remote.fetchCommit(bench.file('empty.git'), base)).toMatchObject({ kind: 'absent', what: 'commit' })
  })

  it('gives the space back', async () => {
    const folder = bench.scratch()
    const one = await fetched(await bench.remote({ folder }), bench.file('lib.git'), first)
    await one.remove()
    expect(readdirSync(folder).sort()).toEqual(['gitconfig', 'home'])
  })

  it('gives the whole history on request', async () => {
    const outcome = await (await bench.remote()).fetchCommit(bench.file('lib.git'), second, { depth: 'all' })
    expect(outcome.kind === 'ok' && (await entries(outcome.fetched)).length).toBe(10)
  })

  it.runIf(hasSha256)('reads SHA-256 repositories', async () => {
    const wide = bench.repository('wide.git', 'sha256')
    const base = wide.commit({ 'a/b': 'x' })
    const top = wide.commit({ 'a/b': 'y' }, [base])
    wide.git(['tag', '-a', '-m', 'm', 'v1', base])
    for (const address of [bench.file('wide.git'), ...(hasBackend ? [`${server.origin}/wide.git`] : [])]) {
      const remote = await bench.remote()
      expect(await remote.refs(address)).toMatchObject({ kind: 'ok', objectFormat: 'sha256', head: { commit: top } })
      const one = await fetched(remote, address, base)
      expect((await entries(one)).map(shown)).toEqual(['100644 a/b x'])
      expect(await one.tagOf()).toMatchObject({ tags: ['v1'] })
      expect(await one.reachableFrom('refs/heads/main')).toMatchObject({ reach: 'reachable', tip: false })
      expect((await one.source()).ok).toBe(true)
      expect(await remote.fetchCommit(address, NOWHERE)).toMatchObject({ kind: 'unavailable', failure: 'object-format-differs' })
    }
    if (!hasBackend) return
    for (const version of [0, 1]) {
      server.intercept((request) => {
        request.headers['git-protocol'] = `version=${version}`
        return false
      })
      const outcome = await (await bench.remote()).fetchCommit(`${server.origin}/wide.git`, NOWHERE)
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'object-format-differs' })
    }
  })

  it.skipIf(hasSha256)('reads SHA-256 repositories', (context) => context.skip('this git has no SHA-256'))
})

describe.skipIf(hasGit)('a repository elsewhere', () => {
  it('needs git', (context) => context.skip('git is not there'))
})
