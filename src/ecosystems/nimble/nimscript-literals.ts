import { splitAt } from './nimscript-statements.js'
import type { Token } from './nimscript-tokens.js'

/** One operand: a string token, or undefined where it is computed. */
export type Operand = Token | undefined

/** The operands of a call in any of its forms: `f "a", "b"`, `f("a")`, `f @["a"]`; `tokens` begin after the name. */
export function operandsOf(tokens: readonly Token[]): readonly Operand[] {
  const called = insideOf(tokens, '(', ')') ?? tokens
  const inner = called.at(-1)?.text === ',' ? called.slice(0, -1) : called
  const list = listOf(inner) ?? inner
  return splitAt(list, ',')
    .filter((part) => part.length > 0)
    .map(literalOf)
}

/** The strings of `@["a", "b"]`; undefined when it is something else. */
export function literalList(tokens: readonly Token[]): readonly Operand[] | undefined {
  const list = listOf(tokens)
  if (list === undefined) return undefined
  return splitAt(list, ',')
    .filter((part) => part.length > 0)
    .map(literalOf)
}

/** A string that stands alone; one that is interpolated, joined or called is computed. */
export function literalOf(tokens: readonly Token[]): Operand {
  const [first, second] = tokens
  return first?.kind === 'string' && first.called !== true && second === undefined ? first : undefined
}

/** The pairs of `{"a": "b"}.toTable`. */
export function literalTable(tokens: readonly Token[]): readonly (readonly [Token, Token])[] | undefined {
  const close = tokens.findIndex((token) => token.kind === 'symbol' && token.text === '}')
  const tail = tokens
    .slice(close + 1)
    .map((token) => token.text)
    .join('')
  const inner = close < 0 ? undefined : insideOf(tokens.slice(0, close + 1), '{', '}')
  if (inner === undefined || !/^(?:\.toTable(?:\(\))?)?$/i.test(tail)) return undefined
  const pairs = splitAt(inner, ',')
    .filter((part) => part.length > 0)
    .map((part) => splitAt(part, ':').map(literalOf))
  const known = pairs.flatMap(([key, value]): [Token, Token][] =>
    key === undefined || value === undefined ? [] : [[key, value]],
  )
  return known.length === pairs.length ? known : undefined
}

function listOf(tokens: readonly Token[]): readonly Token[] | undefined {
  const [at] = tokens
  return at?.kind === 'symbol' && at.text === '@' ? insideOf(tokens.slice(1), '[', ']') : undefined
}

/** What stands between brackets that begin and end the row. */
function insideOf(tokens: readonly Token[], open: string, close: string): readonly Token[] | undefined {
  if (tokens[0]?.kind !== 'symbol' || tokens[0].text !== open) return undefined
  let depth = 0
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'symbol') continue
    if (token.text === open) depth += 1
    else if (token.text === close) depth -= 1
    if (depth === 0) return i === tokens.length - 1 && i > 0 ? tokens.slice(1, -1) : undefined
  }
  return undefined
}
