import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAtlasConfig } from '../../../src/ecosystems/nimble/atlas.js'
import { nimLicenseExpression } from '../../../src/ecosystems/nimble/license.js'
import { parseNimLock } from '../../../src/ecosystems/nimble/lock.js'
import { LockNames } from '../../../src/ecosystems/nimble/lock-flags.js'
import type { LockFlag, NimLock } from '../../../src/ecosystems/nimble/lock-model.js'
import { lookUp, parsePackageList } from '../../../src/ecosystems/nimble/registry.js'
import { isToolchain } from '../../../src/ecosystems/nimble/requirement.js'
import { readPackageUrl, repositoryKey } from '../../../src/ecosystems/nimble/url.js'
import { decodeUtf8 } from '../../../src/syntax/text.js'
import { PATIENCE } from '../../support/patience.js'
import { describeShared, listShared, readSharedBytes, readSharedJson } from '../../support/shared.js'
import { sharedTable } from './support.js'

interface Expected {
  readonly ok: boolean
  readonly format?: 'atlas'
  readonly lockVersion?: number
  readonly packages?: number
  readonly edges?: readonly (readonly [string, string])[] | 'not recorded'
  readonly roots?: readonly string[]
  readonly scopes?: Readonly<Record<string, string>>
  readonly subdirs?: Readonly<Record<string, string>>
  readonly toolchain?: string
  readonly registryUrl?: Readonly<Record<string, string>>
  readonly normalised?: Readonly<Record<string, string>>
  readonly diagnostics?: readonly string[]
  readonly error?: { readonly code: string; readonly where?: string }
}

/** A flag in the words of the vectors. */
function named(flag: LockFlag): string {
  switch (flag.code) {
    case 'special-version':
      return `nim.lock.special-version ${flag.entry.name} ${flag.entry.version}`
    case 'no-checksum':
      return `nim.atlas.no-checksum ${flag.entry.name}`
    case 'dangling-dependency':
      return `nim.lock.dangling-dependency ${flag.entry.name} -> ${flag.dependency.text}`
    case 'cycle':
      return `nim.lock.cycle ${flag.names.join(' -> ')}`
    case 'unknown-version':
      return `nim.lock.unknown-version ${flag.version}`
    case 'trailing-comma':
    case 'comment':
    case 'byte-order-mark':
      return `json.${flag.code}`
    case 'toolchain-not-locked':
    case 'atlas-format-in-nimble-lock':
      return `nim.lock.${flag.code}`
    default:
      return `nim.lock.${flag.code} ${flag.entry.name}`
  }
}

const withoutRemark = (text: string): string => text.replace(/ \(.*\)$/, '')

function edgesOf(lock: NimLock): string[][] {
  const names = new LockNames(lock.entries)
  return lock.entries.flatMap((entry) =>
    entry.dependencies
      .filter((d) => names.find(d.text, entry.task) !== undefined || isToolchain(d.text))
      .map((d) => [entry.name, d.text]),
  )
}

const sorted = (edges: readonly (readonly string[])[]): string[] => edges.map((e) => e.join(' -> ')).sort()

function packageList() {
  const result = parsePackageList(
    new TextDecoder().decode(readSharedBytes('vectors', 'nimble', 'registry', 'packages.json')),
    'packages.json',
  )
  if (!result.ok) throw new Error(result.diagnostic.message)
  return result.list
}

