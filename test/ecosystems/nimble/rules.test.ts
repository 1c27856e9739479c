import { describe, expect, it } from 'vitest'
import { nimble } from '../../../src/ecosystems/nimble/index.js'
import type { OptionValue } from '../../../src/model/rule.js'
import { COMMIT, entry, judge, lock, manifest, readFiles, SHA1 } from './support.js'

type Files = Readonly<Record<string, string>>

interface Case {
  readonly rule: string
  /** What breaks the rule, and what it says. */
  readonly bad: Files
  readonly says: readonly string[]
  /** The nearest thing that does not. */
  readonly good: Files
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly cache?: Files
}

const one = (...lines: string[]): Files => ({ 'p.nimble': manifest(...lines) })
const locked = (packages: Readonly<Record<string, object>>): Files => ({ 'nimble.lock': lock(packages) })
const installed = (...lines: string[]): Files => ({
  'p.nimble': manifest('requires "a"'),
  'nimble.lock': lock({ a: entry('a') }),
  [`nimbledeps/pkgs2/a-1.0.0-${SHA1}/a.nimble`]: manifest(...lines),
})
const list = (...packages: object[]): string => JSON.stringify(packages)

const CASES: readonly Case[] = [
  {
    rule: 'nimble/special-version',
    bad: one('requires "a#head", "b#devel", "c#abc1234"'),
    says: ['a#head follows a branch', 'b#devel follows a branch', 'c#abc1234 names an abbreviated commit or a branch'],
    good: one(`requires "a#v1.2.0", "b >= 1", "c#${COMMIT}"`),
  },
  {
    rule: 'nimble/special-version',
    bad: locked({ a: entry('a', { version: '#head' }) }),
    says: ['a#head is locked without a release number'],
    // The requirement itself is there to be told, so the lock does not say it again.
    good: { ...one('requires "a#v1.0"'), ...locked({ a: entry('a', { version: '#v1.0' }) }) },
  },
  {
    rule: 'nimble/url-requirement',
    bad: one('requires "https://u:p@example.org/a"'),
    says: ['https://example.org/a bypasses the package list'],
    good: one('requires "a"'),
  },
  {
    rule: 'nimble/url-requirement',
    bad: one('requires "gh:other/a"'),
    says: ['https://github.com/other/a bypasses the package list'],
    good: one('requires "gh:mine/a"'),
    options: { allow: ['https://github.com/mine/*'] },
  },
  {
    rule: 'nimble/requirement-syntax',
    bad: one('requires "a>= 1.0", "b #head"'),
    says: ['"a>=": nimble takes all of it for the name of a package', '"b #head": nimble refuses it'],
    good: one('requires "a >= 1.0", "b-c#v1"'),
  },
  {
    rule: 'nimble/hook-executes',
    bad: installed('before install:', '  exec "make"'),
    says: ['a@1.0.0 runs exec "make" when it is installed'],
    good: installed('task test, "x":', '  exec "make"'),
  },
  {
    rule: 'nimble/hook-executes',
    bad: installed('exec "make"'),
    says: ['a@1.0.0 runs exec "make" when it is read'],
    good: installed('proc unused() = exec "make"', 'let x = readFile("v")'),
  },
  {
    rule: 'nimble/hook-executes',
    bad: one('exec "curl https://example.org/x"'),
    says: ['p@1.0.0 runs exec "curl https://example.org/x" when it is read'],
    good: one('exec "git describe"', 'after install:', '  exec "make"'),
  },
  {
    rule: 'nimble/binary-fetch',
    bad: installed('after install:', '  exec "wget http://example.org/x.zip"'),
    says: ['a@1.0.0 downloads http://example.org/x.zip unverified when it is installed'],
    good: installed('after install:', '  exec "wget http://example.org/x.zip"', '  exec "sha256sum -c x.sum"'),
  },
  {
    rule: 'nimble/develop-link',
    bad: { ...one(), 'nimble.develop': '{"dependencies": ["../a"]}' },
    says: ['develop mode replaces ../a by a working copy'],
    good: { ...one(), 'nimble.develop': '{"version": 1, "includes": [], "dependencies": []}' },
  },
  {
    rule: 'nimble/machine-paths',
    bad: { ...one(), 'nimble.paths': '--path:"/home/u/.nimble/pkgs2/a"' },
    says: ['nimble.paths holds absolute paths of one machine'],
    good: { ...one(), 'nimble.paths': '--path:"nimbledeps/pkgs2/a"' },
  },
  {
    rule: 'nimble/submodules',
    bad: { ...one(), '.gitmodules': '[submodule "a"]\n path = a\n url = ../a\n' },
    says: ['one submodule is not in the lockfile'],
    good: { ...one(), '.gitmodules': '' },
  },
  {
    rule: 'nimble/manifest-invalid',
    bad: { 'p.nimble': 'packageName = "q"\n' },
    says: [
      'nimble refuses p.nimble: the name inside differs from the name of the file',
      'nimble refuses p.nimble: it states no version',
      'nimble refuses p.nimble: it states no license',
    ],
    good: one('packageName = "P"'),
  },
  {
    rule: 'nimble/manifest-uncertain',
    bad: one('requires x', 'when y: requires "a"'),
    says: ['the manifest of p@1.0.0 holds computed requirements, requirements under a condition'],
    good: one('requires "a"', 'task t, "x": discard'),
  },
  {
    rule: 'nimble/url-injection',
    bad: locked({ a: entry('a', { url: 'https://example.org/a;touch x' }) }),
    says: ['"https://example.org/a;touch x" holds the character ";"'],
    good: locked({ a: entry('a', { url: 'https://example.org/~a/b_c.git' }) }),
  },
  {
    rule: 'nimble/revision-missing',
    bad: locked({ a: entry('a', { vcsRevision: '' }) }),
    says: ['the lock entry of a has no commit'],
    good: locked({ a: entry('a') }),
  },
  {
    rule: 'nimble/dangling-dependency',
    bad: locked({ a: entry('a', { dependencies: ['b', 'nim'] }) }),
    says: ['a@1.0.0 depends on b, which is not in the lockfile'],
    good: locked({ a: entry('a', { dependencies: ['nim', 'B_'] }), b: entry('b') }),
  },
  {
    rule: 'nimble/lock-cycle',
    bad: locked({ a: entry('a', { dependencies: ['b'] }), b: entry('b', { dependencies: ['a'] }) }),
    says: ['a -> b -> a is a circle'],
    good: locked({ a: entry('a', { dependencies: ['b', 'c'] }), b: entry('b', { dependencies: ['c'] }), c: entry('c') }),
  },
  {
    rule: 'nimble/lock-entry-unused',
    bad: { ...one('requires "a"'), ...locked({ a: entry('a'), b: entry('b') }) },
    says: ['nothing in the manifest or the lockfile asks for b'],
    good: { ...one('requires "a"', 'include "more.nims"'), ...locked({ a: entry('a'), b: entry('b') }) },
  },
  {
    rule: 'nimble/lock-leniency',
    bad: { 'nimble.lock': '// by hand\n{"version": 2, "packages": {},}' },
    says: ['the lockfile holds a comment', 'the lockfile holds a comma before a closing bracket'],
    good: { 'nimble.lock': '{"version": 2, "packages": {}}' },
  },
  {
    rule: 'nimble/toolchain-not-locked',
    bad: locked({ a: entry('a', { dependencies: ['nim'] }) }),
    says: ['packages depend on nim, which has no entry in the lockfile'],
    good: locked({ a: entry('a', { dependencies: ['nim'] }), nim: entry('nim') }),
  },
  {
    rule: 'nimble/registry-url',
    bad: locked({ a: entry('a', { url: 'https://example.net/a' }) }),
    says: ['a is locked at https://example.net/a, the package list has https://example.org/nim/a'],
    good: locked({ a: entry('a', { url: 'http://example.org/nim/a.git' }) }),
    cache: { 'packages.json': list({ name: 'a', url: 'https://example.org/nim/a' }) },
  },
  {
    rule: 'nimble/listed-alias',
    bad: one('requires "old", "gone", "lost"'),
    says: [
      'old is an alias in the package list',
      'gone is deleted in the package list',
      'lost is an alias that leads nowhere in the package list',
    ],
    good: one('requires "a", "unlisted"'),
    cache: {
      'packages.json': list(
        { name: 'a', url: 'https://example.org/nim/a' },
        { name: 'old', alias: 'a' },
        { name: 'gone', url: 'https://example.org/gone', tags: ['deleted'] },
        { name: 'lost', alias: 'nowhere' },
      ),
    },
  },
  {
    rule: 'nimble/list-conflict',
    bad: one('requires "a"'),
    says: ['a is https://example.org/a or https://example.net/a'],
    good: one('requires "b"'),
    cache: {
      'packages.json': list({ name: 'a', url: 'https://example.org/a' }, { name: 'b', url: 'https://example.org/b' }),
      'packages_local.json': list({ name: 'A', url: 'https://example.net/a' }, { name: 'b', url: 'http://example.org/b.git' }),
    },
  },
]

describe('every rule', () => {
  it.each(CASES)('$rule: $says', async ({ rule, bad, says, good, options, cache }) => {
    const found = judge(rule, await readFiles(bad, cache), options)
    expect(found.map((f) => f.message).sort()).toEqual([...says].sort())
    for (const finding of found) {
      expect(finding.location).toBeDefined()
      expect(finding.fix).not.toBe('')
    }
    expect(judge(rule, await readFiles(good, cache), options)).toEqual([])
  })

  it('is tried', () => {
    // Those over repositories and lists alone are tried where these are asked.
    const byReading = nimble.rules.filter((rule) => rule.evidence.includes('L'))
    expect([...new Set(CASES.map((c) => c.rule))].sort()).toEqual(byReading.map((r) => r.id).sort())
  })

  it('lets reviewed packages run what they run', async () => {
    const inventory = await readFiles(installed('exec "make"'))
    expect(judge('nimble/hook-executes', inventory, { allow: ['a'] })).toEqual([])
  })

  it('alone may not be silenced in the repository when a shell is at stake', () => {
    expect(nimble.rules.filter((rule) => rule.hard === true && rule.evidence.includes('L')).map((rule) => rule.id)).toEqual([
      'nimble/url-injection',
    ])
  })
})
