import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { envelopeOf, legacyPart, payloadOf, SIMPLESIGNING } from '../../trust/oci/support/cosign-legacy.js'
import { hexOf } from '../../trust/oci/support/layout-maker.js'
import { SigstoreInstance, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import type { ImageRelease } from '../support/image-release.js'
import { inImageRelease, told } from '../support/image-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: ImageRelease) => Promise<void>): Promise<void> => inImageRelease(instance, run)

describe('cosign before version 3', () => {
  it('signatures and attestations by tag', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const payload = payloadOf(image)
      const signed = await instance.signMessage(Buffer.from(payload))
      own.add(
        own.referrer(undefined, 'application/vnd.oci.image.config.v1+json', [legacyPart(signed, payload)]),
        `sha256-${hexOf(image)}.sig`,
      )
      const attested = await own.attest(image)
      own.add(own.referrer(undefined, 'x/y', [legacyPart(attested, envelopeOf(attested))]), `sha256-${hexOf(image)}.att`)
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report.notes.map(({ reason }) => reason)).toEqual(['trust/bundle-legacy', 'trust/bundle-legacy'])
      expect(report.attachments.map(({ form, kind }) => `${kind} ${form}`).sort()).toEqual([
        'provenance cosign-legacy',
        'signature cosign-legacy',
      ])
      expect(report.attachments.flatMap(({ signature }) => signature?.signer?.name ?? [])).toEqual([WORKFLOW, WORKFLOW])
    }))

  it('a folder that `cosign save` wrote names them by kind', () =>
    release(async (own) => {
      const image = own.image('app')
      own.entries.push({ ...image, annotations: { kind: 'dev.cosignproject.cosign/image' } })
      const payload = payloadOf(image)
      const signature = own.referrer(undefined, 'x/y', [legacyPart(await instance.signMessage(Buffer.from(payload)), payload)])
      own.entries.push({ ...signature, annotations: { kind: 'dev.cosignproject.cosign/sigs' } })
      expect(told(await own.verify(''))).toBe('warn 0 trust/oci-no-provenance')
    }))

  it('a payload that names another image, or is none, or was altered', () =>
    release(async (own) => {
      const [image, other] = [own.add(own.image('app')), own.image('other')]
      const attach = async (payload: string, content = payload): Promise<void> => {
        const bundle = await instance.signMessage(Buffer.from(payload))
        own.attach(image, SIMPLESIGNING, [legacyPart(bundle, content)])
      }
      await attach(payloadOf(other))
      expect(told(await own.verify(`@${image.digest}`))).toBe('unknown 3 trust/attestation-missing')
      await attach(payloadOf(image).replace('cosign container', 'another'))
      expect(told(await own.verify(`@${image.digest}`))).toBe('fail 1 trust/predicate-invalid')
      await attach(payloadOf(other), payloadOf(image))
      const report = await own.verify(`@${image.digest}`)
      expect(report.signatures).toMatchObject({ verified: 0, invalid: 2, otherSubject: 1 })
    }))

  it('by a key, and by another one', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const payload = payloadOf(image)
      const annotations = {
        'dev.cosignproject.cosign/signature': sign('sha256', Buffer.from(payload), pair.privateKey).toString('base64'),
      }
      own.attach(image, SIMPLESIGNING, [{ mediaType: SIMPLESIGNING, content: payload, annotations }])
      const key = own.put('cosign.pub', pair.publicKey.export({ type: 'spki', format: 'pem' }))
      expect(told(await own.verify(`@${image.digest}`, { key: [key] }))).toBe('warn 0 trust/oci-no-provenance')
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' })
      const wrong = await own.verify(`@${image.digest}`, { key: [own.put('other.pub', other)] })
      expect(told(wrong)).toBe('fail 1 trust/key-wrong')
    }))
})
