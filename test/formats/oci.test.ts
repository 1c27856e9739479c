import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ociJson } from '../../src/formats/oci-json.js'
import { ociText } from '../../src/formats/oci-text.js'
import type { OciReport } from '../../src/model/oci-report.js'
import { PLAIN } from '../../src/model/style.js'
import { expectDocument } from '../audit/support/image-release.js'
import { golden } from './support/golden.js'

const DIGEST = `sha256:${'a'.repeat(64)}`
const PART = `sha256:${'b'.repeat(64)}`
const NONE = { verified: 0, invalid: 0, otherSigner: 0, otherSubject: 0, undecided: 0 }
const problem = (reason: string, why: string): OciReport['notes'][number] => ({ reason, why, fix: 'Ask whoever pushed it.' })

/** Everything that a report can hold once, with a stranger's text in each place that can hold one. */
function report(text: string): OciReport {
  const attached = { artifactType: `a/b${text}`, mediaType: `c/d${text}`, digest: DIGEST, size: 7 }
  return {
    exitCode: 1,
    timestamp: '2026-11-28T00:00:00Z',
    outcome: 'fail',
    reference: `oci:registry.example/acme/app:v1${text}`,
    artifact: {
      source: `registry.example/acme/app${text}`,
      digest: DIGEST,
      tag: `v1${text}`,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      size: 1234,
      parts: [
        { digest: PART, platform: `linux/amd64${text}`, role: 'image', held: true },
        { digest: `sha256:${'c'.repeat(64)}`, role: 'attestation', held: false },
      ],
      subject: { digest: `sha256:${'d'.repeat(64)}`, state: 'dangling' },
      hashedBytes: 99,
    },
    demands: [
      { kind: 'signature', wanted: `signer${text}`, outcome: 'verified', by: `referrer${text}` },
      {
        kind: 'provenance',
        wanted: `signer${text}`,
        outcome: 'undecided',
        problem: problem('trust/attestation-missing', `none${text}`),
      },
      {
        kind: 'source',
        wanted: `source${text}`,
        outcome: 'refused',
        by: 'x',
        problem: problem('trust/source-unexpected', text || 'other'),
      },
    ],
    signatures: { ...NONE, verified: 1 },
    provenance: { ...NONE, unsigned: 1, level: 2 },
    sboms: { ...NONE, unsigned: 1 },
    attachments: [
      {
        ...attached,
        about: DIGEST,
        from: `referrer${text}`,
        kind: 'signature',
        form: 'sigstore-bundle',
        signature: {
          from: `referrer${text}`,
          form: 'sigstore-bundle',
          outcome: 'verified',
          checks: [{ name: 'bundle', state: 'passed' }],
          problems: [problem('trust/one', `first${text}`)],
          signer: { kind: 'certificate', name: `workflow${text}`, claims: [['issuer', `issuer${text}`]] },
          signedAt: [{ time: '2026-11-27T00:00:00Z', from: 'transparency-log' }],
        },
      },
      {
        ...attached,
        about: PART,
        from: `in the index${text}`,
        kind: 'provenance',
        form: 'unsigned-statement',
        what: `type${text}`,
      },
      { ...attached, about: DIGEST, from: 'tag', kind: 'sbom', form: 'document', what: `CycloneDX${text}` },
      { ...attached, about: DIGEST, from: 'n', kind: 'signature', form: 'notation' },
      { ...attached, about: DIGEST, from: 'o', kind: 'other', form: 'unknown', what: `why${text}` },
    ],
    reasons: [problem('trust/oci-digest-mismatch', `its bytes${text}`)],
    notes: [problem('trust/oci-referrer-foreign', `listed${text}`), problem('trust/oci-missing', 'gone')],
  }
}

const HOSTILE = '\u001b[2J\u202e\r\n::error::x'
const text = (one: OciReport, verbose = false): string => ociText(one, PLAIN, verbose).join('')

describe('a report about an artifact of a registry', () => {
  it('for people, whole', () => {
    expect(text(report(''))).toBe(golden('oci.txt', text(report(''))))
  })

  it('lets no stranger’s text act on the terminal or begin a line', () => {
    const lines = (one: OciReport): number => text(one, true).split('\n').length
    expect(lines(report(HOSTILE))).toBe(lines(report('')))
    expect(text(report(HOSTILE), true)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|^::/m)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        expect(text(report(any), true).split('\n').length).toBe(lines(report('')))
        expect(text(report(any), true)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
    )
  })

  it('shows twenty of a long list, and all when more is wanted', () => {
    const many = {
      ...report(''),
      notes: Array.from({ length: 300 }, (_, at) => problem('trust/oci-referrer-foreign', `number ${at}.`)),
    }
    expect(text(many)).toContain('… and 280 more (--verbose)')
    expect(text(many)).not.toContain('number 20.')
    expect(text(many, true)).toContain('number 299.')
  })

  it.each([
    ['pass', 'PASS. Verified: 1 signature'],
    ['warn', 'WARN: not all'],
    ['fail', 'FAIL: do not use it'],
    ['unknown', 'UNKNOWN: nothing contradicts'],
  ] as const)('ends with what %s means', (outcome, expected) => {
    const last = text({ ...report(''), outcome })
      .trimEnd()
      .split('\n')
      .at(-1)
    expect(last).toContain(expected)
  })

  it('as JSON fits its schema', () => {
    for (const any of ['', HOSTILE]) expectDocument(ociJson(report(any)).join(''))
    const { artifact: _, ...without } = report('')
    expectDocument(ociJson({ ...without, attachments: [], demands: [] }).join(''))
    for (const wrong of [{ outcome: 'pass' }, { exitCode: 4 }, { reasons: [] }, { extra: 1 }])
      expect(() => expectDocument(JSON.stringify({ ...JSON.parse(ociJson(report('')).join('')), ...wrong }))).toThrow()
  })
})
