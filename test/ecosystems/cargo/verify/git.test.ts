import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import type { GitServer } from '../../../evidence/git/support/git-server.js'
import { serveGit } from '../../../evidence/git/support/git-server.js'
import type { Repository } from '../../../evidence/git/support/repository.js'
import { Bench, hasBackend, hasGit } from '../../../evidence/git/support/repository.js'
import { makeTar } from '../../../support/make-tar.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import type { LockEntry } from './support.js'
import { findings, lockOf, rowOf, ScriptedDesk, serve, testDesk, verifyTree } from './support.js'

const NOWHERE = '1'.repeat(40)
const SUM = '22'.repeat(32)

describe.skipIf(!hasGit || !hasBackend)('repositories', () => {
  const bench = new Bench()
  let repository: Repository
  let index: Repository
  let server: GitServer
  let first = ''
  let second = ''
  let side = ''
  let fork = ''

  beforeAll(async () => {
    repository = bench.repository('lib')
    first = repository.commit({ 'Cargo.toml': 'first' })
    repository.git(['tag', '-a', '-m', 'm', 'v1', first])
    second = repository.commit({ 'Cargo.toml': 'second' }, [first])
    repository.git(['tag', 'v2', second])
    side = repository.commit({ 'Cargo.toml': 'side' }, [first], 'refs/heads/side')
    fork = repository.commit({ 'Cargo.toml': 'fork' }, [first], 'refs/pull/1/head')
    index = bench.repository('index')
    index.commit({ 'config.json': '{"dl":"https://dl.example/x"}', other: '' }, [], 'refs/heads/other')
    index.commit({
      'config.json': '{"dl":"https://dl.example/x"}',
      'se/rd/serde': rowOf('serde', '1.0.0', SUM, { yanked: true }),
    })
    server = await serveGit(bench.served)
  })
  beforeEach(() => server.intercept(undefined))
  afterAll(async () => {
    await server?.close()
    bench.end()
  })

  const git = () => bench.remote()
  const locked = (query: string, commit: string, name = 'lib'): LockEntry => ({
    name,
    version: '1.0.0',
    source: `git+${server.origin}/lib${query}${commit === '' ? '' : `#${commit}`}`,
  })
  const treeOf = (...entries: readonly LockEntry[]): MemoryTree => new MemoryTree({ 'Cargo.lock': lockOf(entries) })

  it.each<readonly [string, () => readonly [string, string], string, RegExp | undefined, string | undefined]>([
    ['the tip of the default branch', () => ['', second], 'match', undefined, undefined],
    ['an older commit of the default branch', () => ['', first], 'match', /gone on since/, undefined],
    ['the tip of a branch', () => ['?branch=side', side], 'match', undefined, undefined],
    ['what an annotated tag leads to', () => ['?tag=v1', first], 'match', undefined, undefined],
    ['a revision on a branch', () => [`?rev=${first}`, first], 'match', undefined, undefined],
    ['a tag that was moved', () => ['?tag=v2', first], 'mismatch', /names another commit/, 'source/git-tag-moved'],
    [
      'a commit of another branch',
      () => ['?branch=side', second],
      'mismatch',
      /not on refs\/heads\/side but/,
      'source/git-commit-unreachable',
    ],
    [
      'a commit of a branch that is gone',
      () => ['?branch=none', second],
      'mismatch',
      /refs\/heads\/none is gone/,
      'source/git-commit-unreachable',
    ],
    ['a commit of a fork', () => ['?branch=side', fork], 'mismatch', /may be that of a fork/, 'source/git-commit-unreachable'],
    ['a revision of a fork', () => [`?rev=${fork}`, fork], 'mismatch', /may be that of a fork/, 'source/git-commit-unreachable'],
    ['a commit that is not there', () => ['', NOWHERE], 'absent', /./, 'source/git-commit-unreachable'],
    ['an abbreviated commit', () => ['', first.slice(0, 10)], 'not-checkable', /no full commit/, undefined],
    ['no commit', () => ['?branch=side', ''], 'not-checkable', /no full commit/, undefined],
  ])('%s', async (_, what, verdict, why, rule) => {
    const result = await verifyTree(treeOf(locked(...what())), { desk: testDesk(), git })
    const [one, ...others] = result.evidence
    expect(others).toEqual([])
    expect(one).toMatchObject({ check: 'cargo/git-commit', verdict, authority: { kind: 'git', name: `${server.origin}/lib` } })
    if (why === undefined) expect(one?.why).toBeUndefined()
    else expect(one?.why).toMatch(why)
    const rules = findings(result)
      .map((finding) => finding.rule)
      .filter((id) => id.startsWith('source/git-') && !id.endsWith('floating'))
    expect(rules).toEqual(rule === undefined ? [] : [rule])
  })

  it('that do not answer, are not there, or may not be asked', async () => {
    const missing = await verifyTree(treeOf({ ...locked('', first), source: `git+${server.origin}/none#${first}` }), {
      desk: testDesk(),
      git,
    })
    expect(['absent', 'unavailable']).toContain(missing.evidence[0]?.verdict)
    server.intercept((_, response) => {
      response.writeHead(500).end()
      return true
    })
    const down = await verifyTree(treeOf(locked('', first)), { desk: testDesk(), git })
    expect(down.evidence).toMatchObject([{ verdict: 'unavailable', expected: first }])
    const without = await verifyTree(treeOf(locked('', first)), { desk: testDesk() })
    expect(without.evidence).toMatchObject([{ verdict: 'not-checkable', why: expect.stringMatching(/not asked in this run/) }])
    const asked = server.requests.length
    const internal = { ...locked('', first, 'corp-lib'), source: `git+https://github.com/x/corp-lib#${first}` }
    const hidden = await verifyTree(treeOf(internal), { desk: testDesk(), git, sources: { internal: ['cargo:corp-*'] } })
    expect(hidden.evidence).toMatchObject([{ verdict: 'not-checkable', why: expect.stringMatching(/internal/) }])
    expect(server.requests.length).toBe(asked)
  })

  it('are told the same without a network afterwards', async () => {
    const store = openStore(bench.scratch())
    const tree = treeOf(locked('?tag=v1', first), locked('?branch=side', fork, 'forked'), locked('', first, 'older'))
    const before = await verifyTree(tree, { desk: testDesk({}, store), git })
    server.intercept(() => expect.fail('the server was asked'))
    const after = await verifyTree(tree, { desk: openDesk({ offline: true, store, clock: { now: Date.now } }) })
    const sorted = (one: typeof before) => [...one.evidence].sort((a, b) => (a.subject < b.subject ? -1 : 1))
    expect(sorted(after)).toEqual(sorted(before))
    expect(before.evidence.map(({ verdict }) => verdict).sort()).toEqual(['match', 'match', 'mismatch'])
  })

  it('hold indexes of the git protocol', async () => {
    const source = `registry+${server.origin}/index`
    const result = await verifyTree(
      treeOf(
        { name: 'serde', version: '1.0.0', source, checksum: SUM },
        { name: 'serde', version: '1.0.1', source, checksum: SUM },
        { name: 'gone', version: '1.0.0', source, checksum: SUM },
      ),
      { desk: testDesk(), git, supplied: true },
    )
    expect(result.verdicts('cargo/index-checksum')).toEqual({
      'gone 1.0.0': 'absent',
      'serde 1.0.0': 'match',
      'serde 1.0.1': 'absent',
    })
    expect(result.facts.map(({ kind }) => kind)).toEqual(['cargo/yanked'])
    const other = `registry+${server.origin}/lib`
    const none = await verifyTree(treeOf({ name: 'serde', version: '1.0.0', source: other, checksum: SUM }), {
      desk: testDesk(),
      git,
    })
    expect(none.evidence).toMatchObject([{ verdict: 'unavailable', why: expect.stringMatching(/is no registry/) }])
  })

  describe('published crates held against them', () => {
    const makeCrate = (
      files: Readonly<Record<string, string>>,
      commit: string,
      more: Readonly<Record<string, unknown>> = {},
      repositoryUrl = `${server.origin}/lib`,
    ): Buffer => {
      const own = {
        'Cargo.toml': `[package]\nname = "x"\nversion = "1.0.0"\nrepository = "${repositoryUrl}"\n`,
        '.cargo_vcs_info.json': JSON.stringify({ git: { sha1: commit, ...more }, path_in_vcs: 'crates/x' }),
        'Cargo.lock': 'made',
        ...files,
      }
      return gzipSync(makeTar(Object.entries(own).map(([name, body]) => ({ name: `x-1.0.0/${name}`, body }))))
    }
    const verifyCrate = async (crate: Buffer, options: { readonly git?: typeof git } = { git }) => {
      const checksum = createHash('sha256').update(crate).digest('hex')
      const { origin } = await serve((at, request, response) => {
        if (request.url === '/i/config.json') response.end(`{"dl":"${at}/dl"}`)
        else response.end(request.url === '/i/1/x' ? rowOf('x', '1.0.0', checksum) : crate)
      })
      const tree = treeOf({ name: 'x', version: '1.0.0', source: `sparse+${origin}/i/`, checksum })
      const result = await verifyTree(tree, {
        desk: testDesk(),
        depth: { source: true },
        ...(options.git === undefined ? {} : { git: options.git }),
      })
      expect(result.of('x', 'cargo/crate-bytes').map(({ verdict }) => verdict)).toEqual(['match'])
      return result.of('x', 'cargo/vcs-info')
    }
    let commit = ''

    beforeAll(() => {
      const files = {
        LICENSE: 'free',
        'crates/x/Cargo.toml': 'written',
        'crates/x/src/lib.rs': 'code',
      }
      commit = repository.commit(files, [], 'refs/heads/published')
    })

    it('agree where every file is in the commit, the licence from above it too', async () => {
      const said = await verifyCrate(makeCrate({ 'Cargo.toml.orig': 'written', 'src/lib.rs': 'code', LICENSE: 'free' }, commit))
      expect(said).toMatchObject([
        { verdict: 'match', expected: commit, authority: { kind: 'git', name: `${server.origin}/lib` } },
      ])
    })

    it.each<readonly [string, () => Buffer, string, RegExp]>([
      ['a file that is other', () => makeCrate({ 'src/lib.rs': 'evil' }, commit), 'mismatch', /"src\/lib\.rs"/],
      [
        'a file that is not there',
        () => makeCrate({ 'build.rs': 'run', 'src/lib.rs': 'code' }, commit),
        'mismatch',
        /"build\.rs"$/,
      ],
      ['a manifest that is other', () => makeCrate({ 'Cargo.toml.orig': 'other' }, commit), 'mismatch', /Cargo\.toml\.orig/],
      ['a deep file that lies above', () => makeCrate({ 'a/LICENSE': 'free' }, commit), 'mismatch', /a\/LICENSE/],
      [
        'uncommitted changes',
        () => makeCrate({ 'src/lib.rs': 'new' }, commit, { dirty: true }),
        'mismatch',
        /not committed; not in that commit/,
      ],
      ['a commit that is not there', () => makeCrate({}, NOWHERE), 'absent', /./],
      ['no commit', () => makeCrate({}, 'main'), 'not-checkable', /which commit/],
      ['no repository', () => makeCrate({}, commit, {}, 'see the wiki'), 'not-checkable', /no repository/],
    ])('%s', async (_, crate, verdict, why) => {
      const said = await verifyCrate(crate())
      expect(said.map((one) => one.verdict)).toEqual([verdict])
      expect(said[0]?.why).toMatch(why)
    })

    it('are not checkable where git is not asked', async () => {
      const said = await verifyCrate(makeCrate({}, commit), {})
      expect(said).toMatchObject([{ verdict: 'not-checkable', expected: commit, why: expect.stringMatching(/not asked/) }])
    })
  })
})

