import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mergeInventories } from '../../../src/audit/merge.js'
import { GO_RULES } from '../../../src/ecosystems/go/rules.js'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import type { Inventory } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { NO_RELEASE_SETTINGS } from '../../../src/model/release-settings.js'
import type { OptionValue, Settings } from '../../../src/model/rule.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import { NOT_ASKED } from '../../../src/model/verification.js'
import { readFiles, readTree } from './cases.js'

const SETTINGS: Settings = {
  sources: { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] },
  deny: [],
  allow: [],
  trust: NO_TRUST_SETTINGS,
  release: NO_RELEASE_SETTINGS,
}

function judge(
  id: string,
  inventory: Inventory,
  options: Readonly<Record<string, OptionValue>> = {},
  internal: readonly string[] = [],
): string[] {
  const rule = GO_RULES.find((one) => one.id === id)
  if (rule === undefined) throw new Error(`no rule ${id}`)
  const { findings } = rule.evaluate({
    graph: new GraphView(mergeInventories([inventory])),
    evidence: [],
    verification: NOT_ASKED,
    isClaimed: () => false,
    settings: { ...SETTINGS, sources: { ...SETTINGS.sources, internal } },
    // The type of an option is stated by whoever asks for it.
    option: <K extends OptionValue>(name: string): K => (options[name] ?? rule.options?.[name]?.default) as K,
    today: '2026-01-01',
  })
  return findings.map((finding) => finding.message)
}

const H1 = 'h1:x+O9jMUqEZ8AtscT8ZQq+FyBOYlvdwr7MP6wXTzHGJk='
const H2 = 'h1:n34S765oI3t5x3y8OWGOoL8DPCUyk5+bq05P+THlaJM='
const both = (module: string): string => `${module} ${H1}\n${module}/go.mod ${H1}\n`
const mod = (body: string, go = '1.22.0'): string => `module example.com/m\n\ngo ${go}\n\n${body}\n`
const A = 'require example.com/a v1.0.0'
const GOOD = { 'go.mod': mod(A), 'go.sum': both('example.com/a v1.0.0') }

interface Case {
  readonly rule: string
  readonly fires: Readonly<Record<string, string>>
  readonly says: readonly string[]
  readonly quiet: Readonly<Record<string, string>>
  readonly cache?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, OptionValue>>
}

