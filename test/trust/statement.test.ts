import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Digest } from '../../src/model/digest.js'
import type { ParsedStatement, Statement } from '../../src/trust/statement.js'
import { isStatementPayloadType, parseStatement } from '../../src/trust/statement.js'
import { bindSubject } from '../../src/trust/subject-binding.js'

const SHA = 'a'.repeat(64)
const base = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'x', digest: { sha256: SHA } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {},
}
const parse = (change: object): ParsedStatement => parseStatement(Buffer.from(JSON.stringify({ ...base, ...change })))

function statementOf(subject: readonly object[]): Statement {
  const parsed = parse({ subject })
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.statement
}

describe('parseStatement', () => {
  it('reads both versions, and a predicate that is left out is empty', () => {
    expect(parse({ _type: 'https://in-toto.io/Statement/v0.1' })).toMatchObject({ ok: true, statement: { version: 'v0.1' } })
    expect(parse({ predicate: undefined, unknown: 1 })).toMatchObject({ ok: true, statement: { version: 'v1', predicate: {} } })
  })
  it('a trailing slash of the predicate type does not count', () => {
    expect(parse({ predicateType: 'https://a.example/p/' })).toMatchObject({
      ok: true,
      statement: { predicateType: 'https://a.example/p' },
    })
  })

  const refused = [
    {
      name: 'another type',
      change: { _type: 'https://in-toto.io/Statement/v2' },
      why: 'the payload is no in-toto statement of version v0.1 or v1',
    },
    {
      name: 'type with a slash',
      change: { _type: `${base._type}/` },
      why: 'the payload is no in-toto statement of version v0.1 or v1',
    },
    { name: 'no subject', change: { subject: [] }, why: 'the statement has no subject' },
    { name: 'subject without digest', change: { subject: [{ name: 'x', digest: {} }] }, why: 'subject 0 has no digest' },
    {
      name: 'digest that is a number',
      change: { subject: [base.subject[0], { digest: { sha256: 1 } }] },
      why: 'subject 1 has no digest',
    },
    {
      name: 'too many subjects',
      change: { subject: Array(10_001).fill(base.subject[0]) },
      why: 'the statement has more than 10000 subjects',
    },
    { name: 'predicate type that is no URI', change: { predicateType: 'provenance' }, why: 'predicateType is no URI' },
    { name: 'predicate that is a list', change: { predicate: [] }, why: 'the predicate is no JSON object' },
  ]
  for (const { name, change, why } of refused) it(`refuses: ${name}`, () => expect(parse(change)).toEqual({ ok: false, why }))

  it('refuses a key that stands twice', () => {
    const text = JSON.stringify(base).replace('"predicate":{}', '"predicate":{},"predicate":{"a":1}')
    expect(parseStatement(Buffer.from(text))).toEqual({
      ok: false,
      why: 'the statement cannot be read: the key "predicate" stands twice in one object',
    })
  })
  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !parseStatement(bytes).ok))
    fc.assert(fc.property(fc.jsonValue(), (value) => !parseStatement(Buffer.from(JSON.stringify(value))).ok))
  })
})

describe('payload types', () => {
  for (const [type, expected] of [
    ['application/vnd.in-toto+json', true],
    ['application/vnd.in-toto.provenance+json', true],
    ['application/vnd.in-totox+json', false],
    ['application/vnd.in-toto+json; charset=utf-8', false],
    ['text/plain', false],
  ] as const) {
    it(type, () => expect(isStatementPayloadType(type)).toBe(expected))
  }
})

