import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerKey, keyText } from '../../../src/evidence/store/answer-key.js'
import { readRecord, readStoredRecord, recordMembers } from '../../../src/evidence/store/answer-record.js'
import { cacheFolder } from '../../../src/evidence/store/cache-folder.js'
import { factMembers, readFact } from '../../../src/evidence/store/fact-record.js'
import { parseFields } from '../../../src/evidence/store/fields.js'
import { isFresh, KEEP, timestamp } from '../../../src/evidence/store/keep.js'
import { seal, unseal } from '../../../src/evidence/store/seal.js'
import { AT, absentRecord, anyRecord, okRecord } from './support/records.js'

describe('the key of an answer', () => {
  it('holds no credential and no fragment', () => {
    const keyed = answerKey('https://user:pass@example.com:443/a/../b?x=1#part', 'text/plain')
    expect(keyed).toEqual({ ok: true, key: { url: 'https://example.com/b?x=1', accept: 'text/plain' } })
  })

  it('is that of the URL without an empty fragment', () => {
    expect(answerKey('https://example.com/b#')).toEqual(answerKey('https://example.com/b'))
  })

  it.each(['token', 'X-Amz-Signature', 'access_key', 'key'])('is not written down when the query has a %s', (name) => {
    const one = answerKey(`https://example.com/b?${name}=abcdef`)
    const other = answerKey(`https://example.com/b?${name}=ghijkl`)
    expect(one).toMatchObject({ ok: false, shown: `https://example.com/b?${name}=secret` })
    expect(one).not.toEqual(other)
  })

  it('is not written down when it would have to be cut', () => {
    expect(answerKey(`https://example.com/${'a'.repeat(4000)}`)).toMatchObject({ ok: false })
    expect(answerKey('https://example.com/', 'a'.repeat(1001))).toMatchObject({ ok: false })
  })

  it('with a mark in a list is filed under its hash, whatever the mark is called', () => {
    const page = (token: string): string => `https://example.com/list?nextToken=${token}`
    const one = answerKey(page('a'), '*/*', true)
    const other = answerKey(page('b'), '*/*', true)
    expect([one?.ok, other?.ok]).toEqual([true, true])
    expect(one).not.toEqual(other)
    expect(JSON.stringify(one)).not.toContain('nextToken')
    // What was filed so can be read back.
    if (one?.ok !== true) throw new Error('no key')
    expect(answerKey(one.key.url)).toEqual(one)
    expect(answerKey('https://example.com/list', '*/*', true)).toEqual(answerKey('https://example.com/list'))
  })

  it('does not exist for what is no URL', () => {
    expect(answerKey('example.com')).toBeUndefined()
    expect(answerKey('')).toBeUndefined()
  })

  it('is its own key, and differs with the form asked for', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string(), (url, accept) => {
        const keyed = answerKey(url, accept)
        expect(keyed).toBeDefined()
        if (keyed?.ok !== true) return
        expect(answerKey(keyed.key.url, accept)).toEqual(keyed)
        expect(keyText(keyed.key)).not.toBe(keyText({ url: keyed.key.url, accept: `${accept}x` }))
      }),
    )
  })
})

describe('records', () => {
  it('round trip through their text', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = JSON.stringify(recordMembers(record))
        const fields = parseFields(text)
        const again = fields === undefined ? undefined : readRecord(fields)
        expect(again).toEqual(record)
        expect(again === undefined ? undefined : JSON.stringify(recordMembers(again))).toBe(text)
      }),
    )
  })

  it('of facts too', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (name, size) => {
        const fact = { name, size, sha256: 'a'.repeat(64), at: AT }
        expect(readFact(parseFields(JSON.stringify(factMembers(fact))) ?? new Map())).toEqual(fact)
      }),
    )
  })

  it('are refused whatever a stranger writes, and reading never throws', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const fields = parseFields(text)
        if (fields === undefined) return
        expect(readRecord(fields)).toBeUndefined()
        expect(readFact(fields)).toBeUndefined()
      }),
    )
  })

  const good = parseFields(JSON.stringify(recordMembers(okRecord('https://example.com/a', new Uint8Array([1]))))) ?? new Map()

  it.each([
    ['outcome', 'refused'],
    ['outcome', 'toString'],
    ['url', 'example.com'],
    ['url', `https://example.com/${'a'.repeat(9000)}`],
    ['accept', 7],
    ['status', 404],
    ['status', '200'],
    ['blob', 'A'.repeat(64)],
    ['blob', 'a'.repeat(63)],
    ['size', -1],
    ['size', 1.5],
    ['etag', 5],
    ['etag', 'e'.repeat(600)],
    ['lastModified', null],
    ['signs', [{ code: 'constructor', why: '' }]],
    ['signs', Array.from({ length: 9 }, () => ({ code: 'stale', why: '' }))],
    ['signs', {}],
    ['at', '2026-13-01T10:00:00Z'],
    ['at', '2026-11-01T10:00:00.5Z'],
    ['keep', 'constructor'],
    ['answered', 5],
    ['unconfirmed', 'no'],
    ['unconfirmed', { failure: 'toString', why: '', help: '' }],
    ['unconfirmed', { failure: 'tls-expired', why: 'w'.repeat(2001), help: '' }],
  ])('with a wrong %s are no records (%#)', (name, value) => {
    expect(readRecord(good)).toBeDefined()
    expect(readRecord(new Map([...good, [name, value]]))).toBeUndefined()
  })

  it('of an answer that could not be confirmed are for packs alone', () => {
    const unconfirmed = { failure: 'tls-expired', why: 'w', help: 'h' } as const
    const fields = parseFields(JSON.stringify(recordMembers({ ...absentRecord('https://example.com/'), unconfirmed })))
    expect(readRecord(fields ?? new Map())).toMatchObject({ unconfirmed })
    expect(readStoredRecord(fields ?? new Map())).toBeUndefined()
  })
})

