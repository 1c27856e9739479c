import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import type { ArchiveLimits } from '../../../src/evidence/archive/limits.js'
import { DEFAULT_LIMITS } from '../../../src/evidence/archive/limits.js'
import { readTar } from '../../../src/evidence/archive/tar.js'
import { collect, collectEntries, damaged, inPieces, refusal } from '../../support/archives.js'
import type { TarEnd, TarPart } from '../../support/make-tar.js'
import { longName, makeTar, pax, paxRecord } from '../../support/make-tar.js'

const read = (tar: Uint8Array, limits?: Partial<ArchiveLimits>) => collectEntries(readTar(tar, { ...DEFAULT_LIMITS, ...limits }))
const code = (parts: readonly TarPart[], end?: TarEnd, limits?: Partial<ArchiveLimits>): Promise<string> =>
  refusal(() => read(makeTar(parts, end), limits))

describe('members', () => {
  it.each<readonly [string, readonly TarPart[], Readonly<Record<string, unknown>>]>([
    ['a file', [{ name: 'a', body: 'x', mode: 0o755 }], { path: 'a', kind: 'file', size: 1, mode: 0o755, type: '0' }],
    ['a file of v7', [{ name: 'a', body: 'x', type: '\0', magic: 'none' }], { path: 'a', kind: 'file', type: '0' }],
    ['a contiguous file', [{ name: 'a', body: 'x', type: '7' }], { kind: 'file', size: 1 }],
    ['a folder', [{ name: 'a/', type: '5' }], { name: 'a/', path: 'a', kind: 'folder' }],
    ['a folder of v7', [{ name: 'a/', magic: 'none' }], { path: 'a', kind: 'folder' }],
    ['a symbolic link', [{ name: 'a', type: '2', link: '../x' }], { kind: 'symlink', linkTarget: '../x', size: 0 }],
    ['a hard link', [{ name: 'a', type: '1', link: 'b' }], { kind: 'hardlink', linkTarget: 'b' }],
    ['a fifo', [{ name: 'a', type: '6' }], { kind: 'other', type: '6' }],
    ['a device', [{ name: 'a', type: '3' }], { kind: 'other', type: '3' }],
    ['an unknown type with content', [{ name: 'a', type: 'Z', body: 'x'.repeat(600) }], { kind: 'other', type: 'Z', size: 0 }],
    ['a name in two parts', [{ name: 'b', prefix: 'a/aa' }], { path: 'a/aa/b' }],
    ['a GNU header has no prefix', [{ name: 'b', prefix: 'junk', magic: 'gnu' }], { path: 'b' }],
    ['a GNU long name', [longName(`${'d/'.repeat(60)}f`), { name: 'cut' }], { path: `${'d/'.repeat(60)}f` }],
    ['a GNU long link', [longName('t'.repeat(200), 'K'), { name: 'a', type: '2', link: 't' }], { linkTarget: 't'.repeat(200) }],
    ['a pax name', [pax({ path: `${'\u00e9'.repeat(100)}` }), { name: 'cut' }], { path: '\u00e9'.repeat(100) }],
    ['a pax link', [pax({ linkpath: 'y'.repeat(150) }), { name: 'a', type: '2', link: 'y' }], { linkTarget: 'y'.repeat(150) }],
    ['a pax size that agrees', [pax({ size: '3' }), { name: 'a', body: 'xyz' }], { size: 3 }],
    ['both names, when they agree', [longName('n'), pax({ path: 'n' }), { name: 'x' }], { path: 'n' }],
    ['pax records of no concern', [pax({ mtime: '1.5', 'SCHILY.xattr.a': 'b\nc' }), { name: 'a' }], { path: 'a' }],
    ['a global header with a comment', [pax({ comment: 'f'.repeat(40) }, 'g'), { name: 'a' }], { path: 'a' }],
    [
      'a size in base 256',
      [{ name: 'a', body: 'xy', sizeField: Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2) }],
      { size: 2 },
    ],
    ['a size with blanks', [{ name: 'a', body: 'xy', sizeField: Buffer.from('         2 \0') }], { size: 2 }],
  ])('%s', async (_, parts, wanted) => {
    const entries = await read(makeTar(parts))
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject(wanted)
  })

  it('come in order, a second one of a path told', async () => {
    const entries = await read(makeTar([{ name: 'a', body: '1' }, { name: 'b' }, { name: './a', body: '2' }]))
    expect(entries.map(({ path, again, bytes }) => [path, again, Buffer.from(bytes).toString()])).toEqual([
      ['a', false, '1'],
      ['b', false, ''],
      ['a', true, '2'],
    ])
  })

  it('the name of one does not reach the next', async () => {
    const entries = await read(makeTar([pax({ path: 'long' }), { name: 'x' }, { name: 'y' }]))
    expect(entries.map(({ path }) => path)).toEqual(['long', 'y'])
  })
})

