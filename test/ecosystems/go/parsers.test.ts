import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGoFlags } from '../../../src/ecosystems/go/go-flags.js'
import { compareGoVersions } from '../../../src/ecosystems/go/go-version.js'
import { escapePath, modulePathProblem, unescapePath } from '../../../src/ecosystems/go/module-path.js'
import { parseModFile } from '../../../src/ecosystems/go/parse-mod.js'
import { parseWorkFile } from '../../../src/ecosystems/go/parse-work.js'
import { parsePseudoVersion } from '../../../src/ecosystems/go/pseudo-version.js'
import { settingsIn } from '../../../src/ecosystems/go/settings.js'
import { parseSumFile } from '../../../src/ecosystems/go/sum-file.js'
import { treeHash } from '../../../src/ecosystems/go/tree-hash.js'
import { parseVendorList } from '../../../src/ecosystems/go/vendor-list.js'
import { canonicalVersion, compareVersions } from '../../../src/ecosystems/go/version.js'
import { PATIENCE } from '../../support/patience.js'

const H1 = 'h1:x+O9jMUqEZ8AtscT8ZQq+FyBOYlvdwr7MP6wXTzHGJk='

describe('go.mod', () => {
  it('keeps what comes before a lexical error, and the place of it', () => {
    const mod = parseModFile(
      'module example.com/m\n\nrequire example.com/a v1.0.0\nrequire (\n\texample.com/b v1.0.0 \u00a0\n)\n',
      'go.mod',
    )
    expect(mod.require.map((r) => r.path)).toEqual(['example.com/a'])
    expect(mod.problems).toEqual([
      { kind: 'syntax', message: 'the character U+00A0 is not allowed here', location: { file: 'go.mod', line: 5, column: 23 } },
    ])
  })

  it('gives every requirement its place', () => {
    const mod = parseModFile('module example.com/m\nrequire (\n\texample.com/a v1.2.3 // indirect\n)\n', 'sub/go.mod')
    expect(mod.require).toEqual([
      {
        path: 'example.com/a',
        version: 'v1.2.3',
        indirect: true,
        location: { file: 'sub/go.mod', line: 3, column: 2, endLine: 3, endColumn: 22 },
      },
    ])
  })

  it('does not guess what a branch means', () => {
    const mod = parseModFile('module example.com/m\nrequire example.com/a master\n', 'go.mod')
    expect(mod.require).toEqual([])
    expect(mod.unresolved).toMatchObject([{ path: 'example.com/a', query: 'master' }])
    expect(mod.problems).toMatchObject([{ kind: 'noncanonical' }])
  })

  it('unquotes as Go does, and refuses what is no UTF-8', () => {
    const path = (token: string): string | undefined => parseModFile(`module ${token}\n`, 'go.mod').module?.value
    expect(path('"example.com/\\u00e9\\x41\\101"')).toBe('example.com/éAA')
    expect(path('"example.com/\\xff"')).toBeUndefined()
    expect(path('"example.com/\\400"')).toBeUndefined()
    expect(path('"example.com/\\ud800"')).toBeUndefined()
    expect(path('"example.com/\\\'"')).toBeUndefined()
  })

  const word = fc.constantFrom(
    'module',
    'go',
    'require',
    'replace',
    'retract',
    'exclude',
    'tool',
    'ignore',
    'toolchain',
    'godebug',
    'use',
    '(',
    ')',
    '[',
    ']',
    ',',
    '=>',
    '//',
    '// indirect',
    '/*',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '"',
    '`',
    '\\',
    'v1.2.3',
    'v2',
    '1.21',
    'go1.22.1',
    'example.com/a',
    './x',
    'k=v',
    '\u00e9',
    '\u0000',
  )
  const soup = fc.array(word, { maxLength: 80 }).map((words) => words.join(' '))
  const document = fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 200 }))

  it('never throws, and every problem has a place inside the text', () => {
    fc.assert(
      fc.property(document, fc.constantFrom('strict' as const, 'lax' as const), (text, strictness) => {
        const lines = text.split('\n').length
        for (const { location } of [
          ...parseModFile(text, 'go.mod', strictness).problems,
          ...parseWorkFile(text, 'go.work').problems,
        ]) {
          expect(location.line).toBeGreaterThanOrEqual(1)
          expect(location.line).toBeLessThanOrEqual(lines)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('what a main module accepts a dependency accepts, with the same requirements', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const strict = parseModFile(text, 'go.mod')
        const lax = parseModFile(text, 'go.mod', 'lax')
        if (strict.problems.length === 0) expect(lax.problems).toEqual([])
        expect(lax.require).toEqual(strict.require)
      }),
      { numRuns: 500 },
    )
  })

  it('reads back what is printed from a list of requirements', () => {
    const path = fc
      .stringMatching(/^[a-z]{1,8}\.example\/[A-Za-z0-9_~-]{1,12}$/)
      // Of a path that ends with a major version, the versions must be of it.
      .filter((p) => modulePathProblem(p) === undefined && !/\/v\d+$/.test(p))
    const version = fc.tuple(fc.nat(1), fc.nat(), fc.nat()).map(([a, b, c]) => `v${a}.${b}.${c}`)
    const requirement = fc.record({ path, version, indirect: fc.boolean() })
    fc.assert(
      fc.property(fc.array(requirement), fc.boolean(), (requirements, inBlock) => {
        const lines = requirements.map((r) => `${r.path} ${r.version}${r.indirect ? ' // indirect' : ''}`)
        const body = inBlock ? `require (\n\t${lines.join('\n\t')}\n)\n` : lines.map((line) => `require ${line}\n`).join('')
        const mod = parseModFile(`module example.com/m\n\n${body}`, 'go.mod')
        expect(mod.problems).toEqual([])
        expect(mod.require.map(({ path: p, version: v, indirect }) => ({ path: p, version: v, indirect }))).toEqual(requirements)
      }),
    )
  })

  it('is linear: a megabyte of the worst takes no time worth speaking of', () => {
    for (const unit of ['(', '// x\n', '\n', 'require (\n', '"', 'a//', '[v1,', ') ', '\\', 'require a v1.0.0-']) {
      const start = performance.now()
      parseModFile(unit.repeat(1_000_000 / unit.length), 'go.mod')
      expect(performance.now() - start, JSON.stringify(unit)).toBeLessThan(5000 * PATIENCE)
    }
  })
})

