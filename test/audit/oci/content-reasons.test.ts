import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { hexOf, INDEX, MANIFEST, type Pointer } from '../../trust/oci/support/layout-maker.js'
import { SigstoreInstance } from '../../trust/support/sigstore-instance.js'
import type { ImageRelease } from '../support/image-release.js'
import { inImageRelease } from '../support/image-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: ImageRelease) => Promise<void>): Promise<void> => inImageRelease(instance, run)

describe('each reason about content comes with what to do', () => {
  /** What is done to a released image, and the reason that the report then gives. */
  const cases: readonly (readonly [reason: string, spoil: (own: ImageRelease, image: Pointer) => Pointer])[] = [
    [
      'trust/oci-digest-mismatch',
      (own, image) => {
        own.blobs.set(image.digest, Buffer.from(' '))
        return { ...image, size: 1 }
      },
    ],
    ['trust/oci-size-mismatch', (_own, image) => ({ ...image, size: image.size + 1 })],
    ['trust/oci-mediatype-mismatch', (_own, image) => ({ ...image, mediaType: INDEX })],
    ['trust/oci-malformed', (own) => own.blob(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, manifests: [] })],
    [
      'trust/oci-missing',
      (own, image) => {
        own.blobs.delete(image.digest)
        return image
      },
    ],
    ['trust/oci-too-many', (own) => own.index([own.index([own.index([own.image('deep')])])])],
    [
      'trust/oci-referrer-foreign',
      (own, image) => {
        own.add(own.index([own.referrer(own.image('other'), 'x/y', [])]), `sha256-${hexOf(image)}`)
        return image
      },
    ],
    [
      'trust/oci-too-large',
      (own, image) => {
        own.attach(image, 'x/y', [{ mediaType: 'a/b', content: Buffer.alloc(16 * 1024 * 1024 + 1) }])
        return image
      },
    ],
    [
      'trust/oci-subject-dangling',
      (own, image) => {
        const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': 'sha256:gone' }
        const statements = own.referrer(undefined, 'x/y', [{ mediaType: 'application/vnd.in-toto+json', content: '{}' }])
        return own.index([image, { ...statements, annotations }])
      },
    ],
  ]
  it.each(cases)('%s', (reason, spoil) =>
    release(async (own) => {
      const part = spoil(own, own.image('app'))
      const index = own.add(own.index([part]))
      await own.release(index)
      const report = await own.verify(`@${index.digest}`)
      const found = [...report.reasons, ...report.notes].find((one) => one.reason === reason)
      expect(found?.why).toMatch(/\S/)
      expect(found?.fix).toMatch(/^[A-Z].*\.$/)
      const contradicts = ['digest', 'size', 'mediatype'].some((word) => reason.includes(word))
      expect(report.outcome).toBe(
        contradicts ? 'fail' : ['missing', 'too-many', 'malformed'].some((word) => reason.includes(word)) ? 'warn' : 'pass',
      )
    }),
  )
})

it('no byte of what a pass rests on can be changed, whatever names it', () =>
  release(async (own) => {
    const index = own.add(own.index([own.image('amd64'), own.image('arm64')]))
    await own.release(index)
    expect((await own.verify(`@${index.digest}`)).outcome).toBe('pass')
    // Layers, configurations and the empty configuration decide nothing.
    const decides = [...own.blobs].filter(
      ([digest, bytes]) => own.manifests.has(digest) || Buffer.from(bytes).includes('verificationMaterial'),
    )
    expect(decides).toHaveLength(7)
    const place = fc.record({
      which: fc.nat({ max: decides.length - 1 }),
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      bit: fc.nat({ max: 7 }),
    })
    await fc.assert(
      fc.asyncProperty(place, async ({ which, at, bit }) => {
        const [digest = '', bytes = new Uint8Array()] = decides[which] ?? []
        const changed = Buffer.from(bytes)
        const offset = Math.floor(at * changed.length)
        changed[offset] = (changed[offset] ?? 0) ^ (1 << bit)
        own.blobs.set(digest, changed)
        const { outcome } = await own.verify(`@${index.digest}`)
        own.blobs.set(digest, bytes)
        expect(outcome).toBe('fail')
      }),
      { numRuns: 60 },
    )
  }))
