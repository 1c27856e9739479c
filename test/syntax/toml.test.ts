import IarnaToml from '@iarna/toml'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TomlPath, TomlValue } from '../../src/syntax/toml.js'
import { isTable, parseToml, TomlDate } from '../../src/syntax/toml.js'

function parsed(text: string) {
  const result = parseToml(text, 'a.toml')
  if (!result.ok) throw new Error(result.diagnostic.message)
  return result.document
}

/** The piece of the text a location covers. */
function covered(text: string, path: TomlPath, what: 'key' | 'value' = 'value'): string {
  const at = parsed(text).locate(path, what)
  const lines = text.split('\n')
  if (at.endLine === undefined || at.endColumn === undefined) return ''
  if (at.endLine === at.line) return (lines[at.line - 1] ?? '').slice(at.column - 1, at.endColumn - 1)
  return [
    (lines[at.line - 1] ?? '').slice(at.column - 1),
    ...lines.slice(at.line, at.endLine - 1),
    (lines[at.endLine - 1] ?? '').slice(0, at.endColumn - 1),
  ].join('\n')
}

describe('parseToml', () => {
  it('keeps what a plain object would lose', () => {
    const { value } = parsed('[constructor]\na = 1\n["__proto__"]\nb = 2\n')
    expect(Object.keys(value)).toEqual(['constructor', '__proto__'])
    expect(JSON.stringify(Object.entries(value)[1])).toBe('["__proto__",{"b":2}]')
  })

  it('keeps numbers and dates as they are', () => {
    const { value } = parsed('i = 9223372036854775807\nd = 2026-12-01\nt = 07:32:00\nz = 1979-05-27T00:32:00-07:00\n')
    expect(value['i']).toBe(9223372036854775807n)
    expect(value['d']).toEqual(new TomlDate('date', '2026-12-01'))
    expect(value['t']).toMatchObject({ kind: 'time' })
    expect(value['z']).toEqual(new TomlDate('datetime', '1979-05-27T00:32:00.000-07:00'))
  })

  it('says where it is wrong', () => {
    const result = parseToml('a = 1\nb = = 2\n', 'dir/a.toml', 'input/config-unparseable')
    expect(result).toMatchObject({
      ok: false,
      diagnostic: { code: 'input/config-unparseable', location: { file: 'dir/a.toml', line: 2 } },
    })
    expect(parseToml(`a = ${'['.repeat(5000)}`, 'a.toml').ok).toBe(false)
  })
})

describe('locate', () => {
  const text = [
    'top = "x" # comment',
    '[a."quoted.key"]',
    'b = { c = [1, "t]wo", { d = true }], e.f = 3 }',
    '[[bin]]',
    'name = "one"',
    '[[bin]]',
    'name = "two"',
    '[bin.sub]',
    "lit = 'x'",
    'multi = """',
    'line "" one',
    'two"""',
    '',
  ].join('\n')

  it.each([
    [['top'], '"x"'],
    [['a', 'quoted.key', 'b', 'c', 1], '"t]wo"'],
    [['a', 'quoted.key', 'b', 'c', 2, 'd'], 'true'],
    [['a', 'quoted.key', 'b', 'e', 'f'], '3'],
    [['bin', 0, 'name'], '"one"'],
    [['bin', 1, 'name'], '"two"'],
    [['bin', 1, 'sub', 'lit'], "'x'"],
    [['bin', 1, 'sub', 'multi'], '"""\nline "" one\ntwo"""'],
    [['bin', 1], '[[bin]]'],
  ] satisfies [TomlPath, string][])('%j', (path, expected) => {
    expect(covered(text, path)).toBe(expected)
  })

  it('finds keys, and falls back to the nearest parent', () => {
    expect(covered(text, ['a', 'quoted.key', 'b', 'e'], 'key')).toBe('e')
    expect(covered(text, ['bin', 1, 'absent', 'deeper'])).toBe('[[bin]]')
    expect(parsed(text).locate(['nothing'])).toEqual({ file: 'a.toml', line: 1, column: 1 })
  })
})

/** All paths to scalars of a value. */
function scalars(value: TomlValue, path: TomlPath = []): { path: TomlPath; value: TomlValue }[] {
  if (Array.isArray(value)) return value.flatMap((inner: TomlValue, i) => scalars(inner, [...path, i]))
  if (isTable(value)) return Object.entries(value).flatMap(([key, inner]) => scalars(inner, [...path, key]))
  return [{ path, value }]
}

const key = fc.oneof(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.constantFrom('constructor', 'a.b', ' '),
)
const scalar = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.boolean(),
  fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4),
)
const { table } = fc.letrec<{ table: Record<string, unknown>; value: unknown }>((tie) => ({
  table: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    tie('table'),
    fc.array(scalar, { maxLength: 3 }),
    fc.array(tie('table'), { maxLength: 3 }),
  ),
}))

describe('against a second implementation', () => {
  it('reads what @iarna/toml writes, and every value stands where it says', () => {
    fc.assert(
      fc.property(table, (value) => {
        // @iarna/toml loses a table named `constructor` and refuses arrays of mixed kinds: only what it can write counts.
        const text = IarnaToml.stringify(JSON.parse(JSON.stringify(value)))
        const document = parsed(text)
        for (const { path, value: expected } of scalars(document.value)) {
          const again = parseToml(`v = ${covered(text, path)}\n`, 'v.toml')
          expect(again.ok && again.document.value['v']).toEqual(expected)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('agrees where both accept, and never throws', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '[a]',
        '[[b]]',
        '[a.b]',
        'x = 1',
        'x = "s"',
        "x = 'l'",
        'x = [1, 2]',
        'x = { y = 1 }',
        'a.b.c = true',
        '# c',
        '',
        'x = """',
        '"""',
        'y = 1.5',
      ),
      fc.string({ maxLength: 12 }),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.join('\n')
        const ours = parseToml(text, 'a.toml')
        if (!ours.ok) return
        ours.document.locate(['x'])
        let theirs: unknown
        try {
          theirs = IarnaToml.parse(text)
        } catch {
          return
        }
        expect(JSON.parse(JSON.stringify(ours.document.value, plain))).toEqual(JSON.parse(JSON.stringify(theirs, plain)))
      }),
      { numRuns: 3000 },
    )
  })
})

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
