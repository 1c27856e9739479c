import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { decompress } from 'fzstd'
import { describe, expect, it } from 'vitest'
import { crc32, tableCrc32 } from '../../../src/evidence/archive/crc32.js'
import { Crc64 } from '../../../src/evidence/archive/crc64.js'
import type { ArchiveLimits } from '../../../src/evidence/archive/limits.js'
import { DEFAULT_LIMITS } from '../../../src/evidence/archive/limits.js'
import type { Members, Packing } from '../../../src/evidence/archive/unpack.js'
import { unpack } from '../../../src/evidence/archive/unpack.js'
import { Xxh64 } from '../../../src/evidence/archive/xxh64.js'
import { collect, damaged, inPieces, refusal } from '../../support/archives.js'
import { makeZstd } from '../../support/make-zstd.js'

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'archives')
const fixture = (file: string): Buffer => readFileSync(join(FIXTURES, file))
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const packingOf = (file: string): Packing => (file.endsWith('.xz') ? 'xz' : 'zstd')

interface Options {
  readonly limits?: Partial<ArchiveLimits>
  readonly members?: Members
}

const open = (bytes: Uint8Array, packing: Packing, { limits, members }: Options = {}): Promise<Buffer> =>
  collect(unpack(bytes, packing, { ...DEFAULT_LIMITS, ...limits }, members))
const code = (bytes: Uint8Array, packing: Packing, options: Options = {}): Promise<string> =>
  refusal(() => open(bytes, packing, options))

interface Fixture {
  readonly file: string
  readonly size: number
  readonly sha256: string
}
const fixtures: readonly Fixture[] = JSON.parse(fixture('expected.json').toString())
const whole = fixtures.filter(({ file }) => file !== 'dictionary.zst')

describe('what the xz and zstd programs made', () => {
  it.each(whole.map((row) => [row.file, row] as const))('%s', async (file, { size, sha256: wanted }) => {
    const got = await open(fixture(file), packingOf(file))
    expect([got.length, sha256(got)]).toEqual([size, wanted])
  })

  it.each(['blocks.xz', 'check-sha256.xz', 'two-streams.xz', 'level-19.zst', 'frames.zst'])('%s in pieces', async (file) => {
    const wanted = fixtures.find((row) => row.file === file)?.sha256
    for (const sizes of [[1], [3, 1, 700], [511, 513]])
      expect(sha256(await collect(unpack(inPieces(fixture(file), sizes), packingOf(file))))).toBe(wanted)
  })

  it('needs no dictionary but what it says', async () => {
    expect(await code(fixture('dictionary.zst'), 'zstd')).toBe('corrupt')
  })

  it('agrees with fzstd and xz-decompress', async () => {
    const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress')
    // xz-decompress knows no SHA-256 check and no padding between streams.
    for (const { file } of whole.filter((row) => !['check-sha256.xz', 'two-streams.xz'].includes(row.file))) {
      const packed = fixture(file)
      const other: Uint8Array =
        packingOf(file) === 'zstd'
          ? decompress(packed)
          : await collect(
              new XzReadableStream(
                new ReadableStream({
                  start(controller) {
                    controller.enqueue(packed)
                    controller.close()
                  },
                }),
              ),
            )
      expect([file, sha256(await open(packed, packingOf(file)))]).toEqual([file, sha256(other)])
    }
  })
})

