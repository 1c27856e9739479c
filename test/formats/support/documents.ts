import { FORMATS } from '../../../src/formats/index.js'
import type { DocumentInput, LeftOut } from '../../../src/model/document.js'

export type Json = { readonly [key: string]: unknown }

/** A whole document by the name of its format. */
export async function write(format: string, input: DocumentInput): Promise<{ text: string; leftOut: readonly LeftOut[] }> {
  const entry = FORMATS.find((one) => one.name === format)
  if (entry === undefined) throw new RangeError(format)
  const written = (await entry.load()).write(input)
  return { text: [...written.chunks].join(''), leftOut: written.leftOut }
}

export async function writeJson(format: string, input: DocumentInput): Promise<Json> {
  const parsed: Json = JSON.parse((await write(format, input)).text)
  return parsed
}

/** A field that must be an object. */
export function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`no object: ${JSON.stringify(value)}`)
  return Object.fromEntries(Object.entries(value))
}

/** A field that must be a list of objects; no list is an empty one. */
export function rows(value: unknown): Json[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError(`no list: ${JSON.stringify(value)}`)
  return value.map(object)
}

export function row(list: unknown, key: string, value: string): Json {
  const found = rows(list).find((one) => one[key] === value)
  if (found === undefined) throw new RangeError(`no row with ${key} ${value}`)
  return found
}

/** The values of the properties of one name. */
export function propertyValues(of: Json, name: string): unknown[] {
  return rows(of['properties'])
    .filter((property) => property['name'] === name)
    .map((property) => property['value'])
}
