import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Review } from '../../../src/model/review.js'
import { PATIENCE } from '../../support/patience.js'
import { load, problemsOf } from '../support/load.js'
import { readReviews as read } from './support.js'

/** A review in short. */
function short({ from, to, criteria, who, reach, location }: Review): string {
  return `${reach} ${from ?? ''}>${to} ${criteria.join('+')} ${who.join('+')} :${location.line}`
}

const AUDITS = `
# cargo-vet audits file

[criteria.no-unsafe]
description = "No unsafe code."
implies = ["safe-to-run"]

[[audits.itoa]]
who = "Ada <ada@example.org>"
criteria = "safe-to-deploy"
version = "1.0.0"

[[audits.itoa]]
who = ["Ada <ada@example.org>", "Bob <bob@example.org>"]
criteria = ["safe-to-deploy", "no-unsafe"]
delta = "1.0.0 -> 1.0.15"
notes = "small"
importable = false
aggregated-from = "https://example.org/audits.toml"

[[audits.itoa]]
criteria = "safe-to-run"
delta = "1.0.15 -> 1.0.15@git:0A5C2F9DE6A7B1E1D4A4B1B5B4C7F6A3D2E1F0A9"

[[audits.time]]
who = "Ada"
criteria = "safe-to-run"
violation = "<0.2.23"
notes = "segfault"

[[wildcard-audits.serde]]
who = "Ada"
criteria = "safe-to-deploy"
user-id = 3618
start = "2020-01-01"
end = "2027-01-01"

[[trusted.libc]]
criteria = "safe-to-deploy"
user-id = 55123
start = 2020-01-01
end = 2027-01-01
`

const IMPORTS = `
[[unpublished.mine]]
version = "1.0.0"
audited_as = "0.9.0"

[[publisher.serde]]
version = "1.0.136"
when = "2022-01-25"
user-id = 3618
user-login = "dtolnay"

[[audits.peer.audits.cfg-if]]
who = "Peer"
criteria = "safe-to-deploy"
version = "1.0.0"

[[audits.peer.audits.cfg-if]]
who = "Peer"
criteria = []
version = "1.0.1"

[audits.peer.criteria.theirs]
description = "of the peer"
implies = "safe-to-deploy"

[[audits.other.trusted.cfg-if]]
criteria = "safe-to-run"
trusted-publisher = "github:rust-lang/cfg-if"
start = "2020-01-01"
end = "2027-01-01"
`

const CONFIG = `
[cargo-vet]
version = "0.10"

[imports.peer]
url = "https://example.org/audits.toml"

[[exemptions.syn]]
version = "2.0.1"
criteria = "safe-to-deploy"
`

const OWN = `
version = 1

[criteria.crypto]
description = "Cryptography was looked at."

[[review]]
component = "pkg:golang/golang.org/x/text@v0.14.0"
criteria = ["safe-to-deploy", "crypto"]
who = "Ada <ada@example.org>"
date = 2026-03-01
digest = "h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ="

[[review]]
component = "pkg:nim/berths"
from = "1.3.0"
to = "1.4.0"
criteria = "safe-to-run"
who = ["Ada", "Bob"]
date = "2026-03-02"
notes = "small"

[[review]]
component = "pkg:zig/charts"
criteria = "safe-to-run"
who = "Ada"
date = 2026-03-01
digest = "N-V-__8AAAAAcAA47fmf1GRiRlQE_v6orFvQNy4JY8eITCue"

[[review]]
component = "pkg:cargo/openssl@>=0.10.0,<0.10.66"
violation = true
criteria = "safe-to-run"
who = "Ada"
date = 2026-03-01

[[review]]
component = "pkg:cargo/itoa@1.0.15"
criteria = "safe-to-run"
who = "Ada"
date = 2026-03-01
digest = "git:0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9"
`

