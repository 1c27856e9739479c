import { describe, expect, it } from 'vitest'
import { mirrored, reasonNotToAsk } from '../../src/ecosystems/whom-to-ask.js'

const NONE = { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] } as const
const about = { ecosystem: 'zig', names: ['corp-lib', 'lib'] }

describe('whether a host is asked about a package', () => {
  it.each<readonly [string, Partial<typeof NONE> | Record<string, unknown>, boolean]>([
    ['https://github.com/a/b', {}, true],
    ['no url', {}, false],
    ['https://github.com/a/b', { hosts: ['github.com'] }, true],
    ['https://evil.example/a/b', { hosts: ['github.com'] }, false],
    ['https://x.corp.example/a', { hosts: ['*.corp.example'] }, true],
    // Internal names.
    ['https://github.com/a/b', { internal: ['zig:corp-*'] }, false],
    ['https://github.com/a/b', { internal: ['zig:lib'] }, false],
    ['https://github.com/a/b', { internal: ['cargo:corp-*'] }, true],
    ['https://github.com/a/b', { internal: ['zig:other-*'] }, true],
    ['https://github.com/corp/x', { internal: ['zig:github.com/corp/**'] }, false],
    ['https://github.com/a/b', { internal: ['zig:corp-*'], hosts: ['github.com'] }, false],
    ['https://git.corp.example/a/b', { internal: ['zig:corp-*'] }, false],
    ['https://git.corp.example/a/b', { internal: ['zig:corp-*'], hosts: ['git.corp.example'] }, true],
    ['https://forge.internal/a/b', { internal: ['zig:corp-*'] }, true],
    ['https://forge/a/b', { internal: ['zig:corp-*'] }, true],
    ['http://127.0.0.1:8080/a', { internal: ['zig:corp-*'] }, true],
    ['http://10.1.2.3/a', { internal: ['zig:corp-*'] }, true],
    ['http://11.1.2.3/a', { internal: ['zig:corp-*'] }, false],
    ['http://[2001:db8::1]/a', { internal: ['zig:corp-*'] }, false],
    ['http://[::1]/a', { internal: ['zig:corp-*'] }, true],
    [
      'https://m.example/a',
      { internal: ['zig:corp-*'], mirrors: [{ url: 'https://m.example/', of: 'https://github.com' }] },
      true,
    ],
    ['https://m.example.org/a', { internal: ['zig:corp-*'], mirrors: [{ url: 'https://m.example', of: 'x' }] }, false],
  ])('%s with %o: %s', (url, sources, wanted) => {
    expect(reasonNotToAsk(about, url, { ...NONE, ...sources }) === undefined).toBe(wanted)
  })

  it('is asked at mirrors under the same path', () => {
    const mirrors = [
      { url: 'https://m.example/gh/', of: 'https://github.com' },
      { url: 'https://n.example', of: 'https://github.com/a/' },
      { url: 'https://o.example', of: 'https://git' },
    ]
    expect(mirrored('https://github.com/a/b.tar.gz', mirrors)).toEqual([
      'https://m.example/gh/a/b.tar.gz',
      'https://n.example/b.tar.gz',
    ])
  })
})
