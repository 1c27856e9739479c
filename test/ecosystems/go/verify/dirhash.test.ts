import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldCase } from '../../../../src/ecosystems/go/verify/case-fold.js'
import { goModHash, hash1, hashSummary, sha256 } from '../../../../src/ecosystems/go/verify/dirhash.js'
import { readModuleZip } from '../../../../src/ecosystems/go/verify/module-zip.js'
import { makeZip } from '../../../support/make-zip.js'
import { describeShared, hasShared, readSharedBytes, readSharedJson } from '../../../support/shared.js'

interface Module {
  readonly path: string
  readonly version: string
  readonly escaped: string
  readonly zipH1: string
  readonly goModH1: string
  readonly goModInZip: boolean
  readonly zipFileSha256: string
  readonly filesInHashOrder: readonly { readonly name: string; readonly size: number; readonly sha256: string }[]
}

interface Hashes {
  readonly worked: {
    readonly summaryText: string
    readonly sha256OfSummaryHex: string
    readonly zipH1: string
    readonly goModH1: string
  }
  readonly constants: { readonly emptyGoMod: string; readonly emptySet: string }
  readonly modules: readonly Module[]
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('h1', () => {
  it('is that of the worked example in spec/go.md §7.2', () => {
    const files = [
      ['tiny.go', '32bf8e7db600cf2e4ab3fd320da980697b0df19aee8ccb46e930e22c23b7dc55'],
      ['LICENSE', '0ad1dd5e959f4192563b1001e1165dcc2c69353d40d8392c76d10e08640350b4'],
      ['go.mod', '1292d2d212361044d89ae63ebabbb4a354a7c278e725a46e84c5c00b174d5e2b'],
    ].map(([name = '', digest = '']) => ({ name: `example.com/tiny@v1.0.0/${name}`, sha256: digest }))
    expect(hash1(files)).toBe('h1:x+O9jMUqEZ8AtscT8ZQq+FyBOYlvdwr7MP6wXTzHGJk=')
  })

  it('of no files and of an empty go.mod', () => {
    expect(hash1([])).toBe('h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
    expect(goModHash(new Uint8Array(0))).toEqual({
      of: 'tree',
      scheme: 'go-mod-h1',
      value: 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=',
    })
  })

  it('orders names by bytes, not by UTF-16 units', () => {
    const digest = sha256(text(''))
    const summary = hashSummary(['\u{10400}', '\uff21', 'a', 'A'].map((name) => ({ name, sha256: digest })))
    expect(summary?.split('\n').map((line) => line.slice(66))).toEqual(['A', 'a', '\uff21', '\u{10400}', ''])
  })

  it('does not exist for a name with a line feed', () => {
    expect(hash1([{ name: 'a\nb', sha256: sha256(text('')) }])).toBeUndefined()
  })

  it('does not depend on the order of the files, and does on each name and content', () => {
    const file = fc.record({ name: fc.string({ minLength: 1 }).filter((name) => !name.includes('\n')), body: fc.string() })
    fc.assert(
      fc.property(fc.uniqueArray(file, { minLength: 1, selector: (one) => one.name }), fc.nat(), (files, pick) => {
        const hashed = files.map(({ name, body }) => ({ name, sha256: sha256(text(body)) }))
        const other = hashed.map((one, i) => (i === pick % hashed.length ? { ...one, sha256: sha256(text('other')) } : one))
        expect(hash1([...hashed].reverse())).toBe(hash1(hashed))
        if (files[pick % files.length]?.body !== 'other') expect(hash1(other)).not.toBe(hash1(hashed))
      }),
    )
  })
})

describe('case folding', () => {
  it.each([
    ['README', 'readme'],
    ['\u212a', 'k'],
    ['\u017f', 's'],
    ['\u00c4', '\u00e4'],
    ['\u0130', '\u0130'],
    ['\u0131', '\u0131'],
    ['\u00df', '\u00df'],
    ['\u03a3\u03c3\u03c2', '\u03c3\u03c3\u03c3'],
  ])('%s to %s', (from, to) => expect(foldCase(from)).toBe(to))

  it('is idempotent', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => foldCase(foldCase(value)) === foldCase(value)))
  })
})

describeShared('vectors/go/hashes.json', 'hashes of the shared modules', () => {
  const { worked, constants, modules } = hasShared('vectors/go/hashes.json')
    ? readSharedJson<Hashes>('vectors/go/hashes.json')
    : { worked: undefined, constants: undefined, modules: [] }

  it('the worked summary and the constants', () => {
    expect(sha256(text(worked?.summaryText ?? ''))).toBe(worked?.sha256OfSummaryHex)
    expect(hash1([])).toBe(constants?.emptySet)
    expect(goModHash(new Uint8Array(0)).value).toBe(constants?.emptyGoMod)
  })

  it.each(modules.map((module) => [`${module.path}@${module.version}`, module] as const))('%s', (_, module) => {
    const bytes = readSharedBytes('vectors/go/proxy', `${module.escaped}.zip`)
    expect(sha256(bytes)).toBe(module.zipFileSha256)
    const result = readModuleZip(bytes, module.path, module.version)
    if (!result.ok) expect.fail(JSON.stringify(result.problems))
    const { zip } = result
    expect(zip.h1).toEqual({ of: 'tree', scheme: 'go-h1', value: module.zipH1 })
    const ordered = [...zip.files].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    expect(ordered).toEqual(module.filesInHashOrder)
    expect(zip.goMod !== undefined).toBe(module.goModInZip)
    expect(goModHash(readSharedBytes('vectors/go/proxy', `${module.escaped}.mod`)).value).toBe(module.goModH1)
  })

  it('covers every module', () => expect(modules.length).toBe(35))
})

