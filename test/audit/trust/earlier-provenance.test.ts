import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Fact } from '../../../src/model/graph.js'
import type { PublishingFact } from '../../../src/model/publishing-fact.js'
import { earlierVersionFact, publishingFact } from '../../../src/model/publishing-fact.js'
import type { TrustSettings } from '../../../src/model/trust-settings.js'
import { component } from '../../support/graphs.js'
import { CLAIMS, SigstoreInstance, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import { ACME_IDENTITY, AttestationFolder, lookAt, provenance, signedAs } from '../support/attestations.js'

const COMMIT = CLAIMS[13] ?? ''
const REPOSITORY = 'https://github.com/acme/widget'
const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const location = { file: 'lock', line: 1, column: 1 }

let instance: SigstoreInstance
let stranger: SigstoreInstance
const folder = new AttestationFolder()
const common: Partial<TrustSettings> = {}

beforeAll(async () => {
  instance = await SigstoreInstance.start()
  stranger = await SigstoreInstance.start()
  Object.assign(common, { roots: [folder.write('root.json', JSON.stringify(instance.rootJson()))], folders: [folder.path] })
})
afterAll(() => folder.close())

const crate = (of: string, version = '1.1.0'): Component =>
  component('widget', version, {
    claims: [{ digest: { of: 'artifact', algorithm: 'sha256', value: hex(of) }, statedBy: 'lock', location }],
  })
const following = (one: Component, of: string): Fact => earlierVersionFact(one, { version: '1.0.0', sha256: hex(of) })
const published = (one: Component, data: Partial<PublishingFact>): Fact =>
  publishingFact(one, { method: 'token', registry: 'crates.io', trustedOnly: false, ...data })
const named = (): Partial<TrustSettings> => ({ ...common, identities: [{ match: 'pkg:cargo/**', ...ACME_IDENTITY }] })

describe('provenance that an earlier version had', () => {
  it('is found in the same place, and accepted by the same rule, whose version is the earlier one', async () => {
    const one = crate('a-now')
    folder.put('sha256', hex('a-before'), await instance.signStatement(provenance({ sha256: hex('a-before') })))
    const { standing } = await lookAt([one], named(), { told: [following(one, 'a-before')] })
    expect(standing).toMatchObject({ outcome: 'none', earlier: { version: '1.0.0', outcome: 'provenance', signer: WORKFLOW } })
    // Only where something is told of an earlier version.
    expect((await lookAt([one], named())).standing?.earlier).toBeUndefined()
  })

  it('counts by what the registry says of its source, where no rule is about it', async () => {
    const one = crate('b-now')
    folder.put('sha256', hex('b-before'), await instance.signStatement(provenance({ sha256: hex('b-before') })))
    const earlier = async (...facts: Fact[]) =>
      (await lookAt([one], common, { told: [following(one, 'b-before'), ...facts] })).standing?.earlier
    const from = (earlierRepository: string): Fact => published(one, { earlier: '1.0.0', earlierRepository })
    expect(await earlier(from(REPOSITORY))).toMatchObject({ outcome: 'provenance' })
    expect(await earlier(from('https://github.com/mallory/widget'))).toMatchObject({ outcome: 'none' })
    expect(await earlier()).toMatchObject({ outcome: 'none' })
  })

  it.each<readonly [string, (sha256: string) => Promise<object>]>([
    ['of somebody else', (sha256) => instance.signStatement(provenance({ sha256 }), signedAs({ 12: 'https://github.com/m/w' }))],
    ['of another instance', (sha256) => stranger.signStatement(provenance({ sha256 }))],
    ['of other bytes', () => instance.signStatement(provenance({ sha256: hex('elsewhere') }))],
    [
      'that is none',
      (sha256) => instance.signStatement({ ...provenance({ sha256 }), predicateType: 'https://example.org/scan/v1' }),
    ],
  ])('is none where it is one %s', async (title, made) => {
    const one = crate(`${title} now`)
    folder.put('sha256', hex(title), await made(hex(title)))
    const { standing } = await lookAt([one], named(), { told: [following(one, title)] })
    expect(standing?.earlier).toEqual({ version: '1.0.0', outcome: 'none', signer: undefined })
  })

  it('is not looked for where this version has it, and is where it has none that is accepted', async () => {
    const one = crate('d-now', '1.0.0')
    folder.put('sha256', hex('d-before'), await instance.signStatement(provenance({ sha256: hex('d-before') })))
    folder.put('sha256', hex('d-now'), await instance.signStatement(provenance({ sha256: hex('d-now') })))
    const told = [following(one, 'd-before')]
    expect((await lookAt([one], named(), { told })).standing).toMatchObject({ outcome: 'verified', earlier: undefined })
    // Whoever puts a signature of their own beside it takes nothing away.
    const evil = signedAs({ 12: 'https://github.com/mallory/widget' })
    folder.put('sha256', hex('d-now'), await instance.signStatement(provenance({ sha256: hex('d-now') }), evil))
    expect((await lookAt([one], named(), { told })).standing).toMatchObject({
      outcome: 'refused',
      earlier: { outcome: 'provenance' },
    })
  })

  it('says nothing where somebody did not answer', async () => {
    const one = crate('e-now')
    folder.put('sha256', hex('e-before'), await instance.signStatement(provenance({ sha256: hex('e-before') })))
    const told = [following(one, 'e-before')]
    const { standing } = await lookAt([one], { ...named(), github: ['pkg:cargo/**'] }, { told })
    expect(standing).toMatchObject({ outcome: 'unknown', earlier: undefined })
  })
})

describe('the unsigned word of a registry', () => {
  it('names the source by which an identity is derived, as weak as that is', async () => {
    const one = crate('f', '1.0.0')
    folder.put('sha256', hex('f'), await instance.signStatement(provenance({ sha256: hex('f') })))
    const told = (data: Partial<PublishingFact>) => ({ told: [published(one, { method: 'trusted', ...data })] })
    const { standing, bundles } = await lookAt([one], common, told({ repository: REPOSITORY, commit: COMMIT }))
    expect(standing).toMatchObject({
      outcome: 'derived',
      why: expect.stringContaining(`crates.io (trusted publishing) names ${REPOSITORY}`),
      repository: REPOSITORY,
      commit: COMMIT,
      registry: 'crates.io',
    })
    expect(bundles).toMatchObject([{ outcome: 'accepted', basis: 'derived', commit: COMMIT }])
    expect((await lookAt([one], common, told({ repository: 'https://github.com/mallory/widget' }))).standing).toMatchObject({
      outcome: 'refused',
    })
    expect((await lookAt([one], common)).standing).toMatchObject({ outcome: 'unconstrained' })
    for (const repository of ['javascript:alert(1)', 'https://github.com.evil.example/acme/widget', 'x', undefined])
      expect((await lookAt([one], common, told({ repository }))).standing).toMatchObject({ outcome: 'unconstrained' })
  })
})
