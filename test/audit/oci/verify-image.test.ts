import { generateKeyPairSync, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { preAuthEncoding } from '../../../src/trust/dsse.js'
import { parsePublicKey } from '../../../src/trust/public-key.js'
import { envelopeOf } from '../../trust/oci/support/cosign-legacy.js'
import { BUNDLE, hexOf } from '../../trust/oci/support/layout-maker.js'
import { CLAIMS, ISSUER, SigstoreInstance } from '../../trust/support/sigstore-instance.js'
import { provenance, REPOSITORY, statement } from '../support/artifact-release.js'
import type { ImageRelease } from '../support/image-release.js'
import { CYCLONEDX, inImageRelease, PROVENANCE, SIGN, SIGNER, told } from '../support/image-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: ImageRelease) => Promise<void>): Promise<void> => inImageRelease(instance, run)
const STRANGER = { san: 'https://github.com/Evil/widget/.github/workflows/release.yml@refs/tags/v1.0.0' }
const BOM = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] }

/** A bundle whose signature is another one. */
function spoilt(bundle: object): object {
  const copy = JSON.parse(JSON.stringify(bundle))
  const [signature] = copy.dsseEnvelope.signatures
  const bytes = Buffer.from(signature.sig, 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  signature.sig = bytes.toString('base64')
  return copy
}

describe('pass', () => {
  it('signature and provenance of the named signer, about this digest', () =>
    release(async (own) => {
      const image = own.add(own.image('app'), 'v1')
      await own.release(image)
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report).toMatchObject({
        artifact: { digest: image.digest, parts: [] },
        signatures: { verified: 1, invalid: 0 },
        provenance: { verified: 1, level: 2 },
        demands: [
          { kind: 'signature', outcome: 'verified' },
          { kind: 'provenance', outcome: 'verified' },
        ],
      })
      expect(report.attachments.map(({ kind }) => kind).sort()).toEqual(['provenance', 'signature'])
    }))

  it('without a tag or digest, where the folder holds one artifact', () =>
    release(async (own) => {
      await own.release(own.add(own.image('app')))
      expect(told(await own.verify(''))).toBe('pass 0')
    }))

  it('an index whose own digest is signed and attested', () =>
    release(async (own) => {
      const parts = [own.image('amd64'), own.image('arm64')]
      const index = own.add(own.index(parts), 'v1')
      await own.release(index)
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report.artifact?.parts).toMatchObject(parts.map(({ digest }) => ({ digest, role: 'image', held: true })))
    }))

  it('an index of which every image is signed and attested only warns until it is itself; so does one of which an image is not', () =>
    release(async (own) => {
      const parts = [own.image('amd64'), own.image('arm64')]
      const index = own.add(own.index(parts), 'v1')
      for (const part of parts) await own.release(part)
      // Whoever can push can put genuine images of other releases together.
      const inParts = await own.verify(`@${index.digest}`)
      expect([told(inParts), inParts.provenance.level]).toEqual(['warn 0 trust/oci-index-unsigned', 2])
      expect((await own.verify(`@${index.digest}`, { ...SIGNER, strict: true })).exitCode).toBe(1)
      await own.release(index)
      const whole = await own.verify(`@${index.digest}`)
      expect([told(whole), whole.provenance.level]).toEqual(['pass 0', 2])
      const more = own.add(own.index([...parts, own.image('riscv64')]), 'v2')
      const report = await own.verify(`@${more.digest}`)
      expect(told(report)).toBe('warn 0 trust/oci-partly-covered trust/oci-partly-covered')
      expect(report.demands.map(({ outcome, problem }) => [outcome, problem?.reason])).toEqual([
        ['undecided', 'trust/oci-partly-covered'],
        ['undecided', 'trust/oci-partly-covered'],
      ])
    }))

  it('a signature over the bytes of the manifest', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await instance.signMessage(own.blobs.get(image.digest) ?? Buffer.of()))
      own.attachBundle(image, await own.attest(image))
      expect(told(await own.verify(`@${image.digest}`))).toBe('pass 0')
    }))

  it('with layers and configuration hashed', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await own.release(image)
      const report = await own.verify(`@${image.digest}`, { ...SIGNER, bytes: true })
      expect(told(report)).toBe('pass 0')
      expect(report.artifact?.hashedBytes).toBeGreaterThan(0)
    }))

  it('one of somebody else beside it is shown, and takes nothing away', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await own.release(image)
      own.attachBundle(image, await own.sign(image, STRANGER))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report.signatures).toEqual({ verified: 1, invalid: 0, otherSigner: 1, otherSubject: 0, undecided: 0 })
    }))

  it('a genuine signature of another image proves nothing here, and takes nothing away', () =>
    release(async (own) => {
      const [image, other] = [own.add(own.image('app')), own.image('other')]
      await own.release(image)
      own.attachBundle(image, await own.sign(other))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report.signatures).toMatchObject({ verified: 1, otherSubject: 1 })
    }))
})

