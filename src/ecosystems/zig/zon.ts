import { parseZonNumber } from './zon-number.js'
import { ZonScanner } from './zon-scanner.js'
import type { ZonDocument, ZonField, ZonName, ZonProblem, ZonValue } from './zon-value.js'

/** zig has no limit; deep nesting is an attack on whoever reads by recursion. */
const MAX_DEPTH = 64
/** One is enough to refuse a file; a hostile one has a million. */
const MAX_DUPLICATES = 100

/**
 * Parses a text of Zig Object Notation (spec/zig.md §2): all literals, comments, quoted identifiers. Stops at the first
 * syntax error; a field given twice is told and kept. Never throws, linear in the text.
 */
export function parseZon(text: string): ZonDocument {
  const scanner = new ZonScanner(text)
  const value = new ZonParser(scanner).file()
  return { value: scanner.failed ? undefined : value, problems: scanner.problems }
}

class ZonParser {
  #duplicates = 0

  constructor(readonly scanner: ZonScanner) {}

  file(): ZonValue | undefined {
    const value = this.#value(0)
    if (value === undefined) return undefined
    const next = this.scanner.peek()
    return next === undefined ? value : this.#unexpectedAfter(next, 'expected the end of the file')
  }

  #value(depth: number): ZonValue | undefined {
    const { scanner } = this
    const next = scanner.peek()
    const start = scanner.at
    if (next === undefined) return scanner.fail('expected a value, found the end of the file', start)
    if (next === '.') return this.#dotted(start, depth)
    if (next === '"') {
      const quoted = scanner.quoted('"')
      if (quoted === undefined) return undefined
      const place = { start, end: scanner.at, at: start }
      return quoted.kind === 'text'
        ? { kind: 'string', text: quoted.text, multiline: false, ...place }
        : { kind: 'bytes', bytes: quoted.bytes, ...place }
    }
    if (next === '\\') return this.#multiline(start)
    if (next === "'") return this.#char(start)
    if (next === '-') return this.#negative(start)
    if (/[0-9]/.test(next)) return this.#number(start, 1)
    if (/[A-Za-z_]/.test(next)) return this.#word(start, 1)
    return scanner.fail(`expected a value, found ${JSON.stringify(next)}`, start)
  }

  /** `.{…}` or `.word`; white space may follow the dot. */
  #dotted(start: number, depth: number): ZonValue | undefined {
    const { scanner } = this
    scanner.take()
    const next = scanner.peek()
    const at = scanner.at
    if (next === '{') {
      if (depth >= MAX_DEPTH) return scanner.fail(`nested deeper than ${MAX_DEPTH}`, at, at + 1, 'zon.too-deep')
      scanner.take()
      return this.#braces(start, at, depth + 1)
    }
    if (next === undefined) return scanner.fail('expected a name or "{" after "."', at)
    const name = scanner.name()
    return name === undefined ? undefined : { kind: 'enum', name: name.text, bare: name.bare, start, end: name.end, at }
  }

  #braces(start: number, at: number, depth: number): ZonValue | undefined {
    const { scanner } = this
    if (scanner.peek() === '}') {
      scanner.take()
      return { kind: 'empty', start, end: scanner.at, at }
    }
    const first = this.#fieldName()
    if (scanner.failed) return undefined
    if (first === undefined) return this.#list(start, at, depth)
    return this.#object(first, start, at, depth)
  }

  /** The name of a field and its `=`; undefined, with nothing taken, where an item of a list stands. */
  #fieldName(): ZonName | undefined {
    const { scanner } = this
    if (scanner.peek() !== '.') return undefined
    const { at, lastEnd } = scanner
    scanner.take()
    const next = scanner.peek()
    const name = next === '{' || next === undefined ? undefined : scanner.name()
    if (name !== undefined && scanner.peek() === '=') {
      scanner.take()
      return name
    }
    if (!scanner.failed) {
      scanner.at = at
      scanner.lastEnd = lastEnd
    }
    return undefined
  }

  #object(first: ZonName, start: number, at: number, depth: number): ZonValue | undefined {
    const { scanner } = this
    const fields: ZonField[] = []
    const seen = new Set<string>()
    for (let name = first; ; ) {
      if (seen.has(name.text) && (this.#duplicates += 1) <= MAX_DUPLICATES) scanner.problems.push(duplicate(name))
      seen.add(name.text)
      const value = this.#value(depth)
      if (value === undefined) return undefined
      fields.push({ name, value })
      const more = this.#separator('field value')
      if (more === undefined) return undefined
      if (!more) return { kind: 'object', fields, start, end: scanner.at, at }
      const next = this.#fieldName()
      if (next === undefined) return scanner.fail('expected a field: a struct has no items without a name', scanner.at)
      name = next
    }
  }

  #list(start: number, at: number, depth: number): ZonValue | undefined {
    const { scanner } = this
    const items: ZonValue[] = []
    for (;;) {
      const value = this.#value(depth)
      if (value === undefined) return undefined
      items.push(value)
      if (scanner.peek() === '=') return scanner.fail('a list has no named fields', scanner.at)
      const more = this.#separator('list item')
      if (more === undefined) return undefined
      if (!more) return { kind: 'list', items, start, end: scanner.at, at }
    }
  }

  /** After an element: true before another one, false after the closing brace, undefined for anything else. */
  #separator(after: string): boolean | undefined {
    const { scanner } = this
    const next = scanner.peek()
    if (scanner.failed) return undefined
    if (next === ',') scanner.take()
    else if (next !== '}') return this.#unexpectedAfter(next, `expected ',' or '}' after ${after}`)
    const following = scanner.peek()
    if (following !== '}') return scanner.failed ? undefined : true
    scanner.take()
    return false
  }

  #unexpectedAfter(next: string | undefined, message: string): undefined {
    const { scanner } = this
    if (next !== undefined && OPERATORS.includes(next))
      return scanner.fail('ZON is data: it cannot hold calls, operators or typed initializers', scanner.at)
    // At the end of the token before, where the comma is missing.
    return scanner.fail(message, scanner.lastEnd)
  }

  #multiline(start: number): ZonValue | undefined {
    const { scanner } = this
    if (!scanner.text.startsWith('\\\\', start)) return scanner.fail('expected a value, found "\\\\"', start)
    const text = scanner.multiline()
    return text === undefined ? undefined : { kind: 'string', text, multiline: true, start, end: scanner.lastEnd, at: start }
  }

  #char(start: number): ZonValue | undefined {
    const quoted = this.scanner.quoted("'")
    if (quoted === undefined) return undefined
    const { at: end } = this.scanner
    const codePoint = quoted.kind === 'bytes' ? oneByte(quoted.bytes) : oneCodePoint(quoted.text)
    if (codePoint === undefined) return this.scanner.fail('a character literal holds one code point', start, end)
    return { kind: 'char', codePoint, start, end, at: start }
  }

  #negative(start: number): ZonValue | undefined {
    const { scanner } = this
    scanner.take()
    const next = scanner.peek() ?? ''
    if (/[0-9]/.test(next)) return this.#number(start, -1)
    if (/[A-Za-z_]/.test(next)) return this.#word(start, -1)
    return scanner.fail('expected a number after "-"', start)
  }

  #number(start: number, sign: 1 | -1): ZonValue | undefined {
    const { scanner } = this
    const from = scanner.at
    const number = parseZonNumber(scanner.numberLiteral())
    const place = { start, end: scanner.at, at: start }
    switch (number.kind) {
      case 'invalid':
        return scanner.fail(number.why, from, scanner.at)
      case 'integer':
        return { kind: 'integer', value: sign < 0 ? -number.value : number.value, ...place }
      case 'float':
        return { kind: 'float', value: sign * number.value, ...place }
    }
  }

  #word(start: number, sign: 1 | -1): ZonValue | undefined {
    const { scanner } = this
    const from = scanner.at
    const word = scanner.word()
    const place = { start, end: scanner.at, at: start }
    if (word === 'inf') return { kind: 'float', value: sign * Number.POSITIVE_INFINITY, ...place }
    if (sign > 0) {
      if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', ...place }
      if (word === 'null') return { kind: 'null', ...place }
      if (word === 'nan') return { kind: 'float', value: Number.NaN, ...place }
    }
    return scanner.fail(`${JSON.stringify(word.slice(0, 40))} is not data: ZON holds literals alone`, from, scanner.at)
  }
}

const OPERATORS = '+-*/%&|^<>=!?:;([{~'

function duplicate({ text, start, end }: ZonName): ZonProblem {
  return { code: 'zon.duplicate-field', message: `duplicate field '${text}'`, start, end }
}

function oneByte(bytes: Uint8Array): number | undefined {
  return bytes.length === 1 ? bytes[0] : undefined
}

function oneCodePoint(text: string): number | undefined {
  const codePoint = text.codePointAt(0)
  return codePoint !== undefined && String.fromCodePoint(codePoint).length === text.length ? codePoint : undefined
}
