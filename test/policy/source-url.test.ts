import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareRegistryUrl, hostOf, isBelowOrg, isLocalHost, isPlainTransport } from '../../src/policy/source-url.js'

describe('hostOf', () => {
  it.each([
    ['https://github.com/a/b', 'github.com'],
    ['https://user:pw@GitHub.com.:443/a', 'github.com'],
    ['git+https://codeberg.org/a/b', 'codeberg.org'],
    ['sparse+https://index.example/', 'index.example'],
    ['ssh://git@git.example:22/a', 'git.example'],
    ['git@git.example:a/b.git', 'git.example'],
    ['git.example:a/b.git', 'git.example'],
    ['https://[2001:db8::1]:8443/x', '2001:db8::1'],
    ['https://0x7f.1/x', '127.0.0.1'],
    ['file:///srv/git/x', undefined],
    ['C:\\git\\x', undefined],
    ['../sibling', undefined],
    ['', undefined],
    ['https://', undefined],
  ])('%s → %s', (url, expected) => {
    expect(hostOf(url)).toBe(expected)
  })
})

describe('isLocalHost', () => {
  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['::1', true],
    ['localhost', true],
    ['a.localhost', true],
    ['nas.local', true],
    ['gitserver', true],
    ['git.example.com', false],
    ['local.example.com', false],
    ['1.2.3.4.example.com', false],
  ])('%s → %s', (host, expected) => {
    expect(isLocalHost(host)).toBe(expected)
  })
})

describe('a URL', () => {
  it.each([
    ['https://index.crates.io/', 'https://index.crates.io'],
    ['sparse+https://index.crates.io', 'https://index.crates.io'],
    ['https://github.com/rust-lang/crates.io-index', 'https://github.com/rust-lang/crates.io-index'],
  ])('of a registry has one form: %s', (url, expected) => {
    expect(bareRegistryUrl(url)).toBe(expected)
  })

  it('is read without ever throwing', () => {
    const part = fc.constantFrom(
      'http',
      'https',
      'git',
      'ssh',
      '+',
      '://',
      ':',
      '@',
      '/',
      '..',
      '.',
      '%2e',
      '[',
      ']',
      'a.example',
      '\\',
      '?',
      '#',
      ' ',
      '\u0000',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.array(part, { maxLength: 10 }).map((parts) => parts.join('')),
        ),
        (url) => {
          const host = hostOf(url)
          expect(host === undefined || host.length > 0).toBe(true)
          expect(typeof isPlainTransport(url)).toBe('boolean')
          // What lies below one organisation lies below no other, however it is written.
          expect(isBelowOrg(url, 'github.com/ours') && isBelowOrg(url, 'github.com/theirs')).toBe(false)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('below an organisation stays below it when dot segments are resolved', () => {
    const segment = fc.constantFrom('ours', 'theirs', '..', '.', '%2e%2e', '%2E.', 'x', '')
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const url = `https://github.com/${segments.join('/')}`
        if (isBelowOrg(url, 'github.com/ours')) expect(new URL(url).pathname.split('/')[1]).toBe('ours')
      }),
      { numRuns: 2000 },
    )
  })
})
