import { createHash } from 'node:crypto'
import { crc32, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { createHttpClient } from '../../../../src/evidence/http/client.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { file, HandClock, offline, online, type Serve, source, status } from '../../../evidence/desk/support/source.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { makeTar, type TarPart } from '../../../support/make-tar.js'
import { makeZip } from '../../../support/make-zip.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, hasShared, listShared, readSharedBytes, readSharedJson } from '../../../support/shared.js'
import { archiveOf, dependency, findings, makePackage, only, project, run, verdicts } from './support.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface TreeRow {
  readonly path: string
  readonly kind: 'file' | 'symlink'
  readonly base64?: string
  readonly target?: string
}

describeShared('vectors/zig/trees', 'package trees of known hashes, served over HTTP', () => {
  const names = listShared('vectors/zig/trees')
  const rowsOf = (name: string): readonly TreeRow[] => readSharedJson('vectors/zig/trees', name, 'tree.json')
  const tarOf = (rows: readonly TreeRow[]): Buffer =>
    makeTar(
      rows.map(({ path, kind, base64 = '', target = '' }) =>
        kind === 'file'
          ? { name: `r/${path}`, body: Buffer.from(base64, 'base64') }
          : { name: `r/${path}`, type: '2', link: target },
      ),
    )

  it('are nine', () => expect(names.length).toBe(9))

  it.each(names)('%s matches in both forms, and does not when a byte differs', async (name) => {
    const rows = rowsOf(name)
    const wanted = readSharedJson<{ new: string; legacy: string; legacyZig011AllFiles: string | null; totalSize: number }>(
      ...['vectors/zig/trees', name, 'expected.json'],
    )
    const { origin, paths } = await source()
    const changed = rows.map((row) =>
      row.path === rows.find(({ kind, path }) => kind === 'file' && path !== 'build.zig.zon')?.path
        ? { ...row, base64: Buffer.concat([Buffer.from(row.base64 ?? '', 'base64'), Buffer.from('x')]).toString('base64') }
        : row,
    )
    paths.set('/good.tar.gz', file(gzipSync(tarOf(rows))))
    paths.set('/other.tar.gz', file(gzipSync(tarOf(changed))))
    const allFiles = wanted.legacyZig011AllFiles
    const claims = [wanted.new, wanted.legacy, ...(allFiles === null || allFiles === wanted.legacy ? [] : [allFiles])]
    for (const claim of claims) {
      const good = only(await run(project(dependency('p', `${origin}/good.tar.gz`, claim)), online()), 'zig/package-hash')
      expect(good).toMatchObject({ verdict: 'match', expected: claim, observed: claim })
      expect(good.stored).toBe(sha256(gzipSync(tarOf(rows))))
      expect(good.why?.includes('all files, as zig 0.11 made it') ?? false).toBe(claim === allFiles && claim !== wanted.legacy)
      const other = await run(project(dependency('p', `${origin}/other.tar.gz`, claim)), online())
      const { verdict, observed } = only(other, 'zig/package-hash')
      // What lies outside `paths` counts only where all files do.
      expect(observed === claim).toBe(verdict === 'match')
      if (claim === allFiles || allFiles === wanted.legacy) expect(verdict).toBe('mismatch')
    }
  })
})

interface ArchiveCase {
  readonly file: string
  readonly assay: string
  readonly zig_0_14_0_dev_2456: string
}