describe('the end', () => {
  it.each([0, 1, 2, 20])('with %i zero blocks', async (endBlocks) => {
    expect(await read(makeTar([{ name: 'a', body: 'x' }], { endBlocks }))).toHaveLength(1)
  })

  it('of a tar without members', async () => {
    expect(await read(makeTar([]))).toEqual([])
    expect(await refusal(() => read(new Uint8Array(0)))).toBe('not-an-archive')
  })

  it('is followed by nothing', async () => {
    const hidden = Buffer.concat([makeTar([{ name: 'a' }]), makeTar([{ name: 'hidden' }])])
    expect(await refusal(() => read(hidden))).toBe('inconsistent')
    const afterOne = Buffer.concat([makeTar([{ name: 'a' }], { endBlocks: 1 }), makeTar([{ name: 'hidden' }])])
    expect(await refusal(() => read(afterOne))).toBe('inconsistent')
  })

  it('too early is told wherever it comes', async () => {
    const whole = makeTar([pax({ path: 'p' }), { name: 'a', body: 'x'.repeat(700) }], { endBlocks: 0 })
    for (let length = 1; length < whole.length; length += 37) {
      const wanted = length < 512 ? ['truncated'] : ['truncated', 'not-an-archive']
      expect(wanted).toContain(await refusal(() => read(whole.subarray(0, length))))
    }
  })
})

