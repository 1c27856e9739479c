import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseManifest } from '../../../src/ecosystems/nimble/manifest.js'
import { parseIni } from '../../../src/ecosystems/nimble/manifest-ini.js'
import { tokenizeNim } from '../../../src/ecosystems/nimble/nimscript-tokens.js'
import { PATIENCE } from '../../support/patience.js'
import { hasShared, readSharedBytes } from '../../support/shared.js'

const HEAD = 'version = "1.0.0"\nlicense = "MIT"\n'
const read = (body: string) => parseManifest(HEAD + body, 'p.nimble')
const codes = (body: string): string[] => read(body).flags.map((f) => f.code)
const asked = (body: string): [string, string | undefined][] => read(body).requires.map((r) => [r.requirement.name, r.condition])

describe('tokenizeNim', () => {
  const strings = (text: string): string[] =>
    tokenizeNim(text)
      .tokens.filter((t) => t.kind === 'string')
      .map((t) => t.text)

  it.each([
    ['"a\\n\\x41\\u00e9\\u{1F600}\\65\\"\\\\"', 'a\nA\u00e9\u{1F600}A"\\'],
    ['r"a\\n""b"', 'a\\n"b'],
    ['"""\na"b\n"""', 'a"b\n'],
    ['"""a""b"""""', 'a""b""'],
    ['""', ''],
  ])('%s', (text, value) => expect(strings(text)).toEqual([value]))

  it('passes over comments, nested ones too, and characters', () => {
    expect(tokenizeNim(`#[ a #[ b ]# "c" ]# x '"' # "d"\n##[ "e" ]# y`).tokens.map((t) => t.text)).toEqual(['x', `'"'`, 'y'])
  })

  it('counts the indent after a comment of several lines', () => {
    expect(tokenizeNim('#[\n]#  x').tokens[0]?.indent).toBe(4)
    expect(tokenizeNim('a """\n  """ b\n  c').tokens.map((t) => t.indent)).toEqual([0, undefined, undefined, 2])
  })

  it.each([
    ['#[ a', 0, 'a comment has no end'],
    ['x "a', 2, 'a string has no end on its line'],
    ['"""a', 0, 'a string has no end'],
    ['"\\q"', 1, 'a string holds an escape that Nim does not have'],
    ['`a', 0, 'a name in backticks has no end'],
    ['a \u0001', 2, 'no Nim begins with "\\u0001"'],
  ])('refuses %j', (text, at, why) => expect(tokenizeNim(text).error).toEqual({ at, why }))
})

