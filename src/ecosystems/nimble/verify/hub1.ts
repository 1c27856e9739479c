import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * A HUB1 content identifier (spec/nimble.md §10): namespace, version 1, and SHA-256 over content and salt. Nim's tools know
 * none; a record beside a package can carry one.
 */
export interface Hub1Identifier {
  /** All 37 bytes. */
  readonly bytes: Uint8Array
  /** Canonical: 74 lower-case hexadecimal digits. */
  readonly hex: string
  /** 60 lower-case characters of RFC 4648 base32. */
  readonly base32: string
}

/** In the order they are looked for. */
export type Hub1Problem =
  | 'empty'
  | 'whitespace'
  | 'prefix'
  | 'padding'
  | 'length'
  | 'case'
  | 'alphabet'
  | 'trailing-bits'
  | 'namespace'
  | 'version'

export type Hub1Result =
  | { readonly ok: true; readonly identifier: Hub1Identifier }
  | { readonly ok: false; readonly problem: Hub1Problem }

const NAMESPACE = Buffer.from('HUB1')
const VERSION = 1
const HEX_LENGTH = 74
const BASE32_LENGTH = 60
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** Reads either text form, all of it in one case. */
export function parseHub1(text: string): Hub1Result {
  const problem = (code: Hub1Problem): Hub1Result => ({ ok: false, problem: code })
  if (text === '') return problem('empty')
  if (/\s/.test(text)) return problem('whitespace')
  if (/^0x/i.test(text)) return problem('prefix')
  if (text.includes('=')) return problem('padding')
  if (text.length !== HEX_LENGTH && text.length !== BASE32_LENGTH) return problem('length')
  const lower = text.toLowerCase()
  if (text !== lower && text !== text.toUpperCase()) return problem('case')
  const bytes = text.length === HEX_LENGTH ? fromHex(lower) : fromBase32(lower)
  if (typeof bytes === 'string') return problem(bytes)
  if (Buffer.compare(bytes.subarray(0, NAMESPACE.length), NAMESPACE) !== 0) return problem('namespace')
  return bytes[NAMESPACE.length] === VERSION ? { ok: true, identifier: identifierOf(bytes) } : problem('version')
}

/** The identifier of content with a salt, which may be empty. */
export function hub1Of(content: Uint8Array, salt: Uint8Array): Hub1Identifier {
  const digest = createHash('sha256').update(content).update(salt).digest()
  return identifierOf(Buffer.concat([NAMESPACE, Buffer.of(VERSION), digest]))
}

/**
 * Whether content has an identifier. Without the salt nobody can tell. Content and salt are joined without a mark between,
 * so that a match is worth something only where the length of the content is bound elsewhere.
 */
export function verifyHub1(
  identifier: Hub1Identifier,
  content: Uint8Array,
  salt: Uint8Array | undefined,
): 'match' | 'mismatch' | 'unverifiable' {
  if (salt === undefined) return 'unverifiable'
  return timingSafeEqual(identifier.bytes, hub1Of(content, salt).bytes) ? 'match' : 'mismatch'
}

function identifierOf(bytes: Buffer): Hub1Identifier {
  return { bytes, hex: bytes.toString('hex'), base32: toBase32(bytes) }
}

function fromHex(text: string): Buffer | Hub1Problem {
  return /^[0-9a-f]+$/.test(text) ? Buffer.from(text, 'hex') : 'alphabet'
}

/** 60 characters hold 300 bits, 37 bytes are 296: the last four must be zero. */
function fromBase32(text: string): Buffer | Hub1Problem {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return 'alphabet'
    bits = ((bits << 5) | value) & 0xfff
    held += 5
    if (held < 8) continue
    held -= 8
    bytes.push((bits >> held) & 0xff)
  }
  return (bits & ((1 << held) - 1)) === 0 ? Buffer.from(bytes) : 'trailing-bits'
}

function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff
    held += 8
    for (; held >= 5; held -= 5) text += ALPHABET.charAt((bits >> (held - 5)) & 31)
  }
  return held === 0 ? text : text + ALPHABET.charAt((bits << (5 - held)) & 31)
}
