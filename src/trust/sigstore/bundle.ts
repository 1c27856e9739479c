import { X509Certificate } from 'node:crypto'
import { decodeBase64 } from '../base64.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import { checkLogEntry } from './log-entry.js'

/** A bundle whose outer form is sound, bounded and unambiguous; nothing in it is verified yet. */
export interface SoundBundle {
  /** For the library to read. */
  readonly json: JsonObject
  readonly version: '0.1' | '0.2' | '0.3'
  readonly content: BundleContent
  readonly signedBy: 'certificate' | 'public-key'
  /** Base64 ids of the logs that its entries name. */
  readonly logIds: readonly string[]
  /** It carries a log entry or a timestamp. */
  readonly hasWitness: boolean
}

export type BundleContent =
  | { readonly kind: 'message'; readonly sha256: Uint8Array }
  | { readonly kind: 'dsse'; readonly payloadType: string; readonly payload: Uint8Array }

export type ReadBundle = { readonly ok: true; readonly bundle: SoundBundle } | { readonly ok: false; readonly why: string }

const MEDIA_TYPES: ReadonlyMap<unknown, SoundBundle['version']> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', '0.3'],
])
const MAX_ENTRIES = 8
const MAX_TIMESTAMPS = 8
const MAX_CERTIFICATES = 5
const MAX_CERTIFICATE_BYTES = 256 * 1024
const MAX_TIMESTAMP_LENGTH = 64 * 1024
const SHA256_LENGTH = 32

class Malformed extends Error {}

function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Malformed(why)
}

/**
 * Reads a sigstore bundle and checks what the library does not (spec/trust.md §1.6, 1 to 7 and 10): one meaning, known
 * media type, bounded counts and sizes, canonical base64, checkpoint lines that can do no harm.
 */
export function readBundle(bytes: Uint8Array): ReadBundle {
  const json = parseStrictJson(bytes)
  if (!json.ok) return { ok: false, why: `the bundle cannot be read: ${json.why}` }
  try {
    return { ok: true, bundle: checkBundle(json.value) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, why: error.message }
    throw error
  }
}

function checkBundle(json: unknown): SoundBundle {
  demand(isJsonObject(json), 'the bundle is no JSON object')
  const version = MEDIA_TYPES.get(fieldOf(json, 'mediaType'))
  demand(version !== undefined, 'the media type is none of a known sigstore bundle version')
  const material = fieldOf(json, 'verificationMaterial')
  demand(isJsonObject(material), 'verificationMaterial is missing')
  const signedBy = checkKeyMaterial(material)
  const content = contentOf(json)
  const entries = listOf(material, 'tlogEntries', MAX_ENTRIES)
  const logIds = entries.map((entry) => {
    demand(isJsonObject(entry), 'a log entry is no object')
    const checked = checkLogEntry(entry)
    demand(checked.ok, checked.ok ? '' : checked.why)
    return checked.logId
  })
  const timestamps = checkTimestamps(material)
  return { json, version, content, signedBy, logIds, hasWitness: entries.length + timestamps > 0 }
}

function listOf(object: JsonObject, name: string, most: number): readonly unknown[] {
  const value = fieldOf(object, name) ?? []
  demand(Array.isArray(value), `${name} is no list`)
  demand(value.length <= most, `${name} holds more than ${most} elements`)
  return value
}

/** The number of timestamps. */
function checkTimestamps(material: JsonObject): number {
  const data = fieldOf(material, 'timestampVerificationData') ?? {}
  demand(isJsonObject(data), 'timestampVerificationData is no object')
  const timestamps = listOf(data, 'rfc3161Timestamps', MAX_TIMESTAMPS)
  for (const each of timestamps) {
    const text = isJsonObject(each) ? fieldOf(each, 'signedTimestamp') : undefined
    // How it is written as base64 does not matter: it is signed inside.
    demand(typeof text === 'string' && text.length <= MAX_TIMESTAMP_LENGTH, 'a signed timestamp is malformed or too long')
  }
  return timestamps.length
}

function checkKeyMaterial(material: JsonObject): SoundBundle['signedBy'] {
  const chain = fieldOf(material, 'x509CertificateChain')
  const certificate = fieldOf(material, 'certificate')
  const publicKey = fieldOf(material, 'publicKey')
  const given = [chain, certificate, publicKey].filter((each) => each !== undefined && each !== null)
  demand(given.length === 1 && isJsonObject(given[0]), 'the bundle names not just one of certificate, chain and public key')
  if (publicKey === given[0]) {
    const hint = fieldOf(given[0], 'hint') ?? ''
    demand(typeof hint === 'string', 'the hint of the public key is no text')
    return 'public-key'
  }
  const certificates = certificate === given[0] ? [given[0]] : listOf(given[0], 'certificates', MAX_CERTIFICATES)
  demand(certificates.length > 0, 'the certificate chain is empty')
  for (const each of certificates) checkCertificate(each)
  return 'certificate'
}

/** A root in the bundle would be trusted by a careless reader: the conformance suite demands its refusal. */
function checkCertificate(value: unknown): void {
  const bytes = isJsonObject(value) ? bytesOf(value, 'rawBytes') : undefined
  demand(bytes !== undefined && bytes.length <= MAX_CERTIFICATE_BYTES, 'a certificate is malformed or too long')
  let selfSigned: boolean
  try {
    const certificate = new X509Certificate(bytes)
    selfSigned = certificate.ca && certificate.checkIssued(certificate)
  } catch {
    throw new Malformed('a certificate cannot be read')
  }
  demand(!selfSigned, 'the chain carries a root certificate')
}

function contentOf(json: JsonObject): BundleContent {
  const message = fieldOf(json, 'messageSignature') ?? undefined
  const envelope = fieldOf(json, 'dsseEnvelope') ?? undefined
  if (isJsonObject(message) && envelope === undefined) return messageOf(message)
  demand(isJsonObject(envelope) && message === undefined, 'the bundle holds not just one of message signature and envelope')
  const payloadType = fieldOf(envelope, 'payloadType')
  demand(typeof payloadType === 'string', 'the envelope has no payload type')
  const payload = bytesOf(envelope, 'payload')
  demand(payload !== undefined, 'the payload is not canonical base64')
  const [signature, ...more] = listOf(envelope, 'signatures', Number.MAX_SAFE_INTEGER)
  demand(isJsonObject(signature) && more.length === 0, 'the envelope of a bundle has exactly one signature')
  demand(bytesOf(signature, 'sig') !== undefined, 'the signature is not canonical base64')
  return { kind: 'dsse', payloadType, payload }
}

function messageOf(message: JsonObject): BundleContent {
  demand(bytesOf(message, 'signature') !== undefined, 'the signature is not canonical base64')
  const digest = fieldOf(message, 'messageDigest')
  demand(isJsonObject(digest), 'the message signature names no digest')
  demand(fieldOf(digest, 'algorithm') === 'SHA2_256', 'the digest of the message is not SHA-256')
  const sha256 = bytesOf(digest, 'digest')
  demand(sha256?.length === SHA256_LENGTH, 'the digest of the message is not a SHA-256 in base64')
  return { kind: 'message', sha256 }
}

/** A non-empty value in canonical standard base64. */
function bytesOf(object: JsonObject, name: string): Uint8Array | undefined {
  const value = fieldOf(object, name)
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined
  return bytes === undefined || bytes.length === 0 ? undefined : bytes
}
