import { beforeAll, describe, expect, it } from 'vitest'
import { releaseFacts } from '../../../src/audit/oci/release-facts.js'
import type { Fact } from '../../../src/model/graph.js'
import type { TrustSettings } from '../../../src/model/trust-settings.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import { type OwnRegistry, ownRegistry } from '../../trust/oci/registry/support/own-registry.js'
import { desk } from '../../trust/oci/registry/support/runs.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import type { ImageRelease } from '../support/image-release.js'
import { CYCLONEDX, inImageRelease } from '../support/image-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const at = { file: 'assay.toml', line: 5, column: 3 }
const BOM = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] }
const STRANGER = { san: 'https://github.com/Evil/widget/.github/workflows/release.yml@refs/tags/v1.0.0' }

const release = (run: (own: ImageRelease) => Promise<void>): Promise<void> => inImageRelease(instance, run)

/** A registry with the referrers API that holds what was made. */
async function serving(own: ImageRelease): Promise<OwnRegistry> {
  const registry = await ownRegistry()
  for (const [digest, bytes] of own.blobs) {
    const type = own.manifests.get(digest)
    if (type === undefined) registry.blobs.set(digest, Buffer.from(bytes))
    else registry.manifests.set(digest, { type, bytes: Buffer.from(bytes) })
  }
  return registry
}

async function factsOf(reference: string, trust: Partial<TrustSettings> = {}, bytes = false): Promise<readonly Fact[]> {
  const asking = desk()
  const session = { desk: asking, git: undefined, http: undefined, used: () => asking.used(), close: () => asking.close() }
  const images = [{ reference, location: at }]
  return releaseFacts({ images, trust: { ...NO_TRUST_SETTINGS, ...trust }, bytes, session: () => session })
}

const ofKind = (facts: readonly Fact[], kind: string): readonly Fact['data'][] =>
  facts.flatMap((fact) => (fact.kind === kind ? [fact.data] : []))

