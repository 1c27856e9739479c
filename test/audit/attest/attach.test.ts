import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatOciDigest } from '../../../src/trust/oci/reference.js'
import { dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from '../../trust/oci/registry/support/docker-registry.js'
import { ownRegistry } from '../../trust/oci/registry/support/own-registry.js'
import { got, pushImage, REPOSITORY, reading, writing } from '../../trust/oci/registry/support/runs.js'
import { inProject, told } from '../support/attested-project.js'

const SBOM = '{"bomFormat":"CycloneDX","specVersion":"1.6"}'
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** Attests an image of the registry at `host`, and reads back what hangs on it. */
async function attached(host: string): Promise<void> {
  const { manifest } = await pushImage(writing(host), 'the layer')
  const digest = formatOciDigest(manifest.descriptor.digest)
  const image = `oci:${host}/${REPOSITORY}@${digest}`
  await inProject(async ({ attest, verify, put, at }) => {
    const sbom = put('app.cdx.json', SBOM)
    for (const time of [1, 2]) {
      const { report } = await attest({ attach: image, sboms: [sbom] })
      expect(report.subjects).toEqual([
        { name: `${host}/${REPOSITORY}`, algorithm: 'sha256', digest: manifest.descriptor.digest.hex },
      ])
      expect(report.attached.map(({ artifactType }) => artifactType)).toEqual(['application/vnd.cyclonedx+json', BUNDLE, BUNDLE])
      const { descriptors } = got(await reading(host).referrers(manifest.descriptor.digest))
      // Signatures by ECDSA differ; the SBOM itself is there once.
      expect(descriptors.filter(({ artifactType }) => artifactType === 'application/vnd.cyclonedx+json')).toHaveLength(1)
      expect(descriptors.filter(({ artifactType }) => artifactType === BUNDLE)).toHaveLength(2 * time)
      expect([
        ...(descriptors.find(
          ({ annotations }) =>
            annotations.get('dev.sigstore.bundle.predicateType') === 'https://slsa.dev/verification_summary/v1',
        )?.annotations ?? []),
      ]).toContainEqual(['dev.sigstore.bundle.content', 'dsse-envelope'])
      const last = report.attached.at(-1)
      const referrer = descriptors.find((one) => formatOciDigest(one.digest) === last?.digest)
      if (referrer === undefined) throw new Error('what was attached is not listed')
      const { document } = got(await reading(host).document({ digest: referrer.digest }))
      const [layer] = document.kind === 'manifest' ? document.layers : []
      if (layer === undefined) throw new Error('a bundle without its layer')
      const bytes = got(await reading(host).blob(layer, 1 << 20))
      expect(Buffer.from(bytes).toString()).toBe(readFileSync(`${sbom}.sigstore.json`, 'utf8'))
    }
    // It is a decision about the image, and about nothing else.
    expect(told(await verify())).toBe('refused 1; subject: trust/vsa-other-subject')
    expect(existsSync(at('out/vsa.sigstore.json'))).toBe(true)
  })
}

describe('what is signed is attached to an image', () => {
  it('of a registry that lists referrers', async () => {
    await attached((await ownRegistry()).host)
  })

  it.skipIf(!HAS_DOCKER_REGISTRY)(`of a registry that lists none, ${WITH_DOCKER_REGISTRY}`, async () => {
    await attached((await dockerRegistry()).host)
  })

  it('only by its digest, and only one that is there', async () => {
    const { host } = await ownRegistry()
    await inProject(async ({ attest, at }) => {
      for (const [attach, code] of [
        [`oci:${host}/${REPOSITORY}:v1`, 'usage'],
        [`oci:${host}/${REPOSITORY}@sha512:${'0'.repeat(128)}`, 'usage'],
        ['oci-layout:folder', 'usage'],
        [`oci:${host}/${REPOSITORY}@sha256:${'0'.repeat(64)}`, 'input-unreadable'],
      ] as const)
        await expect(attest({ attach })).rejects.toMatchObject({ code })
      expect(existsSync(at('out'))).toBe(false)
    })
  })

  it('a registry that takes nothing is told, and what was signed stays', async () => {
    let broken = false
    const { host } = await ownRegistry({ location: (upload) => (broken ? 'ftp://elsewhere.example/' : upload) })
    const { manifest } = await pushImage(writing(host), 'the layer')
    broken = true
    const attach = `oci:${host}/${REPOSITORY}@${formatOciDigest(manifest.descriptor.digest)}`
    await inProject(async ({ attest, at }) => {
      await expect(attest({ attach })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/^0 of 1 were attached to /),
      })
      expect(existsSync(at('out/vsa.sigstore.json'))).toBe(true)
    })
  })
})
