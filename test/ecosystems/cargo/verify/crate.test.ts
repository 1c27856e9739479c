import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Crate } from '../../../../src/ecosystems/cargo/verify/crate.js'
import { readCrate } from '../../../../src/ecosystems/cargo/verify/crate.js'
import { readVcsInfo } from '../../../../src/ecosystems/cargo/verify/vcs-info.js'
import { compareVendored } from '../../../../src/ecosystems/cargo/verify/vendored.js'
import { FolderTree } from '../../../../src/evidence/folder-tree.js'
import type { TarPart } from '../../../support/make-tar.js'
import { makeTar, pax } from '../../../support/make-tar.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, hasShared, readSharedBytes, readSharedJson, sharedPath } from '../../../support/shared.js'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

interface RegistryRow {
  readonly registry: string
  readonly name: string
  readonly version: string
  readonly downloadPath?: string | null
  readonly sha256?: string | null
  readonly vcs?: { readonly git: { readonly sha1: string }; readonly path_in_vcs: string } | null
  readonly files?: readonly string[] | null
}

describeShared('vectors/cargo/registry', 'crates of the fixture registries', () => {
  const { crates } = hasShared('vectors/cargo/registry/expected.json')
    ? readSharedJson<{ readonly crates: readonly RegistryRow[] }>('vectors/cargo/registry/expected.json')
    : { crates: [] }
  const withArchive = crates.flatMap((row) => (row.downloadPath == null ? [] : [{ ...row, at: row.downloadPath }]))

  it.each(withArchive.map((row) => [`${row.registry} ${row.name} ${row.version}`, row] as const))('%s', async (_, row) => {
    const crate = await readCrate(readSharedBytes('vectors/cargo/registry', row.at), row.name, row.version)
    expect(crate.checksum).toEqual({ of: 'artifact', algorithm: 'sha256', value: row.sha256 })
    expect(crate.problems).toEqual([])
    expect([...crate.files.keys()].sort()).toEqual([...(row.files ?? [])].sort())
    expect(crate.vcs).toEqual(
      row.vcs == null ? undefined : { commit: row.vcs.git.sha1, dirty: false, folder: row.vcs.path_in_vcs },
    )
    expect(Buffer.from(crate.manifest ?? []).toString()).toContain(`name = "${row.name}"`)
  })

  it('covers every archive', () => expect(withArchive.length).toBe(8))
})

interface Variant {
  readonly A: string
  readonly B: string
  readonly C: string
  readonly changed?: readonly string[]
  readonly extra?: readonly string[]
  readonly missing?: readonly string[]
  readonly escaping?: readonly string[]
  readonly toleratedOmissions?: readonly string[]
}

interface Vendored {
  readonly lockChecksum: Readonly<Record<string, string>>
  readonly archive: string
  readonly variants: Readonly<Record<string, Variant>>
}

describeShared('vectors/cargo/vendored', 'vendored trees at three levels', () => {
  const expected = hasShared('vectors/cargo/vendored/expected.json')
    ? readSharedJson<Vendored>('vectors/cargo/vendored/expected.json')
    : undefined
  const variants = Object.entries(expected?.variants ?? {})

  it.each(variants)('%s', async (name, wanted) => {
    const lockChecksum = expected?.lockChecksum['assayfix-core 0.1.0']
    const crate = await readCrate(readSharedBytes('vectors/cargo/vendored', expected?.archive ?? ''), 'assayfix-core', '0.1.0')
    expect(crate.checksum.value).toBe(lockChecksum)
    const tree = new FolderTree(sharedPath('vectors/cargo/vendored', name))
    const { list, lock, archive } = await compareVendored(tree, 'assayfix-core', { lockChecksum, archive: crate.files })
    // "pass for cargo, fail for the auditor" is ours to fail.
    expect(list.kind === 'compared' && list.agrees ? 'pass' : 'fail').toBe(wanted.A === 'pass' ? 'pass' : 'fail')
    expect(lock === 'match' ? 'pass' : 'fail').toBe(wanted.B)
    expect(archive?.agrees === true ? 'pass' : 'fail').toBe(wanted.C)
    expect(archive?.changed).toEqual(wanted.changed ?? [])
    expect(archive?.missing).toEqual(wanted.missing ?? [])
    expect(archive?.extra).toEqual(wanted.extra ?? [])
    expect(archive?.tolerated).toEqual(wanted.toleratedOmissions ?? [])
    if (wanted.escaping !== undefined) expect(list).toMatchObject({ kind: 'compared', escaping: wanted.escaping })
    if (name === 'no-checksum-file') expect(list).toEqual({ kind: 'absent' })
    if (name === 'extra-file') expect(list).toMatchObject({ extra: ['build.rs'], changed: [], missing: [] })
    if (name === 'files-emptied') expect(list).toMatchObject({ extra: expect.arrayContaining(['src/lib.rs', 'Cargo.toml']) })
  })

  it('covers every variant', () => expect(variants.length).toBe(11))
})

