import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { END, memberHeader, padding } from '../../../src/evidence/pack/layout.js'
import { type Manifest, printManifest } from '../../../src/evidence/pack/manifest.js'
import { readPack } from '../../../src/evidence/pack/read-pack.js'
import { type AnswerRecord, recordMembers } from '../../../src/evidence/store/answer-record.js'
import { seal } from '../../../src/evidence/store/seal.js'
import { absentRecord, okRecord, sha256 } from '../store/support/records.js'
import { ONE, packOf, SMALL } from './support/used.js'

function problem(bytes: Uint8Array, digest?: string): string {
  const read = readPack(bytes, { digest })
  if (read.ok) return 'read'
  expect(read.problem.why).not.toBe('')
  expect(read.problem.help).not.toBe('')
  return read.problem.code
}

let good: Buffer = Buffer.alloc(0)
beforeAll(() => {
  good = packOf(SMALL, { subject: 'example' })
})

/** The parts of a pack: name, first byte, byte after the last. */
function regions(bytes: Buffer): readonly (readonly [string, number, number])[] {
  const found: [string, number, number][] = []
  let at = 0
  while (bytes[at] !== 0) {
    const name = bytes.subarray(at, bytes.indexOf(0, at)).toString('latin1')
    const size = Number.parseInt(bytes.subarray(at + 124, at + 135).toString('latin1'), 8)
    found.push([`header of ${name}`, at, at + 512], [name, at + 512, at + 512 + size])
    at += 512 + size
    found.push([`padding of ${name}`, at, at + padding(size)])
    at += padding(size)
  }
  return [...found, ['end', at, bytes.length]]
}

function expected(region: string): readonly string[] {
  if (region === 'header of manifest.json') return ['not-a-pack', 'manifest-damaged', 'truncated', 'too-large']
  if (region === 'manifest.json') return ['manifest-damaged', 'unknown-version', 'not-a-pack']
  if (region === 'answers.jsonl') return ['answers-damaged']
  if (region === 'facts.jsonl') return ['facts-damaged']
  if (region.startsWith('blobs/')) return ['blob-damaged']
  return ['layout']
}

describe('a pack that was changed', () => {
  it('in any byte of any part is refused, with the name of the part', () => {
    const counts = new Map<string, number>()
    for (const [region, start, end] of regions(good)) {
      for (let at = start; at < end; at += 1) {
        const other = Buffer.from(good)
        other[at] = (other[at] ?? 0) ^ (1 << (at % 8))
        const code = problem(other)
        if (!expected(region).includes(code)) expect(`${region} at ${at}: ${code}`).toBe(expected(region).join(' or '))
      }
      counts.set(region.replace(/[0-9a-f]{64}/, '…'), end - start)
    }
    // Every part was there to be tampered with.
    const names = ['manifest.json', 'answers.jsonl', 'facts.jsonl', 'blobs/…']
    for (const name of names)
      for (const part of [`header of ${name}`, name, `padding of ${name}`]) expect(counts.has(part)).toBe(true)
    expect(regions(good).reduce((sum, [, start, end]) => sum + end - start, 0)).toBe(good.length)
  })

  it('by cutting it off anywhere is refused', () => {
    // Every byte of the headers' edges, and a stride that meets every place within a block.
    for (let length = 0; length < good.length; length += length % 512 < 3 ? 1 : 7)
      expect(['truncated', 'not-a-pack', 'layout'], `at ${length}`).toContain(problem(good.subarray(0, length)))
  })

  it('by adding to it is refused', () => {
    expect(problem(Buffer.concat([good, Buffer.alloc(1)]))).toBe('layout')
    expect(problem(Buffer.concat([good, good]))).toBe('layout')
  })

  it('by taking out, doubling or swapping parts is refused', () => {
    const parts = regions(good)
    for (const [name, start, end] of parts) {
      if (start === end) continue
      const [before, part, after] = [good.subarray(0, start), good.subarray(start, end), good.subarray(end)]
      expect(problem(Buffer.concat([before, after])), `without ${name}`).not.toBe('read')
      expect(problem(Buffer.concat([before, part, part, after])), `twice ${name}`).not.toBe('read')
    }
  })

  it('and made whole again is another pack', () => {
    const other = packOf({ ...SMALL, answers: SMALL.answers.slice(1) }, { subject: 'example' })
    expect(problem(other)).toBe('read')
    expect(problem(other, sha256(other))).toBe('read')
    expect(problem(other, sha256(good))).toBe('other-pack')
  })

  it('in whatever way never throws', () => {
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(600), fc.uint8Array({ maxLength: 600 }), (at, removed, added) => {
        const other = Buffer.concat([good.subarray(0, at), added, good.subarray(at + removed)])
        expect(problem(other) === 'read').toBe(other.equals(good))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        expect(problem(bytes)).toBe('not-a-pack')
      }),
    )
  })
})