describe('refused', () => {
  it.each<readonly [string, readonly TarPart[], string]>([
    ['a wrong checksum first', [{ name: 'a', checksum: 1 }], 'not-an-archive'],
    ['a wrong checksum later', [{ name: 'a' }, { name: 'b', checksum: 1 }], 'corrupt'],
    ['..', [{ name: '../a' }], 'escapes'],
    ['an absolute name', [{ name: '/a' }], 'escapes'],
    ['.. from pax', [pax({ path: 'a/../../b' }), { name: 'a' }], 'escapes'],
    ['.. from GNU', [longName('../b'), { name: 'a' }], 'escapes'],
    ['.. through the prefix', [{ name: 'b', prefix: '..' }], 'escapes'],
    ['a hard link to outside', [{ name: 'a', type: '1', link: '/etc/passwd' }], 'escapes'],
    ['a member behind a link', [{ name: 'l', type: '2', link: '/tmp' }, { name: 'l/x' }], 'escapes'],
    ['a NUL in a pax name', [pax({ path: 'a\0b' }), { name: 'a' }], 'bad-name'],
    ['a NUL in a GNU name', [longName('a\0b'), { name: 'a' }], 'bad-name'],
    ['an empty name', [{ name: '' }], 'bad-name'],
    ['a link to nothing', [{ name: 'a', type: '2' }], 'bad-name'],
    ['two names', [longName('n'), pax({ path: 'm' }), { name: 'x' }], 'inconsistent'],
    ['two pax headers', [pax({ path: 'n' }), pax({ path: 'n' }), { name: 'x' }], 'inconsistent'],
    ['two sizes', [pax({ size: '600' }), { name: 'a', body: 'xyz' }], 'inconsistent'],
    [
      'a key twice',
      [{ name: 'p', type: 'x', body: paxRecord('path', 'a') + paxRecord('path', 'b') }, { name: 'a' }],
      'inconsistent',
    ],
    ['a link with content', [{ name: 'a', type: '2', link: 'b', body: 'x' }], 'inconsistent'],
    ['a folder with content', [{ name: 'a/', type: '5', body: 'x' }], 'inconsistent'],
    ['a fifo with content', [{ name: 'a', type: '6', body: 'x' }], 'inconsistent'],
    ['one name for all', [pax({ path: 'x' }, 'g'), { name: 'a' }], 'unsupported'],
    ['GNU sparse', [{ name: 'a', type: 'S' }], 'unsupported'],
    ['pax sparse', [pax({ 'GNU.sparse.major': '1' }), { name: 'a' }], 'unsupported'],
    ['a name at the end', [pax({ path: 'x' })], 'truncated'],
    ['a negative size', [{ name: 'x' }, { name: 'a', sizeField: new Uint8Array(12).fill(0xff) }], 'corrupt'],
    ['a size beyond numbers', [{ name: 'a', sizeField: Uint8Array.of(0xbf, ...new Array<number>(11).fill(0xff)) }], 'too-large'],
    ['a size that is no number', [{ name: 'x' }, { name: 'a', sizeField: Buffer.from('99999999999\0') }], 'corrupt'],
    ['more content than there is', [{ name: 'a', body: 'x', size: 5000 }], 'truncated'],
    ['a malformed pax header', [{ name: 'p', type: 'x', body: '5 a=b\n' }, { name: 'a' }], 'corrupt'],
    ['a pax record without end', [{ name: 'p', type: 'x', body: '99 path=b\n' }, { name: 'a' }], 'corrupt'],
    ['a pax length with a sign', [{ name: 'p', type: 'x', body: '+9 path=b\n' }, { name: 'a' }], 'corrupt'],
  ])('%s', async (_, parts, wanted) => expect(await code(parts)).toBe(wanted))

  it('a name that is not UTF-8', async () => {
    const tar = makeTar([{ name: 'abc' }])
    tar[1] = 0xff
    tar.write(
      `${(Number.parseInt(tar.toString('latin1', 148, 154), 8) + 0xff - 'b'.charCodeAt(0)).toString(8).padStart(6, '0')}`,
      148,
    )
    expect(await refusal(() => read(tar))).toBe('bad-name')
  })

  it.each<readonly [string, readonly TarPart[], Partial<ArchiveLimits>, string]>([
    ['a large member', [{ name: 'a', body: 'x'.repeat(11) }], { maxEntryBytes: 10 }, 'too-large'],
    [
      'large members',
      [
        { name: 'a', body: 'xxxxxx' },
        { name: 'b', body: 'xxxxxx' },
      ],
      { maxTotalBytes: 10 },
      'too-large',
    ],
    ['many members', [{ name: 'a' }, { name: 'b' }], { maxEntries: 1 }, 'too-many-entries'],
    ['many headers for one', Array.from({ length: 9 }, () => pax({ a: 'b' }, 'g')), { maxEntries: 2 }, 'too-many-entries'],
    ['a long name', [{ name: 'abcdef' }], { maxNameBytes: 5 }, 'bad-name'],
    ['a deep name', [{ name: 'a/b/c' }], { maxDepth: 2 }, 'bad-name'],
    ['a size that is only claimed', [{ name: 'a', size: 0o77777777777 }], {}, 'too-large'],
    ['a pax header that is only claimed', [{ name: 'a', type: 'x', size: 2 ** 21 }], {}, 'too-large'],
  ])('by a limit: %s', async (_, parts, limits, wanted) => expect(await code(parts, {}, limits)).toBe(wanted))
})

