import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/model/graph.js'
import type { OptionValue } from '../../../src/model/rule.js'
import type { Verification } from '../../../src/model/verification.js'
import { OCI_RULES } from '../../../src/policy/rules/oci.js'
import { ASKED } from '../support/evidence-cases.js'
import { gate } from '../support/gate-cases.js'
import { appWith, hear, severityLetters } from '../support/rule-cases.js'

const DIGEST = `sha256:${'a'.repeat(64)}`
const BY_TAG = 'oci://registry.example/acme/app:v1'
const BY_DIGEST = `oci://registry.example/acme/app@${DIGEST}`
const at = { file: 'assay.toml', line: 5, column: 3 }
const release = (
  reference: string,
): { release: { images: readonly { reference: string; location: typeof at }[]; sboms: readonly string[] } } => ({
  release: { images: [{ reference, location: at }], sboms: [] },
})
const image = (data: Fact['data']): Fact => ({ kind: 'oci/release-image', location: at, data: { reference: BY_DIGEST, ...data } })
const used = (reference: string, pinned: string, usage = 'from', file = 'Dockerfile'): Fact => ({
  kind: 'oci/image-reference',
  location: { file, line: 1, column: 6 },
  data: { reference, usage, pinned },
})

interface Asked {
  readonly facts: readonly Fact[]
  readonly published?: string
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly verification?: Verification
}

const judge = (
  rule: string,
  { facts, published, options, verification }: Asked,
): { said: string[]; checked: number | undefined } => {
  const { said, checked } = hear(OCI_RULES, {
    rule,
    name: '',
    graph: appWith([], { facts }),
    settings: published === undefined ? {} : release(published),
    ...(options === undefined ? {} : { options }),
    ...(verification === undefined ? {} : { verification }),
  })
  return { said: said.map((one) => `${one.at}: ${one.message}. ${one.fix}`), checked }
}

describe('oci/tag-reference', () => {
  it('of what is published: with the digest that it is now, where somebody was asked', () => {
    expect(judge('oci/tag-reference', { facts: [], published: BY_TAG })).toEqual({
      said: [`assay.toml:5:3: published as ${BY_TAG}, which can move. name it by its digest: @sha256:…`],
      checked: 1,
    })
    const facts = [
      { ...image({ state: 'read', digest: DIGEST, kinds: [] }), data: { reference: BY_TAG, state: 'read', digest: DIGEST } },
    ]
    expect(judge('oci/tag-reference', { facts, published: BY_TAG }).said).toEqual([
      `assay.toml:5:3: published as ${BY_TAG}, which can move. name it by its digest, which is now @${DIGEST}`,
    ])
    expect(judge('oci/tag-reference', { facts: [], published: BY_DIGEST })).toEqual({ said: [], checked: 1 })
  })

  it('of what a container file takes over; what cannot be told is not counted', () => {
    const facts = [
      used('debian:12', 'tag'),
      used(`debian@${DIGEST}`, 'digest'),
      used('$BASE', 'unknown'),
      used('tools:1', 'tag', 'copy', 'dev/Dockerfile'),
    ]
    expect(judge('oci/tag-reference', { facts })).toEqual({
      said: [
        'Dockerfile:1:6: built from debian:12, which can move. name it by its digest: @sha256:…',
        'dev/Dockerfile:1:6: copied out of tools:1, which can move. name it by its digest: @sha256:…',
      ],
      checked: 3,
    })
    expect(judge('oci/tag-reference', { facts, options: { paths: ['dev/**'] } })).toMatchObject({
      said: [expect.stringContaining('debian:12')],
      checked: 2,
    })
  })
})

describe('oci/digest-mismatch', () => {
  it('says what is not what', () => {
    const facts = [
      {
        kind: 'oci/content-mismatch',
        location: at,
        data: { reference: BY_DIGEST, reason: 'trust/oci-digest-mismatch', why: 'its bytes are other ones' },
      },
    ]
    expect(judge('oci/digest-mismatch', { facts })).toEqual({
      said: [`assay.toml:5:3: ${BY_DIGEST}: its bytes are other ones. discard it, and push the released bytes again`],
      checked: 1,
    })
  })
})

