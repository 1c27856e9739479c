import { generateKeyPairSync } from 'node:crypto'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IdentityToken } from '../../../src/trust/signing/identity-token.js'
import { readIdentityToken } from '../../../src/trust/signing/identity-token.js'
import { readSigningKey } from '../../../src/trust/signing/private-key.js'
import type { SigningParty } from '../../../src/trust/signing/sign.js'
import { signBundle } from '../../../src/trust/signing/sign.js'
import type { SignerPolicy } from '../../../src/trust/sigstore/identity-policy.js'
import type { BundleVerdict } from '../../../src/trust/sigstore/verdict.js'
import { verifyBundle } from '../../../src/trust/sigstore/verifier.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../support/sigstore-instance.js'
import type { SigstoreServices } from '../support/sigstore-services.js'
import { serveSigstore } from '../support/sigstore-services.js'

const ARTIFACT = Buffer.from('the bytes of a release')
const STATEMENT = Buffer.from(
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'a', digest: { sha256: '3b0f1f8a6bd5a0ee3b8bd1c95d9cd8e2d7cb4a0fbf9c6f2c6a4f6f5f2e3d4c5b' } }],
    predicateType: 'https://example.org/p',
    predicate: {},
  }),
)
const SUBJECT = {
  anchors: [
    { of: 'artifact', algorithm: 'sha256', value: '3b0f1f8a6bd5a0ee3b8bd1c95d9cd8e2d7cb4a0fbf9c6f2c6a4f6f5f2e3d4c5b' },
  ] as const,
}

let instance: SigstoreInstance
let services: SigstoreServices
beforeAll(async () => {
  instance = await SigstoreInstance.start()
  services = await serveSigstore(instance)
})
afterAll(() => services.close())

function token(): IdentityToken {
  const read = readIdentityToken(services.token)
  if (!read.ok) throw new Error(read.why)
  return read.token
}

interface Flavour {
  readonly name: string
  readonly content: 'statement' | 'message'
  readonly rekor?: { version: 1 | 2; entry: 'dsse' | 'intoto' }
  readonly tsa: boolean
  /** Kind and version of the entry that must be in the bundle. */
  readonly entry?: string
}

const FLAVOURS: readonly Flavour[] = [
  { name: 'v1 dsse', content: 'statement', rekor: { version: 1, entry: 'dsse' }, tsa: false, entry: 'dsse 0.0.1' },
  { name: 'v1 intoto', content: 'statement', rekor: { version: 1, entry: 'intoto' }, tsa: false, entry: 'intoto 0.0.2' },
  {
    name: 'v1 hashedrekord',
    content: 'message',
    rekor: { version: 1, entry: 'dsse' },
    tsa: false,
    entry: 'hashedrekord 0.0.1',
  },
  { name: 'v1 dsse and a timestamp', content: 'statement', rekor: { version: 1, entry: 'dsse' }, tsa: true, entry: 'dsse 0.0.1' },
  { name: 'v2 dsse', content: 'statement', rekor: { version: 2, entry: 'dsse' }, tsa: true, entry: 'dsse 0.0.2' },
  { name: 'v2 hashedrekord', content: 'message', rekor: { version: 2, entry: 'dsse' }, tsa: true, entry: 'hashedrekord 0.0.2' },
  { name: 'a statement with a timestamp alone', content: 'statement', tsa: true },
  { name: 'a message with a timestamp alone', content: 'message', tsa: true },
]

const BY_WORKFLOW: SignerPolicy = { kind: 'certificate', issuer: ISSUER, san: WORKFLOW }

async function ours(bundle: string, content: Flavour['content'], signer: SignerPolicy, logged: boolean): Promise<BundleVerdict> {
  const root = instance.root()
  return verifyBundle({
    bundle: Buffer.from(bundle),
    artifact: content === 'message' ? { bytes: ARTIFACT, anchors: [] } : SUBJECT,
    roots: [logged ? root : { ...root, thresholds: { ...root.thresholds, log: 0 } }],
    signer,
  })
}