describe('bindSubject', () => {
  const archive: Digest = { of: 'artifact', algorithm: 'sha256', value: SHA }
  const archive512: Digest = { of: 'artifact', algorithm: 'sha512', value: 'b'.repeat(128) }
  const h1: Digest = { of: 'tree', scheme: 'go-h1', value: 'h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48=' }
  const dirHash = '2a1bb6127fb481c60f67692e22285fb306f3c6ffe62075e0ccf674d7c3adcb8f'
  const commit: Digest = { of: 'git-object', algorithm: 'sha1', value: 'c'.repeat(40) }
  const nimble: Digest = { of: 'tree', scheme: 'nimble-sha1', value: 'd'.repeat(40) }
  const zig: Digest = { of: 'tree', scheme: 'zig-legacy', value: `1220${SHA}` }

  const cases: readonly { name: string; subject: object; anchors: readonly Digest[]; expected: string }[] = [
    { name: 'SHA-256 of the archive', subject: { digest: { sha256: SHA } }, anchors: [archive], expected: 'bound' },
    { name: 'in upper case', subject: { digest: { sha256: SHA.toUpperCase() } }, anchors: [archive], expected: 'bound' },
    {
      name: 'among digests that nothing is known of',
      subject: { digest: { sha256: SHA, blake2b: 'x', md5: 'y' } },
      anchors: [archive],
      expected: 'bound',
    },
    { name: 'Go dirHash1 and h1', subject: { digest: { dirHash1: dirHash } }, anchors: [h1], expected: 'bound' },
    { name: 'Go dirHash and h1', subject: { digest: { dirHash } }, anchors: [h1], expected: 'bound' },
    { name: 'gitCommit', subject: { digest: { gitCommit: 'c'.repeat(40) } }, anchors: [commit], expected: 'bound' },
    {
      name: 'sha1 of a git location',
      subject: { uri: 'git+https://a.example/r', digest: { sha1: 'c'.repeat(40) } },
      anchors: [commit],
      expected: 'bound',
    },
    {
      name: 'sha1 of a release on GitHub',
      subject: { uri: 'pkg:github/o/r@v1', digest: { sha1: 'c'.repeat(40) } },
      anchors: [commit],
      expected: 'bound',
    },
    {
      name: 'sha1 of anything else',
      subject: { digest: { sha1: 'c'.repeat(40) } },
      anchors: [commit],
      expected: 'other-subject',
    },
    {
      name: 'sha1 of an archive',
      subject: { digest: { sha1: 'c'.repeat(40) } },
      anchors: [{ of: 'artifact', algorithm: 'sha1', value: 'c'.repeat(40) }],
      expected: 'other-subject',
    },
    {
      name: 'md5 of an archive',
      subject: { digest: { md5: 'c'.repeat(32) } },
      anchors: [{ of: 'artifact', algorithm: 'md5', value: 'c'.repeat(32) }],
      expected: 'other-subject',
    },
    {
      name: 'nimble’s sha1 is another thing',
      subject: { uri: 'git+https://a.example', digest: { sha1: 'd'.repeat(40) } },
      anchors: [nimble],
      expected: 'other-subject',
    },
    { name: 'Zig’s multihash is another thing', subject: { digest: { sha256: SHA } }, anchors: [zig], expected: 'other-subject' },
    {
      name: 'sha256 with 40 digits',
      subject: { digest: { sha256: 'c'.repeat(40) } },
      anchors: [commit, archive],
      expected: 'other-subject',
    },
    {
      name: 'twelve digits of a commit',
      subject: { digest: { gitCommit: 'c'.repeat(12) } },
      anchors: [commit],
      expected: 'other-subject',
    },
    {
      name: 'the name alone',
      subject: { name: SHA, digest: { sha256: 'e'.repeat(64) } },
      anchors: [archive],
      expected: 'other-subject',
    },
    { name: 'no anchor', subject: { digest: { sha256: SHA } }, anchors: [], expected: 'other-subject' },
    {
      name: 'strong match and strong contradiction',
      subject: { digest: { sha256: SHA, sha512: 'f'.repeat(128) } },
      anchors: [archive, archive512],
      expected: 'conflict',
    },
    {
      name: 'commit matches, archive contradicts',
      subject: { digest: { gitCommit: 'c'.repeat(40), sha256: 'e'.repeat(64) } },
      anchors: [archive, commit],
      expected: 'conflict',
    },
    {
      name: 'weak match and strong contradiction',
      subject: { digest: { md5: 'c'.repeat(32), sha256: 'e'.repeat(64) } },
      anchors: [archive],
      expected: 'other-subject',
    },
  ]
  for (const { name, subject, anchors, expected } of cases) {
    it(name, () => expect(bindSubject(statementOf([subject]), anchors).kind).toBe(expected))
  }

  it('one of many subjects is enough, a contradiction in any is too much', () => {
    const other = { digest: { sha256: 'e'.repeat(64) } }
    expect(bindSubject(statementOf([other, { digest: { sha256: SHA } }]), [archive]).kind).toBe('bound')
    const split = { digest: { sha256: SHA, sha512: 'f'.repeat(128) } }
    expect(bindSubject(statementOf([{ digest: { sha256: SHA } }, split]), [archive, archive512]).kind).toBe('conflict')
  })

  it('shows at most five of what it is about', () => {
    const many = Array.from({ length: 9 }, (_, at) => ({ digest: { sha256: String(at).repeat(64) } }))
    const binding = bindSubject(statementOf(many), [archive])
    expect(binding.kind === 'other-subject' && binding.attested).toHaveLength(5)
  })
})
