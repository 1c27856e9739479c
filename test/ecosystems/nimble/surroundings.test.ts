import { describe, expect, it } from 'vitest'
import type { Inventory } from '../../../src/model/graph.js'
import { COMMIT, entry, lock, manifest, readFiles, SHA1 } from './support.js'

const facts = (inventory: Inventory, kind: string) => inventory.facts.filter((f) => f.kind === kind).map((f) => f.data)
const named = (inventory: Inventory, name: string) => inventory.components.find((c) => c.name === name)
const edges = (inventory: Inventory): string[] => {
  const name = new Map(inventory.components.map((c) => [c.id, c.name]))
  return inventory.edges.map((e) => `${name.get(e.from)} -${e.kinds.join('+')}-> ${name.get(e.to)}`).sort()
}

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

  it('follows develop files that include each other', async () => {
    const inventory = await readFiles({
      'app/p.nimble': manifest(),
      'app/nimble.develop': JSON.stringify({ includes: ['../shared.develop'] }),
      'shared.develop': JSON.stringify({
        includes: ['app/nimble.develop', 'broken.develop', 'absent.develop'],
        dependencies: ['lib'],
      }),
      'broken.develop': '[]',
      'lib/l.nimble': manifest(),
    })
    expect(inventory.replacements).toMatchObject([
      { kind: 'develop', replacement: { name: 'l', component: named(inventory, 'l')?.id }, location: { file: 'shared.develop' } },
    ])
    expect(inventory.diagnostics).toMatchObject([{ code: 'input/config-unparseable', location: { file: 'broken.develop' } }])
  })

  it('shows in the block that nimble writes into config.nims, not in paths of its own', async () => {
    const inventory = await readFiles({
      'p.nimble': manifest(),
      'config.nims': '--path:"src"\n# begin Nimble config (version 1)\n--path:"/srv/b"\n# end Nimble config\n--path:"more"\n',
    })
    expect(facts(inventory, 'nimble/develop-link')).toEqual([{ name: '/srv/b', path: '/srv/b', kind: 'a search path' }])
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

describe('two lockfiles beside one manifest', () => {
  it('are two projects, and what the manifest shows is told once', async () => {
    const inventory = await readFiles({
      'p.nimble': manifest('requires "a#head"'),
      'nimble.lock': lock({ a: entry('a') }),
      'atlas.lock': JSON.stringify({
        items: { a: { dir: '', url: 'https://example.org/nim/a', commit: COMMIT, version: '1.0.0' } },
      }),
    })
    expect(inventory.projects.map((p) => p.id)).toEqual(['nimble:atlas.lock', 'nimble:nimble.lock'])
    expect(facts(inventory, 'nimble/special-version')).toHaveLength(1)
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
