import { describe, expect, it } from 'vitest'
import { GO_EVIDENCE_RULES } from '../../../src/ecosystems/go/rules-evidence.js'
import type { DigestClaim } from '../../../src/model/component.js'
import { INTEGRITY_EVIDENCE_RULES } from '../../../src/policy/rules/integrity-evidence.js'
import { LOG, REPOSITORY, seen } from '../../policy/support/evidence-cases.js'
import { gate } from '../../policy/support/gate-cases.js'
import type { FiringCase, SparingCase } from '../../policy/support/rule-cases.js'
import { appWith, factAt, hear, severityLetters, withoutEntry } from '../../policy/support/rule-cases.js'
import { component } from '../../support/graphs.js'

/** spec/policy.md §2.10, and spec/go.md §15 for the three that are not there. */
const SEVERITIES = {
  'go/sumdb-mismatch': 'E/E/E',
  'go/sumdb-absent': 'N/W/W',
  'go/mod-document-differs': 'E/E/E',
  'go/proxy-wrong-info': 'W/E/E',
  'go/tag-gone': 'N/W/W',
  'go/zip-odd-entry': 'N/W/W',
  'go/retracted': 'W/W/E',
  'go/deprecated': 'N/W/W',
}

const claim = (scheme: 'go-h1' | 'go-mod-h1', value: string, line: number): DigestClaim => ({
  digest: { of: 'tree', scheme, value },
  statedBy: 'lock',
  location: { file: 'go.sum', line, column: 1 },
})
const text = component('golang.org/x/text', 'v0.3.0', {
  ecosystem: 'go',
  claims: [claim('go-h1', 'h1:code=', 7), claim('go-mod-h1', 'h1:mod=', 8)],
})
const graph = appWith([text])
const path = ['app@0.1.0', 'golang.org/x/text@v0.3.0']
const PROXY = { kind: 'registry', name: 'https://proxy.golang.org' } as const
const ZIP = { kind: 'artifact', name: 'https://proxy.golang.org/golang.org/x/text/@v/v0.3.0.zip' } as const
const sumdb = (check: string, expected: string, observed: string) =>
  seen(text, check, expected === observed ? 'match' : 'mismatch', LOG, { expected, observed, why: 'record 31' })
const latest = factAt('go.mod', 5, 'go/latest', { module: text.name, version: 'v0.4.0', behind: true }, text)
const retracted = factAt(
  'go.mod',
  5,
  'go/retracted',
  { module: 'golang.org/x/text@v0.3.0', rationale: 'CVE-2020-14040', by: 'v0.4.0', better: 'v0.3.8' },
  text,
)
const REPORT = 'do not hide it with GONOSUMDB: find out where the line came from, and report it'

