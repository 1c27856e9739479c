import IarnaToml from '@iarna/toml'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_TRUST_SETTINGS } from '../../src/model/trust-settings.js'
import { identityFor, TrustBook } from '../../src/policy/trust-match.js'
import { component } from '../support/graphs.js'
import { load, problemsOf } from './support/load.js'

const ISSUER = 'https://token.actions.githubusercontent.com'
const identity = (fields: string, issuer = `issuer = "${ISSUER}", `): string =>
  `version = 1\n[[trust.identities]]\nmatch = "pkg:cargo/corp-*"\n${issuer === '' ? '' : `issuer = "${ISSUER}"\n`}${fields}\n`

describe('[trust] of assay.toml', () => {
  it('is nothing where the file says nothing', () => {
    expect(load('version = 1\n').settings.trust).toEqual(NO_TRUST_SETTINGS)
  })

  it('reads every key', () => {
    const { settings, rules } = load(`version = 1
[trust]
roots = ["roots/own.json", "/etc/sigstore/root.json"]
online-roots = true
root-fallback = true
attestations = ["attestations"]
urls = [{ match = "pkg:zig/**", url = "https://attest.example/{alg}/{digest}.jsonl" }]
github = ["pkg:cargo/corp-*"]
require = [{ match = "pkg:cargo/corp-*", level = 2 }, { match = "pkg:golang/corp.example/**", kind = "signature" }]
builders = [{ id = "https://ci.example/builder", issuer = "https://ci.example", signer-workflow = "https://ci.example/wf", level = 3 }]
allowed-signers = ["signers"]
openpgp-keys = ["keys.asc"]

[[trust.identities]]
name = "ours"
match = "pkg:cargo/corp-*"
issuer = "${ISSUER}"
san-pattern = "https://github\\\\.com/acme/[a-z]+/.*"
source-repository = "https://github.com/acme/widget"
source-repository-id = "1001"
owner-id = "2002"
refs = ["refs/tags/v{version}"]
workflow = ".github/workflows/release.yml"
signer-workflow = "https://github.com/acme/ci/.github/workflows/build.yml"
signer-ref = "refs/tags/v1.0.0"
triggers = ["push", "release"]
runner = "github-hosted"
environment = "release"
visibility = "public"
builders = ["https://github.com/actions/runner/github-hosted"]
predicate-types = ["https://slsa.dev/provenance/v1"]

[[trust.identities]]
match = "oci://ghcr.io/acme/**"
keys = ["keys/acme.pem"]
`)
    expect(settings.trust).toEqual({
      roots: ['roots/own.json', '/etc/sigstore/root.json'],
      onlineRoots: true,
      rootFallback: true,
      folders: ['attestations'],
      templates: [{ match: 'pkg:zig/**', url: 'https://attest.example/{alg}/{digest}.jsonl' }],
      github: ['pkg:cargo/corp-*'],
      githubForRequired: false,
      identities: [
        {
          name: 'ours',
          match: 'pkg:cargo/corp-*',
          issuer: ISSUER,
          sanPattern: 'https://github\\.com/acme/[a-z]+/.*',
          sourceRepository: 'https://github.com/acme/widget',
          sourceRepositoryId: '1001',
          ownerId: '2002',
          refs: ['refs/tags/v{version}'],
          workflow: '.github/workflows/release.yml',
          signerWorkflow: 'https://github.com/acme/ci/.github/workflows/build.yml',
          signerRef: 'refs/tags/v1.0.0',
          triggers: ['push', 'release'],
          runner: 'github-hosted',
          environment: 'release',
          visibility: 'public',
          builders: ['https://github.com/actions/runner/github-hosted'],
          predicateTypes: ['https://slsa.dev/provenance/v1'],
        },
        { match: 'oci://ghcr.io/acme/**', keys: ['keys/acme.pem'] },
      ],
      require: [
        { match: 'pkg:cargo/corp-*', kind: 'provenance', level: 2 },
        { match: 'pkg:golang/corp.example/**', kind: 'signature' },
      ],
      builders: [
        { id: 'https://ci.example/builder', issuer: 'https://ci.example', signerWorkflow: 'https://ci.example/wf', level: 3 },
      ],
      allowedSigners: ['signers'],
      openpgpKeys: ['keys.asc'],
    })
    // What must be signed fails the gate, whatever the profile says of the rule.
    expect(rules.get('trust/attestation-missing')?.severity).toBe('error')
    expect(rules.get('trust/provenance-level-low')?.severity).toBe('error')
  })

  it('adds up over files: own identities first, paths from the file that names them', () => {
    const base = `version = 1
[trust]
attestations = ["found"]
github = true
identities = [{ match = "pkg:cargo/**", keys = ["acme.pem"] }]
require = [{ match = "pkg:cargo/corp-*", kind = "signature" }]
`
    const text = `version = 1
extends = ["org/base.toml"]
[trust]
attestations = ["/var/attestations", "ours"]
identities = [{ match = "pkg:cargo/one", issuer = "${ISSUER}", owner-id = "1" }]
[rules]
"trust/attestation-missing" = "warn"
`
    const { settings, rules } = load(text, { 'org/base.toml': base })
    expect(settings.trust.folders).toEqual(['/var/attestations', 'ours', 'org/found'])
    expect(settings.trust.identities.map(({ match, keys }) => [match, keys])).toEqual([
      ['pkg:cargo/one', undefined],
      ['pkg:cargo/**', ['org/acme.pem']],
    ])
    expect(settings.trust.githubForRequired).toBe(true)
    expect(settings.trust.require).toHaveLength(1)
    expect(rules.get('trust/attestation-missing')?.severity).toBe('warn')
  })

  it.each([
    [
      'without its issuer',
      identity('owner-id = "1"', ''),
      [
        'assay.toml:2:1: an identity without its issuer: another provider may hand out the same name; add issuer, e.g. https://token.actions.githubusercontent.com',
      ],
    ],
    [
      'an issuer alone',
      identity('refs = ["refs/tags/v{version}"]'),
      [
        'assay.toml:2:1: an issuer alone lets everybody sign who has an account there; add one of san, san-pattern, source-repository, source-repository-id, owner-id, signer-workflow',
      ],
    ],
    [
      'a pattern for everybody',
      identity('san-pattern = "https://github\\\\.com/.*"'),
      ['assay.toml:5:15: it accepts names of anybody; write the owner and repository into it'],
    ],
    [
      'a pattern that may be slow',
      identity('san-pattern = "https://github\\\\.com/(acme/)+.*"'),
      [
        'assay.toml:5:15: it cannot be used: the pattern repeats a group; it is matched against the whole name, with at most three repetitions and none of a group',
      ],
    ],
    [
      'a pattern that is none',
      identity('san-pattern = "acme["'),
      [
        'assay.toml:5:15: it cannot be used: the pattern is no regular expression; it is matched against the whole name, with at most three repetitions and none of a group',
      ],
    ],
    [
      'a star in an exact field',
      identity('san = "https://github.com/acme/*"'),
      ['assay.toml:5:7: san is compared exactly, and a star is no part of it; use san-pattern, or name the source-repository'],
    ],
    [
      'a repository that is no URL',
      identity('source-repository = "acme/widget"'),
      ['assay.toml:5:21: "acme/widget" is no https URL; write it whole, https://…'],
    ],
    [
      'pull requests',
      identity('owner-id = "1"\ntriggers = ["push", "pull_request"]'),
      [
        'assay.toml:6:21: pull_request lets strangers start a build, and no release may come of that; use push, release or workflow_dispatch',
      ],
    ],
    [
      'pull requests with secrets',
      identity('owner-id = "1"\ntriggers = ["pull_request_target"]'),
      [
        'assay.toml:6:13: pull_request_target lets strangers start a build, and no release may come of that; use push, release or workflow_dispatch',
      ],
    ],
    [
      'comments',
      identity('owner-id = "1"\ntriggers = ["issue_comment"]'),
      [
        'assay.toml:6:13: issue_comment lets strangers start a build, and no release may come of that; use push, release or workflow_dispatch',
      ],
    ],
    [
      'an unknown variable in a ref',
      identity('owner-id = "1"\nrefs = ["refs/tags/{tag}"]'),
      ['assay.toml:6:9: {tag} stands for nothing in a ref; {version} and {name} do, e.g. refs/tags/v{version}'],
    ],
    [
      'a star in a ref',
      identity('owner-id = "1"\nrefs = ["refs/tags/v*"]'),
      ['assay.toml:6:9: * stands for nothing in a ref; {version} and {name} do, e.g. refs/tags/v{version}'],
    ],
    [
      'keys and a certificate',
      identity('keys = ["a.pem"]'),
      [
        'assay.toml:4:10: issuer is said of certificates, and this identity is one of keys; write two identities, or drop one of the two',
      ],
    ],
    [
      'no key at all',
      identity('keys = []', ''),
      ['assay.toml:4:8: an identity without a key accepts nobody; name the files of its public keys'],
    ],
    [
      'an unknown key, with the nearest',
      identity('san-patern = "x"\nowner-id = "1"'),
      ['assay.toml:5:1: unknown key san-patern, did you mean san-pattern?'],
    ],
    [
      'a match that is no pattern',
      'version = 1\n[trust]\nattestations = ["a"]\nrequire = [{ match = "corp-*" }]',
      ['assay.toml:4:22: "corp-*" is no component pattern: it must be written as pkg:TYPE/NAME, e.g. pkg:cargo/openssl@<0.10.66'],
    ],
    [
      'a registry where components are meant',
      'version = 1\n[trust]\nattestations = ["a"]\nrequire = [{ match = "oci://ghcr.io/acme/app" }]',
      [
        'assay.toml:4:22: "oci://ghcr.io/acme/app" is no component pattern: images and other artifacts of registries are judged by assay verify oci:…, by [trust] identities',
      ],
    ],
    [
      'a registry pattern with a tag',
      'version = 1\n[trust]\nidentities = [{ match = "oci://ghcr.io/acme/app@sha256:00", keys = ["a"] }]',
      [
        'assay.toml:3:25: "oci://ghcr.io/acme/app@sha256:00" is no component pattern: it must be written as oci://HOST/PATH, without tag and digest, * in a segment and ** across segments',
      ],
    ],
    [
      'a level of a signature',
      'version = 1\n[trust]\nattestations = ["a"]\nrequire = [{ match = "pkg:cargo/a", kind = "signature", level = 2 }]',
      ['assay.toml:4:65: a level is one of builds, and this asks for signature; write kind = "provenance"'],
    ],
    [
      'an unknown level',
      'version = 1\n[trust]\nattestations = ["a"]\nrequire = [{ match = "pkg:cargo/a", level = 4 }]',
      ['assay.toml:4:45: trust.require.0.level must be one of 1, 2, 3'],
    ],
    [
      'nowhere to look',
      'version = 1\n[trust]\nrequire = [{ match = "pkg:cargo/a" }]',
      ['assay.toml:3:1: this can never be met: nothing says where signatures are; add attestations, urls or github to [trust]'],
    ],
    [
      'a URL whose host a lockfile chooses',
      'version = 1\n[trust]\nurls = [{ match = "pkg:cargo/a", url = "https://{owner}.example/{digest}" }]',
      [
        'assay.toml:3:40: the URL cannot be used: it must begin with https:// and a host, without variables and credentials in them',
      ],
    ],
    [
      'a URL with credentials',
      'version = 1\n[trust]\nurls = [{ match = "pkg:cargo/a", url = "https://u:p@h.example/{digest}" }]',
      [
        'assay.toml:3:40: the URL cannot be used: it must begin with https:// and a host, without variables and credentials in them',
      ],
    ],
    [
      'an unknown variable of a URL',
      'version = 1\n[trust]\nurls = [{ match = "pkg:cargo/a", url = "https://h.example/{sha}" }]',
      ['assay.toml:3:40: the URL cannot be used: {sha} is none of {name} {version} {digest} {alg} {url} {owner} {repo} {file}'],
    ],
    [
      'a root that is not there',
      'version = 1\n[trust]\nroots = ["roots/a.json", "not-there.json"]',
      ['assay.toml:3:26: not-there.json is no file; paths count from the folder of the file that names them'],
    ],
    [
      'a key that is not there',
      identity('keys = ["not-there.pem"]', ''),
      ['assay.toml:4:9: not-there.pem is no file; paths count from the folder of the file that names them'],
    ],
    [
      'a list of signers that is not there',
      'version = 1\n[trust]\nallowed-signers = ["not-there"]',
      ['assay.toml:3:20: not-there is no file; paths count from the folder of the file that names them'],
    ],
    ['github that is neither', 'version = 1\n[trust]\ngithub = "acme"', ['assay.toml:3:10: trust.github must be array']],
  ])('refuses %s, with its place and what to do', (_title, text, problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })
})

