import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readArchive, readPackedTar } from '../../../src/evidence/archive/archive.js'
import { openArchiveTree } from '../../../src/evidence/archive/archive-tree.js'
import type { ArchiveFormat } from '../../../src/evidence/archive/format.js'
import { formatByMagic, formatByName } from '../../../src/evidence/archive/format.js'
import { collectEntries, inPieces, refusal } from '../../support/archives.js'
import type { TarPart } from '../../support/make-tar.js'
import { makeTar } from '../../support/make-tar.js'
import { makeZip } from '../../support/make-zip.js'
import { describeShared, listShared, readSharedBytes } from '../../support/shared.js'

const ZIP: ArchiveFormat = { container: 'zip' }
const TAR: ArchiveFormat = { container: 'tar', packing: 'none' }
const TGZ = { container: 'tar', packing: 'gzip' } as const
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('the format', () => {
  it.each<readonly [string, ArchiveFormat | undefined]>([
    ['a.tar', TAR],
    ['A.TGZ', TGZ],
    ['v1.2.tar.gz', TGZ],
    ['serde-1.0.0.crate', TGZ],
    ['a.txz', { container: 'tar', packing: 'xz' }],
    ['a.tar.zst', { container: 'tar', packing: 'zstd' }],
    ['v1.0.0.zip', ZIP],
    ['a.jar', ZIP],
    ['a.tar.bz2', undefined],
    ['a.gz', undefined],
    ['tar', undefined],
  ])('by the name %s', (name, wanted) => expect(formatByName(name)).toEqual(wanted))

  it.each<readonly [string, Uint8Array, ArchiveFormat | undefined]>([
    ['gzip', gzipSync('x'), TGZ],
    ['zip', makeZip([{ name: 'a' }]), ZIP],
    ['an empty zip', makeZip([]), ZIP],
    ['tar', makeTar([{ name: 'a' }]), TAR],
    ['a tar of v7', makeTar([{ name: 'a', magic: 'none' }]), TAR],
    ['zstd', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), { container: 'tar', packing: 'zstd' }],
    ['xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), { container: 'tar', packing: 'xz' }],
    ['text', text('x'.repeat(600)), undefined],
    ['nothing', new Uint8Array(0), undefined],
    ['zeros', new Uint8Array(1024), undefined],
  ])('by the first bytes: %s', (_, bytes, wanted) => expect(formatByMagic(bytes)).toEqual(wanted))
})

describe('members', () => {
  const parts: readonly TarPart[] = [
    { name: 'r/', type: '5' },
    { name: 'r/a', body: 'one' },
    { name: 'r/run', body: 'two', mode: 0o755 },
    { name: 'r/l', type: '2', link: 'a' },
  ]
  const zip = makeZip([
    { name: 'r/', mode: 0o040755 },
    { name: 'r/a', body: text('one'), mode: 0o100644 },
    { name: 'r/run', body: text('two'), mode: 0o100755 },
    { name: 'r/l', body: text('a'), mode: 0o120777 },
  ])
  const seen = async (entries: ReturnType<typeof readArchive>): Promise<readonly unknown[]> =>
    (await collectEntries(entries)).map(({ path, kind, linkTarget, bytes }) => [
      path,
      kind,
      linkTarget,
      kind === 'file' ? Buffer.from(bytes).toString() : '',
    ])
  const wanted = [
    ['r', 'folder', undefined, ''],
    ['r/a', 'file', undefined, 'one'],
    ['r/run', 'file', undefined, 'two'],
    ['r/l', 'symlink', 'a', ''],
  ]

  it('are the same of tar, tar.gz and zip', async () => {
    expect(await seen(readArchive(makeTar(parts), TAR))).toEqual(wanted)
    expect(await seen(readArchive(gzipSync(makeTar(parts)), TGZ))).toEqual(wanted)
    expect(await seen(readPackedTar(inPieces(gzipSync(makeTar(parts)), [7]), TGZ))).toEqual(wanted)
    expect(await seen(readArchive(zip, ZIP))).toEqual(wanted)
  })

  it.each<readonly [string, Uint8Array]>([
    ['a name of a zip that leads out', makeZip([{ name: '../a' }])],
    ['an absolute name of a zip', makeZip([{ name: '/a' }])],
    ['a drive in a zip', makeZip([{ name: 'C:/a' }])],
    ['a member of a zip behind a link', makeZip([{ name: 'l', body: text('..'), mode: 0o120777 }, { name: 'l/x' }])],
  ])('%s', async (_, bytes) => expect(await refusal(() => seen(readArchive(bytes, ZIP)))).toBe('escapes'))

  it('a device in a zip has no content', async () => {
    const device = makeZip([{ name: 'd', body: text('x'), mode: 0o020644 }])
    expect(await collectEntries(readArchive(device, ZIP))).toMatchObject([{ kind: 'other', type: '20000', size: 0 }])
  })

  it('one is held at a time, and the archive is let go early', async () => {
    let pieces = 0
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (const block of [makeTar([{ name: 'a', body: 'x' }], { endBlocks: 0 }), makeTar([{ name: 'b' }])]) {
        pieces += 1
        yield block
      }
    }
    for await (const entry of readPackedTar(source(), { container: 'tar', packing: 'none' })) {
      expect(entry.path).toBe('a')
      break
    }
    expect(pieces).toBe(1)
  })
})

