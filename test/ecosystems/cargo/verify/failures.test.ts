import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import type { VerdictKind } from '../../../../src/model/evidence.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import type { VerifyResult } from './support.js'
import { lockOf, rowOf, ScriptedDesk, serve, testDesk, verifyTree } from './support.js'

const SUM = '11'.repeat(32)
const OTHER = '22'.repeat(32)
const CONFIG = '{"dl":"http://127.0.0.1:9/dl"}'
const PATH = '/index/as/sa/assayfix-x'

type Answerer = (request: IncomingMessage, response: ServerResponse, origin: string) => void

/** A registry whose index file of `assayfix-x` is answered so; `config` null: 404. */
async function verifyAgainst(
  answer: Answerer,
  config: string | null = CONFIG,
  bytes = false,
): Promise<VerifyResult & { readonly seen: readonly string[] }> {
  const { origin, seen } = await serve((at, request, response) => {
    if (request.url !== '/index/config.json') return answer(request, response, at)
    if (config === null) response.writeHead(404).end()
    else response.end(config.replaceAll('ORIGIN', at))
  })
  const entry = { name: 'assayfix-x', version: '1.0.0', source: `sparse+${origin}/index/`, checksum: SUM }
  const result = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry]) }), { desk: testDesk(), depth: { bytes } })
  return { ...result, seen }
}

const status =
  (code: number, body = ''): Answerer =>
  (_, response) =>
    void response.writeHead(code).end(body)
const body =
  (text: string, headers: Readonly<Record<string, string>> = {}): Answerer =>
  (_, response) =>
    void response.writeHead(200, headers).end(text)
const row = rowOf('assayfix-x', '1.0.0', SUM)

describe('an index file', () => {
  const cases: readonly (readonly [string, Answerer, VerdictKind, RegExp | undefined])[] = [
    ['that is right', body(row), 'match', undefined],
    ['with rows that are none between, as cargo passes over them', body(`{"half\n\n${row}[]\n`), 'match', undefined],
    ['in upper-case hexadecimal', body(rowOf('assayfix-x', '1.0.0', SUM.toUpperCase())), 'match', undefined],
    ['with another checksum', body(rowOf('assayfix-x', '1.0.0', OTHER)), 'mismatch', undefined],
    ['with two rows of one version that differ', body(row + rowOf('assayfix-x', '1.0.0', OTHER)), 'mismatch', /several rows/],
    [
      'with a second row hidden by escapes',
      body(row + rowOf('assayfix-x', '1.0.0', OTHER).replace('"1.0.0"', '"\\u0031.\\u0030.0"')),
      'mismatch',
      /several rows/,
    ],
    [
      'with two rows that only differ in build metadata',
      body(row + rowOf('assayfix-x', '1.0.0+b', OTHER)),
      'mismatch',
      /several rows/,
    ],
    ['without the version', body(rowOf('assayfix-x', '1.0.1', SUM)), 'absent', /no version 1\.0\.0/],
    [
      'with the version only as part of another',
      body(rowOf('assayfix-x', '11.0.0', SUM) + rowOf('assayfix-x', '1.0.0-a', SUM)),
      'absent',
      /no version 1\.0\.0/,
    ],
    ['of a schema that cargo ignores', body(row.replace('"deps"', '"v":99,"deps"')), 'unavailable', /no index file/],
    ['of another name', body(rowOf('assayfix-y', '1.0.0', SUM)), 'unavailable', /not that of assayfix-x/],
    ['of the name in another case', body(rowOf('AssayFix-X', '1.0.0', SUM)), 'unavailable', /not that of assayfix-x/],
    ['with a checksum that is none', body(rowOf('assayfix-x', '1.0.0', 'zz')), 'unavailable', /no SHA-256/],
    ['that is a page', body('<!doctype html><title>Sign in</title>'), 'unavailable', /no index file/],
    ['that is empty', body(''), 'unavailable', /no index file/],
    ['that is no UTF-8', (_, response) => void response.end(Buffer.from([0xff, 0xfe, 0x00])), 'unavailable', /no index file/],
    [
      'without the version, from a cache that says it is stale',
      body(rowOf('assayfix-x', '0.9.0', SUM), { age: '900000', 'cache-control': 'max-age=60' }),
      'unavailable',
      /out of date/,
    ],
    ['404', status(404), 'absent', /404/],
    ['410', status(410), 'absent', /410/],
    ['451', status(451), 'absent', /legal reasons/],
    ['401', status(401), 'unavailable', /401/],
    ['403', status(403), 'unavailable', /403/],
    ['429', status(429), 'unavailable', /429|too many|later/i],
    ['500', status(500), 'unavailable', /500/],
    ['503', status(503), 'unavailable', /503/],
    ['that never comes', () => undefined, 'unavailable', /in time/],
    [
      'cut off',
      (_, response) => void response.writeHead(200, { 'content-length': '5000' }).write(row, () => response.destroy()),
      'unavailable',
      /half an answer/,
    ],
  ]

  it.each(cases)('%s', async (_, answer, verdict, why) => {
    const { evidence } = await verifyAgainst(answer)
    expect(evidence.map((one) => one.verdict)).toEqual([verdict])
    expect(evidence[0]?.expected).toBe(SUM)
    if (why === undefined) expect(evidence[0]?.why).toBeUndefined()
    else expect(evidence[0]?.why).toMatch(why)
  })

  it('of a server that is no registry says nothing of the crate', async () => {
    for (const config of [null, 'hello', '{"api":"x"}', '{"dl":7}', '[]']) {
      const { evidence } = await verifyAgainst(status(404), config)
      expect(evidence.map(({ verdict, why }) => [verdict, why?.includes('is no registry')])).toEqual([['unavailable', true]])
    }
  })

  it('from a server that nobody runs', async () => {
    const entry = { name: 'assayfix-x', version: '1.0.0', source: 'sparse+http://127.0.0.1:9/index/', checksum: SUM }
    const { evidence } = await verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry]) }), { desk: testDesk() })
    expect(evidence).toMatchObject([{ verdict: 'unavailable' }])
  })
})

