import { createHash } from 'node:crypto'
import { encodeBase64 } from '../base64.js'
import { parseEnvelope } from '../dsse.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'

/** What cosign before version 3 kept beside a signature, in a file or in the annotations of a layer (spec/trust.md §3.3, §5.6), as written. */
export interface LegacyMaterial {
  /** Base64; empty for an envelope, which holds its own. */
  readonly signature: string
  /** PEM. */
  readonly certificate?: string | undefined
  readonly chain?: string | undefined
  /** JSON: `SignedEntryTimestamp` and `Payload`. */
  readonly rekorBundle?: string | undefined
  /** Base64 of an RFC 3161 token. */
  readonly timestamp?: string | undefined
}

export type ConvertedBundle = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string }

/** What was signed: bytes with their signature beside them, or an envelope that holds its own. */
export type LegacyContent =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'envelope'; readonly bytes: Uint8Array }

/** Bytes of which the digest alone is at hand. */
export interface LegacyDigest {
  readonly kind: 'digest'
  readonly sha256: Uint8Array
}

/**
 * Writes as a bundle (v0.1) what cosign before version 3 spread over the annotations of a layer (spec/trust.md §5.6). Only
 * another form: whether any of it holds, verifying the bundle tells.
 */
export function bundleOfLegacy(material: LegacyMaterial, content: LegacyContent | LegacyDigest): ConvertedBundle {
  const entry = material.rekorBundle === undefined ? undefined : logEntryOf(material.rekorBundle)
  if (typeof entry === 'string') return { ok: false, why: entry }
  const certificate = material.certificate === undefined ? undefined : derOf(material.certificate)
  if (material.certificate !== undefined && certificate === undefined) return { ok: false, why: 'its certificate is not in PEM' }
  const signed = content.kind === 'envelope' ? envelopeOf(content.bytes) : messageOf(material.signature, sha256Of(content))
  if (typeof signed === 'string') return { ok: false, why: signed }
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      ...(certificate === undefined
        ? { publicKey: { hint: '' } }
        : { x509CertificateChain: { certificates: [{ rawBytes: certificate }] } }),
      // A key of one's own needs no witness, and the log may be one that no root at hand knows.
      tlogEntries: entry === undefined || certificate === undefined ? [] : [entry],
      timestampVerificationData: {
        rfc3161Timestamps: material.timestamp === undefined ? [] : [{ signedTimestamp: material.timestamp }],
      },
    },
    ...signed,
  }
  return { ok: true, bytes: Buffer.from(JSON.stringify(bundle)) }
}

function sha256Of(content: Extract<LegacyContent, { kind: 'message' }> | LegacyDigest): Uint8Array {
  return content.kind === 'digest' ? content.sha256 : createHash('sha256').update(content.bytes).digest()
}

function messageOf(signature: string, sha256: Uint8Array): object | string {
  if (signature === '') return 'it has no signature beside it'
  return { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: encodeBase64(sha256) }, signature } }
}

/** In the standard alphabet of base64, which a bundle demands and an envelope does not. */
function envelopeOf(bytes: Uint8Array): object | string {
  const json = parseStrictJson(bytes)
  const parsed = parseEnvelope(json.ok ? json.value : undefined)
  if (!parsed.ok) return parsed.why
  const { payloadType, payload, signatures } = parsed.envelope
  return {
    dsseEnvelope: {
      payloadType,
      payload: encodeBase64(payload),
      signatures: signatures.map(({ sig, keyid }) => ({ sig: encodeBase64(sig), keyid: keyid ?? '' })),
    },
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,400000})-----END CERTIFICATE-----/

/** The first certificate, as base64 of its DER. */
function derOf(pem: string): string | undefined {
  return PEM_CERTIFICATE.exec(pem)?.[1]?.replaceAll(/\s/g, '')
}

/** `{"SignedEntryTimestamp", "Payload": {"body", "integratedTime", "logIndex", "logID"}}` as an entry of a bundle. */
function logEntryOf(text: string): object | string {
  const broken = 'its log entry cannot be read'
  const json = parseStrictJson(Buffer.from(text))
  if (!json.ok || !isJsonObject(json.value)) return broken
  const promise = fieldOf(json.value, 'SignedEntryTimestamp')
  const payload = fieldOf(json.value, 'Payload')
  if (typeof promise !== 'string' || !isJsonObject(payload)) return broken
  const [body, time, index, log] = ['body', 'integratedTime', 'logIndex', 'logID'].map((name) => fieldOf(payload, name))
  if (typeof body !== 'string' || !isCount(time) || !isCount(index)) return broken
  if (typeof log !== 'string' || !/^[0-9a-f]{64}$/.test(log)) return broken
  const kindVersion = kindOf(body)
  if (kindVersion === undefined) return broken
  return {
    logIndex: String(index),
    logId: { keyId: Buffer.from(log, 'hex').toString('base64') },
    kindVersion,
    integratedTime: String(time),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: body,
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function kindOf(body: string): { readonly kind: string; readonly version: string } | undefined {
  const json = parseStrictJson(Buffer.from(body, 'base64'))
  if (!json.ok || !isJsonObject(json.value)) return undefined
  const [kind, version] = [field(json.value, 'kind'), field(json.value, 'apiVersion')]
  return kind === undefined || version === undefined ? undefined : { kind, version }
}

function field(json: JsonObject, name: string): string | undefined {
  const value = fieldOf(json, name)
  return typeof value === 'string' ? value : undefined
}