describe('against other tars', () => {
  const segment = fc.stringMatching(/^[a-z\u00e0-\u00ef ]{1,30}$/).filter((text) => text.trim() === text)
  const entry = fc.record({
    path: fc.array(segment, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
    body: fc.uint8Array({ maxLength: 1200 }),
    link: fc.option(segment, { nil: undefined }),
    mode: fc.integer({ min: 1, max: 0o777 }),
  })

  it('reads what tar-stream writes, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 6 }),
        fc.array(fc.nat({ max: 900 }), { minLength: 1 }),
        async (rows, sizes) => {
          const apart = rows.map((row, i) => ({ ...row, path: `${i}/${row.path}` }))
          const packer = pack()
          for (const { path, body, link, mode } of apart) {
            if (link === undefined) packer.entry({ name: path, mode }, Buffer.from(body))
            else packer.entry({ name: path, type: 'symlink', linkname: link, mode })
          }
          packer.finalize()
          const tar = await collect(packer.pipe(new PassThrough()))
          const entries = await collectEntries(readTar(inPieces(tar, sizes)))
          expect(
            entries.map(({ path, mode, linkTarget, bytes }) => ({ path, mode, link: linkTarget, body: Buffer.from(bytes) })),
          ).toEqual(
            apart.map(({ path, mode, link, body }) => ({
              path,
              mode,
              link,
              body: link === undefined ? Buffer.from(body) : Buffer.alloc(0),
            })),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  const hasTar = spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU tar') === true
  it.skipIf(!hasTar).each(['gnu', 'pax', 'ustar', 'oldgnu', 'v7'])('reads what GNU tar writes as %s', async (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-tar-'))
    try {
      const long = format === 'v7' ? 'short' : 'l'.repeat(70)
      mkdirSync(join(folder, 'r', long, long.slice(0, 60)), { recursive: true })
      writeFileSync(join(folder, 'r', long, long.slice(0, 60), 'deep.txt'), 'deep')
      writeFileSync(join(folder, 'r', 'a.txt'), 'x'.repeat(513))
      symlinkSync('a.txt', join(folder, 'r', 'link'))
      const made = spawnSync('tar', ['-c', `--format=${format}`, '--sort=name', '-C', folder, 'r'])
      const entries = await read(made.stdout)
      expect(entries.map(({ path, kind, size, linkTarget }) => [path, kind, size, linkTarget])).toEqual(
        [
          ['r', 'folder', 0, undefined],
          ['r/a.txt', 'file', 513, undefined],
          [`r/${long}`, 'folder', 0, undefined],
          [`r/${long}/${long.slice(0, 60)}`, 'folder', 0, undefined],
          [`r/${long}/${long.slice(0, 60)}/deep.txt`, 'file', 4, undefined],
          ['r/link', 'symlink', 0, 'a.txt'],
        ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('damaged', () => {
  const seed = makeTar([
    pax({ path: 'dir/long-name', size: '700' }),
    { name: 'cut', body: 'x'.repeat(700) },
    longName('another/name'),
    { name: 'cut', body: 'y' },
    { name: 'link', type: '2', link: 'dir' },
    { name: 'folder/', type: '5' },
  ])
  const damage = fc.array(fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }), { minLength: 1, maxLength: 4 })

  it('never anything but an ArchiveError, never a name that leads out', async () => {
    await fc.assert(
      fc.asyncProperty(damage, fc.nat({ max: 2000 }), async (damages, cut) => {
        const tar = damaged(seed, damages)
        const bytes = tar.subarray(0, Math.max(0, tar.length - cut))
        await refusal(async () => {
          for await (const { path } of readTar(bytes)) expect(path).not.toMatch(/^\/|(^|\/)\.\.(\/|$)|\\|\0/)
        })
      }),
      { numRuns: 500 },
    )
  })

  it('random bytes are no tar', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 1500 }), async (bytes) => {
        fc.pre(bytes.some((byte) => byte !== 0))
        expect(['not-an-archive', 'truncated', 'inconsistent']).toContain(await refusal(() => read(bytes)))
      }),
    )
  })
})