interface ZipCase {
  readonly id: string
  readonly file: string
  readonly module: string
  readonly version: string
  readonly verdict: 'ok' | 'refuse'
  readonly h1?: string
}

/** What each refused zip is refused for; `expected.json` says only that it is. */
const REASONS: Readonly<Record<string, string>> = {
  'bad-prefix': 'prefix',
  'bad-prefix-version': 'prefix',
  'bad-prefix-escaped': 'prefix',
  'bad-traversal': 'unclean',
  'bad-absolute': 'unclean',
  'bad-backslash': 'name',
  'bad-case-collision': 'case-collision',
  'bad-case-collision-dir': 'case-collision',
  'bad-unicode-fold': 'case-collision',
  'bad-file-and-dir': 'file-and-folder',
  'bad-duplicate': 'duplicate',
  'bad-gomod-nested': 'go-mod-place',
  'bad-gomod-case': 'go-mod-case',
  'bad-gomod-case-nested': 'go-mod-place',
  'bad-windows-name': 'name',
  'bad-char': 'name',
  'bad-newline': 'name',
  'bad-utf8': 'archive',
  'bad-trailing-dot': 'name',
  'bad-declared-size': 'content',
}

describeShared('vectors/go/zips', 'module zips to accept or refuse', () => {
  const { cases } = hasShared('vectors/go/zips/expected.json')
    ? readSharedJson<{ readonly cases: readonly ZipCase[] }>('vectors/go/zips/expected.json')
    : { cases: [] }

  it.each(cases.map((one) => [one.id, one] as const))('%s', (id, { file, module, version, verdict, h1 }) => {
    const result = readModuleZip(readSharedBytes('vectors/go/zips', file), module, version)
    expect(result.ok ? 'ok' : 'refuse').toBe(verdict)
    if (result.ok) expect(result.zip.h1.value).toBe(h1)
    else expect(result.problems[0]?.code).toBe(REASONS[id])
    if (id === 'quirk-symlink') expect(result.ok && result.zip.linkModes).toHaveLength(1)
    if (id === 'ok-dir-entries') expect(result.ok && result.zip.folders.length).toBeGreaterThan(0)
  })

  it('covers every case', () => {
    expect(cases.filter(({ verdict }) => verdict === 'ok').length).toBe(8)
    expect(cases.filter(({ verdict }) => verdict === 'refuse').length).toBe(20)
  })
})

describe('module zips', () => {
  const zip = (files: Readonly<Record<string, string>>): Uint8Array =>
    makeZip(Object.entries(files).map(([name, body]) => ({ name: `example.com/m@v1.0.0/${name}`, body: text(body) })))
  const code = (files: Readonly<Record<string, string>>): string | undefined => {
    const result = readModuleZip(zip(files), 'example.com/m', 'v1.0.0')
    return result.ok ? undefined : result.problems[0]?.code
  }

  it('a plain one, its go.mod handed out', () => {
    const result = readModuleZip(zip({ 'go.mod': 'module example.com/m\n', 'm.go': 'package m\n' }), 'example.com/m', 'v1.0.0')
    expect(result.ok && Buffer.from(result.zip.goMod ?? []).toString()).toBe('module example.com/m\n')
  })

  it.each([
    ['A.go and a.go', { 'A.go': '', 'a.go': '' }, 'case-collision'],
    ['a folder in two cases', { 'A/x.go': '', 'a/y.go': '' }, 'case-collision'],
    ['a file that is a folder too', { x: '', 'x/y.go': '' }, 'file-and-folder'],
    ['GO.MOD', { 'GO.MOD': '' }, 'go-mod-case'],
    ['go.mod below', { 'a/go.mod': '' }, 'go-mod-place'],
    ['aux.go', { 'aux.go': '' }, 'name'],
    ['a double slash', { 'a//b': '' }, 'unclean'],
  ])('refused: %s', (_, files, wanted) => expect(code(files)).toBe(wanted))

  it.each([
    ['not/a/path', 'v1.0.0'],
    ['example.com/m', 'v1'],
    ['example.com/m', 'v2.0.0'],
    ['example.com/m/v2', 'v1.0.0'],
  ])('a module that cannot be: %s %s', (path, version) => {
    const result = readModuleZip(zip({}), path, version)
    expect(result.ok ? undefined : result.problems[0]?.code).toBe('module')
  })

  it('anything else is refused by name and never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !readModuleZip(bytes, 'example.com/m', 'v1.0.0').ok))
  })
})
