import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { SigstoreInstance } from '../trust/support/sigstore-instance.js'
import type { Given, Release } from './support/artifact-release.js'
import { CONTENT, inRelease, provenance, REPOSITORY, SIGNER, statement, told } from './support/artifact-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: Release) => Promise<void>): Promise<void> => inRelease(instance, run)

/** The same bundle whose certificate says that GitHub's own instance issued it; the name is as long as before, in DER. */
function saysItIsOfGithub(bundle: Record<string, unknown>): object {
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  const text = JSON.stringify(bundle)
  const encoded = /"rawBytes":"([^"]+)"/.exec(text)?.[1] ?? ''
  const before = `3111300f06035504031308${hex('sigstore')}31163014060355040a130d${hex('sigstore.mock')}`
  const after = `3112301006035504031309${hex('sigstore.')}31153013060355040a130c${hex('GitHub, Inc.')}`
  const certificate = Buffer.from(encoded, 'base64').toString('hex')
  expect(certificate).toContain(before)
  return JSON.parse(text.replace(encoded, Buffer.from(certificate.replace(before, after), 'hex').toString('base64')))
}

describe('a root that is not at hand', () => {
  it('of GitHub’s own instance: nothing is decided, until there is a root of it', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', saysItIsOfGithub(await instance.signMessage(CONTENT)))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('undecided 3; signer undecided trust/instance-unknown')
      expect(report.demands[0]?.problem?.fix).toContain('gh attestation trusted-root')
      const root = instance.rootJson()
      root['certificateAuthorities'] = JSON.parse(
        JSON.stringify(root['certificateAuthorities']).replace('"acme"', '"GitHub, Inc."'),
      )
      expect(told(await verify({ ...SIGNER, trustedRoot: [put('github.json', root)] }))).toBe(
        'refused 1; signer refused trust/certificate-untrusted',
      )
    }))

  it('of a newer log: nothing is decided', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      const older = { ...instance.rootJson(), tlogs: (await SigstoreInstance.start()).rootJson()['tlogs'] }
      const report = await verify({ ...SIGNER, trustedRoot: [put('older.json', older)] })
      expect(['trust/root-old', 'trust/time-missing']).toContain(report.demands[0]?.problem?.reason)
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT, { timestamped: true }))
      expect(told(await verify({ ...SIGNER, trustedRoot: [put('older.json', older)] }))).toBe(
        'undecided 3; signer undecided trust/root-old',
      )
    }))
})

describe('what is too much', () => {
  it('more signatures in one file than are judged is said, not cut', () =>
    release(async ({ put, verify }) => {
      const file = put('widget.tar.intoto.jsonl', '{}\n'.repeat(257))
      expect(told(await verify(SIGNER))).toBe('unreadable 4; signer unreadable trust/bundle-unreadable')
      await expect(verify({ ...SIGNER, bundle: [file] })).rejects.toMatchObject({ code: 'input-unreadable' })
      put('widget.tar.intoto.jsonl', '{}\n'.repeat(256))
      expect((await verify(SIGNER)).signatures).toHaveLength(256)
    }))
})

describe('whatever a bundle holds', () => {
  it('is a report, and never verifies', () =>
    release(async ({ put, verify }) => {
      const bundle: Record<string, unknown> = JSON.parse(
        JSON.stringify(await instance.signStatement(statement(provenance(REPOSITORY)))),
      )
      const names = fc.constantFrom(
        ...Object.keys(bundle),
        '__proto__',
        'base64Signature',
        'payloadType',
        'payload',
        'signatures',
      )
      const document = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.jsonValue().map((value) => JSON.stringify(value) ?? ''),
        fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true }).map((value) => JSON.stringify(value)),
        // One field of a genuine one replaced.
        fc
          .tuple(fc.constantFrom(...Object.keys(bundle)), fc.jsonValue())
          .map(([name, value]) => JSON.stringify({ ...bundle, [name]: value })),
        fc
          .array(fc.jsonValue(), { minLength: 2, maxLength: 5 })
          .map((values) => values.map((value) => JSON.stringify(value)).join('\n')),
      )
      await fc.assert(
        fc.asyncProperty(document, async (content) => {
          put('widget.tar.sigstore.json', content)
          expect(['refused', 'undecided']).toContain((await verify(SIGNER)).outcome)
        }),
        { numRuns: 200 },
      )
    }))
})

describe('altered by one bit', () => {
  it('nothing verifies: artifact, or any part of a bundle that is signed', () =>
    release(async ({ put, verify }) => {
      const bundle = Buffer.from(JSON.stringify(await instance.signMessage(CONTENT)))
      put('widget.tar.sigstore.json', bundle)
      expect((await verify(SIGNER)).outcome).toBe('verified')
      const step = Math.ceil(bundle.length / 40)
      let altered = 0
      for (let at = 0; at < bundle.length; at += step) {
        const changed = Buffer.from(bundle)
        changed[at] = (changed[at] ?? 0) ^ 1
        put('widget.tar.sigstore.json', changed)
        const report = await verify(SIGNER)
        // Parts that carry nothing, such as the name of an unknown field, may change.
        if (report.outcome !== 'verified') altered += 1
      }
      expect(altered).toBeGreaterThan(30)
      put('widget.tar.sigstore.json', bundle)
      put('widget.tar', Buffer.concat([CONTENT, Buffer.from('!')]))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/digest-mismatch')
    }))
})

describe('the root that comes with the program', () => {
  it('is warned about when it is old, and is not used beside a given one', () =>
    release(async ({ verify }) => {
      const reasons = async (given: Given): Promise<readonly string[]> =>
        (await verify(given)).warnings.map(({ reason }) => reason)
      expect(await reasons({ ...SIGNER, trustedRoot: [], timestamp: '2026-12-01T00:00:00Z' })).toEqual([])
      expect(await reasons({ ...SIGNER, trustedRoot: [], timestamp: '2027-12-01T00:00:00Z' })).toEqual(['trust/root-old'])
      expect(await reasons({ ...SIGNER, timestamp: '2027-12-01T00:00:00Z' })).toEqual([])
    }))
})