describe('go.sum', () => {
  it('tells hashes, unknown algorithms, dropped and odd lines, and malformed ones apart', () => {
    const empty = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY='
    const sum = parseSumFile(
      [
        `example.com/a v1.0.0 ${H1}\r`,
        `example.com/a v1.0.0/go.mod ${H1}`,
        '',
        'example.com/b v1.0.0 h2:AAAA',
        `example.com/c v1.0.0/go.mod ${empty}`,
        '// a comment',
        `example.com/d v1 ${H1}`,
        'example.com/e v1.0.0 h1:AAAA',
        `example.com/f v1.0.0 ${H1.replace('k=', 'l=')}`,
        'two fields',
      ].join('\n'),
      'go.sum',
    )
    expect(sum.entries.map((e) => `${e.location.line} ${e.path} ${e.goMod} ${e.state}`)).toEqual([
      '1 example.com/a false h1',
      '2 example.com/a true h1',
      '4 example.com/b false unknown-algorithm',
      '5 example.com/c true empty-go-mod',
      '6 // false odd',
      '7 example.com/d false odd',
      '8 example.com/e false odd',
      '9 example.com/f false odd',
    ])
    expect(sum.malformed).toEqual([{ fields: 2, location: { file: 'go.sum', line: 10, column: 1, endLine: 10, endColumn: 11 } }])
  })

  it('accounts for every line that is not blank, whatever it holds', () => {
    const line = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constant(`example.com/a v1.0.0 ${H1}`))
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map((one) => one.replaceAll('\n', ' ')).join('\n')
        const sum = parseSumFile(text, 'go.sum')
        const full = text.split('\n').filter((one) => one.trim() !== '')
        expect(sum.entries.length + sum.malformed.length).toBe(full.length)
      }),
    )
  })
})

