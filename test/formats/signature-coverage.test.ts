import { describe, expect, it } from 'vitest'
import { attestationRows, signatureCoverage, signatureLines, signaturesOf } from '../../src/formats/signature-coverage.js'
import type { Component } from '../../src/model/component.js'
import { GraphView } from '../../src/model/graph-view.js'
import type { SignatureOutcome, SignaturesFact } from '../../src/model/signature-fact.js'
import { bundleFact, SIGNATURE_OUTCOMES, signaturesFact } from '../../src/model/signature-fact.js'
import { appWith } from '../policy/support/rule-cases.js'
import { component } from '../support/graphs.js'

const standing = (outcome: SignatureOutcome, rest: Partial<SignaturesFact> = {}): SignaturesFact => ({
  outcome,
  why: 'because',
  required: [],
  unmet: [],
  pinsSource: false,
  asked: ['folder a'],
  unanswered: [],
  unansweredWhy: [],
  undecided: [],
  ...rest,
})
const crates: readonly Component[] = [...SIGNATURE_OUTCOMES, 'left-alone'].map((name) => component(name))
const zig = component('zig', '1.0.0', { ecosystem: 'zig' })
const facts = SIGNATURE_OUTCOMES.map((outcome, i) =>
  signaturesFact(
    crates[i] ?? zig,
    standing(
      outcome,
      outcome === 'none'
        ? { required: ['provenance'], unmet: ['provenance'] }
        : outcome === 'verified'
          ? { required: ['signature'] }
          : {},
    ),
  ),
)

describe('how far components are signed', () => {
  it('counts every component that comes from elsewhere once, also those nobody looked at', () => {
    const [cargo, other] = signatureCoverage(new GraphView(appWith([...crates, zig], { facts })))
    const once = Object.fromEntries([...SIGNATURE_OUTCOMES, 'not-looked-for'].map((name) => [name, 1]))
    expect(cargo).toMatchObject({ ecosystem: 'cargo', total: 10, asked: 9, components: once, required: 2, unmet: 1 })
    expect(other).toMatchObject({ ecosystem: 'zig', total: 1, asked: 0, components: { verified: 0, 'not-looked-for': 1 } })
    expect(other?.signable).toMatch(/never one that its host makes on demand/)
  })

  it('says so in words, with what can be signed where not all is', () => {
    const lines = signatureLines(new GraphView(appWith([...crates, zig], { facts })), true)
    expect(lines).toEqual([
      'cargo       1 of 10 verified (1 verified by a derived identity, 1 signed by nobody who is named, 1 refused, 1 unsigned, 1 unknown, 1 needing --bytes, 1 not signable, 1 with nobody to ask, 1 not looked for, 1 of 2 required are there)',
      '  no signature of its own; a project may attest the .crate by the checksum that the lockfile states',
      'zig         0 of 1 verified (1 not looked for)',
    ])
  })

  it.each([
    ['nobody looked', [zig], true, ['none looked for: [trust] of assay.toml names neither sources nor signers']],
    ['nobody was to look', [zig], false, []],
    ['nothing comes from elsewhere', [], true, []],
  ] as const)('where %s', (_title, components, asked, lines) => {
    expect(signatureLines(new GraphView(appWith(components)), asked)).toEqual(lines)
  })

  it('tells of one component how it stands, what was found, and whom was asked', () => {
    const one = component('one')
    const bundle = bundleFact(one, {
      outcome: 'invalid',
      from: 'a.json',
      sha256: 'aa',
      counts: [],
      builderAllowed: true,
      why: 'altered',
    })
    const graph = new GraphView(
      appWith([one], { facts: [signaturesFact(one, standing('refused', { required: ['sbom'], unmet: ['sbom'] })), bundle] }),
    )
    expect(signaturesOf(graph, one.id)).toEqual([
      'refused: because',
      'lacks an SBOM, which [trust] requires',
      'invalid: a.json; altered',
      'asked: folder a',
    ])
    expect([...attestationRows(graph)]).toEqual([
      {
        subject: one.id,
        component: 'one@1.0.0',
        outcome: 'invalid',
        from: 'a.json',
        sha256: 'aa',
        counts: [],
        builderAllowed: true,
        why: 'altered',
      },
    ])
    expect(signaturesOf(graph, zig.id)).toEqual([])
  })
})
