import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MinisignKey, SignedFile } from '../../src/trust/minisign.js'
import { parseMinisignKey, verifyMinisign } from '../../src/trust/minisign.js'
import { describeShared, readSharedBytes, readSharedJson } from '../support/shared.js'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const KEY_ID = Buffer.from('5d7f9b0e1a2a74a1', 'hex')
const rawKey = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
const keyLine = Buffer.concat([Buffer.from('Ed'), KEY_ID, rawKey]).toString('base64')
const file = Buffer.from('the bytes of a release')
const COMMENT = 'timestamp:1767225600\tfile:zig-0.1.tar.xz\thashed'

function keyOf(text: string): MinisignKey {
  const parsed = parseMinisignKey(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.key
}

function makeSignature(algorithm: string, message: Uint8Array, comment = COMMENT, keyId = KEY_ID): string {
  const signature = sign(null, message, privateKey)
  const global = sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey)
  const header = Buffer.concat([Buffer.from(algorithm), keyId, signature]).toString('base64')
  return `untrusted comment: whatever\n${header}\ntrusted comment: ${comment}\n${global.toString('base64')}\n`
}

const key = keyOf(keyLine)
const bytes: SignedFile = { kind: 'bytes', bytes: file }
const blake = createHash('blake2b512').update(file).digest()
const prehashed = makeSignature('ED', blake)
const legacy = makeSignature('Ed', file)
const check = (signature: string, expectedName?: string, what: SignedFile = bytes): string => {
  const verdict = verifyMinisign(Buffer.from(signature), key, what, expectedName)
  return verdict.kind === 'verified' ? 'verified' : verdict.reason
}

describe('minisign keys', () => {
  it('shows the id as the tool does', () => {
    expect(key.id).toBe('A1742A1A0E9B7F5D')
    expect(keyOf('RWSGOq2NVecA2UPNdBUZykf1CCb147pkmdtYxgb3Ti+JO/wCYvhbAb/U').id).toBe('D900E7558DAD3A86')
    expect(keyOf(`untrusted comment: x\r\n${keyLine}\r\n`).id).toBe(key.id)
  })

  it('refuses other lengths, kinds and texts', () => {
    expect(parseMinisignKey('')).toEqual({ ok: false, why: 'a minisign public key is base64 of 42 bytes' })
    expect(parseMinisignKey(keyLine.slice(4)).ok).toBe(false)
    const otherKind = Buffer.concat([Buffer.from('XX'), KEY_ID, rawKey]).toString('base64')
    expect(parseMinisignKey(otherKind)).toEqual({ ok: false, why: 'the key is not of minisign’s only kind, Ed' })
    fc.assert(fc.property(fc.string(), (text) => !parseMinisignKey(text).ok))
  })
})

