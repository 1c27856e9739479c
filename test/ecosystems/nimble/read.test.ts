import { describe, expect, it } from 'vitest'
import { nimble } from '../../../src/ecosystems/nimble/index.js'
import { componentLabel } from '../../../src/model/component.js'
import type { Inventory } from '../../../src/model/graph.js'
import { parsePurl } from '../../../src/model/purl.js'
import { COMMIT, entry, lock, manifest, readFiles, SHA1 } from './support.js'

const labels = (inventory: Inventory): string[] => inventory.components.map(componentLabel).sort()
const kinds = (inventory: Inventory): string[] => [...new Set(inventory.facts.map((f) => f.kind))].sort()
const facts = (inventory: Inventory, kind: string) => inventory.facts.filter((f) => f.kind === kind).map((f) => f.data)
const named = (inventory: Inventory, name: string) => inventory.components.find((c) => c.name === name)
const edges = (inventory: Inventory): string[] => {
  const name = new Map(inventory.components.map((c) => [c.id, c.name]))
  return inventory.edges.map((e) => `${name.get(e.from)} -${e.kinds.join('+')}-> ${name.get(e.to)}`).sort()
}

describe('a locked project', () => {
  const files = {
    'app.nimble': manifest(
      'author = "A"',
      'bin = @["app"]',
      'requires "nim >= 2.0", "beta >= 1.0"',
      'when defined(windows):',
      '  requires "winim"',
      'taskRequires "test", "gamma"',
    ),
    'nimble.lock': lock(
      {
        nim: entry('nim', { version: '2.2.10', url: 'https://github.com/nim-lang/Nim.git' }),
        alpha: entry('alpha', { dependencies: ['nim'] }),
        beta: entry('beta', { url: 'https://github.com/Some/Beta.git', dependencies: ['nim', 'alpha'] }),
      },
      { test: { gamma: entry('gamma', { url: 'https://example.org/mono?subdir=gamma', dependencies: ['alpha'] }) } },
    ),
  }

  it('has components with source, digest kind, scope and purl', async () => {
    const inventory = await readFiles(files)
    expect(labels(inventory)).toEqual(['alpha@1.0.0', 'app@1.0.0', 'beta@1.0.0', 'gamma@1.0.0', 'nim@2.2.10'])
    expect(named(inventory, 'beta')).toMatchObject({
      source: { kind: 'git', url: 'https://github.com/Some/Beta.git', commit: COMMIT },
      purl: `pkg:github/some/beta@${COMMIT}`,
      direct: true,
      scopes: ['runtime'],
      claims: [{ digest: { of: 'tree', scheme: 'nimble-sha1', value: SHA1 }, statedBy: 'lock' }],
      edges: { state: 'complete' },
      occurrences: [{ role: 'lock', location: { file: 'nimble.lock' } }],
    })
    expect(named(inventory, 'gamma')).toMatchObject({
      source: { kind: 'git', url: 'https://example.org/mono', subdirectory: 'gamma' },
      purl: `pkg:generic/gamma@1.0.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fmono%40${COMMIT}#gamma`,
      scopes: ['test'],
    })
    expect(named(inventory, 'alpha')).toMatchObject({ direct: false, scopes: ['runtime', 'test'] })
    expect(named(inventory, 'nim')).toMatchObject({
      type: 'toolchain',
      source: { kind: 'toolchain' },
      claims: [],
      scopes: ['build'],
    })
    expect(named(inventory, 'app')).toMatchObject({
      type: 'application',
      firstParty: true,
      edges: { state: 'complete' },
      licenses: [{ raw: 'MIT', expression: 'MIT' }],
      authors: ['A'],
    })
    for (const { purl } of inventory.components) if (purl !== undefined) expect(parsePurl(purl).ok).toBe(true)
  })

  it('has the edges of lock and manifest', async () => {
    const inventory = await readFiles(files)
    expect(edges(inventory)).toEqual([
      'alpha -build-> nim',
      'app -build-> nim',
      'app -runtime-> beta',
      'app -test-> gamma',
      'beta -build-> nim',
      'beta -runtime-> alpha',
      'gamma -runtime-> alpha',
    ])
    expect(inventory.edges.find((e) => e.requirement === '>= 1.0')?.location).toMatchObject({ file: 'app.nimble', line: 5 })
    expect(inventory.projects).toMatchObject([
      {
        id: 'nimble:nimble.lock',
        name: 'app',
        folder: '.',
        manifests: ['app.nimble'],
        lockfiles: ['nimble.lock'],
        roots: [named(inventory, 'app')?.id],
      },
    ])
    expect(inventory.files.map((f) => [f.path, f.state])).toEqual([
      ['app.nimble', 'read'],
      ['nimble.lock', 'read'],
    ])
  })

  it('is not stale for what only another machine needs', async () => {
    expect(facts(await readFiles(files), 'input/lock-stale')).toEqual([])
  })
})

