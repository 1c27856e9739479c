import type { Location } from '../../model/location.js'
import { SourceText } from '../../syntax/text.js'

/** A token as written, quotes included. */
export interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** One line of tokens, with the comments that belong to it (spec/go.md §2.6). */
export interface Line {
  readonly tokens: readonly Token[]
  /** Whole-line comments above, without their `//`; a blank line inside a block counts as an empty one. */
  readonly before: readonly Comment[]
  readonly suffix: Comment | undefined
}

export type Comment = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'blank' }

/** `verb args...` or `verb ( … )`. */
export type Statement =
  | { readonly kind: 'line'; readonly line: Line }
  | {
      readonly kind: 'block'
      readonly head: readonly Token[]
      readonly before: readonly Comment[]
      readonly lines: readonly Line[]
    }

export interface ModSyntax {
  readonly source: SourceText
  readonly statements: readonly Statement[]
  /** A lexical error ends the reading: what follows it was not understood. */
  readonly error: SyntaxProblem | undefined
}

export interface SyntaxProblem {
  readonly message: string
  readonly location: Location
}

/**
 * Reads the statements of a go.mod or go.work (spec/go.md §2.1, §2.2). Linear; the first lexical error ends it, and what
 * came before it is kept.
 */
export function parseModSyntax(text: string, file: string): ModSyntax {
  return new Parser(new SourceText(file, text)).parse()
}

class Parser {
  readonly #text: string
  readonly #statements: Statement[] = []
  #problem: SyntaxProblem | undefined
  #at = 0

  constructor(readonly source: SourceText) {
    this.#text = source.text
  }

  parse(): ModSyntax {
    let comments: Comment[] = []
    while (this.#at < this.#text.length && this.#problem === undefined) {
      const line = this.#line()
      if (line.tokens.length === 0) {
        // Comments stand above a statement only when no blank line is between.
        if (line.suffix === undefined) comments = []
        else comments.push(line.suffix)
        continue
      }
      if (this.#problem !== undefined) break
      this.#statement(line, comments)
      comments = []
    }
    return { source: this.source, statements: this.#statements, error: this.#problem }
  }

  #statement({ tokens, suffix }: RawLine, before: readonly Comment[]): void {
    const last = tokens.at(-1)
    const isEmptyBlock = last?.text === ')' && tokens.at(-2)?.text === '('
    if (isEmptyBlock && tokens.length > 2) {
      this.#statements.push({ kind: 'block', head: tokens.slice(0, -2), before, lines: [] })
      return
    }
    // A `(` opens a block only at the end of its line.
    if (last?.text === '(' && tokens.length > 1) {
      const lines = this.#block(last)
      this.#statements.push({ kind: 'block', head: tokens.slice(0, -1), before, lines })
      return
    }
    this.#statements.push({ kind: 'line', line: { tokens, before, suffix } })
  }

  #block(open: Token): Line[] {
    const lines: Line[] = []
    let comments: Comment[] = []
    while (this.#problem === undefined) {
      if (this.#at >= this.#text.length) {
        const { line, column } = this.source.locate(open.start)
        this.#fail(this.#text.length, `the block that begins at ${line}:${column} has no end`)
        break
      }
      const { tokens, suffix } = this.#line()
      if (this.#problem !== undefined) break
      const [first] = tokens
      if (first === undefined) {
        if (suffix !== undefined) comments.push(suffix)
        else if (comments.length === 0 ? lines.length > 0 : comments.at(-1)?.kind !== 'blank') comments.push({ kind: 'blank' })
      } else if (first.text === ')') {
        const stray = tokens[1]
        if (stray !== undefined) this.#fail(stray.start, 'only a comment may follow the closing parenthesis')
        break
      } else {
        lines.push({ tokens, before: comments, suffix })
        comments = []
      }
    }
    return lines
  }

  /** The tokens of the line at hand, and the comment that ends it; the position moves behind its line feed. */
  #line(): RawLine {
    const text = this.#text
    const tokens: Token[] = []
    while (this.#at < text.length) {
      const character = text.charAt(this.#at)
      if (character === '\n') {
        this.#at += 1
        return { tokens, suffix: undefined }
      }
      if (character === ' ' || character === '\t' || character === '\r') {
        this.#at += 1
      } else if (text.startsWith('//', this.#at)) {
        const newline = text.indexOf('\n', this.#at)
        const end = newline < 0 ? text.length : newline
        const suffix: Comment = { kind: 'text', text: text.slice(this.#at + 2, end) }
        this.#at = newline < 0 ? end : end + 1
        return { tokens, suffix }
      } else {
        const token = this.#token(character)
        if (token === undefined) return { tokens, suffix: undefined }
        tokens.push(token)
      }
    }
    return { tokens, suffix: undefined }
  }

  #token(character: string): Token | undefined {
    const start = this.#at
    const end = PUNCTUATION.includes(character)
      ? start + 1
      : character === '"' || character === '`'
        ? this.#stringEnd(start, character)
        : this.#wordEnd(start)
    if (end === undefined) return undefined
    this.#at = end
    return { text: this.#text.slice(start, end), start, end }
  }

  #stringEnd(start: number, quote: string): number | undefined {
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text.charAt(at)
      if (character === '\n') return this.#fail(at, 'a string goes over the end of its line')
      if (character === quote) return at + 1
      if (character === '\\' && quote === '"') at += 1
    }
    return this.#fail(this.#text.length, 'a string has no end')
  }

  #wordEnd(start: number): number | undefined {
    let at = start
    while (at < this.#text.length && !this.#text.startsWith('//', at)) {
      if (this.#text.startsWith('/*', at)) return this.#fail(at, 'comments begin with //, not with /*')
      const code = this.#text.codePointAt(at) ?? 0
      if (!isWordCharacter(code)) break
      at += code > 0xffff ? 2 : 1
    }
    if (at > start) return at
    const code = (this.#text.codePointAt(start) ?? 0).toString(16).padStart(4, '0')
    return this.#fail(start, `the character U+${code.toUpperCase()} is not allowed here`)
  }

  #fail(at: number, message: string): undefined {
    this.#problem ??= { message, location: this.source.locate(at) }
  }
}

interface RawLine {
  readonly tokens: readonly Token[]
  readonly suffix: Comment | undefined
}

const PUNCTUATION = '()[]{},'
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u

/** Printable and neither space nor punctuation of the syntax; quotes are left to the directives, which refuse them. */
function isWordCharacter(code: number): boolean {
  if (code > 0x20 && code < 0x7f) return !PUNCTUATION.includes(String.fromCharCode(code))
  return code > 0x7f && PRINTABLE.test(String.fromCodePoint(code))
}
