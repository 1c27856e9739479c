import { CRATES_IO, component } from '../../support/graphs.js'
import type { FiringCase } from '../support/rule-cases.js'
import { appWith, factAt, replacementAt } from '../support/rule-cases.js'

import {
  about,
  COMMIT,
  CORP,
  FOREIGN_URLS,
  GO_PROXY,
  gitAt,
  LOCAL_URLS,
  NOT_ALLOWED,
  orgs,
  PLAIN_URLS,
  requires,
  sources,
  withRequirement,
  withUrl,
} from './source-graphs.js'

/** Every source rule with graphs that fire it (spec/policy.md §2.3). */
export const FIRES: readonly FiringCase[] = [
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
