import type { CommandMoment } from './manifest-model.js'
import { LIST_FIELDS, SCALAR_FIELDS } from './manifest-model.js'
import { findCommands } from './nimscript-commands.js'
import type { Statement } from './nimscript-statements.js'
import type { Token } from './nimscript-tokens.js'
import { nimName } from './nimscript-tokens.js'

/** A procedure, template or macro that the manifest defines. */
export interface Routine {
  readonly name: string
  readonly statement: Statement
  /** It, or one it calls, may change version or requirements. */
  readonly touches: boolean
  /** It, or one it calls, runs a command. */
  readonly executes: boolean
}

const DEFINITIONS = new Set(['proc', 'func', 'template', 'macro', 'iterator', 'converter', 'method'])
const FIELDS = new Set([...SCALAR_FIELDS, ...LIST_FIELDS].map(nimName))

/** True for the word that begins a procedure, template or macro. */
export function isDefinition(name: string): boolean {
  return DEFINITIONS.has(name)
}

/** Every token of a statement and of the blocks below it. */
export function allTokens(statement: Statement): readonly Token[] {
  const found: Token[] = [...statement.tokens]
  for (const inner of statement.block) for (const token of allTokens(inner)) found.push(token)
  return found
}

/** The procedures of a manifest, by name, and when each of them runs. */
export class Routines {
  readonly #routines = new Map<string, Routine>()
  readonly #calls = new Map<string, ReadonlySet<string>>()
  readonly #moments = new Map<string, CommandMoment>()

  constructor(statements: readonly Statement[]) {
    const bodies = new Map<string, Token[]>()
    const macros = new Set<string>()
    const defined: { readonly name: string; readonly statement: Statement }[] = []
    const collect = (list: readonly Statement[]): void => {
      for (const statement of list) {
        const [first, second] = statement.tokens
        if (first?.kind === 'name' && isDefinition(nimName(first.text))) {
          const name = second?.kind === 'name' ? nimName(second.text) : ''
          defined.push({ name, statement })
          // A macro can write any code, also from texts.
          if (nimName(first.text) === 'macro') macros.add(name)
          const body = bodies.get(name)
          const tokens = allTokens(statement).slice(2)
          if (body === undefined) bodies.set(name, [...tokens])
          else for (const token of tokens) body.push(token)
        } else collect(statement.block)
      }
    }
    collect(statements)
    const touching = new Set<string>()
    const executing = new Set<string>()
    for (const [name, body] of bodies) {
      const names = body.filter((token) => token.kind === 'name').map((token) => nimName(token.text))
      this.#calls.set(name, new Set(names.filter((called) => bodies.has(called))))
      if (macros.has(name) || touchesResult(body)) touching.add(name)
      if (findCommands(body).some(({ does }) => does === 'executes')) executing.add(name)
    }
    this.#spread(touching)
    this.#spread(executing)
    for (const { name, statement } of defined) {
      const routine = { name, statement, touches: touching.has(name), executes: executing.has(name) }
      // Overloads share a name; what one of them does is said of all.
      this.#routines.set(this.#routines.has(name) ? `${name}\n${this.#routines.size}` : name, routine)
    }
  }

  find(name: string): Routine | undefined {
    return this.#routines.get(name)
  }

  /** Every definition with the earliest moment at which it runs. */
  *all(): Iterable<readonly [Routine, CommandMoment]> {
    for (const routine of this.#routines.values()) yield [routine, this.#moments.get(routine.name) ?? 'never']
  }

  /** It is called, so it and all it calls run at that moment, if not earlier. */
  called(name: string, moment: CommandMoment): void {
    const open = [name]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const known = this.#moments.get(next) ?? 'never'
      if (!this.#routines.has(next) || ORDER[known] <= ORDER[moment]) continue
      this.#moments.set(next, moment)
      open.push(...(this.#calls.get(next) ?? []))
    }
  }

  /** Adds every routine that reaches one of the set through calls. */
  #spread(reached: Set<string>): void {
    const callers = new Map<string, string[]>()
    for (const [caller, called] of this.#calls) {
      for (const name of called) {
        const known = callers.get(name)
        if (known === undefined) callers.set(name, [caller])
        else known.push(caller)
      }
    }
    const open = [...reached]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const caller of callers.get(next) ?? []) {
        if (reached.has(caller)) continue
        reached.add(caller)
        open.push(caller)
      }
    }
  }
}

const ORDER: Readonly<Record<CommandMoment, number>> = { parse: 0, install: 1, task: 2, never: 3 }

/** Whether a row of tokens names what changes version or requirements, in whatever form. */
export function touchesResult(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, i) => REQUIRING.has(token.kind === 'name' ? nimName(token.text) : '') || assignsField(token, i, tokens),
  )
}

const REQUIRING = new Set(['requires', 'taskrequires'])

function assignsField(token: Token, i: number, tokens: readonly Token[]): boolean {
  const next = tokens[i + 1]
  return (
    token.kind === 'name' && FIELDS.has(nimName(token.text)) && next?.kind === 'symbol' && /^(?:[&+]?=|\.|\[)$/.test(next.text)
  )
}