describe('vendor/modules.txt', () => {
  it('reads modules, annotations, packages and replacements, and passes over what it does not know', () => {
    const list = parseVendorList(
      [
        '## workspace',
        '# example.com/a v1.0.0 => ./a',
        '## explicit; go 1.20; something new',
        'example.com/a',
        'example.com/a/b',
        'not a package',
        '# example.com/nonsense third',
        'example.com/lost',
        '# example.com/a => ./a',
        '# example.com/c v1.0.0 => example.net/c v1.1.0',
        '# short',
        'example.com/c/still',
      ].join('\n'),
      'vendor/modules.txt',
    )
    expect(list.workspace).toBe(true)
    expect(list.modules.map(({ location: _, ...rest }) => rest)).toEqual([
      {
        path: 'example.com/a',
        version: 'v1.0.0',
        explicit: true,
        go: '1.20',
        packages: ['example.com/a', 'example.com/a/b'],
        replacement: { kind: 'directory', path: './a' },
      },
      {
        path: 'example.com/a',
        version: undefined,
        explicit: false,
        go: undefined,
        packages: [],
        replacement: { kind: 'directory', path: './a' },
      },
      {
        path: 'example.com/c',
        version: 'v1.0.0',
        explicit: false,
        go: undefined,
        packages: ['example.com/c/still'],
        replacement: { kind: 'module', path: 'example.net/c', version: 'v1.1.0' },
      },
    ])
  })

  it('never throws and lists each module once', () => {
    const word = fc.constantFrom(
      '# ',
      '## ',
      'explicit',
      'a.b/c',
      'v1.0.0',
      '=>',
      ';',
      'go 1.20',
      '\n',
      ' ',
      '\u0000',
      'workspace',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const { modules } = parseVendorList(words.join(''), 'vendor/modules.txt')
        const keys = modules.map((m) => `${m.path} ${m.version}`)
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })
})

describe('versions and paths', () => {
  const version = fc
    .tuple(
      fc.nat(3),
      fc.nat(3),
      fc.nat(3),
      fc.constantFrom('', '-0', '-1', '-rc.1', '-rc.2', '-alpha', '-0.20230102030405-0123456789ab'),
      fc.constantFrom('', '+incompatible', '+x'),
    )
    .map(([a, b, c, pre, build]) => `v${a}.${b}.${c}${pre}${build}`)

  it('canonical form is a fixed point and equal in order', () => {
    fc.assert(
      fc.property(version, (v) => {
        const canonical = canonicalVersion(v) ?? ''
        expect(canonicalVersion(canonical)).toBe(canonical)
        expect(compareVersions(v, canonical)).toBe(0)
      }),
    )
  })

  it('order is antisymmetric and transitive', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('escaping comes back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,5}\.example(\/[A-Za-z]{1,6}){0,3}$/), (path) => {
        const escaped = escapePath(path)
        if (escaped !== undefined) expect(unescapePath(escaped)).toBe(path)
        expect(escaped === undefined).toBe(modulePathProblem(path) !== undefined)
      }),
    )
  })

  it('no text makes a comparison or a recogniser throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        parsePseudoVersion(`v${a}`)
        parseGoFlags(a)
        expect(Number.isFinite(compareVersions(a, b))).toBe(true)
        expect(Number.isFinite(compareGoVersions(a, b))).toBe(true)
      }),
    )
  })
})

describe('tree hash', () => {
  it('is that of the worked example, whatever the order, sorted by bytes', () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
    expect(treeHash([])).toBe('h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
    expect(treeHash([{ name: 'go.mod', content: encode('') }])).toBe('h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=')
    // U+FF21 sorts before U+10400 as bytes and behind it as UTF-16.
    const [low, high] = [
      { name: '\uff21', content: encode('a') },
      { name: '\u{10400}', content: encode('b') },
    ]
    expect(treeHash([high, low])).toBe(treeHash([low, high]))
  })
})

describe('settings in build files', () => {
  const found = (text: string): string[] => settingsIn(text, 'x').map((s) => `${s.location.line} ${s.name}=${s.value}`)

  it.each([
    ['export GOPROXY=https://a.example,direct\n', ['1 GOPROXY=https://a.example,direct']],
    ['ENV GOSUMDB off\n', ['1 GOSUMDB=off']],
    ['ENV GOSUMDB=off GOPRIVATE="corp.example/*"\n', ['1 GOSUMDB=off', '1 GOPRIVATE=corp.example/*']],
    ["env:\n  GOFLAGS: '-mod=mod -insecure'\n", ['2 GOFLAGS=-mod=mod -insecure']],
    ['\tGOFLAGS := -mod=vendor -trimpath\n', ['1 GOFLAGS=-mod=vendor -trimpath']],
    ['GOFLAGS=-mod=mod go build ./...\n', ['1 GOFLAGS=-mod=mod']],
    ['go env -w GONOSUMDB=*\n', ['1 GONOSUMDB=*']],
    ['{ "GOINSECURE": "corp.example" }\n', ['1 GOINSECURE=corp.example']],
    ['# GOSUMDB=off\n  // GOSUMDB=off\n', []],
    ['echo $GOPROXY=1\nMYGOPROXY=x\nGOPROXYX=y\n', []],
    [`GOPROXY=$\{PROXY},direct\nGOPROXY: $\{{ vars.PROXY }}\n`, []],
    ['the GOPROXY is not set here\n', []],
  ])('%j', (text, expected) => expect(found(text)).toEqual(expected))

  it('is linear', () => {
    const start = performance.now()
    settingsIn('GOPROXY'.repeat(100_000) + ' '.repeat(100_000), 'x')
    settingsIn('ENV GOPROXY '.repeat(50_000), 'x')
    settingsIn(`GOFLAGS=${'-a '.repeat(100_000)}`, 'x')
    expect(performance.now() - start).toBeLessThan(2000 * PATIENCE)
  })
})
