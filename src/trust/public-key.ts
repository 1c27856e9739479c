import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, verify } from 'node:crypto'

/** A public key somebody configured, by the name they gave it. */
export interface TrustedKey {
  readonly name: string
  readonly key: KeyObject
  /** Base64 of SHA-256 over the key's SubjectPublicKeyInfo: what cosign writes as hint. A hint, never a proof. */
  readonly hint: string
}

export type ParsedPublicKey = { readonly ok: true; readonly key: TrustedKey } | { readonly ok: false; readonly why: string }

const MAX_PEM_LENGTH = 65_536
const KINDS: ReadonlySet<string> = new Set(['ec', 'ed25519', 'rsa'])

/** Reads a public key in PEM (SubjectPublicKeyInfo). A private key or a certificate in its place is refused. */
export function parsePublicKey(name: string, pem: string): ParsedPublicKey {
  if (pem.length > MAX_PEM_LENGTH || !/^\s*-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(pem)) {
    return { ok: false, why: `${name} is no public key in PEM` }
  }
  try {
    const key = createPublicKey(pem)
    if (!KINDS.has(key.asymmetricKeyType ?? '')) {
      return { ok: false, why: `${name} is a key of kind ${key.asymmetricKeyType}, only ECDSA, Ed25519 and RSA are known` }
    }
    const hint = createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('base64')
    return { ok: true, key: { name, key, hint } }
  } catch {
    return { ok: false, why: `${name} does not hold a public key that can be read` }
  }
}

/** Hash functions a key of this kind signs with; more than one where writers differ. Null: the algorithm has its own. */
function hashesOf(key: KeyObject): readonly (string | null)[] {
  if (key.asymmetricKeyType === 'ed25519') return [null]
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? ['sha384', 'sha256'] : ['sha256']
}

/** True only for a sound signature over `message`; malformed ones are false, never an exception. */
export function verifySignature(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return hashesOf(key).some((hash) => {
    try {
      return verify(hash, message, key, signature)
    } catch {
      return false
    }
  })
}