describe('a seal', () => {
  const value = { format: 1, name: 'ä"\\\u0000', list: [1, 2, { x: null }] }

  it('opens to what was sealed', () => {
    const read = unseal(seal(value), 1)
    expect(read.kind === 'ok' ? [...read.fields.keys()] : read.kind).toEqual(['format', 'name', 'list', 'sum'])
  })

  it('does not open when any byte is another or missing', () => {
    const bytes = Buffer.from(seal(value))
    for (let at = 0; at < bytes.length; at += 1) {
      for (const flip of [0x01, 0x20, 0x80]) {
        const other = Buffer.from(bytes)
        other[at] = (other[at] ?? 0) ^ flip
        expect(unseal(other.toString('utf8'), 1).kind, `${at}/${flip}`).not.toBe('ok')
      }
      expect(unseal(bytes.subarray(0, at).toString('utf8'), 1).kind).toBe('damaged')
    }
  })

  it('of another version is told from damage', () => {
    expect(unseal('{"format":2,"anything":[]}', 1).kind).toBe('foreign')
    expect(unseal('{"format":1,"anything":[]}', 1).kind).toBe('damaged')
    expect(unseal('{"anything":[]}', 1).kind).toBe('damaged')
    expect(unseal('[1]', 1).kind).toBe('damaged')
  })
})

describe('how long answers count', () => {
  const at = Date.parse(AT)

  it.each([
    ['for-ever', 'ok', 1e15, true],
    ['for-ever', 'absent', 3_599_999, true],
    ['for-ever', 'absent', 3_600_000, false],
    ['day', 'ok', 86_399_999, true],
    ['day', 'ok', 86_400_000, false],
    ['hour', 'ok', 3_599_999, true],
    ['hour', 'ok', 3_600_000, false],
    ['hour', 'absent', 599_999, true],
    ['hour', 'absent', 600_000, false],
    ['run', 'ok', 0, false],
    ['run', 'absent', 0, false],
  ] as const)('%s, %s, after %d ms: %s', (keep, kind, age, fresh) => {
    expect(isFresh({ kind, at: AT }, keep, at + age)).toBe(fresh)
  })

  it('never when they are of the future', () => {
    for (const keep of ['for-ever', 'day', 'hour', 'run'] as const)
      expect(isFresh({ kind: 'ok', at: AT }, keep, at - 1)).toBe(false)
  })

  it('that something is absent never counts for longer than that it is there', () => {
    for (const { okMs, absentMs } of Object.values(KEEP)) expect(absentMs).toBeLessThanOrEqual(okMs)
  })

  it('is judged by whole seconds', () => {
    expect(timestamp(at + 999)).toBe(AT)
  })
})

describe('the folder of the store', () => {
  it.each([
    ['linux', { HOME: '/home/a' }, '/home/a/.cache/assay'],
    ['linux', { HOME: '/home/a', XDG_CACHE_HOME: '/var/x' }, '/var/x/assay'],
    ['linux', { HOME: '/home/a', XDG_CACHE_HOME: 'relative' }, '/home/a/.cache/assay'],
    ['linux', { HOME: '/home/a', XDG_CACHE_HOME: '' }, '/home/a/.cache/assay'],
    ['freebsd', { HOME: '/home/a' }, '/home/a/.cache/assay'],
    ['linux', { HOME: 'relative' }, undefined],
    ['linux', {}, undefined],
    ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Caches/assay'],
    ['darwin', { HOME: '/Users/a', XDG_CACHE_HOME: '/var/x' }, '/var/x/assay'],
    ['win32', { LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local', HOME: '/home/a' }, 'C:\\Users\\a\\AppData\\Local\\assay\\cache'],
    ['win32', { USERPROFILE: 'C:\\Users\\a' }, 'C:\\Users\\a\\AppData\\Local\\assay\\cache'],
    ['win32', {}, undefined],
    ['linux', { HOME: '/home/a', XDG_CACHE_HOME: '/var/x', ASSAY_CACHE: '/data/c' }, '/data/c'],
    ['win32', { LOCALAPPDATA: 'C:\\L', ASSAY_CACHE: 'D:\\c' }, 'D:\\c'],
    ['linux', { HOME: '/home/a', ASSAY_CACHE: '' }, '/home/a/.cache/assay'],
  ] as const)('on %s with %j is %s', (platform, env, folder) => {
    expect(cacheFolder(env, platform)).toBe(folder)
  })
})
