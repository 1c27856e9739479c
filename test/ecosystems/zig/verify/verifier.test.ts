import { createHash } from 'node:crypto'
import { crc32, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { file, HandClock, offline, online, source } from '../../../evidence/desk/support/source.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { makeTar, type TarPart } from '../../../support/make-tar.js'
import { makeZip } from '../../../support/make-zip.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { archiveOf, dependency, findings, makePackage, only, project, run, verdicts } from './support.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const GOOD = makePackage('good', {
  files: { 'src/root.zig': 'pub fn f() void {}\n', 'test/big.bin': 'left out' },
  paths: ['src'],
})

describe('an archive made anew', () => {
  const scratch = scratchFolder()

  it('with other bytes of the same files is told apart from changed content', async () => {
    onTestFinished(scratch.remove)
    const store = openStore(scratch.folder)
    const clock = new HandClock()
    const { origin, paths } = await source()
    const ask = async () =>
      only(await run(project(dependency('good', `${origin}/v1.tar.gz`, GOOD.hash)), online({ store, clock })), 'zig/package-hash')
    const [before, after] = [archiveOf(GOOD, 9), archiveOf(GOOD, 1)]
    expect(sha256(before)).not.toBe(sha256(after))
    paths.set('/v1.tar.gz', file(before))
    expect(await ask()).toMatchObject({ verdict: 'match', stored: sha256(before), why: undefined })
    clock.advance(48)
    paths.set('/v1.tar.gz', file(after))
    const again = await ask()
    expect(again).toMatchObject({ verdict: 'match', stored: sha256(after) })
    expect(again.why).toBe(
      `the archive was made anew by its host: the files are the same, its bytes differ from those of 2026-11-01T10:00:00Z (SHA-256 ${sha256(before)})`,
    )
    clock.advance(48)
    paths.set('/v1.tar.gz', file(archiveOf(makePackage('good'))))
    expect(await ask()).toMatchObject({ verdict: 'mismatch' })
  })
})

describe('the files of a package', () => {
  it('are recorded by a list that anybody can make', async () => {
    const { origin, paths } = await source()
    paths.set('/p.tar.gz', file(archiveOf(GOOD)))
    const found = await run(project(dependency('good', `${origin}/p.tar.gz`, GOOD.hash)), online())
    const body = GOOD.files['src/root.zig'] ?? ''
    const list = `assay-files 1\nfile ${sha256(Buffer.from(body))} 12:src/root.zig\n`
    expect(only(found, 'zig/files')).toMatchObject({ verdict: 'match', observed: sha256(Buffer.from(list)) })
  })

  it('that do not match are recorded and not vouched for', async () => {
    const { origin, paths } = await source()
    paths.set('/p.tar.gz', file(archiveOf(makePackage('good'))))
    const found = await run(project(dependency('good', `${origin}/p.tar.gz`, GOOD.hash)), online())
    expect(only(found, 'zig/files')).toMatchObject({
      verdict: 'not-checkable',
      observed: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
})

describe('name, version and id', () => {
  const asked = async (claim: string, serve: Buffer, path = '/p.tar.gz') => {
    const { origin, paths } = await source()
    paths.set(path, file(serve))
    return run(project(dependency('good', `${origin}${path}`, claim)), online())
  }

  const ID = crc32('good id').toString(16).padStart(8, '0')

  it('agree', async () => {
    const { verdict, expected, observed } = only(await asked(GOOD.hash, archiveOf(GOOD)), 'zig/manifest-identity')
    expect([verdict, expected, observed]).toEqual(['match', `good 1.0.0 with id 0x${ID}`, `good 1.0.0 with id 0x${ID}`])
  })

  it('differ, which is said once and by its own rule', async () => {
    const found = await asked(GOOD.hash, archiveOf(makePackage('evil', { version: '9.0.0', id: 7 })))
    expect(only(found, 'zig/manifest-identity')).toMatchObject({ verdict: 'mismatch', observed: 'evil 9.0.0 with id 0x00000007' })
    expect(findings(found).map((text) => text.split(':')[0])).toEqual(['zig/hash-mismatch', 'zig/hash-name-mismatch'])
  })

  it('of a fingerprint that was made for another name', async () => {
    const stolen = {
      ...GOOD,
      files: { ...GOOD.files, 'build.zig.zon': (GOOD.files['build.zig.zon'] ?? '').replace('.good', '.bad') },
    }
    const found = await asked(GOOD.hash.replace('good', 'bad'), archiveOf(stolen))
    expect(only(found, 'zig/package-hash').verdict).toBe('match')
    expect(only(found, 'zig/manifest-identity')).toMatchObject({
      verdict: 'mismatch',
      why: 'its fingerprint was made for another name than bad',
    })
  })

  it('of a package that should have no manifest', async () => {
    const naked = `N-V-${Buffer.concat([Buffer.from('ffff0000', 'hex'), Buffer.alloc(29)]).toString('base64url')}`
    expect(only(await asked(naked, archiveOf(GOOD)), 'zig/manifest-identity')).toMatchObject({
      verdict: 'mismatch',
      expected: 'a package without manifest',
    })
  })

  it('stand in no hash of the old form; a tag in the URL says another version', async () => {
    const found = await asked(GOOD.legacy, archiveOf(GOOD), '/o/good/archive/refs/tags/v1.2.0.tar.gz')
    expect(only(found, 'zig/package-hash').verdict).toBe('match')
    expect(only(found, 'zig/manifest-identity')).toMatchObject({
      verdict: 'not-checkable',
      why: 'the URL says v1.2.0, the manifest 1.0.0',
    })
  })
})

describe('what is supplied for reading', () => {
  it('makes the graph whole out of verified archives alone', async () => {
    const { origin, paths, seen } = await source()
    const leaf = makePackage('leaf')
    const tampered = makePackage('tampered')
    const middle = makePackage('middle', {
      dependencies:
        dependency('leaf', `${origin}/leaf.zip`, leaf.hash) + dependency('tampered', `${origin}/t.tar.gz`, tampered.hash),
    })
    paths.set('/middle.tar.gz', file(archiveOf(middle)))
    paths.set(
      '/leaf.zip',
      file(makeZip(Object.entries(leaf.files).map(([path, body]) => ({ name: `leaf/${path}`, body: Buffer.from(body) })))),
    )
    paths.set('/t.tar.gz', file(archiveOf(makePackage('tampered', { dependencies: dependency('x', `${origin}/x`, leaf.hash) }))))
    const found = await run(project(dependency('middle', `${origin}/middle.tar.gz`, middle.hash)), online())
    expect(found.graph.components.map(({ name, edges }) => [name, edges.state])).toEqual([
      ['demo', 'complete'],
      ['leaf', 'complete'],
      ['middle', 'complete'],
      ['tampered', 'unknown'],
    ])
    expect(verdicts(found).filter((text) => text.startsWith('zig/package-hash'))).toEqual([
      'zig/package-hash leaf match',
      'zig/package-hash middle match',
      'zig/package-hash tampered mismatch',
    ])
    // Each was fetched once, for reading and verifying together; what only the tampered one names, never.
    expect([...seen].sort()).toEqual(['/leaf.zip', '/middle.tar.gz', '/t.tar.gz'])
    expect(findings(found).filter((text) => !text.startsWith('zig/'))).toEqual([])
  })

  it('asks a second URL where the first does not deliver, and reads folders inside packages', async () => {
    const { origin, paths } = await source()
    const outer = makePackage('outer', {
      dependencies: '.inner = .{ .path = "libs/inner" },',
      files: {
        'src/a.zig': '',
        'libs/inner/build.zig.zon': '.{ .name = .inner, .version = "0.1.0", .fingerprint = 0x6d310bc900000001, .paths = .{""}, }',
        'libs/inner/build.zig': '// none',
      },
    })
    paths.set('/second.tar.gz', file(archiveOf(outer)))
    const text = dependency('a', `${origin}/first.tar.gz`, outer.hash) + dependency('b', `${origin}/second.tar.gz`, outer.hash)
    const found = await run(project(text), online())
    expect(found.graph.components.map(({ name, edges }) => `${name} ${edges.state}`)).toEqual([
      'demo complete',
      'inner complete',
      'outer complete',
    ])
    expect(verdicts(found)).toEqual([
      'zig/mirror outer match',
      'zig/package-hash inner not-checkable',
      'zig/package-hash outer absent',
    ])
    expect(only(found, 'zig/package-hash', 'inner').why).toMatch(
      /^it is a folder inside the package from .*whose hash covers it$/,
    )
  })

  it('learns from manifests that only a path leads to', async () => {
    const { origin, paths } = await source()
    paths.set('/good.tar.gz', file(archiveOf(GOOD)))
    const tree = new MemoryTree({
      ...project('.local = .{ .path = "vendor/local" },'),
      'vendor/local/build.zig.zon': `.{ .name = .local, .version = "1.0.0", .paths = .{""}, .dependencies = .{ ${dependency('good', `${origin}/good.tar.gz`, GOOD.hash)} } }`,
    })
    const found = await run(tree, online())
    expect(found.graph.components.find(({ name }) => name === 'good')?.edges).toEqual({ state: 'complete' })
  })
})

describe('copies that zig takes by the name of their folder', () => {
  const url = 'https://example.org/good.tar.gz'
  const unpacked = (folder: string, files: Readonly<Record<string, string>> = { 'src/root.zig': 'pub fn f() void {}\n' }) =>
    Object.fromEntries(Object.entries(files).map(([path, body]) => [`${folder}/${GOOD.hash}/${path}`, body]))
  const tree = project(dependency('good', url, GOOD.hash))

  it('in the repository: as it should be, with or without its manifest', async () => {
    for (const files of [
      undefined,
      { 'src/root.zig': 'pub fn f() void {}\n', 'build.zig.zon': GOOD.files['build.zig.zon'] ?? '' },
    ]) {
      const found = await run({ ...tree, ...unpacked('zig-pkg', files) }, { desk: offline(), supplied: false })
      expect(only(found, 'zig/cache')).toMatchObject({
        verdict: 'match',
        authority: { kind: 'tree', name: `zig-pkg/${GOOD.hash}` },
        expected: GOOD.hash,
      })
    }
  })

  it('in the repository: changed, with which file where a good copy is at hand', async () => {
    const changed = { 'src/root.zig': 'pub fn f() void { evil(); }\n' }
    const found = await run({ ...tree, ...unpacked('zig-pkg', changed) }, { desk: offline() })
    expect(only(found, 'zig/cache')).toMatchObject({ verdict: 'mismatch', expected: GOOD.hash })
    expect(findings(found)).toEqual([
      expect.stringMatching(/^zig\/hash-mismatch: good@1.0.0: the copy in zig-pkg\/.* has the hash /),
    ])
    const { origin, paths } = await source()
    paths.set('/good.tar.gz', file(archiveOf({ ...GOOD, files: { ...GOOD.files, ...changed } })))
    const fetched = await run(
      { ...project(dependency('good', `${origin}/good.tar.gz`, GOOD.hash)), ...unpacked('zig-pkg') },
      online(),
    )
    expect(only(fetched, 'zig/package-hash').why).toMatch(/1 files differ from zig-pkg\/\S+: src\/root\.zig$/)
  })

  it('in the repository: with a file that the hash does not cover', async () => {
    const files = {
      'src/root.zig': 'pub fn f() void {}\n',
      'build.zig.zon': GOOD.files['build.zig.zon'] ?? '',
      'build.zig': '// run',
    }
    const found = await run({ ...tree, ...unpacked('zig-pkg', files) }, { desk: offline(), supplied: false })
    expect(only(found, 'zig/cache').verdict).toBe('match')
    expect(findings(found).filter((text) => text.startsWith('integrity/vendor-drift'))).toEqual([
      `integrity/vendor-drift: zig-pkg/${GOOD.hash}: it holds files that its hash does not cover: build.zig, build.zig.zon`,
    ])
  })

  it('in a package cache: unpacked and packed', async () => {
    const cache = {
      ...unpacked('p'),
      [`p/${GOOD.hash}.tar.gz`]: gzipSync(makeTar([{ name: `${GOOD.hash}/src/root.zig`, body: 'other' } satisfies TarPart])),
    }
    const found = await run(tree, { desk: offline(), cache: new MemoryTree(cache) })
    expect(
      found.evidence.filter(({ check }) => check === 'zig/cache').map(({ verdict, authority }) => [authority?.name, verdict]),
    ).toEqual([
      [`p/${GOOD.hash} in the package cache`, 'match'],
      [`p/${GOOD.hash}.tar.gz in the package cache`, 'mismatch'],
    ])
  })
})

describe('a second URL', () => {
  it('that delivers something else is told, with the mirrors of the configuration', async () => {
    const { origin, paths } = await source()
    paths.set('/a/p.tar.gz', file(archiveOf(GOOD)))
    paths.set('/b/p.tar.gz', file(archiveOf(makePackage('good'))))
    paths.set('/mirror/p.tar.gz', file(archiveOf(GOOD, 1)))
    const text = dependency('a', `${origin}/a/p.tar.gz`, GOOD.hash) + dependency('b', `${origin}/b/p.tar.gz`, GOOD.hash)
    const found = await run(project(text), {
      ...online(),
      sources: { mirrors: [{ url: `${origin}/mirror/`, of: `${origin}/a` }] },
    })
    expect(
      found.evidence
        .filter(({ check }) => check === 'zig/mirror')
        .map(({ authority, verdict, why }) => [authority?.name.slice(origin.length), verdict, why]),
    ).toEqual([
      ['/b/p.tar.gz', 'mismatch', expect.stringContaining('it unpacks to')],
      ['/mirror/p.tar.gz', 'match', 'it delivers the same files'],
    ])
    expect(findings(found).filter((one) => one.startsWith('integrity/'))).toEqual([
      expect.stringMatching(/^integrity\/mirror-divergence: good@1\.0\.0: the mirror .*\/b\/p\.tar\.gz has /),
    ])
  })
})

describe('whom nobody asks', () => {
  const refused = () => {
    throw new Error('somebody was asked')
  }
  const deaf = (): Desk => openDesk({ offline: false, http: refused, clock: new HandClock() })

  it('public hosts about an internal name, for reading or verifying', async () => {
    const url = 'https://github.com/corp/secret/archive/refs/tags/v1.tar.gz'
    for (const internal of [['zig:corp-*', 'zig:corp_*'], ['zig:secret'], ['zig:github.com/corp/**']]) {
      const hash = makePackage('corp_secret').hash
      const found = await run(project(dependency('corp_secret', url, hash)), { desk: deaf(), sources: { internal } })
      const evidence = only(found, 'zig/package-hash')
      if (internal[0] === 'zig:secret') expect(evidence.verdict).toBe('not-checkable')
      expect(evidence).toMatchObject({ verdict: 'not-checkable', expected: hash })
      expect(evidence.why).toMatch(/^its name is internal \(sources\.internal\), so the public host github\.com is not asked/)
    }
  })

  it('but a host of one’s own is asked', async () => {
    const { origin, paths } = await source()
    paths.set('/p.tar.gz', file(archiveOf(GOOD)))
    const found = await run(project(dependency('good', `${origin}/p.tar.gz`, GOOD.hash)), {
      ...online(),
      sources: { internal: ['zig:**'] },
    })
    expect(only(found, 'zig/package-hash').verdict).toBe('match')
  })

  it('hosts outside the allowed ones, other schemes, and in a run without bytes anybody', async () => {
    const hash = GOOD.hash
    const ask = async (url: string, more = {}) =>
      only(await run(project(dependency('good', url, hash)), { desk: deaf(), supplied: false, ...more }), 'zig/package-hash')
    expect(await ask('https://example.org/p.tar.gz', { sources: { hosts: ['github.com'] } })).toMatchObject({
      verdict: 'not-checkable',
      why: 'example.org is not among the allowed hosts (sources.hosts)',
    })
    expect(await ask('https://example.org/p.tar.gz', { depth: { bytes: false, source: false } })).toMatchObject({
      verdict: 'not-checkable',
      why: 'packages are not fetched in this run',
    })
    expect(await ask('file:deps/p.tar.gz')).toMatchObject({
      verdict: 'not-checkable',
      why: expect.stringContaining('a file of the machine'),
    })
    expect(await ask('ftp://example.org/p.tar.gz')).toMatchObject({
      verdict: 'not-checkable',
      why: expect.stringContaining('zig cannot fetch'),
    })
    expect(await ask('git+https://example.org/p#0123456789012345678901234567890123456789')).toMatchObject({
      verdict: 'not-checkable',
      why: 'git repositories are not asked in this run',
    })
  })

  it('anybody about what has no hash, and says so of everything', async () => {
    const text = '.a = .{ .url = "https://example.org/a.tar.gz" }, .b = .{ .path = "../outside" },'
    const found = await run(project(text), { desk: deaf() })
    expect(found.evidence.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['not-checkable', 'no manifest states a usable hash for it'],
      ['not-checkable', 'it is a folder outside the repository; zig hashes no folder that is named by path'],
    ])
  })
})
