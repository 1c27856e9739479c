import { describe, expect, it } from 'vitest'
import { parseDevelop, parseInstalledFolder, parseInstalledMeta, searchPaths } from '../../../src/ecosystems/nimble/develop.js'
import { describeShared, readSharedBytes } from '../../support/shared.js'
import { sharedTable } from './support.js'

const text = (...path: string[]): string => new TextDecoder().decode(readSharedBytes('vectors', 'nimble', ...path))

describeShared('vectors/nimble/develop', 'develop mode', () => {
  const expected = sharedTable<{ folder: string; parsed: object; diagnostics: string[] }>(
    { folder: '', parsed: {}, diagnostics: [] },
    'vectors',
    'nimble',
    'develop',
    'expected.json',
  )

  it('splits the name of an installed folder', () => expect(parseInstalledFolder(expected.folder)).toEqual(expected.parsed))

  it('counts what comes from working copies', () => {
    const result = parseDevelop(text('develop', 'nimble.develop'), 'nimble.develop')
    if (!result.ok) throw new Error(result.diagnostic.message)
    const { dependencies, includes } = result.value
    expect([
      `nim.develop.active (medium): ${dependencies.length} dependencies come from working copies, ${includes.length} include`,
    ]).toEqual(expected.diagnostics)
    expect(dependencies.map((d) => [d.text, d.location.line])).toEqual([
      ['/srv/src/alpha', 7],
      ['../beta', 8],
    ])
  })

  it('reads where an installed package came from', () => {
    const result = parseInstalledMeta(text('develop', 'nimblemeta.json'), 'nimblemeta.json')
    expect(result).toMatchObject({
      ok: true,
      value: {
        url: { text: 'https://example.org/nim/alpha' },
        method: 'git',
        revision: '666b9d0e037c05a2cf4e3ac14abf3837d0d4bd7b',
        files: ['/alpha.nim', '/alpha.nimble'],
        specialVersions: ['0.1.0', '#head'],
      },
    })
  })
})

describe('parseInstalledFolder', () => {
  const sha1 = '1d338487a63ab21f6299a76ba516b02754331f36'
  it.each([
    [`a-b-1.0-${sha1}`, { name: 'a-b', version: '1.0', sha1 }],
    [`two-2d-1.0.0-rc1-${sha1}`, { name: 'two-2d', version: '1.0.0-rc1', sha1 }],
    [`chronos-head-${sha1}`, { name: 'chronos', version: 'head', sha1 }],
    ['alpha-1.0', undefined],
    [sha1, undefined],
    [`-${sha1}`, undefined],
  ])('%s', (folder, expected) => expect(parseInstalledFolder(folder)).toEqual(expected))
})

it('searchPaths finds the switches and their places', () => {
  const found = searchPaths(
    '--noNimblePath\n--path:"/home/x/.nimble/pkgs2/a-1"\n# --path:"no"\n  --path: "../b"\n',
    'nimble.paths',
  )
  expect(found).toEqual([
    { text: '/home/x/.nimble/pkgs2/a-1', location: { file: 'nimble.paths', line: 2, column: 9, endLine: 2, endColumn: 34 } },
    { text: '../b', location: { file: 'nimble.paths', line: 4, column: 12, endLine: 4, endColumn: 16 } },
  ])
})
