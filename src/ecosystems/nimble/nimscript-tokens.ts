/** One token of NimScript. */
export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol'
  /** The name or symbol as written; of a string what it means. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** Columns before it, for the first token of a line; undefined for the others. */
  readonly indent: number | undefined
  /** Nothing stands between it and the token before. */
  readonly glued: boolean
  /** Of a string: `f"…"` is a call of `f`. */
  readonly called?: true | undefined
}

export interface TokenError {
  readonly at: number
  readonly why: string
}

export interface Tokens {
  readonly tokens: readonly Token[]
  readonly error: TokenError | undefined
}

const NAME = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/y
const NUMBER = /[0-9](?:[0-9A-Za-z_]|\.(?=[0-9]))*/y
const OPERATOR = /[=+\-*/<>@$~&%|!?^.\\]+/y
const LETTER_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['c', '\r'],
  ['l', '\n'],
  ['t', '\t'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['e', '\u001b'],
  ['f', '\f'],
  ['v', '\v'],
  ['p', '\n'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
])

/**
 * Cuts NimScript into tokens (spec/nimble.md §2.2): nested comments, the four forms of strings, names in backticks. Stops
 * at what is no Nim and says where; what stands before is given. Linear.
 */
export function tokenizeNim(text: string): Tokens {
  const lexer = new Lexer(text)
  const error = lexer.run()
  return { tokens: lexer.tokens, error }
}

class Lexer {
  readonly tokens: Token[] = []
  #at = 0
  #lineStart = 0
  #isFirst = true
  #lastEnd = -1

  constructor(readonly text: string) {}

