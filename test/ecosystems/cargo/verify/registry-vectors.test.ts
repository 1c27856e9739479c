import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { downloadUrl } from '../../../../src/ecosystems/cargo/verify/registry-settings.js'
import { FolderTree } from '../../../../src/evidence/folder-tree.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, hasShared, readSharedBytes, readSharedJson, sharedPath } from '../../../support/shared.js'
import type { LockEntry } from './support.js'
import { lockOf, serve, testDesk, verifyTree } from './support.js'

interface Row {
  readonly registry: 'fixture-a' | 'fixture-b'
  readonly name: string
  readonly version: string
  readonly sha256?: string
  readonly indexCksum?: string
  readonly checksumMatches?: boolean
  readonly yanked?: boolean
  readonly pubtime?: string | null
  readonly indexSchema?: number
}

const FIXTURE_ORIGIN = 'http://127.0.0.1:8765'
const INDEX = { 'fixture-a': 'index', 'fixture-b': 'index-b' } as const

/** The fixture registries as any static server would hand them out; only their address differs. */
function serveFixtures(): ReturnType<typeof serve> {
  return serve((origin, request, response) => {
    try {
      const path = decodeURIComponent((request.url ?? '').slice(1))
      const bytes = readFileSync(sharedPath('vectors/cargo/registry', path))
      response.end(path.endsWith('config.json') ? bytes.toString().replaceAll(FIXTURE_ORIGIN, origin) : bytes)
    } catch {
      response.writeHead(404).end('nothing here')
    }
  })
}

let passed = 0
let wanted = 0

