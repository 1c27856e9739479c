import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Fact } from '../../../src/model/graph.js'
import type { Settings } from '../../../src/model/rule.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { SOURCE_RULES } from '../../../src/policy/rules/source.js'
import { CRATES_IO, component } from '../../support/graphs.js'
import type { FiringCase, RuleCase, Said, SparingCase } from '../support/rule-cases.js'
import { appWith, factAt, hear, replacementAt, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.3. */
const SEVERITIES = {
  'source/registry-not-allowed': 'W/E/E',
  'source/git-not-allowed': 'W/E/E',
  'source/git-floating': 'W/E/E',
  'source/insecure-transport': 'W/E/E',
  'source/credential-in-url': 'E/E/E',
  'source/mutable-archive': 'W/E/E',
  'source/host-not-allowed': '-/W/E',
  'source/ip-literal': 'W/E/E',
  'source/path-outside-repo': 'W/W/E',
  'source/mirror-undeclared': 'N/W/E',
  'source/replacement-active': 'N/W/W',
  'source/dependency-confusion': 'E/E/E',
  'source/typosquat-suspect': '-/W/W',
}

const COMMIT = 'c'.repeat(40)
const CORP = { kind: 'registry', protocol: 'cargo-sparse', url: 'https://crates.corp.example/index/' } as const
const GO_PROXY = { kind: 'registry', protocol: 'go-proxy', url: 'https://proxy.golang.org' } as const
const gitAt = (url: string) => component('forked', '1.0.0', { source: { kind: 'git', url, commit: COMMIT } })

function sources(rest: Partial<Settings['sources']>): Partial<Settings> {
  return { sources: { ...DEFAULT_CONFIG.settings.sources, ...rest } }
}
const orgs = (...names: string[]) => sources({ git: { orgs: names, require: 'any' } })
const requires = (require: 'any' | 'tag' | 'rev') => sources({ git: { orgs: [], require } })

const url = (text: string, rest: Fact['data'] = {}): Fact =>
  factAt('Cargo.toml', 5, 'source/url', { url: text, usage: 'git', ...rest })
const withUrl = (text: string, rest: Fact['data'] = {}) => appWith([], { facts: [url(text, rest)] })
const requirement = (by: string, follows: string, locked: string): Fact =>
  factAt('Cargo.toml', 8, 'source/git-requirement', { name: 'x', url: 'https://git.example.com/x', follows, by, locked })
const withRequirement = (by: string, follows: string, locked: string) =>
  appWith([], { facts: [requirement(by, follows, locked)] })

const about = (one: Component, message: string, fix: string, data: Said['data'] = {}): Said => ({
  message,
  fix,
  at: 'Cargo.lock:1:1',
  data,
  path: ['app@0.1.0', `${one.name}@${one.version}`],
})

const NOT_ALLOWED = 'publish it, mirror it, or add its organisation to sources.git.orgs'
/** Spellings by which a URL could pass for one below an allowed organisation. */
const FOREIGN_URLS = [
  'https://github.com/other/x',
  'https://github.com/example-org-evil/x',
  'https://github.com.evil.example/example-org/x',
  'https://evil.example/github.com/example-org/x',
  'https://github.com/example-org/../other/x',
  'https://github.com/example-org/%2e%2e/other/x',
  'git@github.com:other/x.git',
  'not a url',
]
const OWN_URLS = [
  'https://github.com/example-org/x',
  'https://github.com/Example-Org/x.git',
  'ssh://git@github.com/example-org/x',
  'git@github.com:example-org/x.git',
  'git+https://github.com/example-org/x',
  'https://codeberg.org/someone/tool.git',
  'https://codeberg.org/someone/tool',
]

const PLAIN_URLS = [
  'http://e.example/x',
  'HTTP://e.example/x',
  'git://e.example/x',
  'git+http://e.example/x',
  'sparse+http://e.example/index/',
  'ftp://e.example/x.tar.gz',
  'svn://e.example/x',
  'hg+http://e.example/x',
]
const SAFE_URLS = [
  'https://e.example/x',
  'ssh://git@e.example/x',
  'git@e.example:x/y',
  'git+ssh://e.example/x',
  'svn+ssh://e.example/x',
]

const LOCAL_URLS = [
  'https://192.0.2.7/x',
  'https://[2001:db8::1]/x',
  'http://0x7f.1/x',
  'git+http://0x7f.1/x',
  'https://localhost:8443/x',
  'https://localhost./x',
  'https://build.local/x',
  'https://gitserver/x',
  'git@gitserver:x/y',
]

const FIRES: readonly FiringCase[] = [
  {
    rule: 'source/registry-not-allowed',
    name: 'a registry of a company',
    graph: appWith([component('corp', '1.0.0', { source: CORP }), component('serde')]),
    says: [
      about(
        component('corp'),
        'corp@1.0.0 comes from https://crates.corp.example/index/',
        'add the registry to sources.registries, or change the source',
        { url: 'https://crates.corp.example/index/' },
      ),
    ],
  },
  {
    rule: 'source/registry-not-allowed',
    name: 'the public registry, when only one of the company is listed',
    graph: appWith([component('corp', '1.0.0', { source: CORP }), component('serde')]),
    settings: sources({ registries: ['sparse+https://crates.corp.example/index'] }),
    says: [
      about(
        component('serde'),
        'serde@1.0.0 comes from https://github.com/rust-lang/crates.io-index',
        'add the registry to sources.registries, or change the source',
        { url: 'https://github.com/rust-lang/crates.io-index' },
      ),
    ],
  },
  ...FOREIGN_URLS.map((text) => ({
    rule: 'source/git-not-allowed',
    name: text,
    graph: appWith([gitAt(text)]),
    settings: orgs('github.com/example-org'),
    says: [about(component('forked'), `${text} is not an allowed git source`, NOT_ALLOWED, { url: text })],
  })),
  {
    rule: 'source/git-floating',
    name: 'a branch that no lockfile holds still',
    graph: withRequirement('branch', 'branch main', ''),
    says: [
      {
        message: 'https://git.example.com/x follows branch main, and no lockfile holds its commit',
        fix: 'pin it to a full commit',
        at: 'Cargo.toml:8:3',
        data: { name: 'x', url: 'https://git.example.com/x', follows: 'branch main', by: 'branch', locked: '' },
        path: [],
      },
    ],
  },
  {
    rule: 'source/git-floating',
    name: 'a tag, where a commit is asked for in the manifest',
    graph: withRequirement('tag', 'tag v1', COMMIT),
    settings: requires('rev'),
    says: [
      {
        message: 'https://git.example.com/x follows tag v1, where sources.git.require asks for more',
        fix: `pin it with rev = "${COMMIT}"`,
        at: 'Cargo.toml:8:3',
        data: { name: 'x', url: 'https://git.example.com/x', follows: 'tag v1', by: 'tag', locked: COMMIT },
        path: [],
      },
    ],
  },
  {
    rule: 'source/git-floating',
    name: 'an abbreviated commit without a lockfile',
    graph: withRequirement('rev', 'rev abc1234', ''),
    says: [
      {
        message: 'https://git.example.com/x follows rev abc1234, and no lockfile holds its commit',
        fix: 'pin it to a full commit',
        at: 'Cargo.toml:8:3',
        data: { name: 'x', url: 'https://git.example.com/x', follows: 'rev abc1234', by: 'rev', locked: '' },
        path: [],
      },
    ],
  },
  {
    rule: 'source/git-floating',
    name: 'a lock entry without a commit',
    graph: appWith([component('forked')], { facts: [factAt('Cargo.lock', 6, 'cargo/git-not-pinned', {}, component('forked'))] }),
    says: [
      {
        message: 'forked@1.0.0 has no commit in the lockfile',
        fix: 'let the tool write the lockfile again, so that it holds the commit',
        at: 'Cargo.lock:6:3',
        data: {},
        path: ['app@0.1.0', 'forked@1.0.0'],
      },
    ],
  },
  ...PLAIN_URLS.map((text) => ({
    rule: 'source/insecure-transport',
    name: text,
    graph: withUrl(text),
    says: [
      {
        message: `${text} has no transport security`,
        fix: 'use https or ssh',
        at: 'Cargo.toml:5:3',
        data: { url: text, usage: 'git' },
        path: [],
      },
    ],
  })),
  {
    rule: 'source/credential-in-url',
    name: 'a token in a URL',
    graph: appWith([], {
      facts: [factAt('.cargo/config.toml', 3, 'source/credential', { where: 'the URL of https://git.example.com/x' })],
    }),
    says: [
      {
        message: 'a credential stands in the URL of https://git.example.com/x',
        fix: 'revoke it, then keep the new one in a credential helper',
        at: '.cargo/config.toml:3:3',
        data: { where: 'the URL of https://git.example.com/x' },
        path: [],
      },
    ],
  },
  {
    rule: 'source/mutable-archive',
    name: 'the archive of a branch',
    graph: withUrl('https://e.example/archive/refs/heads/main.tar.gz', { usage: 'archive', mutable: true }),
    says: [
      {
        message: 'https://e.example/archive/refs/heads/main.tar.gz names a moving target',
        fix: 'use the archive of a tag or, better, of a commit',
        at: 'Cargo.toml:5:3',
        data: { url: 'https://e.example/archive/refs/heads/main.tar.gz', usage: 'archive' },
        path: [],
      },
    ],
  },
  ...['https://evil.example/x', 'git@evil.example:x/y'].map((text) => ({
    rule: 'source/host-not-allowed',
    name: text,
    graph: withUrl(text),
    settings: sources({ hosts: ['github.com', '*.corp.example'] }),
    says: [
      {
        message: 'evil.example is not an allowed host',
        fix: 'mirror what comes from there to an allowed host, or add it to sources.hosts',
        at: 'Cargo.toml:5:3',
        data: { url: text, usage: 'git', host: 'evil.example' },
        path: [],
      },
    ],
  })),
  ...LOCAL_URLS.map((text) => ({
    rule: 'source/ip-literal',
    name: text,
    graph: withUrl(text),
    says: [
      {
        message: `${text} names an address or a local name`,
        fix: 'use a host name with a certificate',
        at: 'Cargo.toml:5:3',
        data: { url: text, usage: 'git' },
        path: [],
      },
    ],
  })),
  {
    rule: 'source/path-outside-repo',
    name: 'a sibling checkout',
    graph: appWith([], { facts: [factAt('Cargo.toml', 6, 'source/path-outside', { name: 'sib', path: '../../sib' })] }),
    options: { roots: ['../sib'] },
    says: [
      {
        message: 'sib is at ../../sib, outside the repository',
        fix: 'publish it, vendor it, or move it into the repository',
        at: 'Cargo.toml:6:3',
        data: { name: 'sib', path: '../../sib' },
        path: [],
      },
    ],
  },
  {
    rule: 'source/mirror-undeclared',
    name: 'a source replacement nobody declared',
    graph: appWith([], {
      replacements: [
        replacementAt('.cargo/config.toml', 2, {
          kind: 'source-replacement',
          original: { source: CRATES_IO },
          replacement: { source: CORP },
        }),
      ],
    }),
    says: [
      {
        message: 'https://crates.corp.example/index/ stands in for another registry and is no declared mirror',
        fix: 'declare it under sources.mirrors, or remove it',
        at: '.cargo/config.toml:2:1',
        data: { url: 'https://crates.corp.example/index/' },
        path: [],
      },
    ],
  },
  {
    rule: 'source/replacement-active',
    name: 'a repository that redirects the public registry',
    graph: appWith([], {
      replacements: [
        replacementAt('.cargo/config.toml', 2, {
          kind: 'source-replacement',
          original: { source: CRATES_IO },
          replacement: { source: CORP },
        }),
      ],
    }),
    options: { 'allow-files': ['other/config.toml'] },
    says: [
      {
        message:
          '.cargo/config.toml redirects https://github.com/rust-lang/crates.io-index to https://crates.corp.example/index/',
        fix: 'keep it out of the repository, or declare it under sources.mirrors and allow the file',
        at: '.cargo/config.toml:2:1',
        data: { from: 'https://github.com/rust-lang/crates.io-index', to: 'https://crates.corp.example/index/' },
        path: [],
      },
    ],
  },
  {
    rule: 'source/dependency-confusion',
    name: 'an internal crate that came from the public registry',
    graph: appWith([component('corp-auth')]),
    settings: sources({ internal: ['cargo:corp-*'] }),
    says: [
      about(
        component('corp-auth'),
        'corp-auth is an internal name and came from https://github.com/rust-lang/crates.io-index',
        'pin it to your own registry, and claim the name in public',
      ),
    ],
  },
  {
    rule: 'source/dependency-confusion',
    name: 'an internal module that came from the public proxy',
    graph: appWith([component('corp.example/auth/v2', 'v2.0.0', { ecosystem: 'go', source: GO_PROXY })]),
    settings: sources({ internal: ['go:corp.example/**'] }),
    says: [
      about(
        component('corp.example/auth/v2', 'v2.0.0'),
        'corp.example/auth/v2 is an internal name and came from https://proxy.golang.org',
        'pin it to your own registry, and claim the name in public',
      ),
    ],
  },
  ...(
    [
      ['serdee', 'serde'],
      ['sered', 'serde'],
      ['tokoi', 'tokio'],
      ['req-west', 'reqwest'],
      ['lazystatic', 'lazy_static'],
    ] as const
  ).map(([name, close]) => ({
    rule: 'source/typosquat-suspect',
    name: `${name} for ${close}`,
    graph: appWith([component(name)]),
    says: [
      about(component(name), `${name} is close to ${close}`, 'check the spelling; allow the name when it is meant', {
        name,
        close,
      }),
    ],
  })),
  {
    rule: 'source/typosquat-suspect',
    name: 'a name of the own list, in an ecosystem without a built-in one',
    graph: appWith([component('jestr', '0.5.0', { ecosystem: 'nimble' })]),
    options: { list: ['jester'] },
    says: [
      about(component('jestr', '0.5.0'), 'jestr is close to jester', 'check the spelling; allow the name when it is meant', {
        name: 'jestr',
        close: 'jester',
      }),
    ],
  },
]

const local = { kind: 'registry', protocol: 'cargo-directory', url: 'vendor' } as const
const SPARES: readonly SparingCase[] = [
  {
    rule: 'source/registry-not-allowed',
    name: 'the default registries in both spellings, a declared mirror, a vendor folder',
    graph: appWith([
      component('a'),
      component('b', '1.0.0', { source: { kind: 'registry', protocol: 'cargo-sparse', url: 'https://index.crates.io/' } }),
      component('c', 'v1.0.0', { ecosystem: 'go', source: GO_PROXY }),
      component('d', '1.0.0', { source: CORP }),
      component('e', '1.0.0', { source: local }),
    ]),
    settings: sources({ mirrors: [{ url: 'sparse+https://crates.corp.example/index/', of: 'crates.io' }] }),
    checked: 5,
  },
  ...OWN_URLS.map((text) => ({
    rule: 'source/git-not-allowed',
    name: text,
    graph: appWith([gitAt(text)]),
    settings: orgs('github.com/example-org/', 'codeberg.org/someone/tool'),
    checked: 1,
  })),
  { rule: 'source/git-not-allowed', name: 'no list, no judgement', graph: appWith([gitAt(FOREIGN_URLS[0] ?? '')]), checked: 0 },
  {
    rule: 'source/git-floating',
    name: 'a branch whose commit the lockfile holds',
    graph: withRequirement('branch', 'branch main', COMMIT),
    checked: 1,
  },
  {
    rule: 'source/git-floating',
    name: 'a tag, where a tag is enough',
    graph: withRequirement('tag', 'tag v1', COMMIT),
    settings: requires('tag'),
    checked: 1,
  },
  {
    rule: 'source/git-floating',
    name: 'a full commit in the manifest, and no lockfile',
    graph: withRequirement('rev', `rev ${COMMIT}`, ''),
    settings: requires('rev'),
    checked: 1,
  },
  ...SAFE_URLS.map((text) => ({ rule: 'source/insecure-transport', name: text, graph: withUrl(text), checked: 1 })),
  ...['http://localhost:8000/x', 'http://127.0.0.1/x', 'http://[::1]:80/x'].map((text) => ({
    rule: 'source/insecure-transport',
    name: `${text} is a loopback fixture`,
    graph: withUrl(text),
    checked: 1,
  })),
  { rule: 'source/credential-in-url', name: 'a URL without one', graph: withUrl('https://git@e.example/x'), checked: 0 },
  {
    rule: 'source/mutable-archive',
    name: 'the archive of a tag',
    graph: withUrl('https://e.example/archive/v1.tar.gz', { usage: 'archive', mutable: false }),
    checked: 1,
  },
  ...['https://github.com/x/y', 'https://git.corp.example/x', 'https://GitHub.com./x'].map((text) => ({
    rule: 'source/host-not-allowed',
    name: text,
    graph: withUrl(text),
    settings: sources({ hosts: ['github.com', '*.corp.example'] }),
    checked: 1,
  })),
  { rule: 'source/host-not-allowed', name: 'no list, no judgement', graph: withUrl('https://evil.example/x'), checked: 1 },
  { rule: 'source/ip-literal', name: 'a host name', graph: withUrl('https://git.example.com/1.2.3.4'), checked: 1 },
  {
    rule: 'source/ip-literal',
    name: 'an address that is meant',
    graph: withUrl('https://192.0.2.7/x'),
    options: { 'allow-hosts': ['192.0.2.7'] },
    checked: 1,
  },
  {
    rule: 'source/path-outside-repo',
    name: 'a sibling that is meant',
    graph: appWith([], { facts: [factAt('Cargo.toml', 6, 'source/path-outside', { name: 'sib', path: '../sib' })] }),
    options: { roots: ['../sib'] },
    checked: 1,
  },
  {
    rule: 'source/mirror-undeclared',
    name: 'a declared mirror, and a local registry',
    graph: appWith([], {
      replacements: [CORP, { ...CORP, protocol: 'cargo-local', url: 'registry' } as const].map((source) =>
        replacementAt('.cargo/config.toml', 2, { kind: 'source-replacement', replacement: { source } }),
      ),
    }),
    settings: sources({ mirrors: [{ url: 'https://crates.corp.example/index', of: 'crates.io' }] }),
    checked: 2,
  },
  {
    rule: 'source/replacement-active',
    name: 'an allowed file, an idle table, a vendor folder of Go',
    graph: appWith([], {
      replacements: [
        replacementAt('.cargo/config.toml', 2, { kind: 'source-replacement', replacement: { source: CORP } }),
        replacementAt('b/.cargo/config.toml', 2, { kind: 'source-replacement', active: false }),
        replacementAt('vendor/modules.txt', 1, { kind: 'vendor', ecosystem: 'go' }),
      ],
    }),
    options: { 'allow-files': ['.cargo/config.toml'] },
    checked: 3,
  },
  {
    rule: 'source/dependency-confusion',
    name: 'an internal name from the own registry, and the same name in another ecosystem',
    graph: appWith([component('corp-auth', '1.0.0', { source: CORP }), component('corp-auth', '1.0.0', { ecosystem: 'nimble' })]),
    settings: sources({ internal: ['cargo:corp-*'] }),
    checked: 1,
  },
  {
    rule: 'source/typosquat-suspect',
    name: 'the popular name itself, its neighbour when the popular one is there too, a short name, two edits, an allowed one',
    graph: appWith(['serde', 'serde1', 'hype', 'tokyoo', 'rayonn'].map((name) => component(name))),
    options: { allow: ['rayonn'] },
    checked: 5,
  },
  {
    rule: 'source/typosquat-suspect',
    name: 'module paths and path packages are not judged by letters',
    graph: appWith([
      component('e.example/serdee', 'v1.0.0', { ecosystem: 'go', source: GO_PROXY }),
      component('serdee', '1.0.0', { source: { kind: 'path', path: 'serdee', outside: false } }),
    ]),
    checked: 0,
  },
]

describe('source rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(SOURCE_RULES, row).said).toEqual(row.says)
  })
})

describe('source rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row: RuleCase & { checked: number }) => {
    expect(hear(SOURCE_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('source rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(SOURCE_RULES, FIRES), spares: withoutEntry(SOURCE_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(SOURCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