describe('warn', () => {
  it('a tag can move', () =>
    release(async (own) => {
      const image = own.add(own.image('app'), 'v1')
      await own.release(image)
      const report = await own.verify(':v1')
      expect(told(report)).toBe('warn 0 trust/oci-mutable-reference')
      expect(report.artifact).toMatchObject({ tag: 'v1', digest: image.digest })
      expect(told(await own.verify(':v1', { ...SIGNER, strict: true }))).toBe('warn 1 trust/oci-mutable-reference')
    }))

  it('a signature only, provenance only', () =>
    release(async (own) => {
      const [signed, attested] = [own.add(own.image('signed')), own.add(own.image('attested'))]
      own.attachBundle(signed, await own.sign(signed))
      own.attachBundle(attested, await own.attest(attested))
      expect(told(await own.verify(`@${signed.digest}`))).toBe('warn 0 trust/oci-no-provenance')
      expect(told(await own.verify(`@${attested.digest}`))).toBe('warn 0 trust/oci-unsigned')
    }))

  it('statements of BuildKit alone, which nobody signed: nothing is proven', () =>
    release(async (own) => {
      const image = own.image('amd64')
      const statements = own.referrer(undefined, 'application/vnd.docker.attestation.manifest.v1+json', [
        {
          mediaType: 'application/vnd.in-toto+json',
          content: statement(provenance(REPOSITORY), hexOf(image)),
          annotations: { 'in-toto.io/predicate-type': PROVENANCE },
        },
      ])
      const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': image.digest }
      const index = own.add(own.index([image, { ...statements, annotations }]))
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('warn 3 trust/oci-unsigned-provenance')
      expect(report.provenance).toMatchObject({ verified: 0, unsigned: 1 })
      expect(report.attachments).toMatchObject([{ about: image.digest, form: 'unsigned-statement', kind: 'provenance' }])
    }))

  it('a part that is not there', () =>
    release(async (own) => {
      const [here, gone] = [own.image('amd64'), own.image('arm64')]
      const index = own.add(own.index([here, gone]))
      await own.release(index)
      own.blobs.delete(gone.digest)
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('warn 0 trust/oci-missing')
      expect(report.artifact?.parts.map(({ held }) => held)).toEqual([true, false])
    }))
})

describe('an index that hides a part', () => {
  const hidden = (about: string): Record<string, string> => ({
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': about,
  })

  it('an image that the index calls statements is an image: nobody signed it', () =>
    release(async (own) => {
      const [signed, evil] = [own.image('amd64'), own.image('evil arm64')]
      await own.release(signed)
      const index = own.add(own.index([signed, { ...evil, annotations: hidden(signed.digest) }]))
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('warn 0 trust/oci-partly-covered trust/oci-partly-covered')
      expect(report.artifact?.parts.map(({ role }) => role)).toEqual(['image', 'image'])
    }))

  it('and so is what is in an index that it calls statements', () =>
    release(async (own) => {
      const signed = own.image('amd64')
      await own.release(signed)
      const inner = own.index([own.image('evil arm64')])
      const index = own.add(own.index([signed, { ...inner, annotations: hidden(signed.digest) }]))
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('warn 0 trust/oci-partly-covered trust/oci-partly-covered')
      expect(report.artifact?.parts.map(({ role }) => role)).toEqual(['image', 'index', 'image'])
    }))

  it('one without an image is not covered by what is about its statements', () =>
    release(async (own) => {
      const part = own.referrer(undefined, 'x/y', [{ mediaType: 'application/vnd.in-toto+json', content: '{}' }])
      const carrier = own.referrer(undefined, 'x/z', [
        { mediaType: 'application/vnd.in-toto+json', content: await own.sign(part) },
        { mediaType: 'application/vnd.in-toto+json', content: await own.attest(part) },
      ])
      const index = own.add(
        own.index([
          { ...part, annotations: hidden(carrier.digest) },
          { ...carrier, annotations: hidden(part.digest) },
        ]),
      )
      expect(told(await own.verify(`@${index.digest}`))).toBe('warn 0 trust/oci-partly-covered trust/oci-partly-covered')
    }))
})