describeShared('vectors/cargo/registry', 'the fixture registries, asked', () => {
  const rows = hasShared('vectors/cargo/registry/expected.json')
    ? readSharedJson<{ readonly crates: readonly Row[] }>('vectors/cargo/registry/expected.json').crates
    : []
  let copy = ''

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'assay-cargo-'))
    cpSync(sharedPath('vectors/cargo/registry'), copy, { recursive: true })
    for (const index of Object.values(INDEX)) {
      const path = join(copy, index, 'config.json')
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`${FIXTURE_ORIGIN}/`, pathToFileURL(`${copy}/`).href))
    }
  })
  afterAll(() => {
    rmSync(copy, { recursive: true, force: true })
    console.log(`cargo registry vectors: ${passed} of ${wanted} rows`)
  })

  const entryOf = (row: Row, base: string): LockEntry => ({
    name: row.name,
    version: row.version,
    source: `sparse+${base}${INDEX[row.registry]}/`,
    checksum: row.indexCksum ?? '00'.repeat(32),
  })

  const ways: readonly (readonly [string, () => Promise<string>])[] = [
    ['http', async () => `${(await serveFixtures()).origin}/`],
    ['file', async () => pathToFileURL(`${copy}/`).href],
  ]
  const cases = rows.flatMap((row) =>
    ways.map(([way, open]) => [`${way}: ${row.registry} ${row.name} ${row.version}`, row, open] as const),
  )

  it.each(cases)('%s', async (_, row, open) => {
    wanted += 1
    const base = await open()
    const tree = new MemoryTree({ 'Cargo.lock': lockOf([entryOf(row, base)]) })
    const { of, facts } = await verifyTree(tree, { desk: testDesk(), depth: { bytes: true } })
    const [index] = of(row.name, 'cargo/index-checksum')
    if (row.indexSchema !== undefined) {
      expect(index?.verdict).toBe('absent')
      expect(of(row.name, 'cargo/crate-bytes').map(({ verdict }) => verdict)).toEqual(['absent'])
    } else {
      expect(index).toMatchObject({ verdict: 'match', expected: row.indexCksum, observed: row.indexCksum })
      expect(of(row.name, 'cargo/crate-bytes').map(({ verdict, expected, observed }) => [verdict, expected, observed])).toEqual([
        [row.checksumMatches === true ? 'match' : 'mismatch', row.indexCksum, row.sha256],
      ])
      expect(facts.filter(({ kind }) => kind === 'cargo/archive-problem')).toEqual([])
    }
    expect(facts.some(({ kind }) => kind === 'cargo/yanked')).toBe(row.yanked === true)
    expect(facts.filter(({ kind }) => kind === 'cargo/published').map(({ data }) => data['at'])).toEqual(
      row.pubtime == null ? [] : [row.pubtime],
    )
    passed += 1
  })

  it('covers every row both ways', () => expect([rows.length, passed, wanted]).toEqual([9, 18, 18]))

  it('asks for each index file once, and for its settings once', async () => {
    const { origin, seen } = await serveFixtures()
    const entries = rows.filter(({ registry }) => registry === 'fixture-a').map((row) => entryOf(row, `${origin}/`))
    const { verdicts } = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf(entries) }), { desk: testDesk() })
    expect(verdicts('cargo/index-checksum')).toEqual({
      'AssayFix_Caps 1.0.0-rc.1+build.7': 'match',
      'afx 0.9.0': 'match',
      'assayfix-bad 1.0.0': 'match',
      'assayfix-core 0.1.0': 'match',
      'assayfix-core 0.1.1': 'match',
      'assayfix-core 0.2.0': 'match',
      'assayfix-core 9.9.9': 'absent',
      'assayfix-mid 1.0.0': 'match',
    })
    expect([...seen].sort()).toEqual([
      '/index/3/a/afx',
      '/index/as/sa/assayfix-bad',
      '/index/as/sa/assayfix-core',
      '/index/as/sa/assayfix-mid',
      '/index/as/sa/assayfix_caps',
    ])
  })

  it('keeps one name of two registries apart', async () => {
    const { origin } = await serveFixtures()
    const core = rows.filter(({ name, version }) => name === 'assayfix-core' && version === '0.1.0')
    const swapped = core.map((row, i) => ({ ...entryOf(row, `${origin}/`), checksum: core[1 - i]?.indexCksum }))
    const honest = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf(core.map((row) => entryOf(row, `${origin}/`))) }), {
      desk: testDesk(),
      depth: { bytes: true },
    })
    expect(honest.evidence.map(({ verdict }) => verdict)).toEqual(['match', 'match', 'match', 'match'])
    const lying = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf(swapped) }), { desk: testDesk() })
    expect(lying.evidence.map(({ verdict }) => verdict)).toEqual(['mismatch', 'mismatch'])
    expect(new Set(lying.evidence.map(({ subject }) => subject)).size).toBe(2)
  })

  it('says of a name that is gone that it is absent', async () => {
    const { origin } = await serveFixtures()
    const entry = { name: 'assayfix-gone', version: '1.0.0', source: `sparse+${origin}/index/`, checksum: '11'.repeat(32) }
    const { evidence } = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry]) }), { desk: testDesk() })
    expect(evidence).toMatchObject([{ verdict: 'absent', why: 'the server answered with status 404' }])
  })

  it('takes a local registry on disk for a mirror, and one in the tree for what cargo builds', async () => {
    const row = rows.find(({ name }) => name === 'assayfix-core')
    if (row === undefined) throw new Error('the vector is not there')
    const folder = mkdtempSync(join(tmpdir(), 'assay-cargo-local-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(sharedPath('vectors/cargo/registry/index'), join(folder, 'local/index'), { recursive: true })
    rmSync(join(folder, 'local/index/config.json'))
    cpSync(sharedPath('vectors/cargo/registry/crates/assayfix-core'), join(folder, 'local'), { recursive: true })
    const lock = lockOf([{ name: row.name, version: row.version, checksum: row.indexCksum }])
    const mirrors = [{ url: pathToFileURL(join(folder, 'local')).href, of: 'crates.io' }]
    const asMirror = await verifyTree(new MemoryTree({ 'Cargo.lock': lock }), {
      desk: testDesk(),
      sources: { mirrors },
      depth: { bytes: true },
    })
    expect(asMirror.evidence.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['cargo/index-checksum', 'match'],
      ['cargo/crate-bytes', 'match'],
    ])
    writeFileSync(join(folder, 'Cargo.lock'), lock)
    cpSync(sharedPath('vectors/cargo/registry/crates/afx/afx-0.9.0.crate'), join(folder, 'local/assayfix-core-0.1.0.crate'))
    mkdirSync(join(folder, '.cargo'))
    writeFileSync(
      join(folder, '.cargo/config.toml'),
      '[source.crates-io]\nreplace-with = "local"\n[source.local]\nlocal-registry = "local"\n',
    )
    const inTree = await verifyTree(new FolderTree(folder), { desk: testDesk({ policy: { allowHosts: ['127.0.0.1'] } }) })
    expect(inTree.evidence.map(({ check, verdict, authority }) => [check, verdict, authority?.name])).toEqual([
      ['cargo/index-checksum', 'unavailable', 'https://index.crates.io/'],
      ['cargo/index-checksum', 'match', 'local'],
      ['cargo/crate-bytes', 'mismatch', 'local/assayfix-core-0.1.0.crate'],
    ])
  })
})

