import { decodeBase64 } from '../base64.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'

const MAX_PROOF_HASHES = 64
const MAX_CHECKPOINT_LENGTH = 16_384
/** Any longer number is no index; reading one of megabytes as an integer takes for ever. */
const INT64 = /^-?[0-9]{1,20}$/
/**
 * The library uses the name of a checkpoint's signature line as a regular expression on text that is not verified yet:
 * only characters that mean themselves may pass (`.` aside, which matches one character and takes no time).
 */
const CHECKPOINT_SIGNATURE = /^\u2014 [A-Za-z0-9._/:-]{1,255} [A-Za-z0-9+/]{1,2048}={0,2}$/

export type CheckedLogEntry = { readonly ok: true; readonly logId: string } | { readonly ok: false; readonly why: string }

/** Checks the outer form of a transparency-log entry (spec/trust.md §1.6, 3, 5 and 6). */
export function checkLogEntry(entry: JsonObject): CheckedLogEntry {
  const logId = logIdOf(entry)
  if (logId === undefined) return { ok: false, why: 'a log entry does not name its log' }
  const why = findDefect(entry)
  return why === undefined ? { ok: true, logId } : { ok: false, why }
}

function logIdOf(entry: JsonObject): string | undefined {
  const logId = fieldOf(entry, 'logId')
  const keyId = isJsonObject(logId) ? fieldOf(logId, 'keyId') : undefined
  return typeof keyId === 'string' && decodeBase64(keyId) !== undefined ? keyId : undefined
}

function findDefect(entry: JsonObject): string | undefined {
  if (!isInteger(fieldOf(entry, 'logIndex')) || !isInteger(fieldOf(entry, 'integratedTime'))) {
    return 'a number of a log entry is no integer'
  }
  const body = fieldOf(entry, 'canonicalizedBody')
  const bytes = typeof body === 'string' ? decodeBase64(body) : undefined
  if (bytes === undefined) return 'the body of a log entry is not canonical base64'
  const json = parseStrictJson(bytes)
  if (!json.ok) return `the body of a log entry cannot be read: ${json.why}`
  const proof = fieldOf(entry, 'inclusionProof') ?? undefined
  if (proof === undefined) return undefined
  return isJsonObject(proof) ? checkInclusionProof(proof) : 'an inclusion proof is no object'
}

function checkInclusionProof(proof: JsonObject): string | undefined {
  if (!isInteger(fieldOf(proof, 'logIndex')) || !isInteger(fieldOf(proof, 'treeSize'))) {
    return 'a number of an inclusion proof is no integer'
  }
  const hashes = fieldOf(proof, 'hashes') ?? []
  if (!Array.isArray(hashes) || hashes.length > MAX_PROOF_HASHES)
    return `an inclusion proof has at most ${MAX_PROOF_HASHES} hashes`
  if (!hashes.every((hash) => typeof hash === 'string' && decodeBase64(hash) !== undefined)) {
    return 'a hash of an inclusion proof is not canonical base64'
  }
  const checkpoint = fieldOf(proof, 'checkpoint')
  const envelope = isJsonObject(checkpoint) ? fieldOf(checkpoint, 'envelope') : undefined
  return typeof envelope === 'string' ? checkCheckpoint(envelope) : 'an inclusion proof has no checkpoint'
}

function checkCheckpoint(envelope: string): string | undefined {
  if (envelope.length > MAX_CHECKPOINT_LENGTH) return 'a checkpoint is too long'
  const split = envelope.indexOf('\n\n')
  if (split < 0 || !envelope.endsWith('\n')) return 'a checkpoint has no signatures'
  const [, size] = envelope.slice(0, split).split('\n', 2)
  if (size === undefined || !INT64.test(size)) return 'a checkpoint has no tree size'
  const lines = envelope.slice(split + 2, -1).split('\n')
  return lines.every((line) => CHECKPOINT_SIGNATURE.test(line)) ? undefined : 'a signature line of a checkpoint is malformed'
}

/** int64 as protobuf's JSON form writes it: a text, by some writers a number; absent is 0. */
function isInteger(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && INT64.test(value)
}