/** Fields of an identity, some of them sensible, some hostile. */
const URL_LIKE = fc.constantFrom(
  'https://github.com/acme/widget',
  'https://issuer.example',
  'acme/widget',
  'https://*',
  '',
  'http://x',
)
const PATTERN = fc.constantFrom(
  '.*',
  'https://github\\.com/acme/.*',
  '(a+)+',
  '[',
  'https://.*',
  '.+@.+',
  'release@acme\\.example',
  '',
)
const anyIdentity = fc.record(
  {
    match: fc.constantFrom('pkg:cargo/**', 'oci://ghcr.io/acme/*', 'nothing', 'oci://x', ''),
    issuer: URL_LIKE,
    san: fc.oneof(URL_LIKE, fc.string({ maxLength: 6 })),
    'san-pattern': PATTERN,
    'source-repository': URL_LIKE,
    'owner-id': fc.constantFrom('1', ''),
    refs: fc.array(fc.constantFrom('refs/tags/v{version}', '{', '{x}', '*', 'refs/heads/main'), { maxLength: 2 }),
    triggers: fc.array(fc.constantFrom('push', 'pull_request', 'merge_request_event'), { maxLength: 2 }),
    keys: fc.array(fc.constantFrom('a.pem', 'not-there.pem'), { maxLength: 2 }),
  },
  { requiredKeys: ['match'] },
)

