import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkedOut } from '../../../../src/ecosystems/nimble/verify/checkout.js'
import type { ChecksumReading, PackageFile } from '../../../../src/ecosystems/nimble/verify/checksum.js'
import { isQuoted, packageChecksums, readingsOf } from '../../../../src/ecosystems/nimble/verify/checksum.js'
import { GitAttributes } from '../../../../src/ecosystems/nimble/verify/git-attributes.js'
import { describeShared, hasShared, readSharedJson } from '../../../support/shared.js'

interface Row {
  readonly path: string
  readonly kind: 'file' | 'symlink' | 'submodule'
  readonly base64?: string
  readonly target?: string
}

interface Case {
  readonly case: string
  readonly entries?: readonly Row[]
  readonly entriesOf?: string
  readonly packageName?: string
  readonly sha1: string
  readonly sha1OverRawBlobs?: string
  readonly skipped?: readonly string[]
  readonly workTreeChanges?: Readonly<Record<string, string>>
}

function filesOf(rows: readonly Row[]): PackageFile[] {
  return rows.map(({ path, kind, base64 = '', target = '' }) => {
    if (kind === 'file') return { path, kind, content: Buffer.from(base64, 'base64') }
    return kind === 'symlink' ? { path, kind, target } : { path, kind }
  })
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const shown = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1')

/** Under which circumstances each value of the vectors was made. */
const READING: Readonly<Record<string, ChecksumReading>> = {
  'alpha-without-vcs': 'plain-folder',
  'alpha-quotepath-off': 'checkout-unquoted',
  'atlas-variant': 'atlas',
}

describeShared('vectors/nimble/checksum-trees.json', 'trees with known checksums', () => {
  const cases = hasShared('vectors/nimble/checksum-trees.json')
    ? readSharedJson<readonly Case[]>('vectors/nimble/checksum-trees.json')
    : []

  it.each(cases.map((one) => [one.case, one] as const))('%s', (name, one) => {
    const rows = one.entries ?? cases.find((other) => other.case === one.entriesOf)?.entries
    if (rows === undefined) expect.fail('no entries')
    const checksums = packageChecksums(filesOf(rows), one.packageName ?? name)
    const reading = READING[name] ?? 'checkout'
    expect(checksums.values.get(reading)).toEqual({ of: 'tree', scheme: 'nimble-sha1', value: one.sha1 })
    expect(readingsOf(checksums, one.sha1)).toContain(reading)
    if (one.sha1OverRawBlobs !== undefined) expect(checksums.values.get('stored')?.value).toBe(one.sha1OverRawBlobs)
    const noted = (...kinds: readonly string[]): string[] =>
      checksums.notes.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path)
    if (one.skipped !== undefined) expect(noted('quoted-name', 'link-skipped').sort()).toEqual([...one.skipped].sort())
    if (one.workTreeChanges !== undefined) expect(noted('changed-by-checkout')).toEqual(Object.keys(one.workTreeChanges))
    expect(noted('submodule')).toEqual(rows.filter(({ kind }) => kind === 'submodule').map(({ path }) => path))
  })

  it('covers every case', () => expect(cases.length).toBe(11))
})

describe('checksums', () => {
  it('of content that no reading has, none', () => {
    const checksums = packageChecksums([{ path: 'a.nim', kind: 'file', content: text('x') }], 'a')
    expect(readingsOf(checksums, 'f'.repeat(40))).toEqual([])
  })

  it('does not exist for a checkout through a filter, and does as stored', () => {
    const checksums = packageChecksums(
      [
        { path: '.gitattributes', kind: 'file', content: text('*.bin filter=lfs -text\n') },
        { path: 'a.bin', kind: 'file', content: text('version https://git-lfs.github.com/spec/v1') },
      ],
      'a',
    )
    expect([...checksums.values.keys()]).toEqual(['stored', 'plain-folder'])
    expect(checksums.notes).toEqual([{ kind: 'not-computable', path: 'a.bin' }])
  })

  it.each([
    ['a link through a linked folder', 'ld/f', true],
    ['a link out of the package', '../d/f', false],
    ['an absolute link', '/d/f', false],
    ['a link to itself', 'l', false],
    ['a link to a folder', 'd', false],
  ])('%s', (_, target, counts) => {
    const files: PackageFile[] = [
      { path: 'd/f', kind: 'file', content: text('') },
      { path: 'ld', kind: 'symlink', target: 'd' },
      { path: 'l', kind: 'symlink', target },
    ]
    const skipped = packageChecksums(files, 'p').notes.filter(({ path }) => path === 'l')
    expect(skipped).toEqual(counts ? [] : [{ kind: 'link-skipped', path: 'l' }])
  })

  it.each([
    ['a b.nim', false],
    ['na\u00efve', true],
    ['tab\there', true],
    ['quote"', true],
    ['back\\slash', true],
    ['del\u007f', true],
  ])('%j is quoted: %s', (name, wanted) => expect(isQuoted(name)).toBe(wanted))

  it('does not depend on the order of the files', () => {
    const file = fc.record({ path: fc.string({ minLength: 1 }), body: fc.string() })
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ({ path }) => path }), (rows) => {
        const files = rows.map(({ path, body }): PackageFile => ({ path, kind: 'file', content: text(body) }))
        expect(packageChecksums([...files].reverse(), 'p').values).toEqual(packageChecksums(files, 'p').values)
      }),
    )
  })
})

