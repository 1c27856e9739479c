import type { Location } from '../model/location.js'
import type { SourceText } from './text.js'
import type { TomlPath } from './toml.js'

interface Range {
  readonly start: number
  readonly end: number
}
interface Places {
  key?: Range
  value?: Range
}

/**
 * Where every key and value of a TOML document is written. The parser keeps no positions, so a second pass scans the
 * text. It is only ever given text that the parser accepted, so it may rely on the grammar (TOML 1.0).
 */
export class TomlPositions {
  readonly #places = new Map<string, Places>()
  /** How many elements each array of tables has so far, by its path. */
  readonly #arrays = new Map<string, number>()
  readonly #text: string
  #at = 0

  constructor(readonly source: SourceText) {
    this.#text = source.text
    this.#document()
  }

  /** The place of a key or value; of the nearest parent that has one when the path itself has none. */
  locate(path: TomlPath, what: 'key' | 'value'): Location {
    for (let length = path.length; length > 0; length--) {
      const places = this.#places.get(keyOf(path.slice(0, length)))
      const range = length < path.length || what === 'key' ? (places?.key ?? places?.value) : (places?.value ?? places?.key)
      if (range !== undefined) return this.source.locate(range.start, range.end)
    }
    return { file: this.source.file, line: 1, column: 1 }
  }

  #document(): void {
    let table: TomlPath = []
    for (;;) {
      this.#skipBlank()
      if (this.#at >= this.#text.length) return
      if (this.#text[this.#at] === '[') table = this.#header()
      else this.#pair(table)
    }
  }

  /** `[a.b]` or `[[a.b]]`; returns the path that the pairs below belong to. */
  #header(): TomlPath {
    const start = this.#at
    const double = this.#text[this.#at + 1] === '['
    this.#at += double ? 2 : 1
    const keys = this.#dottedKey().map((key) => key.name)
    this.#skipInline()
    this.#at += double ? 2 : 1
    const range = { start, end: this.#at }
    let path: TomlPath = []
    keys.forEach((key, i) => {
      path = this.#inArray([...path, key], double && i === keys.length - 1)
      this.#note(path, { key: range, value: range })
    })
    return path
  }

  /** Appends the index of the current element where the path is an array of tables; opens a new one when `next`. */
  #inArray(path: TomlPath, next: boolean): TomlPath {
    const key = keyOf(path)
    const count = this.#arrays.get(key)
    if (!next) return count === undefined ? path : [...path, count - 1]
    this.#arrays.set(key, (count ?? 0) + 1)
    return [...path, count ?? 0]
  }

  #pair(table: TomlPath): void {
    const keys = this.#dottedKey()
    this.#skipInline()
    this.#at += 1
    this.#skipInline()
    let path = table
    for (const key of keys) {
      path = [...path, key.name]
      this.#note(path, { key: key.range })
    }
    this.#value(path)
  }

  #value(path: TomlPath): void {
    const start = this.#at
    const first = this.#text[start]
    if (first === '[') this.#array(path)
    else if (first === '{') this.#inlineTable(path)
    else if (first === '"' || first === "'") this.#string()
    else this.#skipScalar()
    this.#note(path, { value: { start, end: this.#at } })
  }

  #array(path: TomlPath): void {
    this.#at += 1
    for (let index = 0; ; index++) {
      this.#skipBlank()
      if (this.#at >= this.#text.length) return
      if (this.#text[this.#at] === ']') {
        this.#at += 1
        return
      }
      this.#value([...path, index])
      this.#skipBlank()
      if (this.#text[this.#at] === ',') this.#at += 1
    }
  }

  #inlineTable(path: TomlPath): void {
    this.#at += 1
    for (;;) {
      this.#skipBlank()
      if (this.#at >= this.#text.length) return
      if (this.#text[this.#at] === '}') {
        this.#at += 1
        return
      }
      this.#pair(path)
      this.#skipBlank()
      if (this.#text[this.#at] === ',') this.#at += 1
    }
  }

  #dottedKey(): { readonly name: string; readonly range: Range }[] {
    const keys: { name: string; range: Range }[] = []
    for (;;) {
      this.#skipInline()
      const start = this.#at
      const quote = this.#text[start]
      let name: string
      if (quote === '"' || quote === "'") {
        this.#string()
        const inner = this.#text.slice(start + 1, this.#at - 1)
        name = quote === '"' ? decodeEscapes(inner) : inner
      } else {
        while (isBareKey(this.#text.charCodeAt(this.#at))) this.#at += 1
        name = this.#text.slice(start, this.#at)
      }
      keys.push({ name, range: { start, end: this.#at } })
      this.#skipInline()
      if (this.#text[this.#at] !== '.') return keys
      this.#at += 1
    }
  }

  /** Moves past a string of any of the four forms. */
  #string(): void {
    const quote = this.#text[this.#at] ?? ''
    const triple = quote.repeat(3)
    const escapes = quote === '"'
    if (this.#text.startsWith(triple, this.#at)) {
      this.#at += 3
      while (this.#at < this.#text.length && !this.#text.startsWith(triple, this.#at))
        this.#at += escapes && this.#text[this.#at] === '\\' ? 2 : 1
      this.#at += 3
      // Up to two quotes may stand just before the closing three.
      while (this.#text[this.#at] === quote) this.#at += 1
      return
    }
    this.#at += 1
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote)
      this.#at += escapes && this.#text[this.#at] === '\\' ? 2 : 1
    this.#at += 1
  }

  #skipScalar(): void {
    const start = this.#at
    while (this.#at < this.#text.length && !',]}#\n\r'.includes(this.#text[this.#at] ?? '')) this.#at += 1
    while (this.#at > start && ' \t'.includes(this.#text[this.#at - 1] ?? '')) this.#at -= 1
    // A scalar has at least one character; without this a text outside the grammar would never be left.
    if (this.#at === start) this.#at += 1
  }

  #skipInline(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1
  }

  /** Moves past white space, line ends and comments. */
  #skipBlank(): void {
    for (;;) {
      const c = this.#text[this.#at]
      if (c === ' ' || c === '\t' || c === '\n' || c === '\r') this.#at += 1
      else if (c === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end < 0 ? this.#text.length : end
      } else return
    }
  }

  #note(path: TomlPath, places: Places): void {
    const key = keyOf(path)
    const known = this.#places.get(key)
    if (known === undefined) this.#places.set(key, places)
    else Object.assign(known, { ...places, ...known })
  }
}

function keyOf(path: TomlPath): string {
  return path.map((part) => (typeof part === 'number' ? `#${part}` : `.${part}`)).join('\n')
}

function isBareKey(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45
}

const SHORT: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b', '"': '"', '\\': '\\' }

/** The escapes of a basic string (TOML 1.0, with `\e` and `\x` of 1.1). */
function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))/gs,
    (_whole, four, eight, two, short: string | undefined) => {
      const hex: unknown = four ?? eight ?? two
      return typeof hex === 'string' ? String.fromCodePoint(Number.parseInt(hex, 16)) : (SHORT[short ?? ''] ?? '')
    },
  )
}