describeShared('vectors/zig/archives', 'archives with what zig made of them, served over HTTP', () => {
  const cases = hasShared('vectors/zig/archives/expected.json')
    ? readSharedJson<readonly ArchiveCase[]>('vectors/zig/archives/expected.json')
    : []
  const plain = cases.find(({ file: name }) => name === 'plain.tar.gz')?.zig_0_14_0_dev_2456 ?? ''

  it('are eighteen', () => expect(cases.length).toBe(18))

  it.each(cases.map((one) => [one.file, one] as const))('%s', async (name, wanted) => {
    const { origin, paths } = await source()
    paths.set(`/${name}`, file(readSharedBytes('vectors/zig/archives', name)))
    const zig = wanted.zig_0_14_0_dev_2456
    const claim = zig.startsWith('1220') ? zig : plain
    const found = await run(project(dependency('p', `${origin}/${name}`, claim)), online())
    const evidence = only(found, 'zig/package-hash')
    const problem = /^reject archive\.([a-z-]+)/.exec(wanted.assay)?.[1]
    if (problem === undefined) {
      // zig itself printed no hash for the single file.
      expect(evidence.verdict).toBe(name === 'single-file.tar.gz' ? 'mismatch' : 'match')
      return
    }
    expect([evidence.verdict, evidence.observed]).toEqual(['mismatch', undefined])
    expect(evidence.why).toContain(`archive.${problem}: `)
    const rule = problem === 'path-escape' ? 'zig/archive-escape' : 'zig/archive-entry'
    expect(findings(found).filter((text) => text.startsWith(rule))).toHaveLength(1)
    // It is said once.
    expect(findings(found).filter((text) => text.startsWith('zig/hash-mismatch'))).toEqual([])
  })

  it('a zip with links is told of', async () => {
    const { origin, paths } = await source()
    paths.set('/symlink.zip', file(readSharedBytes('vectors/zig/archives/symlink.zip')))
    const claim = cases.find((one) => one.file === 'symlink.zip')?.zig_0_14_0_dev_2456 ?? ''
    const found = await run(project(dependency('p', `${origin}/symlink.zip`, claim)), online())
    expect(findings(found)).toContain(`zig/zip-symlink: the zip from ${origin}/symlink.zip holds symbolic links`)
  })
})

describeShared('vectors/zig/realworld.json', 'recorded hashes of public projects', () => {
  const { rows } = hasShared('vectors/zig/realworld.json')
    ? readSharedJson<{ rows: { url: string; recorded: string }[] }>('vectors/zig/realworld.json')
    : { rows: [] }

  it('are all taken up by an offline run, which says of each that nobody was asked', async () => {
    expect(rows.length).toBe(213)
    const dependencies = rows.map(({ url, recorded }, i) => dependency(`d${i}`, url, recorded)).join('\n')
    const found = await run(project(dependencies), { desk: offline() })
    expect(new Set(found.evidence.filter(({ check }) => check === 'zig/package-hash').map(({ verdict }) => verdict))).toEqual(
      new Set(['unavailable']),
    )
    expect(new Set(found.evidence.map(({ expected }) => expected))).toEqual(
      new Set(found.graph.components.flatMap(({ claims }) => claims.map(({ digest }) => digest.value))),
    )
    expect(new Set(rows.map(({ recorded }) => recorded)).size).toBe(
      new Set(found.evidence.flatMap(({ check, expected }) => (check === 'zig/package-hash' ? [expected] : []))).size,
    )
  })
})

const GOOD = makePackage('good', {
  files: { 'src/root.zig': 'pub fn f() void {}\n', 'test/big.bin': 'left out' },
  paths: ['src'],
})

/** A client that waits for nobody. */
function impatient(): Desk {
  const http = () =>
    createHttpClient({
      retry: { attempts: 1 },
      timeouts: { connectMs: 300, headersMs: 200, bodyMs: 200 },
      giveUp: { urls: 1000 },
    })
  const desk = openDesk({ offline: false, http, clock: new HandClock() })
  onTestFinished(() => desk.close())
  return desk
}

const html: Serve = (_, response) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>'.repeat(30))

