import { describe, expect, it } from 'vitest'
import { CARGO_EVIDENCE_RULES } from '../../../src/ecosystems/cargo/rules-evidence.js'
import { INDEX, REPOSITORY, seen } from '../../policy/support/evidence-cases.js'
import type { FiringCase, SparingCase } from '../../policy/support/rule-cases.js'
import { appWith, factAt, hear, severityLetters, withoutEntry } from '../../policy/support/rule-cases.js'
import { component } from '../../support/graphs.js'

/** spec/policy.md §2.9 for the first; the others are from spec/cargo.md §5 and §6. */
const SEVERITIES = {
  'cargo/yanked': 'W/W/E',
  'cargo/published-differs': '-/N/W',
  'cargo/archive-problem': 'W/E/E',
}

const time = component('time', '0.1.45')
const other = component('other', '1.0.0')
const yanked = { facts: [factAt('Cargo.lock', 9, 'cargo/yanked', { registry: INDEX.name }, time)] }
const row = (of = time) => seen(of, 'cargo/index-checksum', 'match', INDEX)
const path = ['app@0.1.0', 'time@0.1.45']
const commit = '7'.repeat(40)

const FIRES: readonly FiringCase[] = [
  {
    rule: 'cargo/yanked',
    name: 'its row says so',
    graph: appWith([time, other], yanked),
    evidence: [row(), row(other)],
    says: [
      {
        message: 'time@0.1.45 was yanked',
        fix: 'take another version: cargo update -p time',
        at: 'Cargo.lock:9:3',
        data: { registry: INDEX.name },
        path,
      },
    ],
  },
  {
    rule: 'cargo/published-differs',
    name: 'files that the commit does not have',
    graph: appWith([time]),
    evidence: [
      seen(time, 'cargo/vcs-info', 'mismatch', REPOSITORY, { expected: commit, why: 'not in that commit: "src/lib.rs"' }),
    ],
    says: [
      {
        message: `time@0.1.45 is not what ${REPOSITORY.name} has at ${commit}: not in that commit: "src/lib.rs"`,
        fix: 'read what differs: files may be made while packaging, and hidden there',
        at: 'Cargo.lock:1:1',
        data: {},
        path,
      },
    ],
  },
  {
    rule: 'cargo/archive-problem',
    name: 'one path twice',
    graph: appWith([time], {
      facts: [
        factAt('Cargo.lock', 9, 'cargo/archive-problem', { code: 'twice', path: 'src/lib.rs', why: 'it is there twice' }, time),
      ],
    }),
    says: [
      {
        message: 'the archive of time@0.1.45: "src/lib.rs": it is there twice',
        fix: 'do not build it before somebody looked into the archive; report it to the registry',
        at: 'Cargo.lock:9:3',
        data: { code: 'twice', path: 'src/lib.rs', why: 'it is there twice' },
        path,
      },
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'cargo/yanked',
    name: 'two rows that are not yanked',
    graph: appWith([time, other]),
    evidence: [row(), row(other)],
    checked: 2,
  },
  {
    rule: 'cargo/yanked',
    name: 'by name, and by name and version',
    graph: appWith([time], yanked),
    evidence: [row()],
    options: { allow: ['time@0.1.45'] },
    checked: 1,
  },
  {
    rule: 'cargo/yanked',
    name: 'an old row that nobody confirmed tells nothing',
    graph: appWith([time]),
    evidence: [row(), seen(time, 'cargo/yanked', 'unavailable', INDEX)],
    checked: 0,
  },
  { rule: 'cargo/yanked', name: 'nobody was asked', graph: appWith([time]), checked: 0 },
  {
    rule: 'cargo/published-differs',
    name: 'the same files',
    graph: appWith([time]),
    evidence: [seen(time, 'cargo/vcs-info', 'match', REPOSITORY)],
    checked: 1,
  },
  { rule: 'cargo/archive-problem', name: 'nothing odd', graph: appWith([time]), evidence: [row()], checked: 0 },
]

describe('cargo rules over evidence', () => {
  it.each(FIRES)('$rule fires: $name', (one) => {
    expect(hear(CARGO_EVIDENCE_RULES, one).said).toEqual(one.says)
  })

  it.each(SPARES)('$rule must not: $name', (one) => {
    expect(hear(CARGO_EVIDENCE_RULES, one)).toEqual({ said: [], checked: one.checked })
  })

  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(CARGO_EVIDENCE_RULES, FIRES), spares: withoutEntry(CARGO_EVIDENCE_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
    expect(Object.fromEntries(CARGO_EVIDENCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
