import { decodeAnyBase64 } from './base64.js'
import type { TrustedKey } from './public-key.js'
import { verifySignature } from './public-key.js'
import { fieldOf, isJsonObject } from './strict-json.js'

/** A DSSE envelope (github.com/secure-systems-lab/dsse, envelope.md), decoded; nothing in it is verified. */
export interface DsseEnvelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signatures: readonly DsseSignature[]
}

export interface DsseSignature {
  readonly sig: Uint8Array
  /** An unauthenticated hint which key signed. */
  readonly keyid?: string | undefined
}

export type ParsedEnvelope = { readonly ok: true; readonly envelope: DsseEnvelope } | { readonly ok: false; readonly why: string }

const MAX_SIGNATURES = 100

/** The bytes that are signed (DSSE protocol.md): `DSSEv1`, lengths and contents of type and body, each after a space. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8')
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload])
}

/** Reads an envelope from parsed JSON. Both base64 alphabets are allowed (envelope.md), each canonical. */
export function parseEnvelope(value: unknown): ParsedEnvelope {
  if (!isJsonObject(value)) return { ok: false, why: 'the envelope is no JSON object' }
  const payloadType = fieldOf(value, 'payloadType')
  if (typeof payloadType !== 'string' || payloadType === '') return { ok: false, why: 'the envelope has no payloadType' }
  const encoded = fieldOf(value, 'payload')
  const payload = typeof encoded === 'string' ? decodeAnyBase64(encoded) : undefined
  if (payload === undefined) return { ok: false, why: 'the payload of the envelope is not canonical base64' }
  const list = fieldOf(value, 'signatures')
  if (!Array.isArray(list) || list.length === 0) return { ok: false, why: 'the envelope holds no signature' }
  if (list.length > MAX_SIGNATURES) return { ok: false, why: `the envelope holds more than ${MAX_SIGNATURES} signatures` }
  const signatures: DsseSignature[] = []
  for (const each of list) {
    const sig = isJsonObject(each) ? fieldOf(each, 'sig') : undefined
    const keyid = isJsonObject(each) ? fieldOf(each, 'keyid') : undefined
    const bytes = typeof sig === 'string' ? decodeAnyBase64(sig) : undefined
    if (bytes === undefined || bytes.length === 0 || (keyid !== undefined && typeof keyid !== 'string')) {
      return { ok: false, why: 'a signature of the envelope is malformed' }
    }
    signatures.push({ sig: bytes, keyid: keyid === '' ? undefined : keyid })
  }
  return { ok: true, envelope: { payloadType, payload, signatures } }
}

/** The configured keys that signed the envelope, in their own order. Every key is tried: `keyid` is only a hint. */
export function signersOfEnvelope(envelope: DsseEnvelope, keys: readonly TrustedKey[]): TrustedKey[] {
  const message = preAuthEncoding(envelope.payloadType, envelope.payload)
  return keys.filter(({ key }) => envelope.signatures.some(({ sig }) => verifySignature(key, message, sig)))
}
