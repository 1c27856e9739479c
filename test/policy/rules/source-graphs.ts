import type { Component } from '../../../src/model/component.js'
import type { Fact } from '../../../src/model/graph.js'
import type { Settings } from '../../../src/model/rule.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { component } from '../../support/graphs.js'
import type { Said } from '../support/rule-cases.js'
import { appWith, factAt } from '../support/rule-cases.js'

export const COMMIT = 'c'.repeat(40)
export const CORP = { kind: 'registry', protocol: 'cargo-sparse', url: 'https://crates.corp.example/index/' } as const
export const GO_PROXY = { kind: 'registry', protocol: 'go-proxy', url: 'https://proxy.golang.org' } as const
export const gitAt = (url: string) => component('forked', '1.0.0', { source: { kind: 'git', url, commit: COMMIT } })

export function sources(rest: Partial<Settings['sources']>): Partial<Settings> {
  return { sources: { ...DEFAULT_CONFIG.settings.sources, ...rest } }
}
export const orgs = (...names: string[]) => sources({ git: { orgs: names, require: 'any' } })
export const requires = (require: 'any' | 'tag' | 'rev') => sources({ git: { orgs: [], require } })

export const url = (text: string, rest: Fact['data'] = {}): Fact =>
  factAt('Cargo.toml', 5, 'source/url', { url: text, usage: 'git', ...rest })
export const withUrl = (text: string, rest: Fact['data'] = {}) => appWith([], { facts: [url(text, rest)] })
export const requirement = (by: string, follows: string, locked: string): Fact =>
  factAt('Cargo.toml', 8, 'source/git-requirement', { name: 'x', url: 'https://git.example.com/x', follows, by, locked })
export const withRequirement = (by: string, follows: string, locked: string) =>
  appWith([], { facts: [requirement(by, follows, locked)] })

export const about = (one: Component, message: string, fix: string, data: Said['data'] = {}): Said => ({
  message,
  fix,
  at: 'Cargo.lock:1:1',
  data,
  path: ['app@0.1.0', `${one.name}@${one.version}`],
})

export const NOT_ALLOWED = 'publish it, mirror it, or add its organisation to sources.git.orgs'
/** Spellings by which a URL could pass for one below an allowed organisation. */
export const FOREIGN_URLS = [
  'https://github.com/other/x',
  'https://github.com/example-org-evil/x',
  'https://github.com.evil.example/example-org/x',
  'https://evil.example/github.com/example-org/x',
  'https://github.com/example-org/../other/x',
  'https://github.com/example-org/%2e%2e/other/x',
  'git@github.com:other/x.git',
  'not a url',
]
export const OWN_URLS = [
  'https://github.com/example-org/x',
  'https://github.com/Example-Org/x.git',
  'ssh://git@github.com/example-org/x',
  'git@github.com:example-org/x.git',
  'git+https://github.com/example-org/x',
  'https://codeberg.org/someone/tool.git',
  'https://codeberg.org/someone/tool',
]

export const PLAIN_URLS = [
  'http://e.example/x',
  'HTTP://e.example/x',
  'git://e.example/x',
  'git+http://e.example/x',
  'sparse+http://e.example/index/',
  'ftp://e.example/x.tar.gz',
  'svn://e.example/x',
  'hg+http://e.example/x',
]
export const SAFE_URLS = [
  'https://e.example/x',
  'ssh://git@e.example/x',
  'git@e.example:x/y',
  'git+ssh://e.example/x',
  'svn+ssh://e.example/x',
]

export const LOCAL_URLS = [
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
