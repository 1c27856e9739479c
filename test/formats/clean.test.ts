import { describe, expect, it } from 'vitest'
import {
  clean,
  cleanLines,
  cleanProse,
  isClean,
  publicRepository,
  publicSource,
  publicUrl,
  webUrl,
  withheldPart,
} from '../../src/formats/clean.js'
import { safeJson } from '../../src/formats/json-element.js'
import { LeftOutList } from '../../src/formats/left-out.js'
import { isMail, partyText, splitPerson } from '../../src/formats/people.js'
import { PATIENCE } from '../support/patience.js'

describe('text of a stranger in a document', () => {
  it.each([
    ['a\u0000b', 'a\\u0000b'],
    ['\u001b[31m', '\\u001b[31m'],
    ['\u007f\u0085\u009b', '\\u007f\\u0085\\u009b'],
    ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['\ud800', '\\ud800'],
    ['\udc00a', '\\udc00a'],
    ['😀', '😀'],
    ['ö漢', 'ö漢'],
    ['plain ~', 'plain ~'],
    ['a\nb', 'a\\u000ab'],
  ])('%j is written %j', (text, written) => {
    expect(clean(text)).toBe(written)
    expect(isClean(text)).toBe(text === written)
    expect(clean(written)).toBe(written)
  })

  it('keeps the lines of a text and joins those of prose', () => {
    expect(cleanLines('a\r\nb\rc\n\td\u0007')).toBe('a\nb\nc\n\td\\u0007')
    expect(cleanProse('  a\n\t b\u0007 ')).toBe('a b\\u0007')
  })

  it('stands in JSON without a character that acts, as the same value', () => {
    const value = { 'k\u202e': 'a\u009b\u2028\u200b\ufeff\u{e0041}ö😀' }
    const text = safeJson(JSON.stringify(value))
    expect(JSON.parse(text)).toEqual(value)
    expect(text).toBe('{"k\\u202e":"a\\u009b\\u2028\\u200b\\ufeff\\udb40\\udc41ö😀"}')
  })
})

describe('URLs', () => {
  it.each([
    ['https://user:pw@h.example/a?t=1#f', 'https://h.example/a'],
    ['git@h.example:o/r.git', 'ssh://h.example/o/r.git'],
    ['HTTPS://H.example', 'https://h.example/'],
    ['no url', undefined],
  ])('%s is public as %s', (url, expected) => {
    expect(publicUrl(url)).toBe(expected)
  })

  it.each([
    ['https://h.example/r', 'https://h.example/r'],
    ['svn+ssh://h.example/r', 'svn+ssh://h.example/r'],
    ['file:///home/me/r', undefined],
    ['C:/r', undefined],
    ['ssh:////r', undefined],
    ['/srv/r', undefined],
  ])('a repository %s is public as %s', (url, expected) => {
    expect(publicRepository(url)).toBe(expected)
  })

  it.each([
    ['http://h.example/', 'http://h.example/'],
    ['ssh://h.example/', undefined],
    ['javascript:alert(1)', undefined],
    [undefined, undefined],
  ])('%s of the web is %s', (url, expected) => {
    expect(webUrl(url)).toBe(expected)
  })

  it.each([
    ['https://h.example/a', undefined],
    ['https://u@h.example/a', 'user name or password'],
    ['https://:p@h.example/a', 'user name or password'],
    ['https://h.example/a?b', 'query'],
    ['https://u:p@h.example/a?b', 'user name or password and query'],
    ['git@h.example:a', 'user name'],
    ['what@is?this', 'the whole URL'],
    ['../a', undefined],
  ])('of %s is withheld: %s', (url, expected) => {
    expect(withheldPart({ kind: 'archive', url })).toBe(expected)
    const shown = publicSource({ kind: 'archive', url })
    expect(shown).toMatchObject({ url: expect.not.stringMatching(/[@?]/) })
  })

  it('leaves other sources as they are', () => {
    for (const source of [
      { kind: 'path', path: 'a?b@c', outside: true },
      { kind: 'toolchain' },
      { kind: 'unknown', why: '?' },
    ] as const) {
      expect(publicSource(source)).toEqual(source)
      expect(withheldPart(source)).toBeUndefined()
    }
  })
})

describe('people', () => {
  it.each([
    ['A B <a@example.org>', { name: 'A B', email: 'a@example.org' }],
    ['A B', { name: 'A B' }],
    ['<a@example.org>', { name: '<a@example.org>' }],
    [' A <not a mail> ', { name: 'A <not a mail>' }],
    ['A <a@example.org> and others', { name: 'A <a@example.org> and others' }],
    ['A <B> <a@example.org>', { name: 'A <B>', email: 'a@example.org' }],
    ['A\u0007 <a@example.org>', { name: 'A\\u0007', email: 'a@example.org' }],
  ])('%j is %j', (text, person) => {
    expect(splitPerson(text)).toEqual(person)
  })

  it('takes linear time for a long author', () => {
    const started = performance.now()
    for (const piece of [' ', '<', '>', '@', 'a@']) splitPerson(`A ${piece.repeat(200_000)}`)
    expect(performance.now() - started).toBeLessThan(1000 * PATIENCE)
  })

  it.each(['a@example.org', 'a.b+c@mail.example.org', 'A_1@x-y.example'])('%s is a mail address', (text) => {
    expect(isMail(text)).toBe(true)
  })
  it.each([
    '',
    'a',
    'a@b',
    '@b.example',
    'a@.example',
    'a@b..example',
    'a..b@c.example',
    'a.@b.example',
    'a@-b.example',
    'a@b-.example',
    'a@b.example.',
    'a b@c.example',
    '"a"@b.example',
    `${'a'.repeat(250)}@b.example`,
  ])('%s is none', (text) => {
    expect(isMail(text)).toBe(false)
  })

  it('is written as SPDX does', () => {
    expect(partyText({ name: ' A ', email: 'a@example.org' })).toBe('A (a@example.org)')
    expect(partyText({ name: 'A' })).toBe('A')
  })
})

describe('what is left out', () => {
  it('is one line a kind of thing, with the first and a count', () => {
    const list = new LeftOutList()
    for (const subject of ['a', 'b', 'c']) list.add({ subject, what: 'lines', why: 'no place' })
    list.add({ subject: 'd', what: 'lines', why: 'another reason' })
    expect(list.list()).toEqual([
      { subject: 'a and 2 more', what: 'lines', why: 'no place' },
      { subject: 'd', what: 'lines', why: 'another reason' },
    ])
  })
})
