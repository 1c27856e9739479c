import { describe, expect, it } from 'vitest'
import { formatOciDigest } from '../../../../src/trust/oci/reference.js'
import { attachReferrer } from '../../../../src/trust/oci/registry/attach-referrer.js'
import { sbomReferrer } from '../../../../src/trust/oci/registry/new-referrers.js'
import { dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from './support/docker-registry.js'
import { desk, got, pushImage, reading, replayOf, writing } from './support/runs.js'

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
})
