import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPurl } from '../../src/model/purl.js'
import {
  isListed,
  matchesInternal,
  matchesPattern,
  matchName,
  parseComponentPattern,
  patternOf,
} from '../../src/policy/component-pattern.js'
import { component } from '../support/graphs.js'

const ECOSYSTEMS = { cargo: 'cargo', golang: 'go', zig: 'zig', nim: 'nimble', nimble: 'nimble' } as const
const matches = (pattern: string, name: string, version: string | undefined, ecosystem = 'cargo') =>
  isListed([pattern], component(name, version, { ecosystem, version }))

describe('parseComponentPattern', () => {
  it.each([
    ['', 'it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ['serde', 'it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ['pkg:cargo', 'it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ['pkg:cargo/', 'it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ['PKG:cargo/x', 'it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ['pkg:generic/x', 'the type generic names no single ecosystem; use one of cargo, golang, zig, nim, nimble'],
    ['pkg:github/a/b', 'the type github names no single ecosystem; use one of cargo, golang, zig, nim, nimble'],
    ['pkg:cargo/@1.0.0', 'the name is missing'],
    ['pkg:cargo/x@', '"" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@1.0,', '"" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@^1.0', '"^1.0" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@~1.0', '"~1.0" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@1.*', '"1.*" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@*', '"*" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@!=1.0', '"!=1.0" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@==1.0', '"==1.0" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@<main', '"<main" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@>=1 <2', '">=1 <2" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x@1.0?vcs_url=git', '"1.0?vcs_url=git" is no version and no comparator like <1.2.0'],
    ['pkg:cargo/x?vcs_url=git', 'it must end with the name or the version, without ? and #'],
    ['pkg:golang/e.example/x#sub', 'it must end with the name or the version, without ? and #'],
    ['pkg:cargo/%zz', 'it holds a broken percent-encoding'],
    ['pkg:cargo/x@%zz', '"%zz" is no version and no comparator like <1.2.0'],
  ])('%j is none', (text, why) => {
    expect(parseComponentPattern(text)).toEqual({ ok: false, why })
  })

  it('never throws', () => {
    const part = fc.constantFrom(
      'pkg:',
      'cargo',
      'golang',
      '/',
      '@',
      '<',
      '>=',
      '=',
      ',',
      '1.2',
      'v',
      '*',
      '**',
      '%',
      '%41',
      ' ',
      '\n',
      '#',
      '?',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 12 }).map((parts) => `pkg:cargo/${parts.join('')}`),
        ),
        (text) => {
          const parsed = parseComponentPattern(text)
          if (parsed.ok) expect(parsed.pattern.name).not.toBe('')
          else expect(parsed.why).not.toBe('')
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('takes time in proportion to a long text', () => {
    const long = `pkg:cargo/x@${'1,'.repeat(100_000)}1`
    expect(parseComponentPattern(long).ok).toBe(true)
    expect(matches(`pkg:cargo/${'a*'.repeat(200)}b`, 'a'.repeat(20_000), '1.0.0')).toBe(false)
  })
})

describe('which components a pattern means', () => {
  it.each<readonly [string, string, string | undefined, boolean]>([
    ['pkg:cargo/serde', 'serde', '1.0.0', true],
    ['pkg:cargo/serde', 'serde', undefined, true],
    ['pkg:cargo/serde', 'serde_json', '1.0.0', false],
    ['pkg:cargo/serde', 'Serde', '1.0.0', false],
    ['pkg:cargo/serde*', 'serde_json', '1.0.0', true],
    ['pkg:cargo/*', 'serde', '1.0.0', true],
    ['pkg:cargo/**', 'serde', '1.0.0', true],
    ['pkg:cargo/serde@1.0.0', 'serde', '1.0.0', true],
    ['pkg:cargo/serde@=1.0.0', 'serde', '1.0.0', true],
    ['pkg:cargo/serde@1.0.0', 'serde', '1.0.1', false],
    ['pkg:cargo/serde@1.0.0', 'serde', undefined, false],
    ['pkg:cargo/serde@1.0.0%2Bbuild', 'serde', '1.0.0+build', true],
    ['pkg:cargo/serde@1.0.0+build', 'serde', '1.0.0+build', true],
    ['pkg:cargo/openssl@<0.10.66', 'openssl', '0.10.65', true],
    ['pkg:cargo/openssl@<0.10.66', 'openssl', '0.10.66', false],
    ['pkg:cargo/openssl@<0.10.66', 'openssl', '0.9.99', true],
    ['pkg:cargo/openssl@< 0.10.66', 'openssl', '0.10.65', true],
    ['pkg:cargo/x@>=1.0.0, <2.0.0', 'x', '1.9.9', true],
    ['pkg:cargo/x@>=1.0.0,<2.0.0', 'x', '2.0.0', false],
    ['pkg:cargo/x@>1.0.0', 'x', '1.0.0', false],
    ['pkg:cargo/x@>1.0.0', 'x', '1.0.0-rc.1', false],
    ['pkg:cargo/x@<=1.0.0', 'x', '1.0.0', true],
    ['pkg:cargo/x@<1.0.0', 'x', '1.0.0-rc.1', true],
  ])('%s: %s %s → %s', (pattern, name, version, expected) => {
    expect(matches(pattern, name, version)).toBe(expected)
  })

  it.each<readonly [string, string, string, string, boolean]>([
    ['go', 'pkg:golang/github.com/a/b@v1.2.3', 'github.com/a/b', 'v1.2.3', true],
    ['go', 'pkg:golang/github.com/a/b@1.2.3', 'github.com/a/b', 'v1.2.3', true],
    ['go', 'pkg:golang/github.com/a/*', 'github.com/a/b', 'v1.2.3', true],
    ['go', 'pkg:golang/github.com/a/*', 'github.com/a/b/v2', 'v2.0.0', false],
    ['go', 'pkg:golang/github.com/a/**', 'github.com/a/b/v2', 'v2.0.0', true],
    ['go', 'pkg:golang/github.com/**/v2', 'github.com/a/b/v2', 'v2.0.0', true],
    ['go', 'pkg:golang/example', 'example', 'v0.0.0', true],
    ['cargo', 'pkg:golang/x', 'x', '1.0.0', false],
    ['zig', 'pkg:zig/zlib@<2', 'zlib', '1.3.1', true],
    ['nimble', 'pkg:nim/jester', 'jester', '0.5.0', true],
    ['nimble', 'pkg:nimble/jester@0.5.0', 'jester', '0.5.0', true],
    // A branch has no place in an order; it can only be named.
    ['nimble', 'pkg:nim/jester@#head', 'jester', '#head', true],
    ['nimble', 'pkg:nim/jester@%23head', 'jester', '#head', true],
    ['nimble', 'pkg:nim/jester@#devel', 'jester', '#head', false],
    ['nimble', 'pkg:nim/jester@>=0.1', 'jester', '#head', false],
    ['nimble', 'pkg:nim/jester@<99', 'jester', '#head', false],
  ])('%s %s: %s %s → %s', (ecosystem, pattern, name, version, expected) => {
    expect(matches(pattern, name, version, ecosystem)).toBe(expected)
  })

  it('the package URL of a component means that component', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/)
    const version = fc.stringMatching(/^\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[a-z]{1,3}\.\d)?(?:\+[a-z0-9]{1,4})?$/)
    fc.assert(
      fc.property(
        fc.constantFrom('cargo', 'golang', 'nim', 'zig'),
        fc.array(word, { minLength: 1, maxLength: 3 }),
        version,
        (type, segments, v) => {
          const names = type === 'golang' ? segments : segments.slice(0, 1)
          const purl = formatPurl({ type, namespace: names.slice(0, -1).join('/'), name: names.at(-1) ?? '', version: v })
          expect(matches(purl ?? '', names.join('/'), v, ECOSYSTEMS[type])).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('a list means what one of its patterns means, and what is no pattern means nothing', () => {
    expect(isListed(['nonsense', 'pkg:cargo/a', 'pkg:cargo/serde'], component('serde'))).toBe(true)
    expect(isListed(['nonsense', 'serde'], component('serde'))).toBe(false)
    expect(isListed([], component('serde'))).toBe(false)
  })
})

describe('matchName', () => {
  it.each([
    ['*.corp.example', 'git.corp.example', true],
    ['*.corp.example', 'corp.example', false],
    ['*.corp.example', 'git.corp.example.evil', false],
    ['corp.example/**', 'corp.example', true],
    ['corp.example/**', 'corp.example/a/b', true],
    ['corp.example/**', 'corp.example.evil/a', false],
    ['corp-*', 'corp-a/b', false],
  ])('%s %s → %s', (pattern, name, expected) => {
    expect(matchName(pattern, name)).toBe(expected)
  })
})

describe('matchesInternal', () => {
  it.each([
    ['cargo:corp-*', 'cargo', 'corp-auth', true],
    ['cargo:corp-*', 'nimble', 'corp-auth', false],
    ['cargo:corp-*', 'cargo', 'mycorp-auth', false],
    ['go:corp.example/**', 'go', 'corp.example/a/b', true],
    ['go:corp.example/**', 'go', 'corp.example.evil/a', false],
    ['corp-*', 'cargo', 'corp-auth', false],
    [':corp-*', 'cargo', 'corp-auth', false],
  ])('%s: %s %s → %s', (pattern, ecosystem, name, expected) => {
    expect(matchesInternal(pattern, component(name, '1.0.0', { ecosystem }))).toBe(expected)
  })
})

describe('the pattern of a component', () => {
  it('means that component in that version, whatever stands in its name', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('cargo', 'go', 'zig', 'nimble'),
        fc.stringMatching(/^["-)+->@-Z^-z|~]{1,12}$/),
        fc.option(fc.stringMatching(/^[0-9][0-9A-Za-z.+-]{0,10}$/), { nil: undefined }),
        (ecosystem, name, version) => {
          const one = { ...component(name, version ?? '1'), ecosystem, version }
          const parsed = parseComponentPattern(patternOf(one) ?? '')
          if (!parsed.ok) throw new Error(parsed.why)
          expect(matchesPattern(parsed.pattern, one)).toBe(true)
          expect(matchesPattern(parsed.pattern, { ...one, name: `${name}x` })).toBe(false)
        },
      ),
    )
  })

  it('is none where a pattern would mean more', () => {
    expect(patternOf({ ...component('a'), ecosystem: 'other' })).toBeUndefined()
    expect(patternOf(component('*'))).toBeUndefined()
  })
})
