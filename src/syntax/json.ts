import type { Diagnostic } from '../model/diagnostic.js'
import type { Location } from '../model/location.js'
import { SourceText } from './text.js'

interface Placed {
  /** Offsets of the first character and of the one after the last. */
  readonly start: number
  readonly end: number
}

export interface JsonMember {
  readonly key: Placed
  readonly value: JsonNode
}

/** A value with its place. Numbers keep their text: a double would lose digits. */
export type JsonNode = Placed &
  (
    | { readonly kind: 'null' }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
    /** Of a key that stands twice, the last value, as `JSON.parse` has it; in the order of first appearance. */
    | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonMember> }
  )

export type JsonObjectNode = JsonNode & { readonly kind: 'object' }

/** A key that stands twice in one object. */
export interface DuplicateKey {
  readonly key: string
  /** Names of the objects around it and its own; array elements by index. */
  readonly path: readonly (string | number)[]
  readonly first: Placed
  readonly again: Placed
}

/** Something outside RFC 8259 that was read nevertheless, because the options allow it. */
export interface JsonDeparture extends Placed {
  readonly kind: 'trailing-comma' | 'comment'
}

export interface JsonDocument {
  readonly root: JsonNode
  readonly duplicates: readonly DuplicateKey[]
  readonly departures: readonly JsonDeparture[]
  readonly locate: (place: Placed) => Location
}

export type JsonResult =
  | { readonly ok: true; readonly document: JsonDocument }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

export interface JsonOptions {
  /** Code of the diagnostic of a text that is no JSON. */
  readonly code: string
  /** What a person does about it. */
  readonly help: string
  /** Accept `//` and block comments and a comma before a closing bracket, and list them. Default: refuse. */
  readonly lenient?: boolean | undefined
  readonly maxDepth?: number | undefined
  /** Values in the whole document. */
  readonly maxValues?: number | undefined
}

const MAX_DEPTH = 128
/** A lockfile of 100,000 packages has under two million values. */
const MAX_VALUES = 10_000_000

/**
 * Reads JSON (RFC 8259) and keeps where every key and value stands. Never throws on content; linear in the text, bounded
 * in depth and count. Duplicate keys are listed, for the caller to decide about.
 */
