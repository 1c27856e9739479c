import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { readTrustedRoots } from '../../../src/trust/sigstore/trusted-root.js'
import { SigstoreInstance } from '../support/sigstore-instance.js'

let json: Record<string, unknown>

beforeAll(async () => {
  json = (await SigstoreInstance.start()).rootJson()
})

const read = (text: string): string[] | string => {
  const roots = readTrustedRoots('roots.jsonl', Buffer.from(text))
  return roots.ok ? roots.roots.map(({ name }) => name) : roots.why
}

/** The root with one value changed at a path. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const copy = JSON.parse(JSON.stringify(json))
  const holder = path.slice(0, -1).reduce((object, key) => object[key], copy)
  holder[path.at(-1) ?? ''] = value
  return JSON.stringify(copy)
}

describe('readTrustedRoots', () => {
  it('one object, in one line or many', () => {
    expect(read(JSON.stringify(json))).toEqual(['roots.jsonl'])
    expect(read(`${JSON.stringify(json, null, 2)}\n`)).toEqual(['roots.jsonl'])
  })

  it('one root a line, empty lines aside', () => {
    const line = JSON.stringify(json)
    expect(read(`${line}\n\r\n${line}\n`)).toEqual(['roots.jsonl:1', 'roots.jsonl:3'])
  })

  it('says what it is: hash of its text, thresholds of its kind', () => {
    const text = JSON.stringify(json)
    const roots = readTrustedRoots('r', Buffer.from(text))
    expect(roots).toMatchObject({
      ok: true,
      roots: [{ sha256: createHash('sha256').update(text).digest('hex'), thresholds: { log: 1, sct: 1, time: 1 } }],
    })
  })

  it('GitHub’s own instance has no log; any other without a log still demands one', () => {
    const authorities = [{ subject: { organization: 'GitHub, Inc.' }, validFor: { start: '2023-01-01T00:00:00Z' } }]
    const github = { ...json, tlogs: [], ctlogs: [], certificateAuthorities: authorities }
    const thresholds = (root: object): unknown => {
      const roots = readTrustedRoots('r', Buffer.from(JSON.stringify(root)))
      return roots.ok ? roots.roots[0]?.thresholds : roots.why
    }
    expect(thresholds(github)).toEqual({ log: 0, sct: 0, time: 1 })
    expect(thresholds({ ...json, tlogs: [], ctlogs: [] })).toEqual({ log: 1, sct: 1, time: 1 })
    expect(thresholds({ ...github, timestampAuthorities: [] })).toEqual({ log: 1, sct: 1, time: 1 })
    expect(thresholds({ ...github, tlogs: json['tlogs'] })).toEqual({ log: 1, sct: 1, time: 1 })
  })

  it('a key id of four bytes beside the log id is dropped', () => {
    const roots = readTrustedRoots('r', Buffer.from(changed(['tlogs', 0, 'checkpointKeyId'], { keyId: 'AAAAAA==' })))
    expect(roots.ok && JSON.stringify(roots.roots[0]?.json)).not.toContain('checkpointKeyId')
  })

  const WINDOW = 'the key of a log does not say from when on it is valid'
  const AUTHORITY = 'an authority does not say from when on it is valid'
  const refused: readonly { name: string; path: readonly (string | number)[]; value: unknown; why: string }[] = [
    {
      name: 'unknown media type',
      path: ['mediaType'],
      value: 'application/json',
      why: 'its media type is none of a known version',
    },
    { name: 'log without window', path: ['tlogs', 0, 'publicKey', 'validFor'], value: undefined, why: WINDOW },
    {
      name: 'log without start',
      path: ['tlogs', 0, 'publicKey', 'validFor'],
      value: { end: '2030-01-01T00:00:00Z' },
      why: WINDOW,
    },
    { name: 'certificate log without start', path: ['ctlogs', 0, 'publicKey', 'validFor', 'start'], value: null, why: WINDOW },
    { name: 'start that is no time', path: ['tlogs', 0, 'publicKey', 'validFor', 'start'], value: 'yesterday', why: WINDOW },
    { name: 'end that is no time', path: ['tlogs', 0, 'publicKey', 'validFor', 'end'], value: '', why: WINDOW },
    { name: 'log without id', path: ['tlogs', 0, 'logId'], value: {}, why: 'a log has no id' },
    { name: 'authority without window', path: ['certificateAuthorities', 0, 'validFor'], value: {}, why: AUTHORITY },
    { name: 'timestamp authority without window', path: ['timestampAuthorities', 0, 'validFor'], value: null, why: AUTHORITY },
    {
      name: 'list that is none',
      path: ['tlogs'],
      value: {},
      why: 'a list of logs or authorities is no list of at most 64 objects',
    },
    {
      name: 'list of nothing',
      path: ['tlogs'],
      value: [null],
      why: 'a list of logs or authorities is no list of at most 64 objects',
    },
  ]
  for (const { name, path, value, why } of refused) {
    it(`refuses: ${name}`, () => expect(read(changed(path, value))).toBe(`roots.jsonl is no trusted root: ${why}`))
  }

  it('names the line that is no root', () => {
    expect(read(`${JSON.stringify(json)}\n{}\n`)).toBe(
      'roots.jsonl:2 is no trusted root: its media type is none of a known version',
    )
    expect(read('not JSON')).toBe('roots.jsonl is no trusted root: it is not valid JSON')
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof read(text) === 'string'))
  })
})