const CASES: readonly Case[] = [
  {
    rule: 'go/sum-missing',
    fires: { ...GOOD, 'go.sum': `example.com/a v1.0.0/go.mod ${H1}\n` },
    says: ['example.com/a@v1.0.0 has no go.sum entry for its code'],
    quiet: GOOD,
  },
  {
    rule: 'go/sum-gap',
    fires: { 'go.mod': mod(`${A} // indirect`), 'go.sum': `example.com/a v1.0.0/go.mod ${H1}\n` },
    says: ['example.com/a@v1.0.0 has no go.sum entry for its code; it is only listed as indirect'],
    quiet: { ...GOOD, 'go.sum': '' },
  },
  {
    rule: 'go/sum-extra',
    fires: { ...GOOD, 'go.sum': `${both('example.com/a v0.9.0')}${both('example.com/a v1.0.0')}` },
    says: ['one unused line, the first about example.com/a@v0.9.0'],
    quiet: GOOD,
  },
  {
    rule: 'go/sum-conflict',
    fires: { ...GOOD, 'go.sum': `${both('example.com/a v1.0.0')}${both('example.com/b v1.0.0')}example.com/b v1.0.0 ${H2}\n` },
    says: ['example.com/b@v1.0.0 has two hashes of its code'],
    quiet: { ...GOOD, 'go.sum': `${both('example.com/a v1.0.0')}${both('example.com/a v1.0.0')}` },
  },
  {
    rule: 'go/sum-mismatch',
    fires: GOOD,
    cache: { 'example.com/a@v1.0.0': 'module example.com/a\n' },
    says: [`the go.mod of example.com/a@v1.0.0 has h1:NeOsx/KTizj35klXP3wYh3O0751aAtYrRoX+a6YAye8=, go.sum has ${H1}`],
    quiet: { 'go.mod': mod(A), 'go.sum': `example.com/a v1.0.0 ${H1}\n` },
  },
  {
    rule: 'go/sum-unknown-algorithm',
    fires: { ...GOOD, 'go.sum': `example.com/a v1.0.0 h2:AAAA\nexample.com/a v1.0.0/go.mod ${H1}\n` },
    says: ['the only hash of example.com/a@v1.0.0 is of the unknown algorithm h2'],
    quiet: { ...GOOD, 'go.sum': `example.com/a v1.0.0 h2:AAAA\n${both('example.com/a v1.0.0')}` },
  },
  {
    rule: 'go/sum-empty-gomod',
    fires: { ...GOOD, 'go.sum': 'example.com/a v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n' },
    says: ['example.com/a@v1.0.0/go.mod has the hash of an empty file'],
    quiet: GOOD,
  },
  {
    rule: 'go/sum-odd-line',
    fires: { ...GOOD, 'go.sum': `${both('example.com/a v1.0.0')}// a comment\n` },
    says: ['the line of "// a" is no hash of a module'],
    quiet: GOOD,
  },
  {
    rule: 'go/replace-active',
    fires: { 'go.mod': mod(`${A}\nreplace example.com/a => example.net/a v1.0.1`) },
    says: ['example.com/a@v1.0.0 is replaced by example.net/a@v1.0.1'],
    quiet: { 'go.mod': mod(`${A}\nreplace example.com/a v0.9.0 => example.net/a v1.0.1`) },
  },
  {
    rule: 'go/replace-active',
    fires: { 'go.mod': mod(`${A}\nreplace example.com/a => ../a`) },
    says: ['example.com/a@v1.0.0 is replaced by ../a'],
    quiet: { 'go.mod': mod(`${A}\nreplace example.com/a => ./a`), 'a/go.mod': 'module example.com/a\n' },
    options: { 'allow-local': true },
  },
  {
    rule: 'go/replace-version',
    fires: { 'go.mod': mod(`${A}\nreplace example.com/a v1.0.0 => example.com/a v1.0.1`) },
    says: ['example.com/a@v1.0.0 is built as example.com/a@v1.0.1'],
    quiet: { 'go.mod': mod(`${A}\nreplace example.com/a v1.0.0 => example.net/a v1.0.1`) },
  },
  {
    rule: 'go/replace-conflict',
    fires: { 'go.mod': mod(`${A}\nreplace example.com/a => ./a\nreplace example.com/a => ./b`) },
    says: ['example.com/a is replaced by ./a, ./b'],
    quiet: { 'go.mod': mod(`${A}\nreplace example.com/a => ./a\nreplace example.com/a v1.0.0 => ./b`) },
  },
  {
    rule: 'go/replace-local-missing',
    fires: { 'go.mod': mod(`${A}\nreplace example.com/a => ./a`) },
    says: ['example.com/a is replaced by ./a, which has no go.mod'],
    quiet: { 'go.mod': mod(`${A}\nreplace example.com/a => ./a`), 'a/go.mod': 'module example.com/a\n' },
  },
  {
    rule: 'go/exclude-used',
    fires: { 'go.mod': mod(`${A}\nexclude example.com/b v1.0.0`) },
    cache: {
      'example.com/a@v1.0.0': 'module example.com/a\n\nrequire example.com/b v1.0.0\n',
      'example.com/b@v1.1.0': 'module example.com/b\n',
    },
    says: ['example.com/a@v1.0.0 requires example.com/b@v1.0.0, which is excluded'],
    quiet: { 'go.mod': mod(`${A}\nexclude example.com/b v1.1.0`) },
  },
  {
    rule: 'go/pseudo-version',
    fires: { 'go.mod': mod('require example.com/a v0.0.0-20230102030405-0123456789ab') },
    says: ['example.com/a@v0.0.0-20230102030405-0123456789ab is no release'],
    quiet: { 'go.mod': mod('require example.com/a v0.0.0-20230102030405-0123456789ab // indirect') },
  },
  {
    rule: 'go/pseudo-version',
    fires: { 'go.mod': mod('require example.com/a v0.0.0-20230102030405-0123456789ab') },
    says: ['example.com/a@v0.0.0-20230102030405-0123456789ab is no release'],
    quiet: { 'go.mod': mod('require golang.org/x/a v0.0.0-20230102030405-0123456789ab') },
    options: { allow: ['golang.org/x/**'] },
  },
  {
    rule: 'go/pseudo-invalid',
    fires: { 'go.mod': mod('require example.com/a v0.0.0-20231302030405-0123456789ab') },
    says: ['example.com/a@v0.0.0-20231302030405-0123456789ab is impossible: its time is no date'],
    quiet: { 'go.mod': mod('require example.com/a v0.0.0-20231202030405-0123456789ab') },
  },
  {
    rule: 'go/incompatible',
    fires: { 'go.mod': mod('require example.com/a v2.0.0+incompatible') },
    says: ['example.com/a@v2.0.0+incompatible predates modules'],
    quiet: { 'go.mod': mod('require example.com/a/v2 v2.0.0') },
  },
  {
    rule: 'go/placeholder-version',
    fires: { 'go.mod': mod('require example.com/a v0.0.0-00010101000000-000000000000') },
    says: ['example.com/a@v0.0.0-00010101000000-000000000000 is no version of anything'],
    quiet: { 'go.mod': mod('require example.com/a v0.0.0-00010101000000-000000000000\nreplace example.com/a => ./a') },
  },
  {
    rule: 'go/path-case',
    fires: { 'go.mod': mod('require example.com/a v1.0.0\nrequire example.com/A v1.0.0') },
    says: ['example.com/a@v1.0.0 and example.com/A differ in case alone'],
    quiet: { 'go.mod': mod('require example.com/a v1.0.0\nrequire example.com/b v1.0.0') },
  },
  {
    rule: 'go/toolchain-unpinned',
    fires: { ...GOOD, 'main.go': 'package main\n' },
    says: ['any Go from 1.22.0 on can build example.com/m'],
    quiet: { ...GOOD, 'lib.go': 'package lib\n' },
  },
  {
    rule: 'go/toolchain-line',
    fires: { 'go.mod': mod('toolchain go1.22.5-corp') },
    says: ['the toolchain go1.22.5-corp is no release of the Go project'],
    quiet: { 'go.mod': mod('toolchain go1.22.5') },
  },
  {
    rule: 'go/go-line-missing',
    fires: { 'go.mod': 'module example.com/m\n' },
    says: ['example.com/m has no go line'],
    quiet: GOOD,
  },
  {
    rule: 'go/mod-noncanonical',
    fires: { 'go.mod': mod('require example.com/a master') },
    says: ['example.com/a is required at "master", which is no version'],
    quiet: { 'go.mod': mod('require example.com/a v1') },
  },
  {
    rule: 'go/mod-untidy',
    fires: { 'go.mod': mod('require example.com/a v1.0.0\nrequire example.com/a v1.1.0') },
    says: ['example.com/a: it is required twice', 'example.com/a: v1.0.0 is required and v1.1.0 is selected'].sort().reverse(),
    quiet: GOOD,
  },
  {
    rule: 'go/mod-path-mismatch',
    fires: { 'go.mod': mod(A) },
    cache: { 'example.com/a@v1.0.0': 'module example.net/other\n', 'example.com/b@v1.0.0': 'module example.com/b\n' },
    says: ['example.com/a@v1.0.0 declares its path as "example.net/other"'],
    quiet: { 'go.mod': mod('require example.com/b v1.0.0') },
  },
  {
    rule: 'go/incomplete',
    fires: { 'go.mod': mod(A, '1.15') },
    says: ['go.mod: at go 1.15 a go.mod lists direct needs only, and the go.mod files of 1 modules are not at hand'],
    quiet: { 'go.mod': mod(A, '1.17') },
  },
  {
    rule: 'go/vendor-mismatch',
    fires: {
      ...GOOD,
      'vendor/modules.txt': '# example.com/a v0.9.0\n## explicit\nexample.com/a\n',
      'vendor/example.com/a/a.go': 'package a\n',
    },
    says: ['vendor/modules.txt has 2 differences: example.com/a@v1.0.0 is required and not marked as explicit, …'],
    quiet: {
      ...GOOD,
      'vendor/modules.txt': '# example.com/a v1.0.0\n## explicit\nexample.com/a\n',
      'vendor/example.com/a/a.go': 'package a\n',
    },
  },
  {
    rule: 'go/vendor-unchecked',
    fires: {
      ...GOOD,
      'vendor/modules.txt': '# example.com/a v1.0.0\n## explicit\nexample.com/a\n',
      'vendor/example.com/a/a.go': 'package a\n',
    },
    says: ['the files of one module in vendor were compared with nothing'],
    quiet: {
      'go.mod': mod(`${A}\nreplace example.com/a => ./a`),
      'a/go.mod': 'module example.com/a\n',
      'a/a.go': 'package a\n',
      'vendor/modules.txt': '# example.com/a v1.0.0 => ./a\n## explicit\nexample.com/a\n# example.com/a => ./a\n',
      'vendor/example.com/a/a.go': 'package a\n',
    },
  },
  {
    rule: 'go/vendor-unused',
    fires: { 'go.mod': mod(A, '1.13'), 'vendor/modules.txt': '# example.com/a v1.0.0\nexample.com/a\n' },
    says: ['vendor is not used: the go line says 1.13, and only from 1.14 on it is taken by itself'],
    quiet: { 'go.mod': mod(A, '1.14'), 'vendor/modules.txt': '# example.com/a v1.0.0\nexample.com/a\n' },
  },
  {
    rule: 'go/work-invalid',
    fires: { 'go.work': 'go 1.22.0\n\nuse ./m\nuse ./m\nuse ./gone\n', 'm/go.mod': mod('') },
    says: ['use ./m: it is there twice', 'use ./gone: it has no readable go.mod'],
    quiet: { 'go.work': 'go 1.22.0\n\nuse ./m\n', 'm/go.mod': mod('') },
  },
  {
    rule: 'go/work-invalid',
    fires: { 'go.work': 'go 1.21.0\n\nuse ./m\n', 'm/go.mod': mod('') },
    says: ['use ./m: it asks for go 1.22.0 and the workspace for 1.21.0'],
    quiet: { 'go.work': 'go 1.18\n\nuse ./m\n', 'm/go.mod': mod('', '1.20') },
  },
  {
    rule: 'go/work-ambient',
    fires: { 'go.work': 'go 1.22.0\n\nuse ./m\n', 'm/go.mod': mod(''), 'other/go.mod': 'module example.com/other\n' },
    says: ['example.com/other lies below go.work, which does not use it'],
    quiet: { 'sub/go.work': 'go 1.22.0\n\nuse ./m\n', 'sub/m/go.mod': mod(''), 'other/go.mod': 'module example.com/other\n' },
  },
  {
    rule: 'go/checks-disabled',
    fires: {
      ...GOOD,
      Dockerfile:
        'FROM x\nENV GOSUMDB=off GOINSECURE=*.example\nENV GOFLAGS=-insecure\nENV GOPRIVATE=*\nENV GONOSUMDB=github.com\n',
    },
    says: [
      'GOSUMDB=off switches the checksum database off',
      'GOINSECURE=*.example allows downloads without transport security',
      'GOFLAGS=-insecure switches transport security and the checksum database off',
      'GOPRIVATE=* makes every module private, so that none is checked',
      'GONOSUMDB=github.com leaves github.com unchecked, which no private prefix covers',
    ],
    quiet: {
      ...GOOD,
      Dockerfile: 'ENV GOPRIVATE=corp.example GONOSUMDB=corp.example/team GOSUMDB=sum.golang.org GOFLAGS=-mod=readonly\n',
    },
  },
  {
    rule: 'go/checks-disabled',
    fires: { ...GOOD, '.github/workflows/ci.yml': 'env:\n  GOSUMDB: "off"\n' },
    says: ['GOSUMDB=off switches the checksum database off'],
    quiet: { ...GOOD, '.gitlab-ci.yml': 'GOSUMDB: off\n' },
    options: { 'ignore-globs': ['.gitlab-ci.yml'] },
  },
  {
    rule: 'go/proxy-chain',
    fires: {
      ...GOOD,
      Makefile: [
        'export GOPROXY=direct,https://a.example',
        'export GOPROXY=direct',
        'export GOPROXY=https://a.example,https://b.example,direct',
        'export GOPROXY=https://a.example',
        'export GOPROXY=proxy',
      ].join('\n'),
    },
    says: [
      'GOPROXY ends at direct: https://a.example is never asked',
      'GOPROXY begins with direct: every module comes from its own host',
      'after https://a.example a comma goes on to the next proxy only on 404 and 410',
      'GOPROXY ends with https://a.example: what it does not have cannot be built',
      'GOPROXY is refused: missing scheme',
    ],
    quiet: { ...GOOD, Makefile: 'export GOPROXY=https://a.example|https://b.example,direct\nGOPROXY=https://a.example,off\n' },
  },
  {
    rule: 'go/private-undeclared',
    fires: { 'go.mod': mod('require git.corp.internal/a v1.0.0') },
    says: ['git.corp.internal/a@v1.0.0 may be asked for at the public proxy'],
    quiet: { 'go.mod': mod('require git.corp.internal/a v1.0.0'), Makefile: 'export GOPRIVATE := *.internal\n' },
  },
]

