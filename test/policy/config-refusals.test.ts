import IarnaToml from '@iarna/toml'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GENERIC_RULES } from '../../src/policy/rules/index.js'
import { problemsOf } from './support/load.js'

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
      'version = 1\npacks = ["cra"]\n[vuln]\n[license]\n[[rule]]\n',
      [
        'assay.toml:3:1: this version of assay does not judge vulnerabilities yet; remove [vuln], so that nobody takes it for a check',
        'assay.toml:4:1: this version of assay does not judge licences yet; remove [license], so that nobody takes it for a check',
        'assay.toml:5:1: this version of assay does not judge custom rules yet; remove [rule], so that nobody takes it for a check',
        'assay.toml:2:1: this version of assay does not judge compliance packs yet; remove [packs], so that nobody takes it for a check',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
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
