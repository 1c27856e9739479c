import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Generation } from '../../../src/ecosystems/nimble/requirement.js'
import { normaliseName, parseRequirements } from '../../../src/ecosystems/nimble/requirement.js'
import type { VersionRange } from '../../../src/ecosystems/nimble/version.js'
import { compareNimVersions, expandRange, formatRange, satisfies } from '../../../src/ecosystems/nimble/version.js'
import { PATIENCE } from '../../support/patience.js'
import { describeShared } from '../../support/shared.js'
import { sharedTable } from './support.js'

type Verdict = readonly { readonly name: string; readonly range: string }[] | { readonly error: true }

/** 0.14.2 prints `^= 1.2` as `^= >= 1.2`. */
function printed(range: VersionRange, generation: Generation): string {
  const text = formatRange(range)
  return generation === '0.14' ? text.replace(/^([\^~]=) /, '$1 >= ') : text
}

/** The string as that generation of nimble would print it, in the words of the vectors. */
function verdict(text: string, generation: Generation): Verdict {
  const results = parseRequirements(text, generation)
  const found: { name: string; range: string }[] = []
  for (const result of results) {
    // A folder is only taken when it is there; on the machine of the vectors /x/y was not.
    if (!result.ok || result.requirement.target === 'path') return { error: true }
    found.push({ name: result.requirement.name, range: printed(result.requirement.range, generation) })
  }
  return found
}

describeShared('vectors/nimble/requires.json', 'requirement strings, each tried with two generations of nimble', () => {
  const { cases, expansions } = sharedTable<{
    cases: { input: string; nimble_0_14_2: Verdict; nimble_0_24_1: Verdict }[]
    expansions: { input: string; lower: string; upper: string }[]
  }>({ cases: [], expansions: [] }, 'vectors', 'nimble', 'requires.json')

  it('are all there', () => expect([cases.length, expansions.length]).toEqual([61, 14]))

  it.each(cases)('$input', ({ input, nimble_0_14_2, nimble_0_24_1 }) => {
    expect(verdict(input, '0.14')).toEqual(nimble_0_14_2)
    expect(verdict(input, '0.24')).toEqual(nimble_0_24_1)
  })

  it.each(expansions)('$input means $lower and $upper', ({ input, lower, upper }) => {
    const [result] = parseRequirements(`x ${input}`)
    const range = result?.ok === true ? result.requirement.range : undefined
    if (range?.kind !== 'caret' && range?.kind !== 'tilde') throw new Error('no caret or tilde')
    const bounds = expandRange(range.kind, range.version)
    expect([`>= ${bounds.lower}`, `< ${bounds.below}`]).toEqual([lower, upper])
  })
})

