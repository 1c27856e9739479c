import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimZig } from '../../../src/ecosystems/zig/claims.js'
import type { Inventory } from '../../../src/model/graph.js'
import { MemoryTree } from '../../support/memory-tree.js'
import { judge } from './judge.js'
import { manifest, one, readZig, withDependencies } from './read-zig.js'

const TAIL = 'G2tlISzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68'
const DIFFZ = `diffz-0.0.1-${TAIL}`
const INNER = `inner-1.0.0-AQAAACzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68`
const LEGACY = '1220b3520daeb3fd09bd0426a1dd5903c8c1b7b32ea0a0a286af3c662a087af85823'
const NAKED = 'N-V-__8AABhrAQAQLLLGadghhPsdxTgBk9N9aLVOjXW3ay0V'
const COMMIT = 'b39fe07e7fdbcf56e43ba2890b9f484f16969f90'
const DIFFZ_ENTRY = `.diffz = .{ .url = "git+https://github.com/ziglibs/diffz?ref=main#${COMMIT}", .hash = "${DIFFZ}" }`
const DIFFZ_MANIFEST = `.{ .name = .diffz, .version = "0.0.1", .fingerprint = 0x${'0'.repeat(8)}21656b1b, .paths = .{"src"},
  .dependencies = .{ .inner = .{ .url = "https://example.org/inner.tar.gz", .hash = "${INNER}", .lazy = true }, .lib = .{ .path = "lib" } } }`

const edgesOf = (inventory: Inventory): string[] =>
  inventory.edges
    .map((edge) => `${nameOf(inventory, edge.from)} -> ${nameOf(inventory, edge.to)}${edge.optional === true ? ' (lazy)' : ''}`)
    .sort()
const nameOf = (inventory: Inventory, id: string): string => inventory.components.find((c) => c.id === id)?.name ?? id

describe('claims', () => {
  it.each([
    ['build.zig.zon', 'zig-zon'],
    ['a/b/build.zig.zon', 'zig-zon'],
    ['a/zigmod.lock', 'zig-older-manager'],
    ['gyro.zzz', 'zig-older-manager'],
    ['build.zig', undefined],
    ['my.build.zig.zon', undefined],
    ['build.zig.zon.bak', undefined],
  ])('%s', (path, format) => {
    expect(claimZig(path)).toBe(format)
  })
})

