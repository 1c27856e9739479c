import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { formatOciDigest } from '../../../../src/trust/oci/reference.js'
import { attachReferrer } from '../../../../src/trust/oci/registry/attach-referrer.js'
import { sbomReferrer } from '../../../../src/trust/oci/registry/new-referrers.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { between } from './support/between.js'
import { dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from './support/docker-registry.js'
import { ownRegistry } from './support/own-registry.js'
import { desk, got, image, pushImage, reading, replayOf, writing } from './support/runs.js'

const scratch = scratchFolder()
afterAll(scratch.remove)

describe.skipIf(!HAS_DOCKER_REGISTRY)(`a registry is read ${WITH_DOCKER_REGISTRY}`, () => {
  it('by tag and by digest: manifest, blob, what is attached; and a replay says the same', async () => {
    const { host } = await dockerRegistry()
    const writer = writing(host)
    const { manifest, layer } = await pushImage(writer, 'the layer', '1.2.3')
    const sbom = sbomReferrer({
      format: 'cyclonedx',
      bytes: Buffer.from('{"sbom":1}'),
      title: 'sbom.cdx.json',
      created: '2026-11-01T00:00:00Z',
    })
    const attached = got(await attachReferrer(writer, manifest.descriptor, sbom))
    expect(attached.listedBy).toBe('fallback-tag')

    const run = desk()
    const read = async (source: ReturnType<typeof reading>) => {
      const byTag = got(await source.document({ tag: '1.2.3' }))
      const byDigest = got(await source.document({ digest: byTag.digest }))
      const blob = got(await source.blob(layer.descriptor, 100))
      const referrers = got(await source.referrers(byTag.digest))
      const missing = [
        await source.document({ tag: 'absent' }),
        await source.referrers({ algorithm: 'sha256', hex: '0'.repeat(64) }),
      ]
      return { byTag, byDigest, blob: Buffer.from(blob), referrers, missing }
    }
    const seen = await read(reading(host, run))
    expect(formatOciDigest(seen.byTag.digest)).toBe(formatOciDigest(manifest.descriptor.digest))
    expect(seen.byDigest.bytes).toEqual(seen.byTag.bytes)
    expect(seen.blob.toString()).toBe('the layer')
    expect(seen.referrers).toMatchObject({ from: 'fallback-tag', notes: [] })
    expect(seen.referrers.descriptors.map(({ artifactType, digest }) => [artifactType, digest])).toEqual([
      ['application/vnd.cyclonedx+json', attached.descriptor.digest],
    ])
    expect(seen.missing).toEqual([
      { ok: false, kind: 'absent', why: `${host}/acme/app has no manifest absent` },
      { ok: true, value: { descriptors: [], from: 'fallback-tag', notes: [] } },
    ])

    const replay = replayOf(run)
    expect(await read(reading(host, replay.desk))).toEqual(seen)
    expect(replayOf(replay.desk).pack.equals(replay.pack)).toBe(true)
  })

  it('again with little asked: a tag on condition, what has a digest not at all', async () => {
    const { host, origin } = await dockerRegistry()
    const { manifest, layer } = await pushImage(writing(host), 'the layer', 'latest')
    const way = await between(origin)
    const store = openStore(join(scratch.folder, 'store'))
    const read = async (): Promise<string> => {
      const source = reading(way.host, desk({ store }))
      const { digest, document } = got(await source.document({ tag: 'latest' }))
      got(await source.document({ digest }))
      got(await source.blob(layer.descriptor, 100))
      return `${document.mediaType} ${formatOciDigest(digest)}`
    }
    const first = await read()
    expect(way.seen.map(({ path }) => path.split('/').at(-2))).toEqual(['manifests', 'manifests', 'blobs'])
    way.seen.length = 0
    expect(await read()).toBe(first)
    expect(way.seen.map(({ path, headers }) => [path, headers['if-none-match']])).toEqual([
      ['/v2/acme/app/manifests/latest', `"${formatOciDigest(manifest.descriptor.digest)}"`],
    ])
    // A tag that moved is seen.
    const moved = await pushImage(writing(host), 'another layer', 'latest')
    expect(await read()).toContain(moved.manifest.descriptor.digest.hex)
  })
})

describe('content named by sha512', () => {
  it('is compared with it', async () => {
    const registry = await ownRegistry()
    const { bytes, descriptor } = image('the layer').manifest
    const hex = createHash('sha512').update(bytes).digest('hex')
    const held = { type: descriptor.mediaType, bytes: Buffer.from(bytes) }
    registry.manifests.set(`sha512:${hex}`, held)
    registry.manifests.set(`sha512:${'0'.repeat(128)}`, held)
    registry.blobs.set(`sha512:${hex}`, Buffer.from(bytes))
    registry.blobs.set(`sha512:${'0'.repeat(128)}`, Buffer.from(bytes))
    const source = reading(registry.host)
    const digest = { algorithm: 'sha512', hex } as const
    expect(got(await source.document({ digest })).digest).toEqual(digest)
    expect(got(await source.blob({ ...descriptor, digest }, 1000))).toEqual(Buffer.from(bytes))
    const other = { algorithm: 'sha512', hex: '0'.repeat(128) } as const
    expect(await source.document({ digest: other })).toMatchObject({ reason: 'trust/oci-digest-mismatch' })
    expect(await source.blob({ ...descriptor, digest: other }, 1000)).toMatchObject({ reason: 'trust/oci-digest-mismatch' })
    expect(await source.blob({ ...descriptor, digest, size: bytes.length + 1 }, 1000)).toMatchObject({
      reason: 'trust/oci-size-mismatch',
    })
  })
})
