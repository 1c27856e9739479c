import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvelope, preAuthEncoding, signersOfEnvelope } from '../../src/trust/dsse.js'
import { parsePublicKey } from '../../src/trust/public-key.js'

describe('preAuthEncoding', () => {
  // Hashes of the encoding by the definition of DSSE's protocol.md, worked out apart from this code.
  const cases = [
    {
      type: 'http://example.com/HelloWorld',
      body: Buffer.from('hello world'),
      length: 54,
      sha256: '217751fac2c4f14edb2c9297fbc34abcb016ba88e74757e875ec4ac16fb6b6a1',
    },
    {
      type: 'application/vnd.in-toto+json',
      body: Buffer.from('{}'),
      length: 43,
      sha256: '4842cb1ba6fed6e460d8a0d56f6b64ccf1f1e11f7714a7f282080d5780251b63',
    },
    {
      type: 'tÿpe',
      body: Buffer.of(0xff, 0),
      length: 19,
      sha256: '184bcb4baabf7444f0a0c172842ff7adea6ff268f1e163c5bae4e820fe2b1e94',
    },
  ]
  for (const { type, body, length, sha256 } of cases) {
    it(`${type}, ${body.length} bytes`, () => {
      const encoded = preAuthEncoding(type, body)
      expect(encoded).toHaveLength(length)
      expect(createHash('sha256').update(encoded).digest('hex')).toBe(sha256)
    })
  }

  it('no two pairs have one encoding', () => {
    const pair = fc.tuple(fc.string({ unit: fc.constantFrom(' ', '1', 'a') }), fc.uint8Array({ maxLength: 4 }))
    fc.assert(
      fc.property(pair, pair, ([typeA, bodyA], [typeB, bodyB]) => {
        const same = Buffer.compare(preAuthEncoding(typeA, bodyA), preAuthEncoding(typeB, bodyB)) === 0
        return same === (typeA === typeB && Buffer.compare(bodyA, bodyB) === 0)
      }),
    )
  })
})

describe('envelopes signed with keys', () => {
  const pairs = [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ]
  const keys = pairs.map(({ publicKey }, at) => {
    const parsed = parsePublicKey(`key ${at}`, String(publicKey.export({ type: 'spki', format: 'pem' })))
    if (!parsed.ok) throw new Error(parsed.why)
    return parsed.key
  })
  const payload = Buffer.from('{"ÿ":"?>"}')
  const message = preAuthEncoding('t', payload)
  const hashes = [null, 'sha256', 'sha384']
  const signatures = pairs.map(({ privateKey }, at) => sign(hashes[at] ?? null, message, privateKey))
  const envelope = (change: object = {}): unknown => ({
    payloadType: 't',
    payload: payload.toString('base64'),
    signatures: signatures.slice(0, 2).map((sig) => ({ sig: sig.toString('base64'), keyid: 'whatever' })),
    ...change,
  })
  const namesOf = (value: unknown): string[] | string => {
    const parsed = parseEnvelope(value)
    return parsed.ok ? signersOfEnvelope(parsed.envelope, keys).map(({ name }) => name) : parsed.why
  }

  it('tells which keys signed, whatever keyid says', () => expect(namesOf(envelope())).toEqual(['key 0', 'key 1']))
  it('the URL-safe alphabet is allowed', () => {
    const sig = signatures[2]?.toString('base64url')
    expect(namesOf(envelope({ payload: payload.toString('base64url'), signatures: [{ sig }] }))).toEqual(['key 2'])
  })
  it('another type, another body: nobody signed', () => {
    expect(namesOf(envelope({ payloadType: 'u' }))).toEqual([])
    expect(namesOf(envelope({ payload: 'e30=' }))).toEqual([])
  })

  const malformed = [
    { name: 'no object', value: [], why: 'the envelope is no JSON object' },
    { name: 'no type', value: envelope({ payloadType: '' }), why: 'the envelope has no payloadType' },
    {
      name: 'junk in the payload',
      value: envelope({ payload: 'e30=\n' }),
      why: 'the payload of the envelope is not canonical base64',
    },
    {
      name: 'loose bits in the payload',
      value: envelope({ payload: 'e31=' }),
      why: 'the payload of the envelope is not canonical base64',
    },
    { name: 'mixed alphabets', value: envelope({ payload: '+-==' }), why: 'the payload of the envelope is not canonical base64' },
    { name: 'no signature', value: envelope({ signatures: [] }), why: 'the envelope holds no signature' },
    { name: 'empty signature', value: envelope({ signatures: [{ sig: '' }] }), why: 'a signature of the envelope is malformed' },
    {
      name: 'many signatures',
      value: envelope({ signatures: Array(101).fill({ sig: 'AA==' }) }),
      why: 'the envelope holds more than 100 signatures',
    },
  ]
  for (const { name, value, why } of malformed) it(`refuses: ${name}`, () => expect(namesOf(value)).toBe(why))

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => !parseEnvelope(value).ok))
  })
})

describe('parsePublicKey', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const refused = [
    { name: 'a private key', pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), why: 'k is no public key in PEM' },
    { name: 'text', pem: 'hello', why: 'k is no public key in PEM' },
    {
      name: 'damaged',
      pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
      why: 'k does not hold a public key that can be read',
    },
    {
      name: 'another kind',
      pem: String(generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' })),
      why: 'k is a key of kind x25519, only ECDSA, Ed25519 and RSA are known',
    },
  ]
  for (const { name, pem, why } of refused)
    it(`refuses ${name}`, () => expect(parsePublicKey('k', pem)).toEqual({ ok: false, why }))
  it('the hint is base64 of SHA-256 over the key', () => {
    const parsed = parsePublicKey('k', String(publicKey.export({ type: 'spki', format: 'pem' })))
    const expected = createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64')
    expect(parsed.ok && parsed.key.hint).toBe(expected)
  })
})