describe('one manifest', () => {
  it('gives its package, what it asks for, and every place', async () => {
    const inventory = await readZig({
      'build.zig.zon': withDependencies(
        `${DIFFZ_ENTRY}, .data = .{ .url = "https://example.org/data.tar.gz", .hash = "${NAKED}", .lazy = true },
        .old = .{ .url = "https://github.com/ziglibs/known-folders/archive/refs/tags/v1.tar.gz", .hash = "${LEGACY}" },`,
      ),
      'build.zig': '',
    })
    expect(inventory.projects).toEqual([
      {
        id: 'zig:build.zig.zon',
        ecosystem: 'zig',
        name: 'demo',
        folder: '.',
        manifests: ['build.zig.zon'],
        lockfiles: [],
        roots: [one(inventory, 'demo').id],
      },
    ])
    expect(one(inventory, 'demo')).toMatchObject({
      version: '1.0.0',
      firstParty: true,
      direct: false,
      source: { kind: 'path', path: '.', outside: false },
      purl: 'pkg:generic/demo@1.0.0',
      edges: { state: 'complete' },
      properties: [
        { name: 'assay:zig:fingerprint', value: '0xd642dfa000000001' },
        { name: 'assay:zig:minimum-zig-version', value: '0.14.0' },
      ],
      occurrences: [{ location: { file: 'build.zig.zon', line: 2, column: 13 }, role: 'manifest' }],
    })
    expect(one(inventory, 'diffz')).toMatchObject({
      version: '0.0.1',
      firstParty: false,
      direct: true,
      source: { kind: 'git', url: 'https://github.com/ziglibs/diffz', ref: { kind: 'rev', value: 'main' }, commit: COMMIT },
      purl: `pkg:github/ziglibs/diffz@${COMMIT}`,
      edges: { state: 'unknown', why: 'its manifest is inside the package, which is not at hand' },
      scopes: ['unknown'],
      properties: [
        { name: 'assay:zig:unpackedSize', value: '118060' },
        { name: 'assay:zig:url-pin', value: 'commit' },
      ],
    })
    expect(one(inventory, 'diffz').claims.map((claim) => claim.digest)).toEqual([
      { of: 'tree', scheme: 'zig', value: DIFFZ },
      { of: 'git-object', algorithm: 'sha1', value: COMMIT },
    ])
    // No manifest, so no name, no version and nothing below it.
    expect(one(inventory, 'data')).toMatchObject({
      version: undefined,
      source: { kind: 'archive', url: 'https://example.org/data.tar.gz' },
      edges: { state: 'complete' },
      properties: [
        { name: 'assay:zig:lazy', value: 'true' },
        { name: 'assay:zig:unpackedSize', value: '92952' },
      ],
    })
    expect(one(inventory, 'known-folders')).toMatchObject({
      version: 'v1',
      purl: 'pkg:github/ziglibs/known-folders@v1',
      claims: [{ digest: { of: 'tree', scheme: 'zig-legacy', value: LEGACY } }],
    })
    expect(edgesOf(inventory)).toEqual(['demo -> data (lazy)', 'demo -> diffz', 'demo -> known-folders'])
    expect(inventory.files).toEqual([
      { path: 'build.zig.zon', ecosystem: 'zig', format: 'zig-zon', state: 'read', why: undefined },
    ])
  })

  it('with a syntax error gives no project, and says where', async () => {
    const inventory = await readZig({ 'build.zig.zon': '.{\n    .name = .a\n    .version = "1.0.0",\n}' })
    expect([inventory.projects, inventory.components]).toEqual([[], []])
    expect(inventory.diagnostics).toMatchObject([
      { code: 'input/lock-unparseable', severity: 'error', location: { file: 'build.zig.zon', line: 2, column: 15 } },
    ])
    expect(inventory.files).toMatchObject([{ state: 'unreadable' }])
    expect(judge(inventory, 'input/lock-unparseable')).toHaveLength(1)
  })

  it('with one broken entry keeps its siblings, and says that something is missing', async () => {
    const inventory = await readZig({ 'build.zig.zon': withDependencies(`.bad = .{ .url = "x", .path = "y" }, ${DIFFZ_ENTRY}`) })
    expect(edgesOf(inventory)).toEqual(['demo -> diffz'])
    expect(one(inventory, 'demo').edges).toEqual({ state: 'incomplete', why: '1 of its dependencies could not be read' })
    expect(inventory.diagnostics.map((d) => `${d.code} ${d.message}`)).toEqual([
      "input/lock-unparseable dependencies.bad: dependency names both 'url' and 'path'",
    ])
    expect(inventory.files).toMatchObject([{ state: 'partial' }])
  })

  it('of a repeated key takes what zig takes, the last', async () => {
    const inventory = await readZig({ 'build.zig.zon': withDependencies(`.diffz = .{ .path = "good" }, ${DIFFZ_ENTRY}`) })
    expect(one(inventory, 'diffz').source.kind).toBe('git')
  })

  it.each([
    ['an unfinished merge', '<<<<<<< HEAD\n.{}\n=======\n.{}\n>>>>>>> other\n', 'input/lock-merge-conflict'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x2e, 0x00]), 'input/lock-unparseable'],
    ['a NUL byte', '.{}\0', 'input/lock-unparseable'],
    ['11 MiB', ' '.repeat(11 * 1024 * 1024), 'input/too-large'],
  ])('%s is refused', async (_name, text, code) => {
    const inventory = await readZig({ 'build.zig.zon': text })
    expect(inventory.diagnostics.map((d) => d.code)).toEqual([code])
    expect(inventory.files).toMatchObject([{ path: 'build.zig.zon', state: 'unreadable' }])
  })

  it('tells what zig passes over', async () => {
    const inventory = await readZig({ 'build.zig.zon': manifest('.minimum_zig_verzion = "0.14.0",') })
    expect(inventory.diagnostics.map((d) => [d.code, d.severity])).toEqual([['zig/unknown-field', 'note']])
  })

  it('of an old zig is read, with what a later one refuses', async () => {
    const inventory = await readZig({ 'build.zig.zon': '.{ .name = "my-lib", .version = "0.1.0" }' })
    expect(one(inventory, 'my-lib').version).toBe('0.1.0')
    expect(inventory.diagnostics.map((d) => `${d.severity} ${d.code}: ${d.message}`)).toEqual([
      'note zig/string-name: the name is a string (zig 0.14 and later refuse it at the root)',
      "note zig/missing-paths: it has no 'paths': every file is part of the package (zig 0.12 and later refuse it at the root)",
    ])
  })

  it('reads no more than 1,000 dependencies', async () => {
    const entries = Array.from({ length: 1001 }, (_, i) => `.d${i} = .{ .path = "x" }`).join(', ')
    const inventory = await readZig({ 'build.zig.zon': withDependencies(entries) })
    expect(one(inventory, 'demo').edges).toEqual({ state: 'incomplete', why: '1 of its dependencies could not be read' })
    expect(inventory.diagnostics.map((d) => d.message)).toEqual(['more than 1000 dependencies are not read'])
  })
})

