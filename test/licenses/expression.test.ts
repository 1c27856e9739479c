import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalExpression, parseExpression } from '../../src/licenses/expression.js'
import { formatExpression } from '../../src/licenses/expression-tree.js'
import { listedException, listedId } from '../../src/licenses/list.js'

const CANONICAL: readonly (readonly [string, string])[] = [
  ['MIT', 'MIT'],
  ['mit', 'MIT'],
  ['MIT or Apache-2.0', 'MIT OR Apache-2.0'],
  ['MIT\tOR\n Apache-2.0', 'MIT OR Apache-2.0'],
  ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
  ['Unlicense / mit', 'Unlicense OR MIT'],
  ['MIT OR Apache-2.0 AND ISC', 'MIT OR Apache-2.0 AND ISC'],
  ['(MIT OR Apache-2.0) AND ISC', '(MIT OR Apache-2.0) AND ISC'],
  ['((MIT) AND (ISC AND (0BSD)))', 'MIT AND ISC AND 0BSD'],
  ['(MIT AND ISC) OR 0BSD', 'MIT AND ISC OR 0BSD'],
  ['GPL-2.0+', 'GPL-2.0+'],
  ['gpl-2.0', 'GPL-2.0'],
  ['Apache-2.0 with llvm-exception', 'Apache-2.0 WITH LLVM-exception'],
  ['MIT WITH PCRE2-exception', 'MIT WITH PCRE2-exception'],
  ['LicenseRef-x WITH LLVM-exception', 'LicenseRef-x WITH LLVM-exception'],
  ['MIT WITH AdditionRef-y', 'MIT WITH AdditionRef-y'],
  ['MIT WITH DocumentRef-a:AdditionRef-y', 'MIT WITH DocumentRef-a:AdditionRef-y'],
  ['DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2', 'DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2'],
  ['(Apache-2.0 OR MIT) AND BSD-3-Clause', '(Apache-2.0 OR MIT) AND BSD-3-Clause'],
]

/** Text, and the offset at which it stops being an expression. */
const REFUSED: readonly (readonly [string, number])[] = [
  ['', 0],
  ['   ', 0],
  ['MIT OR', 6],
  ['OR MIT', 0],
  ['MIT Or Apache-2.0', 4],
  ['MIT OrApache-2.0', 4],
  ['MIT ISC', 4],
  ['NONE', 0],
  ['NOASSERTION', 0],
  ['GPL-2.0-only+', 0],
  ['LicenseRef-x+', 0],
  ['licenseref-x', 0],
  ['DocumentRef-a: LicenseRef-x', 0],
  ['(MIT OR ISC) WITH LLVM-exception', 13],
  ['MIT WITH LLVM-exception WITH LLVM-exception', 24],
  ['MIT WITH MIT', 9],
  ['(MIT', 4],
  ['MIT)', 3],
  ['MIT +', 4],
  ['MIT, ISC', 0],
  ['MIT and/or ISC', 4],
  ['SEE LICENSE IN x', 0],
  ['UNLICENSED', 0],
  ['GPL', 0],
  ['MIT/Proprietary', 0],
  ['constructor', 0],
  ['__proto__', 0],
]

describe('SPDX licence expressions', () => {
  it.each(CANONICAL)('%j is %j', (raw, expected) => {
    expect(canonicalExpression(raw)).toBe(expected)
  })

  it.each(REFUSED)('%j is refused at %i', (raw, offset) => {
    const parsed = parseExpression(raw)
    expect(parsed.ok ? parsed.expression : parsed.error.offset).toBe(offset)
    expect(canonicalExpression(raw)).toBeUndefined()
  })

  it('notes spellings that only assay takes', () => {
    const parsed = parseExpression('mit or isc')
    expect(parsed.ok && parsed.notes).toEqual(['mit is spelt MIT', 'or is spelt OR', 'isc is spelt ISC'])
  })

  it('bounds length and nesting', () => {
    expect(parseExpression(`${'('.repeat(64)}MIT${')'.repeat(64)}`).ok).toBe(true)
    expect(parseExpression(`${'('.repeat(65)}MIT${')'.repeat(65)}`)).toMatchObject({ ok: false, error: { offset: 64 } })
    expect(parseExpression('MIT OR '.repeat(100_000))).toMatchObject({ ok: false, error: { offset: 16384 } })
  })

  it('reads back what it writes, with the same meaning', () => {
    const leaf = fc.constantFrom('MIT', 'apache-2.0', 'GPL-2.0+', 'LicenseRef-a.b', 'Apache-2.0 WITH LLVM-exception')
    const { expression } = fc.letrec<{ expression: string; pair: string }>((tie) => ({
      expression: fc.oneof({ depthSize: 'small' }, leaf, tie('pair')),
      pair: fc
        .tuple(tie('expression'), fc.constantFrom('AND', 'OR'), tie('expression'))
        .map(([a, operator, b]) => `(${[bracketed(a), operator, bracketed(b)].join(' ')})`),
    }))
    fc.assert(
      fc.property(expression, (raw) => {
        const first = parseExpression(raw)
        if (!first.ok) throw new Error(first.error.message)
        const again = parseExpression(formatExpression(first.expression))
        expect(again.ok && again.expression).toEqual(first.expression)
      }),
    )
  })

  it('never throws', () => {
    const words = fc.constantFrom('MIT', 'OR', 'and', 'WITH', '(', ')', '+', '/', 'LLVM-exception', 'LicenseRef-', '\u0000', ' ')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((all) => all.join(' ')),
        ),
        (raw) => {
          const parsed = parseExpression(raw)
          expect(parsed.ok || parsed.error.offset <= raw.length).toBe(true)
        },
      ),
    )
  })

  it('knows every listed name in any case', () => {
    expect(listedId('agpl-3.0')).toBe('AGPL-3.0')
    expect(listedId('PCRE2-exception')).toBeUndefined()
    expect(listedException('pcre2-EXCEPTION')).toBe('PCRE2-exception')
  })
})

/** WITH binds to one licence, so a leaf needs none and a pair has its own. */
function bracketed(part: string): string {
  return part.startsWith('(') || part.includes(' WITH ') ? part : `(${part})`
}
