import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zigPurl } from '../../../src/ecosystems/zig/purl.js'
import type { ZigUrl } from '../../../src/ecosystems/zig/url.js'
import { readZigUrl } from '../../../src/ecosystems/zig/url.js'
import { parsePurl } from '../../../src/model/purl.js'

const COMMIT = 'b39fe07e7fdbcf56e43ba2890b9f484f16969f90'

/** Owner, repository and reference in one line. */
function forgeOf(text: string): string | undefined {
  const { url } = readZigUrl(text)
  if (url.kind !== 'archive' && url.kind !== 'git') return url.kind
  const { forge } = url
  return (
    forge &&
    `${forge.host} ${forge.owner ?? '-'} ${forge.repository ?? '-'} ${forge.ref?.kind ?? 'none'} ${forge.ref?.value ?? ''}`
  )
}

describe('forms of code hosts', () => {
  it.each([
    [`https://github.com/o/r/archive/${COMMIT}.tar.gz`, `github.com o r commit ${COMMIT}`],
    ['https://github.com/o/r/archive/refs/tags/v1.0.tar.gz', 'github.com o r tag v1.0'],
    ['https://github.com/o/r/archive/refs/heads/topic/x.tar.gz', 'github.com o r moving topic/x'],
    ['https://github.com/o/r/archive/v1.0.zip', 'github.com o r name v1.0'],
    ['https://github.com/o/r/archive/master.tar.gz', 'github.com o r moving master'],
    ['https://github.com/o/r/archive/refs/tags/nightly.tar.gz', 'github.com o r moving nightly'],
    ['https://github.com/o/r/releases/download/v2/r.tar.gz', 'github.com o r tag v2'],
    ['https://github.com/o/r/releases/download/latest/r.tar.gz', 'github.com o r moving latest'],
    ['https://github.com/o/r/releases/latest/download/r.tar.gz', 'github.com o r moving latest'],
    [`https://codeload.github.com/o/r/tar.gz/${COMMIT}`, `github.com o r commit ${COMMIT}`],
    ['https://codeload.github.com/o/r/tar.gz/refs/heads/x', 'github.com o r moving x'],
    ['https://api.github.com/repos/o/r/tarball/v1', 'github.com o r name v1'],
    ['https://api.github.com/repos/o/r/tarball', 'github.com o r moving the default branch'],
    ['https://raw.githubusercontent.com/o/r/main/x.tar.gz', 'github.com o r moving main'],
    ['https://raw.githubusercontent.com/o/r/refs/tags/v1/x.tar.gz', 'github.com o r tag v1'],
    [`https://gitlab.com/o/r/-/archive/${COMMIT}/r-${COMMIT}.tar.gz`, `gitlab.com o r commit ${COMMIT}`],
    ['https://gitlab.com/group/sub/r/-/archive/v1/r-v1.tar.gz', 'gitlab.com - - name v1'],
    ['https://gitlab.com/api/v4/projects/1/repository/archive.tar.gz?sha=v1', 'gitlab.com - - name v1'],
    ['https://gitlab.com/api/v4/projects/1/repository/archive.tar.gz', 'gitlab.com - - moving the default branch'],
    ['https://codeberg.org/o/r/archive/main.tar.gz', 'codeberg.org o r moving main'],
    ['https://git.sr.ht/~o/r/archive/v1.tar.gz', 'git.sr.ht ~o r name v1'],
    ['https://bitbucket.org/o/r/get/v1.tar.gz', 'bitbucket.org o r name v1'],
    ['https://example.org/dist/r-latest.tar.gz', 'example.org - - moving latest'],
    ['https://example.org/refs/heads/main/r.tar.gz', 'example.org - - moving main/r'],
    ['https://example.org/dist/latestage-1.0.tar.gz', undefined],
    ['https://example.org/dist/r-1.0.tar.gz', undefined],
    [`git+https://github.com/o/r.git?ref=v1#${COMMIT}`, `github.com o r commit ${COMMIT}`],
    ['git+https://github.com/o/r#refs/tags/v1', 'github.com o r tag v1'],
    ['git+https://github.com/o/r', 'github.com o r none '],
    ['git+https://gitlab.com/group/sub/r#v1', 'gitlab.com - - name v1'],
    ['file:../x.tar.gz', 'file'],
    ['git@github.com:o/r', 'unsupported'],
    ['q', 'unsupported'],
    ['https:///x', 'unsupported'],
  ])('%s', (text, expected) => {
    expect(forgeOf(text)).toBe(expected)
  })

  it('the label and the fragment of a git URL are not part of what is fetched', () => {
    const { url } = readZigUrl(`git+https://example.org/r.git?a=1&ref=main&b=2#${COMMIT.toUpperCase()}`)
    expect(url).toMatchObject({ kind: 'git', repository: 'https://example.org/r.git?a=1&b=2', label: 'main', commit: COMMIT })
  })
})