describe('verifyMinisign', () => {
  it('verifies and tells the trusted comment', () => {
    expect(verifyMinisign(Buffer.from(prehashed), key, bytes, 'zig-0.1.tar.xz')).toEqual({
      kind: 'verified',
      keyId: key.id,
      algorithm: 'ED',
      trustedComment: COMMENT,
    })
    expect(verifyMinisign(Buffer.from(legacy), key, bytes)).toMatchObject({ kind: 'verified', algorithm: 'Ed' })
  })

  const withComment = (comment: string): string => makeSignature('ED', blake, comment)
  const cases = [
    {
      name: 'digest alone is enough for ED',
      signature: prehashed,
      what: { kind: 'blake2b512', digest: blake } as const,
      expected: 'verified',
    },
    {
      name: 'digest alone is not enough for Ed',
      signature: legacy,
      what: { kind: 'blake2b512', digest: blake } as const,
      expected: 'bytes-needed',
    },
    { name: 'another file name', signature: prehashed, file: 'zig-0.2.tar.xz', expected: 'file-name-mismatch' },
    { name: 'a file name that only begins like it', signature: prehashed, file: 'zig-0.1.tar', expected: 'file-name-mismatch' },
    { name: 'no file field at all', signature: withComment('hello'), file: 'zig-0.1.tar.xz', expected: 'file-name-mismatch' },
    { name: 'file field inside a word', signature: withComment('xfile:a'), file: 'a', expected: 'file-name-mismatch' },
    { name: 'two file fields that differ', signature: withComment('file:a\tfile:b'), file: 'a', expected: 'file-name-mismatch' },
    { name: 'kind Ed relabelled ED', signature: makeSignature('ED', file), expected: 'signature-invalid' },
    { name: 'unknown kind', signature: makeSignature('XX', blake), expected: 'algorithm-unknown' },
    { name: 'another key id', signature: makeSignature('ED', blake, COMMENT, Buffer.alloc(8)), expected: 'key-id-mismatch' },
    { name: 'comment altered', signature: prehashed.replace('file:zig', 'file:zag'), expected: 'comment-invalid' },
    {
      name: 'comment with a space added at the end',
      signature: prehashed.replace('hashed\n', 'hashed \n'),
      expected: 'comment-invalid',
    },
    { name: 'untrusted comment altered', signature: prehashed.replace('whatever', 'else'), expected: 'verified' },
    { name: 'CR LF', signature: prehashed.replaceAll('\n', '\r\n'), expected: 'verified' },
    { name: 'no final line end', signature: prehashed.trimEnd(), expected: 'verified' },
    { name: 'more lines', signature: `${prehashed}more\n`, expected: 'verified' },
    { name: 'no trusted comment', signature: prehashed.split('\n').slice(0, 2).join('\n'), expected: 'malformed' },
    { name: 'wrong prefix', signature: prehashed.replace('trusted comment: t', 'trusted comment:t'), expected: 'malformed' },
    { name: 'empty', signature: '', expected: 'malformed' },
    { name: 'huge', signature: prehashed + 'x'.repeat(70_000), expected: 'malformed' },
  ]
  for (const { name, signature, what, file: expectedName, expected } of cases) {
    it(name, () => expect(check(signature, expectedName, what)).toBe(expected))
  }

  it('damage any byte that is signed and it is refused', () => {
    const whole = Buffer.from(prehashed)
    for (let at = prehashed.indexOf('\n') + 1; at < whole.length - 1; at += 1) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      expect(verifyMinisign(damaged, key, bytes).kind, `byte ${at}`).toBe('refused')
    }
    for (let at = 0; at < file.length; at += 1) {
      const damaged = Buffer.from(file)
      damaged[at] = (damaged[at] ?? 0) ^ 0x80
      expect(verifyMinisign(whole, key, { kind: 'bytes', bytes: damaged }).kind, `file byte ${at}`).toBe('refused')
    }
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (random) => verifyMinisign(random, key, bytes).kind === 'refused'))
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string(),
        (a, b, c) => check(`untrusted comment: ${a}\n${b}\ntrusted comment: ${c}\n${b}\n`) !== 'verified',
      ),
    )
  })
})

describeShared('vectors/minisign', 'minisign vectors', () => {
  const { cases, keys } = readSharedJson<{
    keys: Record<string, string>
    cases: readonly {
      name: string
      publicKey: string
      signature: string
      file: string
      expected: 'pass' | 'fail'
      algorithm?: string
      trustedComment?: string
      requireFile?: string
      fileField?: string
    }[]
  }>('vectors/minisign/cases.json')
  const text = (path: string): string => Buffer.from(readSharedBytes('vectors/minisign', path)).toString()

  for (const each of cases) {
    it(each.name, () => {
      const used = keyOf(text(each.publicKey))
      expect(used.id).toBe(keys[each.publicKey])
      const contents: SignedFile = { kind: 'bytes', bytes: readSharedBytes('vectors/minisign', each.file) }
      const signature = readSharedBytes('vectors/minisign', each.signature)
      const verdict = verifyMinisign(signature, used, contents, each.requireFile ?? each.fileField)
      expect(verdict.kind).toBe(each.expected === 'pass' ? 'verified' : 'refused')
      if (verdict.kind === 'verified') {
        expect(verdict.algorithm).toBe(each.algorithm)
        if (each.trustedComment !== undefined) expect(verdict.trustedComment).toBe(each.trustedComment)
      }
    })
  }
  it('counts 19 cases', () => expect(cases).toHaveLength(19))
})

describeShared('vectors/zig/minisign', 'minisign as Zig uses it', () => {
  const vectors = readSharedJson<{
    publicKey: { base64: string; keyIdHex: string }
    cases: readonly { sig: string; file: string; askedFor: string; ok: boolean }[]
  }>('vectors/zig/minisign/expected.json')

  for (const { sig, file: name, askedFor, ok } of vectors.cases) {
    it(sig, () => {
      const used = keyOf(vectors.publicKey.base64)
      expect(used.id).toBe(vectors.publicKey.keyIdHex)
      const contents: SignedFile = { kind: 'bytes', bytes: readSharedBytes('vectors/zig/minisign', name) }
      const verdict = verifyMinisign(readSharedBytes('vectors/zig/minisign', sig), used, contents, askedFor)
      expect(verdict.kind).toBe(ok ? 'verified' : 'refused')
    })
  }
  it('counts 14 cases', () => expect(vectors.cases).toHaveLength(14))
})
