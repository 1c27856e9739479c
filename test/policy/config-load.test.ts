import { describe, expect, it } from 'vitest'
import validate from '../../src/generated/config-validator.cjs'
import { AssayError } from '../../src/model/error.js'
import { NO_RELEASE_SETTINGS } from '../../src/model/release-settings.js'
import { NO_TRUST_SETTINGS } from '../../src/model/trust-settings.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { loadConfig } from '../../src/policy/config-load.js'
import { GENERIC_RULES } from '../../src/policy/rules/index.js'
import { CHECKS, load, problemsOf } from './support/load.js'

describe('loadConfig', () => {
  it('holds the defaults where the file says nothing', () => {
    expect(load('version = 1\n')).toEqual({
      ...DEFAULT_CONFIG,
      info: { subject: undefined, authors: [], manufacturer: undefined, supplier: undefined },
    })
  })

  it('reads every key', () => {
    const text = `
"$schema" = "./config.schema.json"
version = 1
extends = ["assay:strict"]
allow = ["pkg:cargo/**"]

[project]
name = "product"
version = "2.0.0"
purl = "pkg:cargo/product@2.0.0"

[sbom]
authors = [{ name = "A", email = "a@example.org" }]
manufacturer = { name = "M", url = "https://m.example" }
supplier = { name = "S" }

[gate]
fail-on = "warn"
max-warnings = 50

[discover]
exclude = ["old/**"]
include = ["vendor/ours"]

[sources]
registries = ["crates.io"]
mirrors = [{ url = "sparse+https://mirror.example/index/", of = "crates.io" }]
git = { orgs = ["github.com/example-org"], require = "rev" }
hosts = ["github.com"]
internal = ["go:corp.example/**"]

[verify]
on-unavailable = "warn"
offline-ok = false
retries = 0
timeout = "500ms"
budget = "5m"

[rules]
"graph/duplicate-version" = "off"
"integrity/unpinned" = { severity = "warn", allow = ["pkg:cargo/a"] }
"input/nothing-found" = { allow-empty = true }
"policy/waiver-expiring" = { window = 7 }

[[deny]]
component = "pkg:cargo/openssl@<0.10.66"
reason = "use rustls"
instead = "pkg:cargo/rustls"
wrappers = ["pkg:cargo/native-tls"]

[[override]]
paths = ["examples/**"]
profile = "relaxed"
rules = { "input/lock-missing" = "off" }

[[waiver]]
id = "W-1"
rule = "integrity/unpinned"
component = "pkg:cargo/serde@1.0.0"
subject = "Cargo.lock"
match = { name = "serde" }
paths = ["tools/**"]
reason = "a reason of enough letters"
owner = "team@example.org"
expires = 2026-12-01
approved-by = "security@example.org"
ticket = "SEC-1"
`
    const line = text.split('\n').indexOf('[[waiver]]') + 1
    expect(load(text)).toEqual({
      profile: 'strict',
      failOn: 'warn',
      maxWarnings: 50,
      settings: {
        sources: {
          registries: ['crates.io'],
          mirrors: [{ url: 'sparse+https://mirror.example/index/', of: 'crates.io' }],
          git: { orgs: ['github.com/example-org'], require: 'rev' },
          hosts: ['github.com'],
          internal: ['go:corp.example/**'],
        },
        deny: [
          {
            component: 'pkg:cargo/openssl@<0.10.66',
            reason: 'use rustls',
            instead: 'pkg:cargo/rustls',
            wrappers: ['pkg:cargo/native-tls'],
          },
        ],
        allow: ['pkg:cargo/**'],
        trust: NO_TRUST_SETTINGS,
        release: NO_RELEASE_SETTINGS,
      },
      verify: { onUnavailable: 'warn', offlineOk: false, retries: 0, timeoutMs: 500, budgetMs: 300_000 },
      rules: new Map([
        ['graph/duplicate-version', { severity: 'off', options: new Map() }],
        ['integrity/unpinned', { severity: 'warn', options: new Map([['allow', ['pkg:cargo/a']]]) }],
        ['input/nothing-found', { severity: undefined, options: new Map([['allow-empty', true]]) }],
        ['policy/waiver-expiring', { severity: undefined, options: new Map([['window', 7]]) }],
      ]),
      overrides: [
        {
          paths: ['examples/**'],
          profile: 'relaxed',
          rules: new Map([['input/lock-missing', { severity: 'off', options: new Map() }]]),
        },
      ],
      waivers: [
        {
          id: 'W-1',
          rule: 'integrity/unpinned',
          component: 'pkg:cargo/serde@1.0.0',
          subject: 'Cargo.lock',
          match: { name: 'serde' },
          paths: ['tools/**'],
          reason: 'a reason of enough letters',
          owner: 'team@example.org',
          expires: '2026-12-01',
          approvedBy: 'security@example.org',
          ticket: 'SEC-1',
          location: { file: 'assay.toml', line, column: 1, endLine: line, endColumn: 11 },
        },
      ],
      info: {
        subject: { name: 'product', version: '2.0.0', purl: 'pkg:cargo/product@2.0.0' },
        authors: [{ name: 'A', url: undefined, email: 'a@example.org' }],
        manufacturer: { name: 'M', url: 'https://m.example', email: undefined },
        supplier: { name: 'S', url: undefined, email: undefined },
      },
      discover: { exclude: ['old/**'], include: ['vendor/ours'] },
    })
  })

  it('throws once, with everything that is wrong, and says what to do', () => {
    const text = 'version = 1\ngaet = 1\n[sources]\nhost = []\n'
    const thrown = (() => {
      try {
        return load(text)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(AssayError)
    expect(thrown).toMatchObject({
      code: 'configuration',
      message: `2 problems in assay.toml
  assay.toml:2:1: unknown key gaet, did you mean gate?
  assay.toml:4:1: unknown key host, did you mean hosts?`,
      help: 'Nothing was judged. Mend the configuration, or start with assay init.',
    })
  })
})

describe('extends', () => {
  it('takes profiles and files in order, later wins, the file itself last', () => {
    const org = 'version = 1\nextends = ["assay:strict"]\n[gate]\nfail-on = "warn"\nmax-warnings = 1\n'
    expect(load('version = 1\nextends = ["./org.toml"]\n', { 'org.toml': org })).toMatchObject({
      profile: 'strict',
      failOn: 'warn',
    })
    const later = load('version = 1\nextends = ["./org.toml", "assay:relaxed"]\n[gate]\nfail-on = "never"\n', { 'org.toml': org })
    expect(later).toMatchObject({ profile: 'relaxed', failOn: 'never', maxWarnings: 1 })
  })

  it('counts paths from the folder of the file that names them', () => {
    const config = load('version = 1\nextends = ["./org/base.toml"]\n', {
      'org/base.toml': 'version = 1\nextends = ["../common.toml", "./more.toml"]\n',
      'org/more.toml': 'version = 1\n[discover]\nexclude = ["more"]\n',
      'common.toml': 'version = 1\n[discover]\nexclude = ["common"]\n',
    })
    expect(config.discover.exclude).toEqual(['common', 'more'])
  })

  it('merges rule settings key by key: options do not take a severity back', () => {
    const org = 'version = 1\n[rules]\n"integrity/unpinned" = { severity = "error", allow = ["pkg:cargo/a"] }\n'
    const own = (setting: string) =>
      load(`version = 1\nextends = ["./org.toml"]\n[rules]\n"integrity/unpinned" = ${setting}\n`, { 'org.toml': org }).rules.get(
        'integrity/unpinned',
      )
    expect(own('{ allow = ["pkg:cargo/b"] }')).toEqual({ severity: 'error', options: new Map([['allow', ['pkg:cargo/b']]]) })
    expect(own('"note"')).toEqual({ severity: 'note', options: new Map([['allow', ['pkg:cargo/a']]]) })
  })

  it('adds up what is declared and replaces what is allowed', () => {
    const org = `version = 1
allow = ["pkg:cargo/a"]
[sources]
registries = ["crates.io"]
hosts = ["a.example"]
internal = ["cargo:a-*"]
mirrors = [{ url = "https://a.example/", of = "crates.io" }]
git = { orgs = ["github.com/a"], require = "rev" }
[[deny]]
component = "pkg:cargo/x"
reason = "r"
`
    const own = `version = 1
extends = ["./org.toml"]
allow = ["pkg:cargo/b"]
[sources]
registries = []
hosts = ["b.example"]
internal = ["cargo:b-*"]
mirrors = [{ url = "https://b.example/", of = "crates.io" }]
git = { orgs = ["github.com/b"] }
`
    expect(load(own, { 'org.toml': org }).settings).toEqual({
      sources: {
        registries: [],
        hosts: ['b.example'],
        internal: ['cargo:a-*', 'cargo:b-*'],
        mirrors: [
          { url: 'https://a.example/', of: 'crates.io' },
          { url: 'https://b.example/', of: 'crates.io' },
        ],
        git: { orgs: ['github.com/b'], require: 'rev' },
      },
      deny: [{ component: 'pkg:cargo/x', reason: 'r', instead: undefined, wrappers: [] }],
      allow: ['pkg:cargo/a', 'pkg:cargo/b'],
      trust: NO_TRUST_SETTINGS,
      release: NO_RELEASE_SETTINGS,
    })
  })

  it.each([
    ['["assay:stict"]', 'there is no profile stict; the profiles are relaxed, recommended, strict, audit'],
    [
      '["https://example.org/assay.toml"]',
      'https://example.org/assay.toml is not in the repository; this version extends local files only',
    ],
    ['["./gone.toml"]', './gone.toml is not there or not below this file'],
    ['["../up.toml"]', '../up.toml is not there or not below this file'],
    ['["/etc/assay.toml"]', '/etc/assay.toml is not there or not below this file'],
    ['["./assay.toml"]', './assay.toml extends itself'],
  ])('%s is refused', (list, message) => {
    expect(problemsOf(`version = 1\nextends = ${list}\n`)).toEqual([`assay.toml:2:12: ${message}`])
  })

  it('names the file a problem is in', () => {
    const problems = problemsOf('version = 1\nextends = ["./org/base.toml"]\n', { 'org/base.toml': 'version = 1\n\ngaet = 1\n' })
    expect(problems).toEqual(['org/base.toml:3:1: unknown key gaet, did you mean gate?'])
  })

  it('ends where files extend each other in a ring', () => {
    const ring = (to: string) => `version = 1\nextends = ["./${to}.toml"]\n`
    expect(problemsOf(ring('a'), { 'a.toml': ring('b'), 'b.toml': ring('a') })).toEqual(['b.toml:2:12: ./a.toml extends itself'])
  })

  it('ends in a chain that is too deep', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`f${i}.toml`, `version = 1\nextends = ["./f${i + 1}.toml"]\n`]),
    )
    expect(problemsOf('version = 1\nextends = ["./f0.toml"]\n', chain)).toEqual(['f7.toml:2:12: extends nest deeper than 8'])
  })

  it('reads a bounded number of files, however they extend each other', () => {
    let reads = 0
    const wide = `version = 1\nextends = [${Array.from({ length: 30 }, (_, i) => `"./sub/f${i}.toml"`).join(', ')}]\n`
    const readExtended = () => {
      reads += 1
      return wide
    }
    expect(() => loadConfig({ text: wide, file: 'assay.toml', readExtended, checks: CHECKS }, GENERIC_RULES, validate)).toThrow(
      'more than 64 files extend each other',
    )
    expect(reads).toBe(63)
  })
})
