export interface JsonLimits {
  readonly maxBytes: number
  /** Nesting of objects and arrays. */
  readonly maxDepth: number
}

export type StrictJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }

/** What a signed document may be at most: no real bundle or statement comes near. */
export const DOCUMENT_LIMITS: JsonLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 }

/**
 * Parses JSON (RFC 8259) that has one meaning only: valid UTF-8 without a byte-order mark, no key twice in an object
 * (`JSON.parse` keeps the last one silently), bounded size and depth.
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits = DOCUMENT_LIMITS): StrictJson {
  if (bytes.length > limits.maxBytes) return { ok: false, why: `it is longer than ${limits.maxBytes} bytes` }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { ok: false, why: 'it is not valid UTF-8' }
  }
  const problem = findAmbiguity(text, limits.maxDepth)
  if (problem !== undefined) return { ok: false, why: problem }
  try {
    const value: unknown = JSON.parse(text)
    return { ok: true, value }
  } catch {
    return { ok: false, why: 'it is not valid JSON' }
  }
}

/**
 * One pass over the tokens before `JSON.parse` sees them. Only valid JSON needs a right answer here: whatever else is
 * wrong, `JSON.parse` refuses.
 */
function findAmbiguity(text: string, maxDepth: number): string | undefined {
  /** Keys of each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = []
  let keyComes = false
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[': {
        const isObject = text[at] === '{'
        open.push(isObject ? new Set() : undefined)
        if (open.length > maxDepth) return `it is nested deeper than ${maxDepth} levels`
        keyComes = isObject
        break
      }
      case '}':
      case ']':
        open.pop()
        keyComes = false
        break
      case ',':
        keyComes = open.at(-1) !== undefined
        break
      case '"': {
        const end = endOfString(text, at)
        if (end === undefined) return 'it is not valid JSON'
        if (keyComes) {
          const key = decodeString(text.slice(at, end))
          const keys = open.at(-1)
          if (key === undefined || keys === undefined) return 'it is not valid JSON'
          if (keys.has(key)) return `the key ${JSON.stringify(key.slice(0, 80))} stands twice in one object`
          keys.add(key)
          keyComes = false
        }
        at = end - 1
        break
      }
    }
  }
  return undefined
}

/** Offset after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return undefined
}

/** `"a"` and `"\u0061"` are one key. */
function decodeString(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** A JSON object as a value to read fields from. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own field of a JSON object; never one it inherits. */
export function fieldOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