describe('parseRequirements', () => {
  it.each([
    ['nim >= 1.6', { target: 'toolchain', name: 'nim' }],
    ['https://h/p?subdir=x#head', { target: 'url', name: 'https://h/p?subdir=x', range: { kind: 'special', ref: '#head' } }],
    ['git@h:p.git', { target: 'url' }],
    ['file:///a/b#main', { target: 'path', name: 'file:///a/b#main', range: { kind: 'any' } }],
    ['httpx[tls]', { target: 'package', name: 'httpx', features: ['tls'] }],
    ['alpha>= 1.0', { name: 'alpha>=', suspicion: 'there is no space before ">"' }],
    ['beta@1.0', { name: 'beta@1.0', suspicion: 'it holds "@"' }],
    ['al-pha_b', { name: 'al-pha_b', suspicion: undefined }],
  ])('%s', (text, expected) => {
    expect(parseRequirements(text)[0]).toMatchObject({ ok: true, requirement: expected })
  })

  it('says why it refuses', () => {
    expect(parseRequirements('a >= 1 & < 2 & < 3')[0]).toMatchObject({ ok: false, why: 'it joins more than two ranges' })
    expect(parseRequirements('xy:a/b')[0]).toMatchObject({ ok: false, why: 'xy is no forge that nimble knows' })
    expect(parseRequirements(`a >= 1${'.1'.repeat(200)}`)[0]).toMatchObject({ ok: false })
  })

  it('never throws, and gives one result for every part that is not blank', () => {
    const piece = fc.constantFrom(
      ' ',
      ',',
      '#',
      '>=',
      '<',
      '&',
      '^=',
      '~=',
      '1',
      '.',
      '0',
      'a',
      '[',
      ']',
      ':',
      '//',
      '@',
      '-',
      'gh:',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((p) => p.join('')),
        ),
        fc.constantFrom('0.14', '0.24'),
        (text, generation) => {
          const parts = text.split(',').filter((part) => part.trim() !== '')
          expect(parseRequirements(text, generation)).toHaveLength(parts.length)
        },
      ),
    )
  })

  it('reads what it prints', () => {
    const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((n) => n.join('.'))
    const simple = fc.oneof(
      fc.record({ kind: fc.constant('compare' as const), operator: fc.constantFrom('==', '>', '<', '>=', '<='), version }),
      fc.record({ kind: fc.constantFrom('caret', 'tilde'), version }),
    )
    const range = fc.oneof(simple, fc.record({ kind: fc.constant('and' as const), left: simple, right: simple }))
    fc.assert(
      fc.property(range, (wanted) => {
        expect(parseRequirements(`x ${formatRange(wanted)}`)).toMatchObject([
          { ok: true, requirement: { name: 'x', range: wanted } },
        ])
      }),
    )
  })

  it('is linear', () => {
    const start = performance.now()
    parseRequirements(`a ${'1.'.repeat(200_000)}`)
    parseRequirements(`${' '.repeat(200_000)}#${'&'.repeat(200_000)}`)
    parseRequirements('['.repeat(200_000))
    expect(performance.now() - start).toBeLessThan(1000 * PATIENCE)
  })
})

describe('versions', () => {
  it.each([
    ['1.2', '1.2.0', 0],
    ['1.10', '1.9', 1],
    ['1.0.0-rc1', '1.0.0', -1],
    ['1.0.0-rc.2', '1.0.0-rc.10', -1],
    ['1.0.0+a', '1.0.0+b', 0],
    ['#head', '99', 1],
    ['#main', '0.0.1', -1],
    ['123456789012345678901', '123456789012345678902', -1],
  ])('%s and %s', (a, b, order) => {
    expect(compareNimVersions(a, b)).toBe(order)
    expect(compareNimVersions(b, a)).toBe(order === 0 ? 0 : -order)
  })

  it.each([
    ['x >= 1.0 & < 2.0', '1.9.9', true],
    ['x >= 1.0 & < 2.0', '2.0', false],
    ['x ^= 0.2.3', '0.3.0', false],
    ['x ~= 1.2.3', '1.2.9', true],
    ['x 1.0', '1.0.0', true],
    ['x#head', '#HEAD', true],
    ['x#main', '1.0', false],
    ['x >= 1.0', '#head', true],
    ['x >= 1.0', '#main', false],
    ['x', '#anything', true],
  ])('%s takes %s: %s', (text, version, expected) => {
    const [result] = parseRequirements(text)
    if (result?.ok !== true) throw new Error('refused')
    expect(satisfies(result.requirement.range, version)).toBe(expected)
  })

  it('are ordered totally', () => {
    const version = fc.stringMatching(/^#?[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}(?:-[a-z0-9]{1,3})?$/)
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareNimVersions(a, b)).toBe(0 - compareNimVersions(b, a))
        if (compareNimVersions(a, b) <= 0 && compareNimVersions(b, c) <= 0)
          expect(compareNimVersions(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

it('names are compared without case and underscores', () => {
  expect(normaliseName('Al_Pha')).toBe('alpha')
  expect(normaliseName('al-pha')).toBe('al-pha')
})