describe('files of reviews', () => {
  it('reads what cargo-vet writes', () => {
    const { settings, problems } = read({
      'empty.lock': '# none\n',
      'audits.toml': AUDITS,
      'imports.lock': IMPORTS,
      'config.toml': CONFIG,
    })
    expect(problems).toEqual([])
    expect(settings?.ofEveryEcosystem).toBe(false)
    expect(settings?.writeTo).toEqual({ cargoVet: 'audits.toml' })
    expect([...(settings?.criteria ?? [])]).toEqual([
      ['safe-to-run', []],
      ['safe-to-deploy', ['safe-to-run']],
      ['no-unsafe', ['safe-to-run']],
    ])
    expect(settings?.reviews.get('cargo:itoa')?.map(short)).toEqual([
      'crates.io >1.0.0 safe-to-deploy Ada <ada@example.org> :8',
      'crates.io 1.0.0>1.0.15 safe-to-deploy+no-unsafe Ada <ada@example.org>+Bob <bob@example.org> :13',
      'crates.io 1.0.15>1.0.15@git:0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9 safe-to-run  :21',
    ])
    expect(settings?.reviews.get('cargo:cfg-if')?.map(short)).toEqual([
      'crates.io >1.0.0 safe-to-deploy Peer :12',
      'crates.io >1.0.1  Peer :17',
    ])
    const [time] = settings?.rejections.get('cargo:time') ?? []
    expect([time?.range, time?.matches('0.2.22'), time?.matches('0.2.23'), time?.notes]).toEqual([
      '<0.2.23',
      true,
      false,
      'segfault',
    ])
    expect(settings?.publications.get('cargo:serde')).toEqual([
      { version: '1.0.136', publisher: 'user 3618', when: '2022-01-25' },
    ])
    expect(settings?.publishers.get('cargo:serde')?.map(({ publisher, start, end }) => [publisher, start, end])).toEqual([
      ['user 3618', '2020-01-01', '2027-01-01'],
    ])
    expect(settings?.publishers.get('cargo:libc')?.map(({ publisher }) => publisher)).toEqual(['user 55123'])
    expect(settings?.publishers.get('cargo:cfg-if')?.map(({ publisher }) => publisher)).toEqual([
      'workflow github:rust-lang/cfg-if',
    ])
    expect(settings?.exemptions.get('cargo:syn')?.map(({ version }) => version)).toEqual(['2.0.1'])
  })

  it('reads its own form, of every ecosystem', () => {
    const { settings, problems } = read({ 'reviews.toml': OWN })
    expect(problems).toEqual([])
    expect(settings?.ofEveryEcosystem).toBe(true)
    expect(settings?.writeTo).toEqual({ own: 'reviews.toml' })
    expect([...(settings?.reviews ?? [])].map(([key, reviews]) => [key, ...reviews.map(short)])).toEqual([
      ['go:golang.org/x/text', 'any >v0.14.0 safe-to-deploy+crypto Ada <ada@example.org> :7'],
      ['nimble:berths', 'any 1.3.0>1.4.0 safe-to-run Ada+Bob :14'],
      ['zig:charts', 'any > safe-to-run Ada :23'],
      ['cargo:itoa', 'any >1.0.15@git:0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9 safe-to-run Ada :37'],
    ])
    expect(settings?.reviews.get('go:golang.org/x/text')?.[0]?.digest).toEqual({
      of: 'tree',
      scheme: 'go-h1',
      value: 'h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ=',
    })
    const [rejection] = settings?.rejections.get('cargo:openssl') ?? []
    expect(['0.9.9', '0.10.0', '0.10.65', '0.10.66'].map((version) => rejection?.matches(version))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  const head = 'version = 1\n[[review]]\n'
  const who = 'who = "Ada"\ndate = 2026-03-01\n'
  const deploy = 'criteria = "safe-to-deploy"\n'
  it.each([
    ['syntax', 'a = \n', 'f.toml:1:5', 'not valid TOML'],
    ['something else', 'name = "x"\n', 'f.toml:1:1', 'holds no reviews'],
    ['an unknown kind', '[[audits.a]]\ncriteria = "safe-to-run"\n', 'f.toml:1:1', 'one of version, delta and violation'],
    [
      'two kinds',
      '[[audits.a]]\ncriteria = "safe-to-run"\nversion = "1.0.0"\ndelta = "1.0.0 -> 2.0.0"\n',
      'f.toml:1:1',
      'one of version',
    ],
    ['a short version', '[[audits.a]]\ncriteria = "safe-to-run"\nversion = "1.0"\n', 'f.toml:3:11', 'no version of a crate'],
    [
      'a short commit',
      '[[audits.a]]\ncriteria = "safe-to-run"\nversion = "1.0.0@git:ab"\n',
      'f.toml:3:11',
      'no version of a crate',
    ],
    ['a delta of one', '[[audits.a]]\ncriteria = "safe-to-run"\ndelta = "1.0.0"\n', 'f.toml:3:9', 'no delta'],
    ['a delta of three', '[[audits.a]]\ncriteria = "safe-to-run"\ndelta = "1.0.0 -> 1.0.1 -> 1.0.2"\n', 'f.toml:3:9', 'no delta'],
    ['a wrong range', '[[audits.a]]\ncriteria = "safe-to-run"\nviolation = "<<1"\n', 'f.toml:3:13', 'no range'],
    [
      'criteria that nobody defines',
      '[[audits.a]]\ncriteria = "safe-to-deplyo"\nversion = "1.0.0"\n',
      'f.toml:2:12',
      'did you mean safe-to-deploy?',
    ],
    ['no criteria', '[[audits.a]]\nversion = "1.0.0"\n', 'f.toml:1:1', 'criteria must name'],
    ['criteria that are no texts', '[[audits.a]]\ncriteria = [1]\nversion = "1.0.0"\n', 'f.toml:2:12', 'criteria must name'],
    ['a table where a list is', '[audits]\na = 1\n', 'f.toml:2:5', 'written as [[audits.NAME]]'],
    [
      'another meaning of what is built in',
      '[criteria.safe-to-run]\nimplies = "safe-to-deploy"\n',
      'f.toml:1:1',
      'built in and implies nothing',
    ],
    ['an implication of nothing', '[criteria.a]\ndescription = ""\nimplies = "b"\n', 'f.toml:3:11', 'no criteria "b"'],
    ['a publisher without a window', '[[trusted.a]]\ncriteria = "safe-to-run"\nuser-id = 1\n', 'f.toml:1:1', 'start and end'],
    ['another version of the form', 'version = 2\n', 'f.toml:1:11', 'is 1'],
    [
      'a key with a typing mistake',
      `${head}component = "pkg:cargo/a@1.0.0"\n${deploy}${who}digset = "x"\n`,
      'f.toml:7:1',
      'did you mean digest?',
    ],
    ['nobody', `${head}component = "pkg:cargo/a@1.0.0"\n${deploy}date = 2026-03-01\n`, 'f.toml:2:1', 'who reviewed it'],
    ['no date', `${head}component = "pkg:cargo/a@1.0.0"\n${deploy}who = "Ada"\n`, 'f.toml:2:1', '2026-12-31'],
    [
      'an ecosystem that is not there',
      `${head}component = "pkg:npm/a@1.0.0"\n${deploy}${who}`,
      'f.toml:3:13',
      'names no single ecosystem',
    ],
    ['many components', `${head}component = "pkg:cargo/a-*@1.0.0"\n${deploy}${who}`, 'f.toml:3:13', 'more than one component'],
    ['a range', `${head}component = "pkg:cargo/a@<1.0.0"\n${deploy}${who}`, 'f.toml:3:13', 'of one version'],
    ['no version and no bytes', `${head}component = "pkg:cargo/a"\n${deploy}${who}`, 'f.toml:3:13', 'write it after @'],
    ['half a difference', `${head}component = "pkg:cargo/a"\nfrom = "1.0.0"\n${deploy}${who}`, 'f.toml:2:1', 'two versions'],
    [
      'a difference and a version',
      `${head}component = "pkg:cargo/a@1.0.0"\nfrom = "1.0.0"\nto = "1.0.1"\n${deploy}${who}`,
      'f.toml:3:13',
      'leave out the one after @',
    ],
    [
      'a digest of no kind',
      `${head}component = "pkg:cargo/a@1.0.0"\ndigest = "md5:aa"\n${deploy}${who}`,
      'f.toml:4:10',
      'no digest',
    ],
    [
      'a digest of another ecosystem',
      `${head}component = "pkg:cargo/a@1.0.0"\ndigest = "h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ="\n${deploy}${who}`,
      'f.toml:4:10',
      'no digest',
    ],
    [
      'a violation of bytes',
      `${head}component = "pkg:cargo/a@1.0.0"\nviolation = true\ndigest = "sha256:aa"\n${deploy}${who}`,
      'f.toml:5:10',
      'has no digest',
    ],
    [
      'a violation that is no boolean',
      `${head}component = "pkg:cargo/a@1.0.0"\nviolation = "<1"\n${deploy}${who}`,
      'f.toml:4:13',
      'true or false',
    ],
  ])('refuses %s, with its place', (_, text, place, words) => {
    const { problems } = read({ 'f.toml': text })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`${place}: `)
    expect(problems[0]).toContain(words)
  })

  it('refuses one name for two things in two files', () => {
    const { problems } = read({
      'a.toml': '[criteria.x]\nimplies = "safe-to-run"\n[audits]\n',
      'b.toml': '[criteria.x]\nimplies = []\n[audits]\n',
    })
    expect(problems).toEqual([expect.stringContaining('b.toml:1:1: another file defines x too, and says it implies safe-to-run')])
    expect(read({ 'a.toml': '[criteria.x]\n[audits]\n', 'b.toml': '[criteria.x]\n[audits]\n' }).problems).toEqual([])
  })

  it('does not tell the same thousands of times', () => {
    const { problems } = read({ 'f.toml': '[[audits.a]]\n'.repeat(5000) })
    expect(problems).toHaveLength(20)
    expect(problems.at(-1)).toContain('more of this file is not told')
  })

  it('bounds what each version is compared with', () => {
    const one = (i: number): string => `[[audits.a]]\ncriteria = "safe-to-run"\nviolation = "<${i}.0.0"\n`
    expect(read({ 'f.toml': Array.from({ length: 128 }, (_, i) => one(i)).join('') }).problems).toEqual([])
    expect(read({ 'f.toml': Array.from({ length: 300 }, (_, i) => one(i)).join('') }).problems).toEqual([
      expect.stringContaining('more than 128 violations of a'),
    ])
    const criteria = Array.from({ length: 300 }, (_, i) => `[criteria.c${i}]\n`).join('')
    expect(read({ 'f.toml': `[audits]\n${criteria}` }).problems).toEqual([expect.stringContaining('more than 256 criteria')])
  })

  it('costs what the file is long, whatever the names', () => {
    const text = Array.from({ length: 40_000 }, (_, i) => `[[audits.a${i}]]\ncriteria = "safe-to-run"\nversion = "1.0.0"\n`).join(
      '',
    )
    const started = performance.now()
    expect(read({ 'f.toml': text }).settings?.reviews.size).toBe(40_000)
    expect(performance.now() - started).toBeLessThan(1000 * PATIENCE)
  })

  it('takes names for names', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const { settings, problems } = read({
        'a.toml': `[criteria.${name}]\ndescription = "x"\n[[audits.${name}]]\ncriteria = "${name}"\nversion = "1.0.0"\n`,
        'r.toml': `version = 1\n[[review]]\ncomponent = "pkg:cargo/${name}@2.0.0"\ncriteria = "${name}"\n${who}`,
      })
      expect(problems).toEqual([])
      expect(settings?.reviews.get(`cargo:${name}`)?.map(({ to }) => to)).toEqual(['1.0.0', '2.0.0'])
    }
  })

  it('never throws, and says something or nothing of every text', () => {
    const keys = [
      'version',
      'criteria',
      'audits',
      'review',
      'exemptions',
      'publisher',
      'trusted',
      'wildcard-audits',
      'component',
      'who',
      'delta',
      'violation',
      'from',
      'to',
      'digest',
      'date',
      'a',
      '__proto__',
    ]
    const line = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(...keys),
          fc.constantFrom(
            '1',
            '"1.0.0"',
            '"safe-to-run"',
            '[]',
            '["safe-to-run"]',
            '{}',
            '[{}]',
            'true',
            '"pkg:cargo/a@1.0.0"',
            '"1.0.0 -> 2.0.0"',
            '2026-01-01',
            '"*"',
          ),
        )
        .map(([key, value]) => `${key} = ${value}`),
      fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 }).map((path) => `[[${path.join('.')}]]`),
      fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 }).map((path) => `[${path.join('.')}]`),
    )
    let read1 = 0
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n')),
        ),
        (text) => {
          const { problems, settings } = read({ 'f.toml': text })
          read1 += problems.length === 0 ? 1 : 0
          expect(problems.length).toBeLessThanOrEqual(21)
          expect(settings).toBeDefined()
        },
      ),
      { numRuns: 1000 },
    )
    expect(read1).toBeGreaterThan(0)
  })

  it('gives back every version and every range that it is told', () => {
    const part = fc.nat({ max: 99 })
    const version = fc.tuple(part, part, part).map((parts) => parts.join('.'))
    fc.assert(
      fc.property(fc.array(fc.tuple(version, version), { minLength: 1, maxLength: 20 }), (deltas) => {
        const text = deltas.map(([from, to]) => `[[audits.a]]\ncriteria = "safe-to-run"\ndelta = "${from} -> ${to}"\n`).join('')
        const { settings, problems } = read({ 'f.toml': text })
        expect(problems).toEqual([])
        expect(settings?.reviews.get('cargo:a')?.map((review) => [review.from, review.to])).toEqual(deltas)
      }),
    )
  })
})

