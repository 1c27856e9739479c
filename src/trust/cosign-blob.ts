import { decodeBase64 } from './base64.js'
import type { LegacyMaterial } from './sigstore/legacy-bundle.js'
import type { JsonObject } from './strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from './strict-json.js'

/** What `cosign sign-blob --bundle` and `attest-blob --bundle` wrote before version 3 (spec/trust.md §3.3); nothing of it is verified. */
export interface CosignBlob {
  readonly material: LegacyMaterial
  /** The DSSE envelope that stands in the place of a signature, of `attest-blob`. */
  readonly envelope?: Uint8Array | undefined
}

export type ReadCosignBlob = { readonly ok: true; readonly blob: CosignBlob } | { readonly ok: false; readonly why: string }

/** Reads `{"base64Signature", "cert": base64 of PEM, "rekorBundle": {…}}`. */
export function readCosignBlob(json: JsonObject): ReadCosignBlob {
  const signature = fieldOf(json, 'base64Signature')
  const signed = typeof signature === 'string' ? decodeBase64(signature) : undefined
  if (typeof signature !== 'string' || signed === undefined || signed.length === 0)
    return { ok: false, why: 'its signature is not canonical base64' }
  const cert = fieldOf(json, 'cert') ?? ''
  const pem = typeof cert === 'string' ? decodeBase64(cert) : undefined
  if (pem === undefined) return { ok: false, why: 'its certificate is not canonical base64' }
  const text = Buffer.from(pem).toString('latin1')
  const rekorBundle = fieldOf(json, 'rekorBundle') ?? undefined
  if (rekorBundle !== undefined && !isJsonObject(rekorBundle)) return { ok: false, why: 'its log entry is no object' }
  const material: LegacyMaterial = {
    signature,
    // Of a signature by a key, the public key stands there, which proves nothing.
    certificate: text === '' || text.includes('-----BEGIN PUBLIC KEY-----') ? undefined : text,
    rekorBundle: rekorBundle === undefined ? undefined : JSON.stringify(rekorBundle),
  }
  return { ok: true, blob: { material, envelope: isEnvelope(signed) ? signed : undefined } }
}

/** A raw signature may begin with a brace, and is no JSON. */
function isEnvelope(signed: Uint8Array): boolean {
  const json = parseStrictJson(signed)
  return json.ok && isJsonObject(json.value)
}
