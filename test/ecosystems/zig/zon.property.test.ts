import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseZigManifest } from '../../../src/ecosystems/zig/manifest.js'
import { parseZon } from '../../../src/ecosystems/zig/zon.js'
import type { ZonValue } from '../../../src/ecosystems/zig/zon-value.js'

/** A value without places, as a model to print and compare. */
type Model =
  | { kind: 'object'; fields: [string, Model][] }
  | { kind: 'list'; items: Model[] }
  | { kind: 'empty' }
  | { kind: 'string'; text: string; multiline: boolean }
  | { kind: 'bytes'; bytes: number[] }
  | { kind: 'char'; codePoint: number }
  | { kind: 'integer'; value: bigint }
  | { kind: 'float'; value: number }
  | { kind: 'enum'; name: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }

/** Names that can stand bare (the underscore keeps them from being keywords), and names that cannot. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z]\w{0,6}_$/),
  fc.string({ minLength: 1 }).map((text) => text.replaceAll('\0', 'x')),
)

const { model } = fc.letrec<{ model: Model; leaf: Model }>((tie) => ({
  leaf: fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text): Model => ({ kind: 'string', text: text.replaceAll('\0', ''), multiline: false })),
    fc
      .array(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 3 })
      .map((lines): Model => ({ kind: 'string', text: lines.join('\n'), multiline: true })),
    fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes): Model => ({ kind: 'bytes', bytes: [...bytes, 0xff] })),
    fc.integer({ min: 1, max: 0xd7ff }).map((codePoint): Model => ({ kind: 'char', codePoint })),
    fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }).map((value): Model => ({ kind: 'integer', value })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Model => ({ kind: 'float', value })),
    name.map((text): Model => ({ kind: 'enum', name: text })),
    fc.boolean().map((value): Model => ({ kind: 'boolean', value })),
    fc.constant<Model>({ kind: 'null' }),
    fc.constant<Model>({ kind: 'empty' }),
  ),
  model: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('model'), { minLength: 1, maxLength: 4 }).map((items): Model => ({ kind: 'list', items })),
    fc
      .uniqueArray(fc.tuple(name, tie('model')), {
        minLength: 1,
        maxLength: 4,
        selector: ([key]) => key,
      })
      .map((fields): Model => ({ kind: 'object', fields })),
  ),
}))

const gap = fc.constantFrom('', ' ', '\n', '\t', '\r\n', ' // a "comment", .{ in it\n', '//// banner\n')

/** Prints a model with gaps that a list of choices decides. */
function print(value: Model, gaps: readonly string[]): string {
  let next = 0
  const g = (): string => gaps[next++ % gaps.length] ?? ''
  const written = (text: string): string => (/^[a-z_]\w*_$/i.test(text) ? text : `@${quote(text)}`)
  const of = (v: Model): string => {
    switch (v.kind) {
      case 'object':
        return `.${g()}{${g()}${v.fields.map(([key, inner]) => `.${g()}${written(key)}${g()}=${g()}${of(inner)}${g()}`).join(',')}${g()}}`
      case 'list':
        return `.${g()}{${g()}${v.items.map((item) => `${g()}${of(item)}${g()}`).join(',')},${g()}}`
      case 'empty':
        return `.${g()}{${g()}}`
      case 'string':
        return v.multiline
          ? `\n${v.text
              .split('\n')
              .map((line) => `\\\\${line}\n`)
              .join('  ')}`
          : quote(v.text)
      case 'bytes':
        return `"${v.bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`
      case 'char':
        return `'\\u{${v.codePoint.toString(16)}}'`
      case 'integer':
        return v.value < 0n ? `-${g()}${-v.value}` : `0x${v.value.toString(16)}`
      case 'float':
        return printFloat(v.value)
      case 'enum':
        return `.${g()}${written(v.name)}`
      case 'boolean':
        return String(v.value)
      case 'null':
        return 'null'
    }
  }
  return `${g()}${of(value)}${g()}`
}

/** Always with an exponent: without one an integer would come back. */
function printFloat(value: number): string {
  return `${Object.is(value, -0) ? '-' : ''}${value.toExponential()}`
}

function quote(text: string): string {
  return `"${[...text].map((c) => (c === '"' || c === '\\' ? `\\${c}` : c < ' ' || c === '\x7f' ? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}` : c)).join('')}"`
}

