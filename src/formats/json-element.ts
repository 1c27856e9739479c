/** An object of a document, made here and about to be written. */
export type Json = Readonly<Record<string, unknown>>
export type JsonArray = readonly Json[]

/**
 * Characters that JSON allows as they are and that act on a terminal or hide text in an editor: DEL and C1 controls,
 * marks of direction, line separators, invisible ones. `JSON.stringify` escapes C0 and lone surrogates itself.
 */
const UNSAFE =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/** A value as indented JSON, fit to stand inside an array or object that is written by hand at that indent. */
export function jsonElement(value: unknown, indent: string): string {
  return safeJson(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${indent}`)
}

/** JSON text with such characters as escapes: another text of the same value. They stand only inside strings. */
export function safeJson(json: string): string {
  if (PLAIN_JSON.test(json)) return json
  return json.replace(UNSAFE, (text) => text.split('').map(escapeUnit).join(''))
}

/** ASCII without an escape: nearly every row of every document. Such a text holds no control character in any value. */
const PLAIN_JSON = /^[\n\x20-\x5b\x5d-\x7e]*$/

export function isPlainJson(json: string): boolean {
  return PLAIN_JSON.test(json)
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A row of a document and the text that stands for it. */
export interface WrittenRow {
  readonly row: Json
  readonly json: string
}

export function writtenRow(row: Json): WrittenRow {
  return { row, json: jsonRow(row) }
}

/** A value as JSON on one line. */
function jsonRow(value: unknown): string {
  return safeJson(JSON.stringify(value))
}

/**
 * A JSON array with one element a line, so that documents compare line by line and a large one is no larger than it must
 * be; `[]` when there are no rows.
 */
export function* jsonRows(name: string, rows: Iterable<string>, indent: string): Iterable<string> {
  let first = true
  for (const row of rows) {
    yield `${first ? `${indent}"${name}": [\n` : ',\n'}${indent}  ${row}`
    first = false
  }
  yield first ? `${indent}"${name}": []` : `\n${indent}]`
}

/** The same of values that are still to be written. */
export function* jsonArray(name: string, items: Iterable<unknown>, indent: string): Iterable<string> {
  yield* jsonRows(name, written(items), indent)
}

function* written(items: Iterable<unknown>): Iterable<string> {
  for (const item of items) yield jsonRow(item)
}

/** A field with a list, or no field when the list is empty. */
export function listField(name: string, items: readonly unknown[]): Json {
  return items.length === 0 ? {} : { [name]: items }
}

/** The items without repetition, in the order of first appearance; equal is what has equal JSON. */
export function distinctJson<T>(items: readonly T[]): T[] {
  if (items.length < 2) return [...items]
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = JSON.stringify(item)
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}