const FIRES: readonly FiringCase[] = [
  {
    rule: 'go/sumdb-mismatch',
    name: 'both lines of go.sum are others, each at its line',
    graph,
    evidence: [sumdb('go/sumdb', 'h1:code=', 'h1:else='), sumdb('go/sumdb-mod', 'h1:mod=', 'h1:other=')],
    says: [
      {
        message: 'golang.org/x/text@v0.3.0: go.sum has h1:code=, sum.golang.org has h1:else= (record 31)',
        fix: REPORT,
        at: 'go.sum:7:1',
        data: { expected: 'h1:code=', observed: 'h1:else=' },
        path,
      },
      {
        message: 'golang.org/x/text@v0.3.0: go.sum has h1:mod=, sum.golang.org has h1:other= (record 31)',
        fix: REPORT,
        at: 'go.sum:8:1',
        data: { expected: 'h1:mod=', observed: 'h1:other=' },
        path,
      },
    ],
  },
  {
    rule: 'go/sumdb-absent',
    name: 'neither of its hashes is in the log: one finding',
    graph,
    evidence: [seen(text, 'go/sumdb', 'absent', LOG), seen(text, 'go/sumdb-mod', 'absent', LOG)],
    says: [
      {
        message: 'golang.org/x/text@v0.3.0 was never logged by sum.golang.org',
        fix: 'declare its prefix in GOPRIVATE when it is private, or fetch it once through the public proxy',
        at: 'Cargo.lock:1:1',
        data: {},
        path,
      },
    ],
  },
  {
    rule: 'go/mod-document-differs',
    name: 'the document is not the one in the zip',
    graph,
    evidence: [
      seen(text, 'go/mod-in-zip', 'mismatch', ZIP, { expected: 'h1:mod=', observed: 'h1:zip=', why: 'not the one in the zip' }),
    ],
    says: [
      {
        message: `golang.org/x/text@v0.3.0: not the one in the zip (${ZIP.name})`,
        fix: 'do not build with that proxy: compare with another one, and report it',
        at: 'go.sum:8:1',
        data: { expected: 'h1:mod=', observed: 'h1:zip=' },
        path,
      },
    ],
  },
  {
    rule: 'go/proxy-wrong-info',
    name: 'another version',
    graph,
    evidence: [seen(text, 'go/info', 'mismatch', PROXY, { expected: 'v0.3.0', observed: 'v0.2.0' })],
    says: [
      {
        message: 'golang.org/x/text@v0.3.0: https://proxy.golang.org answers about v0.2.0',
        fix: 'ask another proxy, and clear the cache of this one',
        at: 'Cargo.lock:1:1',
        data: { expected: 'v0.3.0', observed: 'v0.2.0' },
        path,
      },
    ],
  },
  {
    rule: 'go/tag-gone',
    name: 'the repository does not have it',
    graph,
    evidence: [seen(text, 'go/direct-tag', 'absent', REPOSITORY, { why: 'there is no tag v0.3.0' })],
    says: [
      {
        message: 'golang.org/x/text@v0.3.0 is no longer in https://git.example.com/x: there is no tag v0.3.0',
        fix: 'ask upstream why, and compare with a version that is still there',
        at: 'Cargo.lock:1:1',
        data: {},
        path,
      },
    ],
  },
  {
    rule: 'go/zip-odd-entry',
    name: 'links',
    graph: appWith([text], {
      facts: [factAt('go.mod', 5, 'go/zip-odd-entry', { what: 'link', count: 2, entries: ['a', 'b'] }, text)],
    }),
    says: [
      {
        message: 'the zip of golang.org/x/text@v0.3.0 holds 2 entries of the kind link: a, b',
        fix: 'fetch it from another proxy; a zip from the origin holds files alone',
        at: 'go.mod:5:3',
        data: { what: 'link' },
        path,
      },
    ],
  },
  {
    rule: 'go/retracted',
    name: 'with the rationale and what to take',
    graph: appWith([text], { facts: [latest, retracted] }),
    says: [
      {
        message: 'golang.org/x/text@v0.3.0 was retracted: CVE-2020-14040',
        fix: 'go get golang.org/x/text@v0.3.8',
        at: 'go.mod:5:3',
        data: { module: 'golang.org/x/text@v0.3.0', rationale: 'CVE-2020-14040', by: 'v0.4.0', better: 'v0.3.8' },
        path,
      },
    ],
  },
  {
    rule: 'go/deprecated',
    name: 'with the words of its author',
    graph: appWith([text], {
      facts: [
        latest,
        factAt('go.mod', 5, 'go/deprecated', { module: text.name, message: 'use example.org/new', by: 'v0.4.0' }, text),
      ],
    }),
    says: [
      {
        message: 'golang.org/x/text is deprecated: use example.org/new',
        fix: 'move to what its author names, or to another module',
        at: 'go.mod:5:3',
        data: { module: text.name, message: 'use example.org/new', by: 'v0.4.0' },
        path,
      },
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'go/sumdb-mismatch',
    name: 'both lines are those of the log',
    graph,
    evidence: [sumdb('go/sumdb', 'h1:code=', 'h1:code='), sumdb('go/sumdb-mod', 'h1:mod=', 'h1:mod=')],
    checked: 1,
  },
  {
    rule: 'go/sumdb-mismatch',
    name: 'a private module with a namesake',
    graph,
    options: { private: ['golang.org/x/*'] },
    evidence: [sumdb('go/sumdb', 'h1:code=', 'h1:else=')],
    checked: 1,
  },
  { rule: 'go/sumdb-mismatch', name: 'no answer', graph, evidence: [seen(text, 'go/sumdb', 'unavailable', LOG)], checked: 0 },
  {
    rule: 'go/sumdb-absent',
    name: 'not meant to be logged',
    graph,
    options: { private: ['golang.org/**'] },
    evidence: [seen(text, 'go/sumdb', 'absent', LOG)],
    checked: 1,
  },
  {
    rule: 'go/sumdb-absent',
    name: 'not asked on purpose',
    graph,
    evidence: [seen(text, 'go/sumdb', 'not-checkable', LOG)],
    checked: 0,
  },
  {
    rule: 'go/mod-document-differs',
    name: 'what is served is not that of go.sum: that is said already',
    graph,
    evidence: [
      seen(text, 'go/mod-bytes', 'mismatch', ZIP, { expected: 'h1:mod=', observed: 'h1:served=' }),
      seen(text, 'go/mod-in-zip', 'mismatch', ZIP, { expected: 'h1:served=', observed: 'h1:mod=' }),
    ],
    checked: 0,
  },
  {
    rule: 'go/proxy-wrong-info',
    name: 'the one asked for',
    graph,
    evidence: [seen(text, 'go/info', 'match', PROXY)],
    checked: 1,
  },
  { rule: 'go/tag-gone', name: 'it is there', graph, evidence: [seen(text, 'go/direct-tag', 'match', REPOSITORY)], checked: 1 },
  { rule: 'go/zip-odd-entry', name: 'files alone', graph, evidence: [seen(text, 'go/zip-bytes', 'match', ZIP)], checked: 0 },
  { rule: 'go/retracted', name: 'its author retracts nothing', graph: appWith([text], { facts: [latest] }), checked: 1 },
  {
    rule: 'go/retracted',
    name: 'allowed',
    graph: appWith([text], { facts: [latest, retracted] }),
    options: { allow: ['golang.org/x/text'] },
    checked: 1,
  },
  {
    rule: 'go/retracted',
    name: 'the latest version could not be read',
    graph,
    evidence: [seen(text, 'go/latest', 'unavailable', PROXY)],
    checked: 0,
  },
  { rule: 'go/deprecated', name: 'its author says nothing', graph: appWith([text], { facts: [latest] }), checked: 1 },
]

describe('go rules over evidence', () => {
  it.each(FIRES)('$rule fires: $name', (one) => {
    expect(hear(GO_EVIDENCE_RULES, one).said).toEqual(one.says)
  })

  it.each(SPARES)('$rule must not: $name', (one) => {
    expect(hear(GO_EVIDENCE_RULES, one)).toEqual({ said: [], checked: one.checked })
  })

  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(GO_EVIDENCE_RULES, FIRES), spares: withoutEntry(GO_EVIDENCE_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
    expect(Object.fromEntries(GO_EVIDENCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })

  it('says a wrong line of go.sum once, though the zip shows it, too', () => {
    const evidence = [
      sumdb('go/sumdb', 'h1:code=', 'h1:else='),
      seen(text, 'go/zip-bytes', 'mismatch', ZIP, { expected: 'h1:code=', observed: 'h1:else=' }),
    ]
    const verdict = gate({ rules: [...INTEGRITY_EVIDENCE_RULES, ...GO_EVIDENCE_RULES], graph, evidence })
    expect(verdict.findings.map((one) => one.rule)).toEqual(['go/sumdb-mismatch'])
  })

  it('tells retractions that nobody could ask about from none', () => {
    const evidence = [seen(text, 'go/latest', 'unavailable', PROXY)]
    const counts = gate({ rules: GO_EVIDENCE_RULES, graph, evidence }).rules.get('go/retracted')
    expect(counts).toMatchObject({ checked: 0, fail: 0, unverified: 1 })
  })
})
