import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { predicateKind } from '../../../src/trust/predicate-kind.js'
import type { CertificateIdentity, ClaimName } from '../../../src/trust/sigstore/certificate-identity.js'
import type { BundleVerdict } from '../../../src/trust/sigstore/verdict.js'
import { judgeBuildLevel } from '../../../src/trust/slsa/build-level.js'
import { findContradictions } from '../../../src/trust/slsa/contradictions.js'
import { parseProvenance } from '../../../src/trust/slsa/provenance.js'
import type { Statement } from '../../../src/trust/statement.js'
import { parseStatement } from '../../../src/trust/statement.js'

const REPOSITORY = 'https://github.com/acme/widget'
const COMMIT = 'c'.repeat(40)
const RUN = `${REPOSITORY}/actions/runs/1/attempts/1`
const WORKFLOW = `${REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.0.0`
const GENERATOR = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml'

function statementOf(predicateType: string, predicate: object): Statement {
  const subject = [{ name: 'x', digest: { sha256: 'a'.repeat(64) } }]
  const parsed = parseStatement(
    Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate })),
  )
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.statement
}

const v1 = (
  change: { builderId?: string; parameters?: object; buildType?: string; ref?: string; commit?: string } = {},
): Statement =>
  statementOf('https://slsa.dev/provenance/v1', {
    buildDefinition: {
      buildType: change.buildType ?? 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: { repository: REPOSITORY, ref: change.ref ?? 'refs/tags/v1.0.0', path: '.github/workflows/release.yml' },
        ...change.parameters,
      },
      resolvedDependencies: [
        { uri: `git+${REPOSITORY}@${change.ref ?? 'refs/tags/v1.0.0'}`, digest: { gitCommit: change.commit ?? COMMIT } },
      ],
    },
    runDetails: {
      builder: { id: change.builderId ?? WORKFLOW },
      metadata: { invocationId: RUN, startedOn: '2026-01-01T00:00:00Z' },
    },
  })

const v02 = (builderId: string): Statement =>
  statementOf('https://slsa.dev/provenance/v0.2', {
    builder: { id: builderId },
    buildType: 'https://github.com/slsa-framework/slsa-github-generator/go@v1',
    invocation: {
      configSource: {
        uri: `git+${REPOSITORY}@refs/tags/v1.0.0`,
        digest: { sha1: COMMIT.toUpperCase() },
        entryPoint: '.github/workflows/release.yml',
      },
      parameters: {},
    },
    materials: [{ uri: `git+${REPOSITORY}@refs/tags/v1.0.0`, digest: { sha1: COMMIT } }],
    metadata: { buildInvocationId: '1-1' },
  })

function identityOf(change: { san?: string; claims?: Partial<Record<ClaimName, string>> } = {}): CertificateIdentity {
  const claims: Partial<Record<ClaimName, string>> = {
    issuer: 'https://token.actions.githubusercontent.com',
    'source-repository-uri': 'https://github.com/Acme/widget',
    'source-repository-digest': COMMIT,
    'source-repository-ref': 'refs/tags/v1.0.0',
    'build-config-uri': WORKFLOW.replace('acme', 'Acme'),
    'runner-environment': 'github-hosted',
    'run-invocation-uri': RUN,
    ...change.claims,
  }
  const entries: [ClaimName, string][] = []
  for (const [name, value] of Object.entries(claims)) {
    // Object.entries loses the type of the keys; they are those of the object above.
    if (value !== undefined) entries.push([name as ClaimName, value])
  }
  return { san: { kind: 'uri', value: change.san ?? WORKFLOW.replace('acme', 'Acme') }, claims: new Map(entries) }
}

function verdictOf(statement: Statement, identity = identityOf()): BundleVerdict {
  return { outcome: 'verified', checks: [], verifiedTimes: [], signer: { kind: 'certificate', identity }, statement }
}

