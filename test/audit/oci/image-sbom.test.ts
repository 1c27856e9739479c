import { beforeAll, describe, expect, it } from 'vitest'
import { hexOf } from '../../trust/oci/support/layout-maker.js'
import { SigstoreInstance } from '../../trust/support/sigstore-instance.js'
import { statement } from '../support/artifact-release.js'
import type { ImageRelease } from '../support/image-release.js'
import { CYCLONEDX, inImageRelease, SIGNER } from '../support/image-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: ImageRelease) => Promise<void>): Promise<void> => inImageRelease(instance, run)
const BOM = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'attested' }] }
const PLAIN_BOM = { bomFormat: 'CycloneDX', specVersion: '1.5', components: [{ name: 'unsigned' }] }
const SPDX = { spdxVersion: 'SPDX-2.3', name: 'spdx' }
const STRANGER = { san: 'https://github.com/Evil/widget/.github/workflows/release.yml@refs/tags/v1.0.0' }

describe('the SBOM of an image', () => {
  it('is the one that the named signer attests, before any that nobody signed', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attach(image, 'application/vnd.cyclonedx+json', [{ mediaType: 'application/vnd.cyclonedx+json', content: PLAIN_BOM }])
      own.attachBundle(image, await own.attest(image, BOM, CYCLONEDX))
      const sbom = await own.sbom(`@${image.digest}`)
      expect(JSON.parse(sbom.text)).toEqual(BOM)
      expect(sbom).toMatchObject({
        verified: true,
        exitCode: 0,
        notice: undefined,
        format: 'CycloneDX 1.6 (json)',
        about: image.digest,
      })
    }))

  it('says so where it is about a part of an index only', () =>
    release(async (own) => {
      const parts = [own.image('amd64'), own.image('arm64')]
      const index = own.add(own.index(parts.map((part) => ({ ...part, platform: { os: 'linux', architecture: 'x86' } }))), 'v1')
      for (const part of parts.slice(0, 1)) own.attachBundle(part, await own.attest(part, BOM, CYCLONEDX))
      const sbom = await own.sbom(`@${index.digest}`)
      expect(sbom).toMatchObject({
        verified: true,
        exitCode: 0,
        about: parts[0]?.digest,
        notice: `this SBOM is about one of its 2 parts alone: linux/x86 ${parts[0]?.digest}`,
      })
    }))

  it('that nobody signed comes as it was attached, with a notice, and 3 where somebody was named', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const text = `${JSON.stringify(PLAIN_BOM, undefined, 3)}\r\n`
      own.attach(image, 'application/vnd.cyclonedx+json', [{ mediaType: 'application/vnd.cyclonedx+json', content: text }])
      const named = await own.sbom(`@${image.digest}`)
      expect(named).toMatchObject({ text, verified: false, exitCode: 3, notice: expect.stringContaining('by whom you named') })
      expect(await own.sbom(`@${image.digest}`, {})).toMatchObject({
        text,
        verified: false,
        exitCode: 0,
        notice: expect.stringContaining('nothing says who'),
      })
    }))

  it('is never one whose attestation was refused', () =>
    release(async (own) => {
      const [image, other] = [own.add(own.image('app')), own.image('other')]
      own.attachBundle(image, await own.attest(image, BOM, CYCLONEDX, STRANGER))
      own.attachBundle(image, await own.attest(other, BOM, CYCLONEDX))
      await expect(own.sbom(`@${image.digest}`)).rejects.toMatchObject({
        code: 'input-unreadable',
        message: expect.stringMatching(
          /sbom \(trust\/attestation-other-subject\).*sbom \(trust\/identity-mismatch\)|sbom \(trust\/identity-mismatch\).*sbom \(trust\/attestation-other-subject\)/,
        ),
      })
      // Where nobody is named nothing is refused, and that is said.
      expect(await own.sbom(`@${image.digest}`, {})).toMatchObject({
        verified: false,
        notice: expect.stringContaining('nobody vouches'),
      })
    }))

  it('is chosen by format, version and encoding', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const put = (mediaType: string, content: object | string): void => {
        own.attach(image, mediaType, [{ mediaType, content }])
      }
      put(
        'application/vnd.cyclonedx+xml',
        '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1"/>',
      )
      put('application/vnd.cyclonedx+xml', BOM)
      put('text/spdx', 'SPDXVersion: SPDX-2.2\nDataLicense: CC0-1.0\n')
      put('application/spdx+json', SPDX)
      const formatOf = async (format: string): Promise<string> => (await own.sbom(`@${image.digest}`, { format })).format
      expect(await formatOf('cyclonedx-1.6')).toBe('CycloneDX 1.6 (json)')
      expect(await formatOf('cyclonedx-1.6-json')).toBe('CycloneDX 1.6 (json)')
      expect(await formatOf('cyclonedx-1.4-xml')).toBe('CycloneDX 1.4 (xml)')
      expect(await formatOf('spdx-2.3')).toBe('SPDX 2.3 (json)')
      expect(await formatOf('spdx-2.2-tag-value')).toBe('SPDX 2.2 (tag-value)')
      await expect(own.sbom(`@${image.digest}`, { format: 'cyclonedx-1.7' })).rejects.toMatchObject({
        code: 'input-unreadable',
        message: expect.stringContaining('CycloneDX 1.6 (json), unsigned'),
      })
      await expect(own.sbom(`@${image.digest}`, { format: 'swid' })).rejects.toMatchObject({ code: 'usage' })
    }))

  it('of BuildKit, and one that old cosign wrapped, are found', () =>
    release(async (own) => {
      const image = own.image('amd64')
      const statements = own.referrer(undefined, 'x/y', [
        { mediaType: 'application/vnd.in-toto+json', content: statement(SPDX, hexOf(image), 'https://spdx.dev/Document') },
      ])
      const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': image.digest }
      const index = own.add(own.index([image, { ...statements, annotations }]))
      expect(await own.sbom(`@${index.digest}`, {})).toMatchObject({
        format: 'SPDX 2.3 (json)',
        about: image.digest,
        verified: false,
      })
      own.attachBundle(index, await own.attest(index, { Data: JSON.stringify(BOM) }, CYCLONEDX))
      const wrapped = await own.sbom(`@${index.digest}`)
      expect([wrapped.verified, JSON.parse(wrapped.text)]).toEqual([true, BOM])
    }))

  it('is none where nothing is attached', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await expect(own.sbom(`@${image.digest}`, SIGNER)).rejects.toMatchObject({
        code: 'input-unreadable',
        message: expect.stringContaining('nothing is attached'),
      })
    }))

  it('that could act on a terminal is no SBOM', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attach(image, 'text/spdx', [{ mediaType: 'text/spdx', content: 'SPDXVersion: SPDX-2.2\n\u001b[2J' }])
      await expect(own.sbom(`@${image.digest}`, {})).rejects.toMatchObject({ code: 'input-unreadable' })
    }))
})