describe('a lock that does not satisfy the manifest', () => {
  it.each([
    ['requires "b"', 'b', 'any version', 'nothing'],
    ['requires "a >= 2"', 'a', '>= 2', '1.0.0'],
    [`requires "a#${'0'.repeat(40)}"`, 'a', `#${'0'.repeat(40)}`, COMMIT],
    ['taskRequires "test", "b"', 'b', 'any version', 'nothing'],
    ['requires "https://example.org/other"', 'https://example.org/other', 'any version', 'nothing'],
  ])('%s', async (line, dependency, requirement, locked) => {
    const inventory = await readFiles({ 'p.nimble': manifest(line), 'nimble.lock': lock({ a: entry('a') }) })
    expect(facts(inventory, 'input/lock-stale')).toMatchObject([{ dependency, requirement, locked }])
  })

  it.each([
    'requires "A >= 1.0 & < 2"',
    'requires "a#head"',
    `requires "a#${COMMIT}"`,
    'requires "https://example.org/nim/a.git >= 1"',
    'feature "x":\n  requires "b"',
    'if x: requires "b"',
  ])('not so: %s', async (line) => {
    const inventory = await readFiles({ 'p.nimble': manifest(line), 'nimble.lock': lock({ a: entry('a') }) })
    expect(facts(inventory, 'input/lock-stale')).toEqual([])
  })
})

describe('the name of a requirement', () => {
  it.each([
    ['requires "foo"', { bar: entry('bar', { url: 'https://example.org/nim-foo.git' }) }, undefined],
    ['requires "foo"', { bar: entry('bar', { url: 'https://example.org/elsewhere' }) }, 'https://example.org/elsewhere'],
    ['requires "bar"', { Bar_: entry('Bar_') }, undefined],
  ])('%s may be another than that of the manifest it leads to', async (line, packages, listed) => {
    const cache = listed === undefined ? undefined : { 'packages.json': JSON.stringify([{ name: 'foo', url: listed }]) }
    const inventory = await readFiles({ 'p.nimble': manifest(line), 'nimble.lock': lock(packages) }, cache)
    expect(facts(inventory, 'input/lock-stale')).toEqual([])
    expect(inventory.edges.map((e) => e.kinds)).toEqual([['runtime']])
  })
})

describe('a project without a lock', () => {
  it('counts what it asks for and invents nothing', async () => {
    const inventory = await readFiles({ 'p.nimble': manifest('requires "nim >= 2", "a >= 1", "gh:o/b#v1"') })
    expect(facts(inventory, 'input/dependencies-without-lock')).toEqual([{ manifest: 'p.nimble', count: 2 }])
    expect(named(inventory, 'a')).toMatchObject({ source: { kind: 'unknown' }, edges: { state: 'unknown' }, purl: undefined })
    expect(named(inventory, 'a')?.version).toBeUndefined()
    expect(named(inventory, 'b')).toMatchObject({
      source: { kind: 'git', url: 'https://github.com/o/b', ref: { kind: 'tag', value: 'v1' } },
      purl: 'pkg:github/o/b',
    })
    expect(named(inventory, 'p')?.edges).toEqual({ state: 'incomplete', why: 'there is no lockfile' })
    expect(named(inventory, 'nim')).toMatchObject({
      type: 'toolchain',
      properties: [{ name: 'assay:nimble:requirement', value: '>= 2' }],
    })
  })

  it('looks names up in a package list that the user names', async () => {
    const list = JSON.stringify([
      { name: 'a', url: 'https://example.org/mono?subdir=x', method: 'git', license: 'Apache2', tags: [] },
      { name: 'old', alias: 'a' },
      { name: 'h', url: 'https://example.org/h', method: 'hg', tags: ['deleted'] },
    ])
    const inventory = await readFiles({ 'p.nimble': manifest('requires "old", "h"') }, { 'packages.json': list })
    expect(named(inventory, 'a')).toMatchObject({
      source: { kind: 'git', url: 'https://example.org/mono', subdirectory: 'x' },
      licenses: [{ raw: 'Apache2', expression: 'Apache-2.0' }],
    })
    expect(named(inventory, 'h')?.source).toEqual({ kind: 'vcs', system: 'hg', url: 'https://example.org/h' })
    expect(facts(inventory, 'nimble/listed-alias')).toEqual([
      { name: 'old', state: 'an alias', target: 'a' },
      { name: 'h', state: 'deleted', target: '' },
    ])
  })

  it('takes what is installed beside it, and says what that runs', async () => {
    const folder = `nimbledeps/pkgs2/a-1.2.0-${SHA1}`
    const inventory = await readFiles({
      'p.nimble': manifest('requires "a"'),
      [`${folder}/a.nimble`]: manifest('after install:', '  exec "make"'),
      [`${folder}/nimblemeta.json`]: JSON.stringify({
        version: 1,
        metaData: { url: 'https://example.org/a', downloadMethod: 'git', vcsRevision: COMMIT },
      }),
    })
    expect(inventory.projects.map((p) => p.id)).toEqual(['nimble:p.nimble'])
    expect(named(inventory, 'a')).toMatchObject({
      version: '1.2.0',
      source: { kind: 'git', url: 'https://example.org/a', commit: COMMIT },
    })
  })

  it.each([
    ['when x: requires "a"', 'incomplete'],
    ['requires x', 'unknown'],
    ['', 'complete'],
  ])('knows how much it knows: %s', async (line, state) => {
    expect(named(await readFiles({ 'p.nimble': manifest(line) }), 'p')?.edges.state).toBe(state)
  })
})