describe('purls', () => {
  const purl = (text: string, version: string | undefined = '1.0.0', subpath?: string): string | undefined =>
    zigPurl({ name: 'pkg', version, subpath }, readZigUrl(text).url)

  it.each([
    [`https://github.com/Own/Repo/archive/${COMMIT}.tar.gz`, `pkg:github/own/repo@${COMMIT}`],
    ['https://github.com/o/r/releases/download/v2/r.tar.gz', 'pkg:github/o/r@v2'],
    ['git+https://github.com/o/r#main', 'pkg:github/o/r'],
    [`git+https://bitbucket.org/O/R#${COMMIT}`, `pkg:bitbucket/o/r@${COMMIT}`],
    [
      `git+https://codeberg.org/o/r#${COMMIT}`,
      `pkg:generic/pkg@1.0.0?vcs_url=git%2Bhttps:%2F%2Fcodeberg.org%2Fo%2Fr%40${COMMIT}`,
    ],
    ['https://example.org/r.tar.gz', 'pkg:generic/pkg@1.0.0?download_url=https:%2F%2Fexample.org%2Fr.tar.gz'],
    ['file:/opt/r.tar.gz', 'pkg:generic/pkg@1.0.0'],
    ['ssh://example.org/r', undefined],
  ])('%s', (text, expected) => {
    expect(purl(text)).toBe(expected)
  })

  it('name the folder inside a package, and do without a version', () => {
    expect(purl(`git+https://github.com/o/r#${COMMIT}`, '1.0.0', 'libs/core')).toBe(`pkg:github/o/r@${COMMIT}#libs/core`)
    expect(zigPurl({ name: 'pkg', version: undefined }, undefined)).toBe('pkg:generic/pkg')
  })
})

describe('credentials', () => {
  it.each([
    ['https://user:hunter2@example.org/x', 'https://example.org/x', true],
    ['git+https://hunter2hunter2hunter2@example.org/x#main', 'git+https://example.org/x#main', true],
    ['git+https://git@example.org/x#main', 'git+https://example.org/x#main', false],
    ['https:user:hunter2@example.org/x', 'https:example.org/x', true],
    ['https:////user:hunter2@example.org/x', 'https:////example.org/x', true],
    ['https:\\\\user:hunter2@example.org\\x', 'https:\\\\example.org\\x', true],
    ['ssh://user:hunter2@example.org/x', 'ssh://example.org/x', true],
    ['https://example.org/x?access_token=hunter2&v=1#main', 'https://example.org/x?v=1#main', true],
    ['https://example.org/x?private_token=hunter2', 'https://example.org/x', true],
    ['https://example.org/@scope/x?v=a@b', 'https://example.org/@scope/x?v=a@b', false],
  ])('%s', (text, clean, credential) => {
    const reading = readZigUrl(text)
    expect([reading.url.url, reading.credential]).toEqual([clean, credential])
    expect(JSON.stringify(reading)).not.toContain('hunter2')
  })

  it('never come through, whatever stands around them', () => {
    const word = fc.stringMatching(/^[a-z0-9.:-]{0,8}$/)
    fc.assert(
      fc.property(
        fc.constantFrom('https://', 'git+https://', 'git+http://', 'file://', 'ssh://', 'https:', 'https:/', 'https:///', ''),
        word,
        word,
        fc.constantFrom('', '/a/b', '?x=1', '#main', '/a?ref=b#c'),
        (scheme, user, host, rest) => {
          const reading = readZigUrl(`${scheme}${user}:Sup3rS3cretPassw0rd@${host}${rest}`)
          expect(JSON.stringify(reading)).not.toContain('Sup3rS3cret')
        },
      ),
    )
  })

  it('no text makes the reader throw, and every purl is one', () => {
    const near = fc
      .tuple(fc.constantFrom('https://', 'git+https://', 'file:', 'x:'), fc.webPath(), fc.string())
      .map((all) => all.join('h'))
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), near, fc.webUrl({ withFragments: true, withQueryParameters: true })),
        (text) => {
          const { url }: { url: ZigUrl } = readZigUrl(text)
          const purl = zigPurl({ name: 'pkg', version: '1.0.0' }, url)
          expect(purl === undefined || parsePurl(purl).ok).toBe(true)
        },
      ),
    )
  })
})
