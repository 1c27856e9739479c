import { component } from '../../support/graphs.js'
import type { SparingCase } from '../support/rule-cases.js'
import { appWith, factAt, replacementAt } from '../support/rule-cases.js'

import {
  COMMIT,
  CORP,
  FOREIGN_URLS,
  GO_PROXY,
  gitAt,
  OWN_URLS,
  orgs,
  requires,
  SAFE_URLS,
  sources,
  withRequirement,
  withUrl,
} from './source-graphs.js'

const local = { kind: 'registry', protocol: 'cargo-directory', url: 'vendor' } as const
/** Every source rule with graphs that are nearly the same and fine. */
export const SPARES: readonly SparingCase[] = [
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