describe('a lock alone', () => {
  it('has as roots what nobody names, of a knot its first', async () => {
    const inventory = await readFiles({
      'nimble.lock': lock({
        a: entry('a'),
        b: entry('b', { dependencies: ['a'] }),
        c: entry('c', { dependencies: ['d'] }),
        d: entry('d', { dependencies: ['c'] }),
      }),
    })
    expect(inventory.projects[0]?.roots).toEqual([named(inventory, 'b')?.id, named(inventory, 'c')?.id].sort())
    expect(inventory.components.map((c) => c.scopes)).toEqual([['runtime'], ['runtime'], ['runtime'], ['runtime']])
    expect(facts(inventory, 'nimble/lock-cycle')).toEqual([{ path: ['c', 'd', 'c'] }])
  })

  it('that cannot be read gives an error and no components', async () => {
    const inventory = await readFiles({ 'p.nimble': manifest('requires "a"'), 'nimble.lock': '{"packages": {"a": 1}}' })
    expect(inventory.diagnostics).toMatchObject([{ code: 'input/lock-unparseable', location: { line: 1, column: 20 } }])
    expect(inventory.files).toContainEqual({
      path: 'nimble.lock',
      ecosystem: 'nimble',
      format: 'nimble-lock',
      state: 'unreadable',
      why: 'nimble.lock: packages.a must be an object',
    })
    expect(facts(inventory, 'input/dependencies-without-lock')).toEqual([])
    expect(named(inventory, 'p')?.edges).toEqual({ state: 'incomplete', why: 'the lockfile could not be read' })
  })

  it.each([
    ['', 'input/lock-unparseable'],
    ['[]', 'input/lock-unparseable'],
    ['{"packages": {}, "packages": {}}', 'input/lock-merge-conflict'],
    ['\ud800', 'input/lock-unparseable'],
  ])('%j', async (text, code) => {
    expect((await readFiles({ 'nimble.lock': text })).diagnostics.map((d) => d.code)).toEqual([code])
  })

  it('of a newer version is read and told', async () => {
    const inventory = await readFiles({ 'nimble.lock': lock({ a: entry('a') }).replace('"version": 2', '"version": 3') })
    expect(inventory.diagnostics).toMatchObject([
      { code: 'input/lock-version-unsupported', severity: 'warning', location: { line: 2 } },
    ])
    expect(labels(inventory)).toEqual(['a@1.0.0'])
    expect(inventory.files[0]?.state).toBe('read')
  })
})

describe('what a lock entry says', () => {
  it('is kept apart: branch, commit, folder of a machine, Mercurial', async () => {
    const inventory = await readFiles({
      'nimble.lock': lock({
        a: entry('a', { version: '#head', url: 'https://user:secret@example.org/a', checksums: { sha1: '' } }),
        b: entry('b', { url: 'file:///srv/b', vcsRevision: '' }),
        c: entry('c', { downloadMethod: 'hg', dependencies: ['x'] }),
      }),
    })
    expect(named(inventory, 'a')).toMatchObject({
      version: COMMIT,
      claims: [],
      properties: [{ name: 'assay:nimble:version', value: '#head' }],
    })
    expect(named(inventory, 'c')).toMatchObject({
      source: { kind: 'vcs', system: 'hg', revision: COMMIT },
      edges: { state: 'incomplete', why: 'the lockfile has no entry for x' },
    })
    expect(JSON.stringify(inventory)).not.toContain('secret')
    expect(kinds(inventory)).toEqual([
      'integrity/checksum-missing',
      'nimble/dangling-dependency',
      'nimble/revision-missing',
      'nimble/special-version',
      'source/credential',
      'source/path-outside',
      'source/url',
    ])
  })

  it('twice under two spellings is told', async () => {
    const inventory = await readFiles({ 'nimble.lock': lock({ al_pha: entry('a'), Alpha: entry('b') }) })
    expect(facts(inventory, 'graph/duplicate-entry')).toEqual([{ name: 'Alpha', version: '1.0.0' }])
  })
})

it('the rules have ids of their own', () => {
  const ids = nimble.rules.map((rule) => rule.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !id.startsWith('nimble/'))).toEqual([])
})