describe('packages of the repository', () => {
  const TREE = {
    'build.zig.zon': manifest(`.dependencies = .{ .core = .{ .path = "pkg/core" }, .plain = .{ .path = "./pkg/plain/" } },`),
    'pkg/core/build.zig.zon': manifest(
      `.dependencies = .{ .extra = .{ .path = "../extra", .lazy = true }, ${DIFFZ_ENTRY} },`,
      'core',
      '0x3b3c5bc600000001',
    ),
    'pkg/extra/build.zig.zon': manifest('', 'extra', '0x44cf9d4300000001'),
    'pkg/plain/build.zig': '',
    'example/build.zig.zon': manifest('.dependencies = .{ .demo = .{ .path = ".." } },', 'example', '0x6aa1b5a900000001'),
    'tool/build.zig.zon': manifest('', 'tool', '0x8e5e47e600000001'),
  }

  it('belong to the project above that reaches them; the others are projects', async () => {
    const inventory = await readZig(TREE)
    expect(inventory.projects.map((project) => [project.id, project.manifests])).toEqual([
      ['zig:build.zig.zon', ['build.zig.zon', 'pkg/core/build.zig.zon', 'pkg/extra/build.zig.zon']],
      [
        'zig:example/build.zig.zon',
        ['build.zig.zon', 'example/build.zig.zon', 'pkg/core/build.zig.zon', 'pkg/extra/build.zig.zon'],
      ],
      ['zig:tool/build.zig.zon', ['tool/build.zig.zon']],
    ])
    expect(edgesOf(inventory)).toEqual([
      'core -> diffz',
      'core -> extra (lazy)',
      'demo -> core',
      'demo -> plain',
      'example -> demo',
    ])
    expect(one(inventory, 'diffz').projects).toEqual(['zig:build.zig.zon', 'zig:example/build.zig.zon'])
    expect(one(inventory, 'plain')).toMatchObject({ firstParty: true, version: undefined, edges: { state: 'complete' } })
    expect(new Set(inventory.components.map((c) => c.id)).size).toBe(inventory.components.length)
  })

  it('may lead to each other in a circle, and to themselves', async () => {
    const inventory = await readZig({
      'a/build.zig.zon': manifest('.dependencies = .{ .b = .{ .path = "../b" }, .me = .{ .path = "." } },', 'a'),
      'b/build.zig.zon': manifest('.dependencies = .{ .a = .{ .path = "../a" } },', 'b'),
    })
    expect(inventory.projects.map((project) => project.id)).toEqual(['zig:a/build.zig.zon', 'zig:b/build.zig.zon'])
    expect(edgesOf(inventory)).toEqual(['a -> b', 'b -> a'])
  })

  it('whose manifest discovery left out is read where a path leads to it, and told', async () => {
    const tree = new MemoryTree({
      'build.zig.zon': withDependencies('.lib = .{ .path = "vendor/lib" }'),
      'vendor/lib/build.zig.zon': manifest('', 'lib'),
    })
    const { zig } = await import('../../../src/ecosystems/zig/index.js')
    const inventory = await zig.read({
      tree,
      files: [{ path: 'build.zig.zon', format: 'zig-zon' }],
      options: { caches: new Map(), environment: new Map(), targets: [], features: undefined },
    })
    expect(one(inventory, 'lib').version).toBe('1.0.0')
    expect(inventory.files.map((file) => file.path)).toEqual(['build.zig.zon', 'vendor/lib/build.zig.zon'])
  })

  it('whose manifest cannot be read have unknown dependencies', async () => {
    const inventory = await readZig({ 'build.zig.zon': withDependencies('.lib = .{ .path = "lib" }'), 'lib/build.zig.zon': '.{' })
    expect(one(inventory, 'lib').edges).toEqual({ state: 'unknown', why: 'its manifest cannot be parsed' })
  })

  it('outside the repository are named and not followed', async () => {
    const inventory = await readZig({
      'a/build.zig.zon': withDependencies('.up = .{ .path = "../../up" }, .abs = .{ .path = "/opt/abs" }'),
    })
    expect(inventory.components.filter((c) => !c.firstParty).map((c) => [c.name, c.source, c.edges.state])).toEqual([
      ['up', { kind: 'path', path: '../../up', outside: true }, 'unknown'],
      ['abs', { kind: 'path', path: '/opt/abs', outside: true }, 'unknown'],
    ])
  })

  it('of an older package manager are passed over and told', async () => {
    const inventory = await readZig({ 'zig.mod': 'id: x', 'gyro.zzz': '' })
    expect(inventory.files.map((file) => [file.path, file.state])).toEqual([
      ['gyro.zzz', 'skipped'],
      ['zig.mod', 'skipped'],
    ])
    expect(inventory.facts.map((fact) => [fact.kind, fact.data['file']])).toEqual([
      ['input/manifest-not-covered', 'gyro.zzz'],
      ['input/manifest-not-covered', 'zig.mod'],
    ])
  })
})

