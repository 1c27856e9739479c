import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalRepository } from '../../../src/model/repository.js'
import { parseAnchoredPattern } from '../../../src/trust/sigstore/anchored-pattern.js'
import type { RawCertificate } from '../../../src/trust/sigstore/certificate-identity.js'
import { readCertificateIdentity } from '../../../src/trust/sigstore/certificate-identity.js'
import type { CertificatePolicy } from '../../../src/trust/sigstore/identity-policy.js'
import { isConstraining, judgeIdentity, workflowOf } from '../../../src/trust/sigstore/identity-policy.js'
import { PATIENCE } from '../../support/patience.js'

const SAN = 'https://github.com/org/repo/.github/workflows/x.yml@refs/tags/v1'
const der = (text: string): Uint8Array => Buffer.concat([Buffer.of(0x0c, text.length), Buffer.from(text)])

function raw(change: Partial<RawCertificate> & { readonly claims?: Readonly<Record<number, string>> } = {}): RawCertificate {
  const { claims = { 8: 'https://issuer.example' }, ...rest } = change
  const fulcio = new Map(Object.entries(claims).map(([number, value]) => [Number(number), der(value)]))
  return { sans: [{ kind: 'uri', value: SAN }], fulcio, codeSigning: true, ...rest }
}

describe('readCertificateIdentity', () => {
  const refused: readonly { name: string; certificate: RawCertificate; why: string }[] = [
    { name: 'no name', certificate: raw({ sans: [] }), why: 'the certificate names 0 identities, not one' },
    {
      name: 'two names',
      certificate: raw({
        sans: [
          { kind: 'uri', value: SAN },
          { kind: 'email', value: 'a@example.com' },
        ],
      }),
      why: 'the certificate names 2 identities, not one',
    },
    { name: 'not for code', certificate: raw({ codeSigning: false }), why: 'the certificate was not issued for signing code' },
    {
      name: 'issuer twice, differing',
      certificate: raw({
        fulcio: new Map([
          [1, Buffer.from('https://a.example')],
          [8, der('https://b.example')],
        ]),
      }),
      why: 'the certificate names two issuers of the identity',
    },
    {
      name: 'raw text where DER is due',
      certificate: raw({ fulcio: new Map([[8, Buffer.from('push')]]) }),
      why: 'extension .8 of the certificate is no UTF8String',
    },
    {
      name: 'bytes after the string',
      certificate: raw({ fulcio: new Map([[20, Buffer.concat([der('push'), Buffer.of(0)])]]) }),
      why: 'extension .20 of the certificate is no UTF8String',
    },
    {
      name: 'long form of a short length',
      certificate: raw({ fulcio: new Map([[20, Buffer.concat([Buffer.of(0x0c, 0x81, 4), Buffer.from('push')])]]) }),
      why: 'extension .20 of the certificate is no UTF8String',
    },
    {
      name: 'another string type',
      certificate: raw({ fulcio: new Map([[20, Buffer.concat([Buffer.of(0x13, 4), Buffer.from('push')])]]) }),
      why: 'extension .20 of the certificate is no UTF8String',
    },
    {
      name: 'invalid UTF-8',
      certificate: raw({ fulcio: new Map([[20, Buffer.of(0x0c, 1, 0xff)]]) }),
      why: 'extension .20 of the certificate is no UTF8String',
    },
  ]
  for (const { name, certificate, why } of refused)
    it(`refuses: ${name}`, () => expect(readCertificateIdentity(certificate)).toBe(why))

  it('takes the old issuer alone, and both when they agree', () => {
    const old = readCertificateIdentity(raw({ fulcio: new Map([[1, Buffer.from('https://a.example')]]) }))
    expect(typeof old === 'string' ? old : old.claims.get('issuer')).toBe('https://a.example')
    const both = readCertificateIdentity(
      raw({
        fulcio: new Map([
          [1, Buffer.from('https://a.example')],
          [8, der('https://a.example')],
        ]),
      }),
    )
    expect(typeof both === 'string' ? both : both.claims.get('issuer')).toBe('https://a.example')
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.uint8Array({ maxLength: 400 }), (number, bytes) => {
        readCertificateIdentity(raw({ fulcio: new Map([[number, bytes]]) }))
      }),
    )
  })
})

