import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Evidence } from '../../../src/model/evidence.js'
import { evidenceRule } from '../../../src/model/evidence-rule.js'
import { INTEGRITY_RULES } from '../../../src/policy/rules/integrity.js'
import { INTEGRITY_EVIDENCE_RULES } from '../../../src/policy/rules/integrity-evidence.js'
import { component } from '../../support/graphs.js'
import { CRATE, INDEX, LOG, REPOSITORY, seen } from '../support/evidence-cases.js'
import { gate } from '../support/gate-cases.js'
import type { FiringCase, SparingCase } from '../support/rule-cases.js'
import { appWith, factAt, hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.2. */
const SEVERITIES = {
  'integrity/lock-checksum-mismatch': 'E/E/E',
  'integrity/artifact-digest-mismatch': 'E/E/E',
  'integrity/mirror-divergence': 'W/E/E',
  'integrity/gone-upstream': 'W/W/E',
}

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const C = 'c'.repeat(64)
const serde: Component = component('serde', '1.0.0', {
  claims: [
    {
      digest: { of: 'artifact', algorithm: 'sha256', value: A },
      statedBy: 'lock',
      location: { file: 'Cargo.lock', line: 41, column: 13 },
    },
  ],
})
const MIRROR = { kind: 'registry', name: 'https://mirror.example/index/' } as const
const mirrored = {
  sources: {
    registries: ['crates.io'],
    mirrors: [{ url: 'sparse+https://mirror.example/index/', of: 'crates.io' }],
    git: { orgs: [], require: 'any' as const },
    hosts: [],
    internal: [],
  },
}
const index = (verdict: 'match' | 'mismatch', observed: string, authority: Evidence['authority'] = INDEX): Evidence =>
  seen(serde, 'cargo/index-checksum', verdict, authority ?? INDEX, { expected: A, observed })
const bytes = (verdict: 'match' | 'mismatch', observed: string, rest: Partial<Evidence> = {}): Evidence =>
  seen(serde, 'cargo/crate-bytes', verdict, CRATE, { expected: A, observed, ...rest })
const graph = appWith([serde])
const path = ['app@0.1.0', 'serde@1.0.0']

const FIRES: readonly FiringCase[] = [
  {
    rule: 'integrity/lock-checksum-mismatch',
    name: 'the index states another digest, at the line of the claim',
    graph,
    evidence: [index('mismatch', B)],
    says: [
      {
        message: `serde@1.0.0: Cargo.lock has ${A}, https://index.crates.io/ has ${B}`,
        fix: 'delete the entry and resolve again; if it comes back, stop and report it as tampering',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: B },
        path,
      },
    ],
  },
  {
    rule: 'integrity/lock-checksum-mismatch',
    name: 'two registries that say the same are one finding, two that differ are two',
    graph,
    evidence: [
      index('mismatch', B),
      index('mismatch', B, MIRROR),
      index('mismatch', C, { kind: 'registry', name: 'https://third.example/' }),
    ],
    says: [
      {
        message: `serde@1.0.0: Cargo.lock has ${A}, https://index.crates.io/ and https://mirror.example/index/ has ${B}`,
        fix: 'delete the entry and resolve again; if it comes back, stop and report it as tampering',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: B },
        path,
      },
      {
        message: `serde@1.0.0: Cargo.lock has ${A}, https://third.example/ has ${C}`,
        fix: 'delete the entry and resolve again; if it comes back, stop and report it as tampering',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: C },
        path,
      },
    ],
  },
  {
    rule: 'integrity/lock-checksum-mismatch',
    name: 'the source disagrees, whatever its declared mirror says',
    graph,
    settings: mirrored,
    evidence: [index('mismatch', B), index('match', A, MIRROR)],
    says: [
      {
        message: `serde@1.0.0: Cargo.lock has ${A}, https://index.crates.io/ has ${B}`,
        fix: 'delete the entry and resolve again; if it comes back, stop and report it as tampering',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: B },
        path,
      },
    ],
  },
  {
    rule: 'integrity/artifact-digest-mismatch',
    name: 'the bytes are others, and the index agrees with the lockfile',
    graph,
    evidence: [index('match', A), bytes('mismatch', C)],
    says: [
      {
        message: `serde@1.0.0: what https://static.crates.io/x.crate serves is ${C}, Cargo.lock has ${A}`,
        fix: 'do not build it; compare with a second source, and report the one that differs from the others',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: C },
        path,
      },
    ],
  },
  {
    rule: 'integrity/artifact-digest-mismatch',
    name: 'bytes that differ from lockfile and index alike are held against the lockfile',
    graph,
    evidence: [
      index('mismatch', B),
      bytes('mismatch', C),
      bytes('mismatch', C, { expected: B, why: 'the checksum that the index states' }),
    ],
    says: [
      {
        message: `serde@1.0.0: what https://static.crates.io/x.crate serves is ${C}, Cargo.lock has ${A}`,
        fix: 'do not build it; compare with a second source, and report the one that differs from the others',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: C },
        path,
      },
    ],
  },
  {
    rule: 'integrity/artifact-digest-mismatch',
    name: 'what is served is no archive at all',
    graph,
    evidence: [seen(serde, 'x/zip-bytes', 'mismatch', CRATE, { expected: C, why: 'it is no module zip' })],
    says: [
      {
        message: `serde@1.0.0: what https://static.crates.io/x.crate serves is something else, ${C} is expected (it is no module zip)`,
        fix: 'do not build it; compare with a second source, and report the one that differs from the others',
        at: 'Cargo.lock:1:1',
        data: { expected: C },
        path,
      },
    ],
  },
  {
    rule: 'integrity/mirror-divergence',
    name: 'a declared mirror differs, and the source agrees with the lockfile',
    graph,
    settings: mirrored,
    evidence: [index('match', A), index('mismatch', B, MIRROR)],
    says: [
      {
        message: `serde@1.0.0: the mirror https://mirror.example/index/ has ${B}, Cargo.lock has ${A}`,
        fix: 'drop the mirror that disagrees with the log or the official index',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: B },
        path,
      },
    ],
  },
  {
    rule: 'integrity/mirror-divergence',
    name: 'a check of a mirror',
    graph,
    evidence: [seen(serde, 'zig/mirror', 'mismatch', CRATE, { expected: A, observed: C, why: 'two files differ' })],
    says: [
      {
        message: `serde@1.0.0: the mirror https://static.crates.io/x.crate has ${C}, Cargo.lock has ${A} (two files differ)`,
        fix: 'drop the mirror that disagrees with the log or the official index',
        at: 'Cargo.lock:41:13',
        data: { expected: A, observed: C },
        path,
      },
    ],
  },
  {
    rule: 'integrity/gone-upstream',
    name: 'gone from the index and from the downloads is one finding',
    graph,
    evidence: [
      seen(serde, 'cargo/index-checksum', 'absent', INDEX, { expected: A, why: 'status 404' }),
      seen(serde, 'cargo/crate-bytes', 'absent', CRATE, { expected: B }),
    ],
    says: [
      {
        message: 'serde@1.0.0 is no longer at https://static.crates.io/x.crate and https://index.crates.io/ (status 404)',
        fix: 'move off it, and keep the bytes you have until then',
        at: 'Cargo.lock:1:1',
        data: {},
        path,
      },
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'integrity/lock-checksum-mismatch',
    name: 'the index agrees; others were not to be had',
    graph,
    evidence: [index('match', A), seen(serde, 'cargo/index-checksum', 'unavailable', MIRROR)],
    checked: 1,
  },
  {
    rule: 'integrity/lock-checksum-mismatch',
    name: 'a registry that is known to publish again',
    graph,
    options: { 'registry-overrides': ['pkg:cargo/serde'] },
    evidence: [index('mismatch', B)],
    checked: 1,
  },
  {
    rule: 'integrity/lock-checksum-mismatch',
    name: 'a mirror alone differs',
    graph,
    settings: mirrored,
    evidence: [index('match', A), index('mismatch', B, MIRROR)],
    checked: 1,
  },
  { rule: 'integrity/lock-checksum-mismatch', name: 'nobody was asked', graph, checked: 0 },
  {
    rule: 'integrity/artifact-digest-mismatch',
    name: 'the bytes are what the registry says they are: the registry’s finding',
    graph,
    evidence: [index('mismatch', B), bytes('mismatch', B), bytes('match', B, { expected: B })],
    checked: 1,
  },
  {
    rule: 'integrity/artifact-digest-mismatch',
    name: 'nobody serves them',
    graph,
    evidence: [seen(serde, 'cargo/crate-bytes', 'unavailable', CRATE)],
    checked: 0,
  },
  {
    rule: 'integrity/mirror-divergence',
    name: 'a mirror that lags',
    graph,
    settings: mirrored,
    evidence: [index('match', A), seen(serde, 'cargo/index-checksum', 'absent', MIRROR)],
    checked: 1,
  },
  {
    rule: 'integrity/mirror-divergence',
    name: 'a mirror that serves what its source serves',
    graph,
    evidence: [
      seen(serde, 'x/package-bytes', 'mismatch', CRATE, { expected: A, observed: C }),
      seen(serde, 'zig/mirror', 'mismatch', MIRROR, { expected: A, observed: C }),
    ],
    checked: 1,
  },
  {
    rule: 'integrity/gone-upstream',
    name: 'out of reach on purpose',
    graph,
    options: { sources: ['pkg:cargo/serde'] },
    evidence: [seen(serde, 'cargo/index-checksum', 'absent', INDEX)],
    checked: 1,
  },
  {
    rule: 'integrity/gone-upstream',
    name: 'no answer is no absence',
    graph,
    evidence: [seen(serde, 'cargo/index-checksum', 'unavailable', INDEX), bytes('match', A)],
    checked: 1,
  },
  {
    rule: 'integrity/gone-upstream',
    name: 'a commit that is gone is another matter',
    graph,
    evidence: [seen(serde, 'cargo/git-commit', 'absent', REPOSITORY)],
    checked: 0,
  },
]