describe('reviews in assay.toml', () => {
  const files = {
    'audits.toml': AUDITS,
    'reviews.toml': OWN,
    'sub/other.toml': '[[audits.x]]\ncriteria = "safe-to-run"\nversion = "1.0.0"\n',
  }

  it('are read from the files it names, and those of the files it extends', () => {
    const { reviews } = load(
      'version = 1\nextends = ["sub/base.toml"]\n[trust]\nreviews = ["audits.toml", "reviews.toml", "audits.toml"]\n',
      {
        ...files,
        'sub/base.toml': 'version = 1\n[trust]\nreviews = ["other.toml"]\n',
      },
    ).settings.trust
    expect(reviews?.files).toEqual(['sub/other.toml', 'audits.toml', 'reviews.toml'])
    expect(reviews?.reviews.get('cargo:itoa')).toHaveLength(4)
    expect(reviews?.reviews.get('cargo:x')).toHaveLength(1)
  })

  it.each([
    ['a file that is not there', '[trust]\nreviews = ["not-there.toml"]\n', 'assay.toml:3:12: not-there.toml cannot be read'],
    [
      'a rule that is switched on without them',
      '[rules]\n"trust/review-missing" = "error"\n',
      'assay.toml:3:1: nothing says where reviews are',
    ],
    [
      'criteria that nobody defines',
      '[trust]\nreviews = ["audits.toml"]\n[rules]\n"trust/review-missing" = { criteria = ["no-unsafe", "no-unsfe"] }\n',
      'assay.toml:5:53: there are no criteria "no-unsfe", did you mean no-unsafe?',
    ],
    [
      'criteria that nobody defines, in an override',
      '[trust]\nreviews = ["audits.toml"]\n[[override]]\npaths = ["a/**"]\nrules = { "trust/review-violation" = { criteria = ["x"] } }\n',
      'assay.toml:6:52: there are no criteria "x"',
    ],
  ])('refuses %s', (_, text, said) => {
    expect(problemsOf(`version = 1\n${text}`, files)).toEqual([expect.stringContaining(said)])
  })

  it('accepts a rule that is switched off, and one whose reviews another file names', () => {
    expect(problemsOf('version = 1\n[rules]\n"trust/review-missing" = "off"\n')).toEqual([])
    expect(
      problemsOf('version = 1\nextends = ["base.toml"]\n[trust]\nreviews = ["audits.toml"]\n', {
        ...files,
        'base.toml': 'version = 1\n[rules]\n"trust/review-missing" = { severity = "error", criteria = ["no-unsafe"] }\n',
      }),
    ).toEqual([])
  })
})