describe('an archive', () => {
  const index: Answerer = (request, response) => void (request.url === PATH ? response.end(row) : response.writeHead(404).end())

  it.each<readonly [string, string | null, VerdictKind, RegExp]>([
    ['of a registry without settings', null, 'unavailable', /no config\.json/],
    ['of one whose settings are a page', '<html>', 'unavailable', /not one of a registry/],
    ['whose template leads to a file', '{"dl":"file:///etc"}', 'unavailable', /not fetched from/],
    ['whose template is no URL', '{"dl":"javascript:alert(1)"}', 'unavailable', /not fetched from/],
    ['whose template is a relative path to nothing', '{"dl":"ORIGIN/gone/{crate}"}', 'absent', /404/],
    ['with a marker that cargo does not know', '{"dl":"ORIGIN/{evil}/{crate}"}', 'absent', /404/],
  ])('%s', async (_, config, verdict, why) => {
    const { of } = await verifyAgainst(index, config, true)
    const [one] = of('assayfix-x', 'cargo/crate-bytes')
    expect(one?.verdict).toBe(verdict)
    expect(one?.why).toMatch(why)
  })

  it.each<readonly [string, Answerer, VerdictKind]>([
    ['refused', status(403), 'unavailable'],
    ['removed for legal reasons', status(451), 'absent'],
    ['gone', status(410), 'absent'],
    [
      'cut off',
      (_, response) => void response.writeHead(200, { 'content-length': '5000' }).write('x', () => response.destroy()),
      'unavailable',
    ],
    ['of other bytes', body('something else'), 'mismatch'],
  ])('%s', async (_, archive, verdict) => {
    const { of } = await verifyAgainst(
      (request, response, at) => (request.url === PATH ? response.end(row) : archive(request, response, at)),
      '{"dl":"ORIGIN/dl/{sha256-checksum}"}',
      true,
    )
    expect(of('assayfix-x', 'cargo/crate-bytes').map((one) => one.verdict)).toEqual([verdict])
  })

  it.each([
    'file:///etc/passwd',
    'http://dl.example/x',
    'https://localhost/x',
    'https://127.0.0.1/x',
    'https://10.0.0.1/x',
    'https://169.254.169.254/latest',
    'https://[::1]/x',
    'data:text/plain,x',
    '//dl.example/x',
    '',
  ])('is not fetched from %s when a public registry says so', async (dl) => {
    const desk = new ScriptedDesk({
      'https://index.crates.io/as/sa/assayfix-x': row,
      'https://index.crates.io/config.json': JSON.stringify({ dl }),
    })
    const tree = new MemoryTree({ 'Cargo.lock': lockOf([{ name: 'assayfix-x', version: '1.0.0', checksum: SUM }]) })
    const { of } = await verifyTree(tree, { desk, depth: { bytes: true } })
    expect(desk.asked.filter((url) => !url.startsWith('https://index.crates.io/'))).toEqual([])
    expect(of('assayfix-x', 'cargo/crate-bytes').map((one) => one.verdict)).not.toContain('match')
  })

  it('is fetched from wherever an index on disk says, since that is the own one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-cargo-index-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { origin } = await serve((_, _request, response) => void response.end('bytes'))
    mkdirSync(join(folder, 'as/sa'), { recursive: true })
    const bytes = '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9'
    writeFileSync(join(folder, 'as/sa/assayfix-x'), rowOf('assayfix-x', '1.0.0', bytes))
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ dl: origin }))
    const tree = new MemoryTree({ 'Cargo.lock': lockOf([{ name: 'assayfix-x', version: '1.0.0', checksum: bytes }]) })
    const mirrors = [{ url: pathToFileURL(folder).href, of: 'crates.io' }]
    const { of, facts } = await verifyTree(tree, { desk: testDesk(), sources: { mirrors }, depth: { bytes: true } })
    expect(of('assayfix-x', 'cargo/crate-bytes')).toMatchObject([
      { verdict: 'match', authority: { kind: 'artifact', name: `${origin}/assayfix-x/1.0.0/download` } },
    ])
    // They are the locked bytes, and no crate.
    expect(facts).toMatchObject([{ kind: 'cargo/archive-problem', data: { code: 'unreadable' } }])
  })

  it('is held against lockfile and index where the two differ', async () => {
    const { evidence, seen } = await verifyAgainst(
      (request, response) => void response.end(request.url === PATH ? rowOf('assayfix-x', '1.0.0', OTHER) : 'bytes'),
      '{"dl":"ORIGIN/{prefix}/{lowerprefix}/{crate}-{version}"}',
      true,
    )
    // printf bytes | sha256sum
    const bytes = '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9'
    expect(evidence.map(({ check, verdict, expected, observed }) => [check, verdict, expected, observed])).toEqual([
      ['cargo/index-checksum', 'mismatch', SUM, OTHER],
      ['cargo/crate-bytes', 'mismatch', SUM, bytes],
      ['cargo/crate-bytes', 'mismatch', OTHER, bytes],
    ])
    expect(seen.at(-1)).toBe('/as/sa/as/sa/assayfix-x-1.0.0')
  })
})

