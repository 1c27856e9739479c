import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { artifactJson } from '../../src/formats/artifact-json.js'
import { artifactText } from '../../src/formats/artifact-text.js'
import type { ArtifactReport } from '../../src/model/artifact-report.js'
import { PLAIN } from '../../src/model/style.js'
import { golden } from './support/golden.js'

const WORKFLOW = 'https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0'
const problem = (reason: string, why: string, fix = 'Fetch both again.'): ArtifactReport['warnings'][number] => ({
  reason,
  why,
  fix,
})

/** Every kind of demand, signature and SBOM once, with a stranger's text in each place that can hold one. */
function report(text: string): ArtifactReport {
  return {
    exitCode: 1,
    timestamp: '2026-11-28T00:00:00Z',
    outcome: 'refused',
    artifact: {
      file: `widget${text}.tar`,
      size: 22,
      digests: [
        { algorithm: 'sha256', value: 'a'.repeat(64) },
        { algorithm: 'sha384', value: 'b'.repeat(96) },
        { algorithm: 'sha512', value: 'c'.repeat(128) },
      ],
    },
    demands: [
      { kind: 'signer', wanted: `${WORKFLOW}${text}`, outcome: 'verified', by: `a${text}.sigstore.json` },
      {
        kind: 'key',
        wanted: 'release.pub',
        outcome: 'undecided',
        problem: problem('trust/attestation-missing', `none in${text}`),
      },
      {
        kind: 'minisign-key',
        wanted: 'zig.pub',
        outcome: 'refused',
        by: 'a.minisig',
        problem: problem('trust/minisign-x', text),
      },
      { kind: 'bundle', wanted: 'b', outcome: 'unreadable', problem: problem('trust/bundle-unreadable', 'EACCES') },
      { kind: 'source', wanted: 'https://github.com/acme/widget', outcome: 'verified', by: 'a.sigstore.json' },
      { kind: 'sbom', wanted: 'bom.json', outcome: 'refused', problem: problem('sbom/other-subject', `it describes ${text}`) },
    ],
    signatures: [
      {
        from: `a${text}.sigstore.json`,
        form: 'sigstore-bundle',
        outcome: 'verified',
        checks: [
          { name: 'bundle', state: 'passed' },
          { name: 'artifact', state: 'not-applicable' },
          { name: 'signature', state: 'passed' },
        ],
        problems: [],
        signer: {
          kind: 'certificate',
          name: `${WORKFLOW}${text}`,
          claims: [
            ['issuer', `https://token.actions.githubusercontent.com${text}`],
            ['runner-environment', 'github-hosted'],
          ],
        },
        signedAt: [{ time: '2026-11-01T00:00:00Z', from: 'transparency-log' }],
        root: { name: 'embedded root', sha256: 'd'.repeat(64) },
        statement: {
          predicateType: `https://slsa.dev/provenance/v1${text}`,
          kind: 'provenance',
          provenance: {
            buildLevel: 1,
            builderId: `${WORKFLOW}${text}`,
            buildType: 'https://example.org/build',
            repository: `https://github.com/acme/widget${text}`,
            ref: 'refs/tags/v1.0.0',
            commit: '0123456789abcdef0123456789abcdef01234567',
            invocation: `https://github.com/acme/widget/actions/runs/1${text}`,
            limits: [{ reason: 'trust/builder-untrusted', why: `it is no trusted builder${text}`, fix: 'Name the builder.' }],
          },
        },
      },
      {
        from: 'a.minisig',
        form: 'minisign',
        outcome: 'refused',
        checks: [],
        problems: [
          problem('trust/one', `first${text}`),
          problem('trust/two', 'second'),
          problem('trust/three', 'third', `Ask${text}.`),
        ],
        signer: { kind: 'key', name: `zig.pub${text}` },
        signedAt: [],
        comment: `timestamp:1\tfile:widget.tar${text}`,
      },
      { from: 'a.intoto.jsonl:2', form: 'dsse-envelope', outcome: 'not-judged', checks: [], problems: [], signedAt: [] },
    ],
    sboms: [
      { file: 'bom.json', format: 'CycloneDX 1.6', subject: 'another-artifact', named: [`sha256:${text}`] },
      { file: `b${text}`, format: `SPDX${text}`, subject: 'unnamed', named: [] },
      { file: 'c', format: 'SPDX 2.3', subject: 'this-artifact', attestedBy: `a${text}.sigstore.json`, named: [] },
    ],
    lookups: [
      { source: `folder a${text}`, answer: 'none', found: 0 },
      { source: 'GitHub attestations (api.github.com)', answer: 'found', found: 2, why: `page 2${text}` },
      { source: `https://a.example/{digest}${text}`, answer: 'unknown', found: 0, why: `a.example${text} failed` },
      { source: 'b', answer: 'not-applicable', found: 0, why: 'no digest' },
    ],
    warnings: [problem('sbom/subject-unnamed', `b${text} gives no digest`)],
  }
}

const HOSTILE = '\u001b[2J\u202e\r\n::error::x'
const text = (one: ArtifactReport, verbose = false): string => artifactText(one, PLAIN, verbose).join('')
const schema: object = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/artifact.schema.json'), 'utf8'))

describe('a report about an artifact', () => {
  it('for people, whole', () => {
    expect(text(report(''))).toBe(golden('artifact.txt', text(report(''))))
  })

  it('shows all digests and claims when more is wanted', () => {
    expect(text(report(''))).not.toMatch(/sha512|runner environment/)
    expect(text(report(''), true)).toMatch(/sha512:c{128}[\s\S]*runner environment: github-hosted/)
  })

  it('lets no stranger’s text act on the terminal or begin a line', () => {
    const lines = (one: ArtifactReport): number => text(one, true).split('\n').length
    expect(lines(report(HOSTILE))).toBe(lines(report('')))
    expect(text(report(HOSTILE), true)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|^::/m)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        // A tab in a comment separates its fields.
        expect(text(report(any), true).split('\n').length).toBe(lines(report('')))
        expect(text(report(any), true)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
    )
  })

  it.each([
    ['verified', 'Verified. 2 of 6 demands hold.'],
    ['refused', 'Refused: do not use'],
    ['undecided', 'It cannot be decided'],
    ['unreadable', 'A file that the decision needs'],
  ] as const)('ends with what %s means', (outcome, expected) => {
    expect(
      text({ ...report(''), outcome })
        .trimEnd()
        .split('\n')
        .at(-1),
    ).toContain(expected)
  })

  it('as JSON fits its schema, and nothing else does', () => {
    const validate = new Ajv.default({ strict: true, strictRequired: false, allErrors: true }).compile(schema)
    const document: Record<string, unknown> = JSON.parse(artifactJson(report(HOSTILE)).join(''))
    validate(document)
    expect(validate.errors).toBeNull()
    expect(document).toMatchObject({
      format: 1,
      tool: { name: 'assay' },
      signatures: [{ signer: { claims: { issuer: expect.any(String) } } }, {}, {}],
    })
    expect(validate({ ...document, extra: 1 })).toBe(false)
    expect(validate({ ...document, exitCode: 2 })).toBe(false)
    expect(validate({ ...document, demands: [] })).toBe(false)
    expect(validate({ ...document, demands: [{ kind: 'key', wanted: 'x', outcome: 'refused' }] })).toBe(false)
  })
})
