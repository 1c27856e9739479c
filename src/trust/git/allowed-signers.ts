import { secondsOf } from '../../evidence/days.js'
import { matchSegment } from '../../syntax/glob.js'
import { decodeBase64, sameBytes } from '../base64.js'
import { readSshKey } from './ssh-key.js'

/** One line of an allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS"). */
export interface AllowedSigner {
  /** As written: who the key belongs to. */
  readonly principals: string
  readonly keyBlob: Uint8Array
  /** Patterns of namespaces; empty: any. */
  readonly namespaces: readonly string[]
  /** Seconds since 1970. */
  readonly validAfter?: number | undefined
  readonly validBefore?: number | undefined
}

export type ReadAllowedSigners =
  | { readonly ok: true; readonly signers: readonly AllowedSigner[] }
  | { readonly ok: false; readonly why: string }

export type AllowedVerdict =
  | { readonly kind: 'allowed'; readonly principals: string }
  | { readonly kind: 'not-allowed'; readonly reason: 'unknown' | 'namespace' | 'not-yet-valid' | 'expired'; readonly why: string }

const MAX_SIGNERS = 10_000
const MAX_LINE = 65_536

/**
 * Reads an allowed-signers file. A line that cannot be used refuses the file: who may sign must not depend on what a
 * reader overlooks. Times without `Z` are taken for UTC, so that every machine says the same.
 */
export function readAllowedSigners(text: string): ReadAllowedSigners {
  const signers: AllowedSigner[] = []
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const signer = line.length > MAX_LINE ? 'the line is too long' : readLine(line)
    if (typeof signer === 'string') return { ok: false, why: `line ${at + 1}: ${signer}` }
    if (signers.push(signer) > MAX_SIGNERS) return { ok: false, why: `it has more than ${MAX_SIGNERS} lines` }
  }
  return { ok: true, signers }
}

/**
 * Whether a key may sign in a namespace. `writtenAt` is the time that the signed object states (git gives ssh-keygen the
 * same); without it a line with a window of time does not apply.
 */
export function judgeAllowed(
  signers: readonly AllowedSigner[],
  keyBlob: Uint8Array,
  namespace: string,
  writtenAt: number | undefined,
): AllowedVerdict {
  let best: AllowedVerdict = { kind: 'not-allowed', reason: 'unknown', why: 'its key is not among the allowed signers' }
  for (const signer of signers) {
    if (!sameBytes(signer.keyBlob, keyBlob)) continue
    const { principals, validAfter, validBefore } = signer
    if (signer.namespaces.length > 0 && !matchesList(signer.namespaces, namespace)) {
      best = {
        kind: 'not-allowed',
        reason: 'namespace',
        why: `the key of ${principals} may not sign in the namespace ${namespace}`,
      }
    } else if (validAfter !== undefined && (writtenAt ?? -1) < validAfter) {
      best = {
        kind: 'not-allowed',
        reason: 'not-yet-valid',
        why: `the key of ${principals} was not valid yet when it was signed`,
      }
    } else if (validBefore !== undefined && (writtenAt ?? Number.POSITIVE_INFINITY) > validBefore) {
      best = { kind: 'not-allowed', reason: 'expired', why: `the key of ${principals} was not valid any more when it was signed` }
    } else return { kind: 'allowed', principals }
  }
  return best
}

function readLine(line: string): AllowedSigner | string {
  const [principals, ...words] = splitWords(line) ?? []
  if (principals === undefined || principals === '') return 'it does not begin with who may sign'
  const options = KEY_TYPE.test(words[0] ?? '') ? '' : (words.shift() ?? '')
  const [type, key] = words
  if (type === undefined || key === undefined) return 'it names no key'
  const keyBlob = decodeBase64(key)
  if (keyBlob === undefined) return 'its key is no base64'
  const read = readSshKey(keyBlob)
  // A key that cannot be used signs nothing that could be accepted; one that is broken is a mistake in the file.
  if (!read.ok && read.failure === 'malformed') return read.why
  if (read.ok && read.key.type !== type) return `it calls a key ${type} that is of another type`
  const found = readOptions(options)
  return typeof found === 'string' ? found : { principals, keyBlob, namespaces: [], ...found }
}

const KEY_TYPE = /^(?:ssh-|ecdsa-sha2-|sk-|rsa-sha2-)[A-Za-z0-9@.-]+$/

function readOptions(text: string): Partial<AllowedSigner> | string {
  let found: Partial<AllowedSigner> = {}
  const seen = new Set<string>()
  for (const option of splitOptions(text) ?? ['']) {
    const [, written = '', value = ''] = /^([A-Za-z-]+)(?:="([^"]*)")?$/.exec(option) ?? []
    const name = written.toLowerCase()
    if (name !== '' && seen.has(name)) return `it gives ${name} twice`
    seen.add(name)
    switch (name) {
      case 'namespaces': {
        const namespaces = value.split(',').filter((pattern) => pattern !== '')
        if (namespaces.length === 0 || value.includes('[')) return 'its namespaces cannot be read'
        found = { ...found, namespaces }
        break
      }
      case 'valid-after':
      case 'valid-before': {
        const time = readTime(value)
        if (time === undefined) return `its ${name} is no time (YYYYMMDD or YYYYMMDDHHMM[SS], with Z)`
        found = { ...found, [name === 'valid-after' ? 'validAfter' : 'validBefore']: time }
        break
      }
      case 'cert-authority':
        return 'certificates of SSH (cert-authority) are not supported: list the keys themselves'
      default:
        return `its options cannot be read (${option === '' ? text : option})`
    }
  }
  return found
}

/** Parts at commas outside quotes; undefined for an open quote, an empty list for no text. */
function splitOptions(text: string): string[] | undefined {
  return text === '' ? [] : splitOutsideQuotes(text, (character) => character === ',')
}

function splitWords(line: string): string[] | undefined {
  const words = splitOutsideQuotes(line, (character) => character === ' ' || character === '\t')
  // The principals may stand in quotes as a whole.
  return words?.filter((word) => word !== '').map((word, at) => (at === 0 ? word.replace(/^"(.*)"$/, '$1') : word))
}

function splitOutsideQuotes(text: string, separates: (character: string) => boolean): string[] | undefined {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '"') quoted = !quoted
    else if (!quoted && separates(character)) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return quoted ? undefined : parts
}

/** Any pattern must match, and none that is negated. */
function matchesList(patterns: readonly string[], text: string): boolean {
  const negated = patterns.filter((pattern) => pattern.startsWith('!'))
  if (negated.some((pattern) => matchSegment(pattern.slice(1), text))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matchSegment(pattern, text))
}

function readTime(text: string): number | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text) ?? []
  if (year === undefined) return undefined
  return secondsOf(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
}
