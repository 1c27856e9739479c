import type { Gpg } from '../../evidence/gpg.js'

/** What came of an OpenPGP signature by the keys that were given. */
export type OpenpgpVerdict =
  | {
      readonly kind: 'holds'
      readonly userId: string
      readonly fingerprint: string
      /** The key has expired since; seconds since 1970. */
      readonly expiredAt?: number | undefined
    }
  | {
      readonly kind: 'refused'
      readonly reason: 'malformed' | 'signature' | 'weak' | 'revoked' | 'expired'
      readonly why: string
    }
  | { readonly kind: 'unknown-key'; readonly why: string }
  | { readonly kind: 'not-checked'; readonly why: string }

/** Numbers of hashes that a collision was found for or that are near it (RFC 9580 §9.5): MD5, SHA-1, RIPEMD-160. */
const WEAK_HASHES: ReadonlySet<string> = new Set(['1', '2', '3'])
/** Signature over the bytes as they are (RFC 9580 §5.2.1). */
const BINARY = '00'
/** The signature is by a key that gpg does not have (GnuPG, doc/DETAILS, `ERRSIG`). */
const NO_PUBLIC_KEY = '9'

/** Has gpg check a detached signature, and believes of what it says only the status lines. */
export async function verifyOpenpgpSignature(armored: string, message: Uint8Array, gpg: Gpg): Promise<OpenpgpVerdict> {
  const answer = await gpg.verify(armored, message)
  return answer.ok ? judgeStatus(answer.status, gpg.fingerprints) : { kind: 'not-checked', why: answer.why }
}

/** Reads the status lines of one verification. */
export function judgeStatus(status: readonly string[], fingerprints: readonly string[]): OpenpgpVerdict {
  const lines = status.map((line) => line.split(' '))
  const of = (keyword: string): readonly (readonly string[])[] => lines.filter(([word]) => word === keyword)
  // A second signature beside the first would let one vouch for the other.
  if (of('NEWSIG').length > 1) return { kind: 'refused', reason: 'malformed', why: 'it holds more than one signature' }
  const [bad] = of('BADSIG')
  if (bad !== undefined)
    return { kind: 'refused', reason: 'signature', why: 'the signature is not over these bytes by the key it names' }
  const [error] = of('ERRSIG')
  if (error !== undefined) {
    const [, keyId = '', , , , , code, fingerprint = ''] = error
    const shown = /^[0-9A-F]{40,64}$/.test(fingerprint) ? fingerprint : keyId
    if (code === NO_PUBLIC_KEY) return { kind: 'unknown-key', why: `it is by the key ${shown}, which is not among those given` }
    return { kind: 'not-checked', why: `gpg cannot check it (code ${code ?? 'none'}), for it does not know its algorithm` }
  }
  const [revoked] = of('REVKEYSIG')
  if (revoked !== undefined) return { kind: 'refused', reason: 'revoked', why: 'the key that signed was revoked' }
  if (of('EXPSIG').length > 0) return { kind: 'refused', reason: 'expired', why: 'the signature itself has expired' }
  const good = of('GOODSIG')[0] ?? of('EXPKEYSIG')[0]
  const [valid] = of('VALIDSIG')
  if (good === undefined || valid === undefined)
    return { kind: 'refused', reason: 'malformed', why: 'gpg finds no signature in it' }
  const [, , , madeAt, , , , , hash = '', kind, primary = ''] = valid
  if (!fingerprints.includes(primary))
    return { kind: 'unknown-key', why: `it is by the key ${primary}, which is not among those given` }
  if (kind !== BINARY) return { kind: 'refused', reason: 'malformed', why: 'it is not over the bytes as they are' }
  if (WEAK_HASHES.has(hash)) return { kind: 'refused', reason: 'weak', why: 'it uses a hash for which collisions are known' }
  const userId = good.slice(2).join(' ')
  if (good[0] === 'GOODSIG') return { kind: 'holds', userId, fingerprint: primary }
  // gpg names every key and subkey that has expired, and does not say which of them signed.
  const ends = of('KEYEXPIRED').flatMap(([, time]) => (time !== undefined && /^\d{1,12}$/.test(time) ? [Number(time)] : []))
  const expiredAt = Math.min(...ends)
  if (Number(madeAt) < expiredAt && Number.isFinite(expiredAt)) return { kind: 'holds', userId, fingerprint: primary, expiredAt }
  return { kind: 'refused', reason: 'expired', why: 'the key that signed had expired before' }
}
