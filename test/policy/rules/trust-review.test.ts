import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Finding } from '../../../src/model/finding.js'
import { GraphView } from '../../../src/model/graph-view.js'
import type { OptionValue } from '../../../src/model/rule.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import type { Profile, ValidConfig } from '../../../src/policy/config.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { TRUST_REVIEW_RULES } from '../../../src/policy/rules/trust-review.js'
import { component } from '../../support/graphs.js'
import { reviewsOf } from '../reviews/support.js'
import { appWith, severityLetters, TODAY } from '../support/rule-cases.js'

const COMMIT = '0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9'
const one = component('one')
const go = component('example.org/two', 'v2.0.0', {
  ecosystem: 'go',
  source: { kind: 'registry', protocol: 'go-proxy', url: 'https://proxy.golang.org' },
})

interface Heard {
  readonly said: readonly (readonly [severity: string, message: string, fix: string])[]
  readonly checked: number | undefined
}

function hear(
  rule: string,
  files: Readonly<Record<string, string>>,
  components: readonly Component[],
  {
    profile = 'strict',
    options = {},
  }: { readonly profile?: Profile; readonly options?: Readonly<Record<string, OptionValue>> } = {},
): Heard {
  const reviews = Object.keys(files).length === 0 ? undefined : reviewsOf(files)
  const config: ValidConfig = {
    ...DEFAULT_CONFIG,
    profile,
    settings: { ...DEFAULT_CONFIG.settings, trust: { ...NO_TRUST_SETTINGS, reviews } },
    rules: new Map([[rule, { options: new Map(Object.entries(options)) }]]),
  }
  const verdict = evaluate({
    graph: new GraphView(appWith(components)),
    evidence: [],
    config,
    rules: TRUST_REVIEW_RULES,
    today: TODAY,
  })
  return {
    said: verdict.findings
      .filter((finding) => finding.rule === rule)
      .map(({ severity, message, fix }: Finding) => [severity, message, fix]),
    checked: verdict.rules.get(rule)?.checked,
  }
}

const audit = (rest: string, criteria = 'safe-to-deploy'): string =>
  `[[audits.one]]\nwho = "Ada"\ncriteria = "${criteria}"\n${rest}\n`
const own = (rest: string): string =>
  `version = 1\n[[review]]\ncriteria = "safe-to-deploy"\nwho = "Ada"\ndate = 2026-03-01\n${rest}\n`

