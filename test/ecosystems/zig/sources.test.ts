import { describe, expect, it } from 'vitest'
import { claimZig } from '../../../src/ecosystems/zig/claims.js'
import { zigSources } from '../../../src/ecosystems/zig/sources.js'
import { type SourcesCase, sourcesOf, summary } from '../support/sources.js'

const HASH = '.hash = "1220abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"'
const read = (dependencies: string, more: SourcesCase = {}) =>
  sourcesOf(zigSources, claimZig, {
    ...more,
    files: { 'build.zig.zon': `.{ .name = .x, .version = "1.0.0", .paths = .{""}, .dependencies = .{ ${dependencies} } }` },
  })

/** Zig has only URLs; spec/zig.md §5. */
const CASES: readonly (readonly [name: string, dependencies: string, expected: readonly string[]])[] = [
  ['nothing', '', []],
  ['a folder', '.a = .{ .path = "a" }', []],
  [
    'one host',
    `.a = .{ .url = "https://h.example/a.tar.gz", ${HASH} }, .b = .{ .url = "https://h.example/b.tar.gz", ${HASH} }`,
    ['2 packages https://h.example:'],
  ],
  ['no hash', '.a = .{ .url = "https://h.example/a.tar.gz" }', ['1 package https://h.example: checks-off']],
  ['plain http', `.a = .{ .url = "http://h.example/a.tar.gz", ${HASH} }`, ['1 package http://h.example: plain-http']],
  [
    'a password',
    `.a = .{ .url = "https://u:hunter22@h.example/a.tar.gz", ${HASH} }`,
    ['1 package https://h.example: credential-in-url'],
  ],
  ['a branch', `.a = .{ .url = "git+https://h.example/o/a#main", ${HASH} }`, ['1 package https://h.example: moving-reference']],
]

describe('sources of zig', () => {
  it.each(CASES)('%s', async (_, dependencies, expected) => {
    const sources = await read(dependencies)
    expect(summary(sources)).toEqual(expected)
    expect(JSON.stringify(sources)).not.toContain('hunter22')
  })

  it('asks a repository for its refs, an archive for whether it is there', async () => {
    const commit = '0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9'
    const sources = await read(
      `.a = .{ .url = "git+https://h.example/o/a?ref=v1#${commit}", ${HASH} }, .b = .{ .url = "https://h.example/b.tar.gz", ${HASH} }`,
    )
    expect(sources.map(({ role, probes }) => [role, probes[0]?.address.reveal(), probes[0]?.onlyReach])).toEqual([
      ['repository-host', 'https://h.example/o/a/info/refs?service=git-upload-pack', true],
      ['archive-host', 'https://h.example/b.tar.gz', true],
    ])
  })

  it('internal names are not told to public hosts', async () => {
    const sources = { internal: ['zig:secret-*'] }
    const [source] = await read(`.@"secret-lib" = .{ .url = "https://github.com/o/a/archive/v1.tar.gz", ${HASH} }`, { sources })
    expect(source?.unasked).toContain('internal')
  })

  it('a manifest that cannot be read is told', async () => {
    const sources = await sourcesOf(zigSources, claimZig, { files: { 'build.zig.zon': 'nothing' } })
    expect(summary(sources)).toEqual(['build.zig.zon -: config-unreadable'])
  })
})