describe('attributes', () => {
  const of = (files: Readonly<Record<string, string>>, path: string) => new GitAttributes(new Map(Object.entries(files))).of(path)

  it.each([
    ['*.txt eol=crlf', 'd/a.txt', { eol: 'crlf' }],
    ['/a.txt eol=crlf', 'd/a.txt', { eol: undefined }],
    ['d/** eol=crlf', 'd/e/a.txt', { eol: 'crlf' }],
    ['* text=auto', 'a', { text: 'auto' }],
    ['* text\na -text', 'a', { text: false }],
    ['* text\na !text', 'a', { text: undefined }],
    ['* binary', 'a', { text: false }],
    ['[attr]win text eol=crlf\n*.bat win', 'a.bat', { text: true, eol: 'crlf' }],
    ['* crlf=input', 'a', { text: true, eol: 'lf' }],
    ['"a b" ident', 'a b', { ident: true }],
    ['# * ident', 'a', { ident: false }],
    ['!a ident', '!a', { ident: false }],
    ['a/ ident', 'a/b', { ident: false }],
    ['* working-tree-encoding=UTF-16', 'a', { beyond: 'working-tree-encoding' }],
    ['* working-tree-encoding=UTF-8', 'a', { beyond: undefined }],
    ['* -filter', 'a', { beyond: undefined }],
  ])('%j on %s', (rules, path, wanted) => expect(of({ '.gitattributes': rules }, path)).toMatchObject(wanted))

  it('deeper files go before', () => {
    const files = { 'd/.gitattributes': 'a eol=lf', '.gitattributes': 'a eol=crlf' }
    expect(of(files, 'd/a').eol).toBe('lf')
    expect(of(files, 'a').eol).toBe('crlf')
  })
})

describe('what a checkout writes', () => {
  const plain = { text: undefined, eol: undefined, ident: false, beyond: undefined }

  it.each([
    ['a\nb\r\n', { eol: 'crlf' as const }, 'a\r\nb\r\n'],
    ['a\nb\r\n', { eol: 'crlf' as const, text: 'auto' as const }, 'a\nb\r\n'],
    ['a\n', { eol: 'crlf' as const, text: 'auto' as const }, 'a\r\n'],
    ['a\0\n', { eol: 'crlf' as const, text: 'auto' as const }, 'a\0\n'],
    ['a\n', { eol: 'crlf' as const, text: false }, 'a\n'],
    ['a\n', { text: true }, 'a\n'],
  ])('%j with %j', (blob, attributes, wanted) => {
    expect(shown(checkedOut(text(blob), { ...plain, ...attributes }))).toBe(wanted)
  })

  it('is what git writes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-checkout-'))
    const git = (...args: readonly string[]): string =>
      execFileSync(
        'git',
        ['-c', 'core.autocrlf=false', '-c', 'core.eol=lf', '-c', 'core.safecrlf=false', '-C', folder, ...args],
        {
          encoding: 'utf8',
          env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
        },
      )
    try {
      git('init', '-q')
      const rules = '*.crlf eol=crlf\n*.auto text=auto eol=crlf\n*.id ident\n*.both ident eol=crlf\n*.bin -text eol=crlf\n'
      const bodies = [
        'a\nb\n',
        'a\r\nb\n',
        'a\rb\n',
        '\n\n',
        '',
        '$Id$\n$Id: x $ $Id: a b c $\n$Id: open\n$Id:$ $Identity$\n',
        'bin\u0001\u0002\u0003\n',
        `${'x'.repeat(200)}\u0001\n`,
        'end\n\u001a',
      ]
      writeFileSync(join(folder, '.gitattributes'), rules)
      const attributes = new GitAttributes(new Map([['.gitattributes', rules]]))
      for (const ending of ['crlf', 'auto', 'id', 'both', 'bin', 'other']) {
        for (const [i, body] of bodies.entries()) {
          const name = `f${i}.${ending}`
          const blob = execFileSync('git', ['-C', folder, 'hash-object', '-w', '--stdin'], {
            input: body,
            encoding: 'utf8',
          }).trim()
          git('update-index', '--add', '--cacheinfo', `100644,${blob},${name}`)
          git('checkout-index', '-f', name)
          const wanted = readFileSync(join(folder, name)).toString('latin1')
          expect([name, shown(checkedOut(text(body), attributes.of(name)))]).toEqual([name, wanted])
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