describe('trust/review-missing', () => {
  const missing = (files: Readonly<Record<string, string>>, components: readonly Component[], more = {}): Heard =>
    hear('trust/review-missing', files, components, more)

  it('asks nobody for reviews where no file of reviews is named', () => {
    expect(missing({}, [one, go])).toEqual({ said: [], checked: 0 })
  })

  it('names the nearest reviewed version and the entry that would do', () => {
    const file = 'supply-chain/audits.toml'
    expect(missing({ [file]: audit('version = "0.9.0"') }, [one])).toEqual({
      checked: 1,
      said: [
        [
          'error',
          'one@1.0.0 lacks safe-to-deploy; the nearest reviewed version is 0.9.0',
          `review what changed since 0.9.0 and add to ${file}: [[audits.one]] who = "…", criteria = "safe-to-deploy", delta = "0.9.0 -> 1.0.0"`,
        ],
      ],
    })
    expect(missing({ [file]: '[audits]\n' }, [one]).said).toEqual([
      [
        'error',
        'one@1.0.0 lacks safe-to-deploy; no version of it is reviewed',
        `review it and add to ${file}: [[audits.one]] who = "…", criteria = "safe-to-deploy", version = "1.0.0"`,
      ],
    ])
  })

  it('writes the entry in the form that can hold it', () => {
    expect(
      missing({ 'reviews.toml': own('component = "pkg:golang/example.org/two@v1.0.0"') }, [go]).said.map(([, , fix]) => fix),
    ).toEqual([
      'review what changed since v1.0.0 and add to reviews.toml: [[review]] component = "pkg:golang/example.org/two", from = "v1.0.0", to = "v2.0.0", criteria = "safe-to-deploy", who = "…", date = …',
    ])
    const bytes = component('three', '3.0.0', {
      claims: [
        {
          digest: { of: 'artifact', algorithm: 'sha256', value: 'ab'.repeat(32) },
          statedBy: 'lock',
          location: { file: 'Cargo.lock', line: 1, column: 1 },
        },
      ],
    })
    expect(missing({ 'reviews.toml': own('component = "pkg:cargo/one@1.0.0"') }, [bytes]).said.map(([, , fix]) => fix)).toEqual([
      `review it and add to reviews.toml: [[review]] component = "pkg:cargo/three@3.0.0", criteria = "safe-to-deploy", who = "…", date = …, digest = "sha256:${'ab'.repeat(32)}"`,
    ])
    const git = component('one', '1.0.0', { source: { kind: 'git', url: 'https://git.example/one', commit: COMMIT } })
    expect(missing({ 'audits.toml': audit('version = "1.0.0"') }, [git]).said.map(([, , fix]) => fix)).toEqual([
      `review what changed since 1.0.0 and add to audits.toml: [[audits.one]] who = "…", criteria = "safe-to-deploy", delta = "1.0.0 -> 1.0.0@git:${COMMIT}"`,
    ])
  })

  it('the entry that it writes does', () => {
    for (const [file, text, subject] of [
      ['audits.toml', audit('version = "0.9.0"'), one],
      ['reviews.toml', own('component = "pkg:golang/example.org/two@v1.0.0"'), go],
      ['reviews.toml', own('component = "pkg:nim/other@1.0.0"'), go],
    ] as const) {
      const [, , fix = ''] = missing({ [file]: text }, [subject]).said[0] ?? []
      const entry = fix
        .slice(fix.indexOf('[['))
        .replace(']] ', ']]\n')
        .replaceAll(', ', '\n')
        .replaceAll('…', '"2026-01-01"')
        .replaceAll('""2026-01-01""', '"x"')
      expect(missing({ [file]: `${text}\n${entry}\n` }, [subject])).toEqual({ said: [], checked: 1 })
    }
  })

  it('says why a review does not count', () => {
    const bound = own(`component = "pkg:cargo/one@1.0.0"\ndigest = "sha256:${'ab'.repeat(32)}"`)
    expect(missing({ 'reviews.toml': bound }, [one]).said.map(([, message]) => message)).toEqual([
      'one@1.0.0 lacks safe-to-deploy; no version of it is reviewed; the review of Ada does not count: it is of sha256 abababababababababab…, and no lockfile states a digest of that kind',
    ])
    const trusted = '[[trusted.one]]\ncriteria = "safe-to-deploy"\nuser-id = 7\nstart = "2022-01-01"\nend = "2023-01-01"\n'
    expect(missing({ 'audits.toml': trusted }, [one]).said.map(([, message]) => message)).toEqual([
      'one@1.0.0 lacks safe-to-deploy; no version of it is reviewed; a publisher of it is trusted, and no imports.lock says who published this version',
    ])
  })

  it('an exemption stays visible and fails nothing', () => {
    const config = '[[exemptions.one]]\nversion = "1.0.0"\ncriteria = "safe-to-deploy"\n'
    const { said } = missing({ 'audits.toml': '[audits]\n', 'config.toml': config }, [one])
    expect(said.map(([severity, message]) => [severity, message])).toEqual([
      ['note', 'one@1.0.0 lacks safe-to-deploy; no version of it is reviewed; version 1.0.0 is exempted in config.toml:1:1'],
    ])
    expect(missing({ 'config.toml': config.replace('deploy', 'run') }, [one]).said.map(([severity]) => severity)).toEqual([
      'error',
    ])
    const later = { 'config.toml': config, 'audits.toml': audit('delta = "1.0.0 -> 1.1.0"') }
    expect(missing(later, [component('one', '1.1.0')]).said.map(([severity, message]) => [severity, message])).toEqual([
      ['note', 'one@1.1.0 lacks safe-to-deploy; no version of it is reviewed; version 1.0.0 is exempted in config.toml:1:1'],
    ])
    expect(missing({ ...later, 'b.toml': audit('version = "1.0.0"') }, [component('one', '1.1.0')]).said).toEqual([])
    expect(missing({ 'config.toml': config }, [component('one', '1.0.1')]).said.map(([severity]) => severity)).toEqual(['error'])
  })

  it('leaves out what is one’s own, a folder, the toolchain, and what is used for tests alone', () => {
    const files = { 'reviews.toml': own('component = "pkg:cargo/x@1.0.0"') }
    const spared = [
      component('own', '1.0.0', { firstParty: true }),
      component('folder', '1.0.0', { source: { kind: 'path', path: 'folder', outside: false } }),
      component('compiler', '1.0.0', { source: { kind: 'toolchain' } }),
      component('dev', '1.0.0', { scopes: ['dev', 'test'] }),
      component('idle', '1.0.0', { scopes: ['inactive'] }),
    ]
    expect(missing(files, spared)).toEqual({ said: [], checked: 0 })
    expect(missing(files, [component('both', '1.0.0', { scopes: ['dev', 'runtime'] })]).said).toHaveLength(1)
    expect(missing(files, spared, { options: { scopes: ['dev'] } }).said.map(([, message]) => message.split(' ')[0])).toEqual([
      'dev@1.0.0',
    ])
  })

  it('asks for crates alone where only cargo-vet’s files are named', () => {
    expect(missing({ 'audits.toml': '[audits]\n' }, [one, go]).checked).toBe(1)
    expect(missing({ 'audits.toml': '[audits]\n', 'reviews.toml': 'version = 1\n' }, [one, go]).checked).toBe(2)
  })

  it('asks for other criteria where they are set', () => {
    const files = { 'audits.toml': audit('version = "1.0.0"', 'safe-to-run') }
    expect(missing(files, [one]).said).toHaveLength(1)
    expect(missing(files, [one], { options: { criteria: ['safe-to-run'] } }).said).toEqual([])
  })

  it('leaves what is rejected to the rule for that', () => {
    expect(missing({ 'audits.toml': audit('violation = "*"') }, [one]).said).toEqual([])
    expect(missing({ 'audits.toml': `[criteria.x]\n${audit('violation = "*"', 'x')}` }, [one]).said).toHaveLength(1)
  })
})