describe('gzip', () => {
  it('is read whatever the content, the level and the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string(), { maxLength: 20 }),
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        async (words, level, sizes) => {
          const body = Buffer.from(words.join('').repeat(5))
          expect(await collect(unpack(inPieces(gzipSync(body, { level }), sizes), 'gzip'))).toEqual(body)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('with all parts of a header', async () => {
    const body = text('content')
    const plain = gzipSync(body)
    const header = Buffer.from([0x1f, 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, ...text('name\0comment\0'), 0, 0])
    expect(await open(Buffer.concat([header, plain.subarray(10)]), 'gzip')).toEqual(Buffer.from(body))
  })

  it('of several members', async () => {
    const two = Buffer.concat([gzipSync('one'), gzipSync('two')])
    expect((await open(two, 'gzip')).toString()).toBe('onetwo')
    expect(await code(two, 'gzip', { members: 'one' })).toBe('inconsistent')
    expect((await collect(unpack(inPieces(two, [1]), 'gzip'))).toString()).toBe('onetwo')
  })

  it('may be padded with zeros and by nothing else', async () => {
    expect((await open(Buffer.concat([gzipSync('x'), new Uint8Array(1000)]), 'gzip', { members: 'one' })).toString()).toBe('x')
    expect(await code(Buffer.concat([gzipSync('x'), text('garbage that follows')]), 'gzip')).toBe('not-an-archive')
    expect(await code(Buffer.concat([gzipSync('x'), text('garbage that follows')]), 'gzip', { members: 'one' })).toBe(
      'inconsistent',
    )
  })

  const packed = gzipSync('some content, some content')
  it.each<readonly [string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'accepted'],
    ['no gzip', text('no gzip at all'), 'not-an-archive'],
    ['another method', damaged(packed, [{ at: 2, bit: 0 }]), 'unsupported'],
    ['reserved flags', damaged(packed, [{ at: 3, bit: 7 }]), 'unsupported'],
    ['a wrong CRC', damaged(packed, [{ at: packed.length - 8, bit: 0 }]), 'corrupt'],
    ['a wrong length', damaged(packed, [{ at: packed.length - 1, bit: 0 }]), 'corrupt'],
    ['a wrong deflate block', Buffer.concat([packed.subarray(0, 10), Uint8Array.of(0x07), packed.subarray(11)]), 'corrupt'],
    ['a name without end', Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, ...new Array<number>(70_000).fill(65)]), 'corrupt'],
  ])('%s', async (_, bytes, wanted) => expect(await code(bytes, 'gzip')).toBe(wanted))

  it('cut off anywhere is told', async () => {
    for (let length = 1; length < packed.length; length++)
      expect(await code(packed.subarray(0, length), 'gzip')).toBe('truncated')
  })
})

describe('limits', () => {
  const zeros = gzipSync(new Uint8Array(5_000_000))
  const xz = fixture('blocks.xz')

  it.each<readonly [string, Uint8Array, Packing, Partial<ArchiveLimits>, string]>([
    ['gzip, unpacked', zeros, 'gzip', { maxTotalBytes: 4_999_999, maxRatio: 2000 }, 'too-large'],
    ['gzip, ratio', zeros, 'gzip', { maxRatio: 100 }, 'ratio'],
    ['gzip, just within', zeros, 'gzip', { maxTotalBytes: 5_000_000, maxRatio: 1100 }, 'accepted'],
    ['gzip, packed', zeros, 'gzip', { maxPackedBytes: 1000 }, 'too-large'],
    ['xz, unpacked', xz, 'xz', { maxTotalBytes: 300_000 }, 'too-large'],
    ['zstd, unpacked', fixture('run.zst'), 'zstd', { maxTotalBytes: 299_999 }, 'too-large'],
    ['zstd, ratio', makeZstd(Array.from({ length: 20 }, () => ({ run: 131_072, of: 0 }))), 'zstd', {}, 'ratio'],
    ['plain, unpacked', new Uint8Array(11), 'none', { maxTotalBytes: 10 }, 'too-large'],
  ])('%s', async (_, bytes, packing, limits, wanted) => expect(await code(bytes, packing, { limits })).toBe(wanted))

  it('stop the source when the reader stops', async () => {
    let closed = false
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync(new Uint8Array(1000))
      } finally {
        closed = true
      }
    }
    for await (const piece of unpack(source(), 'gzip')) {
      expect(piece.length).toBe(1000)
      break
    }
    expect(closed).toBe(true)
  })

  it('an error of the source comes through as it is', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield zeros.subarray(0, 100)
      throw new RangeError('the network')
    }
    await expect(collect(unpack(broken(), 'gzip'))).rejects.toThrow(new RangeError('the network'))
  })
})

