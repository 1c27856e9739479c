import type { ZonName, ZonProblem, ZonProblemCode } from './zon-value.js'

const LF = 0x0a
const CR = 0x0d
const TAB = 0x09
const SLASH = 0x2f
const BACKSLASH = 0x5c

/** Words that no bare field or enum literal may be (spec/zig.md §2.1). */
const KEYWORDS: ReadonlySet<string> = new Set(
  `addrspace align allowzero and anyframe anytype asm break callconv catch comptime const continue defer else enum errdefer
  error export extern fn for if inline linksection noalias noinline nosuspend opaque or orelse packed pub resume return struct
  suspend switch test threadlocal try union unreachable var volatile while`.split(/\s+/),
)
/** Keywords of older releases alone. */
const RETIRED_KEYWORDS: ReadonlySet<string> = new Set(['async', 'await', 'usingnamespace'])

/** What stands between quotes, escapes resolved: text, or bytes where `\x` made something that is no UTF-8. */
export type Quoted = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

/**
 * The tokens of ZON (spec/zig.md §2.1). Every method moves forward or fails; after the first failure nothing is read any
 * more.
 */
export class ZonScanner {
  at = 0
  /** Where the last token ended: a missing comma is reported there. */
  lastEnd = 0
  readonly problems: ZonProblem[] = []
  #failed = false
  readonly #said = new Set<ZonProblemCode>()

  constructor(readonly text: string) {}

  get failed(): boolean {
    return this.#failed
  }

  fail(message: string, start: number, end = start + 1, code: 'zon.syntax' | 'zon.too-deep' = 'zon.syntax'): undefined {
    if (!this.#failed) this.problems.push({ code, message, start, end: Math.min(Math.max(end, start), this.text.length) })
    this.#failed = true
    return undefined
  }

  /** Tells something once a file; a hostile one repeats it a million times. */
  #note(code: ZonProblemCode, message: string, start: number, end: number): void {
    if (this.#said.has(code)) return
    this.#said.add(code)
    this.problems.push({ code, message, start, end })
  }

  /** Passes white space and comments; the next character, or undefined at the end or after a failure. */
  peek(): string | undefined {
    const { text } = this
    while (!this.#failed) {
      const c = text.charCodeAt(this.at)
      if (c === 0x20 || c === LF || c === TAB) this.at += 1
      else if (c === CR) {
        if (text.charCodeAt(this.at + 1) !== LF) this.#bareCr(this.at)
        this.at += 1
      } else if (c === SLASH && text.charCodeAt(this.at + 1) === SLASH) this.#comment()
      else return text[this.at]
    }
    return undefined
  }

  /** Takes the token of one character that `peek` has shown. */
  take(): void {
    this.at += 1
    this.lastEnd = this.at
  }

  #bareCr(at: number): void {
    this.#note('zon.bare-cr', 'a carriage return without a line feed: editors show a line end where zig sees none', at, at + 1)
  }

