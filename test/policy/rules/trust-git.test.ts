import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../../src/model/evidence.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { GENERIC_RULES } from '../../../src/policy/rules/index.js'
import { TRUST_GIT_RULES } from '../../../src/policy/rules/trust-git.js'
import { component } from '../../support/graphs.js'
import { ASKED, seen } from '../support/evidence-cases.js'
import { appWith, hear, severityLetters } from '../support/rule-cases.js'

const COMMIT = '1'.repeat(40)
const one = component('one', '1.0.0', { source: { kind: 'git', url: 'https://git.example/one', commit: COMMIT } })
const two = component('two', '1.0.0', { source: { kind: 'git', url: 'https://git.example/two', commit: COMMIT } })
const graph = appWith([one, two])
const AUTHORITY = { kind: 'signature', name: 'https://git.example/one' } as const

const commit = (verdict: Evidence['verdict'], observed: string | undefined, why: string, of = one): Evidence =>
  seen(of, 'git/commit-signature', verdict, AUTHORITY, { expected: COMMIT, observed, why })
const tag = (verdict: Evidence['verdict'], observed: string | undefined, why: string): Evidence =>
  seen(one, 'git/tag-signature', verdict, AUTHORITY, { expected: COMMIT, observed, why })

const UNSIGNED = commit('not-checkable', 'unsigned', 'the commit is unsigned')
const SIGNED = commit('match', 'SHA256:x', 'the commit is signed by somebody')
const STRANGER = tag('not-checkable', 'unknown signer', 'the tag v1 has a signature (SSH): it is by the key SHA256:y')
const GITSIGN = tag('not-checkable', 'not checked', 'the tag v1 has a signature (gitsign), recognised and not checked: it is CMS')
const BAD = tag('mismatch', undefined, 'the tag v1 has a signature (SSH): the signature is not over these bytes')
const NOT_ASKED = commit('not-checkable', undefined, 'the host is not among the allowed hosts')
const SILENT = commit('unavailable', undefined, 'the run is offline')

/** Which rules speak, and what they say. */
const said = (...evidence: readonly Evidence[]): string[] =>
  TRUST_GIT_RULES.flatMap(({ id }) =>
    hear(TRUST_GIT_RULES, { rule: id, name: '', graph, evidence }).said.map(({ message }) => `${id}: ${message}`),
  )

describe('signatures of pinned commits and their tags (spec/policy.md §2.7)', () => {
  it.each<readonly [string, readonly Evidence[], readonly string[]]>([
    ['nothing was looked at', [], []],
    ['a signed commit', [SIGNED], []],
    ['an unsigned commit with a signed tag', [UNSIGNED, tag('match', 'SHA256:x', 'signed')], []],
    ['an unsigned commit', [UNSIGNED], ['trust/tag-unsigned: one@1.0.0: the commit is unsigned']],
    [
      'an unsigned commit and a tag by a stranger',
      [UNSIGNED, STRANGER],
      ['trust/tag-unsigned: one@1.0.0: the commit is unsigned; the tag v1 has a signature (SSH): it is by the key SHA256:y'],
    ],
    [
      'a tag that could not be checked',
      [UNSIGNED, GITSIGN],
      ['trust/git-signature-unverified: one@1.0.0: the tag v1 has a signature (gitsign), recognised and not checked: it is CMS'],
    ],
    [
      'a tag whose signature is wrong',
      [UNSIGNED, BAD],
      ['trust/git-signature-invalid: one@1.0.0: the tag v1 has a signature (SSH): the signature is not over these bytes'],
    ],
    ['nobody may be asked', [NOT_ASKED], []],
    ['nobody answers', [SILENT], []],
  ])('%s', (_title, evidence, expected) => {
    expect(said(...evidence)).toEqual(expected)
  })

  it('counts what it looked at, and what nobody answered', () => {
    const [rule = ''] = TRUST_GIT_RULES.map(({ id }) => id)
    const evidence = [SIGNED, commit('unavailable', undefined, 'offline', two)]
    expect(hear(TRUST_GIT_RULES, { rule, name: '', graph, evidence }).checked).toBe(1)
  })

  it('a wrong signature beside one that verifies takes nothing away', () => {
    const weights = (evidence: readonly Evidence[]): readonly string[] =>
      evaluate({
        graph: new GraphView(graph),
        evidence,
        verification: ASKED,
        config: DEFAULT_CONFIG,
        rules: TRUST_GIT_RULES,
        today: '2026-08-01',
      })
        .findings.filter(({ rule }) => rule === 'trust/git-signature-invalid')
        .map(({ severity }) => severity)
    expect(weights([UNSIGNED, BAD])).toEqual(['error'])
    expect(weights([SIGNED, BAD])).toEqual(['warn'])
  })

  it('no other rule speaks of the same', () => {
    const config = { ...DEFAULT_CONFIG, profile: 'strict' as const }
    const evidence = [UNSIGNED, STRANGER, BAD, GITSIGN]
    const { findings } = evaluate({
      ...{ graph: new GraphView(graph), evidence, verification: ASKED, config, rules: GENERIC_RULES, today: '2026-08-01' },
    })
    const aboutSignatures = findings.filter(({ evidence: rests = [] }) => rests.some(({ check }) => check.startsWith('git/')))
    expect([...new Set(aboutSignatures.map(({ rule }) => rule))].sort()).toEqual([
      'trust/git-signature-invalid',
      'trust/git-signature-unverified',
    ])
  })

  it('weigh what the specification says', () => {
    expect(TRUST_GIT_RULES.map((rule) => [rule.id, severityLetters(rule), rule.hard])).toEqual([
      ['trust/tag-unsigned', '-/N/W', undefined],
      ['trust/git-signature-unverified', 'N/N/W', undefined],
      ['trust/git-signature-invalid', 'E/E/E', true],
    ])
  })
})