describe('parseProvenance', () => {
  it('v1 and v0.2 give one model', () => {
    expect(parseProvenance(v1())).toMatchObject({
      ok: true,
      provenance: {
        version: 'v1',
        builderId: WORKFLOW,
        source: { repository: REPOSITORY, ref: 'refs/tags/v1.0.0', commit: COMMIT },
        entryPoint: '.github/workflows/release.yml',
        invocation: RUN,
        started: '2026-01-01T00:00:00Z',
      },
    })
    expect(parseProvenance(v02('b'))).toMatchObject({
      ok: true,
      provenance: {
        version: 'v0.2',
        builderId: 'b',
        source: { repository: REPOSITORY, ref: 'refs/tags/v1.0.0', commit: COMMIT },
        entryPoint: '.github/workflows/release.yml',
        dependencies: [{ uri: `git+${REPOSITORY}@refs/tags/v1.0.0` }],
      },
    })
  })

  it('the commit comes only from the dependency that is the source', () => {
    const statement = statementOf('https://slsa.dev/provenance/v1', {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: { workflow: { repository: REPOSITORY, path: 'x' } },
        resolvedDependencies: [{ uri: 'git+undefined@undefined', digest: { gitCommit: COMMIT } }],
      },
      runDetails: { builder: { id: 'b' } },
    })
    expect(parseProvenance(statement)).toMatchObject({
      ok: true,
      provenance: { source: { repository: REPOSITORY, commit: undefined } },
    })
  })

  const refused = [
    {
      name: 'another predicate',
      statement: statementOf('https://slsa.dev/provenance/v1-rc1', {}),
      why: 'https://slsa.dev/provenance/v1-rc1 is no SLSA provenance of a known version',
    },
    {
      name: 'v1 without builder',
      statement: statementOf('https://slsa.dev/provenance/v1', {}),
      why: 'the provenance lacks runDetails.builder.id',
    },
    {
      name: 'v0.2 without build type',
      statement: statementOf('https://slsa.dev/provenance/v0.2', { builder: { id: 'b' } }),
      why: 'the provenance lacks buildType',
    },
    {
      name: 'materials that are no list',
      statement: statementOf('https://slsa.dev/provenance/v0.2', { builder: { id: 'b' }, buildType: 't', materials: {} }),
      why: 'materials of the provenance is malformed',
    },
  ]
  for (const { name, statement, why } of refused)
    it(`refuses: ${name}`, () => expect(parseProvenance(statement)).toEqual({ ok: false, why }))

  it('never throws', () => {
    const types = fc.constantFrom('https://slsa.dev/provenance/v1', 'https://slsa.dev/provenance/v0.2')
    const part = fc.dictionary(
      fc.constantFrom('builder', 'buildType', 'invocation', 'materials', 'buildDefinition', 'runDetails', 'id'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(types, part, part, (type, outer, inner) => {
        parseProvenance(statementOf(type, { ...outer, buildDefinition: inner, runDetails: { builder: inner } }))
      }),
    )
  })
})

describe('findContradictions', () => {
  const provenance = (() => {
    const parsed = parseProvenance(v1())
    if (!parsed.ok) throw new Error(parsed.why)
    return parsed.provenance
  })()
  it('none where both agree, and none where one is silent', () => {
    expect(findContradictions(provenance, identityOf())).toEqual([])
    expect(findContradictions(provenance, { ...identityOf(), claims: new Map() })).toEqual([])
  })
  const cases: readonly [ClaimName, string, string][] = [
    ['source-repository-uri', 'https://github.com/acme/other', 'source repository'],
    ['source-repository-ref', 'refs/heads/main', 'ref'],
    ['source-repository-digest', 'd'.repeat(40), 'commit'],
    ['build-config-uri', `${REPOSITORY.replace('acme', 'Acme')}/.github/workflows/other.yml@refs/tags/v1.0.0`, 'workflow'],
    ['run-invocation-uri', `${REPOSITORY}/actions/runs/2/attempts/1`, 'run'],
  ]
  for (const [claim, value, field] of cases) {
    it(field, () => {
      const identity = identityOf({ claims: { [claim]: value } })
      expect(findContradictions(provenance, identity).map((each) => each.field)).toContain(field)
    })
  }
})

