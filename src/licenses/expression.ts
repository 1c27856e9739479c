import type { LicenseExpression } from './expression-tree.js'
import { formatExpression } from './expression-tree.js'
import { listedException, listedId } from './list.js'

/** Longer than any real expression by far. */
const MAX_LENGTH = 16 * 1024
const MAX_DEPTH = 64

/** Why a text is no expression, and the offset (UTF-16 code units) where that shows. */
export interface ExpressionError {
  readonly offset: number
  readonly message: string
}

export type ParsedExpression =
  /** `notes`: read, but not as the standard spells it. */
  | { readonly ok: true; readonly expression: LicenseExpression; readonly notes: readonly string[] }
  | { readonly ok: false; readonly error: ExpressionError }

/**
 * Reads an SPDX licence expression (SPDX 2.3 annex D, SPDX 3.0.1 annex B). Ids in any case and operators in any one
 * case are taken, with a note; what is not listed is an error. `NONE` and `NOASSERTION` are values of documents, not
 * expressions.
 */
export function parseExpression(text: string): ParsedExpression {
  if (text.length > MAX_LENGTH)
    return { ok: false, error: { offset: MAX_LENGTH, message: `longer than ${MAX_LENGTH} characters` } }
  const parser = new Parser(text)
  try {
    return { ok: true, expression: parser.whole(), notes: parser.notes }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: { offset: error.offset, message: error.message } }
    throw error
  }
}

/**
 * The canonical spelling of a licence statement that is an SPDX expression, or Cargo's older `MIT/Apache-2.0` (which
 * means OR, and is taken only when every part is a listed id); undefined for anything else.
 */
export function canonicalExpression(raw: string): string | undefined {
  const legacy = slashExpression(raw)
  if (legacy !== undefined) return legacy
  const parsed = parseExpression(raw)
  return parsed.ok ? formatExpression(parsed.expression) : undefined
}

function slashExpression(raw: string): string | undefined {
  if (!raw.includes('/') || raw.length > MAX_LENGTH) return undefined
  const parts = raw.split('/').map((part) => listedId(part.trim()))
  return parts.every((part) => part !== undefined) ? parts.join(' OR ') : undefined
}

class Refused extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message)
  }
}

interface Token {
  readonly text: string
  readonly offset: number
}

const TOKEN = /[()]|[^\s()]+/g
const OPERATOR = /^(?:AND|OR|WITH)$/i
const REFERENCE = /^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/
const ADDITION = /^(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+$/

class Parser {
  readonly notes: string[] = []
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0

  constructor(text: string) {
    this.#tokens = [...text.matchAll(TOKEN)].map((match) => ({ text: match[0], offset: match.index }))
    this.#end = text.length
  }

  whole(): LicenseExpression {
    if (this.#tokens.length === 0) throw new Refused(0, 'empty')
    const expression = this.#or(0)
    const left = this.#tokens[this.#at]
    if (left !== undefined) throw new Refused(left.offset, `${quoted(left)} is not expected here`)
    return expression
  }

  #or(depth: number): LicenseExpression {
    return this.#chain('or', () => this.#chain('and', () => this.#simple(depth)))
  }

  #chain(kind: 'and' | 'or', next: () => LicenseExpression): LicenseExpression {
    const first = next()
    const parts = [first]
    while (this.#operator(kind.toUpperCase())) parts.push(next())
    if (parts.length === 1) return first
    // (A AND B) AND C is A AND B AND C.
    return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) }
  }

  #simple(depth: number): LicenseExpression {
    const token = this.#take('a licence')
    if (token.text === '(') {
      if (depth >= MAX_DEPTH) throw new Refused(token.offset, `nested deeper than ${MAX_DEPTH}`)
      const inner = this.#or(depth + 1)
      const close = this.#take('`)`')
      if (close.text !== ')') throw new Refused(close.offset, `${quoted(close)} stands where \`)\` is expected`)
      const after = this.#tokens[this.#at]
      if (after !== undefined && after.text.toUpperCase() === 'WITH')
        throw new Refused(after.offset, 'WITH follows one licence, not parentheses')
      return inner
    }
    const { id, orLater } = this.#license(token)
    return this.#operator('WITH')
      ? { kind: 'license', id, orLater, exception: this.#exception() }
      : { kind: 'license', id, orLater }
  }

  #license(token: Token): { readonly id: string; readonly orLater: boolean } {
    if (token.text === ')' || OPERATOR.test(token.text))
      throw new Refused(token.offset, `${quoted(token)} stands where a licence is expected`)
    if (REFERENCE.test(token.text)) return { id: token.text, orLater: false }
    const orLater = token.text.endsWith('+')
    const written = orLater ? token.text.slice(0, -1) : token.text
    const id = listedId(written)
    if (id === undefined) throw new Refused(token.offset, `${quoted(token)} is no listed licence`)
    if (id !== written) this.notes.push(`${written} is spelt ${id}`)
    if (orLater && /-(?:only|or-later)$/.test(id)) throw new Refused(token.offset, `${id} takes no +`)
    return { id, orLater }
  }

  #exception(): string {
    const token = this.#take('an exception')
    if (ADDITION.test(token.text)) return token.text
    const name = listedException(token.text)
    if (name === undefined) throw new Refused(token.offset, `${quoted(token)} is no listed exception`)
    if (name !== token.text) this.notes.push(`${token.text} is spelt ${name}`)
    return name
  }

  /** Consumes the operator if it stands here. Mixed case is neither SPDX 2 nor 3. */
  #operator(name: string): boolean {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.text.toUpperCase() !== name) return false
    if (token.text !== name) {
      if (token.text !== name.toLowerCase()) throw new Refused(token.offset, `${quoted(token)} mixes upper and lower case`)
      this.notes.push(`${token.text} is spelt ${name}`)
    }
    this.#at += 1
    return true
  }

  #take(what: string): Token {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new Refused(this.#end, `ends where ${what} is expected`)
    this.#at += 1
    return token
  }
}

function quoted(token: Token): string {
  return `\`${token.text.slice(0, 80)}\``
}
