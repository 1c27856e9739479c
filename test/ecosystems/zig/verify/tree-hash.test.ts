import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PackageArchive } from '../../../../src/ecosystems/zig/verify/archive-package.js'
import { hashPackageArchive } from '../../../../src/ecosystems/zig/verify/archive-package.js'
import { hashPackageFolder } from '../../../../src/ecosystems/zig/verify/folder-package.js'
import type { PackageEntry } from '../../../../src/ecosystems/zig/verify/tree-hash.js'
import { hashPackage, packageEntries, pathFilter } from '../../../../src/ecosystems/zig/verify/tree-hash.js'
import { readArchive } from '../../../../src/evidence/archive/archive.js'
import { openArchiveTree } from '../../../../src/evidence/archive/archive-tree.js'
import { formatByName } from '../../../../src/evidence/archive/format.js'
import { makeTar } from '../../../support/make-tar.js'
import { makeZip } from '../../../support/make-zip.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, hasShared, listShared, readSharedBytes, readSharedJson } from '../../../support/shared.js'

type TreeRow = {
  readonly path: string
  readonly kind: 'file' | 'symlink'
  readonly base64?: string
  readonly target?: string
}

interface TreeExpected {
  readonly legacy: string
  readonly new: string
  readonly totalSize: number
  readonly legacyZig011AllFiles: string | null
  readonly perFile: readonly { readonly path: string; readonly kind: 'file' | 'link'; readonly sha256: string }[]
}

const TGZ = { container: 'tar', packing: 'gzip' } as const

function entriesOf(rows: readonly TreeRow[]): PackageEntry[] {
  return rows.flatMap(({ path, kind, base64 = '', target = '' }) =>
    kind === 'file' ? packageEntries([path], 'file', Buffer.from(base64, 'base64')) : packageEntries([path], 'link', target),
  )
}

function tarOf(rows: readonly TreeRow[], root: string): Buffer {
  return makeTar(
    rows.map(({ path, kind, base64 = '', target = '' }) =>
      kind === 'file'
        ? { name: `${root}${path}`, body: Buffer.from(base64, 'base64') }
        : { name: `${root}${path}`, type: '2', link: target },
    ),
  )
}

describeShared('vectors/zig/trees', 'package trees with known hashes', () => {
  const names = listShared('vectors/zig/trees')

  it('has every tree', () => expect(names.length).toBe(9))

  it.each(names)('%s', async (name) => {
    const rows = readSharedJson<readonly TreeRow[]>('vectors/zig/trees', name, 'tree.json')
    const wanted = readSharedJson<TreeExpected>('vectors/zig/trees', name, 'expected.json')
    const manifest = rows.find((row) => row.path === 'build.zig.zon')?.base64
    const hashes = hashPackage(entriesOf(rows), manifest === undefined ? undefined : Buffer.from(manifest, 'base64'))
    expect(hashes.current).toEqual({ of: 'tree', scheme: 'zig', value: wanted.new })
    expect(hashes.legacy).toEqual({ of: 'tree', scheme: 'zig-legacy', value: wanted.legacy })
    expect(hashes.legacyAllFiles?.value ?? null).toBe(wanted.legacyZig011AllFiles)
    expect(hashes.size).toBe(wanted.totalSize)
    expect(
      hashes.included.map(({ path, kind, digest }) => ({ path, kind, sha256: Buffer.from(digest).toString('hex') })),
    ).toEqual(wanted.perFile)
    expect(hashes.excluded.length).toBe(rows.length - wanted.perFile.length)
    // The same package out of an archive with a root folder, and out of a tree over that archive.
    const archive = gzipSync(tarOf(rows, 'pkg-1.0/'))
    const unpacked = await hashPackageArchive(archive, TGZ)
    if (!unpacked.ok) expect.fail(unpacked.why)
    expect(unpacked.hashes).toEqual(hashes)
    const tree = await openArchiveTree(readArchive(archive, TGZ), { label: name })
    expect(await hashPackageFolder(tree, 'pkg-1.0')).toEqual({
      ok: true,
      hashes: { ...hashes, excluded: expect.arrayContaining([...hashes.excluded]) },
    })
  })
})

/** What the `assay` column of the vectors means here. */
function verdict(result: PackageArchive): string {
  if (!result.ok) return `reject archive.${result.problem}`
  return ['accept', ...result.notes.map((note) => `archive.${note}`)].join(' ')
}

interface ArchiveCase {
  readonly file: string
  readonly assay: string
  readonly zig_0_14_0_dev_2456: string
}

const VERDICTS: Readonly<Record<string, string>> = {
  'dot-slash.tar.gz': 'accept archive.dot-prefix',
  'single-file.tar.gz': 'accept archive.single-file',
  'symlink.zip': 'accept archive.zip-symlink',
  'hardlink.tar.gz': 'reject archive.unsupported-entry',
  'fifo.tar.gz': 'reject archive.unsupported-entry',
  'duplicate.tar.gz': 'reject archive.duplicate-entry',
  'escape-dotdot.tar.gz': 'reject archive.path-escape',
  'escape-absolute.tar.gz': 'reject archive.path-escape',
  'escape-via-symlink.tar.gz': 'reject archive.path-escape',
  'escape-dotdot.zip': 'reject archive.path-escape',
}