describe('judgeBuildLevel', () => {
  const expected = { sourceRepository: REPOSITORY, parameters: [] }
  const generatorSan = `${GENERATOR}@refs/tags/v2.1.0`
  const callerClaims = { claims: { 'build-config-uri': WORKFLOW.replace('acme', 'Acme') } } as const
  const cases: readonly {
    name: string
    verdict: BundleVerdict
    level: number
    reason?: string
    expectations?: typeof expected & { buildTypes?: string[] }
  }[] = [
    {
      name: 'own workflow on a hosted runner',
      verdict: verdictOf(v1({ builderId: 'https://github.com/actions/runner/github-hosted' })),
      level: 2,
    },
    {
      name: 'own workflow that names itself as builder',
      verdict: verdictOf(v1({ builderId: WORKFLOW.replace('acme', 'Acme') })),
      level: 2,
    },
    {
      name: 'own workflow on a runner of one’s own',
      verdict: verdictOf(
        v1({ builderId: 'https://github.com/actions/runner/self-hosted' }),
        identityOf({ claims: { 'runner-environment': 'self-hosted' } }),
      ),
      level: 1,
    },
    {
      name: 'claims a hosted runner, the certificate says self-hosted',
      verdict: verdictOf(
        v1({ builderId: 'https://github.com/actions/runner/github-hosted' }),
        identityOf({ claims: { 'runner-environment': 'self-hosted' } }),
      ),
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'generator at a release tag',
      verdict: verdictOf(v02(generatorSan), identityOf({ san: generatorSan, ...callerClaims })),
      level: 3,
    },
    {
      name: 'generator at a branch',
      verdict: verdictOf(
        v02(`${GENERATOR}@refs/heads/main`),
        identityOf({ san: `${GENERATOR}@refs/heads/main`, ...callerClaims }),
      ),
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'generator at a major tag',
      verdict: verdictOf(v02(`${GENERATOR}@refs/tags/v2`), identityOf({ san: `${GENERATOR}@refs/tags/v2`, ...callerClaims })),
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'writes the generator as builder, signs itself',
      verdict: verdictOf(v1({ builderId: generatorSan })),
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'reusable workflow of somebody else',
      verdict: verdictOf(
        v1({ builderId: 'https://github.com/actions/runner/github-hosted' }),
        identityOf({ san: 'https://github.com/x/y/.github/workflows/z.yml@refs/tags/v1.0.0' }),
      ),
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'another issuer',
      verdict: verdictOf(
        v1({ builderId: 'https://github.com/actions/runner/github-hosted' }),
        identityOf({ claims: { issuer: 'https://evil.example' } }),
      ),
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'contradicts its certificate',
      verdict: verdictOf(v1({ commit: 'd'.repeat(40) })),
      level: 0,
      reason: 'trust/provenance-contradiction',
    },
    {
      name: 'parameter not foreseen',
      verdict: verdictOf(v1({ builderId: 'https://github.com/actions/runner/github-hosted', parameters: { inputs: { x: 1 } } })),
      level: 1,
      reason: 'trust/parameters-unexpected',
    },
    {
      name: 'another source than expected',
      verdict: verdictOf(v1({ builderId: 'https://github.com/actions/runner/github-hosted' })),
      expectations: { sourceRepository: 'https://github.com/acme/other', parameters: [] },
      level: 1,
      reason: 'trust/source-unexpected',
    },
    {
      name: 'another build type than expected',
      verdict: verdictOf(v1({ builderId: 'https://github.com/actions/runner/github-hosted' })),
      expectations: { sourceRepository: REPOSITORY, parameters: [], buildTypes: ['x'] },
      level: 1,
      reason: 'trust/build-type-unexpected',
    },
    {
      name: 'refused bundle',
      verdict: { ...verdictOf(v1()), outcome: 'refused' },
      level: 0,
      reason: 'trust/provenance-unverified',
    },
    {
      name: 'bundle without policy',
      verdict: { ...verdictOf(v1()), outcome: 'unconstrained' },
      level: 0,
      reason: 'trust/provenance-unverified',
    },
    {
      name: 'signed with a key',
      verdict: { ...verdictOf(v1()), signer: { kind: 'key', name: 'k' } },
      level: 1,
      reason: 'trust/builder-untrusted',
    },
    {
      name: 'release statement is no provenance',
      verdict: verdictOf(statementOf('https://in-toto.io/attestation/release/v0.1', {})),
      level: 0,
      reason: 'trust/predicate-invalid',
    },
  ]
  for (const { name, verdict, level, reason, expectations } of cases) {
    it(`${name}: ${level}`, () => {
      const judged = judgeBuildLevel(verdict, expectations ?? expected)
      expect(judged.level).toBe(level)
      expect(judged.limits[0]?.reason).toBe(reason)
    })
  }

  it('foreseen parameters do not limit', () => {
    const statement = v1({ builderId: 'https://github.com/actions/runner/github-hosted', parameters: { inputs: {} } })
    expect(judgeBuildLevel(verdictOf(statement), { parameters: ['inputs'] }).level).toBe(2)
  })
})

describe('predicateKind', () => {
  for (const [type, kind] of [
    ['https://slsa.dev/provenance/v1', 'provenance'],
    ['https://slsa.dev/provenance/v1-rc1', 'unknown'],
    ['https://cyclonedx.org/bom', 'cyclonedx'],
    ['https://cyclonedx.org/bom/v1.6', 'cyclonedx'],
    ['https://cyclonedx.org/bombast', 'unknown'],
    ['https://spdx.dev/Document/v2.3', 'spdx'],
    ['https://openvex.dev/ns/v0.2.0', 'vex'],
    ['https://in-toto.io/attestation/release/v0.1', 'release'],
    ['https://sigstore.dev/cosign/sign/v1', 'cosign-signature'],
    ['__proto__', 'unknown'],
  ] as const) {
    it(type, () => expect(predicateKind(type)).toBe(kind))
  }
})