describeShared('vectors/cargo/tables', 'download templates', () => {
  const table = hasShared('vectors/cargo/tables')
    ? readSharedJson<
        readonly {
          readonly dl: string
          readonly crate: string
          readonly version: string
          readonly cksum: string
          readonly url: string
        }[]
      >('vectors/cargo/tables/download-templates.json')
    : []
  it('gives the URL that cargo asks for', () => {
    expect(table.map(({ dl, crate, version, cksum }) => downloadUrl(dl, { name: crate, version, checksum: cksum }))).toEqual(
      table.map(({ url }) => url),
    )
    console.log(`cargo download templates: ${table.length}`)
    expect(table.length).toBeGreaterThan(0)
  })
})

describeShared('vectors/cargo/vendored', 'vendored trees, verified', () => {
  interface Variant {
    readonly A: string
    readonly B: string
    readonly C: string
    readonly changed?: readonly string[]
    readonly extra?: readonly string[]
    readonly missing?: readonly string[]
    readonly escaping?: readonly string[]
  }
  const expected = hasShared('vectors/cargo/vendored/expected.json')
    ? readSharedJson<{
        readonly lockChecksum: Readonly<Record<string, string>>
        readonly archive: string
        readonly variants: Readonly<Record<string, Variant>>
      }>('vectors/cargo/vendored/expected.json')
    : undefined
  const variants = Object.entries(expected?.variants ?? {})
  let done = 0

  it.each(variants)('%s', async (name, { A, B, C, ...paths }) => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-cargo-vendor-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(sharedPath('vectors/cargo/vendored', name, 'assayfix-core'), join(folder, 'vendor/assayfix-core'), { recursive: true })
    const checksum = expected?.lockChecksum['assayfix-core 0.1.0']
    writeFileSync(join(folder, 'Cargo.lock'), lockOf([{ name: 'assayfix-core', version: '0.1.0', checksum }]))
    mkdirSync(join(folder, '.cargo'))
    writeFileSync(
      join(folder, '.cargo/config.toml'),
      '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n',
    )
    const { origin } = await serveFixtures()
    const mirrors = [{ url: `sparse+${origin}/index/`, of: 'crates.io' }]
    const run = async (bytes: boolean): Promise<{ verdict: string | undefined; why: string }> => {
      const { of } = await verifyTree(new FolderTree(folder), { desk: testDesk(), sources: { mirrors }, depth: { bytes } })
      const [one] = of('assayfix-core', 'cargo/vendored')
      return { verdict: one?.verdict, why: one?.why ?? '' }
    }
    const deep = await run(true)
    const passes = (level: string): boolean => level === 'pass'
    expect(deep.verdict).toBe(passes(A) && passes(B) && passes(C) ? 'match' : 'mismatch')
    for (const path of Object.values(paths).filter(Array.isArray).flat().slice(0, 1))
      if (deep.verdict === 'mismatch') expect(deep.why).toContain(JSON.stringify(path))
    expect(deep.why.includes('differs from the archive')).toBe(!passes(C))
    // Without the archive agreement is no verdict, since list and files lie side by side.
    const shallow = await run(false)
    expect(shallow.verdict).toBe(passes(A) && passes(B) ? 'not-checkable' : 'mismatch')
    done += 1
  })

  it('covers every variant', () => {
    console.log(`cargo vendored vectors: ${done} of ${variants.length}`)
    expect([variants.length, done]).toEqual([11, 11])
  })

  it('knows a crate that the vendor folder lacks, and the bytes that vendored vectors were made from', async () => {
    const tree = new MemoryTree({
      'Cargo.lock': lockOf([{ name: 'afx', version: '0.9.0', checksum: '11'.repeat(32) }]),
      '.cargo/config.toml': '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"\n',
      'vendor/other/Cargo.toml': '[package]\nname = "other"\nversion = "1.0.0"\n',
    })
    const { of } = await verifyTree(tree, { desk: testDesk({ policy: { allowHosts: ['127.0.0.1'] } }) })
    expect(of('afx', 'cargo/vendored')).toMatchObject([{ verdict: 'absent', authority: { kind: 'tree', name: 'vendor' } }])
    expect(readSharedBytes('vectors/cargo/vendored', expected?.archive ?? '').length).toBe(921)
  })
})
