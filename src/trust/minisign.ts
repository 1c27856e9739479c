import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import { decodeBase64 } from './base64.js'
import { ED25519_KEY_LENGTH, ED25519_SIGNATURE_LENGTH, ed25519PublicKey, verifyEd25519 } from './ed25519.js'

export interface MinisignKey {
  /** As minisign shows it: upper-case hexadecimal of the little-endian number, without leading zeros. */
  readonly id: string
  readonly key: KeyObject
}

export type ParsedMinisignKey = { readonly ok: true; readonly key: MinisignKey } | { readonly ok: false; readonly why: string }

/** What was signed: the file's bytes, or its BLAKE2b-512 digest, which is enough for prehashed signatures. */
export type SignedFile =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'blake2b512'; readonly digest: Uint8Array }

export type MinisignVerdict =
  | {
      readonly kind: 'verified'
      readonly keyId: string
      /** `ED`: over BLAKE2b-512 of the file. `Ed`: over the file itself, minisign's older form. */
      readonly algorithm: 'ED' | 'Ed'
      /** Signed together with the signature; a stranger's text, escape before showing. */
      readonly trustedComment: string
    }
  | { readonly kind: 'refused'; readonly reason: MinisignRefusal; readonly why: string }

export type MinisignRefusal =
  | 'malformed'
  | 'algorithm-unknown'
  | 'key-id-mismatch'
  | 'signature-invalid'
  | 'comment-invalid'
  | 'file-name-mismatch'
  /** A signature over the whole file, and only its digest is at hand. */
  | 'bytes-needed'

const ALGORITHM_LENGTH = 2
const KEY_ID_LENGTH = 8
const HEADER_LENGTH = ALGORITHM_LENGTH + KEY_ID_LENGTH
const UNTRUSTED_PREFIX = 'untrusted comment: '
const TRUSTED_PREFIX = 'trusted comment: '
/** The tool itself reads comments of at most 8 KiB. */
const MAX_SIGNATURE_FILE_BYTES = 65_536

/** Reads a minisign public key: the file with its comment line, or the one base64 line alone (spec/trust.md §7). */
export function parseMinisignKey(text: string): ParsedMinisignKey {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const encoded = (lines[0]?.startsWith(UNTRUSTED_PREFIX) === true ? lines[1] : lines[0]) ?? ''
  const bytes = decodeBase64(encoded)
  if (bytes?.length !== HEADER_LENGTH + ED25519_KEY_LENGTH) {
    return { ok: false, why: `a minisign public key is base64 of ${HEADER_LENGTH + ED25519_KEY_LENGTH} bytes` }
  }
  if (algorithmOf(bytes) !== 'Ed') return { ok: false, why: 'the key is not of minisign’s only kind, Ed' }
  const key = ed25519PublicKey(bytes.subarray(HEADER_LENGTH))
  if (key === undefined) return { ok: false, why: 'the key is no Ed25519 key' }
  return { ok: true, key: { id: keyIdOf(bytes), key } }
}

/**
 * Verifies a `.minisig` file (spec/trust.md §7). With `expectedFileName`, the trusted comment must name it in a `file:`
 * field: otherwise a validly signed other or older file could be passed off as the one asked for.
 */