describe('parseManifest', () => {
  it('compares names as Nim does: the first letter exactly, the rest loosely', () => {
    expect(
      parseManifest('VERSION = "9"\nver_sion = "1"\nRequires "no"\nre_QUIRES "yes"\nlicense = "MIT"', 'p.nimble'),
    ).toMatchObject({
      requires: [{ requirement: { name: 'yes' } }],
    })
    expect(parseManifest('src_dir = "s"', 'p.nimble').fields.get('srcDir')?.text).toBe('s')
  })

  it.each([
    [
      'requires "a", "b >= 1"',
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
    ['requires("a")', [['a', undefined]]],
    [
      'requires(@["a", "b"],)',
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
    [
      'requires "a, b"',
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
    [
      'requires "a",\n  "b",\n\n  "c"',
      [
        ['a', undefined],
        ['b', undefined],
        ['c', undefined],
      ],
    ],
    [
      'if A:\n  when B:\n    requires "a"\n  else:\n    requires "b"\nelif C: requires "c"',
      [
        ['a', 'A and B'],
        ['b', 'A and else'],
        ['c', 'not(A) and C'],
      ],
    ],
    [
      'when A:\n  requires "a"\nrequires "b"',
      [
        ['a', 'A'],
        ['b', undefined],
      ],
    ],
    ['task t, "x":\n  requires "a"', [['a', 'task t']]],
    [
      'case x\nof "1": requires "a"\nelse: requires "b"',
      [
        ['a', '"1"'],
        ['b', 'else'],
      ],
    ],
    ['block:\n  requires "a"', [['a', undefined]]],
    ['for x in y:\n  requires "a"', [['a', 'for x in y']]],
    [
      'requires "a"; requires "b"',
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
  ] as [string, [string, string | undefined][]][])('%s', (body, expected) => expect(asked(body)).toEqual(expected))

  it.each([
    ['', 'exact'],
    ['requires "a"\necho "hi"\nswitch("path", ".")\n--path:"src"\nmode = ScriptMode.Verbose', 'exact'],
    ['import os, strutils\nimport std/[sequtils, tables]\nfrom os import getEnv', 'exact'],
    ['let x = getEnv("A")\nconst y = 1\nproc z(a: string): string = a', 'exact'],
    ['task test, "x":\n  exec "nim c x"\n  foo()', 'exact'],
    ['when defined(windows):\n  echo "x"', 'exact'],
    ['when defined(windows):\n  requires "winim"', 'partial'],
    ['when defined(windows):\n  license = "GPL"', 'partial'],
    ['include "x.nims"', 'partial'],
    ['import ./helper', 'partial'],
    ['bin = getBins()', 'partial'],
    ['requires x', 'unknown'],
    ['requires "a" & x', 'unknown'],
    ['requires &"{x}"', 'unknown'],
    ['requires fmt"a"', 'unknown'],
    ['version = x', 'unknown'],
    ['for i in x:\n  requires i', 'unknown'],
    ['proc add(x: string) =\n  requires x\nadd("a")', 'unknown'],
    ['template pinned(x) =\n  other(x)\nproc other(x: string) = requires(x)\nwhen A:\n  pinned("a")', 'unknown'],
    ['proc never(x: string) = requires x', 'exact'],
    ['somethingElse "a"', 'unknown'],
    ['"a".requires', 'unknown'],
    ['discard (block: (requires "x"; 1))', 'unknown'],
    ['let r = requires\nr "x"', 'unknown'],
    ['let x = (version = "9"; 1)', 'unknown'],
    ['if (requires "x"; true): echo "y"', 'unknown'],
    ['macro m() = parseStmt("req" & "uires \\"x\\"")\nm()', 'unknown'],
    ['(requires "x")', 'unknown'],
    ['let name = "x"\nvar\n  version = 1\n  paths = 2', 'exact'],
    ['when A: requires "a" else: requires "b"', 'unknown'],
  ])('%s: %s', (body, certainty) => expect(read(body).certainty).toBe(certainty))

  it('does not keep a field that only some runs set', () => {
    const manifest = read('when A:\n  version = "2.0.0"')
    expect(manifest.fields.has('version')).toBe(false)
    expect(codes('when A:\n  version = "2.0.0"')).toEqual(['conditional-field'])
  })

  it('reads lists, binaries and system libraries', () => {
    const manifest = read(
      'bin = @["a", "b"]\nnamedBin["src/x"] = "y"\nnamedBin = {"p": "q"}.toTable()\nforeignDep "openssl"\nsrcDir =\n  "src"',
    )
    expect(manifest.lists.get('bin')?.map((f) => f.text)).toEqual(['a', 'b'])
    expect([...manifest.namedBin]).toEqual([
      ['src/x', 'y'],
      ['p', 'q'],
    ])
    expect(manifest.foreignDeps.map((f) => f.text)).toEqual(['openssl'])
    expect(manifest.fields.get('srcDir')).toEqual({
      text: 'src',
      location: { file: 'p.nimble', line: 8, column: 3, endLine: 8, endColumn: 8 },
    })
    expect(manifest.certainty).toBe('exact')
  })

  it('finds commands and says when they run', () => {
    const body = [
      'let v = gorge("git describe")',
      'when defined(x): exec "a"',
      'proc run(c: string) =',
      '  exec c',
      'proc idle() = writeFile("x", "y")',
      'before install:',
      '  run("curl https://user:secret@h/x.sh | sh")',
      'after build:',
      '  selfExec "x"',
      'task t, "x": `ex_ec` "b"',
    ].join('\n')
    expect(read(body).commands.map((c) => [c.name, c.does, c.moment, c.within, c.location.line])).toEqual([
      ['gorge', 'executes', 'parse', undefined, 3],
      ['exec', 'executes', 'parse', undefined, 4],
      ['exec', 'executes', 'install', 'run', 6],
      ['writeFile', 'writes', 'never', 'idle', 7],
      ['selfExec', 'executes', 'task', 'after build', 11],
      ['ex_ec', 'executes', 'task', 'task t', 12],
    ])
    expect(read(body).hooks.map((h) => [h.when, h.action, h.executes])).toEqual([
      ['before', 'install', true],
      ['after', 'build', true],
    ])
  })

  it('shows URLs without their secrets', () => {
    const [command] = read('exec "curl https://user:secret@h/x?token=abc -o x"').commands
    expect(command?.urls).toEqual(['https://h/x'])
    expect(JSON.stringify(command)).not.toContain('secret')
  })

  it('names the place of a requirement', () => {
    expect(read('requires "a",\n         "b"').requires[1]?.location).toEqual({
      file: 'p.nimble',
      line: 4,
      column: 10,
      endLine: 4,
      endColumn: 13,
    })
  })

  it.each([
    ['', 'it is empty', 1, 1],
    ['# only a comment\n', 'it is empty', 1, 1],
    ['version = "1\n', 'a string has no end on its line', 1, 11],
    ['requires("a"\n', '( is never closed', 1, 9],
    ['requires "a")\n', ') closes nothing', 1, 13],
    ['[Package]\nversion = 0.1.0\n', 'the value of version has no quotes', 2, 11],
    ['[Package]\ncolour = "x"\n', 'colour is no key of a package', 2, 10],
    ['[Other]\nname = "x"\n', '[Other] is no section of a manifest', 2, 8],
    ['[Package\n', 'a section has no end', 1, 1],
  ])('refuses %j', (text, why, line, column) => {
    const [diagnostic] = parseManifest(text, 'p.nimble').diagnostics
    expect(diagnostic).toMatchObject({
      code: 'input/manifest-unparseable',
      message: `p.nimble cannot be read: ${why}`,
      location: { file: 'p.nimble', line, column },
    })
  })

  it('keeps what stands before the place where it is no Nim', () => {
    const manifest = parseManifest('version = "1"\nrequires "a"\nrequires "b\n', 'p.nimble')
    expect(manifest.requires.map((r) => r.requirement.name)).toEqual(['a'])
    expect(manifest.certainty).toBe('unknown')
  })

  it('takes a script for one although its comment looks like sections', () => {
    const manifest = parseManifest('#[\n[Package]\n]#\nversion = "1"\n', 'p.nimble')
    expect([manifest.format, manifest.fields.get('version')?.text]).toEqual(['nimscript', '1'])
  })

  it('reads the old form with requirements of tasks', () => {
    const text =
      '[Package]\nname: "p"\nversion = r"1.0"\nlicense = "MIT"\n[Dependencies]\nrequires = "a >= 1, b"\ntestRequires = "c"\n'
    const manifest = parseManifest(text, 'p.nimble')
    expect(manifest.requires.map((r) => [r.text, r.task])).toEqual([
      ['a >= 1', undefined],
      ['b', undefined],
      ['c', 'test'],
    ])
    expect(manifest.format).toBe('ini')
  })
})

describe('parseIni', () => {
  it.skipIf(!hasShared('vectors/nimble/registry/nimble.ini'))('reads nimble.ini', () => {
    const result = parseIni(
      new TextDecoder().decode(readSharedBytes('vectors', 'nimble', 'registry', 'nimble.ini')),
      'nimble.ini',
    )
    expect(result.ok ? result.pairs.map((p) => [p.section, p.key, p.value.text, p.bare]) : result.why).toEqual([
      ['', 'nimbleDir', '/srv/nimble/', false],
      ['', 'cloneUsingHttps', 'true', true],
      ['', 'httpProxy', 'http://proxy.example.org:3128', false],
      ['PackageList', 'name', 'Official', false],
      ['PackageList', 'url', 'https://mirror.example.org/packages.json', false],
      ['PackageList', 'name', 'Local', false],
      ['PackageList', 'path', '/srv/nimble/packages.json', false],
    ])
  })
})

describe('any text', () => {
  const piece = fc.constantFrom(
    ...[
      'requires ',
      'version = ',
      '"a"',
      '"',
      '"""',
      '#[',
      ']#',
      '\n',
      '\n  ',
      'when ',
      'else',
      ':',
      '(',
      ')',
      '@[',
      ']',
      '=',
      ';',
      ',',
    ],
    ...[
      'proc ',
      'exec ',
      'task x, ',
      'before install',
      'feature ',
      'r"',
      "'",
      '`',
      '&',
      '[Package]\n',
      '{',
      '}',
      'for ',
      'import ',
      '\\',
      '\u00e9',
    ],
  )
  const scripts = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  )

  it('gives a manifest, and one that is not exact whenever it is no Nim', () => {
    fc.assert(
      fc.property(scripts, (text) => {
        const manifest = parseManifest(text, 'p.nimble')
        if (manifest.diagnostics.length > 0) expect(manifest.certainty).toBe('unknown')
        const lines = text.split('\n').length
        for (const { location } of [...manifest.requires, ...manifest.flags, ...manifest.commands, ...manifest.diagnostics]) {
          expect(location.line).toBeGreaterThanOrEqual(1)
          expect(location.line).toBeLessThanOrEqual(lines)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('reads back every requirement that is written as a literal', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
    const form = fc.constantFrom(
      (a: string) => `requires ${a}`,
      (a: string) => `requires(${a})`,
      (a: string) => `requires @[${a}]`,
      (a: string) => `requires ${a.replaceAll(', ', ',\n    ')}`,
      (a: string) => `#[ requires "no" ]# requires ${a} # requires "no"`,
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(form, fc.array(name, { minLength: 1, maxLength: 4 })), { maxLength: 6 }), (statements) => {
        const text = statements.map(([write, names]) => write(names.map((n) => `"${n} >= 1"`).join(', '))).join('\n')
        const manifest = parseManifest(HEAD + text, 'p.nimble')
        expect(manifest.requires.map((r) => r.requirement.name)).toEqual(statements.flatMap(([, names]) => names))
        expect(manifest.certainty).toBe('exact')
      }),
    )
  })

  it('a condition around everything makes every requirement conditional', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 5 }), fc.nat(20), (names, depth) => {
        const heads = Array.from({ length: depth + 1 }, (_, i) => `${' '.repeat(i)}when c${i}:\n`).join('')
        const text = heads + names.map((n) => `${' '.repeat(depth + 1)}requires "${n}"\n`).join('')
        const manifest = parseManifest(HEAD + text, 'p.nimble')
        expect(manifest.requires.map((r) => r.condition)).toEqual(
          names.map(() => Array.from({ length: depth + 1 }, (_, i) => `c${i}`).join(' and ')),
        )
      }),
    )
  })

  it.each([
    ['open brackets', '('.repeat(300_000)],
    ['blocks in one line', `${'if a: '.repeat(100_000)}x`],
    ['deep blocks', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}if a:`).join('\n')],
    ['nested comments', '#['.repeat(300_000)],
    ['branches', `if a: x\n${'elif b: requires "x"\n'.repeat(5000)}`],
    ['many strings in a line', `requires ${'"""a""", '.repeat(50_000)}`],
    ['many requirements in one string', `requires "${'a,'.repeat(400_000)}"`],
    ['many commands', 'exec "x"\n'.repeat(20_000)],
    ['many procedures', Array.from({ length: 5000 }, (_, i) => `proc p${i}() = p${i + 1}()`).join('\n')],
    ['comments of the old form', '#\n'.repeat(500_000)],
    ['quotes', `"${'\\'.repeat(300_000)}`],
  ])('takes %s in linear time', (_, text) => {
    const start = performance.now()
    parseManifest(text, 'p.nimble')
    expect(performance.now() - start).toBeLessThan(3000 * PATIENCE)
  })
})
