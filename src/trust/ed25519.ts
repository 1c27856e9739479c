import type { KeyObject } from 'node:crypto'
import { createPublicKey, verify } from 'node:crypto'

/** Length of an Ed25519 public key in bytes (RFC 8032 §5.1.5). */
export const ED25519_KEY_LENGTH = 32
/** Length of an Ed25519 signature in bytes (RFC 8032 §5.1.6). */
export const ED25519_SIGNATURE_LENGTH = 64

/** Wraps the 32 bytes of an Ed25519 public key. Undefined for another length or bytes the crypto library refuses. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== ED25519_KEY_LENGTH) return undefined
  try {
    const x = Buffer.from(raw).toString('base64url')
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** True only for a sound signature over `message`; malformed ones are false, never an exception. */
export function verifyEd25519(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== ED25519_SIGNATURE_LENGTH) return false
  try {
    return verify(null, message, key, signature)
  } catch {
    return false
  }
}
