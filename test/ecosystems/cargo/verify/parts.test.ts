import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexPath, readIndexFile } from '../../../../src/ecosystems/cargo/index-file.js'
import { parseIndexRow } from '../../../../src/ecosystems/cargo/index-row.js'
import { inParallel } from '../../../../src/ecosystems/cargo/verify/in-parallel.js'
import { registryPlace } from '../../../../src/ecosystems/cargo/verify/place.js'
import { downloadUrl, readRegistrySettings } from '../../../../src/ecosystems/cargo/verify/registry-settings.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { PATIENCE } from '../../../support/patience.js'
import { lockOf, rowOf, ScriptedDesk, verifyTree } from './support.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const SUM = '11'.repeat(32)

describe('an index file', () => {
  const version = fc
    .tuple(fc.nat(3), fc.nat(12), fc.nat(12), fc.constantFrom('', '-a.1', '+b', '-a+b'))
    .map(([a, b, c, d]) => `${a}.${b}.${c}${d}`)
  const line = fc.oneof(
    version.map((v) => rowOf('x', v, SUM).trim()),
    version.map((v) => rowOf('y', v, SUM).trim()),
    version.map((v) => JSON.stringify(JSON.parse(rowOf('x', v, SUM)), undefined, 1).replaceAll('\n', ' ')),
    fc.constantFrom('', '{', '[]', 'null', '{"name":"x"}', '\u0000'),
  )

  it('is read as if every row of it were', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.uniqueArray(version, { minLength: 1, maxLength: 4 }), (lines, wanted) => {
        const { found, kind, complete } = readIndexFile(bytes(lines.join('\n')), 'x', wanted)
        const rows = lines.flatMap((one) => parseIndexRow(one) ?? [])
        const own = rows.filter(({ name }) => name === 'x')
        for (const one of wanted) {
          const matching = own.filter((row) => row.version === one || (!one.includes('+') && row.version.split('+')[0] === one))
          expect(found.get(one) ?? []).toEqual(matching)
        }
        expect(complete).toBe(wanted.every((one) => found.has(one)))
        expect(kind).toBe(own.length > 0 ? 'rows' : rows.length > 0 ? 'other-name' : 'garbage')
      }),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => readIndexFile(any, 'x', ['1.0.0']).complete === false))
  })

  it('is read in time that grows with its length', () => {
    const long = Array.from({ length: 20_000 }, (_, i) => rowOf('x', `0.${i}.0`, SUM)).join('')
    const started = performance.now()
    expect(readIndexFile(bytes(long), 'x', ['0.777.0', '0.19999.0']).complete).toBe(true)
    expect(performance.now() - started).toBeLessThan(2000 * PATIENCE)
  })
})

describe('a publication time', () => {
  it.each([
    ['2024-05-01T09:00:00Z', true],
    ['2024-02-29T23:59:59Z', true],
    ['2023-02-29T00:00:00Z', false],
    ['2024-13-01T00:00:00Z', false],
    ['2024-05-01T24:00:00Z', false],
    ['2024-05-01T09:00:00.5Z', false],
    ['2024-05-01T09:00:00+00:00', false],
    ['2024-05-01', false],
    [1714554000, false],
    [null, false],
  ])('%s counts: %s', (pubtime, counts) => {
    expect(parseIndexRow(rowOf('x', '1.0.0', SUM, { pubtime }))?.published).toBe(counts ? pubtime : undefined)
  })
})

describe('settings and templates', () => {
  it('never throw, and make no URL of what is missing', () => {
    fc.assert(fc.property(fc.string(), (text) => readRegistrySettings(bytes(text)) === undefined || text.includes('dl')))
    fc.assert(
      fc.property(fc.string(), (dl) => {
        const url = downloadUrl(dl, { name: 'x', version: '1.0.0', checksum: undefined })
        return (url === undefined) === dl.includes('{sha256-checksum}')
      }),
    )
  })
  it('of one marker inside another are replaced once', () => {
    expect(downloadUrl('{{crate}}', { name: 'prefix', version: '1.0.0', checksum: undefined })).toBe('{prefix}')
  })
  it('take both URLs of the public registry for its sparse index', () => {
    for (const text of [
      'https://github.com/rust-lang/crates.io-index',
      'sparse+https://index.crates.io/',
      'sparse+https://index.crates.io',
      'https://user:pw@github.com/rust-lang/crates.io-index',
    ])
      expect(registryPlace(text)).toEqual({ kind: 'sparse', url: 'https://index.crates.io/' })
    expect(registryPlace('https://git.example/index')).toEqual({ kind: 'git-index', url: 'https://git.example/index' })
  })
  it('name every crate somewhere below the index', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), (name) => indexPath(name).endsWith(`/${name.toLowerCase()}`)),
    )
  })
})

describe('works in parallel', () => {
  it('all end, bounded, and hand on everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), async (items, atOnce) => {
        let running = 0
        let most = 0
        const out: number[] = []
        const works = inParallel<number, number>(items, atOnce, async (item, emit) => {
          running += 1
          most = Math.max(most, running)
          for (let i = 0; i < item; i++) {
            emit(item)
            if (i % 2 === 0) await new Promise((resolve) => setImmediate(resolve))
          }
          running -= 1
        })
        for await (const one of works) out.push(one)
        expect(out.sort()).toEqual(items.flatMap((item) => Array.from({ length: item }, () => item)).sort())
        expect(most).toBeLessThanOrEqual(atOnce)
      }),
      { numRuns: 30 },
    )
  })
  it('pass on what is thrown, and stop when the consumer does', async () => {
    const failing = inParallel<number, number>([1, 2], 2, async () => {
      throw new Error('a bug')
    })
    await expect(failing.next()).rejects.toThrow('a bug')
    let begun = 0
    const items = Array.from({ length: 100 }, (_, i) => i)
    for await (const _ of inParallel<number, number>(items, 2, async (item, emit) => {
      begun += 1
      await new Promise((resolve) => setImmediate(resolve))
      emit(item)
    }))
      break
    expect(begun).toBeLessThan(10)
  })
})

describe('progress', () => {
  it('ends with every component', async () => {
    const told: string[] = []
    const names = ['a', 'b', 'c']
    const tree = new MemoryTree({ 'Cargo.lock': lockOf(names.map((name) => ({ name, version: '1.0.0', checksum: SUM }))) })
    await verifyTree(tree, { desk: new ScriptedDesk({}), onProgress: (done, of) => void told.push(`${done}/${of}`) })
    expect(told).toEqual(['1/3', '2/3', '3/3'])
  })
})
