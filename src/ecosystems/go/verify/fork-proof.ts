import { decodeBase64, encodeBase64, sameBytes } from '../../../trust/base64.js'
import type { ForkProof } from '../../../trust/go-checksum-database/outcome.js'
import { openTreeHead } from '../../../trust/go-checksum-database/tree-head.js'
import { verifyConsistency } from '../../../trust/merkle.js'
import type { NoteVerifier } from '../../../trust/note.js'
import { parseStrictJson } from '../../../trust/strict-json.js'

/** A proof as it is kept and handed on: both signed heads whole, so that anybody with the key of the database can check it. */
export function formatForkProof({ database, stored, presented, computedRoot, consistency }: ForkProof): Uint8Array {
  const text = (note: Uint8Array): string => Buffer.from(note).toString('utf8')
  const document = {
    about: 'two signed heads of one checksum database that cannot both belong to one append-only log',
    database,
    stored: text(stored.note),
    presented: text(presented.note),
    computedRoot: encodeBase64(computedRoot),
    consistency: consistency.map(encodeBase64),
  }
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, 1)}\n`)
}

/** Reads a kept proof and checks it anew; undefined for what proves nothing. */
export function openForkProof(bytes: Uint8Array, verifier: NoteVerifier): ForkProof | undefined {
  const parsed = parseStrictJson(bytes)
  const value = parsed.ok ? parsed.value : undefined
  if (!isDocument(value) || value.database !== verifier.name) return undefined
  const stored = openTreeHead(new TextEncoder().encode(value.stored), verifier)
  const presented = openTreeHead(new TextEncoder().encode(value.presented), verifier)
  const computedRoot = decodeBase64(value.computedRoot)
  const consistency = value.consistency.map(decodeBase64)
  if (!stored.ok || !presented.ok || computedRoot === undefined || !consistency.every((hash) => hash !== undefined))
    return undefined
  const proof = { database: value.database, stored: stored.head, presented: presented.head, computedRoot, consistency }
  return holds(proof) ? proof : undefined
}

function holds({ stored, presented, computedRoot, consistency }: ForkProof): boolean {
  const [small, large] = stored.size <= presented.size ? [stored, presented] : [presented, stored]
  if (small.size === large.size) return !sameBytes(small.root, large.root)
  const isOtherRoot = !sameBytes(computedRoot, small.root)
  return isOtherRoot && verifyConsistency(small.size, computedRoot, large.size, large.root, consistency)
}

interface Document {
  readonly database: string
  readonly stored: string
  readonly presented: string
  readonly computedRoot: string
  readonly consistency: readonly string[]
}

function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const consistency = fields.get('consistency')
  return (
    ['database', 'stored', 'presented', 'computedRoot'].every((name) => typeof fields.get(name) === 'string') &&
    Array.isArray(consistency) &&
    consistency.every((hash) => typeof hash === 'string')
  )
}
