import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey } from 'node:crypto'
import { SshReader } from './ssh-wire.js'

/** A public key as SSH writes it, of a kind whose signatures can be checked. */
export interface SshPublicKey {
  readonly type: SshKeyType
  readonly key: KeyObject
  readonly fingerprint: string
}

export type SshKeyType = 'ssh-ed25519' | 'ssh-rsa' | EcdsaKeyType
export type EcdsaKeyType = 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'ecdsa-sha2-nistp521'

export type ReadSshKey =
  | { readonly ok: true; readonly key: SshPublicKey }
  | { readonly ok: false; readonly failure: 'malformed' | 'not-supported' | 'too-weak'; readonly why: string }

const CURVES: ReadonlyMap<string, { readonly type: EcdsaKeyType; readonly curve: string; readonly crv: string; bytes: number }> =
  new Map(
    (
      [
        ['ecdsa-sha2-nistp256', 'nistp256', 'P-256', 32],
        ['ecdsa-sha2-nistp384', 'nistp384', 'P-384', 48],
        ['ecdsa-sha2-nistp521', 'nistp521', 'P-521', 66],
      ] as const
    ).map(([type, curve, crv, bytes]) => [type, { type, curve, crv, bytes }]),
  )
const ED25519_BYTES = 32
const MIN_RSA_BITS = 2048
const MAX_RSA_BITS = 16_384

/** Reads a public key blob (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4). */
export function readSshKey(blob: Uint8Array): ReadSshKey {
  const reader = new SshReader(blob)
  const type = reader.text()
  if (type === undefined) return malformed('the key has no type')
  const fingerprint = sshFingerprint(blob)
  if (type === 'ssh-ed25519') {
    const x = reader.string()
    if (x?.length !== ED25519_BYTES || !reader.ended) return malformed('the key is no Ed25519 key')
    return made(type, fingerprint, { kty: 'OKP', crv: 'Ed25519', x: base64url(x) })
  }
  if (type === 'ssh-rsa') {
    const [e, n] = [reader.mpint(), reader.mpint()]
    if (e === undefined || n === undefined || e.length === 0 || n.length === 0 || !reader.ended)
      return malformed('the key is no RSA key')
    const bits = (n.length - 1) * 8 + (32 - Math.clz32(n[0] ?? 0))
    if (bits < MIN_RSA_BITS)
      return { ok: false, failure: 'too-weak', why: `an RSA key of ${bits} bits, at least ${MIN_RSA_BITS}` }
    if (bits > MAX_RSA_BITS || e.length > 8) return malformed('the RSA key is larger than any that is used')
    return made(type, fingerprint, { kty: 'RSA', n: base64url(n), e: base64url(e) })
  }
  const curve = CURVES.get(type)
  if (curve === undefined) return { ok: false, failure: 'not-supported', why: `keys of type ${type} are not supported` }
  const [name, point] = [reader.text(), reader.string()]
  if (name !== curve.curve || point?.[0] !== 4 || point.length !== 1 + 2 * curve.bytes || !reader.ended)
    return malformed(`the key is no key of ${curve.curve}`)
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)]
  return made(curve.type, fingerprint, { kty: 'EC', crv: curve.crv, x: base64url(x), y: base64url(y) })
}

/** As `ssh-keygen -l` shows it. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function made(type: SshKeyType, fingerprint: string, jwk: Readonly<Record<string, string>>): ReadSshKey {
  try {
    return { ok: true, key: { type, fingerprint, key: createPublicKey({ key: jwk, format: 'jwk' }) } }
  } catch {
    // A point that is not on its curve.
    return malformed('the key is not sound')
  }
}

function malformed(why: string): ReadSshKey {
  return { ok: false, failure: 'malformed', why }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