describe('fetched packages at hand', () => {
  const TREE = { 'build.zig.zon': withDependencies(DIFFZ_ENTRY) }
  const IN_CACHE = {
    [`${DIFFZ}/build.zig.zon`]: DIFFZ_MANIFEST,
    [`${DIFFZ}/build.zig`]: '',
    [`${DIFFZ}/lib/build.zig.zon`]:
      '.{ .name = .lib, .version = "0.1.0", .paths = .{""}, .dependencies = .{ .up = .{ .path = ".." }, .out = .{ .path = "../../out" } } }',
  }
  const below = (folder: string): Record<string, string> =>
    Object.fromEntries(Object.entries(IN_CACHE).map(([path, text]) => [`${folder}/${path}`, text]))

  const EDGES = ['demo -> diffz', 'diffz -> inner (lazy)', 'diffz -> lib', 'lib -> diffz', 'lib -> out']

  it.each([
    ['a package cache', below('p')],
    ['a folder for --system', IN_CACHE],
  ])('in %s are followed; places stay in the tree', async (_name, files) => {
    const inventory = await readZig(TREE, { 'zig-cache': new MemoryTree(files) })
    expect(edgesOf(inventory)).toEqual(EDGES)
    expect(one(inventory, 'diffz').edges).toEqual({ state: 'complete' })
    expect(one(inventory, 'inner').edges).toEqual({
      state: 'unknown',
      why: 'it is not in the package cache, perhaps because it is lazy',
    })
    expect(one(inventory, 'lib')).toMatchObject({
      version: '0.1.0',
      firstParty: false,
      direct: false,
      source: { kind: 'git', commit: COMMIT, subdirectory: 'lib' },
      purl: `pkg:github/ziglibs/diffz@${COMMIT}#lib`,
    })
    const places = [
      ...inventory.components.flatMap((c) => [
        ...c.occurrences.map((o) => o.location),
        ...c.claims.map((claim) => claim.location),
      ]),
      ...inventory.edges.map((edge) => edge.location),
      ...inventory.facts.map((fact) => fact.location),
      ...inventory.diagnostics.map((diagnostic) => diagnostic.location),
    ]
    expect(new Set(places.map((place) => place?.file))).toEqual(new Set(['build.zig.zon']))
    // A path out of a fetched package stops zig; its own path back to the package root does not.
    expect(judge(inventory, 'source/path-outside-repo').map((finding) => finding.message)).toEqual([
      'out is at ../../out, outside the repository',
    ])
  })

  it('in a tracked zig-pkg are no projects, and are shown where they are', async () => {
    const stray = `zig-pkg/stray-1.0.0-${TAIL}`
    const inventory = await readZig({
      ...TREE,
      ...below('zig-pkg'),
      [`${stray}/build.zig.zon`]: '.{}',
      'zig-pkg/notes/a.txt': '',
    })
    expect(inventory.projects.map((project) => project.id)).toEqual(['zig:build.zig.zon'])
    expect(edgesOf(inventory)).toEqual(EDGES)
    expect(one(inventory, 'diffz').occurrences.map((o) => [o.role, o.location.file])).toEqual([
      ['manifest', 'build.zig.zon'],
      // The path back from the folder inside it.
      ['manifest', `zig-pkg/${DIFFZ}/lib/build.zig.zon`],
      ['vendor', `zig-pkg/${DIFFZ}/build.zig.zon`],
    ])
    expect(judge(inventory, 'integrity/vendor-drift').map((finding) => finding.message)).toEqual([
      'zig-pkg/notes: its name is no package hash, so zig never looks into it',
      `${stray}: it is vendored and no manifest names its hash`,
    ])
  })

  it('that should have none and have a manifest are not what their hash names', async () => {
    const tree = { 'build.zig.zon': withDependencies(`.data = .{ .url = "https://example.org/d.tar.gz", .hash = "${NAKED}" }`) }
    const cache = new MemoryTree({ [`p/${NAKED}/build.zig.zon`]: DIFFZ_MANIFEST })
    expect(judge(await readZig(tree, { 'zig-cache': cache }), 'zig/hash-name-mismatch')).toHaveLength(1)
  })

  it('that lost their manifest by filtering have unknown dependencies', async () => {
    const inventory = await readZig(TREE, { 'zig-cache': new MemoryTree({ [`p/${DIFFZ}/src/a.zig`]: '' }) })
    expect(one(inventory, 'diffz').edges.state).toBe('unknown')
  })

  it('are one component for one hash, whatever the keys and URLs; an eager entry beats a lazy one', async () => {
    const inventory = await readZig({
      'build.zig.zon': withDependencies(
        `.diffz = .{ .url = "https://example.org/d.tar.gz", .hash = "${DIFFZ}", .lazy = true },
         .copy = .{ .url = "https://example.net/d.tar.gz", .hash = "${DIFFZ}" }`,
      ),
    })
    expect(edgesOf(inventory)).toEqual(['demo -> diffz'])
    expect(one(inventory, 'diffz').properties).toContainEqual({
      name: 'assay:zig:other-url',
      value: 'https://example.net/d.tar.gz',
    })
    expect(one(inventory, 'diffz').claims).toHaveLength(2)
  })

  it('are two components for two hashes, also of one name and version', async () => {
    const other = `diffz-0.0.1-${TAIL.slice(0, -1)}A`
    const inventory = await readZig({
      'build.zig.zon': withDependencies(
        `.diffz = .{ .url = "https://example.org/d.tar.gz", .hash = "${DIFFZ}" }, .copy = .{ .url = "https://example.net/d.tar.gz", .hash = "${other}" }`,
      ),
    })
    expect(inventory.components.filter((c) => c.name === 'diffz')).toHaveLength(2)
  })

  it('with one URL and two hashes contradict each other', async () => {
    const other = `diffz-0.0.1-${TAIL.slice(0, -1)}A`
    const inventory = await readZig({
      'build.zig.zon': withDependencies(
        `.diffz = .{ .url = "https://example.org/d.tar.gz", .hash = "${DIFFZ}" }, .copy = .{ .url = "https://example.org/d.tar.gz", .hash = "${other}" }`,
      ),
    })
    expect(judge(inventory, 'integrity/digest-conflict')).toHaveLength(1)
  })
})