const sensible = fc.record(
  {
    match: fc.constantFrom('pkg:cargo/**', 'oci://ghcr.io/acme/*'),
    issuer: fc.constant(ISSUER),
    'san-pattern': fc.constantFrom('https://github\\.com/acme/.*', '.*'),
    'source-repository': fc.constant('https://github.com/acme/widget'),
    'owner-id': fc.constant('1'),
    triggers: fc.constantFrom(['push'], ['push', 'pull_request']),
  },
  { requiredKeys: ['match', 'issuer'] },
)
const identityTable = fc.oneof({ weight: 3, arbitrary: sensible }, { weight: 1, arbitrary: anyIdentity })

describe('whatever [trust] holds', () => {
  it('is refused with a place for every problem, or constrains who may sign', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(identityTable, { minLength: 1, maxLength: 3 }), (identities) => {
        const text = IarnaToml.stringify(JSON.parse(JSON.stringify({ version: 1, trust: { identities } })))
        const problems = problemsOf(text)
        for (const problem of problems) expect(problem).toMatch(/^assay\.toml:\d+:\d+: ./)
        if (problems.length > 0) return
        accepted += 1
        for (const one of load(text).settings.trust.identities) {
          expect(one.keys?.length !== 0 && !one.keys?.includes('not-there.pem')).toBe(true)
          if (one.keys !== undefined) continue
          expect(one.issuer).toMatch(/^https:/)
          expect([one.san, one.sanPattern, one.sourceRepository, one.ownerId].some((name) => name !== undefined)).toBe(true)
          expect(one.triggers ?? []).not.toContain('pull_request')
        }
      }),
      { numRuns: 1500 },
    )
    expect(accepted).toBeGreaterThan(20)
  })
})

