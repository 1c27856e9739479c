import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { file, offline, online, source } from '../../../evidence/desk/support/source.js'
import { makeTar } from '../../../support/make-tar.js'
import { describeShared, hasShared, listShared, readSharedBytes, readSharedJson } from '../../../support/shared.js'
import { dependency, findings, only, project, run } from './support.js'

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
