import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonNode, JsonOptions } from '../../src/syntax/json.js'
import { parseJson } from '../../src/syntax/json.js'

const OPTIONS: JsonOptions = { code: 'input/lock-unparseable', help: 'Regenerate it.' }
const LENIENT: JsonOptions = { ...OPTIONS, lenient: true }

function read(text: string, options = OPTIONS) {
  const result = parseJson(text, 'a.json', options)
  if (!result.ok) throw new Error(result.diagnostic.message)
  return result.document
}

/** The value as `JSON.parse` would have it. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'null':
      return null
    case 'number':
      return Number(node.text)
    case 'boolean':
    case 'string':
      return node.value
    case 'array':
      return node.items.map(plain)
    case 'object': {
      const entries = [...node.members].map(([key, member]): [string, unknown] => [key, plain(member.value)])
      return Object.fromEntries(entries)
    }
  }
}

function refusal(text: string, options = OPTIONS): { why: string; line: number; column: number } | undefined {
  const result = parseJson(text, 'a.json', options)
  if (result.ok) return undefined
  const { message, location } = result.diagnostic
  return { why: message.replace('a.json is not readable as JSON: ', ''), line: location.line, column: location.column }
}

describe('parseJson', () => {
  it('says where every key and value stands', () => {
    const text = '{\n  "a": [1, "two"],\n  "b\\u0063": null\n}'
    const document = read(text)
    if (document.root.kind !== 'object') throw new Error('no object')
    const list = document.root.members.get('a')
    const word = list?.value.kind === 'array' ? list.value.items[1] : undefined
    const other = document.root.members.get('bc')
    if (list === undefined || word === undefined || other === undefined) throw new Error('a member is missing')
    expect(document.locate(list.key)).toEqual({ file: 'a.json', line: 2, column: 3, endLine: 2, endColumn: 6 })
    expect(document.locate(word)).toEqual({ file: 'a.json', line: 2, column: 12, endLine: 2, endColumn: 17 })
    expect(document.locate(other.value)).toEqual({ file: 'a.json', line: 3, column: 14, endLine: 3, endColumn: 18 })
    expect(text.slice(other.key.start, other.key.end)).toBe('"b\\u0063"')
  })

  it('keeps numbers as they are written', () => {
    expect(read('123456789012345678901234567890').root).toMatchObject({ kind: 'number', text: '123456789012345678901234567890' })
    expect(read(' -0.10E+400 ').root).toMatchObject({ kind: 'number', text: '-0.10E+400' })
  })

  it('keeps keys that a plain object would lose, and lists those that stand twice', () => {
    const { root, duplicates } = read('{"__proto__": 1, "x": [{"k": 1, "\\u006b": 2}]}')
    expect(root.kind === 'object' ? [...root.members.keys()] : []).toEqual(['__proto__', 'x'])
    expect(duplicates).toEqual([{ key: 'k', path: ['x', 0, 'k'], first: { start: 24, end: 27 }, again: { start: 32, end: 40 } }])
    expect(plain(read('{"k": 1, "k": 2}').root)).toEqual({ k: 2 })
  })

  it.each([
    ['', 'it ends where a value must stand', 1, 1],
    ['{"a": 1,\n}', 'a comma stands before the }', 1, 8],
    ['[1,]', 'a comma stands before the ]', 1, 3],
    ['[1 2]', 'a comma or a ] must stand here', 1, 4],
    ['[1', 'it ends before a ]', 1, 3],
    ['{"a"}', 'a colon must stand here', 1, 5],
    ['{a: 1}', 'a key in double quotes must stand here', 1, 2],
    ['{"a": }', 'no value begins like this', 1, 7],
    ['"a\nb"', 'a control character stands in a string', 1, 3],
    ['"abc', 'a string has no end', 1, 1],
    ['"\\x"', 'a string holds an escape that JSON does not have', 1, 2],
    ['01', 'something follows after the end of the value', 1, 2],
    ['+1', 'no value begins like this', 1, 1],
    ['nul', 'no value begins like this', 1, 1],
    ['// x\n1', 'JSON has no comments', 1, 1],
    ['1 / 2', 'no value begins like this', 1, 3],
    ['\ufeff1', 'no value begins like this', 1, 1],
  ])('refuses %j', (text, why, line, column) => {
    expect(refusal(text)).toEqual({ why, line, column })
  })

  it('lists what it accepts beyond the standard when asked to', () => {
    const document = read('// one\n{"a": [1, /* two */ 2,],}\n', LENIENT)
    expect(plain(document.root)).toEqual({ a: [1, 2] })
    expect(document.departures.map(({ kind, start }) => [kind, start])).toEqual([
      ['comment', 0],
      ['comment', 17],
      ['trailing-comma', 28],
      ['trailing-comma', 30],
    ])
    expect(refusal('[,]', LENIENT)?.why).toBe('no value begins like this')
    expect(refusal('[1,,2]', LENIENT)?.why).toBe('no value begins like this')
    expect(refusal('1 /* x', LENIENT)?.why).toBe('a comment has no end')
  })

  it('is bounded in depth and count', () => {
    expect(refusal('['.repeat(1_000_000))).toEqual({ why: 'it is nested deeper than 128 levels', line: 1, column: 129 })
    expect(refusal(`${'['.repeat(128)}${']'.repeat(128)}`)).toBeUndefined()
    expect(refusal('[1, 2, 3]', { ...OPTIONS, maxValues: 3 })).toEqual({ why: 'it holds more than 3 values', line: 1, column: 8 })
  })

  it('agrees with JSON.parse on what JSON is and what it means', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1, 2), (text, indent) => {
        const value: unknown = JSON.parse(text)
        const again = JSON.stringify(value, null, indent)
        expect(plain(read(again).root)).toEqual(value)
      }),
    )
  })

  it('agrees with JSON.parse about damaged texts', () => {
    const damaged = fc
      .tuple(
        fc.json({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom('', '"', ',', ']', '{', '\\', '0', 'e', '-', ' ', '\n', ':', '\ud800'),
      )
      .map(([text, at, piece]) => {
        const where = at % (text.length + 1)
        return text.slice(0, where) + piece + text.slice(where + 1)
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string()), (text) => {
        let expected: { value: unknown } | undefined
        try {
          expected = { value: JSON.parse(text) }
        } catch {
          expected = undefined
        }
        const result = parseJson(text, 'a.json', OPTIONS)
        expect(result.ok ? { value: plain(result.document.root) } : undefined).toEqual(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('places every value on text that reads back as that value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const walk = (node: JsonNode): void => {
          const value: unknown = JSON.parse(text.slice(node.start, node.end))
          expect(value).toEqual(plain(node))
          if (node.kind === 'array') node.items.forEach(walk)
          if (node.kind === 'object') for (const member of node.members.values()) walk(member.value)
        }
        walk(read(text).root)
      }),
    )
  })
})
