import { AssayError } from '../model/error.js'
import { formatPurl, parsePurl } from '../model/purl.js'
import { isClean } from './clean.js'
import { isPlainJson } from './json-element.js'

/**
 * What must be true of every document and what no schema sees (spec/sbom.md §1.9, §2.6). A breach is a bug of assay: it
 * throws `internal` before any part of the document is handed out.
 */
export function broken(what: string): AssayError {
  return new AssayError('internal', `no document was written: ${what}`, 'This is a bug in assay; please report it.')
}

/** All references of a document; one that is empty or there twice throws. */
export class UniqueRefs {
  readonly #seen = new Set<string>()

  add(ref: unknown): void {
    if (typeof ref !== 'string' || ref === '') throw broken('an object has no reference')
    const before = this.#seen.size
    if (this.#seen.add(ref).size === before) throw broken(`the reference ${ref} is there twice`)
  }

  mustHold(ref: unknown, where: string): void {
    mustResolve(ref, this.#seen, where)
  }
}

/** The set of all references of a document. Throws when one is empty or there twice. */
export function uniqueRefs(refs: Iterable<unknown>): ReadonlySet<string> {
  const seen = new UniqueRefs()
  const all = new Set<string>()
  for (const ref of refs) {
    seen.add(ref)
    all.add(String(ref))
  }
  return all
}

export function mustResolve(ref: unknown, known: ReadonlySet<string>, where: string): void {
  if (typeof ref !== 'string' || !known.has(ref)) throw broken(`${where} points at ${String(ref)}, which is not in the document`)
}

/** Fields that hold a text of several lines. */
const OF_LINES: ReadonlySet<string> = new Set(['content', 'extractedText'])

/** No control character and no half of a surrogate pair in any text of an object, at any depth; line feeds and tabs in texts of lines. */
export function mustBeClean(value: unknown, field = ''): void {
  if (typeof value === 'string') {
    const text = OF_LINES.has(field) ? value.replace(/[\n\t]/g, ' ') : value
    if (!isClean(text)) throw broken(`a control character in ${JSON.stringify(value)}`)
  } else if (Array.isArray(value)) for (const item of value) mustBeClean(item, field)
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) {
      if (!isClean(name)) throw broken(`a control character in the field ${JSON.stringify(name)}`)
      mustBeClean(item, name)
    }
}

/** The same of a row and the JSON text made of it: where the text is plain, so is every value in it. */
export function mustBeCleanRow(row: unknown, json: string): void {
  if (!isPlainJson(json)) mustBeClean(row)
}

const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/** The one form of a time that every format takes: UTC, whole seconds. */
export function mustBeTime(text: unknown): void {
  if (typeof text !== 'string' || !TIME.test(text)) throw broken(`${String(text)} is no time of the form YYYY-MM-DDThh:mm:ssZ`)
}

/** Most purls of a large document, canonical as they stand: a type without rules of spelling, nothing to encode. */
const PLAIN_PURL = /^pkg:cargo\/[A-Za-z0-9._-]+@[A-Za-z0-9._-]+$/

export function mustBePurl(text: unknown): void {
  if (typeof text === 'string' && PLAIN_PURL.test(text)) return
  if (typeof text !== 'string') throw broken(`a purl that is no text: ${String(text)}`)
  const parsed = parsePurl(text)
  if (!parsed.ok) throw broken(`${text} is no well-formed purl: ${parsed.why}`)
  const canonical = formatPurl(parsed.purl)
  if (canonical !== text) throw broken(`${text} is not the canonical form of its purl, ${canonical ?? 'which has none'}`)
}

const LOWER_HEX = /^[0-9a-f]+$/
const HEX_LENGTHS: ReadonlyMap<unknown, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])

/** A digest in lower-case hexadecimal of its algorithm's length; the algorithm in any of its spellings (`SHA-256`, `SHA256`). */
export function mustBeDigest(algorithm: unknown, value: unknown, where: string): void {
  const length = HEX_LENGTHS.get(String(algorithm).toLowerCase().replace('-', ''))
  if (typeof value !== 'string' || value.length !== length || !LOWER_HEX.test(value))
    throw broken(`${String(algorithm)} ${String(value)} of ${where} has not the form of its algorithm`)
}

const LICENSE_WORD = /^[A-Za-z0-9][A-Za-z0-9.:-]*\+?$/
const OPERATORS: ReadonlySet<string> = new Set(['AND', 'OR', 'WITH'])

/** The outer form of an SPDX expression: words and operators take turns, brackets match. Says nothing about the ids. */
export function isExpression(text: string): boolean {
  let depth = 0
  let wantsWord = true
  for (const token of text.split(/([()])|\s+/)) {
    if (token === undefined || token === '') continue
    if (token === '(') {
      if (!wantsWord) return false
      depth += 1
    } else if (token === ')') {
      if (wantsWord || depth === 0) return false
      depth -= 1
    } else if (OPERATORS.has(token)) {
      if (wantsWord) return false
      wantsWord = true
    } else {
      if (!wantsWord || !LICENSE_WORD.test(token)) return false
      wantsWord = false
    }
  }
  return !wantsWord && depth === 0
}

export function mustBeExpression(text: unknown, where: string): void {
  if (typeof text !== 'string' || !isExpression(text))
    throw broken(`${String(text)}, a licence of ${where}, is no SPDX expression`)
}

/** One listed licence: a word, no reference, no operator, nothing that says how little is known. */
export function mustBeLicenseId(text: unknown, where: string): void {
  if (typeof text !== 'string' || !LICENSE_WORD.test(text) || /^(?:LicenseRef-|DocumentRef-|NONE$|NOASSERTION$)/.test(text))
    throw broken(`${String(text)}, a licence of ${where}, is no id of the list`)
}