describe('what is attached elsewhere or too often', () => {
  it('a signature over the bytes of the index, attached to a part of it, is none of the part', () =>
    release(async (own) => {
      const part = own.image('amd64')
      const index = own.add(own.index([part]))
      own.attachBundle(part, await instance.signMessage(own.blobs.get(index.digest) ?? Buffer.of()))
      own.attachBundle(part, await own.attest(part))
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('warn 0 trust/oci-unsigned trust/oci-index-unsigned')
      expect(report.signatures).toMatchObject({ verified: 0, otherSubject: 1 })
    }))

  it('of more than 512 signatures the rest is told, not judged', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const part = (at: number): { mediaType: string; content: object } => ({
        mediaType: BUNDLE,
        content: { verificationMaterial: {}, at },
      })
      own.attach(
        image,
        BUNDLE,
        Array.from({ length: 520 }, (_, at) => part(at)),
      )
      const report = await own.verify(`@${image.digest}`)
      const [note] = [...report.notes, ...report.reasons].filter(({ reason }) => reason === 'trust/oci-too-many')
      expect(note?.why).toBe('8 more signatures are attached than are judged')
      expect(report.attachments.filter(({ signature }) => signature === undefined)).toHaveLength(8)
    }))
})

describe('provenance that says nothing', () => {
  it('of a type that is known, and of another shape: it is none', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await own.sign(image))
      own.attachBundle(image, await own.attest(image, { nothing: true }))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('warn 0 trust/oci-no-provenance')
      expect(report.provenance).toMatchObject({ verified: 0, invalid: 1 })
      expect(report.demands.at(-1)).toMatchObject({ outcome: 'refused', problem: { reason: 'trust/predicate-invalid' } })
      expect(report.attachments.map(({ signature }) => signature?.problems.length ?? 0).sort()).toEqual([0, 1])
    }))
})