/** Findings in the order of lines, which the gate too sorts by. */
describe('every rule of Go', () => {
  it.each(CASES)('$rule says $says', async ({ rule, fires, says, cache }) => {
    expect(judge(rule, await readFiles(fires, cache)).sort()).toEqual([...says].sort())
  })
  it.each(CASES)('$rule is silent where there is nothing: $quiet', async ({ rule, quiet, cache, options }) => {
    expect(judge(rule, await readFiles(quiet, cache), options)).toEqual([])
  })
  it('has both kinds of test', () => {
    expect([...new Set(CASES.map((c) => c.rule))].sort()).toEqual(GO_RULES.map((rule) => rule.id).sort())
  })
  it('has an id that begins with go/, a title and a why', () => {
    for (const rule of GO_RULES) {
      expect(rule.id).toMatch(/^go\/[a-z-]+$/)
      expect(rule.title).not.toBe('')
      expect(rule.why).toMatch(/\.$/)
    }
  })
})

describe('the example', () => {
  it('shows what its README says', async () => {
    const inventory = await readTree(new FolderTree(join(import.meta.dirname, '../../../examples/go')))
    expect(inventory.diagnostics).toEqual([])
    const fired = GO_RULES.filter((rule) => judge(rule.id, inventory).length > 0).map((rule) => rule.id)
    expect(fired.sort()).toEqual([
      'go/checks-disabled',
      'go/proxy-chain',
      'go/pseudo-version',
      'go/replace-active',
      'go/sum-extra',
      'go/toolchain-unpinned',
    ])
  })
})

