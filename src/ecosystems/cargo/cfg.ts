/** A `[target.…]` key: a target triple or a `cfg(…)` expression (spec/cargo.md §2.5). */
export type TargetExpr = { readonly kind: 'triple'; readonly triple: string } | { readonly kind: 'cfg'; readonly cfg: Cfg }

export type Cfg =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Cfg[] }
  | { readonly kind: 'not'; readonly of: Cfg }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'value'; readonly name: string; readonly value: string }
  | { readonly kind: 'constant'; readonly value: boolean }

/** What holds for one target: its triple and the names and `name="value"` pairs rustc sets for it. */
export interface Target {
  readonly triple: string
  readonly cfg: ReadonlySet<string>
}

const MAX_DEPTH = 64

/** Parses a target key; undefined for what cargo refuses. */
export function parseTargetExpr(text: string): TargetExpr | undefined {
  const trimmed = text.trim()
  if (!trimmed.startsWith('cfg(')) return /^[A-Za-z0-9_.-]+$/.test(trimmed) ? { kind: 'triple', triple: trimmed } : undefined
  if (!trimmed.endsWith(')')) return undefined
  const cfg = new CfgParser(trimmed.slice('cfg('.length, -1)).parse()
  return cfg === undefined ? undefined : { kind: 'cfg', cfg }
}

/** Whether the expression holds for a target. Names that nobody sets are false. */
export function matchesTarget(expr: TargetExpr, target: Target): boolean {
  return expr.kind === 'triple' ? expr.triple === target.triple : holds(expr.cfg, target.cfg)
}

function holds(cfg: Cfg, set: ReadonlySet<string>): boolean {
  switch (cfg.kind) {
    case 'all':
      return cfg.of.every((inner) => holds(inner, set))
    case 'any':
      return cfg.of.some((inner) => holds(inner, set))
    case 'not':
      return !holds(cfg.of, set)
    case 'name':
      return set.has(cfg.name)
    case 'value':
      return set.has(`${cfg.name}="${cfg.value}"`)
    case 'constant':
      return cfg.value
  }
}

const TOKEN = /\s*(?:(r#)?([A-Za-z_][A-Za-z0-9_]*)|("[^"\\]*")|([(),=]))/y

/** Recursive descent over `all(…) | any(…) | not(…) | name | name = "value" | true | false`. */
class CfgParser {
  readonly #tokens: { readonly kind: 'name' | 'raw' | 'string' | 'mark'; readonly text: string }[] = []
  #at = 0
  #valid = true

  constructor(text: string) {
    TOKEN.lastIndex = 0
    let end = 0
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
      end = TOKEN.lastIndex
      const [, raw, name, string, mark] = match
      if (name !== undefined) this.#tokens.push({ kind: raw === undefined ? 'name' : 'raw', text: name })
      else if (string !== undefined) this.#tokens.push({ kind: 'string', text: string.slice(1, -1) })
      else this.#tokens.push({ kind: 'mark', text: mark ?? '' })
    }
    this.#valid = text.slice(end).trim() === ''
  }

  parse(): Cfg | undefined {
    const cfg = this.#valid ? this.#expression(0) : undefined
    return this.#at === this.#tokens.length ? cfg : undefined
  }

  #expression(depth: number): Cfg | undefined {
    const token = this.#tokens[this.#at]
    if (depth > MAX_DEPTH || token === undefined || (token.kind !== 'name' && token.kind !== 'raw')) return undefined
    this.#at += 1
    const { text } = token
    if (token.kind === 'name') {
      if ((text === 'all' || text === 'any') && this.#take('(')) {
        const of = this.#list(depth + 1)
        return of === undefined ? undefined : { kind: text, of }
      }
      if (text === 'not' && this.#take('(')) {
        const of = this.#list(depth + 1)
        const [only] = of ?? []
        return only === undefined || of?.length !== 1 ? undefined : { kind: 'not', of: only }
      }
      if ((text === 'true' || text === 'false') && this.#tokens[this.#at]?.text !== '=')
        return { kind: 'constant', value: text === 'true' }
    }
    if (!this.#take('=')) return { kind: 'name', name: text }
    const value = this.#tokens[this.#at]
    if (value?.kind !== 'string') return undefined
    this.#at += 1
    return { kind: 'value', name: text, value: value.text }
  }

  /** Expressions up to the closing parenthesis, with an optional comma before it. */
  #list(depth: number): Cfg[] | undefined {
    const list: Cfg[] = []
    while (!this.#take(')')) {
      const inner = this.#expression(depth)
      if (inner === undefined) return undefined
      list.push(inner)
      if (!this.#take(',') && this.#tokens[this.#at]?.text !== ')') return undefined
    }
    return list
  }

  #take(mark: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'mark' || token.text !== mark) return false
    this.#at += 1
    return true
  }
}