describe('vendored git sources', () => {
  it('are compared with their list alone, which is no verdict', async () => {
    const commit = 'a'.repeat(40)
    const sum = createHash('sha256').update('[package]\nname = "lib"\nversion = "1.0.0"\n').digest('hex')
    const files = {
      'Cargo.lock': lockOf([{ name: 'lib', version: '1.0.0', source: `git+https://git.example/lib?branch=x#${commit}` }]),
      '.cargo/config.toml':
        '[source."git"]\ngit = "https://git.example/lib.git"\nbranch = "x"\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n',
      'vendor/lib/Cargo.toml': '[package]\nname = "lib"\nversion = "1.0.0"\n',
      'vendor/lib/.cargo-checksum.json': JSON.stringify({ files: { 'Cargo.toml': sum }, package: null }),
    }
    const desk = new ScriptedDesk({})
    const { of } = await verifyTree(new MemoryTree(files), { desk })
    expect(of('lib', 'cargo/vendored')).toMatchObject([
      { verdict: 'not-checkable', authority: { kind: 'tree', name: 'vendor/lib' } },
    ])
    const changed = await verifyTree(new MemoryTree({ ...files, 'vendor/lib/build.rs': 'evil' }), { desk })
    expect(changed.of('lib', 'cargo/vendored')).toMatchObject([
      { verdict: 'mismatch', why: expect.stringMatching(/added "build\.rs"/) },
    ])
    expect(desk.asked).toEqual([])
  })
})