describeShared('vectors/nimble/locks', 'lockfiles, most of them tried with nimble', () => {
  const folders = listShared('vectors', 'nimble', 'locks')
  it('are all there', () => expect(folders).toHaveLength(23))

  it.each(folders)('%s', (folder) => {
    const expected = readSharedJson<Expected>('vectors', 'nimble', 'locks', folder, 'expected.json')
    const file = folder.startsWith('30') ? 'atlas.lock' : 'nimble.lock'
    const decoded = decodeUtf8(readSharedBytes('vectors', 'nimble', 'locks', folder, file))
    if (!decoded.ok) throw new Error(decoded.problem)
    const result = parseNimLock(decoded.text, file, decoded.hadBom)
    expect(result.ok).toBe(expected.ok)
    if (!result.ok) {
      const [{ code, where }] = result.errors
      const prefix = code === 'duplicate-key' ? 'json' : 'nim.lock'
      expect({ code: `${prefix}.${code}`, ...(where === undefined ? {} : { where }) }).toEqual(expected.error)
      return
    }
    const { lock } = result
    const entry = (name: string) => lock.entries.find((e) => e.name === name)
    expect(lock.format).toBe(expected.format ?? 'nimble')
    if (expected.lockVersion !== undefined) expect(lock.version).toBe(expected.lockVersion)
    if (expected.packages !== undefined) expect(lock.entries).toHaveLength(expected.packages)
    if (expected.edges === 'not recorded') expect(lock.hasEdges).toBe(false)
    else if (expected.edges !== undefined) expect(sorted(edgesOf(lock))).toEqual(sorted(expected.edges))
    if (expected.roots !== undefined) {
      const named = new Set(lock.entries.flatMap((e) => e.dependencies.map((d) => d.text)))
      expect(lock.entries.map((e) => e.name).filter((name) => !named.has(name))).toEqual(expected.roots)
    }
    for (const [name, scope] of Object.entries(expected.scopes ?? {})) expect(`task:${entry(name)?.task ?? ''}`).toBe(scope)
    for (const [name, folder] of Object.entries(expected.subdirs ?? {}))
      expect(readPackageUrl(entry(name)?.url.text ?? '').subdirectory).toBe(folder)
    if (expected.toolchain !== undefined)
      expect(lock.entries.filter((e) => isToolchain(e.name)).map((e) => e.name)).toEqual([expected.toolchain])
    for (const [path, value] of Object.entries(expected.normalised ?? {})) {
      const [name = ''] = path.split('.')
      expect(entry(name)?.sha1?.text).toBe(value)
    }
    const found = lock.flags.map(named)
    if (expected.registryUrl !== undefined) {
      const list = packageList()
      for (const e of lock.entries) {
        const listed = lookUp(list, e.name)
        if (listed.kind !== 'found') continue
        if (expected.registryUrl[e.name] !== undefined) expect(listed.package.url).toBe(expected.registryUrl[e.name])
        if (repositoryKey(listed.package.url ?? '') !== repositoryKey(e.url.text))
          found.push(`nim.registry.url-mismatch ${e.name}`)
      }
    }
    const wanted = [...(expected.diagnostics ?? []), ...sameContentAs30(folder)]
    expect(found.sort()).toEqual(wanted.map(withoutRemark).sort())
  })
})

/** Case 31 holds the bytes of case 30 under another name and lists only what that name adds. */
function sameContentAs30(folder: string): readonly string[] {
  if (!folder.startsWith('31-')) return []
  const text = (...path: string[]): string => new TextDecoder().decode(readSharedBytes('vectors', 'nimble', 'locks', ...path))
  expect(text(folder, 'nimble.lock')).toBe(text('30-atlas', 'atlas.lock'))
  return readSharedJson<Expected>('vectors', 'nimble', 'locks', '30-atlas', 'expected.json').diagnostics ?? []
}