describe('fail', () => {
  it('a part that is not its digest', () =>
    release(async (own) => {
      const [image, other] = [own.image('amd64'), own.image('arm64')]
      const index = own.add(own.index([image]))
      await own.release(index)
      own.blobs.set(image.digest, own.blobs.get(other.digest) ?? Buffer.of())
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('fail 1 trust/oci-digest-mismatch')
    }))

  it('a part of another size, the artifact itself of another digest', () =>
    release(async (own) => {
      const image = own.image('amd64')
      const index = own.add(own.index([{ ...image, size: image.size + 1 }]))
      await own.release(index)
      expect(told(await own.verify(`@${index.digest}`))).toBe('fail 1 trust/oci-size-mismatch')
      own.blobs.set(
        index.digest,
        Buffer.from(String(own.blobs.get(index.digest)).replace('"schemaVersion":2', '"schemaVersion":3')),
      )
      const report = await own.verify(`@${index.digest}`)
      expect(told(report)).toBe('fail 1 trust/oci-digest-mismatch')
      expect(report.artifact).toBeUndefined()
    }))

  it('a layer that is not its digest, where layers are hashed', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await own.release(image)
      const layer = [...own.blobs].find(([, bytes]) => Buffer.from(bytes).toString() === 'layer of app')?.[0] ?? ''
      own.blobs.set(layer, Buffer.from('layer of APP'))
      expect(told(await own.verify(`@${image.digest}`))).toBe('pass 0')
      expect(told(await own.verify(`@${image.digest}`, { ...SIGNER, bytes: true }))).toBe('fail 1 trust/oci-digest-mismatch')
    }))

  it('a layer of an image of an index that is not its digest, or is not there, where layers are hashed', () =>
    release(async (own) => {
      const index = own.add(own.index([own.image('amd64')]))
      await own.release(index)
      const layer = [...own.blobs].find(([, bytes]) => Buffer.from(bytes).toString() === 'layer of amd64')?.[0] ?? ''
      const hashed = { ...SIGNER, bytes: true }
      expect((await own.verify(`@${index.digest}`, hashed)).artifact?.hashedBytes).toBeGreaterThan('layer of amd64'.length)
      own.blobs.set(layer, Buffer.from('layer of AMD64'))
      expect(told(await own.verify(`@${index.digest}`, hashed))).toBe('fail 1 trust/oci-digest-mismatch')
    }))

  it('an invalid signature by the expected identity, alone and beside a good one', () =>
    release(async (own) => {
      const [alone, beside] = [own.add(own.image('alone')), own.add(own.image('beside'))]
      own.attachBundle(alone, spoilt(await own.sign(alone)))
      expect(told(await own.verify(`@${alone.digest}`))).toBe('fail 1 trust/signature-invalid')
      await own.release(beside)
      own.attachBundle(beside, spoilt(await own.sign(beside)))
      const report = await own.verify(`@${beside.digest}`)
      expect(told(report)).toBe('fail 1 trust/signature-invalid')
      expect(report.signatures).toMatchObject({ verified: 1, invalid: 1 })
    }))

  it('an invalid signature by somebody else beside a good one is shown only', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await own.release(image)
      own.attachBundle(image, spoilt(await own.sign(image, STRANGER)))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report.signatures).toMatchObject({ verified: 1, invalid: 1 })
    }))

  it('a certificate that names the expected signer, and that nobody trusted issued, is a note beside a good one', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await own.release(image)
      const forger = await SigstoreInstance.start()
      own.attachBundle(image, await forger.signStatement(statement({}, hexOf(image), SIGN)))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('pass 0')
      expect(report.notes.map(({ reason }) => reason)).toContain('trust/identity-claimed')
    }))

  it('verified, but by somebody else, and nothing else', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await own.sign(image, STRANGER))
      expect(told(await own.verify(`@${image.digest}`))).toBe('fail 1 trust/identity-mismatch')
      const issuer = { ...SIGNER, certificateOidcIssuer: 'https://gitlab.com' }
      expect(told(await own.verify(`@${image.digest}`, issuer))).toBe('fail 1 trust/issuer-mismatch')
    }))

  it('a statement that contradicts its certificate', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await own.sign(image))
      own.attachBundle(image, await own.attest(image, provenance('https://github.com/Acme/other')))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('fail 1 trust/provenance-contradiction')
    }))

  it('another source than the demanded one', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      await own.release(image)
      const pattern = { certificateOidcIssuer: ISSUER, certificateIdentityRegexp: 'https://github\\.com/Acme/.*' }
      const ok = await own.verify(`@${image.digest}`, { ...pattern, sourceRepository: REPOSITORY })
      expect(told(ok)).toBe('pass 0')
      expect(ok.demands.at(-1)).toMatchObject({ kind: 'source', outcome: 'verified' })
      const other = await own.verify(`@${image.digest}`, { ...pattern, sourceRepository: 'https://github.com/Acme/other' })
      expect(other).toMatchObject({ outcome: 'fail', exitCode: 1 })
      expect(other.reasons.map(({ reason }) => reason)).toContain('trust/source-unexpected')
    }))
})

describe('unknown', () => {
  it('nothing is attached', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('unknown 3 trust/attestation-missing')
      expect(report.demands.map(({ problem }) => problem?.reason)).toEqual([
        'trust/attestation-missing',
        'trust/attestation-missing',
      ])
    }))

  it('an attested SBOM alone is no signature', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attachBundle(image, await own.attest(image, BOM, CYCLONEDX))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('unknown 3 trust/attestation-missing')
      expect(report).toMatchObject({ signatures: { verified: 0 }, sboms: { verified: 1 } })
    }))

  it('what is attached is about something else', () =>
    release(async (own) => {
      const [image, other] = [own.add(own.image('app')), own.image('other')]
      own.attachBundle(image, await own.sign(other))
      own.attachBundle(image, await own.attest(other))
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('unknown 3 trust/attestation-missing')
      expect(report.signatures.otherSubject + report.provenance.otherSubject).toBe(2)
    }))

  it('an envelope alone, whose time no log tells', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attach(image, 'application/vnd.dsse.envelope.v1+json', [
        { mediaType: 'application/vnd.dsse.envelope.v1+json', content: envelopeOf(await own.attest(image)) },
      ])
      expect(told(await own.verify(`@${image.digest}`))).toBe('unknown 3 trust/log-lookup-needed')
    }))

  it('a signature of Notation is told', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      own.attach(image, 'application/vnd.cncf.notary.signature', [{ mediaType: 'application/jose+json', content: '{}' }])
      const report = await own.verify(`@${image.digest}`)
      expect(told(report)).toBe('unknown 3 trust/attestation-missing')
      expect(report.notes.map(({ reason }) => reason)).toEqual(['trust/oci-notation-unverified'])
      expect(report.attachments).toMatchObject([{ kind: 'signature', form: 'notation' }])
    }))
})

