import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PolicyMaker } from '../../../src/audit/trust/component-policy.js'
import type { Session } from '../../../src/evidence/session.js'
import { openSession } from '../../../src/evidence/session.js'
import type { Component } from '../../../src/model/component.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { TrustSettings } from '../../../src/model/trust-settings.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { preAuthEncoding } from '../../../src/trust/dsse.js'
import { type BundleMemo, verifyBundle } from '../../../src/trust/sigstore/verifier.js'
import { component } from '../../support/graphs.js'
import { CLAIMS, ISSUER, SigstoreInstance, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import { ACME_IDENTITY, AttestationFolder, lookAt, provenance, signedAs } from '../support/attestations.js'

const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const crate = (name: string): Component =>
  component(name, '1.0.0', {
    claims: [
      {
        digest: { of: 'artifact', algorithm: 'sha256', value: hex(name) },
        statedBy: 'lock',
        location: { file: 'Cargo.lock', line: 1, column: 1 },
      },
    ],
  })
const of = (name: string): Readonly<Record<string, string>> => ({ sha256: hex(name) })

let instance: SigstoreInstance
const folder = new AttestationFolder()
let common: Partial<TrustSettings>
const OURS: TrustSettings['identities'][number] = { match: 'pkg:cargo/**', ...ACME_IDENTITY }
const NEEDED: TrustSettings['require'] = [{ match: 'pkg:cargo/**', kind: 'provenance' }]

beforeAll(async () => {
  instance = await SigstoreInstance.start()
  common = {
    roots: [folder.write('root.json', JSON.stringify(instance.rootJson()))],
    folders: [folder.path],
    identities: [OURS],
    require: NEEDED,
  }
})
afterAll(() => folder.close())

describe('what decides', () => {
  it('one that is accepted, whatever stands beside it', async () => {
    const stranger = await instance.signStatement(provenance(of('beside')), {
      san: 'mallory@example.org',
      claims: { 8: 'https://id.example' },
    })
    const elsewhere = await instance.signStatement(provenance(of('other')))
    folder.put(
      'sha256',
      hex('beside'),
      '{"mediaType":1}',
      stranger,
      elsewhere,
      await instance.signStatement(provenance(of('beside'))),
    )
    const { evidence, standing, bundles } = await lookAt([crate('beside')], common)
    expect(bundles.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'invalid', 'other-signer', 'other-subject'])
    expect(standing).toMatchObject({ outcome: 'verified', unmet: [] })
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['match'])
  })

  it('the first identity that matches, though a later one would accept', async () => {
    folder.put('sha256', hex('first'), await instance.signStatement(provenance(of('first'))))
    const nobody = { match: 'pkg:cargo/first', issuer: ISSUER, ownerId: '1' }
    const first = await lookAt([crate('first')], { ...common, identities: [nobody, OURS] })
    expect(first.standing).toMatchObject({ outcome: 'refused', rule: 'pkg:cargo/first' })
    expect((await lookAt([crate('first')], { ...common, identities: [OURS, nobody] })).standing?.outcome).toBe('verified')
  })

  it('nothing of a stranger’s signature where nobody asked for one', async () => {
    const stranger = { san: 'mallory@example.org', claims: { 8: 'https://id.example' } }
    folder.put('sha256', hex('unasked'), await instance.signStatement(provenance(of('unasked')), stranger), '{"mediaType":1}')
    const { evidence } = await lookAt([crate('unasked')], { ...common, identities: [], require: [] })
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['not-checkable'])
  })

  it('builders and statements of the list', async () => {
    folder.put('sha256', hex('listed'), await instance.signStatement(provenance(of('listed'))))
    const look = async (identity: object) =>
      (await lookAt([crate('listed')], { ...common, identities: [{ ...OURS, ...identity }] })).bundles
    expect(await look({ builders: ['https://github.com/actions/runner/github-hosted'] })).toMatchObject([
      { builderAllowed: true, level: 2 },
    ])
    expect(await look({ builders: ['https://builder.example'] })).toMatchObject([
      { outcome: 'accepted', builderAllowed: false, counts: [] },
    ])
    expect(await look({ predicateTypes: ['https://slsa.dev/provenance/v1/'] })).toMatchObject([
      { counts: ['signature', 'provenance'] },
    ])
    expect(await look({ predicateTypes: ['https://cyclonedx.org/bom'] })).toMatchObject([{ outcome: 'accepted', counts: [] }])
  })

  it('a builder of the settings, with its signer', async () => {
    const san = 'https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v2.0.0'
    const claims = { ...CLAIMS, 9: san }
    folder.put(
      'sha256',
      hex('builder'),
      await instance.signStatement(provenance(of('builder'), { builder: 'https://ci.acme.example' }), { san, claims }),
    )
    const builder = {
      id: 'https://ci.acme.example',
      signerWorkflow: 'https://github.com/acme/ci/.github/workflows/build.yml',
      level: 3 as const,
    }
    const level = async (builders: TrustSettings['builders']) =>
      (await lookAt([crate('builder')], { ...common, builders })).standing?.level
    expect(await level([])).toBe(1)
    expect(await level([builder])).toBe(3)
    expect(await level([{ ...builder, issuer: 'https://other.example' }])).toBe(1)
    expect(await level([{ ...builder, signerWorkflow: 'https://github.com/acme/ci/.github/workflows/other.yml' }])).toBe(1)
  })

  it('what says how it was made: a scan counts as nothing, an SBOM as one', async () => {
    const statement = (predicateType: string, name: string): object => ({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: of(name) }],
      predicateType,
      predicate: {},
    })
    folder.put(
      'sha256',
      hex('scanned'),
      await instance.signStatement(statement('https://in-toto.io/attestation/vulns/v0.2', 'scanned')),
    )
    expect((await lookAt([crate('scanned')], common)).standing).toMatchObject({ outcome: 'none', unmet: ['provenance'] })
    folder.put('sha256', hex('sbom'), await instance.signStatement(statement('https://cyclonedx.org/bom', 'sbom')))
    const both = [...NEEDED, { match: 'pkg:cargo/sbom', kind: 'sbom' } as const]
    expect((await lookAt([crate('sbom')], { ...common, require: both })).standing).toMatchObject({
      outcome: 'verified',
      required: ['provenance', 'sbom'],
      unmet: ['provenance'],
    })
  })

  it('a file with more signatures than are judged is open, not missing', async () => {
    folder.put('sha256', hex('full'), ...Array.from({ length: 300 }, () => '{"mediaType":1}'))
    const { standing, evidence } = await lookAt([crate('full')], common)
    expect(standing).toMatchObject({ outcome: 'unknown', unmet: ['provenance'] })
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['unavailable'])
  })

  it('a signed commit is a signature', async () => {
    const commit = 'a'.repeat(40)
    const git = component('git', '1.0.0', { source: { kind: 'git', url: 'https://git.example/x', commit } })
    const signed: Evidence = {
      subject: git.id,
      check: 'git/commit-signature',
      verdict: 'match',
      authority: { kind: 'signature', name: 'https://git.example/x' },
    }
    const require = [{ match: 'pkg:cargo/git', kind: 'signature' } as const]
    const unmet = async (evidence: readonly Evidence[]) =>
      (await lookAt([git], { ...common, require }, { evidence })).standing?.unmet
    expect(await unmet([signed])).toEqual([])
    expect(await unmet([{ ...signed, verdict: 'absent' }])).toEqual(['signature'])
  })

  it('a repository that does not answer leaves open whether its commit is signed, where somebody is named who may', async () => {
    const url = 'https://git.example/x'
    const git = component('git', '1.0.0', { source: { kind: 'git', url, commit: 'a'.repeat(40) } })
    const silent: Evidence = {
      subject: git.id,
      check: 'git/commit-signature',
      verdict: 'unavailable',
      authority: { kind: 'signature', name: url },
      why: 'it did not answer',
    }
    const require = [{ match: 'pkg:cargo/git', kind: 'signature' } as const]
    const settings = { ...common, require, allowedSigners: ['signers'] }
    const { standing, evidence } = await lookAt([git], settings, { evidence: [silent] })
    expect(standing).toMatchObject({
      outcome: 'unknown',
      unmet: ['signature'],
      unanswered: [url],
      unansweredWhy: ['it did not answer'],
    })
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['unavailable'])
    const nobody = await lookAt([git], { ...settings, allowedSigners: [] }, { evidence: [silent] })
    expect(nobody.standing).toMatchObject({ outcome: 'none', unanswered: [] })
    const provenanceAlone = [{ match: 'pkg:cargo/git', kind: 'provenance' } as const]
    const other = await lookAt([git], { ...settings, require: provenanceAlone }, { evidence: [silent] })
    expect(other.standing).toMatchObject({ outcome: 'none', unanswered: [] })
  })

  it.each([
    ['go', 'v2.0.0+incompatible', 'refs/tags/v2.0.0'],
    ['go', 'v1.0.0', 'refs/tags/v1.0.0'],
    ['cargo', 'v2.0.0+incompatible', 'refs/tags/v2.0.0+incompatible'],
    ['zig', undefined, 'refs/tags/{version}'],
    ['cargo', '{name}$&', 'refs/tags/{name}$&'],
  ])('a ref with the version of a %s component, %s: %s', async (ecosystem, version, ref) => {
    const maker = new PolicyMaker({ roots: [], embeddedRoot: true })
    const named = { ecosystem, name: 'x', version } as const
    const { policy } = await maker.policyFor(named, { ...OURS, refs: ['refs/tags/{version}'] }, undefined)
    expect(policy.certificate?.refs).toEqual([ref])
  })

  it('gives the same in every run', async () => {
    const crates = ['beside', 'first', 'listed', 'builder', 'sbom', 'nothing-there'].map(crate)
    expect(await lookAt(crates, common)).toEqual(await lookAt(crates, common))
  })
})