describeShared('vectors/nimble/registry', 'a list of packages', () => {
  const expected = sharedTable<{
    lookup: Record<string, string>
    diagnostics: string[]
    licenseSpdx: Record<string, string | null>
    subdir: Record<string, string>
  }>({ lookup: {}, diagnostics: [], licenseSpdx: {}, subdir: {} }, 'vectors', 'nimble', 'registry', 'expected.json')

  it.each(Object.entries(expected.lookup))('%s is %s', (name, url) => {
    expect(lookUp(packageList(), name)).toMatchObject({ kind: 'found', package: { url } })
  })

  it('shows aliases, loops and what was deleted', () => {
    const list = packageList()
    const found = [...list.packages.values()].flatMap(({ name }) => {
      const result = lookUp(list, name)
      if (result.kind === 'alias-missing') return [`nim.registry.alias-missing ${result.through.join(' -> ')}`]
      // Each name of a loop leads into it; the vectors tell it once, by its first name.
      if (result.kind === 'alias-loop') return name === 'loop_a' ? [`nim.registry.alias-loop ${name}`] : []
      if (result.kind !== 'found') return []
      if (result.package.deleted) return [`nim.registry.deleted ${name}`]
      return result.through.length > 0 ? [`nim.registry.alias ${name} -> ${result.package.name}`] : []
    })
    expect(found.sort()).toEqual(expected.diagnostics.map(withoutRemark).sort())
  })

  it('spells licences in many ways', () => {
    for (const [raw, id] of Object.entries(expected.licenseSpdx))
      expect(nimLicenseExpression(raw), raw).toBe(id === null || id.includes('undecided') ? undefined : id)
    expect(nimLicenseExpression('MIT or Apache License 2.0')).toBe('MIT OR Apache-2.0')
    expect(nimLicenseExpression('MIT/BSD')).toBeUndefined()
  })

  it('has packages in folders of a repository', () => {
    for (const [name, folder] of Object.entries(expected.subdir)) {
      const result = lookUp(packageList(), name)
      expect(result.kind === 'found' ? readPackageUrl(result.package.url ?? '').subdirectory : undefined).toBe(folder)
    }
  })
})

const ENTRY = {
  version: '1.0.0',
  vcsRevision: '666b9d0e037c05a2cf4e3ac14abf3837d0d4bd7b',
  url: 'https://example.org/a',
  downloadMethod: 'git',
  dependencies: [],
  checksums: { sha1: '1d338487a63ab21f6299a76ba516b02754331f36' },
}

describe('parseNimLock', () => {
  it('names the place of every error', () => {
    const { url: _, ...noUrl } = ENTRY
    const text = JSON.stringify(
      { version: 2, packages: { a: { ...noUrl, downloadMethod: 'svn' }, b: 1 }, tasks: { t: [] } },
      null,
      2,
    )
    const result = parseNimLock(text, 'nimble.lock')
    expect(result.ok ? [] : result.errors.map((e) => [e.where, e.diagnostic.location.line])).toEqual([
      ['packages.a.url', 4],
      ['packages.a.downloadMethod', 7],
      ['packages.b', 13],
      ['tasks.t', 16],
    ])
  })

  it('accepts a byte-order mark and comments, and says so', () => {
    const result = parseNimLock(`// by hand\n${JSON.stringify({ version: 2, packages: {} })}`, 'nimble.lock', true)
    expect(result.ok ? result.lock.flags.map((f) => f.code) : []).toEqual(['comment', 'byte-order-mark'])
  })

  it('refuses an unfinished merge', () => {
    const result = parseNimLock('{\n<<<<<<< ours\n}\n', 'nimble.lock')
    expect(result).toMatchObject({
      ok: false,
      errors: [{ diagnostic: { code: 'input/lock-merge-conflict', location: { line: 2 } } }],
    })
  })

  it('sees two spellings of one name, and what a shell would make of a URL', () => {
    const packages = { Al_pha: ENTRY, alpha: { ...ENTRY, url: 'https://example.org/a;touch X' } }
    const result = parseNimLock(JSON.stringify({ version: 2, packages }), 'nimble.lock')
    expect(result.ok ? result.lock.flags.map(named) : []).toEqual([
      'nim.lock.url-injection alpha',
      'nim.lock.duplicate-entry alpha',
    ])
  })

  it('never throws, whatever is damaged', () => {
    const good = JSON.stringify({
      version: 2,
      packages: { a: ENTRY, b: { ...ENTRY, dependencies: ['a', 'nim'] } },
      tasks: { t: { c: ENTRY } },
    })
    fc.assert(
      fc.property(fc.nat(), fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('"', '{', ',', '[]', 'null')), (at, piece) => {
        const where = at % good.length
        const result = parseNimLock(good.slice(0, where) + piece + good.slice(where + 1), 'nimble.lock')
        expect(result.ok || result.errors.length > 0).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('takes any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseNimLock(text, 'nimble.lock').ok).toBe(false)
        parseAtlasConfig(text, 'atlas.config')
        parsePackageList(text, 'packages.json')
      }),
    )
  })

  it('is linear in packages, also in one long chain', () => {
    const packages: Record<string, unknown> = {}
    for (let i = 0; i < 20_000; i++) packages[`p${i}`] = { ...ENTRY, dependencies: [`p${i + 1}`, 'p0'] }
    packages['p20000'] = ENTRY
    const text = JSON.stringify({ version: 2, packages })
    const start = performance.now()
    const result = parseNimLock(text, 'nimble.lock')
    expect(performance.now() - start).toBeLessThan(4000 * PATIENCE)
    expect(result.ok ? result.lock.entries.length : 0).toBe(20_001)
  })
})

