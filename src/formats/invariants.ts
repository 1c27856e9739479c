import { AssayError } from '../model/error.js'
import { isClean } from './clean.js'

interface Hash {
  readonly alg: string
  readonly content: string
}

/** The parts of a document whose sense no schema sees (spec/sbom.md §1.9). */
export interface CheckedDocument {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly dependencies: readonly Readonly<Record<string, unknown>>[]
  /** References that other objects of the document carry. */
  readonly otherRefs: readonly string[]
}

const HEX_BY_ALGORITHM: ReadonlyMap<string, number> = new Map([
  ['MD5', 32],
  ['SHA-1', 40],
  ['SHA-256', 64],
  ['SHA-384', 96],
  ['SHA-512', 128],
])
const PURL =
  /^pkg:[a-z][a-z0-9.-]*\/[A-Za-z0-9.\-_~:%/]+(?:@[A-Za-z0-9.\-_~:%]+)?(?:\?[a-z0-9._\-=&A-Z~:%]+)?(?:#[A-Za-z0-9.\-_~:%/]+)?$/

/**
 * Holds a CycloneDX document of our own to what must be true of every one: references unique and resolving, digests of
 * their algorithm's length, purls well-formed, no control character. A breach is a bug of assay: it throws `internal`
 * before any part of the document is handed out.
 */
export function checkDocument(document: CheckedDocument): void {
  const refs = new Set<string>(document.otherRefs)
  for (const row of document.rows) {
    const ref = row['bom-ref']
    if (typeof ref !== 'string' || ref === '') throw broken(`a component has no bom-ref: ${String(row['name'])}`)
    if (refs.has(ref)) throw broken(`the bom-ref ${ref} is there twice`)
    refs.add(ref)
    checkRow(row, ref)
  }
  for (const { ref, dependsOn } of document.dependencies) {
    if (typeof ref !== 'string' || !refs.has(ref)) throw broken(`dependencies of ${String(ref)}, which is no component`)
    if (!Array.isArray(dependsOn)) throw broken(`the dependencies of ${ref} are no list`)
    for (const target of dependsOn)
      if (!refs.has(String(target))) throw broken(`${ref} depends on ${String(target)}, which is no component`)
  }
}

function checkRow(row: Readonly<Record<string, unknown>>, ref: string): void {
  const { purl, hashes, name, version } = row
  for (const text of [ref, name, version])
    if (typeof text === 'string' && !isClean(text)) throw broken(`a control character in ${JSON.stringify(text)}`)
  if (purl !== undefined && (typeof purl !== 'string' || !PURL.test(purl))) throw broken(`${String(purl)} is no well-formed purl`)
  if (Array.isArray(hashes)) for (const hash of hashes) checkHash(hash, ref)
}

function checkHash(hash: Hash, ref: string): void {
  if (HEX_BY_ALGORITHM.get(hash.alg) !== hash.content.length || !/^[0-9a-f]+$/.test(hash.content))
    throw broken(`${hash.alg} ${hash.content} of ${ref} has not the length of its algorithm`)
}

export function broken(what: string): AssayError {
  return new AssayError('internal', `no document was written: ${what}`, 'This is a bug in assay; please report it.')
}
