import type { Token, TokenError } from './nimscript-tokens.js'

/** One statement with the block below it. */
export interface Statement {
  /** Its own tokens; for a block statement the head without the `:` or `=` that opens the block. */
  readonly tokens: readonly Token[]
  readonly block: readonly Statement[]
  /** It has a block, be it empty. */
  readonly opens: boolean
}

export interface Statements {
  readonly statements: readonly Statement[]
  readonly error: TokenError | undefined
}

/** Nim indents; a hostile file must not exhaust the stack of whoever walks the result. */
const MAX_DEPTH = 100
const MAX_INLINE = 10

/** Names that begin a statement whose `:` opens a block. */
const BLOCK_WORDS = new Set(
  'when if elif else while for case of try except finally block static task before after feature dev defer withdir'.split(' '),
)
const DEFINITIONS = new Set(['proc', 'func', 'template', 'macro', 'iterator', 'converter', 'method'])

/** Groups tokens into statements by indentation, brackets and line continuation. */
export function groupStatements(tokens: readonly Token[], nameOf: (token: Token) => string): Statements {
  const lines = logicalLines(tokens)
  const error = lines.error ?? tooDeep(lines.lines)
  return { statements: error === undefined ? new Grouper(lines.lines, nameOf).level(0, 0) : [], error }
}

interface Line {
  readonly indent: number
  readonly tokens: readonly Token[]
}

function tooDeep(lines: readonly Line[]): TokenError | undefined {
  const open: number[] = []
  for (const line of lines) {
    while ((open.at(-1) ?? -1) >= line.indent) open.pop()
    open.push(line.indent)
    if (open.length > MAX_DEPTH) return { at: line.tokens[0]?.start ?? 0, why: `blocks nest deeper than ${MAX_DEPTH}` }
  }
  return undefined
}

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

/** A line goes on inside brackets, after a comma and after an operator. */
function logicalLines(tokens: readonly Token[]): { readonly lines: Line[]; readonly error: TokenError | undefined } {
  const lines: Line[] = []
  let current: Token[] = []
  let indent = 0
  const open: Token[] = []
  for (const token of tokens) {
    if (token.indent !== undefined && open.length === 0 && !goesOn(current)) {
      if (current.length > 0) lines.push({ indent, tokens: current })
      current = []
      indent = token.indent
    }
    current.push(token)
    if (token.kind !== 'symbol') continue
    if (CLOSING.has(token.text)) open.push(token)
    else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const opened = open.pop()
      if (opened === undefined || CLOSING.get(opened.text) !== token.text)
        return { lines, error: { at: token.start, why: `${token.text} closes nothing` } }
    }
  }
  if (current.length > 0) lines.push({ indent, tokens: current })
  const [unclosed] = open
  return { lines, error: unclosed === undefined ? undefined : { at: unclosed.start, why: `${unclosed.text} is never closed` } }
}

const WORD_OPERATORS = new Set(['and', 'or', 'not', 'xor', 'in', 'notin', 'is', 'isnot', 'div', 'mod', 'shl', 'shr'])

function goesOn(line: readonly Token[]): boolean {
  const last = line.at(-1)
  if (last === undefined) return false
  if (last.kind === 'name') return WORD_OPERATORS.has(last.text)
  return last.kind === 'symbol' && last.text !== '=' && last.text !== ':' && !/^[)\]};*]/.test(last.text)
}

class Grouper {
  #at = 0

  constructor(
    readonly lines: readonly Line[],
    readonly nameOf: (token: Token) => string,
  ) {}

  /** Statements of the lines that are indented at least so far. */
  level(indent: number, depth: number): readonly Statement[] {
    const found: Statement[] = []
    for (let line = this.lines[this.#at]; line !== undefined && line.indent >= indent; line = this.lines[this.#at]) {
      this.#at += 1
      const parts = splitAt(line.tokens, ';')
      for (const [i, part] of parts.entries()) {
        if (part.length === 0) continue
        const isLast = i === parts.length - 1
        const next = this.lines[this.#at]
        const below = isLast && next !== undefined && next.indent > line.indent ? this.level(next.indent, depth + 1) : []
        found.push(this.#statement(part, below))
      }
    }
    return found
  }

  #statement(tokens: readonly Token[], below: readonly Statement[], inlined = 0): Statement {
    const first = tokens[0]
    const word = first?.kind === 'name' ? this.nameOf(first) : ''
    const isDefinition = DEFINITIONS.has(word)
    const opener = isDefinition ? '=' : BLOCK_WORDS.has(word) ? ':' : undefined
    // Blocks inside blocks of one line: nobody writes many, and what is left uncut is not understood.
    const at = opener === undefined || inlined > MAX_INLINE ? -1 : topLevel(tokens, opener)
    if (at >= 0) {
      const inline = tokens.slice(at + 1)
      const block = inline.length === 0 ? below : [this.#statement(inline, [], inlined + 1), ...below]
      return { tokens: tokens.slice(0, at), block, opens: true }
    }
    const last = tokens.at(-1)
    // `name =` with its value on the next line.
    if (last?.kind === 'symbol' && last.text === '=' && below.length === 1 && below[0]?.opens === false)
      return { tokens: [...tokens, ...below[0].tokens], block: [], opens: false }
    // `else:` and a call with a block end in a colon; a `let` section has its names below.
    const endsInColon = last?.kind === 'symbol' && last.text === ':'
    return { tokens: endsInColon ? tokens.slice(0, -1) : tokens, block: below, opens: endsInColon || below.length > 0 }
  }
}

/** Index of a symbol outside brackets, or -1. */
function topLevel(tokens: readonly Token[], symbol: string): number {
  let depth = 0
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'symbol') continue
    if (CLOSING.has(token.text)) depth += 1
    else if (token.text === ')' || token.text === ']' || token.text === '}') depth -= 1
    else if (depth === 0 && token.text === symbol) return i
  }
  return -1
}

/** Cuts at a symbol outside brackets. */
export function splitAt(tokens: readonly Token[], symbol: string): readonly (readonly Token[])[] {
  const parts: (readonly Token[])[] = []
  let depth = 0
  let from = 0
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'symbol') continue
    if (CLOSING.has(token.text)) depth += 1
    else if (token.text === ')' || token.text === ']' || token.text === '}') depth -= 1
    else if (depth === 0 && token.text === symbol) {
      parts.push(tokens.slice(from, i))
      from = i + 1
    }
  }
  parts.push(tokens.slice(from))
  return parts
}