describe('hostile input', () => {
  it('never makes the reader throw, and leaves no file untold', async () => {
    const word = fc.constantFrom('.', '..', 'a', 'b', '../a', '/x', 'C:\\x', 'a\\b')
    const entry = fc.oneof(
      word.map((path) => `.{ .path = "${path.replaceAll('\\', '\\\\')}" }`),
      fc.constantFrom(
        `.{ .url = "https://u:Sup3rS3cret@h/x", .hash = "${DIFFZ}" }`,
        '.{ .url = "::" }',
        '.{}',
        '1',
        `.{ .url = "git+https://h", .hash = "${INNER}" }`,
      ),
    )
    const text = fc
      .array(entry, { maxLength: 4 })
      .map((entries) => withDependencies(entries.map((e, i) => `.k${i} = ${e}`).join(', ')))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(text, fc.string()),
        fc.oneof(text, fc.string({ unit: 'binary' })),
        text,
        async (root, a, cached) => {
          const files = { 'build.zig.zon': root, 'a/build.zig.zon': a }
          const inventory = await readZig(files, { 'zig-cache': new MemoryTree({ [`p/${DIFFZ}/build.zig.zon`]: cached }) })
          expect(inventory.files.map((file) => file.path)).toEqual(expect.arrayContaining(Object.keys(files)))
          const ids = new Set(inventory.components.map((c) => c.id))
          for (const edge of inventory.edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true)
          expect(JSON.stringify(inventory)).not.toContain('Sup3rS3cret')
        },
      ),
      { numRuns: 200 },
    )
  })

  it('a chain of packages stays bounded in the number of memberships', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1100 }, (_, i) => [`p${i}/build.zig.zon`, withDependencies(`.next = .{ .path = "../p${i + 1}" }`)]),
    )
    const inventory = await readZig(files)
    expect(inventory.diagnostics.map((d) => d.code)).toEqual(['input/too-large'])
    expect(inventory.components.reduce((sum, c) => sum + c.projects.length, 0)).toBeLessThan(510_000)
  })
})
