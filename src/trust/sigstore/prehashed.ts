/**
 * ECDSA over a digest that was computed elsewhere: node:crypto always hashes itself. Imported dynamically, only when an
 * artifact is known by its digest alone.
 */
import type { KeyObject } from 'node:crypto'
import { p256, p384 } from '@noble/curves/nist.js'

/** True when the DER signature by an ECDSA key holds over `digest`. Other kinds of keys need the bytes: false. */
export function verifyOverDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const curve = key.asymmetricKeyDetails?.namedCurve
  const algorithm = curve === 'prime256v1' ? p256 : curve === 'secp384r1' ? p384 : undefined
  if (algorithm === undefined) return false
  try {
    const { x, y } = key.export({ format: 'jwk' })
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')])
    // DER alone: r and s side by side must not become a second text for one signature.
    return algorithm.verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' })
  } catch {
    return false
  }
}
