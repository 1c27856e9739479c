import { createHash } from 'node:crypto'
import { decodeBase64 } from './base64.js'
import { ED25519_KEY_LENGTH, ed25519PublicKey, verifyEd25519 } from './ed25519.js'

/** A key that signs notes, made by `parseVerifierKey`. */
export interface NoteVerifier {
  readonly name: string
  /** First four bytes of SHA-256(name, LF, key), 8 hexadecimal digits. A hint that tells keys of one name apart. */
  readonly keyHash: string
  readonly verify: (text: Uint8Array, signature: Uint8Array) => boolean
}

/** Who signed, as the signature line says. */
export interface NoteSigner {
  readonly name: string
  readonly keyHash: string
}

export type OpenedNote =
  /** At least one known key signed and no known key's signature is bad. `text` ends with a line feed. */
  | {
      readonly kind: 'verified'
      readonly text: string
      readonly signers: readonly NoteSigner[]
      /** Signatures by keys that are not known; nothing is known about them. */
      readonly unverified: readonly NoteSigner[]
    }
  | { readonly kind: 'malformed'; readonly why: string }
  /** Well formed, and none of its signatures is by a known key. */
  | { readonly kind: 'unverified'; readonly unverified: readonly NoteSigner[] }
  /** A known key's signature does not hold: altered text or altered signature. */
  | { readonly kind: 'bad-signature'; readonly signer: NoteSigner }

/** Longest note that is read, in bytes (spec/go.md §9.3 refuses longer tree heads). */
export const MAX_NOTE_BYTES = 1_000_000
const MAX_SIGNATURES = 100
const KEY_HASH_BYTES = 4
const ALGORITHM_ED25519 = 1
const SIGNATURE_PREFIX = '— '
const WHITE_SPACE = /\s/u
const CONTROL_EXCEPT_LF = /[\u0000-\u0009\u000b-\u001f]/

export type ParsedVerifierKey =
  | { readonly ok: true; readonly verifier: NoteVerifier }
  | { readonly ok: false; readonly why: string }

/**
 * Reads a verifier key `NAME+HASH+KEY` (C2SP signed-note, spec/go.md §9.1). The base64 of KEY may itself hold `+`, so
 * only the first two separate.
 */
export function parseVerifierKey(text: string): ParsedVerifierKey {
  const first = text.indexOf('+')
  const second = text.indexOf('+', first + 1)
  if (first < 0 || second < 0) return { ok: false, why: 'a verifier key has the form NAME+HASH+KEY' }
  const name = text.slice(0, first)
  const keyHash = text.slice(first + 1, second)
  if (!isNoteName(name)) return { ok: false, why: 'the name of a verifier key is not empty and holds no white space' }
  if (!/^[0-9a-f]{8}$/.test(keyHash)) return { ok: false, why: 'the hash of a verifier key is 8 hexadecimal digits' }
  const bytes = decodeBase64(text.slice(second + 1))
  if (bytes === undefined || bytes.length === 0) return { ok: false, why: 'the key part of a verifier key is not base64' }
  if (keyHashOf(name, bytes) !== keyHash) return { ok: false, why: 'the hash in the verifier key does not fit its name and key' }
  if (bytes[0] !== ALGORITHM_ED25519)
    return { ok: false, why: `verifier keys of kind ${bytes[0]} are not known, only Ed25519 (1)` }
  const key = ed25519PublicKey(bytes.subarray(1))
  if (key === undefined) return { ok: false, why: `an Ed25519 key has ${ED25519_KEY_LENGTH} bytes` }
  const verify = (message: Uint8Array, signature: Uint8Array): boolean => verifyEd25519(key, message, signature)
  return { ok: true, verifier: { name, keyHash, verify } }
}

function keyHashOf(name: string, key: Uint8Array): string {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(key)
    .digest('hex')
    .slice(0, KEY_HASH_BYTES * 2)
}

function isNoteName(name: string): boolean {
  return name !== '' && !name.includes('+') && !WHITE_SPACE.test(name)
}

/**
 * Opens a signed note (C2SP signed-note, spec/go.md §9.2): splits text from signatures at the last empty line and
 * checks every signature whose name and key hash belong to a known key.
 */
export function openNote(message: Uint8Array, known: readonly NoteVerifier[]): OpenedNote {
  const parsed = splitNote(message)
  if ('why' in parsed) return { kind: 'malformed', why: parsed.why }
  const text = new TextEncoder().encode(parsed.text)
  const signers: NoteSigner[] = []
  const unverified: NoteSigner[] = []
  for (const { name, keyHash, signature } of parsed.signatures) {
    const verifier = known.find((candidate) => candidate.name === name && candidate.keyHash === keyHash)
    if (verifier === undefined) unverified.push({ name, keyHash })
    else if (signers.some((signer) => signer.name === name && signer.keyHash === keyHash)) continue
    else if (!verifier.verify(text, signature)) return { kind: 'bad-signature', signer: { name, keyHash } }
    else signers.push({ name, keyHash })
  }
  return signers.length === 0 ? { kind: 'unverified', unverified } : { kind: 'verified', text: parsed.text, signers, unverified }
}

interface SignatureLine extends NoteSigner {
  readonly signature: Uint8Array
}

interface SplitNote {
  readonly text: string
  readonly signatures: readonly SignatureLine[]
}

function splitNote(message: Uint8Array): SplitNote | { readonly why: string } {
  if (message.length > MAX_NOTE_BYTES) return { why: `it is longer than ${MAX_NOTE_BYTES} bytes` }
  let whole: string
  try {
    whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message)
  } catch {
    return { why: 'it is not valid UTF-8' }
  }
  if (CONTROL_EXCEPT_LF.test(whole)) return { why: 'it holds a control character' }
  const split = whole.lastIndexOf('\n\n')
  if (split < 0) return { why: 'no empty line separates text from signatures' }
  const block = whole.slice(split + 2)
  if (block === '') return { why: 'it holds no signature' }
  if (!block.endsWith('\n')) return { why: 'its last line does not end' }
  const lines = block.slice(0, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return { why: `it holds more than ${MAX_SIGNATURES} signatures` }
  const signatures: SignatureLine[] = []
  for (const line of lines) {
    const parsed = parseSignatureLine(line)
    if (parsed === undefined) return { why: 'a signature line is not of the form "— NAME BASE64"' }
    signatures.push(parsed)
  }
  return { text: whole.slice(0, split + 1), signatures }
}

function parseSignatureLine(line: string): SignatureLine | undefined {
  if (!line.startsWith(SIGNATURE_PREFIX)) return undefined
  const [name, encoded, more] = line.slice(SIGNATURE_PREFIX.length).split(' ')
  if (name === undefined || encoded === undefined || more !== undefined || !isNoteName(name)) return undefined
  const bytes = decodeBase64(encoded)
  if (bytes === undefined || bytes.length <= KEY_HASH_BYTES) return undefined
  const keyHash = Buffer.from(bytes.subarray(0, KEY_HASH_BYTES)).toString('hex')
  return { name, keyHash, signature: bytes.subarray(KEY_HASH_BYTES) }
}
