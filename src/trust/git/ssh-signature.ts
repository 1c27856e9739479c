import { createHash, verify } from 'node:crypto'
import { decodeBase64 } from '../base64.js'
import type { SshPublicKey } from './ssh-key.js'
import { readSshKey } from './ssh-key.js'
import { SshReader, sshString } from './ssh-wire.js'

/** What came of checking an SSHSIG signature by the key that it carries; whose key that is, is another question. */
export type SshVerdict =
  | { readonly kind: 'holds'; readonly key: SshPublicKey; readonly keyBlob: Uint8Array }
  /** `namespace`: it was made for another use than git. */
  | { readonly kind: 'refused'; readonly reason: 'malformed' | 'namespace' | 'weak' | 'signature'; readonly why: string }
  | { readonly kind: 'not-supported'; readonly why: string }

const BEGIN = '-----BEGIN SSH SIGNATURE-----'
const END = '-----END SSH SIGNATURE-----'
const MAGIC = 'SSHSIG'
const MAX_ARMOR = 64 * 1024

/** Checks an armored SSH signature over a message (PROTOCOL.sshsig of OpenSSH). */
export function verifySshSignature(armored: string, message: Uint8Array, namespace: string): SshVerdict {
  const blob = unarmor(armored)
  if (blob === undefined) return malformed('its armor is damaged')
  const reader = new SshReader(blob)
  const magic = reader.take(MAGIC.length)
  const version = reader.uint32()
  const keyBlob = reader.string()
  const stated = reader.text()
  const reserved = reader.string()
  const hash = reader.text()
  const signature = reader.string()
  if (magic === undefined || Buffer.from(magic).toString('latin1') !== MAGIC) return malformed('it is no SSHSIG signature')
  if (version !== 1) return { kind: 'not-supported', why: `SSHSIG signatures of version ${version ?? 'none'} are not supported` }
  if (keyBlob === undefined || stated === undefined || reserved === undefined || signature === undefined || !reader.ended)
    return malformed('its parts are not those of an SSHSIG signature')
  if (stated !== namespace)
    return { kind: 'refused', reason: 'namespace', why: `it was made for the namespace ${stated}, and not for ${namespace}` }
  if (hash !== 'sha256' && hash !== 'sha512') return malformed('it hashes with neither sha256 nor sha512')
  const read = readSshKey(keyBlob)
  if (!read.ok) {
    if (read.failure === 'not-supported') return { kind: 'not-supported', why: read.why }
    return { kind: 'refused', reason: read.failure === 'too-weak' ? 'weak' : 'malformed', why: read.why }
  }
  const signed = Buffer.concat([
    Buffer.from(MAGIC),
    sshString(stated),
    sshString(reserved),
    sshString(hash),
    sshString(createHash(hash).update(message).digest()),
  ])
  const outcome = checkSignature(read.key, signature, signed)
  return outcome === true ? { kind: 'holds', key: read.key, keyBlob } : outcome
}

/** The hash that each ECDSA key signs with (RFC 5656 §6.2.1). */
const ECDSA_HASH = {
  'ecdsa-sha2-nistp256': { hash: 'sha256', bytes: 32 },
  'ecdsa-sha2-nistp384': { hash: 'sha384', bytes: 48 },
  'ecdsa-sha2-nistp521': { hash: 'sha512', bytes: 66 },
} as const

function checkSignature({ type, key }: SshPublicKey, blob: Uint8Array, signed: Uint8Array): true | SshVerdict {
  const reader = new SshReader(blob)
  const algorithm = reader.text()
  const content = reader.string()
  if (algorithm === undefined || content === undefined || !reader.ended) return malformed('the signature in it is damaged')
  const fits = (holds: boolean): true | SshVerdict =>
    holds || { kind: 'refused', reason: 'signature', why: 'the signature is not over these bytes by the key it names' }
  switch (type) {
    case 'ssh-ed25519':
      if (algorithm !== type || content.length !== 64) return malformed('its signature is none of an Ed25519 key')
      return fits(verify(null, signed, key, content))
    case 'ssh-rsa':
      // RFC 8332; `ssh-rsa` itself is SHA-1, which SSHSIG forbids.
      if (algorithm !== 'rsa-sha2-256' && algorithm !== 'rsa-sha2-512')
        return { kind: 'refused', reason: 'weak', why: `an RSA key that signs by ${algorithm}` }
      return fits(verify(algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512', signed, key, content))
    default: {
      const { hash, bytes } = ECDSA_HASH[type]
      const pair = new SshReader(content)
      const [r, s] = [pair.mpint(), pair.mpint()]
      if (algorithm !== type || r === undefined || s === undefined || !pair.ended || r.length > bytes || s.length > bytes)
        return malformed('its signature is none of an ECDSA key')
      const both = Buffer.concat([leftPadded(r, bytes), leftPadded(s, bytes)])
      return fits(verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, both))
    }
  }
}

function leftPadded(number: Uint8Array, bytes: number): Buffer {
  return Buffer.concat([Buffer.alloc(bytes - number.length), number])
}

function unarmor(armored: string): Uint8Array | undefined {
  if (armored.length > MAX_ARMOR) return undefined
  const lines = armored.trimEnd().split(/\r?\n/)
  if (lines.shift() !== BEGIN || lines.pop() !== END) return undefined
  return decodeBase64(lines.join(''))
}

function malformed(why: string): SshVerdict {
  return { kind: 'refused', reason: 'malformed', why }
}