describe('a key', () => {
  it('signs statements; one of the same hint that does not verify fails', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const pem = String(pair.publicKey.export({ type: 'spki', format: 'pem' }))
      const parsed = parsePublicKey('k', pem)
      const hint = parsed.ok ? parsed.key.hint : ''
      const bundle = (statementOf: object): object => {
        const payload = Buffer.from(JSON.stringify(statementOf))
        const sig = sign('sha256', preAuthEncoding('application/vnd.in-toto+json', payload), pair.privateKey)
        return {
          mediaType: BUNDLE,
          verificationMaterial: { publicKey: { hint }, tlogEntries: [], timestampVerificationData: { rfc3161Timestamps: [] } },
          dsseEnvelope: {
            payload: payload.toString('base64'),
            payloadType: 'application/vnd.in-toto+json',
            signatures: [{ sig: sig.toString('base64'), keyid: hint }],
          },
        }
      }
      own.attachBundle(image, bundle(statement({}, hexOf(image), SIGN)))
      own.attachBundle(image, bundle(statement(provenance(REPOSITORY), hexOf(image))))
      const key = own.put('release.pub', pem)
      const report = await own.verify(`@${image.digest}`, { key: [key] })
      expect(told(report)).toBe('pass 0')
      expect(report.provenance.level).toBe(1)
      own.attachBundle(image, spoilt(bundle(statement({ another: true }, hexOf(image), SIGN))))
      expect(told(await own.verify(`@${image.digest}`, { key: [key] }))).toBe('fail 1 trust/key-wrong')
    }))

  it('and a certificate identity at once is no policy, nor is a minisign key, nor nothing', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })
      const key = [own.put('k.pub', pem)]
      await expect(own.verify(`@${image.digest}`, { ...SIGNER, key })).rejects.toMatchObject({ code: 'usage' })
      const minisign = ['RWSGOq2NVecA2UPNdBUZykf1CCb147pkmdtYxgb3Ti+JO/wCYvhbAb/U']
      await expect(own.verify(`@${image.digest}`, { key: minisign })).rejects.toMatchObject({ code: 'usage' })
      await expect(own.verify(`@${image.digest}`, {})).rejects.toMatchObject({ code: 'usage' })
      await expect(own.verify(`@${image.digest}`, { certificateOidcIssuer: ISSUER })).rejects.toMatchObject({ code: 'usage' })
    }))
})

describe('what is not there', () => {
  it.each([
    { name: 'no such tag', which: ':v9', says: 'nothing in' },
    { name: 'no such digest', which: `@sha256:${'0'.repeat(64)}`, says: 'does not exist' },
    { name: 'several, and none is named', which: '', says: 'holds 2 artifacts, and none is named; tags: v1, v2' },
  ])('$name', ({ which, says }) =>
    release(async (own) => {
      own.add(own.image('one'), 'v1')
      own.add(own.image('two'), 'v2')
      await expect(own.verify(which)).rejects.toMatchObject({ code: 'input-unreadable', message: expect.stringContaining(says) })
    }),
  )

  it('a trigger that strangers have is shown with what verifies', () =>
    release(async (own) => {
      const image = own.add(own.image('app'))
      const claims = { ...CLAIMS, 20: 'pull_request_target' }
      own.attachBundle(image, await own.sign(image, { claims }))
      const report = await own.verify(`@${image.digest}`)
      expect(report.attachments[0]?.signature?.problems).toMatchObject([{ reason: 'trust/release-trigger' }])
    }))
})