export function parseJson(text: string, file: string, options: JsonOptions): JsonResult {
  const source = new SourceText(file, text)
  const parser = new JsonParser(text, options)
  try {
    const root = parser.document()
    const { duplicates, departures } = parser
    return {
      ok: true,
      document: { root, duplicates, departures, locate: ({ start, end }) => source.locate(start, end) },
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return {
      ok: false,
      diagnostic: {
        code: options.code,
        severity: 'error',
        message: `${file} is not readable as JSON: ${error.message}`,
        help: options.help,
        location: source.locate(error.at),
      },
    }
  }
}

/** Leaves the recursion from any depth; never leaves this module. */
class Refused extends Error {
  constructor(
    readonly at: number,
    why: string,
  ) {
    super(why)
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
/** Everything a string may hold as it is. */
const PLAIN = /[^"\\\u0000-\u001f]*/y
const HEX4 = /^[0-9A-Fa-f]{4}$/

class JsonParser {
  readonly duplicates: DuplicateKey[] = []
  readonly departures: JsonDeparture[] = []
  readonly #path: (string | number)[] = []
  readonly #maxDepth: number
  readonly #maxValues: number
  #at = 0
  #values = 0

  constructor(
    readonly text: string,
    readonly options: JsonOptions,
  ) {
    this.#maxDepth = options.maxDepth ?? MAX_DEPTH
    this.#maxValues = options.maxValues ?? MAX_VALUES
  }

  document(): JsonNode {
    const root = this.#value(0)
    this.#blank()
    if (this.#at < this.text.length) throw new Refused(this.#at, 'something follows after the end of the value')
    return root
  }

  /** The value at the position, white space before it skipped. */
  #value(depth: number): JsonNode {
    this.#blank()
    const start = this.#at
    this.#values += 1
    if (this.#values > this.#maxValues) throw new Refused(start, `it holds more than ${this.#maxValues} values`)
    const first = this.text[start]
    switch (first) {
      case '{':
      case '[':
        if (depth >= this.#maxDepth) throw new Refused(start, `it is nested deeper than ${this.#maxDepth} levels`)
        return first === '{' ? this.#object(depth + 1) : this.#array(depth + 1)
      case '"':
        return { kind: 'string', value: this.#string(), start, end: this.#at }
      case 't':
        return { kind: 'boolean', value: true, ...this.#word('true') }
      case 'f':
        return { kind: 'boolean', value: false, ...this.#word('false') }
      case 'n':
        return { kind: 'null', ...this.#word('null') }
      case undefined:
        throw new Refused(start, 'it ends where a value must stand')
    }
    NUMBER.lastIndex = start
    const number = NUMBER.exec(this.text)
    if (number === null) throw new Refused(start, 'no value begins like this')
    this.#at = NUMBER.lastIndex
    return { kind: 'number', text: number[0], start, end: this.#at }
  }

  #word(word: string): Placed {
    const start = this.#at
    if (!this.text.startsWith(word, start)) throw new Refused(start, 'no value begins like this')
    this.#at += word.length
    return { start, end: this.#at }
  }

  #array(depth: number): JsonNode {
    const start = this.#at
    this.#at += 1
    const items: JsonNode[] = []
    for (;;) {
      if (this.#closes(']', items.length > 0)) return { kind: 'array', items, start, end: this.#at }
      this.#path.push(items.length)
      items.push(this.#value(depth))
      this.#path.pop()
      this.#separator(']')
    }
  }

  #object(depth: number): JsonObjectNode {
    const start = this.#at
    this.#at += 1
    const members = new Map<string, JsonMember>()
    for (;;) {
      if (this.#closes('}', members.size > 0)) return { kind: 'object', members, start, end: this.#at }
      const keyStart = this.#at
      if (this.text[keyStart] !== '"') throw new Refused(keyStart, 'a key in double quotes must stand here')
      const name = this.#string()
      const key = { start: keyStart, end: this.#at }
      this.#path.push(name)
      const known = members.get(name)
      if (known !== undefined) this.duplicates.push({ key: name, path: [...this.#path], first: known.key, again: key })
      this.#blank()
      if (this.text[this.#at] !== ':') throw new Refused(this.#at, 'a colon must stand here')
      this.#at += 1
      members.set(name, { key, value: this.#value(depth) })
      this.#path.pop()
      this.#separator('}')
    }
  }

  /** Takes the closing bracket when it is next; a comma before it is a departure. */
  #closes(bracket: string, afterItem: boolean): boolean {
    this.#blank()
    if (this.text[this.#at] !== bracket) {
      if (this.#at >= this.text.length) throw new Refused(this.#at, `it ends before a ${bracket}`)
      return false
    }
    const comma = this.#comma
    if (afterItem && comma !== undefined) {
      if (this.options.lenient !== true) throw new Refused(comma, `a comma stands before the ${bracket}`)
      this.departures.push({ kind: 'trailing-comma', start: comma, end: comma + 1 })
    }
    this.#comma = undefined
    this.#at += 1
    return true
  }

  /** Offset of the comma that was just passed; none after a value. */
  #comma: number | undefined

  #separator(bracket: string): void {
    this.#blank()
    this.#comma = undefined
    if (this.text[this.#at] === ',') this.#comma = this.#at++
    else if (this.text[this.#at] !== bracket)
      throw new Refused(
        this.#at,
        this.#at >= this.text.length ? `it ends before a ${bracket}` : `a comma or a ${bracket} must stand here`,
      )
  }

  #string(): string {
    const start = this.#at
    this.#at += 1
    let value = ''
    for (;;) {
      PLAIN.lastIndex = this.#at
      PLAIN.exec(this.text)
      value += this.text.slice(this.#at, PLAIN.lastIndex)
      this.#at = PLAIN.lastIndex
      const stop = this.text[this.#at]
      if (stop === '"') {
        this.#at += 1
        return value
      }
      if (stop === undefined) throw new Refused(start, 'a string has no end')
      if (stop !== '\\') throw new Refused(this.#at, 'a control character stands in a string')
      value += this.#escape()
    }
  }

  #escape(): string {
    const at = this.#at
    const letter = this.text[at + 1] ?? ''
    const plain = ESCAPES.get(letter)
    if (plain !== undefined) {
      this.#at += 2
      return plain
    }
    const hex = this.text.slice(at + 2, at + 6)
    if (letter !== 'u' || !HEX4.test(hex)) throw new Refused(at, 'a string holds an escape that JSON does not have')
    this.#at += 6
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #blank(): void {
    for (;;) {
      const c = this.text[this.#at]
      if (c === ' ' || c === '\t' || c === '\n' || c === '\r') this.#at += 1
      else if (c === '/') this.#comment()
      else return
    }
  }

  #comment(): void {
    const start = this.#at
    const opening = this.text.slice(start, start + 2)
    if (this.options.lenient !== true || (opening !== '//' && opening !== '/*'))
      throw new Refused(start, opening === '//' || opening === '/*' ? 'JSON has no comments' : 'no value begins like this')
    const end = this.text.indexOf(opening === '//' ? '\n' : '*/', start + 2)
    if (end < 0 && opening === '/*') throw new Refused(start, 'a comment has no end')
    this.#at = opening === '/*' ? end + 2 : end < 0 ? this.text.length : end
    this.departures.push({ kind: 'comment', start, end: this.#at })
  }
}