describe('what is published under a name', () => {
  it('counts by whom the settings name; without anybody, by being there', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await own.sign(image, STRANGER))
      own.attachBundle(image, await own.attest(image))
      own.attach(image, 'application/x.own', [{ mediaType: 'application/vnd.cyclonedx+json', content: BOM }])
      const { host } = await serving(own)
      const reference = `oci://${host}/acme/app@${image.digest}`
      const anybody = await factsOf(reference)
      expect(ofKind(anybody, 'oci/release-image')).toEqual([
        {
          reference,
          state: 'read',
          digest: image.digest,
          kinds: ['provenance', 'sbom', 'signature'],
          refused: [],
          policy: false,
        },
      ])
      expect(anybody.map(({ location }) => location)).toEqual(anybody.map(() => at))
      expect(
        ofKind(anybody, 'oci/artifact-type')
          .map(({ type }) => type)
          .sort(),
      ).toEqual([
        'application/vnd.dev.sigstore.bundle.v0.3+json',
        'application/vnd.dev.sigstore.bundle.v0.3+json',
        'application/vnd.oci.image.config.v1+json',
        'application/x.own',
      ])
      const trust = {
        roots: [own.put('root.json', instance.rootJson())],
        identities: [{ match: `oci://${host}/acme/*`, issuer: ISSUER, san: WORKFLOW }],
      }
      const [named] = ofKind(await factsOf(reference, trust), 'oci/release-image')
      expect(named).toMatchObject({ kinds: ['provenance', 'sbom'], policy: true })
      expect(named?.['refused']).toEqual([expect.stringMatching(/^signature: trust\/identity-mismatch: /)])
      // Of another repository: nobody is named.
      const elsewhere = { ...trust, identities: [{ match: 'oci://other.example/**', issuer: ISSUER, san: WORKFLOW }] }
      expect(ofKind(await factsOf(reference, elsewhere), 'oci/release-image')).toMatchObject([{ policy: false }])
    }))

  it('of an index counts where every image has it', () =>
    release(async (own) => {
      const parts = [own.image('amd64'), own.image('arm64')]
      const index = own.add(own.index(parts))
      for (const part of parts) own.attachBundle(part, await own.attest(part))
      for (const part of parts.slice(0, 1)) own.attachBundle(part, await own.sign(part))
      const { host } = await serving(own)
      const [fact] = ofKind(await factsOf(`oci://${host}/acme/app@${index.digest}`), 'oci/release-image')
      expect(fact).toMatchObject({ kinds: ['provenance'], partly: ['signature'] })
    }))

  it('an identity may say what may be stated, and by which builder', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await own.attest(image))
      own.attachBundle(image, await own.attest(image, BOM, CYCLONEDX))
      const { host } = await serving(own)
      const kinds = async (more: object): Promise<unknown> => {
        const trust = {
          roots: [own.put('root.json', instance.rootJson())],
          identities: [{ match: `oci://${host}/acme/*`, issuer: ISSUER, san: WORKFLOW, ...more }],
        }
        const [fact] = ofKind(await factsOf(`oci://${host}/acme/app@${image.digest}`, trust), 'oci/release-image')
        return fact?.['kinds']
      }
      expect(await kinds({})).toEqual(['provenance', 'sbom'])
      expect(await kinds({ predicateTypes: [CYCLONEDX] })).toEqual(['sbom'])
      expect(await kinds({ builders: ['https://builder.example'] })).toEqual(['sbom'])
      expect(await kinds({ builders: [WORKFLOW] })).toEqual(['provenance', 'sbom'])
    }))

  it('an identity with nothing that could sign it is a wrong configuration', async () => {
    const keys = ['RWSGOq2NVecA2UPNdBUZykf1CCb147pkmdtYxgb3Ti+JO/wCYvhbAb/U']
    const named = factsOf('oci://127.0.0.1:1/acme/app', { identities: [{ match: 'oci://127.0.0.1:1/acme/*', keys }] })
    await expect(named).rejects.toMatchObject({ code: 'configuration' })
  })

  it('is other bytes, is not there, is not known', () =>
    release(async (own) => {
      const [image, other] = [own.add(own.image('app')), own.image('other')]
      const index = own.add(own.index([image]))
      const registry = await serving(own)
      const altered = registry.manifests.get(other.digest)
      if (altered !== undefined) registry.manifests.set(image.digest, altered)
      const name = `oci://${registry.host}/acme/app`
      expect(ofKind(await factsOf(`${name}@${image.digest}`), 'oci/content-mismatch')).toMatchObject([
        { reason: 'trust/oci-digest-mismatch' },
      ])
      expect(ofKind(await factsOf(`${name}@${index.digest}`), 'oci/content-mismatch')).toMatchObject([
        { reason: 'trust/oci-digest-mismatch' },
      ])
      const [layer] = [...registry.blobs].filter(([, content]) => content.toString() === 'layer of other')
      registry.manifests.set('other', altered ?? { type: '', bytes: Buffer.of() })
      registry.blobs.set(layer?.[0] ?? '', Buffer.from('layer of OTHER'))
      expect(ofKind(await factsOf(`${name}:other`), 'oci/content-mismatch')).toEqual([])
      expect(ofKind(await factsOf(`${name}:other`, {}, true), 'oci/content-mismatch')).toMatchObject([
        { reason: 'trust/oci-digest-mismatch' },
      ])
      const states = async (reference: string): Promise<unknown> =>
        ofKind(await factsOf(reference), 'oci/release-image')[0]?.['state']
      expect(await states(`${name}@${image.digest}`)).toBe('refused')
      expect(await states(`${name}:none`)).toBe('absent')
      expect(await states('oci://127.0.0.1:1/acme/app:v1')).toBe('unavailable')
      expect(await states('oci://UPPER/x')).toBe('absent')
    }))
})