describe('what a match is about', () => {
  const identities = [
    { match: 'pkg:cargo/corp-*@<2.0.0', ownerId: 'old' },
    { match: 'pkg:cargo/corp-*', ownerId: 'new' },
    { match: 'oci://ghcr.io/acme/*', ownerId: 'image' },
    { match: 'oci://ghcr.io/**', ownerId: 'any image' },
  ]
  it('is decided by the first identity', () => {
    const named = (name: string, version: string) => identityFor({ identities }, component(name, version))?.ownerId
    expect([named('corp-a', '1.9.0'), named('corp-a', '2.0.0'), named('other', '1.0.0')]).toEqual(['old', 'new', undefined])
    const image = (name: `oci://${string}`) => identityFor({ identities }, name)?.ownerId
    expect([
      image('oci://ghcr.io/acme/app'),
      image('oci://ghcr.io/acme/app/part'),
      image('oci://ghcr.io.evil.example/acme/app'),
    ]).toEqual(['image', 'any image', undefined])
  })

  it('asks GitHub about what is required where it says true', () => {
    const book = new TrustBook({
      ...NO_TRUST_SETTINGS,
      githubForRequired: true,
      require: [{ match: 'pkg:cargo/a', kind: 'sbom' }],
    })
    expect([component('a'), component('b')].map((one) => book.asksGithub(one))).toEqual([true, false])
    expect(book.requirementsFor(component('a'))).toEqual([{ match: 'pkg:cargo/a', kind: 'sbom' }])
    expect(book.identityFor(component('a'))).toBeUndefined()
  })
})