describe('an answer of an earlier run', () => {
  const serveOnce = async (
    first: string,
    second: Answerer,
  ): Promise<{ readonly entry: (version: string) => Parameters<typeof lockOf>[0][number]; readonly seen: readonly string[] }> => {
    let asked = 0
    const { origin, seen } = await serve((_, request, response) => {
      if (request.url !== PATH) return void response.end(CONFIG)
      asked += 1
      if (asked === 1) response.end(first)
      else second(request, response, origin)
    })
    return { entry: (version) => ({ name: 'assayfix-x', version, source: `sparse+${origin}/index/`, checksum: SUM }), seen }
  }
  const storeOf = (): ReturnType<typeof openStore> => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-cargo-store-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return openStore(folder)
  }
  const DAY = 24 * 3600 * 1000
  const START = Date.UTC(2026, 0, 1)

  it('counts for a day, and not for a version published since', async () => {
    const { entry, seen } = await serveOnce(row, body(row + rowOf('assayfix-x', '1.0.1', SUM)))
    const store = storeOf()
    const verdictsAt = async (version: string, now: number): Promise<readonly VerdictKind[]> => {
      const tree = new MemoryTree({ 'Cargo.lock': lockOf([entry(version)]) })
      return (await verifyTree(tree, { desk: testDesk({}, store, now) })).evidence.map(({ verdict }) => verdict)
    }
    expect(await verdictsAt('1.0.0', START)).toEqual(['match'])
    expect(await verdictsAt('1.0.0', START + DAY / 2)).toEqual(['match'])
    expect(seen.filter((path) => path === PATH).length).toBe(1)
    expect(await verdictsAt('1.0.1', START + DAY / 2)).toEqual(['match'])
    expect(seen.filter((path) => path === PATH).length).toBe(2)
  })

  it('still tells the checksum when nobody answers any more, and not whether it was yanked since', async () => {
    const { entry } = await serveOnce(row, status(500))
    const store = storeOf()
    const run = (version: string, now: number): Promise<VerifyResult> =>
      verifyTree(new MemoryTree({ 'Cargo.lock': lockOf([entry(version)]) }), { desk: testDesk({}, store, now) })
    await run('1.0.0', START)
    const later = await run('1.0.0', START + 3 * DAY)
    expect(later.evidence.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['cargo/index-checksum', 'match'],
      ['cargo/yanked', 'unavailable'],
    ])
    expect(later.evidence[0]?.why).toMatch(/could not be had/)
    const newer = await run('1.0.1', START + 3 * DAY)
    expect(newer.evidence.map(({ check, verdict }) => [check, verdict])).toEqual([['cargo/index-checksum', 'unavailable']])
  })
})
