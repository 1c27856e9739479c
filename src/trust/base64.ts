const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/
const URL_SAFE = /^[A-Za-z0-9_-]*={0,2}$/

/**
 * Decodes canonical standard base64 (RFC 4648 §4 with §3.5: padded, no white space, zero trailing bits). Undefined
 * for anything else: a lenient decoder gives two texts for one value, and signatures are compared as texts elsewhere.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !STANDARD.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** As `decodeBase64`, and also the URL-safe alphabet of RFC 4648 §5, padded or not. Mixed alphabets are refused. */
export function decodeAnyBase64(text: string): Uint8Array | undefined {
  if (!URL_SAFE.test(text)) return decodeBase64(text)
  const bytes = Buffer.from(text, 'base64url')
  const canonical = bytes.toString('base64url')
  const padded = canonical.padEnd(Math.ceil(canonical.length / 4) * 4, '=')
  return text === canonical || text === padded ? bytes : undefined
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Equal content. Not constant in time: nothing compared here is secret. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}