describe('oci/referrer-missing', () => {
  it('says each kind that is missing, and why one that is there does not count', () => {
    const facts = [
      image({
        state: 'read',
        digest: DIGEST,
        kinds: ['provenance'],
        refused: ['signature: trust/identity-mismatch: it is by somebody else'],
        policy: true,
      }),
    ]
    expect(judge('oci/referrer-missing', { facts, verification: ASKED })).toEqual({
      said: [
        `assay.toml:5:3: ${BY_DIGEST} has no sbom. attach it in the release job`,
        `assay.toml:5:3: ${BY_DIGEST} has no signature that counts (trust/identity-mismatch: it is by somebody else). attach it in the release job`,
      ],
      checked: 1,
    })
    expect(judge('oci/referrer-missing', { facts, options: { kinds: ['provenance'] } })).toEqual({ said: [], checked: 1 })
  })

  it('says which kind only a part of the images has', () => {
    const facts = [image({ state: 'read', digest: DIGEST, kinds: ['provenance', 'sbom'], partly: ['signature'], refused: [] })]
    expect(judge('oci/referrer-missing', { facts, verification: ASKED }).said).toEqual([
      `assay.toml:5:3: ${BY_DIGEST} has a signature for a part of its images only. attach it in the release job`,
    ])
    const sbom = [image({ state: 'read', digest: DIGEST, kinds: [], partly: ['sbom'], refused: [] })]
    expect(judge('oci/referrer-missing', { facts: sbom, options: { kinds: ['sbom'] } }).said).toEqual([
      `assay.toml:5:3: ${BY_DIGEST} has an sbom for a part of its images only. attach it in the release job`,
    ])
  })

  it('is not known where somebody did not answer', () => {
    const unseen = [
      image({ state: 'read', digest: DIGEST, kinds: ['signature', 'sbom'], refused: [], policy: false, unseen: '503' }),
    ]
    const [said] = hear(OCI_RULES, {
      rule: 'oci/referrer-missing',
      name: '',
      graph: appWith([], { facts: unseen }),
      verification: ASKED,
    }).said
    expect(said?.message).toBe(`${BY_DIGEST} has no provenance; not everything could be read: 503`)
    for (const [state, what] of [
      ['unavailable', 'could not be asked for'],
      ['absent', 'is not there'],
      ['refused', 'cannot be read'],
    ] as const)
      expect(judge('oci/referrer-missing', { facts: [image({ state, why: 'so' })], verification: ASKED }).said).toMatchObject([
        expect.stringContaining(`${BY_DIGEST} ${what}: so`),
      ])
  })

  it.each([
    ['fail', 'error', 3],
    ['warn', 'warn', 0],
    ['ignore', 'note', 0],
  ] as const)(
    'shuts the gate with exit 3 at most where somebody did not answer (on-unavailable = "%s")',
    (onUnavailable, severity, exitCode) => {
      const verdictOf = (data: Fact['data']) =>
        gate({
          graph: appWith([], { facts: [image(data)] }),
          verification: { asked: true, offline: false, onUnavailable },
          rules: OCI_RULES,
          config: { profile: 'strict' },
        })
      const there = ['provenance', 'sbom']
      for (const data of [
        { state: 'unavailable', why: '503' },
        { state: 'read', digest: DIGEST, kinds: there, refused: [], unseen: '503' },
      ]) {
        const verdict = verdictOf(data)
        expect(verdict.findings.map((one) => [one.rule, one.severity, one.state])).toEqual([
          ['oci/referrer-missing', severity, 'unverified'],
        ])
        expect(verdict.exitCode).toBe(exitCode)
      }
      // What is there and does not count is a violation, whatever else was not seen.
      const refused = ['signature: trust/identity-mismatch: it is by somebody else']
      expect(verdictOf({ state: 'read', digest: DIGEST, kinds: there, refused, unseen: '503' }).exitCode).toBe(1)
      expect(verdictOf({ state: 'absent', why: 'gone' }).exitCode).toBe(1)
    },
  )

  it('has nothing to say where nobody was asked', () => {
    expect(judge('oci/referrer-missing', { facts: [], published: BY_DIGEST })).toEqual({ said: [], checked: 0 })
  })
})

describe('oci/artifact-type-unknown', () => {
  const facts = ['application/vnd.cyclonedx+json', 'application/x.own'].map(
    (type): Fact => ({ kind: 'oci/artifact-type', location: at, data: { reference: BY_DIGEST, what: DIGEST, type } }),
  )

  it('names it, unless it is listed', () => {
    expect(judge('oci/artifact-type-unknown', { facts })).toEqual({
      said: [
        `assay.toml:5:3: ${BY_DIGEST}: ${DIGEST} is of the type application/x.own. give it a type that tools know, or add it to the option types`,
      ],
      checked: 2,
    })
    expect(judge('oci/artifact-type-unknown', { facts, options: { types: ['application/x.own'] } }).said).toEqual([])
  })
})

it('weigh what the specification says (spec/policy.md §2.14)', () => {
  expect(OCI_RULES.map((rule) => [rule.id, severityLetters(rule), rule.hard === true])).toEqual([
    ['oci/tag-reference', 'N/W/E', false],
    ['oci/digest-mismatch', 'E/E/E', true],
    ['oci/referrer-missing', '-/W/E', false],
    ['oci/artifact-type-unknown', '-/N/W', false],
  ])
})
