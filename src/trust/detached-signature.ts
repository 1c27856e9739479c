import { X509Certificate } from 'node:crypto'
import type { Digest } from '../model/digest.js'
import { decodeBase64 } from './base64.js'
import type { TrustedKey } from './public-key.js'
import { verifySignature } from './public-key.js'

/** What a file of a signature alone holds. */
export type DetachedKind = 'signature' | 'openpgp' | 'ssh'

/** Longer than any signature by a key; also bounds what is tried as base64. */
const MAX_SIGNATURE_BYTES = 16_384
/** Every OpenPGP signature is longer; raw ones by an Ed25519 key are not. */
const SHORTEST_PACKET = 66
const PACKET_VERSIONS: ReadonlySet<number | undefined> = new Set([3, 4, 5, 6])

/** Decides by the content what signs: `.sig` is the ending of three kinds. Undefined for what can be none of them. */
export function detachedKind(bytes: Uint8Array): DetachedKind | undefined {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart()
  if (head.startsWith('-----BEGIN PGP ')) return 'openpgp'
  if (head.startsWith('-----BEGIN SSH SIGNATURE-----')) return 'ssh'
  if (isOpenpgpPacket(bytes)) return 'openpgp'
  return signaturesIn(bytes).length > 0 ? 'signature' : undefined
}

/** A signature packet (RFC 9580 §4.2) that is as long as it says, alone or before another one. */
function isOpenpgpPacket(bytes: Uint8Array): boolean {
  const [tag, first = 0, second = 0] = bytes
  const header =
    tag === 0x88
      ? { size: 2, length: first }
      : tag === 0x89
        ? { size: 3, length: first * 256 + second }
        : tag !== 0xc2
          ? undefined
          : first < 192
            ? { size: 2, length: first }
            : { size: 3, length: (first - 192) * 256 + second + 192 }
  if (header === undefined || header.length < SHORTEST_PACKET || !PACKET_VERSIONS.has(bytes[header.size])) return false
  const end = header.size + header.length
  return end === bytes.length || bytes[end] === tag
}

/** The bytes as they are, and what they are as base64, which cosign writes: the key decides which it is. */
function signaturesIn(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length === 0 || bytes.length > MAX_SIGNATURE_BYTES) return []
  const decoded = decodeBase64(Buffer.from(bytes).toString('latin1').trim())
  return decoded === undefined || decoded.length === 0 ? [bytes] : [decoded, bytes]
}

/** The thing that was signed, as far as it is at hand. */
export interface SignedBytes {
  readonly bytes?: Uint8Array | undefined
  readonly anchors: readonly Digest[]
}

/**
 * The configured key by which the file signs the bytes (ECDSA over SHA-256, RSA PKCS #1 v1.5, Ed25519 over the bytes
 * themselves). `bytes-needed` where a key's kind signs whole files, or no SHA-256 is known, and the
 * bytes are not at hand.
 */
export async function signerOfDetached(
  signature: Uint8Array,
  artifact: SignedBytes,
  keys: readonly TrustedKey[],
): Promise<TrustedKey | 'bytes-needed' | undefined> {
  for (const key of keys) if (await isSignedBy(key.key, signature, artifact)) return key
  if (artifact.bytes !== undefined) return undefined
  const byDigest = keys.every(({ key }) => key.asymmetricKeyType === 'ec') && sha256Of(artifact) !== undefined
  return byDigest ? undefined : 'bytes-needed'
}

/** Whether the signature is by the key of this certificate (PEM, or base64 of PEM as cosign writes it); undefined where it cannot be told. */
export async function isSignedByCertificate(
  certificate: Uint8Array,
  signature: Uint8Array,
  artifact: SignedBytes,
): Promise<boolean | undefined> {
  const text = Buffer.from(certificate).toString('latin1').trim()
  const pem = text.startsWith('-----BEGIN') ? text : Buffer.from(decodeBase64(text) ?? []).toString('latin1')
  try {
    const { publicKey } = new X509Certificate(pem)
    if (artifact.bytes === undefined && publicKey.asymmetricKeyType !== 'ec') return undefined
    return await isSignedBy(publicKey, signature, artifact)
  } catch {
    return undefined
  }
}

async function isSignedBy(key: TrustedKey['key'], file: Uint8Array, { bytes, anchors }: SignedBytes): Promise<boolean> {
  const signatures = signaturesIn(file)
  if (bytes !== undefined) return signatures.some((signature) => verifySignature(key, bytes, signature))
  const sha256 = sha256Of({ anchors })
  if (sha256 === undefined || key.asymmetricKeyType !== 'ec') return false
  const { verifyOverDigest } = await import('./sigstore/prehashed.js')
  return signatures.some((signature) => verifyOverDigest(key, Buffer.from(sha256, 'hex'), signature))
}

function sha256Of({ anchors }: Pick<SignedBytes, 'anchors'>): string | undefined {
  return anchors.find((anchor) => anchor.of === 'artifact' && anchor.algorithm === 'sha256')?.value
}