describe('zstd', () => {
  it('a block that asks for gigabytes is refused before it gets them', async () => {
    // 60,000 sequences of the longest match there is, two bytes each; unbounded readers copy for minutes.
    const count = 60_000
    const stream = new Uint8Array(count * 2 + 1).fill(0xff)
    stream[count * 2] = 1
    const sequences = Uint8Array.of(255, (count - 0x7f00) & 255, (count - 0x7f00) >> 8, 0x54, 0, 0, 52)
    const block = Buffer.concat([Uint8Array.of(0), sequences, stream])
    const before = performance.now()
    expect(await code(makeZstd([{ run: 100, of: 1 }, { packed: block }]), 'zstd')).toBe('corrupt')
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it.each<readonly [string, Uint8Array, string]>([
    ['stored and run blocks', makeZstd([{ raw: text('ab') }, { run: 3, of: 0x63 }]), 'accepted'],
    ['a dictionary id', makeZstd([{ raw: text('a') }], { dictionary: 7 }), 'unsupported'],
    ['a dictionary id of zero', makeZstd([{ raw: text('a') }], { dictionary: 0 }), 'accepted'],
    ['a window too large', makeZstd([{ raw: text('a') }], { windowByte: 0xff }), 'unsupported'],
    ['a reserved bit', makeZstd([{ raw: text('a') }], { reserved: true }), 'unsupported'],
    ['a block too large', makeZstd([{ run: 131_073, of: 0 }]), 'corrupt'],
    ['an empty packed block', makeZstd([{ packed: new Uint8Array(0) }]), 'corrupt'],
    ['a table that was never there', makeZstd([{ packed: Uint8Array.of(0, 1, 0xfc, 1) }]), 'corrupt'],
    ['treeless literals without tree', makeZstd([{ packed: Uint8Array.of(0x13, 0x40, 0, 1, 0) }]), 'corrupt'],
    ['literals alone', makeZstd([{ packed: Uint8Array.of(2 << 3, 0x61, 0x62, 0) }]), 'accepted'],
    ['bytes behind the sequences', makeZstd([{ packed: Uint8Array.of(2 << 3, 0x61, 0x62, 0, 9) }]), 'corrupt'],
    ['another magic', text('not zstd'), 'not-an-archive'],
    ['a skippable frame alone', Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2), 'accepted'],
    ['a skippable frame cut off', Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1, 2), 'truncated'],
  ])('%s', async (_, bytes, wanted) => expect(await code(bytes, 'zstd')).toBe(wanted))

  it('frames follow each other unless one alone is asked for', async () => {
    expect(await code(fixture('frames.zst'), 'zstd', { members: 'one' })).toBe('inconsistent')
  })
})

describe('xz', () => {
  const small = fixture('small.xz')

  /** The stream with another block header, its CRC made right. */
  const withHeader = (change: (header: Buffer) => void): Buffer => {
    const copy = Buffer.from(small)
    const header = copy.subarray(12, 24)
    change(header)
    header.writeUInt32LE(tableCrc32(header.subarray(0, 8)), 8)
    return copy
  }

  it.each<readonly [string, Uint8Array, string]>([
    ['a dictionary of 4 GiB', withHeader((header) => header.writeUInt8(40, 4)), 'unsupported'],
    ['a dictionary that cannot be', withHeader((header) => header.writeUInt8(41, 4)), 'corrupt'],
    ['another filter', withHeader((header) => header.writeUInt8(0x04, 2)), 'unsupported'],
    ['two filters', withHeader((header) => header.writeUInt8(1, 1)), 'unsupported'],
    ['reserved flags', withHeader((header) => header.writeUInt8(0x10, 1)), 'unsupported'],
    ['garbage behind it', Buffer.concat([small, text('garbage that follows')]), 'not-an-archive'],
    ['zeros behind it', Buffer.concat([small, new Uint8Array(8)]), 'accepted'],
    ['no xz', text('no xz at all'), 'not-an-archive'],
  ])('%s', async (_, bytes, wanted) => expect(await code(bytes, 'xz')).toBe(wanted))

  it('a second stream, where one alone is asked for', async () => {
    expect(await code(fixture('two-streams.xz'), 'xz', { members: 'one' })).toBe('inconsistent')
  })

  it('cut off anywhere is told', async () => {
    for (let length = 1; length < small.length; length++) expect(await code(small.subarray(0, length), 'xz')).toBe('truncated')
  })

  it('any damaged bit is told', async () => {
    for (let at = 0; at < small.length; at++)
      for (let bit = 0; bit < 8; bit++) expect(await code(damaged(small, [{ at, bit }]), 'xz')).not.toBe('accepted')
  })
})