describe('a crate', () => {
  const manifest: TarPart = { name: 'a-1.0.0/Cargo.toml', body: '[package]\n' }
  const read = (parts: readonly TarPart[]): Promise<Crate> => readCrate(gzipSync(makeTar(parts)), 'a', '1.0.0')
  const codes = async (parts: readonly TarPart[]): Promise<readonly string[]> =>
    (await read([manifest, ...parts])).problems.map(({ code }) => code)

  it.each<readonly [string, readonly TarPart[], readonly string[]]>([
    ['nothing odd', [{ name: 'a-1.0.0/', type: '5' }, { name: 'a-1.0.0/src/lib.rs' }], []],
    ['another root', [{ name: 'a-1.0.1/x' }], ['prefix']],
    ['a file beside the root', [{ name: 'x' }], ['prefix']],
    ['a root that only begins alike', [{ name: 'a-1.0.0-x/y' }], ['prefix']],
    ['..', [{ name: 'a-1.0.0/../x' }], ['escapes']],
    ['an absolute path', [{ name: '/a-1.0.0/x' }], ['escapes']],
    ['a backslash', [{ name: 'a-1.0.0/x\\y' }], ['unreadable']],
    ['a symbolic link', [{ name: 'a-1.0.0/l', type: '2', link: 'Cargo.toml' }], ['type']],
    ['a file behind one', [{ name: 'a-1.0.0/l', type: '2', link: '.' }, { name: 'a-1.0.0/l/x' }], ['type', 'escapes']],
    ['a hard link', [{ name: 'a-1.0.0/l', type: '1', link: 'a-1.0.0/Cargo.toml' }], ['type']],
    ['a fifo', [{ name: 'a-1.0.0/f', type: '6' }], ['type']],
    ['one path twice', [{ name: 'a-1.0.0/x' }, { name: 'a-1.0.0/x', body: 'y' }], ['duplicate']],
    ['two cases of one path', [{ name: 'a-1.0.0/cargo.toml' }], ['case-collision']],
    ['two cases of a folder', [{ name: 'a-1.0.0/src/a' }, { name: 'a-1.0.0/Src/b' }], ['case-collision']],
    ['a device', [{ name: 'a-1.0.0/src/AUX.rs' }], ['name']],
    ['a colon', [{ name: 'a-1.0.0/x:y' }], ['name']],
    ['two sizes', [pax({ size: '1' }), { name: 'a-1.0.0/x', body: 'xy' }], ['unreadable']],
  ])('with %s', async (_, parts, wanted) => expect(await codes(parts)).toEqual(wanted))

  it('without manifest', async () => {
    expect((await read([])).problems.map(({ code }) => code)).toEqual(['no-manifest'])
  })

  it('with a second gzip member, which cargo would not see', async () => {
    const two = Buffer.concat([gzipSync(makeTar([manifest], { endBlocks: 0 })), gzipSync(makeTar([{ name: 'a-1.0.0/x' }]))])
    expect((await readCrate(two, 'a', '1.0.0')).problems.map(({ code }) => code)).toEqual(['unreadable'])
  })

  it('has a checksum whatever it holds, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const crate = await readCrate(bytes, 'a', '1.0.0')
        expect(crate.checksum.value).toMatch(/^[0-9a-f]{64}$/)
        expect(crate.problems.length).toBeGreaterThan(0)
        expect(crate.files.size).toBe(0)
      }),
    )
  })
})

describe('.cargo_vcs_info.json', () => {
  it.each([
    [
      '{"git":{"sha1":"e8f24840afc37571e6d7f0cdd8f423ed9385175f","dirty":true},"path_in_vcs":"sub"}',
      { dirty: true, folder: 'sub' },
    ],
    ['{"git":{"sha1":"HEAD"}}', { commit: undefined, dirty: false, folder: '' }],
    ['{"git":5}', { commit: undefined }],
    ['{', undefined],
    ['[]', undefined],
  ])('%s', (json, wanted) => {
    const read = readVcsInfo(text(json))
    if (wanted === undefined) expect(read).toBeUndefined()
    else expect(read).toMatchObject(wanted)
  })
})

describe('a vendored package', () => {
  const listOf = (files: Readonly<Record<string, string>>): string => JSON.stringify({ files, package: null })
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

  it('of a git dependency has no lock checksum to compare', async () => {
    const tree = new MemoryTree({ 'v/a/Cargo.toml': '', 'v/a/.cargo-checksum.json': listOf({ 'Cargo.toml': empty }) })
    const result = await compareVendored(tree, 'v/a', { lockChecksum: undefined, archive: undefined })
    expect(result).toEqual({
      list: { kind: 'compared', agrees: true, changed: [], missing: [], extra: [], escaping: [] },
      lock: 'not-locked',
      archive: undefined,
    })
  })

  it.each(['', '{}', '[]', '{"files":[]}', '{"files":{"a":1}}', '\0'])('with the unreadable list %j', async (list) => {
    const tree = new MemoryTree({ 'a/.cargo-checksum.json': list })
    expect((await compareVendored(tree, 'a', { lockChecksum: 'x', archive: undefined })).list).toEqual({ kind: 'unreadable' })
  })

  it('is changed where any byte is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (body) => {
        fc.pre(body !== '')
        const tree = new MemoryTree({ 'a/x': body, 'a/.cargo-checksum.json': listOf({ x: empty }) })
        const { list } = await compareVendored(tree, 'a', { lockChecksum: undefined, archive: undefined })
        expect(list).toMatchObject({ agrees: false, changed: ['x'] })
      }),
      { numRuns: 30 },
    )
  })
})
