import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBuffer } from 'yauzl'
import type { ArchiveLimits } from '../../../src/evidence/archive/limits.js'
import { DEFAULT_LIMITS } from '../../../src/evidence/archive/limits.js'
import { inMemory, readZip } from '../../../src/evidence/archive/zip.js'
import { collect, damaged, refusal } from '../../support/archives.js'
import type { ZipEnd, ZipPart } from '../../support/make-zip.js'
import { makeZip } from '../../support/make-zip.js'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const contents = (zip: Uint8Array, limits?: Partial<ArchiveLimits>): [string, string][] =>
  readZip(inMemory(zip), { ...DEFAULT_LIMITS, ...limits }).map((entry) => [
    entry.name,
    Buffer.from(entry.content()).toString('latin1'),
  ])
const code = (parts: readonly ZipPart[], end?: ZipEnd, limits?: Partial<ArchiveLimits>): Promise<string> =>
  refusal(() => contents(makeZip(parts, end), limits))

describe('entries', () => {
  it.each<readonly [string, readonly ZipPart[]]>([
    ['stored', [{ name: 'a', body: text('content') }]],
    ['deflated', [{ name: 'a', body: text('content'), deflate: true }]],
    ['with sizes behind the data', [{ name: 'a', body: text('content'), deflate: true, descriptor: 'signed' }]],
    ['with bare sizes behind the data', [{ name: 'a', body: text('content'), deflate: true, descriptor: 'bare' }]],
  ])('%s', (_, parts) =>
    expect(contents(makeZip([...parts, { name: 'b' }]))).toEqual([
      ['a', 'content'],
      ['b', ''],
    ]),
  )

  it('carry the mode of a Unix maker', () => {
    const [link, plain] = readZip(inMemory(makeZip([{ name: 'l', mode: 0o120777 }, { name: 'p' }])))
    expect([link?.mode, plain?.mode]).toEqual([0o120777, 0])
  })

  it('folders end in a slash', () => {
    expect(readZip(inMemory(makeZip([{ name: 'd/' }, { name: 'd/f' }]))).map(({ directory }) => directory)).toEqual([true, false])
  })

  it('none at all, and a comment', () => {
    expect(contents(makeZip([]))).toEqual([])
    expect(contents(makeZip([{ name: 'a' }], { comment: text('0123456789'.repeat(4)) }))).toEqual([['a', '']])
  })

  it.each([
    ['forced-zip64.zip', 'a.txt', 'hello zip64\n'.repeat(20)],
    ['streamed-zip64.zip', 'b.txt', 'hello stream\n'.repeat(20)],
    ['piped-zip64.zip', '-', 'hello pipe\n'],
  ])('with sizes of zip64: %s', (file, name, body) => {
    const zip = readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'archives', file))
    expect(contents(zip)).toEqual([[name, body]])
  })
})