describe('keys', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const envelope = (name: string): object => {
    const payload = Buffer.from(JSON.stringify(provenance(of(name))))
    const sig = sign('sha256', preAuthEncoding('application/vnd.in-toto+json', payload), privateKey)
    return {
      payload: payload.toString('base64'),
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig: sig.toString('base64') }],
    }
  }

  it('accept what they signed, at level 1, and nothing else', async () => {
    const key = folder.write('acme.pem', String(publicKey.export({ type: 'spki', format: 'pem' })))
    const identities = [{ match: 'pkg:cargo/**', keys: [key] }]
    folder.put('sha256', hex('keyed'), envelope('keyed'))
    const { standing, bundles } = await lookAt([crate('keyed')], { ...common, identities })
    expect(standing).toMatchObject({ outcome: 'verified', level: 1 })
    expect(bundles).toMatchObject([{ outcome: 'accepted', signer: 'acme.pem' }])
    folder.put('sha256', hex('certified'), await instance.signStatement(provenance(of('certified'))))
    expect((await lookAt([crate('certified')], { ...common, identities })).bundles).toMatchObject([{ outcome: 'other-signer' }])
    const other = folder.write(
      'other.pem',
      String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' })),
    )
    expect(
      (await lookAt([crate('keyed')], { ...common, identities: [{ match: 'pkg:cargo/**', keys: [other] }] })).standing?.outcome,
    ).toBe('refused')
  })

  it('that are none end the run with what is wrong', async () => {
    const identities = [{ match: 'pkg:cargo/**', keys: [folder.write('none.pem', 'no key')] }]
    await expect(lookAt([crate('keyed')], { ...common, identities })).rejects.toMatchObject({ code: 'configuration' })
    const minisign = folder.write(
      'minisign.pub',
      'untrusted comment: key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n',
    )
    await expect(
      lookAt([crate('keyed')], { ...common, identities: [{ match: 'pkg:cargo/**', keys: [minisign] }] }),
    ).rejects.toThrow('minisign.pub is a key of minisign')
  })
})

