import { describe, expect, it } from 'vitest'
import type { Source } from '../../../src/model/source.js'
import { SOURCE_EVIDENCE_RULES } from '../../../src/policy/rules/source-evidence.js'
import { component } from '../../support/graphs.js'
import { CRATE, REPOSITORY, seen } from '../support/evidence-cases.js'
import type { FiringCase, SparingCase } from '../support/rule-cases.js'
import { appWith, hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.3. */
const SEVERITIES = { 'source/git-tag-moved': 'W/W/E', 'source/git-commit-unreachable': 'W/W/E' }

const OLD = '1'.repeat(40)
const NEW = '2'.repeat(40)
const git = (ref: (Source & { kind: 'git' })['ref']): Source => ({ kind: 'git', url: REPOSITORY.name, commit: OLD, ref })
const tagged = component('tagged', '1.0.0', { source: git({ kind: 'tag', value: 'v1' }) })
const branched = component('branched', '1.0.0', { source: git({ kind: 'branch', value: 'main' }) })
const KEEP = 'keep the lock, and ask upstream why the tag moved'
const PIN = 'pin a commit that a branch or tag holds, or name the fork it comes from'

const FIRES: readonly FiringCase[] = [
  {
    rule: 'source/git-tag-moved',
    name: 'the tag of the manifest is another commit now',
    graph: appWith([tagged]),
    evidence: [seen(tagged, 'cargo/git-commit', 'mismatch', REPOSITORY, { expected: OLD, observed: NEW })],
    says: [
      {
        message: `tagged@1.0.0: the tag v1 of https://git.example.com/x now gives ${NEW}, ${OLD} is locked`,
        fix: KEEP,
        at: 'Cargo.lock:1:1',
        data: { expected: OLD, observed: NEW },
        path: ['app@0.1.0', 'tagged@1.0.0'],
      },
    ],
  },
  {
    rule: 'source/git-tag-moved',
    name: 'a check of a tag, whatever it compares',
    graph: appWith([branched]),
    evidence: [
      seen(branched, 'go/direct-tag', 'mismatch', REPOSITORY, { expected: 'h1:a=', observed: 'h1:b=', why: 'v1 is 22' }),
    ],
    says: [
      {
        message: 'branched@1.0.0: the tag of https://git.example.com/x now gives h1:b=, h1:a= is locked (v1 is 22)',
        fix: KEEP,
        at: 'Cargo.lock:1:1',
        data: { expected: 'h1:a=', observed: 'h1:b=' },
        path: ['app@0.1.0', 'branched@1.0.0'],
      },
    ],
  },
  {
    rule: 'source/git-commit-unreachable',
    name: 'on no branch and no tag',
    graph: appWith([branched]),
    evidence: [seen(branched, 'cargo/git-commit', 'mismatch', REPOSITORY, { expected: OLD, why: 'it may be that of a fork' })],
    says: [
      {
        message: `branched@1.0.0: ${OLD} is not part of https://git.example.com/x as it should be: it may be that of a fork`,
        fix: PIN,
        at: 'Cargo.lock:1:1',
        data: {},
        path: ['app@0.1.0', 'branched@1.0.0'],
      },
    ],
  },
  {
    rule: 'source/git-commit-unreachable',
    name: 'not in the repository at all, said by two checks',
    graph: appWith([tagged]),
    evidence: [
      seen(tagged, 'cargo/git-commit', 'absent', REPOSITORY, { expected: OLD }),
      seen(tagged, 'nimble/commit', 'absent', REPOSITORY),
    ],
    says: [
      {
        message: `tagged@1.0.0: ${OLD} is not part of https://git.example.com/x`,
        fix: PIN,
        at: 'Cargo.lock:1:1',
        data: {},
        path: ['app@0.1.0', 'tagged@1.0.0'],
      },
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'source/git-tag-moved',
    name: 'the tag is what is locked',
    graph: appWith([tagged]),
    evidence: [seen(tagged, 'cargo/git-commit', 'match', REPOSITORY, { expected: OLD, observed: OLD })],
    checked: 1,
  },
  {
    rule: 'source/git-tag-moved',
    name: 'a branch moves by its nature',
    graph: appWith([branched]),
    evidence: [seen(branched, 'cargo/git-commit', 'mismatch', REPOSITORY, { expected: OLD, observed: NEW })],
    checked: 0,
  },
  {
    rule: 'source/git-tag-moved',
    name: 'the repository did not answer',
    graph: appWith([tagged]),
    evidence: [seen(tagged, 'nimble/tag', 'unavailable', REPOSITORY)],
    checked: 0,
  },
  {
    rule: 'source/git-commit-unreachable',
    name: 'the moved tag is another matter',
    graph: appWith([tagged]),
    evidence: [seen(tagged, 'cargo/git-commit', 'mismatch', REPOSITORY, { expected: OLD, observed: NEW })],
    checked: 0,
  },
  {
    rule: 'source/git-commit-unreachable',
    name: 'on the branch; bytes are no commit',
    graph: appWith([branched]),
    evidence: [
      seen(branched, 'cargo/git-commit', 'match', REPOSITORY, { expected: OLD, observed: OLD }),
      seen(branched, 'x/zip-bytes', 'absent', CRATE),
    ],
    checked: 1,
  },
]

describe('source rules over evidence', () => {
  it.each(FIRES)('$rule fires: $name', (row) => {
    expect(hear(SOURCE_EVIDENCE_RULES, row).said).toEqual(row.says)
  })

  it.each(SPARES)('$rule must not: $name', (row) => {
    expect(hear(SOURCE_EVIDENCE_RULES, row)).toEqual({ said: [], checked: row.checked })
  })

  it('has an entry in both tables for every rule, with the weight of the specification', () => {
    expect({ fires: withoutEntry(SOURCE_EVIDENCE_RULES, FIRES), spares: withoutEntry(SOURCE_EVIDENCE_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
    expect(Object.fromEntries(SOURCE_EVIDENCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