  run(): TokenError | undefined {
    for (;;) {
      const problem = this.#blank()
      if (problem !== undefined) return problem
      if (this.#at >= this.text.length) return undefined
      const error = this.#token()
      if (error !== undefined) return error
    }
  }

  /** White space, line ends and comments. */
  #blank(): TokenError | undefined {
    for (;;) {
      const c = this.text[this.#at]
      if (c === '\n') {
        this.#at += 1
        this.#lineStart = this.#at
        this.#isFirst = true
      } else if (c === ' ' || c === '\t' || c === '\r' || c === '\f') this.#at += 1
      else if (c === '#') {
        const problem = this.#comment()
        if (problem !== undefined) return problem
      } else return undefined
    }
  }

  #comment(): TokenError | undefined {
    const start = this.#at
    const isBlock = this.text.startsWith('#[', start) || this.text.startsWith('##[', start)
    if (!isBlock) {
      const end = this.text.indexOf('\n', start)
      this.#at = end < 0 ? this.text.length : end
      return undefined
    }
    let depth = 0
    while (this.#at < this.text.length) {
      if (this.text.startsWith('#[', this.#at)) {
        depth += 1
        this.#at += 2
      } else if (this.text.startsWith(']#', this.#at)) {
        depth -= 1
        this.#at += 2
        if (depth > 0) continue
        const lineEnd = this.text.slice(start, this.#at).lastIndexOf('\n')
        if (lineEnd >= 0) {
          this.#lineStart = start + lineEnd + 1
          this.#isFirst = true
        }
        return undefined
      } else this.#at += 1
    }
    return { at: start, why: 'a comment has no end' }
  }

  #token(): TokenError | undefined {
    const c = this.text[this.#at] ?? ''
    const start = this.#at
    if (c === '"') return this.#string(start, start, false)
    if (c === "'") return this.#character(start)
    if (c === '`') return this.#quotedName(start)
    const name = this.#match(NAME)
    if (name !== undefined) {
      if (this.text[this.#at] !== '"') {
        this.#push('name', name, start)
        return undefined
      }
      // A name right before a quote: a raw string, `r` alone without a call.
      const isRaw = name === 'r' || name === 'R'
      if (!isRaw) this.#push('name', name, start)
      return this.#string(isRaw ? start : this.#at, this.#at, true, !isRaw)
    }
    const number = this.#match(NUMBER)
    if (number !== undefined) {
      // A suffix as in `1'i32`.
      if (this.text[this.#at] === "'" && /[A-Za-z]/.test(this.text[this.#at + 1] ?? '')) {
        this.#at += 1
        this.#match(NAME)
      }
      this.#push('number', number, start)
      return undefined
    }
    const operator = this.#match(OPERATOR)
    if (operator !== undefined) {
      this.#push('symbol', operator, start)
      return undefined
    }
    if ('()[]{},;:'.includes(c)) {
      this.#at += 1
      this.#push('symbol', c, start)
      return undefined
    }
    return { at: start, why: `no Nim begins with ${JSON.stringify(c)}` }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #push(kind: Token['kind'], text: string, start: number, called?: true): void {
    this.tokens.push({
      kind,
      text,
      start,
      end: this.#at,
      indent: this.#isFirst ? start - this.#lineStart : undefined,
      glued: start === this.#lastEnd,
      called,
    })
    this.#isFirst = false
    this.#lastEnd = this.#at
  }

  #quotedName(start: number): TokenError | undefined {
    const end = this.text.indexOf('`', start + 1)
    const line = this.text.indexOf('\n', start)
    if (end < 0 || (line >= 0 && line < end)) return { at: start, why: 'a name in backticks has no end' }
    this.#at = end + 1
    this.#push('name', this.text.slice(start + 1, end).replaceAll(/\s/g, ''), start)
    return undefined
  }

  #character(start: number): TokenError | undefined {
    const end = this.text.indexOf("'", start + (this.text[start + 1] === '\\' ? 3 : 2))
    if (end < 0 || end > start + 12) return { at: start, why: 'a character has no end' }
    this.#at = end + 1
    this.#push('number', this.text.slice(start, this.#at), start)
    return undefined
  }

  #string(start: number, quote: number, raw: boolean, called?: boolean): TokenError | undefined {
    const mark = called === true ? true : undefined
    if (this.text.startsWith('"""', quote)) {
      let end = this.text.indexOf('"""', quote + 3)
      if (end < 0) return { at: start, why: 'a string has no end' }
      // More quotes than three: the last three close.
      while (this.text[end + 3] === '"') end += 1
      const body = this.text.slice(quote + 3, end)
      this.#at = end + 3
      const value = /^[ \t]*\r?\n/.test(body) ? body.slice(body.indexOf('\n') + 1) : body
      this.#push('string', value.replaceAll('\r\n', '\n'), start, mark)
      // The lines inside belong to the token; what follows it is on the line of its end.
      const lineEnd = body.lastIndexOf('\n')
      if (lineEnd >= 0) this.#lineStart = quote + 3 + lineEnd + 1
      return undefined
    }
    const value = raw ? this.#rawBody(quote + 1) : this.#escapedBody(quote + 1)
    if (value === undefined) return { at: start, why: 'a string has no end on its line' }
    if (typeof value !== 'string') return value
    this.#push('string', value, start, mark)
    return undefined
  }

  #rawBody(from: number): string | undefined {
    let value = ''
    for (let at = from; at < this.text.length; at++) {
      const c = this.text[at] ?? ''
      if (c === '\n') return undefined
      if (c !== '"') value += c
      else if (this.text[at + 1] === '"') {
        value += '"'
        at += 1
      } else {
        this.#at = at + 1
        return value
      }
    }
    return undefined
  }

  #escapedBody(from: number): string | TokenError | undefined {
    let value = ''
    let at = from
    for (;;) {
      const c = this.text[at]
      if (c === undefined || c === '\n') return undefined
      if (c === '"') {
        this.#at = at + 1
        return value
      }
      if (c !== '\\') {
        value += c
        at += 1
        continue
      }
      const read = readEscape(this.text, at)
      if (read === undefined) return { at, why: 'a string holds an escape that Nim does not have' }
      value += read.value
      at = read.end
    }
  }
}

const HEX_BYTE = /\\[xX]([0-9A-Fa-f]{1,2})/y
const UNICODE = /\\[uU](?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/y
const DECIMAL = /\\([0-9]{1,3})/y

function readEscape(text: string, at: number): { readonly value: string; readonly end: number } | undefined {
  const letter = LETTER_ESCAPES.get(text[at + 1] ?? '') ?? LETTER_ESCAPES.get((text[at + 1] ?? '').toLowerCase())
  if (letter !== undefined) return { value: letter, end: at + 2 }
  for (const [pattern, base] of [
    [HEX_BYTE, 16],
    [UNICODE, 16],
    [DECIMAL, 10],
  ] as const) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) continue
    const code = Number.parseInt(match[1] ?? match[2] ?? '', base)
    return code > 0x10ffff ? undefined : { value: String.fromCodePoint(code), end: pattern.lastIndex }
  }
  return undefined
}

/** Names are one when the first character is the same and the rest is, without case and underscores. */
export function nimName(text: string): string {
  return text.slice(0, 1) + text.slice(1).replaceAll('_', '').toLowerCase()
}