describe('parseAnchoredPattern', () => {
  const matches = (source: string, text: string): boolean | string => {
    const parsed = parseAnchoredPattern(source)
    return parsed.ok ? parsed.pattern.matches(text) : parsed.why
  }
  const cases: readonly [string, string, boolean | string][] = [
    ['https://github.com/org', 'https://github.com/org-evil/x', false],
    ['https://github\\.com/org/.*', SAN, true],
    ['https://github\\.com/org/.*', `https://evil.example/${SAN}`, false],
    ['a|b', 'ab', false],
    ['a|b', 'b', true],
    ['.', 'everyone', false],
    ['[a-z(*+]+', 'abc', true],
    ['a)(?:b', 'ab', 'the pattern is no regular expression'],
    ['(', 'x', 'the pattern is no regular expression'],
    ['((.+)+)+!', 'x', 'the pattern repeats a group'],
    ['(a|a)*', 'x', 'the pattern repeats a group'],
    ['(a){9}', 'x', 'the pattern repeats a group'],
    ['(a)\\1', 'aa', 'the pattern refers back to a group'],
    ['(?=a)a', 'a', 'the pattern looks around or names a group'],
    ['.*.*.*.*', 'x', 'the pattern repeats more than 3 times'],
    [`${'a?'.repeat(40)}${'a'.repeat(40)}`, 'a'.repeat(39), 'the pattern has more than 8 parts that may be left out'],
    ['(?:a|aa)'.repeat(40), 'a'.repeat(80), 'the pattern has more than 8 groups'],
    ['\\*?'.repeat(9), '*', 'the pattern has more than 8 parts that may be left out'],
    ['a{2}?b??c*?', 'aa', true],
    ['https?://(?:a|b)\\?\\(x', 'http://a?(x', true],
    ['a*', 'a'.repeat(513), false],
  ]
  for (const [source, text, expected] of cases) {
    it(`${source} on ${text.slice(0, 60)}`, () => expect(matches(source, text)).toBe(expected))
  }

  it('no text makes an accepted pattern slow', () => {
    const started = performance.now()
    expect(matches('.*a.*b.*c', 'ab'.repeat(256))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000 * PATIENCE)
  })
})

describe('judgeIdentity', () => {
  const identity = (() => {
    const read = readCertificateIdentity(
      raw({
        claims: {
          8: 'https://token.actions.githubusercontent.com',
          12: 'https://github.com/org/repo',
          14: 'refs/tags/v1',
          18: SAN,
          20: 'push',
        },
      }),
    )
    if (typeof read === 'string') throw new Error(read)
    return read
  })()
  const judge = (policy: Omit<CertificatePolicy, 'kind'>): string[] =>
    judgeIdentity(identity, { kind: 'certificate', ...policy }).map(({ field, wanted, got }) => `${field}: ${got} not ${wanted}`)

  it('accepts what agrees in every field', () => {
    expect(judge({ san: SAN, refs: ['refs/heads/main', 'refs/tags/v1'], workflow: '.github/workflows/x.yml' })).toEqual([])
  })
  it('tells every field that differs', () => {
    expect(judge({ issuer: 'https://i.example', refs: ['a', 'b'], environment: 'prod' })).toEqual([
      'issuer: https://token.actions.githubusercontent.com not https://i.example',
      'ref: refs/tags/v1 not a or b',
      'environment: undefined not prod',
    ])
  })
  for (const repository of [
    'https://github.com/org/repo-evil',
    'https://github.com/org',
    'https://gitlab.com/org/repo',
    'http://github.com/org/repo',
  ]) {
    it(`refuses the repository ${repository}`, () => expect(judge({ sourceRepository: repository })).toHaveLength(1))
  }
  it('an empty list of accepted values accepts nobody', () => expect(judge({ triggers: [] })).toHaveLength(1))

  it('repositories: only github.com folds case, and only ASCII', () => {
    expect(canonicalRepository('git+https://GitHub.com/Org/Repo.git')).toBe('https://github.com/org/repo')
    expect(canonicalRepository('https://gitlab.com/Org/Repo/')).toBe('https://gitlab.com/Org/Repo')
    expect(canonicalRepository('https://github.com/\u212aernel/x')).toBe('https://github.com/\u212aernel/x')
  })
  it('workflow of GitLab, with its two slashes', () => {
    const read = readCertificateIdentity(
      raw({
        claims: {
          8: 'https://gitlab.com',
          12: 'https://gitlab.com/g/p',
          18: 'https://gitlab.com/g/p//.gitlab-ci.yml@refs/heads/main',
        },
      }),
    )
    expect(typeof read === 'string' ? read : workflowOf(read)).toBe('.gitlab-ci.yml')
  })
  it('constrains only with an issuer and a name', () => {
    expect(isConstraining({ kind: 'certificate', issuer: 'x', refs: ['y'] })).toBe(false)
    expect(isConstraining({ kind: 'certificate', san: 'x' })).toBe(false)
    expect(isConstraining({ kind: 'certificate', issuer: 'x', sourceRepository: 'y' })).toBe(true)
  })
})