describe('private names', () => {
  it('are not told to a public host', async () => {
    const templates = [{ match: 'pkg:cargo/**', url: 'https://github.com/{name}/{digest}' }]
    const sources = { ...DEFAULT_CONFIG.settings.sources, internal: ['cargo:corp-*'] }
    const { standing } = await lookAt([crate('corp-secret')], { ...common, folders: [], templates }, { sources })
    expect(standing).toMatchObject({ outcome: 'not-asked', unmet: ['provenance'] })
    expect(standing?.why).toContain('its name is internal')
  })
})

describe('URLs of the settings', () => {
  let server: Server
  let url: string
  let session: Session
  const answers = new Map<string, string | number>()
  const asked: string[] = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const answer = answers.get(request.url ?? '') ?? 404
      if (typeof answer === 'number') response.writeHead(answer).end()
      else response.end(answer)
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const address = server.address() as AddressInfo
    url = `http://127.0.0.1:${address.port}`
    session = await openSession({ offline: false, store: false, environment: {}, retries: 0, timeoutMs: 2000, budgetMs: 10_000 })
  })
  afterAll(async () => {
    await session.close()
    server.close()
  })

  const look = (name: string) =>
    lookAt(
      [crate(name)],
      { ...common, folders: [], templates: [{ match: 'pkg:cargo/**', url: `${url}/{name}/{version}/{digest}.jsonl` }] },
      { desk: session.desk },
    )
  const path = (name: string): string => `/${name}/1.0.0/${hex(name)}.jsonl`

  it('are asked for each component; what is not there is missing, an outage is not', async () => {
    answers.set(path('served'), JSON.stringify(await instance.signStatement(provenance(of('served')))))
    answers.set(path('down'), 503)
    expect((await look('served')).standing).toMatchObject({
      outcome: 'verified',
      asked: [`${url}/{name}/{version}/{digest}.jsonl`],
    })
    const gone = await look('gone')
    expect([gone.standing?.outcome, gone.evidence.map(({ verdict }) => verdict)]).toEqual(['none', ['absent']])
    const down = await look('down')
    expect([down.standing?.outcome, down.evidence.map(({ verdict }) => verdict)]).toEqual(['unknown', ['unavailable']])
    expect(asked).toEqual([path('served'), path('gone'), path('down')])
  })
})

describe('a bundle of many components', () => {
  it('is verified once, and bound to each', async () => {
    const names = ['many-a', 'many-b']
    const statement = provenance({})
    const subject = names.map((name) => ({ name, digest: of(name) }))
    const bundle = Buffer.from(JSON.stringify(await instance.signStatement({ ...statement, subject })))
    const memo: BundleMemo = new Map()
    const judge = (name: string, san = WORKFLOW) =>
      verifyBundle({
        bundle,
        artifact: { anchors: [{ of: 'artifact', algorithm: 'sha256', value: hex(name) }] },
        roots: [instance.root()],
        signer: { kind: 'certificate', issuer: ISSUER, san },
        memo,
      })
    const outcomes = [
      await judge('many-a'),
      await judge('many-b'),
      await judge('many-c'),
      await judge('many-a', signedAs({}, 'x').san),
    ]
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['verified', 'verified', 'refused', 'refused'])
    expect(memo.size).toBe(1)
  })
})