export function verifyMinisign(
  signatureFile: Uint8Array,
  key: MinisignKey,
  file: SignedFile,
  expectedFileName?: string,
): MinisignVerdict {
  const parsed = parseSignatureFile(signatureFile)
  if (typeof parsed === 'string') return refused('malformed', parsed)
  const { header, signature, commentBytes, comment, globalSignature } = parsed
  const keyId = keyIdOf(header)
  // The id is not signed, so it proves nothing; a different one still says that another key is meant.
  if (keyId !== key.id) return refused('key-id-mismatch', `signed with key ${keyId}, expected ${key.id}`)
  const algorithm = algorithmOf(header)
  if (algorithm !== 'Ed' && algorithm !== 'ED')
    return refused('algorithm-unknown', 'the signature is neither of kind Ed nor of kind ED')
  const message = messageOf(algorithm, file)
  if (message === undefined)
    return refused('bytes-needed', 'a signature of kind Ed is over the whole file, and only its digest is at hand')
  if (!verifyEd25519(key.key, message, signature)) return refused('signature-invalid', 'the signature does not fit the file')
  if (!verifyEd25519(key.key, Buffer.concat([signature, commentBytes]), globalSignature)) {
    return refused('comment-invalid', 'the trusted comment is not the one that was signed')
  }
  if (expectedFileName !== undefined && !namesFile(comment, expectedFileName)) {
    return refused('file-name-mismatch', 'the trusted comment does not name the file asked for')
  }
  return { kind: 'verified', keyId, algorithm, trustedComment: comment }
}

/** Fields of a trusted comment are separated by tabs; only a whole field counts, and no second one may say otherwise. */
function namesFile(comment: string, name: string): boolean {
  const named = comment.split('\t').filter((field) => field.startsWith('file:'))
  return named.length > 0 && named.every((field) => field === `file:${name}`)
}

function messageOf(algorithm: 'ED' | 'Ed', file: SignedFile): Uint8Array | undefined {
  if (algorithm === 'Ed') return file.kind === 'bytes' ? file.bytes : undefined
  return file.kind === 'bytes' ? createHash('blake2b512').update(file.bytes).digest() : file.digest
}

interface SignatureFile {
  readonly header: Uint8Array
  readonly signature: Uint8Array
  readonly commentBytes: Uint8Array
  readonly comment: string
  readonly globalSignature: Uint8Array
}

/** Lines after the fourth are ignored, as the tool does. */
function parseSignatureFile(bytes: Uint8Array): SignatureFile | string {
  if (bytes.length > MAX_SIGNATURE_FILE_BYTES) return `the signature file is longer than ${MAX_SIGNATURE_FILE_BYTES} bytes`
  // One character a byte: the comment's bytes come back exactly, whatever they are.
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const [untrusted, encoded, trusted, encodedGlobal] = lines
  if (untrusted?.startsWith(UNTRUSTED_PREFIX) !== true) return `the first line does not begin with "${UNTRUSTED_PREFIX}"`
  const signed = decodeBase64(encoded ?? '')
  if (signed?.length !== HEADER_LENGTH + ED25519_SIGNATURE_LENGTH) {
    return `the second line is not base64 of ${HEADER_LENGTH + ED25519_SIGNATURE_LENGTH} bytes`
  }
  if (trusted?.startsWith(TRUSTED_PREFIX) !== true) return `the third line does not begin with "${TRUSTED_PREFIX}"`
  const globalSignature = decodeBase64(encodedGlobal ?? '')
  if (globalSignature?.length !== ED25519_SIGNATURE_LENGTH) {
    return `the fourth line is not base64 of ${ED25519_SIGNATURE_LENGTH} bytes`
  }
  const commentBytes = Buffer.from(trusted.slice(TRUSTED_PREFIX.length), 'latin1')
  let comment: string
  try {
    comment = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(commentBytes)
  } catch {
    return 'the trusted comment is not valid UTF-8'
  }
  return {
    header: signed.subarray(0, HEADER_LENGTH),
    signature: signed.subarray(HEADER_LENGTH),
    commentBytes,
    comment,
    globalSignature,
  }
}

function algorithmOf(header: Uint8Array): string {
  return Buffer.from(header.subarray(0, ALGORITHM_LENGTH)).toString('latin1')
}

function keyIdOf(header: Uint8Array): string {
  return Buffer.from(header.subarray(ALGORITHM_LENGTH, HEADER_LENGTH)).readBigUInt64LE().toString(16).toUpperCase()
}

function refused(reason: MinisignRefusal, why: string): MinisignVerdict {
  return { kind: 'refused', reason, why }
}
