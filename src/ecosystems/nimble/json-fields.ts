import type { Diagnostic } from '../../model/diagnostic.js'
import type { Location } from '../../model/location.js'
import type { JsonDocument, JsonNode, JsonObjectNode, JsonResult } from '../../syntax/json.js'
import { parseJson } from '../../syntax/json.js'

/** A text with its place. */
export interface Field {
  readonly text: string
  readonly location: Location
}

/** Reads JSON as Nim's own reader takes it: with comments and trailing commas. */
export function parseNimJson(text: string, file: string, code: string): JsonResult {
  return parseJson(text, file, {
    code,
    help: 'Let its tool write the file again; do not edit it by hand.',
    lenient: true,
  })
}

/** The first key that stands twice, as an error: which of the two counts differs from reader to reader. */
export function duplicateKey(document: JsonDocument, file: string, code: string): Diagnostic | undefined {
  const [first] = document.duplicates
  if (first === undefined) return undefined
  return {
    code,
    severity: 'error',
    message: `${file} has the key ${JSON.stringify(first.key)} twice in one object`,
    help: 'Take one of the two, then let the tool write the file again.',
    location: document.locate(first.again),
  }
}

/** The node when it is an object. */
export function objectOf(node: JsonNode | undefined): JsonObjectNode | undefined {
  return node?.kind === 'object' ? node : undefined
}

/** The value of a member; undefined where there is none, or no object. */
export function memberOf(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.get(name)?.value : undefined
}

/** The text of a string. */
export function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'string' ? node.value : undefined
}

/** The text of a string with its place. */
export function fieldOf(document: JsonDocument, node: JsonNode | undefined): Field | undefined {
  return node?.kind === 'string' ? { text: node.value, location: document.locate(node) } : undefined
}

/** The texts of an array; whatever else is in it is left out. */
export function fieldsOf(document: JsonDocument, node: JsonNode | undefined): readonly Field[] {
  if (node?.kind !== 'array') return []
  return node.items.flatMap((item) => fieldOf(document, item) ?? [])
}

/** A configuration whose top is no object. */
export function notAnObject(file: string, { line, column }: Location): Diagnostic {
  return {
    code: 'input/config-unparseable',
    severity: 'error',
    message: `${file} is no JSON object`,
    help: 'Let its tool write the file again.',
    location: { file, line, column },
  }
}