describe('trust/review-violation', () => {
  const violations = (files: Readonly<Record<string, string>>, components: readonly Component[], more = {}): Heard =>
    hear('trust/review-violation', files, components, more)

  it('says who rejects what and why, in every profile', () => {
    for (const profile of ['relaxed', 'recommended', 'strict'] as const)
      expect(
        violations(
          { 'audits.toml': audit('violation = "<1.0.1"\nnotes = """\n  Reads\n  freed memory."""', 'safe-to-run') },
          [one],
          { profile },
        ),
      ).toEqual({
        checked: 1,
        said: [
          [
            'error',
            'Ada rejects one@1.0.0 (<1.0.1) as safe-to-run: Reads freed memory.',
            'move off it; the review is at audits.toml:1:1',
          ],
        ],
      })
  })

  it.each([
    ['a version outside of the range', audit('violation = "<1.0.0"'), [one]],
    ['a component of another name', audit('violation = "*"'), [component('other')]],
    ['what is one’s own', audit('violation = "*"'), [component('one', '1.0.0', { firstParty: true })]],
  ])('says nothing of %s', (_, text, components) => {
    expect(violations({ 'audits.toml': text }, components).said).toEqual([])
  })

  it('speaks of tests too, and of pre-releases where everything is rejected', () => {
    const text = audit('violation = "*"')
    expect(violations({ 'audits.toml': text }, [component('one', '1.0.0', { scopes: ['test'] })]).said).toHaveLength(1)
    expect(violations({ 'audits.toml': text }, [component('one', '1.0.0-rc.1')]).said).toHaveLength(1)
  })

  it('weighs criteria that are not wanted as a note', () => {
    const files = { 'audits.toml': `[criteria.x]\n${audit('violation = "*"', 'x')}` }
    expect(violations(files, [one]).said.map(([severity]) => severity)).toEqual(['note'])
    expect(violations(files, [one], { options: { criteria: ['x'] } }).said.map(([severity]) => severity)).toEqual(['error'])
    const run = { 'audits.toml': audit('violation = "*"', 'safe-to-deploy') }
    expect(violations(run, [one], { options: { criteria: ['safe-to-run'] } }).said.map(([severity]) => severity)).toEqual([
      'note',
    ])
  })

  it('says once what several files hand on', () => {
    const text = audit('violation = "*"')
    expect(violations({ 'a.toml': text, 'b.toml': text }, [one]).said).toHaveLength(1)
  })

  it('reads ranges of its own form for every ecosystem', () => {
    const text = own('component = "pkg:golang/example.org/two@>=v1.5.0,<v2.1.0"\nviolation = true')
    expect(violations({ 'reviews.toml': text }, [go]).said.map(([, message]) => message)).toEqual([
      'Ada rejects example.org/two@v2.0.0 (>=v1.5.0,<v2.1.0) as safe-to-deploy',
    ])
  })
})

it('the rules weigh what the specification says', () => {
  expect(TRUST_REVIEW_RULES.map((rule) => [rule.id, severityLetters(rule)])).toEqual([
    ['trust/review-missing', '-/-/E'],
    ['trust/review-violation', 'E/E/E'],
  ])
})
