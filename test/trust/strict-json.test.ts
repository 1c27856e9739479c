import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../src/trust/strict-json.js'

const parse = (text: string): unknown => {
  const parsed = parseStrictJson(Buffer.from(text))
  return parsed.ok ? parsed.value : parsed.why
}

describe('parseStrictJson', () => {
  const refused = [
    { name: 'a key twice', text: '{"a":1,"a":2}', why: 'the key "a" stands twice in one object' },
    { name: 'a key twice, once escaped', text: '{"a":1,"\\u0061":2}', why: 'the key "a" stands twice in one object' },
    { name: 'a key twice, deep', text: '[{"x":{"a":1,"b":[{}],"a":2}}]', why: 'the key "a" stands twice in one object' },
    { name: '__proto__ twice', text: '{"__proto__":1,"__proto__":2}', why: 'the key "__proto__" stands twice in one object' },
    { name: 'byte-order mark', text: '\ufeff{}', why: 'it is not valid JSON' },
    { name: 'text after the value', text: '{} {}', why: 'it is not valid JSON' },
    { name: 'comment', text: '{} // x', why: 'it is not valid JSON' },
    { name: 'unfinished string', text: '{"a', why: 'it is not valid JSON' },
    { name: 'key without an object', text: '},"a":1', why: 'it is not valid JSON' },
    { name: 'empty', text: '', why: 'it is not valid JSON' },
    { name: 'too deep', text: '['.repeat(65) + ']'.repeat(65), why: 'it is nested deeper than 64 levels' },
    { name: 'far too deep', text: '['.repeat(1_000_000), why: 'it is nested deeper than 64 levels' },
  ]
  for (const { name, text, why } of refused) it(`refuses: ${name}`, () => expect(parse(text)).toBe(why))

  it('refuses invalid UTF-8 and what is too long', () => {
    expect(parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ ok: false, why: 'it is not valid UTF-8' })
    expect(parseStrictJson(Buffer.from('"long"'), { maxBytes: 5, maxDepth: 1 })).toEqual({
      ok: false,
      why: 'it is longer than 5 bytes',
    })
  })

  const accepted = [
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":"\\"a\\":1,{","b":"}"}',
    '{"":1,"a\\\\":2,"a":3}',
    '["a","a",{"a":["a","a"]}]',
    '['.repeat(64) + ']'.repeat(64),
  ]
  for (const text of accepted) it(`takes ${text.slice(0, 40)}`, () => expect(parse(text)).toEqual(JSON.parse(text)))

  it('agrees with JSON.parse wherever no key repeats', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))
        expect(parse(JSON.stringify(value, null, 2))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('never takes what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(200), fc.string({ maxLength: 2 }), (text, at, damage) => {
        const damaged = text.slice(0, at) + damage + text.slice(at + 1)
        const parsed = parseStrictJson(Buffer.from(damaged))
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(damaged))
      }),
    )
  })
})