describe('refused', () => {
  const body = text('content')
  it.each<readonly [string, readonly ZipPart[], ZipEnd, string]>([
    ['a name twice', [{ name: 'a' }, { name: 'a' }], {}, 'duplicate-name'],
    ['no name', [{ name: '' }], {}, 'bad-name'],
    ['a name that is not UTF-8', [{ name: Uint8Array.of(0xff) }], {}, 'bad-name'],
    ['another name in the local header', [{ name: 'a', local: { name: 'b' } }], {}, 'inconsistent'],
    ['another method there', [{ name: 'a', local: { method: 8 } }], {}, 'inconsistent'],
    ['another size there', [{ name: 'a', body, local: { size: 1 } }], {}, 'inconsistent'],
    ['another CRC there', [{ name: 'a', body, local: { crc: 1 } }], {}, 'inconsistent'],
    ['encrypted', [{ name: 'a', central: { flags: 1 } }], {}, 'unsupported'],
    ['bzip2', [{ name: 'a', central: { method: 12 }, local: { method: 12 } }], {}, 'unsupported'],
    ['a wrong CRC', [{ name: 'a', body, central: { crc: 1 }, local: { crc: 1 } }], {}, 'corrupt'],
    ['stored with two sizes', [{ name: 'a', body, central: { size: 9 }, local: { size: 9 } }], {}, 'inconsistent'],
    ['more than declared', [{ name: 'a', body, deflate: true, central: { size: 3 }, local: { size: 3 } }], {}, 'corrupt'],
    ['less than declared', [{ name: 'a', body, deflate: true, central: { size: 9 }, local: { size: 9 } }], {}, 'corrupt'],
    [
      'the data of another',
      [
        { name: 'a', body },
        { name: 'a2', body, central: { offset: 0 } },
      ],
      {},
      'inconsistent',
    ],
    ['a hidden entry between', [{ name: 'a' }, { name: 'b', gap: makeZip([{ name: 'h' }]) }], {}, 'inconsistent'],
    ['something in front', [{ name: 'a', gap: text('#!/bin/sh\n') }], {}, 'inconsistent'],
    ['something behind', [{ name: 'a' }], { gap: text('x') }, 'inconsistent'],
    ['a descriptor that lies', [{ name: 'a', body, descriptor: 'signed', central: { crc: 5 } }], {}, 'inconsistent'],
    ['fewer entries than rows', [{ name: 'a' }, { name: 'b' }], { entries: 1 }, 'inconsistent'],
    ['more entries than rows', [{ name: 'a' }], { entries: 2 }, 'inconsistent'],
    ['data beyond the directory', [{ name: 'a', central: { offset: 5000 } }], {}, 'inconsistent'],
    [
      'data cut off',
      [{ name: 'a', central: { packed: 5000, size: 5000 }, local: { packed: 5000, size: 5000 } }],
      {},
      'truncated',
    ],
  ])('%s', async (_, parts, end, wanted) => expect(await code(parts, end)).toBe(wanted))

  it.each<readonly [string, readonly ZipPart[], Partial<ArchiveLimits>, string]>([
    ['a large archive', [{ name: 'a' }], { maxPackedBytes: 10 }, 'too-large'],
    ['many entries', [{ name: 'a' }, { name: 'b' }], { maxEntries: 1 }, 'too-many-entries'],
    ['a long name', [{ name: 'abc' }], { maxNameBytes: 2 }, 'bad-name'],
    ['a large entry', [{ name: 'a', body }], { maxEntryBytes: 6 }, 'too-large'],
    [
      'large entries',
      [
        { name: 'a', body },
        { name: 'b', body },
      ],
      { maxTotalBytes: 13 },
      'too-large',
    ],
    ['a bomb', [{ name: 'a', body: new Uint8Array(2_000_000), deflate: true }], { maxRatio: 100 }, 'ratio'],
  ])('by a limit: %s', async (_, parts, limits, wanted) => expect(await code(parts, {}, limits)).toBe(wanted))

  it('what is no zip', async () => {
    expect(await refusal(() => contents(text('PK')))).toBe('not-an-archive')
    expect(await refusal(() => contents(new Uint8Array(0)))).toBe('not-an-archive')
  })

  it('an end record that hides in a comment', async () => {
    const inner = makeZip([{ name: 'inner' }])
    const outer = makeZip([{ name: 'outer' }], { comment: inner })
    // Whichever end record a reader takes, another could take the other: never two answers.
    expect(await refusal(() => contents(outer))).toBe('inconsistent')
  })
})

/** What yauzl makes of it: names as bytes and contents, or undefined when it refuses any of it. */
function byYauzl(zip: Buffer): Promise<[string, string][] | undefined> {
  return new Promise((resolve) => {
    fromBuffer(zip, { lazyEntries: true, decodeStrings: false }, (error, file) => {
      if (error !== null || file === undefined) return resolve(undefined)
      const all: [string, string][] = []
      file.on('error', () => resolve(undefined))
      file.on('end', () => resolve(all))
      file.on('entry', (entry: { fileName: unknown }) => {
        file.openReadStream(Object.assign(entry), (failed, stream) => {
          if (failed !== null || stream === undefined) return resolve(undefined)
          collect(stream).then(
            (content) => {
              all.push([String(entry.fileName), content.toString('latin1')])
              file.readEntry()
            },
            () => resolve(undefined),
          )
        })
      })
      file.readEntry()
    })
  })
}

describe('against yauzl', () => {
  const part = fc.record({
    name: fc.stringMatching(/^[a-z\u00e9]{1,8}$/),
    body: fc.uint8Array({ maxLength: 300 }),
    deflate: fc.boolean(),
    descriptor: fc.constantFrom(undefined, 'signed' as const, 'bare' as const),
  })
  const parts = fc
    .uniqueArray(part, { selector: ({ name }) => name, maxLength: 5 })
    .map((all) => all.map(({ descriptor, ...rest }): ZipPart => (descriptor === undefined ? rest : { ...rest, descriptor })))

  it('reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (all) => {
        const zip = Buffer.from(makeZip(all))
        expect(contents(zip)).toEqual(await byYauzl(zip))
      }),
      { numRuns: 60 },
    )
  })

  it('damaged, never accepts anything else, and never fails but with an ArchiveError', async () => {
    const damages = fc.array(fc.record({ at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(parts, damages, fc.nat({ max: 30 }), async (all, some, cut) => {
        const whole = damaged(makeZip(all), some)
        const zip = Buffer.from(whole.subarray(0, whole.length - cut))
        let ours: [string, string][] | undefined
        await refusal(() => {
          ours = contents(zip)
        })
        const theirs = await byYauzl(zip)
        if (ours !== undefined && theirs !== undefined) expect(ours).toEqual(theirs)
      }),
      { numRuns: 400 },
    )
  })
})