describeShared('vectors/zig/archives', 'package archives with what zig made of them', () => {
  const cases = hasShared('vectors/zig/archives/expected.json')
    ? readSharedJson<readonly ArchiveCase[]>('vectors/zig/archives/expected.json')
    : []
  const plain = cases.find(({ file }) => file === 'plain.tar.gz')?.zig_0_14_0_dev_2456

  it.each(cases.map((one) => [one.file, one] as const))('%s', async (file, wanted) => {
    const format = formatByName(file)
    if (format === undefined) expect.fail('a format that is not known by name')
    const result = await hashPackageArchive(readSharedBytes('vectors/zig/archives', file), format)
    expect(verdict(result)).toBe(VERDICTS[file] ?? 'accept')
    for (const code of wanted.assay.match(/archive\.[a-z-]+/g) ?? []) expect(verdict(result)).toContain(code)
    expect(wanted.assay.startsWith('reject')).toBe(!result.ok)
    if (!result.ok) return
    const zig = wanted.zig_0_14_0_dev_2456
    if (zig.startsWith('1220')) expect(result.hashes.legacy?.value).toBe(zig)
    if (file === 'dot-slash.tar.gz') expect(result.hashes.legacy?.value).toBe(plain)
  })

  it('covers every archive', () => expect(cases.length).toBe(18))
})

describe('paths', () => {
  it.each([
    ['src', 'src', true],
    ['src', 'src/a/b', true],
    ['src', 'src2/a', false],
    ['src', 'src.zig', false],
    ['src', 'Src/a', false],
    ['.', 'anything/at/all', true],
    ['a/b', 'a', false],
    ['a/b', 'a/b/c', true],
    ['../up', 'up', false],
  ])('%s covers %s: %s', (rule, path, wanted) => expect(pathFilter([rule])(path)).toBe(wanted))
})

describe('archives', () => {
  const zon = (paths: string): string => `.{ .name = .p, .version = "1.0.0", .fingerprint = 0x1, .paths = .{${paths}} }`
  const hash = (parts: Parameters<typeof makeTar>[0]): Promise<PackageArchive> =>
    hashPackageArchive(gzipSync(makeTar(parts)), TGZ)

  it('strips no root that a file bears', async () => {
    const result = await hash([{ name: 'a', body: 'x' }, { name: 'b/c' }])
    expect(result.ok && result.hashes.included.map(({ path }) => path)).toEqual(['a', 'b/c'])
  })

  it('an empty folder beside the root counts for the root', async () => {
    const result = await hash([{ name: 'a/x' }, { name: 'b/', type: '5' }])
    expect(result.ok && result.hashes.included.map(({ path }) => path)).toEqual(['a/x'])
  })

  it('reads the manifest wherever it comes, and only in the root', async () => {
    const parts = [
      { name: 'r/a' },
      { name: 'r/skip/build.zig.zon', body: 'no zon' },
      { name: 'r/build.zig.zon', body: zon('"a"') },
    ]
    const result = await hash(parts)
    expect(result.ok && result.hashes.included.map(({ path }) => path)).toEqual(['a'])
    expect(result.ok && result.hashes.current?.value.startsWith('p-1.0.0-')).toBe(true)
  })

  it('with a manifest that cannot be read has only the hash of all files', async () => {
    const result = await hash([{ name: 'r/build.zig.zon', body: '.{' }])
    if (!result.ok) expect.fail(result.why)
    expect(result.hashes).toMatchObject({ manifest: 'unreadable', current: undefined, legacy: undefined })
    expect(result.hashes.legacyAllFiles?.value).toMatch(/^1220[0-9a-f]{64}$/)
  })

  it('excuses outside paths what is refused elsewhere', async () => {
    const parts = [{ name: 'r/build.zig.zon', body: zon('"a"') }, { name: 'r/a' }, { name: 'r/f', type: '6' }]
    expect(verdict(await hash(parts))).toBe('accept')
    expect(verdict(await hash([...parts, { name: 'r/b' }, { name: 'r/b' }]))).toBe('accept')
    expect(verdict(await hash([...parts, { name: 'r/a' }]))).toBe('reject archive.duplicate-entry')
  })

  it('tells of links that leave the package and hashes them', async () => {
    expect(verdict(await hash([{ name: 'r/l', type: '2', link: '../../x' }]))).toBe('accept archive.link-outside')
  })

  it('refuses a second gzip member, which zig would not see', async () => {
    const two = Buffer.concat([gzipSync(makeTar([{ name: 'a/b' }])), gzipSync(makeTar([{ name: 'a/c' }]))])
    expect(verdict(await hashPackageArchive(two, TGZ))).toMatch(/^reject archive\.(?:unreadable|damaged)$/)
  })

  it('gives one hash for tar and zip without links, whatever the order', async () => {
    const file = fc.record({ name: fc.stringMatching(/^[a-z]{1,3}(\/[a-z]{1,3}){0,2}$/), body: fc.string() })
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 8 }), async (files) => {
        const clear = files.filter(
          ({ name }, i) =>
            files.findIndex(
              (other) => other.name === name || other.name.startsWith(`${name}/`) || name.startsWith(`${other.name}/`),
            ) === i &&
            !files.some(
              (other) => other.name !== name && (other.name.startsWith(`${name}/`) || name.startsWith(`${other.name}/`)),
            ),
        )
        fc.pre(clear.length > 0)
        const tar = await hash([...clear].reverse().map(({ name, body }) => ({ name: `root/${name}`, body })))
        const zip = await hashPackageArchive(
          makeZip(clear.map(({ name, body }) => ({ name: `root/${name}`, body: Buffer.from(body) }))),
          { container: 'zip' },
        )
        const folder = await hashPackageFolder(
          new MemoryTree(Object.fromEntries(clear.map(({ name, body }) => [name, body]))),
          '.',
        )
        if (!tar.ok || !zip.ok || !folder.ok) expect.fail('one of them was refused')
        expect(zip.hashes.current).toEqual(tar.hashes.current)
        expect(folder.hashes.current).toEqual(tar.hashes.current)
      }),
      { numRuns: 50 },
    )
  })
})
