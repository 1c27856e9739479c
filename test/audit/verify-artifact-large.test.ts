import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { FoundSignature } from '../../src/audit/artifact/found-signatures.js'
import { judgeSignature } from '../../src/audit/artifact/judge-signature.js'
import type { ArtifactPolicy } from '../../src/audit/artifact/policy.js'
import type { ArtifactSignature } from '../../src/model/artifact-report.js'
import type { Digest } from '../../src/model/digest.js'
import { parseMinisignKey } from '../../src/trust/minisign.js'
import { parsePublicKey } from '../../src/trust/public-key.js'
import { EMPTY_ROOT } from '../../src/trust/sigstore/trusted-root.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const CONTENT = Buffer.from('as if it were too large to be held')
const hex = (algorithm: string): string => createHash(algorithm).update(CONTENT).digest('hex')
const anchors: readonly Digest[] = [{ of: 'artifact', algorithm: 'sha256', value: hex('sha256') }]
/** Of a file that is not kept, only the digests are known. */
const artifact = {
  name: 'large.tar',
  anchors,
  blake2b512: Buffer.from(hex('blake2b512'), 'hex'),
}
const nobody: ArtifactPolicy = { keys: [], minisignKeys: [], roots: [EMPTY_ROOT], embeddedRoot: false }

async function judge(form: FoundSignature['form'], content: object | string, policy: ArtifactPolicy): Promise<ArtifactSignature> {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return (await judgeSignature({ file: 'f', from: 'f', form, bytes }, artifact, policy)).signature
}

describe('a file that is too large to be held', () => {
  let instance: SigstoreInstance
  beforeAll(async () => {
    instance = await SigstoreInstance.start()
  })

  it('is verified by its digest, with a certificate', async () => {
    const policy: ArtifactPolicy = {
      ...nobody,
      certificate: { kind: 'certificate', issuer: ISSUER, san: WORKFLOW },
      roots: [instance.root()],
    }
    expect(await judge('sigstore-bundle', await instance.signMessage(CONTENT), policy)).toMatchObject({ outcome: 'verified' })
    expect(await judge('sigstore-bundle', await instance.signMessage(Buffer.from('x')), policy)).toMatchObject({
      outcome: 'refused',
    })
  })

  const bundle = (signature: Uint8Array): object => ({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: '' }, tlogEntries: [] },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(hex('sha256'), 'hex').toString('base64') },
      signature: Buffer.from(signature).toString('base64'),
    },
  })
  const trusting = (key: KeyObject): ArtifactPolicy => {
    const parsed = parsePublicKey('own.pub', key.export({ type: 'spki', format: 'pem' }).toString())
    return { ...nobody, keys: parsed.ok ? [parsed.key] : [] }
  }

  it.each([
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256', 'verified', undefined],
    // What needs the bytes is neither verified nor refused.
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256', 'undecided', 'trust/bytes-needed'],
    ['Ed25519', generateKeyPairSync('ed25519'), null, 'undecided', 'trust/bytes-needed'],
  ] as const)('with a key of one’s own: %s', async (_, { publicKey, privateKey }, hash, outcome, reason) => {
    const judged = await judge('sigstore-bundle', bundle(sign(hash, CONTENT, privateKey)), trusting(publicKey))
    expect([judged.outcome, judged.problems[0]?.reason]).toEqual([outcome, reason])
  })

  it('with an ECDSA signature of something else: refused', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const judged = await judge('sigstore-bundle', bundle(sign('sha256', Buffer.from('x'), privateKey)), trusting(publicKey))
    expect([judged.outcome, judged.problems[0]?.reason]).toEqual(['refused', 'trust/key-wrong'])
  })

  describe('with minisign', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const id = Buffer.from('0102030405060708', 'hex')
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    const parsed = parseMinisignKey(Buffer.concat([Buffer.from('Ed'), id, raw]).toString('base64'))
    const policy: ArtifactPolicy = { ...nobody, minisignKeys: parsed.ok ? [{ name: 'own', key: parsed.key }] : [] }
    const signature = (algorithm: 'Ed' | 'ED', comment: string): string => {
      const message = algorithm === 'ED' ? Buffer.from(hex('blake2b512'), 'hex') : CONTENT
      const own = sign(null, message, privateKey)
      const global = sign(null, Buffer.concat([own, Buffer.from(comment)]), privateKey)
      const head = Buffer.concat([Buffer.from(algorithm), id, own]).toString('base64')
      return `untrusted comment: x\n${head}\ntrusted comment: ${comment}\n${global.toString('base64')}\n`
    }

    it.each([
      ['a signature over the digest', 'ED', 'file:large.tar\thashed', 'verified', undefined],
      ['one over the whole file', 'Ed', 'file:large.tar', 'undecided', 'trust/minisign-bytes-needed'],
      ['of another file', 'ED', 'file:older.tar\thashed', 'refused', 'trust/minisign-file-name-mismatch'],
      ['of two files', 'ED', 'file:large.tar\tfile:older.tar', 'refused', 'trust/minisign-file-name-mismatch'],
      ['of no file that it names: said', 'ED', 'a comment', 'verified', 'trust/comment-names-no-file'],
    ] as const)('%s', async (_, algorithm, comment, outcome, reason) => {
      const judged = await judge('minisign', signature(algorithm, comment), policy)
      expect([judged.outcome, judged.problems[0]?.reason]).toEqual([outcome, reason])
    })

    it('is not judged where no minisign key is given', async () => {
      expect(await judge('minisign', signature('ED', 'x'), nobody)).toMatchObject({ outcome: 'not-judged', problems: [] })
    })
  })
})