describe('an answer', () => {
  const good = archiveOf(GOOD)
  const cut = good.subarray(0, good.length - 40)
  const bomb = gzipSync(makeTar([{ name: 'r/zeros', body: Buffer.alloc(24 * 1024 * 1024) }]))
  const ANSWERS: readonly (readonly [what: string, serve: Serve | undefined, verdict: string, why: RegExp])[] = [
    ['that is good', file(good), 'match', /^$/],
    ['404', undefined, 'absent', /does not have it \(status 404\)/],
    ['410', status(410), 'absent', /status 410/],
    ['401', status(401), 'unavailable', /refuses this without a credential \(status 401/],
    ['403', status(403, 'not for you'), 'unavailable', /refuses this without a credential \(status 403: not for you/],
    ['451', status(451), 'unavailable', /status 451/],
    ['500', status(500), 'unavailable', /failed to answer/],
    ['503', status(503), 'unavailable', /not available at the moment/],
    ['429', status(429), 'unavailable', /fewer requests/],
    ['that never comes', () => undefined, 'unavailable', /did not answer in time/],
    [
      'that stops in the middle',
      (_, response) => void response.writeHead(200, { 'content-length': good.length }).write(good.subarray(0, 50)),
      'unavailable',
      /stopped sending in the middle/,
    ],
    [
      'that is cut off',
      (_, response) => {
        response.writeHead(200, { 'content-length': good.length })
        response.write(good.subarray(0, 50), () => response.destroy())
      },
      'unavailable',
      /half an answer/,
    ],
    ['cut off by whoever holds it', file(cut), 'unavailable', /^no whole archive came: /],
    [
      'with a damaged byte',
      file(good.map((byte, i) => (i === good.length - 6 ? byte ^ 1 : byte))),
      'unavailable',
      /^no whole archive came/,
    ],
    ['that is the page of a login', html, 'unavailable', /^no whole archive came/],
    ['of nothing', file(''), 'unavailable', /^no whole archive came/],
    ['that is a bomb', file(bomb), 'not-checkable', /^archive\.unreadable: /],
    ['packed with bzip2', file('BZh91AY&SY'), 'not-checkable', /bzip2, which zig never reads/],
    ['with other files', file(archiveOf(makePackage('good'))), 'mismatch', /^it unpacks to \d+ bytes more than the \d+/],
    [
      'whose file of the same length differs',
      file(archiveOf(makePackage('good', { files: { 'src/root.zig': 'pub fn g() void {}\n' }, paths: ['src'] }))),
      'mismatch',
      /^it unpacks to as many bytes in all, and other content/,
    ],
    [
      'that is another version with the same files',
      file(
        archiveOf({
          ...makePackage('good', { files: { 'src/root.zig': 'pub fn f() void {}\n' }, paths: ['src'], version: '2.0.0' }),
          name: 'good',
        }),
      ),
      'mismatch',
      /^the files are the same, and the hash names another package or version/,
    ],
    [
      'that escapes',
      file(archiveOf(GOOD, 6, [{ name: 'good/../../evil', body: 'x' }])),
      'mismatch',
      /^archive\.path-escape: .*leads out of the archive/,
    ],
    [
      'that leads to plain http elsewhere',
      redirect('http://example.org/p.tar.gz'),
      'unavailable',
      /redirects to where the policy/,
    ],
    ['that leads to a file', redirect('file:///etc/passwd'), 'unavailable', /redirects to where the policy/],
    ['that goes in circles', redirect('/p.tar.gz'), 'unavailable', /in a circle/],
  ]

  it.each(ANSWERS)('%s', async (_, serve, verdict, why) => {
    const { origin, paths } = await source()
    if (serve !== undefined) paths.set('/p.tar.gz', serve)
    const url = `${origin}/p.tar.gz`
    const found = await run(project(dependency('good', url, GOOD.hash)), { desk: impatient() })
    const evidence = only(found, 'zig/package-hash')
    expect(evidence).toMatchObject({ verdict, expected: GOOD.hash, authority: { kind: 'artifact', name: url } })
    expect(evidence.why ?? '').toMatch(why)
    expect(findings(found, ['zig']).some((text) => /^zig\/(?:hash-mismatch|archive-escape)/.test(text))).toBe(
      verdict === 'mismatch',
    )
    // What is not verified does not become part of the graph.
    const [component] = found.graph.components.filter(({ name }) => name === 'good')
    expect(component?.edges.state).toBe(verdict === 'match' ? 'complete' : 'unknown')
  })

  it('with any damaged byte is never taken for another package', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const { origin, paths } = await source()
        paths.set('/p.tgz', file(good.map((byte, i) => (i === at ? byte ^ mask : byte))))
        const { verdict } = only(
          await run(project(dependency('good', `${origin}/p.tgz`, GOOD.hash)), online()),
          'zig/package-hash',
        )
        // Bytes 3 to 9 of gzip are flags, time and system: nothing of the files.
        if (verdict === 'match') expect(at).toBeGreaterThanOrEqual(3)
        if (verdict === 'match') expect(at).toBeLessThan(10)
      }),
      { numRuns: 40 },
    )
  })
})

function redirect(location: string): Serve {
  return (_, response) => void response.writeHead(302, { location }).end()
}

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