  #comment(): void {
    const { text } = this
    const start = this.at
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const third = text[start + 2]
    if (third === '!' || (third === '/' && text[start + 3] !== '/')) {
      this.fail('a documentation comment cannot stand here; an ordinary one has two slashes', start, end)
      return
    }
    for (let i = start + 2; i < end; i++) {
      const c = text.charCodeAt(i)
      if (c === TAB) this.#note('zon.tab-in-comment', 'a TAB in a comment, which some releases of zig refuse', i, i + 1)
      else if (c === CR) {
        if (i + 1 < end) this.#bareCr(i)
      } else if (isControl(c)) {
        this.fail('a control character in a comment', i)
        return
      }
    }
    this.at = end
  }

  /** A run of letters, digits and underscores from here; empty when there is none. */
  word(): string {
    const start = this.at
    while (isWordCharacter(this.text.charCodeAt(this.at))) this.at += 1
    this.lastEnd = this.at
    return this.text.slice(start, this.at)
  }

  /** A number literal from here, with the sign of its exponent. */
  numberLiteral(): string {
    const { text } = this
    const start = this.at
    const exponent = text.startsWith('0x', start) ? /[pP]/ : /[eE]/
    for (;;) {
      const c = text[this.at] ?? ''
      const signed = (c === '+' || c === '-') && exponent.test(text[this.at - 1] ?? '')
      const point = c === '.' && isWordCharacter(text.charCodeAt(this.at + 1))
      if (!signed && !point && !isWordCharacter(text.charCodeAt(this.at))) break
      this.at += 1
    }
    this.lastEnd = this.at
    return text.slice(start, this.at)
  }

  /** A field name or the word of an enum literal: bare, or `@"…"`. `peek` has been called. */
  name(): ZonName | undefined {
    const start = this.at
    if (this.text[start] === '@') {
      if (this.text[start + 1] !== '"') return this.fail('a builtin call is not data', start)
      this.at += 1
      const quoted = this.quoted('"')
      if (quoted === undefined) return undefined
      if (quoted.kind === 'bytes' || quoted.text === '' || quoted.text.includes('\0'))
        return this.fail('a quoted identifier is UTF-8, not empty and without NUL', start, this.at)
      return { text: quoted.text, bare: false, start, end: this.at }
    }
    const text = isDigit(this.text.charCodeAt(start)) ? '' : this.word()
    if (text === '') return this.fail('expected an identifier after "."', start)
    if (KEYWORDS.has(text)) return this.fail(`${text} is a keyword of zig; write @"${text}"`, start, this.at)
    if (RETIRED_KEYWORDS.has(text))
      this.#note('zon.retired-keyword', `${text} is a keyword in older releases of zig; write @"${text}"`, start, this.at)
    return { text, bare: true, start, end: this.at }
  }

  /** A string, quoted identifier or character literal; `at` is on its opening quote. */
  quoted(quote: '"' | "'"): Quoted | undefined {
    const { text } = this
    const open = this.at
    const parts: (string | number)[] = []
    let from = open + 1
    for (let i = from; ; ) {
      const c = text.charCodeAt(i)
      if (text[i] === quote) {
        parts.push(text.slice(from, i))
        this.at = i + 1
        this.lastEnd = this.at
        return joinParts(parts)
      }
      if (Number.isNaN(c) || c === LF) return this.fail('the literal does not end on its line', open, i)
      if (c < 0x20 || c === 0x7f) return this.fail('a control character in a literal; write it as an escape', i)
      if (c !== BACKSLASH) {
        i += 1
        continue
      }
      parts.push(text.slice(from, i))
      const resolved = this.#escape(i)
      if (resolved === undefined) return undefined
      parts.push(resolved.value)
      i = from = resolved.end
    }
  }

  /** One escape from its backslash; a number is one byte above 0x7f. */
  #escape(start: number): { readonly value: string | number; readonly end: number } | undefined {
    const { text } = this
    const letter = text[start + 1] ?? ''
    const simple = SIMPLE_ESCAPES.get(letter)
    if (simple !== undefined) return { value: simple, end: start + 2 }
    if (letter === 'x') {
      const digits = text.slice(start + 2, start + 4)
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) return this.fail('\\x takes two hexadecimal digits', start, start + 2)
      const byte = Number.parseInt(digits, 16)
      return { value: byte < 0x80 ? String.fromCharCode(byte) : byte, end: start + 4 }
    }
    if (letter !== 'u' || text[start + 2] !== '{')
      return this.fail(`\\${letter} is no escape of zig`, start, start + 1 + letter.length)
    let end = start + 3
    let value = 0
    for (; isHexDigit(text.charCodeAt(end)); end++) value = Math.min(value * 16 + Number.parseInt(text[end] ?? '0', 16), 0x110000)
    if (text[end] !== '}' || end === start + 3) return this.fail('\\u takes hexadecimal digits in braces', start, end)
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
      return this.fail('the escape is no Unicode scalar value', start, end + 1)
    return { value: String.fromCodePoint(value), end: end + 1 }
  }

  /** A multiline string from its first two backslashes: the rest of every such line, comments between them passed over. */
  multiline(): string | undefined {
    const { text } = this
    const lines: string[] = []
    while (text.startsWith('\\\\', this.at)) {
      const start = this.at + 2
      const newline = text.indexOf('\n', start)
      const end = newline < 0 ? text.length : newline
      const line = text.slice(start, newline > start && text.charCodeAt(newline - 1) === CR ? newline - 1 : end)
      for (let i = 0; i < line.length; i++) {
        const c = line.charCodeAt(i)
        if (c !== TAB && isControl(c)) return this.fail('a control character in a multiline string', start + i)
      }
      lines.push(line)
      this.at = end
      this.lastEnd = end
      this.peek()
    }
    return this.#failed ? undefined : lines.join('\n')
  }
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
])

/** Text and single bytes in order; bytes that together are UTF-8 are text again. */
function joinParts(parts: readonly (string | number)[]): Quoted {
  if (parts.every((part) => typeof part === 'string')) return { kind: 'text', text: parts.join('') }
  const encoder = new TextEncoder()
  const pieces = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : Uint8Array.of(part)))
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { kind: 'bytes', bytes }
  }
}

function isControl(c: number): boolean {
  return c < 0x20 || c === 0x7f
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39
}

function isHexDigit(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)
}

/** Also false for NaN, the code of what is past the end. */
function isWordCharacter(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f
}