function toModel(value: ZonValue): Model {
  switch (value.kind) {
    case 'object':
      return { kind: 'object', fields: value.fields.map(({ name, value: inner }) => [name.text, toModel(inner)]) }
    case 'list':
      return { kind: 'list', items: value.items.map(toModel) }
    case 'string':
      return { kind: 'string', text: value.text, multiline: value.multiline }
    case 'bytes':
      return { kind: 'bytes', bytes: [...value.bytes] }
    case 'char':
      return { kind: 'char', codePoint: value.codePoint }
    case 'enum':
      return { kind: 'enum', name: value.name }
    case 'integer':
      return { kind: 'integer', value: value.value }
    case 'float':
      return { kind: 'float', value: value.value }
    case 'boolean':
      return { kind: 'boolean', value: value.value }
    default:
      return { kind: value.kind }
  }
}

/** Every value lies inside the one that holds it, in order. */
function placesHold(value: ZonValue, from: number, to: number): boolean {
  if (value.start < from || value.end > to || value.start > value.at || value.at >= value.end) return false
  const inner = value.kind === 'object' ? value.fields.map((field) => field.value) : value.kind === 'list' ? value.items : []
  let last = value.start
  return inner.every((one) => placesHold(one, last, value.end) && (last = one.end) > 0)
}

describe('the ZON parser', () => {
  it('reads back what was printed, whatever stands between the tokens', () => {
    fc.assert(
      fc.property(model, fc.array(gap, { minLength: 1, maxLength: 12 }), (value, gaps) => {
        const text = print(value, gaps)
        const { value: read, problems } = parseZon(text)
        expect(problems).toEqual([])
        expect(read === undefined ? undefined : toModel(read)).toEqual(value)
        expect(read !== undefined && placesHold(read, 0, text.length)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('never throws, and gives a value or exactly one reason', () => {
    const token = fc.constantFrom(
      '.',
      '{',
      '}',
      ',',
      '=',
      '"',
      '\\\\',
      "'",
      '@"',
      '//',
      '///',
      '\n',
      '\r',
      '-',
      '0x',
      '1_',
      'true',
      'test',
      ' ',
      '\0',
      '\ud800',
    )
    const soup = fc.array(fc.oneof(token, fc.string({ maxLength: 3 })), { maxLength: 60 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
        const { value, problems } = parseZon(text)
        const fatal = problems.filter(({ code }) => code === 'zon.syntax' || code === 'zon.too-deep')
        expect(fatal.length).toBe(value === undefined ? 1 : 0)
        for (const { start, end } of problems)
          expect(start >= 0 && start <= text.length && end >= 0 && end <= text.length).toBe(true)
        parseZigManifest(text, 'build.zig.zon')
      }),
      { numRuns: 500 },
    )
  })

  it('reports a damaged text or reads another value, and never throws', () => {
    const sound = print(
      {
        kind: 'object',
        fields: [
          ['a_', { kind: 'string', text: 'x"y\\', multiline: false }],
          [
            'b_',
            {
              kind: 'list',
              items: [
                { kind: 'integer', value: 7n },
                { kind: 'enum', name: 'c_' },
              ],
            },
          ],
        ],
      },
      [' '],
    )
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.string({ maxLength: 2 }), (position, instead) => {
        const { value, problems } = parseZon(sound.slice(0, position) + instead + sound.slice(position + 1))
        expect(value !== undefined || problems.length > 0).toBe(true)
      }),
    )
  })

  it('refuses nesting beyond 64 and takes 64', () => {
    const nested = (depth: number): string => `${'.{'.repeat(depth)}1${'}'.repeat(depth)}`
    expect(parseZon(nested(64)).value?.kind).toBe('list')
    expect(parseZon(nested(65)).problems.map((p) => p.code)).toEqual(['zon.too-deep'])
    expect(parseZon('.{'.repeat(500_000)).problems.map((p) => p.code)).toEqual(['zon.too-deep'])
  })

  it.each([
    ['a long string', (n: number) => `"${'\\n'.repeat(n)}"`],
    ['many fields', (n: number) => `.{${Array.from({ length: n / 10 }, (_, i) => `.a${i}=1,`).join('')}}`],
    ['one field many times', (n: number) => `.{${'.a=1,'.repeat(n / 5)}}`],
    ['comments', (n: number) => `${'//\t\n'.repeat(n / 4)}1`],
    ['multiline strings', (n: number) => `${'\\\\x\n//c\n'.repeat(n / 8)}`],
    ['a number', (n: number) => '9'.repeat(n)],
    ['first items that look like fields', (n: number) => `.{${'.{.a '.repeat(60)}${' '.repeat(n)}`],
  ])('takes linear time over %s', (_name, make) => {
    const small = time(() => parseZon(make(200_000)))
    const large = time(() => parseZon(make(1_600_000)))
    // Eight times the text; quadratic time would be 64 times as long.
    expect(large).toBeLessThan(Math.max(small, 10) * 32)
  })
})

function time(work: () => void): number {
  const runs = [0, 1].map(() => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...runs)
}
