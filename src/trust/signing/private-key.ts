import type { KeyObject } from 'node:crypto'
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { TrustedKey } from '../public-key.js'

/** A private key that bundles are signed with; it is never written, shown or kept. */
export interface SigningKey {
  readonly kind: 'p256' | 'ed25519'
  /** What verifies it. */
  readonly publicKey: TrustedKey
  readonly publicPem: string
  readonly sign: (message: Uint8Array) => Buffer
}

export type ReadSigningKey =
  | { readonly ok: true; readonly key: SigningKey }
  /** `encrypted`: it holds a key, and the passphrase is missing or wrong. */
  | { readonly ok: false; readonly failure: 'encrypted' | 'unusable'; readonly why: string; readonly fix: string }

const MAKE_ONE =
  'Make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out key.pem, and its public half with: openssl pkey -in key.pem -pubout -out key.pub.'
const TO_PKCS8 = 'Convert it with: openssl pkcs8 -topk8 -in OLD -out key.pem.'

/**
 * Reads a private key in PEM (PKCS #8, RFC 5958), where it is encrypted with its passphrase. ECDSA P-256 and Ed25519 only:
 * what other kinds sign is not verified by every library in use (spec/trust.md §6.2).
 */
export function readSigningKey(name: string, pem: string, passphrase: string | undefined): ReadSigningKey {
  const label = /^\s*-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem.slice(0, 4096))?.[1]
  const refuse = (why: string, fix: string): ReadSigningKey => ({ ok: false, failure: 'unusable', why, fix })
  switch (label) {
    case 'PRIVATE KEY':
    case 'ENCRYPTED PRIVATE KEY':
      break
    case 'EC PARAMETERS':
    case 'EC PRIVATE KEY':
    case 'RSA PRIVATE KEY':
      return refuse(`${name} holds a private key that is not in the form PKCS #8`, TO_PKCS8)
    case 'ENCRYPTED SIGSTORE PRIVATE KEY':
    case 'ENCRYPTED COSIGN PRIVATE KEY':
      return refuse(`${name} is encrypted in cosign’s own way, which nothing else reads`, MAKE_ONE)
    default:
      return refuse(`${name} holds no private key in PEM`, MAKE_ONE)
  }
  if (label === 'ENCRYPTED PRIVATE KEY' && passphrase === undefined)
    return { ok: false, failure: 'encrypted', why: `${name} is encrypted`, fix: 'Give its passphrase.' }
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    // What OpenSSL says of it is of no use to a person, and might quote what it read.
    if (label === 'ENCRYPTED PRIVATE KEY')
      return {
        ok: false,
        failure: 'encrypted',
        why: `${name} does not open with this passphrase`,
        fix: 'Give the right passphrase.',
      }
    return refuse(`${name} holds a private key that cannot be read`, MAKE_ONE)
  }
  const kind = kindOf(key)
  if (kind === undefined)
    return refuse(`${name} holds a key of kind ${describe(key)}; ECDSA P-256 and Ed25519 are used for signing`, MAKE_ONE)
  const publicKey = createPublicKey(key)
  const hint = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
  return {
    ok: true,
    key: {
      kind,
      publicKey: { name, key: publicKey, hint },
      publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
      sign: (message) => sign(kind === 'p256' ? 'sha256' : null, message, key),
    },
  }
}

function kindOf(key: KeyObject): SigningKey['kind'] | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519'
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'p256' : undefined
}

function describe({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string {
  const curve = asymmetricKeyDetails?.namedCurve
  return curve === undefined ? String(type) : `${type} ${curve}`
}