describe('integrity rules over evidence that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(INTEGRITY_EVIDENCE_RULES, row).said).toEqual(row.says)
  })
})

describe('integrity rules over evidence that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(INTEGRITY_EVIDENCE_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('integrity rules over evidence as a group', () => {
  it('has an entry in both tables for every rule', () => {
    expect({
      fires: withoutEntry(INTEGRITY_EVIDENCE_RULES, FIRES),
      spares: withoutEntry(INTEGRITY_EVIDENCE_RULES, SPARES),
    }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(INTEGRITY_EVIDENCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })

  it.each<[string, readonly Evidence[], readonly string[]]>([
    ['lockfile against index and bytes', [index('mismatch', B), bytes('mismatch', B)], ['integrity/lock-checksum-mismatch']],
    ['bytes alone', [index('match', A), bytes('mismatch', C)], ['integrity/artifact-digest-mismatch']],
    [
      'log and bytes',
      [seen(serde, 'x/log-line', 'mismatch', LOG, { expected: A, observed: C }), bytes('mismatch', C)],
      ['integrity/lock-checksum-mismatch'],
    ],
    [
      'a signature',
      [seen(serde, 'x/signature', 'mismatch', { kind: 'signature', name: 'x.sig' })],
      ['integrity/artifact-digest-mismatch'],
    ],
    ['no authority named', [{ subject: serde.id, check: 'x/y', verdict: 'mismatch' }], ['integrity/artifact-digest-mismatch']],
  ])('says one event once, and every mismatch somewhere: %s', (_title, evidence, said) => {
    const rules = [...INTEGRITY_RULES, ...INTEGRITY_EVIDENCE_RULES]
    const verdict = gate({ rules, graph, evidence, config: { profile: 'relaxed' }, today: '2026-08-01' })
    expect(verdict.findings.filter((one) => one.severity === 'error').map((one) => one.rule)).toEqual(said)
    expect(verdict.outcome).toBe('violations')
  })

  it('leaves to a rule of its own what that rule judges, also when that rule is off', () => {
    const own = evidenceRule({
      id: 'cargo/own',
      title: 'own',
      why: 'own',
      evidence: ['R'],
      severity: { relaxed: 'off', recommended: 'off', strict: 'off' },
      checks: ['cargo/crate-bytes'],
      verdicts: ['mismatch'],
      judge: () => ({ message: 'own', fix: 'own' }),
    })
    const verdict = gate({ rules: [own, ...INTEGRITY_EVIDENCE_RULES], graph, evidence: [bytes('mismatch', C)] })
    expect(verdict.findings).toEqual([])
  })

  it('is hard where bytes are at stake: neither waiver nor baseline silences it', () => {
    const again = gate({ rules: INTEGRITY_EVIDENCE_RULES, graph, evidence: [index('mismatch', B)] })
    const baseline = new Set(again.findings.map((one) => one.fingerprint))
    const verdict = gate({ rules: INTEGRITY_EVIDENCE_RULES, graph, evidence: [index('mismatch', B)], baseline })
    expect(verdict.findings.map((one) => [one.rule, one.status])).toContainEqual(['integrity/lock-checksum-mismatch', 'open'])
    expect(verdict.exitCode).toBe(1)
  })

  it('carries the evidence it rests on', () => {
    const { findings } = gate({ rules: INTEGRITY_EVIDENCE_RULES, graph, evidence: [index('mismatch', B)] })
    expect(findings[0]?.evidence).toEqual([index('mismatch', B)])
  })
})

describe('integrity/vendor-drift over evidence', () => {
  const copy = {
    ...serde,
    occurrences: [
      ...serde.occurrences,
      { location: { file: 'vendor/serde/Cargo.toml', line: 1, column: 1 }, role: 'vendor' as const },
    ],
  }
  const drift = seen(
    copy,
    'cargo/vendored',
    'mismatch',
    { kind: 'tree', name: 'vendor/serde' },
    { expected: A, why: 'the vendored copy differs in 2 files' },
  )
  const said = (facts: Parameters<typeof appWith>[1], evidence: readonly Evidence[]) =>
    hear(INTEGRITY_RULES, { rule: 'integrity/vendor-drift', name: '', graph: appWith([copy], facts), evidence })

  it('reports a copy that is not what it is a copy of', () => {
    expect(said({}, [drift])).toEqual({
      checked: 1,
      said: [
        {
          message: 'serde@1.0.0: the vendored copy differs in 2 files (vendor/serde)',
          fix: 'vendor again from the lockfile, or move the change into a patch that the manifest names',
          at: 'vendor/serde/Cargo.toml:1:1',
          data: {},
          path,
        },
      ],
    })
  })

  it('reports a copy that is not there', () => {
    expect(said({}, [{ ...drift, verdict: 'absent', why: 'the vendor folder holds no such crate' }]).said).toHaveLength(1)
  })

  it('is said once: by file where the files are known', () => {
    const facts = [
      factAt('vendor/serde/src/lib.rs', 1, 'integrity/vendor-drift', { path: 'vendor/serde/src/lib.rs', why: 'changed' }, copy),
    ]
    expect(said({ facts }, [drift]).said.map((one) => one.message)).toEqual(['vendor/serde/src/lib.rs: changed'])
  })

  it('says nothing of a copy that is', () => {
    expect(said({}, [{ ...drift, verdict: 'match' }])).toEqual({ checked: 1, said: [] })
  })
})