/** A pack by somebody who knows the format and does not keep to it. */
interface Forged {
  readonly lines?: readonly string[]
  readonly facts?: readonly string[]
  readonly blobs?: readonly (readonly [name: string, bytes: Uint8Array])[]
  readonly manifest?: (manifest: Manifest) => Manifest
  readonly manifestText?: string
}

function forge({ lines = [], facts = [], blobs = [], manifest = (m) => m, manifestText }: Forged): Buffer {
  const file = (rows: readonly string[]): Buffer => Buffer.from(rows.map((row) => `${row}\n`).join(''))
  const [answers, known] = [file(lines), file(facts)]
  const text = printManifest(
    manifest({
      meta: new Map(),
      answers: { count: lines.length, bytes: answers.length, sha256: sha256(answers) },
      facts: { count: facts.length, bytes: known.length, sha256: sha256(known) },
      blobs: { count: blobs.length, bytes: blobs.reduce((sum, [, bytes]) => sum + bytes.length, 0) },
    }),
  )
  const members: readonly (readonly [string, Uint8Array])[] = [
    ['manifest.json', Buffer.from(manifestText ?? text)],
    ['answers.jsonl', answers],
    ['facts.jsonl', known],
    ...blobs.map(([name, bytes]) => [`blobs/${name}`, bytes] as const),
  ]
  return Buffer.concat([
    ...members.flatMap(([name, bytes]) => [memberHeader(name, bytes.length), bytes, new Uint8Array(padding(bytes.length))]),
    END,
  ])
}

const line = (record: AnswerRecord): string => JSON.stringify(recordMembers(record))
const absent = (url: string): string => line(absentRecord(url))
const one = line(okRecord('https://example.com/1', ONE))
const oneBlob = [sha256(ONE), ONE] as const