describe('readPackageUrl', () => {
  it.each([
    ['https://user:secret@h/p', { url: 'https://h/p', hadCredential: true }],
    ['https://ghp_0123456789abcdef0123@h/p', { url: 'https://h/p', hadCredential: true }],
    ['https://h/p?token=x&subdir=a/b', { url: 'https://h/p', hadCredential: true, subdirectory: 'a/b' }],
    ['ssh://git@h/p', { url: 'ssh://git@h/p', hadCredential: false }],
    ['ssh://git:pw@h/p', { url: 'ssh://git@h/p', hadCredential: true }],
    ['git@github.com:a/b.git', { url: 'git@github.com:a/b.git', hadCredential: false, isLocal: false }],
    ['../b', { isLocal: true }],
    ['C:\\b', { isLocal: true }],
    ['/srv/b', { isLocal: true }],
    ['file:///srv/b', { isLocal: true }],
    ['--upload-pack=x', { injection: 'a dash at its start, which git takes for an option' }],
    ['https://h/p;x', { injection: 'the character ";"' }],
    ['https://h/\u00e9', { injection: 'the character "\u00e9"' }],
    ['https://h/p', { injection: undefined }],
  ])('%s', (raw, expected) => {
    expect(readPackageUrl(raw)).toMatchObject(expected)
  })

  it.each([
    ['https://github.com/A/b.git', 'http://github.com/a/B/', true],
    ['git@github.com:a/b.git', 'https://github.com/a/b', true],
    ['ssh://git@Example.org/a', 'https://example.org/a', true],
    ['https://example.org/a', 'https://example.org/A', false],
    ['https://example.org/a', 'https://example.net/a', false],
  ])('%s and %s are one repository: %s', (a, b, expected) => {
    expect(repositoryKey(a) === repositoryKey(b)).toBe(expected)
  })
})

it('URLs and licences of any length are read in linear time', () => {
  const start = performance.now()
  repositoryKey(`https://example.org/${'/'.repeat(300_000)}x`)
  readPackageUrl(`${'a.'.repeat(300_000)}@`)
  nimLicenseExpression(`MIT${' '.repeat(300_000)}x`)
  expect(performance.now() - start).toBeLessThan(1000 * PATIENCE)
})

describe('parseAtlasConfig', () => {
  it('lists what redirects', () => {
    const text =
      '{\n "nameOverrides": {"foo": "https://x/foo"},\n "urlOverrides": {"https://a/$+": "https://b/$#"},\n "plugins": "_plugins"}'
    const result = parseAtlasConfig(text, 'deps/atlas.config')
    expect(result.ok ? result.config.overrides.map((o) => [o.kind, o.from.text, o.to.text, o.from.location.line]) : []).toEqual([
      ['nameOverrides', 'foo', 'https://x/foo', 2],
      ['urlOverrides', 'https://a/$+', 'https://b/$#', 3],
    ])
    expect(parseAtlasConfig('[]', 'atlas.config')).toMatchObject({ ok: false, diagnostic: { code: 'input/config-unparseable' } })
  })
})
