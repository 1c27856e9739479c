import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nimble } from '../../../src/ecosystems/nimble/index.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import { componentLabel } from '../../../src/model/component.js'
import type { Inventory } from '../../../src/model/graph.js'
import { parsePurl } from '../../../src/model/purl.js'
import { describeShared, listShared, readSharedJson, sharedPath } from '../../support/shared.js'
import { COMMIT, entry, lock, manifest, readFiles, readTree, SHA1 } from './support.js'

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

describe('copies of dependencies', () => {
  const folder = `nimbledeps/pkgs2/a-1.0.0-${SHA1}`
  const files = { 'p.nimble': manifest('requires "a"'), 'nimble.lock': lock({ a: entry('a') }) }

  it('show the hooks and the licence of just what the lock names', async () => {
    const inventory = await readFiles({ ...files, [`${folder}/a.nimble`]: manifest('before install:', '  exec "make"') })
    const a = named(inventory, 'a')
    expect(a).toMatchObject({ licenses: [{ raw: 'MIT' }], occurrences: [{ role: 'lock' }, { role: 'vendor' }] })
    expect(inventory.facts.find((f) => f.kind === 'graph/build-code')).toMatchObject({
      component: a?.id,
      data: { what: 'exec when it is installed' },
      location: { file: `${folder}/a.nimble`, line: 4 },
    })
    expect(facts(inventory, 'integrity/vendor-drift')).toEqual([])
  })

  it('that are something else are told', async () => {
    const other = `nimbledeps/pkgs2/a-1.0.0-${'0'.repeat(40)}`
    const inventory = await readFiles({ ...files, [`${other}/a.nimble`]: manifest(), 'nimbledeps/pkgs2/z/z.nimble': manifest() })
    expect(facts(inventory, 'integrity/vendor-drift')).toMatchObject([{ path: other }, { path: 'nimbledeps/pkgs2/z' }])
  })

  it('in a cache are found by checksum, with places of the lock', async () => {
    const inventory = await readFiles(files, { [`pkgs2/a-1.0.0-${SHA1}/a.nimble`]: manifest('exec "x"') })
    expect(inventory.facts.find((f) => f.kind === 'graph/build-code')?.location?.file).toBe('nimble.lock')
    expect(named(inventory, 'a')?.licenses).toEqual([{ raw: 'MIT', kind: 'declared', expression: 'MIT', location: undefined }])
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

describe('develop mode', () => {
  it('replaces what the lock names', async () => {
    const inventory = await readFiles({
      'app/p.nimble': manifest('requires "a"'),
      'app/nimble.lock': lock({ a: entry('a') }),
      'app/nimble.develop': JSON.stringify({ version: 1, includes: ['../../x.develop'], dependencies: ['../a', '/srv/b'] }),
      'a/a.nimble': manifest(),
    })
    expect(inventory.replacements).toMatchObject([
      {
        kind: 'develop',
        original: { name: 'a', component: inventory.components.find((c) => c.source.kind === 'git')?.id },
        replacement: { source: { kind: 'path', path: 'a', outside: false } },
      },
      { kind: 'develop', original: { name: '/srv/b' }, replacement: { source: { path: '/srv/b', outside: true } } },
    ])
    expect(facts(inventory, 'nimble/develop-link')).toEqual([
      { name: 'a', path: '../a', kind: 'a working copy' },
      { name: '/srv/b', path: '/srv/b', kind: 'a working copy' },
      { name: '../../x.develop', path: '../../x.develop', kind: 'another develop file' },
    ])
    expect(facts(inventory, 'source/path-outside').map((d) => d['path'])).toEqual(['/srv/b', '../../x.develop'])
  })

  it('shows in generated paths and in links of old', async () => {
    const inventory = await readFiles({
      'p.nimble': manifest(),
      'nimble.paths': '--noNimblePath\n--path:"/home/u/.nimble/pkgs2/a-1"\n--path:"../b"\n',
      'c.nimble-link': '../c/c.nimble\n../c\n',
    })
    expect(facts(inventory, 'nimble/machine-paths')).toEqual([{ file: 'nimble.paths', count: 1 }])
    expect(facts(inventory, 'nimble/develop-link')).toEqual([
      { name: '../c/c.nimble', path: '../c/c.nimble', kind: 'a link' },
      { name: '../b', path: '../b', kind: 'a search path' },
    ])
  })
})

describe('Atlas', () => {
  const atlasLock = JSON.stringify({
    items: {
      a: { dir: '$deps/a', url: 'https://example.org/a', commit: COMMIT, version: '1.0.0' },
      b: { dir: '$deps/b', url: 'https://example.org/b', commit: COMMIT, version: '' },
    },
    nimbleFile: { filename: 'p.nimble', content: manifest('requires "a"').split('\n') },
  })

  it('locks commits without edges; a clone at hand has them', async () => {
    const files = { 'p.nimble': manifest('requires "a"'), 'atlas.lock': atlasLock }
    const alone = await readFiles(files)
    expect(named(alone, 'a')).toMatchObject({ edges: { state: 'unknown' }, scopes: ['runtime'] })
    expect(named(alone, 'b')).toMatchObject({ version: COMMIT, scopes: ['unknown'] })
    expect(edges(alone)).toEqual(['p -runtime-> a', 'p -unknown-> b'])
    expect(facts(alone, 'input/lock-stale')).toEqual([])
    const cloned = await readFiles({ ...files, 'deps/a/a.nimble': manifest('requires "b"') })
    expect(cloned.projects).toHaveLength(1)
    expect(named(cloned, 'a')?.edges).toEqual({ state: 'complete' })
    expect(edges(cloned)).toContain('a -runtime-> b')
  })

  it('replays the manifest, which may be another by now', async () => {
    const inventory = await readFiles({ 'p.nimble': manifest('requires "a", "b"'), 'atlas.lock': atlasLock })
    expect(facts(inventory, 'input/lock-stale')).toMatchObject([{ dependency: 'p.nimble' }])
  })

  it('redirects names and URLs', async () => {
    const inventory = await readFiles({
      'p.nimble': manifest(),
      'deps/atlas.config': JSON.stringify({
        nameOverrides: { a: 'https://x.example/a' },
        urlOverrides: { 'https://example.org/$+': 'http://y.example/$#' },
        plugins: '_plugins',
      }),
    })
    expect(inventory.replacements).toMatchObject([
      {
        kind: 'source-replacement',
        active: true,
        original: { name: 'a' },
        replacement: { source: { kind: 'git', url: 'https://x.example/a' } },
      },
      { kind: 'source-replacement', replacement: { source: { url: 'http://y.example/$#' } } },
    ])
    expect(facts(inventory, 'graph/build-code')).toEqual([{ what: 'the Atlas plugins in _plugins' }])
  })
})

describe('what lies beside a manifest', () => {
  it('counts: requires, config.nims, submodules, a second manifest', async () => {
    const inventory = await readFiles({
      'sub/p.nimble': manifest(),
      'sub/q.nimble': manifest(),
      'sub/requires': '# list\na >= 1\n\nb#head\n',
      'sub/config.nims': 'exec "x"\n',
      '.gitmodules':
        '[submodule "m"]\n\tpath = sub/vendor/m\n\turl = http://example.org/m\n\tbranch = main\n[submodule "o"]\n\tpath = other\n\turl = ../o\n',
    })
    expect(facts(inventory, 'input/dependencies-without-lock')).toEqual([{ manifest: 'sub/p.nimble', count: 2 }])
    expect(inventory.components.find((c) => c.name === 'a')?.occurrences[0]?.location).toMatchObject({
      file: 'sub/requires',
      line: 2,
      column: 1,
    })
    expect(facts(inventory, 'graph/build-code')).toEqual([{ what: 'exec when the compiler reads config.nims' }])
    expect(facts(inventory, 'nimble/submodules')).toEqual([{ count: 1, paths: ['sub/vendor/m'] }])
    expect(facts(inventory, 'source/url')).toEqual([{ url: 'http://example.org/m', usage: 'submodule' }])
    expect(facts(inventory, 'nimble/manifest-invalid')).toMatchObject([
      { why: 'its folder has another manifest, sub/p.nimble, and nimble accepts one' },
    ])
  })
})

describe('a path requirement', () => {
  it('leads to the project in that folder', async () => {
    const inventory = await readFiles({ 'app/p.nimble': manifest('requires "file://../lib"'), 'lib/l.nimble': manifest() })
    expect(edges(inventory)).toEqual(['p -runtime-> l'])
  })

  it('out of the tree is told', async () => {
    const inventory = await readFiles({ 'p.nimble': manifest('requires "file:///srv/l"') })
    expect(facts(inventory, 'source/path-outside')).toEqual([{ name: 'file:///srv/l', path: '/srv/l' }])
  })
})

describeShared('vectors/nimble', 'the vectors as projects', () => {
  it.each(['manifests', 'locks'].flatMap((part) => listShared('vectors', 'nimble', part).map((folder) => [part, folder])))(
    '%s/%s',
    async (part, folder) => {
      const inventory = await readTree(new FolderTree(sharedPath('vectors', 'nimble', part ?? '', folder ?? '')))
      expect(inventory.projects).toHaveLength(1)
      const expected = readSharedJson<{ ok?: boolean }>('vectors', 'nimble', part ?? '', folder ?? '', 'expected.json')
      expect(inventory.diagnostics.some((d) => d.severity === 'error')).toBe(expected.ok === false)
      for (const component of inventory.components) expect(component.occurrences.length).toBeGreaterThan(0)
    },
  )

  it('a URL that the package list does not have is told', async () => {
    const cache = new FolderTree(sharedPath('vectors', 'nimble', 'registry'))
    const inventory = await readTree(new FolderTree(sharedPath('vectors', 'nimble', 'locks', '21-url-not-registry')), cache)
    expect(facts(inventory, 'nimble/registry-url')).toEqual([
      { name: 'alpha', url: 'https://example.net/someone-else/alpha', listed: 'https://example.org/nim/alpha' },
    ])
  })
})

describeShared('corpus/repos/nim-lang+langserver', 'real lockfiles', () => {
  it.each([
    ['nim-lang+langserver', 2],
    ['status-im+nimbus-eth2', 1],
  ])('%s is read without error', async (folder, version) => {
    const path = sharedPath('corpus', 'repos', folder)
    const inventory = await readTree(new FolderTree(path))
    const written = readSharedJson<{ version: number; packages: Record<string, { dependencies: string[] }> }>(
      'corpus',
      'repos',
      folder,
      'nimble.lock',
    )
    expect(written.version).toBe(version)
    expect(inventory.diagnostics).toEqual([])
    const names = Object.keys(written.packages)
    expect(inventory.components.map((c) => c.name).sort()).toEqual([...names].sort())
    const count = Object.values(written.packages).reduce((sum, { dependencies }) => sum + dependencies.length, 0)
    expect(inventory.edges).toHaveLength(count)
    for (const component of inventory.components)
      expect(component.purl === undefined ? 'none' : parsePurl(component.purl).ok).toBe(true)
  })
})

describe('any input', () => {
  const name = fc.constantFrom(
    'p.nimble',
    'nimble.lock',
    'nimble.develop',
    'atlas.lock',
    'deps/atlas.config',
    'nimble.paths',
    'a.nimble-link',
    'atlas.workspace',
    'requires',
    'config.nims',
    '.gitmodules',
  )
  const text = fc.oneof(fc.string(), fc.json(), fc.constantFrom(manifest('requires "a"'), lock({ a: entry('a') })))

  it('gives an inventory whose edges have their ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, text, { maxKeys: 6 }), async (files) => {
        const inventory = await readFiles({ ...files })
        const ids = new Set(inventory.components.map((c) => c.id))
        for (const edge of inventory.edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true)
        for (const project of inventory.projects) for (const root of project.roots) expect(ids.has(root)).toBe(true)
        const claimed = Object.keys(files).filter((path) => !['requires', 'config.nims', '.gitmodules'].includes(path))
        expect(inventory.files.map((f) => f.path).sort()).toEqual(claimed.sort())
      }),
      { numRuns: 300 },
    )
  })

  it('of 3,000 packages takes its time in proportion', async () => {
    const packages = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`p${i}`, entry(`p${i}`, { dependencies: i === 0 ? [] : [`p${i - 1}`, `x${i}`] })]),
    )
    const requires = Array.from({ length: 3000 }, (_, i) => `requires "p${i}"`)
    const start = performance.now()
    const inventory = await readFiles({ 'p.nimble': manifest(...requires), 'nimble.lock': lock(packages) })
    expect(performance.now() - start).toBeLessThan(5000)
    expect(inventory.components).toHaveLength(3001)
  })
})

it('the rules have ids of their own', () => {
  const ids = nimble.rules.map((rule) => rule.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !id.startsWith('nimble/'))).toEqual([])
})