describe('damaged', () => {
  const damages = fc.array(fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }), { minLength: 1, maxLength: 3 })
  // `check-none.xz` and `no-checksum.zst` have nothing that would tell.
  const files = [
    'check-crc32.xz',
    'check-crc64.xz',
    'check-sha256.xz',
    'noise.xz',
    'lc1-lp3-pb0.xz',
    'level-19.zst',
    'level-fast3.zst',
    'ultra.zst',
    'small.zst',
    'frames.zst',
  ]

  it.each(files)('%s is refused, or gives what it gave', async (file) => {
    const packed = fixture(file)
    const wanted = fixtures.find((row) => row.file === file)?.sha256
    await fc.assert(
      fc.asyncProperty(damages, async (some) => {
        const result = await refusal(async () => expect(sha256(await open(damaged(packed, some), packingOf(file)))).toBe(wanted))
        expect([
          'accepted',
          'corrupt',
          'truncated',
          'unsupported',
          'inconsistent',
          'not-an-archive',
          'ratio',
          'too-large',
        ]).toContain(result)
      }),
      { numRuns: 40 },
    )
  })

  it.each(['check-none.xz', 'no-checksum.zst'])('%s is refused, or gives something bounded', async (file) => {
    await fc.assert(
      fc.asyncProperty(damages, async (some) => {
        await refusal(async () => {
          const got = await open(damaged(fixture(file), some), packingOf(file), { limits: { maxTotalBytes: 1 << 20 } })
          expect(got.length).toBeLessThanOrEqual(1 << 20)
        })
      }),
      { numRuns: 60 },
    )
  })

  it('random bytes behind a good beginning', async () => {
    const heads: readonly (readonly [Packing, Uint8Array])[] = [
      ['gzip', gzipSync('').subarray(0, 10)],
      ['xz', fixture('small.xz').subarray(0, 24)],
      ['zstd', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38)],
    ]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), async ([packing, head], rest) => {
        const got = await refusal(() => open(Buffer.concat([head, rest]), packing, { limits: { maxTotalBytes: 1 << 22 } }))
        expect(got).not.toBe('escapes')
      }),
      { numRuns: 300 },
    )
  })

  it('raw deflate data is not gzip', async () => expect(await code(deflateRawSync('x'), 'gzip')).not.toBe('accepted'))
})

describe('checks', () => {
  it('have the values of their definitions', () => {
    const nine = text('123456789')
    expect(tableCrc32(nine)).toBe(0xcbf43926)
    const crc64 = new Crc64()
    crc64.update(nine)
    expect(Buffer.from(crc64.digest()).readBigUInt64LE().toString(16)).toBe('995dc9bbdf1939fa')
    // XXH64 of nothing is ef46db3751d8e999.
    expect(new Xxh64().low32()).toBe(0x51d8e999)
  })

  it('do not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 300 }), (bytes, at) => {
        const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
        expect(crc32(tail, crc32(head))).toBe(crc32(bytes))
        expect(tableCrc32(tail, tableCrc32(head))).toBe(crc32(bytes))
        const parts = new Xxh64()
        parts.update(head)
        parts.update(tail)
        const once = new Xxh64()
        once.update(bytes)
        expect(parts.low32()).toBe(once.low32())
        expect(once.low32()).toBe(Number(bigXxh64(bytes) & 0xffff_ffffn))
      }),
    )
  })
})

/** XXH64 with seed 0 as its specification reads, in BigInt. */
function bigXxh64(bytes: Uint8Array): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const
  const mask = (1n << 64n) - 1n
  const rotate = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & mask
  const round = (lane: bigint, word: bigint): bigint => (rotate((lane + word * p2) & mask, 31n) * p1) & mask
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  let hash: bigint = p5
  if (bytes.length >= 32) {
    const lanes = [(p1 + p2) & mask, p2, 0n, (mask + 1n - p1) & mask]
    for (; at + 32 <= bytes.length; at += 32)
      lanes.forEach((lane, i) => {
        lanes[i] = round(lane, view.getBigUint64(at + i * 8, true))
      })
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & mask
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * p1 + p4) & mask
  }
  hash = (hash + BigInt(bytes.length)) & mask
  for (; at + 8 <= bytes.length; at += 8) hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4) & mask
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * p1) & mask), 23n) * p2 + p3) & mask
    at += 4
  }
  for (; at < bytes.length; at++) hash = (rotate(hash ^ ((BigInt(bytes[at] ?? 0) * p5) & mask), 11n) * p1) & mask
  hash = ((hash ^ (hash >> 33n)) * p2) & mask
  hash = ((hash ^ (hash >> 29n)) * p3) & mask
  return hash ^ (hash >> 32n)
}