describe('a pack that was forged with right hashes', () => {
  it('is a pack when it keeps to the format', () => {
    expect(problem(forge({}))).toBe('read')
    expect(problem(forge({ lines: [one, absent('https://example.com/2')], blobs: [oneBlob] }))).toBe('read')
  })

  it.each<readonly [string, string, Forged]>([
    ['a line that is no JSON', 'record-invalid', { lines: ['{'] }],
    ['a line that is no object', 'record-invalid', { lines: ['[]'] }],
    ['an empty line', 'record-invalid', { lines: [''] }],
    ['another spelling of a line', 'record-invalid', { lines: [absent('https://example.com/').replace(':', ': ')] }],
    ['a member too many', 'record-invalid', { lines: [absent('https://example.com/').replace('{', '{"x":1,')] }],
    ['a member twice', 'record-invalid', { lines: [absent('https://example.com/').replace('{', '{"outcome":"ok",')] }],
    ['a key twice', 'record-invalid', { lines: [absent('https://example.com/'), absent('https://example.com/')] }],
    ['keys out of order', 'record-invalid', { lines: [absent('https://example.com/b'), absent('https://example.com/a')] }],
    ['a key with a credential', 'record-invalid', { lines: [absent('https://user:pass@example.com/')] }],
    ['a key with a secret', 'record-invalid', { lines: [absent('https://example.com/?token=abcdef')] }],
    ['a key that no question has', 'record-invalid', { lines: [absent('https://EXAMPLE.com/')] }],
    ['a key that is no URL', 'record-invalid', { lines: [absent('example.com')] }],
    ['facts out of order', 'record-invalid', { facts: ['{"fact":"b"}', '{"fact":"a"}'] }],
    ['fewer lines than stated', 'record-invalid', { manifest: (m) => ({ ...m, answers: { ...m.answers, count: 1 } }) }],
    ['an answer without its blob', 'record-invalid', { lines: [one] }],
    [
      'an answer without its blob, by number',
      'layout',
      { lines: [one], manifest: (m) => ({ ...m, blobs: { count: 1, bytes: ONE.length } }) },
    ],
    ['a blob that nothing names', 'record-invalid', { blobs: [oneBlob] }],
    ['a blob under another name', 'layout', { lines: [one], blobs: [['0'.repeat(64), ONE]] }],
    ['a blob of other bytes', 'blob-damaged', { lines: [one], blobs: [[sha256(ONE), Buffer.from('bytes of two')]] }],
    ['a path that leaves', 'layout', { lines: [one], blobs: [['../../etc/passwd', ONE]] }],
    [
      'two lengths of one blob',
      'record-invalid',
      { lines: [one, line(okRecord('https://example.com/2', ONE, { size: 3 }))], blobs: [oneBlob] },
    ],
    [
      'a gigantic answer',
      'too-large',
      {
        lines: [line(okRecord('https://example.com/1', ONE, { size: 2 ** 32 }))],
        blobs: [oneBlob],
        manifest: (m) => ({ ...m, blobs: { count: 1, bytes: 2 ** 32 } }),
      },
    ],
    ['gigantic lines', 'too-large', { manifest: (m) => ({ ...m, answers: { ...m.answers, bytes: 2 ** 31 } }) }],
    ['lines that are not there', 'layout', { manifest: (m) => ({ ...m, answers: { ...m.answers, bytes: 2 ** 26 } }) }],
    ['a later version', 'unknown-version', { manifestText: '{"format":"assay-evidence-pack-2","new":true}' }],
    ['another format', 'not-a-pack', { manifestText: '{"format":"something"}' }],
    ['a manifest of other members', 'record-invalid', { manifestText: seal({ format: 'assay-evidence-pack-1' }) }],
    ['a manifest that is no object', 'manifest-damaged', { manifestText: 'null' }],
  ])('%s is refused: %s', (_, code, forged) => {
    expect(problem(forge(forged))).toBe(code)
  })

  it('that is no UTF-8 is refused: other bytes would read as the same text', () => {
    const record = absentRecord('https://example.com/')
    const text = line({ ...record, key: { ...record.key, accept: '\ufffd' } })
    expect(problem(forge({ lines: [text] }))).toBe('read')
    const bytes = Buffer.from(`${text}\n`)
    const at = bytes.indexOf(Buffer.from('\ufffd'))
    const short = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)])
    const manifest = { count: 1, bytes: short.length, sha256: sha256(short) }
    const whole = forge({ lines: [text], manifest: (m) => ({ ...m, answers: manifest }) })
    const start = whole.indexOf('answers.jsonl')
    const rest = Buffer.concat([memberHeader('facts.jsonl', 0), END])
    const member = Buffer.concat([memberHeader('answers.jsonl', short.length), short, new Uint8Array(padding(short.length))])
    expect(problem(Buffer.concat([whole.subarray(0, start), member, rest]))).toBe('record-invalid')
  })

  it('with a size that is not there takes no memory', () => {
    const header = memberHeader('manifest.json', 1 << 20)
    expect(problem(Buffer.concat([header, Buffer.alloc(100)]))).toBe('truncated')
    expect(problem(Buffer.concat([memberHeader('manifest.json', 2 ** 32), Buffer.alloc(100)]))).toBe('too-large')
  })
})