describe('rules that read the configuration', () => {
  it('go/private-undeclared takes internal names and its own patterns', async () => {
    const inventory = await readFiles({ 'go.mod': mod('require corp.example/a v1.0.0\nrequire other.example/b v1.0.0') })
    expect(judge('go/private-undeclared', inventory, {}, ['go:corp.example/**'])).toHaveLength(1)
    expect(judge('go/private-undeclared', inventory, { private: ['other.example'] })).toEqual([
      'other.example/b@v1.0.0 may be asked for at the public proxy',
    ])
  })
  it('go/checks-disabled accepts GONOSUMDB for internal names', async () => {
    const inventory = await readFiles({ ...GOOD, Makefile: 'GONOSUMDB=corp.example/team\n' })
    expect(judge('go/checks-disabled', inventory, {}, ['go:corp.example/**'])).toEqual([])
    expect(judge('go/checks-disabled', inventory)).toHaveLength(1)
  })
  it('what a version tells is said once for all modules that use it', async () => {
    const text = mod('require example.com/a v2.0.0+incompatible')
    const inventory = await readFiles({ 'one/go.mod': text, 'two/go.mod': text.replace('example.com/m', 'example.com/n') })
    expect(judge('go/incompatible', inventory)).toHaveLength(1)
  })
})
