import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePublicKey } from '../../../src/trust/public-key.js'
import { readSigningKey } from '../../../src/trust/signing/private-key.js'

const PASSPHRASE = 'correct horse battery staple'
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pkcs8 = (key: { export: (options: { type: 'pkcs8'; format: 'pem' }) => string | Buffer }): string =>
  String(key.export({ type: 'pkcs8', format: 'pem' }))
const encrypted = String(p256.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }))

describe('a private key', () => {
  for (const [kind, pair] of [
    ['p256', p256],
    ['ed25519', generateKeyPairSync('ed25519')],
  ] as const)
    it(`${kind}: signs what its public half verifies, with the hint that bundles name`, () => {
      const read = readSigningKey('key.pem', pkcs8(pair.privateKey), undefined)
      if (!read.ok) throw new Error(read.why)
      expect(read.key.kind).toBe(kind)
      const message = Buffer.from('a message')
      expect(verify(kind === 'p256' ? 'sha256' : null, message, pair.publicKey, read.key.sign(message))).toBe(true)
      const parsed = parsePublicKey('key.pub', read.key.publicPem)
      expect(parsed.ok && parsed.key.hint).toBe(read.key.publicKey.hint)
      expect(createPublicKey(read.key.publicPem).equals(pair.publicKey)).toBe(true)
    })

  it('opens with its passphrase alone', () => {
    expect(readSigningKey('key.pem', encrypted, PASSPHRASE)).toMatchObject({ ok: true, key: { kind: 'p256' } })
    expect(readSigningKey('key.pem', encrypted, undefined)).toEqual({
      ok: false,
      failure: 'encrypted',
      why: 'key.pem is encrypted',
      fix: 'Give its passphrase.',
    })
    const wrong = readSigningKey('key.pem', encrypted, 'a wrong passphrase')
    expect(wrong).toMatchObject({ ok: false, failure: 'encrypted', why: 'key.pem does not open with this passphrase' })
    expect(JSON.stringify(wrong)).not.toContain('a wrong passphrase')
    expect(readSigningKey('key.pem', encrypted.replace(/[A-Za-z]{5}/, 'AAAAA'), PASSPHRASE).ok).toBe(false)
  })

  const refused: readonly (readonly [string, string, string])[] = [
    ['P-384', pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), 'key of kind ec secp384r1'],
    ['secp256k1', pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), 'key of kind ec secp256k1'],
    ['RSA', pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey), 'key of kind rsa'],
    ['X25519, which signs nothing', pkcs8(generateKeyPairSync('x25519').privateKey), 'key of kind x25519'],
    ['SEC 1', String(p256.privateKey.export({ type: 'sec1', format: 'pem' })), 'not in the form PKCS #8'],
    [
      'SEC 1 as openssl ecparam -genkey writes it',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${p256.privateKey.export({ type: 'sec1', format: 'pem' })}`,
      'not in the form PKCS #8',
    ],
    ['a public key', String(p256.publicKey.export({ type: 'spki', format: 'pem' })), 'no private key in PEM'],
    ['a key of cosign', '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END', 'cosign’s own way'],
    ['a broken key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'cannot be read'],
    ['nothing', '', 'no private key in PEM'],
  ]
  for (const [name, pem, why] of refused)
    it(`refuses: ${name}, and says what to do`, () => {
      const read = readSigningKey('key.pem', pem, undefined)
      expect(read).toMatchObject({ ok: false, failure: 'unusable', why: expect.stringContaining(why) })
      expect(read.ok ? '' : read.fix).toMatch(/openssl/)
    })

  it('never throws, and quotes nothing of what it read', () => {
    const label = fc.constantFrom('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'EC PRIVATE KEY', 'X')
    fc.assert(
      fc.property(label, fc.base64String({ minLength: 40 }), fc.option(fc.string({ minLength: 8 })), (name, body, passphrase) => {
        const read = readSigningKey('k', `-----BEGIN ${name}-----\n${body}\n-----END ${name}-----\n`, passphrase ?? undefined)
        expect(read.ok).toBe(false)
        expect(JSON.stringify(read)).not.toContain(body)
      }),
    )
  })
})