describeShared('vectors/zig/archives', 'hostile archives of the shared test data', () => {
  const files = listShared('vectors/zig/archives').filter((file) => file.startsWith('escape-'))

  it.each(files)('%s is refused', async (file) => {
    const format = formatByName(file)
    if (format === undefined) expect.fail('a format that is not known by name')
    const bytes = readSharedBytes('vectors/zig/archives', file)
    expect(formatByMagic(bytes)).toEqual(format)
    expect(await refusal(() => collectEntries(readArchive(bytes, format)))).toBe('escapes')
  })

  it('covers every one', () => expect(files.length).toBe(4))
})

describe('an archive as a tree', () => {
  const open = (parts: readonly TarPart[], keep?: (path: string) => boolean) =>
    openArchiveTree(readArchive(makeTar(parts), TAR), { label: 'a.tar', keep })
  const parts: readonly TarPart[] = [
    { name: 'r/b.txt', body: 'bee', mode: 0o755 },
    { name: 'r/a/deep.txt', body: 'deep' },
    { name: 'r/l', type: '2', link: 'a' },
    { name: 'r/out', type: '2', link: '../../x' },
    { name: 'r/loop', type: '2', link: 'loop' },
    { name: 'r/f', type: '6' },
    { name: 'empty/', type: '5' },
  ]

  it('lists folders in order', async () => {
    const tree = await open(parts)
    expect((await tree.list('.')).map(({ path, kind }) => [path, kind])).toEqual([
      ['empty', 'folder'],
      ['r', 'folder'],
    ])
    expect((await tree.list('r')).map(({ path, kind }) => [path, kind])).toEqual([
      ['r/a', 'folder'],
      ['r/b.txt', 'file'],
      ['r/f', 'other'],
      ['r/l', 'link'],
      ['r/loop', 'link'],
      ['r/out', 'link'],
    ])
    expect((await tree.list('r/l')).map(({ path }) => path)).toEqual(['r/l/deep.txt'])
    expect(await tree.list('absent')).toEqual([])
    expect(tree.label).toBe('a.tar')
  })

  it('tells what a path is', async () => {
    const tree = await open(parts)
    expect(await tree.stat('r/b.txt')).toEqual({ path: 'r/b.txt', kind: 'file', size: 3, executable: true })
    expect(await tree.stat('r/l/deep.txt')).toMatchObject({ kind: 'file', size: 4 })
    expect(await tree.stat('r/l')).toEqual({ path: 'r/l', kind: 'folder' })
    expect(await tree.stat('r/out')).toBeUndefined()
    expect(await tree.stat('r/b.txt/x')).toBeUndefined()
    expect(await tree.link('r/out')).toBe('../../x')
    expect(await tree.link('r/b.txt')).toBeUndefined()
  })

  it.each([
    ['r/b.txt', 'bee'],
    ['r/l/deep.txt', 'deep'],
    ['r/absent', 'absent'],
    ['r/a', 'not-a-file'],
    ['r/l', 'not-a-file'],
    ['r/f', 'not-a-file'],
    ['r/out', 'outside'],
    ['r/loop', 'outside'],
  ])('reads %s: %s', async (path, wanted) => {
    const read = await (await open(parts)).read(path)
    expect(read.ok ? Buffer.from(read.bytes).toString() : read.failure).toBe(wanted)
  })

  it('holds to the limit, and to what was kept', async () => {
    expect(await (await open(parts)).read('r/b.txt', 2)).toMatchObject({ ok: false, failure: 'too-large' })
    const some = await open(parts, (path) => path.endsWith('deep.txt'))
    expect(await some.read('r/b.txt')).toMatchObject({ ok: false, failure: 'unreadable' })
    expect(await some.stat('r/b.txt')).toMatchObject({ size: 3 })
    expect(await some.read('r/a/deep.txt')).toMatchObject({ ok: true })
  })

  it('is none when a path comes twice', async () => {
    expect(
      await refusal(() =>
        open([
          { name: 'a', body: '1' },
          { name: 'a', body: '2' },
        ]),
      ),
    ).toBe('duplicate-name')
  })

  it('gives every file that went in, and nothing else', async () => {
    const file = fc.record({ name: fc.stringMatching(/^[a-c]{1,2}(\/[a-c]{1,2}){0,2}$/), body: fc.string() })
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, { selector: ({ name }) => `${name.split('/').length}${name}`, maxLength: 8 }),
        async (files) => {
          const flat = files.map(({ name, body }, i) => ({ name: `${i}/${name}`, body }))
          const tree = await open(flat)
          const found: string[] = []
          const walk = async (folder: string): Promise<void> => {
            for (const { path, kind } of await tree.list(folder)) {
              if (kind === 'folder') await walk(path)
              else found.push(path)
            }
          }
          await walk('.')
          expect(found.sort()).toEqual(flat.map(({ name }) => name).sort())
          for (const { name, body } of flat) {
            const read = await tree.read(name)
            expect(read.ok && Buffer.from(read.bytes).toString()).toBe(Buffer.from(body).toString())
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})
