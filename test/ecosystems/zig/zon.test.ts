import { describe, expect, it } from 'vitest'
import { parseZon } from '../../../src/ecosystems/zig/zon.js'

/** The value of a text, without places; the message where it is refused. */
function read(text: string): unknown {
  const { value, problems } = parseZon(text)
  if (value === undefined) return problems.map((p) => `${p.start}: ${p.message}`)
  switch (value.kind) {
    case 'integer':
    case 'float':
    case 'boolean':
      return value.value
    case 'string':
      return value.text
    case 'char':
      return value.codePoint
    case 'enum':
      return `.${value.name}`
    case 'bytes':
      return [...value.bytes]
    default:
      return value.kind
  }
}

describe('literals', () => {
  it.each([
    ['0', 0n],
    ['1_000_000', 1_000_000n],
    ['0xdead_BEEF', 0xdeadbeefn],
    ['0xFFFFFFFFFFFFFFFFFF', 0xffffffffffffffffffn],
    ['0o755', 0o755n],
    ['0b1010_1010', 0b1010_1010n],
    ['-  // minus\n 7', -7n],
    ['1.5e-3', 0.0015],
    ['2E10', 2e10],
    ['0.1_5', 0.15],
    ['0x1p-2', 0.25],
    ['0x1.8p3', 12],
    ['0x1.fffffffffffffp1023', Number.MAX_VALUE],
    ['0x0.0000000000001p-1022', Number.MIN_VALUE],
    ['0x1p99999999999', Number.POSITIVE_INFINITY],
    ['0x0p99', 0],
    ['inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['nan', Number.NaN],
    ['true', true],
    ['null', 'null'],
    ['.{}', 'empty'],
    ['.weird', '.weird'],
    ['. // a dot\n weird', '.weird'],
    ['.@"weird-kind"', '.weird-kind'],
    ["'Z'", 90],
    ["'\\u{20AC}'", 0x20ac],
    ["'😀'", 0x1f600],
    ["'\\''", 39],
    ["'\\xff'", 255],
    ['"a\\x41\\u{1F600}\\n\\t\\\\\\"\\\'"', 'aA😀\n\t\\"\''],
    ['"\\xe2\\x82\\xac"', '€'],
    ['"\\xff"', [255]],
    ['"a\\xff€"', [97, 255, 0xe2, 0x82, 0xac]],
    ['\\\\one\n  // between\n  \\\\two \\n "raw"\r\n', 'one\ntwo \\n "raw"'],
  ])('%j', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it.each([
    ['01', 'a decimal number has no leading zero'],
    ['0_1', 'a decimal number has no leading zero'],
    ['0XFF', 'the prefix of a number is lower-case: 0x, 0o, 0b'],
    ['1__0', '"1__0" is no number'],
    ['1_', '"1_" is no number'],
    ['0b12', '"0b12" is no number'],
    ['0x.8', '"0x.8" is no number'],
    ['1e', '"1e" is no number'],
    ['9'.repeat(5000), 'a number of more than 4096 characters is not read'],
    ['-', 'expected a number after "-"'],
    ['-nan', '"nan" is not data: ZON holds literals alone'],
    ['-.x', 'expected a number after "-"'],
    ['undefined', '"undefined" is not data: ZON holds literals alone'],
    ["''", 'a character literal holds one code point'],
    ["'ab'", 'a character literal holds one code point'],
    ['"a', 'the literal does not end on its line'],
    ['"a\nb"', 'the literal does not end on its line'],
    ['"\\x4"', '\\x takes two hexadecimal digits'],
    ['"\\u{}"', '\\u takes hexadecimal digits in braces'],
    ['"\\u{110000}"', 'the escape is no Unicode scalar value'],
    ['"\\', '\\ is no escape of zig'],
    ['.@""', 'a quoted identifier is UTF-8, not empty and without NUL'],
    ['.@"\\x00"', 'a quoted identifier is UTF-8, not empty and without NUL'],
    ['.@import("x")', 'a builtin call is not data'],
    ['.fn', 'fn is a keyword of zig; write @"fn"'],
    ['.', 'expected a name or "{" after "."'],
    ['.5', 'expected an identifier after "."'],
    ['.{ .a = 1, 2 }', 'expected a field: a struct has no items without a name'],
    ['.{ 1, .a = 2 }', 'a list has no named fields'],
    ['.{ 1 2 }', "expected ',' or '}' after list item"],
    ['.{ .a = 1 + 2 }', 'ZON is data: it cannot hold calls, operators or typed initializers'],
    ['.{ .a = foo(1) }', '"foo" is not data: ZON holds literals alone'],
    ['.{ .a = 1', "expected ',' or '}' after field value"],
    ['.{ .a = 1,', 'expected a field: a struct has no items without a name'],
    ['\\x', 'expected a value, found "\\\\"'],
    ['.{} .{}', 'expected the end of the file'],
    ['// a\x0bb\n1', 'a control character in a comment'],
    ['\\\\a\x0bb', 'a control character in a multiline string'],
    ['\ufeff1', 'expected a value, found "\ufeff"'],
  ])('%j is refused', (text, message) => {
    const { value, problems } = parseZon(text)
    expect([value, problems.map((p) => p.message)]).toEqual([undefined, [message]])
  })
})

describe('what is told beside the value', () => {
  it('a repeated field, at its name, and both values', () => {
    const { value, problems } = parseZon('.{ .a = 1, .@"a" = 2 }')
    expect(problems).toEqual([{ code: 'zon.duplicate-field', message: "duplicate field 'a'", start: 12, end: 16 }])
    expect(value?.kind === 'object' ? value.fields.length : 0).toBe(2)
  })

  it('a lone carriage return, once, also where it hides text in a comment', () => {
    expect(parseZon('.{\r .a = 1,\r}').problems).toMatchObject([{ code: 'zon.bare-cr', start: 2 }])
    expect(parseZon('1 // seen\r.hidden\n').problems).toMatchObject([{ code: 'zon.bare-cr', start: 9 }])
    expect(parseZon('.{\r\n .a = 1, // x\r\n}\r\n').problems).toEqual([])
  })

  it('a keyword of older releases', () => {
    expect(parseZon('.{ .async = 1 }').problems.map((p) => p.code)).toEqual(['zon.retired-keyword'])
  })
})