/** The library alone, without anything of ours: throws for what does not verify. */
function theirs(bundle: string, content: Flavour['content'], logged: boolean): string | undefined {
  const parsed = bundleFromJSON(JSON.parse(bundle))
  const material = toTrustMaterial(TrustedRoot.fromJSON(instance.rootJson()))
  const verifier = new Verifier(material, { tlogThreshold: logged ? 1 : 0, ctlogThreshold: 1, timestampThreshold: 1 })
  const signer = verifier.verify(toSignedEntity(parsed, content === 'message' ? ARTIFACT : undefined))
  return signer.identity?.subjectAlternativeName
}

describe('a bundle by an identity', () => {
  for (const { name, content, rekor, tsa, entry } of FLAVOURS) {
    it(`${name}: verifies, here and by the library alone`, async () => {
      const party: SigningParty = {
        kind: 'identity',
        token: token(),
        services: {
          fulcioUrl: services.url,
          rekor: rekor === undefined ? undefined : { url: `${services.url}/`, ...rekor },
          tsaUrl: tsa ? services.url : undefined,
        },
      }
      const signed = await signBundle({ kind: content, bytes: content === 'message' ? ARTIFACT : STATEMENT }, party)
      expect(signed).toMatchObject({ ok: true })
      if (!signed.ok) return
      const { verificationMaterial } = JSON.parse(signed.bundle)
      const entries: { kindVersion: { kind: string; version: string } }[] = verificationMaterial.tlogEntries ?? []
      expect(entries.map(({ kindVersion }) => `${kindVersion.kind} ${kindVersion.version}`)).toEqual(
        entry === undefined ? [] : [entry],
      )
      const verdict = await ours(signed.bundle, content, BY_WORKFLOW, rekor !== undefined)
      expect(verdict.checks.filter(({ state }) => state === 'failed')).toEqual([])
      expect(verdict.outcome).toBe('verified')
      expect(theirs(signed.bundle, content, rekor !== undefined)).toBe(WORKFLOW)
      expect(signed.bundle).not.toContain(services.token)
    })
  }
})

describe('a bundle by a key', () => {
  const keys = { p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }), ed25519: generateKeyPairSync('ed25519') }
  for (const [kind, content, rekor, tsa] of [
    ['p256', 'statement', false, false],
    ['p256', 'message', false, false],
    ['p256', 'statement', true, true],
    ['p256', 'message', true, false],
    ['ed25519', 'statement', false, false],
    ['ed25519', 'statement', false, true],
  ] as const) {
    it(`${kind}, ${content}${rekor ? ', logged' : ''}${tsa ? ', timestamped' : ''}: verifies by that key and by no other`, async () => {
      const pem = String(keys[kind].privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const read = readSigningKey('key.pem', pem, undefined)
      if (!read.ok) throw new Error(read.why)
      const before = services.asked.length
      const signed = await signBundle(
        { kind: content, bytes: content === 'message' ? ARTIFACT : STATEMENT },
        {
          kind: 'key',
          key: read.key,
          services: {
            rekor: rekor ? { url: services.url, version: 1, entry: 'dsse' } : undefined,
            tsaUrl: tsa ? services.url : undefined,
          },
        },
      )
      expect(signed).toMatchObject({ ok: true })
      if (!signed.ok) return
      expect(services.asked.length - before).toBe(Number(rekor) + Number(tsa))
      const verdict = await ours(signed.bundle, content, { kind: 'key', keys: [read.key.publicKey] }, true)
      expect(verdict.outcome).toBe('verified')
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const foreign = readSigningKey('other', String(other.privateKey.export({ type: 'pkcs8', format: 'pem' })), undefined)
      if (!foreign.ok) throw new Error(foreign.why)
      expect((await ours(signed.bundle, content, { kind: 'key', keys: [foreign.key.publicKey] }, true)).outcome).toBe('refused')
      const parsed = bundleFromJSON(JSON.parse(signed.bundle))
      const material = toTrustMaterial(TrustedRoot.fromJSON(instance.rootJson()), () => ({
        publicKey: read.key.publicKey.key,
        validFor: () => true,
      }))
      const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
      expect(() => verifier.verify(toSignedEntity(parsed, content === 'message' ? ARTIFACT : undefined))).not.toThrow()
    })
  }
})
