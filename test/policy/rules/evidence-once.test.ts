import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { allRules } from '../../../src/audit/rules.js'
import type { Authority, Evidence } from '../../../src/model/evidence.js'
import type { Finding } from '../../../src/model/finding.js'
import type { Rule } from '../../../src/model/rule.js'
import { component } from '../../support/graphs.js'
import { PATIENCE } from '../../support/patience.js'
import { ASKED, seen } from '../support/evidence-cases.js'
import { gate } from '../support/gate-cases.js'
import { appWith } from '../support/rule-cases.js'

let rules: readonly Rule[] = []
beforeAll(async () => {
  rules = await allRules()
})

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const one = component('one', '1.0.0', {
  claims: [
    {
      digest: { of: 'artifact', algorithm: 'sha256', value: A },
      statedBy: 'lock',
      location: { file: 'Cargo.lock', line: 7, column: 1 },
    },
  ],
})
const graph = appWith([one])
const KINDS: readonly Authority['kind'][] = ['registry', 'artifact', 'log', 'git', 'tree', 'signature']

/** What is said of evidence, without what is said of the share of it. */
function said(evidence: readonly Evidence[]): readonly Finding[] {
  const config = { rules: new Map([['verify/coverage-low', { severity: 'off' as const, options: new Map() }]]) }
  const verdict = gate({ rules, graph, evidence, verification: ASKED, config })
  const before = new Set(gate({ rules, graph, config }).findings.map((finding) => finding.fingerprint))
  return verdict.findings.filter((finding) => !before.has(finding.fingerprint))
}

const NAMES = [
  ...['cargo/index-checksum', 'cargo/crate-bytes', 'cargo/vendored', 'cargo/git-commit', 'cargo/vcs-info'],
  ...[
    'go/sumdb',
    'go/sumdb-mod',
    'go/zip-bytes',
    'go/mod-bytes',
    'go/mod-in-zip',
    'go/vendor',
    'go/log',
    'go/direct-tag',
    'go/info',
  ],
  ...['zig/package-hash', 'zig/cache', 'zig/manifest-identity', 'zig/mirror', 'zig/files', 'zig/commit', 'zig/tag'],
  ...['nimble/checksum', 'nimble/commit', 'nimble/tag', 'nimble/list', 'nimble/files', 'nimble/hub1'],
]
const check = fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[a-z]{2,6}\/[a-z0-9-]{1,10}$/))
const authority = fc.option(
  fc.record({ kind: fc.constantFrom(...KINDS), name: fc.constantFrom('https://a.example/x', 'b.example') }),
  { nil: undefined },
)

describe('a contradiction, whoever sees it and however the check is called', () => {
  it('is said by just one rule', () => {
    fc.assert(
      fc.property(check, authority, fc.option(fc.constant(B), { nil: undefined }), (name, by, observed) => {
        const mismatch: Evidence = { subject: one.id, check: name, verdict: 'mismatch', authority: by, expected: A, observed }
        const findings = said([mismatch])
        expect(findings.map((finding) => finding.rule)).toHaveLength(1)
        expect(findings[0]?.evidence).toEqual([mismatch])
      }),
      { numRuns: 2000 },
    )
  })

  it('is said once, though two checks saw the same values', () => {
    const values = { expected: A, observed: B }
    const registry = { kind: 'registry', name: 'https://index.example/' } as const
    const bytes = { kind: 'artifact', name: 'https://dl.example/one' } as const
    const log = { kind: 'log', name: 'log.example' } as const
    const git = { kind: 'git', name: 'https://git.example/one' } as const
    for (const [evidence, rule] of [
      [
        [
          seen(one, 'cargo/index-checksum', 'mismatch', registry, values),
          seen(one, 'cargo/crate-bytes', 'mismatch', bytes, values),
        ],
        'integrity/lock-checksum-mismatch',
      ],
      [
        [seen(one, 'go/sumdb', 'mismatch', log, values), seen(one, 'go/zip-bytes', 'mismatch', bytes, values)],
        'go/sumdb-mismatch',
      ],
      [
        [seen(one, 'go/sumdb', 'mismatch', log, values), seen(one, 'go/direct-tag', 'mismatch', git, values)],
        'go/sumdb-mismatch',
      ],
      [
        [seen(one, 'zig/package-hash', 'mismatch', bytes, values), seen(one, 'zig/mirror', 'mismatch', bytes, values)],
        'zig/hash-mismatch',
      ],
      [
        [seen(one, 'x/index', 'mismatch', registry, values), seen(one, 'x/again', 'mismatch', registry, values)],
        'integrity/lock-checksum-mismatch',
      ],
    ] as const)
      expect(said(evidence).map((finding) => finding.rule)).toEqual([rule])
  })

  it('stays silent where all agree, and where nobody was asked', () => {
    fc.assert(
      fc.property(fc.uniqueArray(check, { maxLength: 6 }), (names) => {
        const matches = names.map((name) =>
          seen(one, name, 'match', { kind: 'registry', name: 'r' }, { expected: A, observed: A }),
        )
        if (matches.length > 0) expect(said(matches)).toEqual([])
        const quiet = gate({ rules, graph, evidence: matches })
        for (const [id, counts] of quiet.rules)
          if (id.startsWith('verify/')) expect([id, counts.checked, counts.unverified]).toEqual([id, 0, 0])
      }),
      { numRuns: 300 },
    )
  })

  it('is never lost in the order of things', () => {
    const evidence = NAMES.map((name) =>
      seen(one, name, 'mismatch', { kind: 'artifact', name: `https://${name}` }, { expected: A, observed: name }),
    )
    const texts = (all: readonly Evidence[]): readonly string[] =>
      said(all).map((finding) => `${finding.rule} ${finding.message}`)
    expect(texts([...evidence].reverse())).toEqual(texts(evidence))
    expect(texts(evidence).length).toBeGreaterThanOrEqual(20)
  })

  it('is looked for in linear time: a hundred thousand components, three checks each', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => component(`c${i}`))
    const registry = { kind: 'registry', name: 'r' } as const
    const evidence = many.flatMap((part, i) => [
      seen(part, 'cargo/index-checksum', i % 10 === 0 ? 'mismatch' : 'match', registry, { expected: A, observed: B }),
      seen(
        part,
        'cargo/crate-bytes',
        i % 100 === 0 ? 'unavailable' : 'match',
        { kind: 'artifact', name: 'a' },
        { expected: A, observed: A },
      ),
      seen(part, 'cargo/vcs-info', 'not-checkable', registry),
    ])
    const judging = rules.filter((rule) => !rule.evidence.includes('L'))
    const start = performance.now()
    const verdict = gate({ rules: judging, graph: appWith(many), evidence, verification: ASKED })
    expect(verdict.findings.filter((finding) => finding.rule === 'integrity/lock-checksum-mismatch')).toHaveLength(10_000)
    expect(performance.now() - start).toBeLessThan(20_000 * PATIENCE)
  }, 60_000)
})
