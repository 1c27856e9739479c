import { hash } from 'node:crypto'
import type { Fields } from './fields.js'
import { parseFields } from './fields.js'

const MARK = ',"sum":"'
const SEAL_LENGTH = MARK.length + 64 + '"}\n'.length

/** A JSON object with the SHA-256 of its own text as its last member: a torn or damaged file does not pass for a whole one. */
export function seal(value: object): string {
  const text = JSON.stringify(value)
  return `${text.slice(0, -1)}${MARK}${hash('sha256', text)}"}\n`
}

export type Unsealed =
  | { readonly kind: 'ok'; readonly fields: Fields }
  /** Written by another version of the program; its rules are not known here. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'damaged' }

/** Reads what `seal` wrote for a value whose `format` is this one. */
export function unseal(text: string, format: number | string): Unsealed {
  const fields = parseFields(text)
  if (fields === undefined) return { kind: 'damaged' }
  const found = fields.get('format')
  if (found !== format && (typeof found === 'number' || typeof found === 'string')) return { kind: 'foreign' }
  const body = `${text.slice(0, -SEAL_LENGTH)}}`
  if (found !== format || text !== `${body.slice(0, -1)}${MARK}${hash('sha256', body)}"}\n`) return { kind: 'damaged' }
  return { kind: 'ok', fields }
}
