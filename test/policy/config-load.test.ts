import IarnaToml from '@iarna/toml'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import validate from '../../src/generated/config-validator.cjs'
import { AssayError } from '../../src/model/error.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { loadConfig } from '../../src/policy/config-load.js'
import { GENERIC_RULES } from '../../src/policy/rules/index.js'
import { load, problemsOf } from './support/load.js'

const WAIVER = `version = 1
[[waiver]]
id = "W-1"
rule = "integrity/unpinned"
component = "pkg:cargo/serde"
reason = "a reason of enough letters"
owner = "team@example.org"
expires = 2026-12-01
`

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
      },
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

describe('what is refused', () => {
  it.each([
    // The file as a whole.
    ['version = = 1', ['assay.toml:1:11: assay.toml is not valid TOML: invalid value']],
    ['', ['assay.toml:1:1: the file has no version']],
    ['version = 2', ['assay.toml:1:11: version must be 1']],
    ['version = "1"', ['assay.toml:1:11: version must be 1']],
    // Unknown keys, with the nearest known one where there is one.
    ['version = 1\nwaivers = []', ['assay.toml:2:1: unknown key waivers, did you mean waiver?']],
    ['version = 1\n\n[[waivers]]\nid = "x"\n', ['assay.toml:3:1: unknown key waivers, did you mean waiver?']],
    ['version = 1\nxyzzy = 1', ['assay.toml:2:1: unknown key xyzzy']],
    ['version = 1\n[gate]\nfail_on = "warn"', ['assay.toml:3:1: unknown key fail_on, did you mean fail-on?']],
    ['version = 1\n[gate]\nnew-only = true', ['assay.toml:3:1: unknown key new-only']],
    ['version = 1\n[sources.git]\norg = []', ['assay.toml:3:1: unknown key org, did you mean orgs?']],
    [
      'version = 1\n[[deny]]\ncomponent = "pkg:cargo/a"\nreason = "x"\ninsted = "y"',
      ['assay.toml:5:1: unknown key insted, did you mean instead?'],
    ],
    ['version = 1\n[[override]]\npaths = []\nrule = {}', ['assay.toml:4:1: unknown key rule, did you mean rules?']],
    [
      'version = 1\n[sbom]\nsupplier = { nam = "x" }',
      ['assay.toml:3:12: sbom.supplier has no name', 'assay.toml:3:14: unknown key nam, did you mean name?'],
    ],
    ['version = 1\nconstructor = 1', ['assay.toml:2:1: unknown key constructor']],
    ['version = 1\n__proto__ = 1', ['assay.toml:2:1: unknown key __proto__']],
    // Wrong types and values.
    ['version = 1\nextends = "assay:strict"', ['assay.toml:2:11: extends must be array']],
    ['version = 1\n[gate]\nmax-warnings = -1', ['assay.toml:3:16: gate.max-warnings must be >= 0']],
    ['version = 1\n[gate]\nmax-warnings = 1.5', ['assay.toml:3:16: gate.max-warnings must be integer']],
    ['version = 1\n[gate]\nfail-on = "note"', ['assay.toml:3:11: gate.fail-on must be one of error, warn, never']],
    ['version = 1\ndiscover = 3', ['assay.toml:2:12: discover must be object']],
    ['version = 1\n[discover]\nexclude = ["a", 7]', ['assay.toml:3:17: discover.exclude.1 must be string']],
    [
      'version = 1\n[sources]\ngit = { require = "branch" }',
      ['assay.toml:3:19: sources.git.require must be one of any, tag, rev'],
    ],
    [
      'version = 1\n[sources]\ninternal = ["corp-*"]',
      ['assay.toml:3:13: sources.internal.0 must match pattern "^(?:cargo|go|zig|nimble):."'],
    ],
    ['version = 1\n[project]\nversion = "1"', ['assay.toml:2:1: project has no name']],
    [
      'version = 1\n[[override]]\nprofile = "lax"\npaths = []',
      ['assay.toml:3:11: override.0.profile must be one of relaxed, recommended, strict, audit'],
    ],
    ['version = 1\n[[override]]\nrules = {}', ['assay.toml:2:1: override.0 has no paths']],
    // Rules and options.
    [
      'version = 1\n[rules]\n"graph/duplicate-versions" = "off"',
      ['assay.toml:3:1: there is no rule graph/duplicate-versions, did you mean graph/duplicate-version?'],
    ],
    ['version = 1\n[rules]\n"nothing/like-it" = "off"', ['assay.toml:3:1: there is no rule nothing/like-it']],
    ['version = 1\n[rules]\nconstructor = "off"', ['assay.toml:3:1: there is no rule constructor']],
    [
      'version = 1\n[rules]\n"graph/denied" = "fatal"',
      ['assay.toml:3:18: rules.graph/denied must be one of error, warn, note, off'],
    ],
    ['version = 1\n[rules]\n"graph/denied" = 3', ['assay.toml:3:18: rules.graph/denied must be one of error, warn, note, off']],
    [
      'version = 1\n[rules]\n"graph/denied" = { severity = "fatal" }',
      ['assay.toml:3:31: rules.graph/denied.severity must be one of error, warn, note, off'],
    ],
    [
      'version = 1\n[rules]\n"integrity/unpinned" = { alow = [] }',
      ['assay.toml:3:26: integrity/unpinned has no option alow, did you mean allow?'],
    ],
    [
      'version = 1\n[rules]\n"integrity/unpinned" = { severty = "off" }',
      ['assay.toml:3:26: integrity/unpinned has no option severty, did you mean severity?'],
    ],
    [
      'version = 1\n[rules]\n"integrity/unpinned" = { constructor = [], __proto__ = 1 }',
      [
        'assay.toml:3:26: integrity/unpinned has no option constructor',
        'assay.toml:3:44: integrity/unpinned has no option __proto__',
      ],
    ],
    [
      'version = 1\n[rules]\n"integrity/unpinned" = { allow = "x" }',
      ['assay.toml:3:34: the option allow of integrity/unpinned must be a list of texts'],
    ],
    [
      'version = 1\n[rules]\n"integrity/unpinned" = { allow = ["x", 1] }',
      ['assay.toml:3:34: the option allow of integrity/unpinned must be a list of texts'],
    ],
    [
      'version = 1\n[rules]\n"input/nothing-found" = { allow-empty = 1 }',
      ['assay.toml:3:41: the option allow-empty of input/nothing-found must be true or false'],
    ],
    [
      'version = 1\n[rules]\n"policy/waiver-expiring" = { window = "14d" }',
      ['assay.toml:3:39: the option window of policy/waiver-expiring must be a number'],
    ],
    [
      'version = 1\n[[override]]\npaths = ["a/**"]\nrules = { "graph/dennied" = "off" }',
      ['assay.toml:4:11: there is no rule graph/dennied, did you mean graph/denied?'],
    ],
    // Patterns.
    [
      'version = 1\nallow = ["pkg:cargo/a", "serde"]',
      ['assay.toml:2:25: "serde" is no component pattern: it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ],
    [
      'version = 1\n[[deny]]\ncomponent = "pkg:generic/x"\nreason = "r"',
      [
        'assay.toml:3:13: "pkg:generic/x" is no component pattern: the type generic names no single ecosystem; use one of cargo, golang, zig, nim, nimble',
      ],
    ],
    [
      'version = 1\n[[deny]]\ncomponent = "pkg:cargo/x"\nreason = "r"\nwrappers = ["pkg:cargo/a", "pkg:cargo/b@~1"]',
      ['assay.toml:5:28: "pkg:cargo/b@~1" is no component pattern: "~1" is no version and no comparator like <1.2.0'],
    ],
    // What this version does not judge by.
    [
      'version = 1\n[license]\nallow = []',
      [
        'assay.toml:2:1: this version of assay does not judge licences yet; remove [license], so that nobody takes it for a check',
      ],
    ],
    [
      'version = 1\npacks = ["cra"]\n[vuln]\n[trust]\n[[rule]]\n',
      [
        'assay.toml:3:1: this version of assay does not judge vulnerabilities yet; remove [vuln], so that nobody takes it for a check',
        'assay.toml:4:1: this version of assay does not judge signatures yet; remove [trust], so that nobody takes it for a check',
        'assay.toml:5:1: this version of assay does not judge custom rules yet; remove [rule], so that nobody takes it for a check',
        'assay.toml:2:1: this version of assay does not judge compliance packs yet; remove [packs], so that nobody takes it for a check',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
  })
})

describe('waivers', () => {
  it('are fine as they should be, with a date or a text for the day', () => {
    expect(problemsOf(WAIVER)).toEqual([])
    expect(load(WAIVER.replace('2026-12-01', '"2026-12-01"')).waivers[0]?.expires).toBe('2026-12-01')
    expect(problemsOf(WAIVER.replace('component = "pkg:cargo/serde"', 'subject = "Cargo.lock"'))).toEqual([])
  })

  it.each([
    ['id = "W-1"\n', '', ['assay.toml:2:1: waiver.0 has no id']],
    ['rule = "integrity/unpinned"\n', '', ['assay.toml:2:1: waiver.0 has no rule']],
    ['reason = "a reason of enough letters"\n', '', ['assay.toml:2:1: waiver.0 has no reason']],
    ['owner = "team@example.org"\n', '', ['assay.toml:2:1: waiver.0 has no owner']],
    ['expires = 2026-12-01\n', '', ['assay.toml:2:1: waiver.0 has no expires']],
    ['component = "pkg:cargo/serde"\n', '', ['assay.toml:2:1: waiver.0 must name a component or a subject']],
    ['a reason of enough letters', 'fourteen chars', ['assay.toml:6:10: waiver.0.reason must NOT have fewer than 15 characters']],
    ['"team@example.org"', '""', ['assay.toml:7:9: waiver.0.owner must NOT have fewer than 1 characters']],
    ['2026-12-01', '"2026-02-30"', ['assay.toml:8:11: 2026-02-30 is no day']],
    ['2026-12-01', '"2025-02-29"', ['assay.toml:8:11: 2025-02-29 is no day']],
    ['2026-12-01', '"2026-13-01"', ['assay.toml:8:11: 2026-13-01 is no day']],
    ['2026-12-01', '"1.12.2026"', ['assay.toml:8:11: waiver.0.expires must match pattern "^\\d{4}-\\d{2}-\\d{2}$"']],
    ['2026-12-01', '2026-12-01T00:00:00Z', ['assay.toml:8:11: waiver.0.expires must match pattern "^\\d{4}-\\d{2}-\\d{2}$"']],
    [
      'integrity/unpinned',
      'integrity/unpined',
      ['assay.toml:4:8: there is no rule integrity/unpined, did you mean integrity/unpinned?'],
    ],
    [
      'integrity/unpinned',
      'policy/waiver-expired',
      ['assay.toml:4:8: policy/waiver-expired is about the gate itself and cannot be waived; set its severity instead'],
    ],
    [
      'pkg:cargo/serde',
      'serde',
      ['assay.toml:5:13: "serde" is no component pattern: it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ],
    ['owner', 'ownr', ['assay.toml:2:1: waiver.0 has no owner', 'assay.toml:7:1: unknown key ownr, did you mean owner?']],
    ['owner', 'match = { name = 3 }\nowner', ['assay.toml:7:18: waiver.0.match.name must be string']],
  ])('%j → %j', (part, instead, expected) => {
    expect(problemsOf(WAIVER.replace(part, instead))).toEqual(expected)
  })

  it('have one id each, over all files', () => {
    expect(problemsOf(`${WAIVER}${WAIVER.replace('version = 1\n', '')}`)).toEqual([
      'assay.toml:10:6: the waiver W-1 is there twice',
    ])
    expect(problemsOf(`extends = ["./org.toml"]\n${WAIVER}`, { 'org.toml': WAIVER })).toEqual([
      'assay.toml:4:6: the waiver W-1 is there twice',
    ])
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
    expect(() => loadConfig({ text: wide, file: 'assay.toml', readExtended }, GENERIC_RULES, validate)).toThrow(
      'more than 64 files extend each other',
    )
    expect(reads).toBe(63)
  })
})

/** Values of every kind that TOML has, under keys of the schema and others. */
const KEYS = [
  'version',
  'extends',
  'gate',
  'rules',
  'deny',
  'waiver',
  'override',
  'sources',
  'allow',
  'component',
  'reason',
  'paths',
  'profile',
  'id',
  'rule',
  'expires',
  'severity',
  'constructor',
  '__proto__',
  ...GENERIC_RULES.slice(0, 4).map((rule) => rule.id),
]
const TEXTS = ['assay:strict', './a.toml', 'pkg:cargo/a', 'pkg:cargo/a@<1', '2026-12-01', 'off', 'error', '%', '']
const scalar = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ maxLength: 8 }), fc.integer(), fc.boolean())
const { table } = fc.letrec<{ table: Record<string, unknown>; value: unknown }>((tie) => ({
  table: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 5 }),
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    tie('table'),
    fc.array(scalar, { maxLength: 3 }),
    fc.array(tie('table'), { maxLength: 3 }),
  ),
}))

describe('whatever the file holds', () => {
  it('is valid, or refused with a place for every problem', () => {
    fc.assert(
      fc.property(table, (value) => {
        const text = IarnaToml.stringify(JSON.parse(JSON.stringify({ ...value, version: 1 })))
        for (const problem of problemsOf(text, { 'a.toml': text })) expect(problem).toMatch(/^(?:assay|a)\.toml:\d+:\d+: ./)
      }),
      { numRuns: 1000 },
    )
  })

  it('is refused in order when it is no TOML', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        // `problemsOf` lets every other error through.
        expect(problemsOf(`[x\n${text}`).length).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })
})
