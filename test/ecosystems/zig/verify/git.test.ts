import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { offline, online } from '../../../evidence/desk/support/source.js'
import { type GitServer, serveGit } from '../../../evidence/git/support/git-server.js'
import { Bench, hasBackend, hasGit, type Repository } from '../../../evidence/git/support/repository.js'
import { dependency, findings, makePackage, only, project, run, verdicts } from './support.js'

const describeGit = describe.skipIf(!hasGit || !hasBackend)
const NOWHERE = '1'.repeat(40)

describeGit('packages by git', () => {
  const bench = new Bench()
  const leaf = makePackage('leaf')
  const lib = makePackage('lib', { dependencies: dependency('leaf', 'git+http://127.0.0.1:1/none', leaf.hash) })
  let repository: Repository
  let server: GitServer
  let first = ''
  let fork = ''

  beforeAll(async () => {
    repository = bench.repository('lib')
    first = repository.commit({ ...lib.files, '.gitattributes': '* text eol=crlf\n' })
    repository.git(['tag', '-a', '-m', 'm', 'v1.0.0', first])
    const next = repository.commit({ ...lib.files, 'src/root.zig': 'other' }, [first])
    repository.git(['tag', 'v2.0.0', next])
    fork = repository.commit({ ...lib.files, evil: '' }, [first], 'refs/pull/1/head')
    server = await serveGit(bench.served)
  })
  beforeEach(() => server.intercept(undefined))
  afterAll(async () => {
    await server?.close()
    bench.end()
  })
  const at = (ref: string): string => `git+${server.origin}/lib${ref}`
  const git = () => bench.remote()

  it('are hashed as the repository stores them, and make the graph whole', async () => {
    const found = await run(project(dependency('lib', at(`?ref=v1.0.0#${first}`), lib.hash)), { ...online(), git })
    expect(verdicts(found).filter((text) => text.includes(' lib '))).toEqual([
      'zig/commit lib match',
      'zig/files lib match',
      'zig/manifest-identity lib match',
      'zig/package-hash lib match',
      'zig/tag lib match',
    ])
    expect(only(found, 'zig/package-hash', 'lib').authority).toEqual({ kind: 'git', name: at(`#${first}`) })
    expect(found.graph.components.find(({ name }) => name === 'lib')?.edges).toEqual({ state: 'complete' })
    // A repository that cannot be had says nothing of the package.
    expect(only(found, 'zig/package-hash', 'leaf').verdict).toBe('unavailable')
  })

  it('by a tag or branch are looked up as zig does', async () => {
    for (const [ref, verdict] of [
      ['#v1.0.0', 'match'],
      ['#refs/tags/v1.0.0', 'match'],
      ['#main', 'mismatch'],
      ['#refs/heads/main', 'mismatch'],
      ['', 'mismatch'],
      ['#none', 'absent'],
    ] as const) {
      const found = await run(project(dependency('lib', at(ref), lib.hash)), { ...online(), git, supplied: false })
      expect([ref, only(found, 'zig/package-hash').verdict]).toEqual([ref, verdict])
    }
  })

  it('of a commit that is not there, of a fork, and beside a label that is not true', async () => {
    const absent = await run(project(dependency('lib', at(`#${NOWHERE}`), lib.hash)), { ...online(), git })
    expect(verdicts(absent)).toEqual(['zig/package-hash lib absent'])
    expect(findings(absent).filter((text) => !text.startsWith('zig/'))).toEqual([
      expect.stringMatching(/^source\/git-commit-unreachable: lib@1\.0\.0: /),
    ])
    const forked = await run(project(dependency('lib', at(`#${fork}`), lib.hash)), { ...online(), git })
    expect(only(forked, 'zig/commit')).toMatchObject({ verdict: 'mismatch', expected: fork })
    const label = await run(project(dependency('lib', at(`?ref=v2.0.0#${first}`), lib.hash)), { ...online(), git })
    expect(only(label, 'zig/tag')).toMatchObject({ verdict: 'mismatch', expected: first })
    expect(findings(label).filter((text) => !text.startsWith('zig/'))).toEqual([
      expect.stringMatching(/^source\/git-tag-moved: lib@1\.0\.0: /),
    ])
  })

  it('are told the same without a network afterwards', async () => {
    const store = openStore(bench.scratch())
    const files = project(dependency('lib', at(`?ref=v1.0.0#${first}`), lib.hash))
    const before = await run(files, { ...online({ store }), git })
    server.intercept(() => expect.fail('the server was asked'))
    const after = await run(files, { desk: offline({ store }) })
    const mine = (one: typeof before) => one.evidence.filter(({ subject }) => subject.startsWith('zig:lib@'))
    expect(mine(after)).toEqual(mine(before))
    expect(after.graph.components.find(({ name }) => name === 'lib')?.edges).toEqual({ state: 'complete' })
  })

  it('of a repository that only answers with a page', async () => {
    server.intercept((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      return true
    })
    const found = await run(project(dependency('lib', at(`#${first}`), lib.hash)), { ...online(), git })
    expect(only(found, 'zig/package-hash').verdict).toBe('unavailable')
  })
})
