import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../src/policy/nearest.js'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['ab', 'abc', 1],
    ['abc', 'acb', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('%j %j: %d', (a, b, expected) => {
    expect(editDistance(a, b, 10)).toBe(expected)
    expect(editDistance(b, a, 10)).toBe(expected)
  })

  it('gives the limit and one where the words are farther apart', () => {
    expect(editDistance('kitten', 'sitting', 2)).toBe(3)
    expect(editDistance('kitten', 'sitting', 1)).toBe(2)
    expect(editDistance('a', 'a'.repeat(1_000_000), 2)).toBe(3)
  })

  it('agrees with the definition, computed the slow way', () => {
    const slow = (a: string, b: string): number => {
      const d = (i: number, j: number): number => {
        if (i === 0 || j === 0) return i + j
        const same = a[i - 1] === b[j - 1] ? 0 : 1
        const swapped =
          i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? d(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY
        return Math.min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + same, swapped)
      }
      return d(a.length, b.length)
    }
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 7 }), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(slow(a, b), limit + 1))
      }),
      { numRuns: 500 },
    )
  })
})

describe('nearest', () => {
  const known = ['gate', 'rules', 'waiver', 'override', 'fail-on', 'max-warnings']

  it.each([
    ['waivers', 'waiver'],
    ['gaet', 'gate'],
    ['fail_on', 'fail-on'],
    ['failon', 'fail-on'],
    ['max-warning', 'max-warnings'],
    ['overide', 'override'],
    ['rule', 'rules'],
    ['xyzzy', undefined],
    ['', undefined],
    ['g', undefined],
  ])('%j → %j', (word, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })

  it('takes the nearer of two, and the first of two as near', () => {
    expect(nearest('deny', ['dens', 'den', 'deny'])).toBe('deny')
    expect(nearest('dena', ['denb', 'denc'])).toBe('denb')
  })

  it('has nothing to offer of nothing', () => {
    expect(nearest('gate', [])).toBeUndefined()
  })
})
