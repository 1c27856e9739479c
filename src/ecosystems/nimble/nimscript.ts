import type { Location } from '../../model/location.js'
import type { SourceText } from '../../syntax/text.js'
import type { RequirementScope } from './manifest-draft.js'
import { ManifestDraft } from './manifest-draft.js'
import type { CommandMoment } from './manifest-model.js'
import { LIST_FIELDS, SCALAR_FIELDS } from './manifest-model.js'
import { findCommands, isCommand, isHarmless, isStandardModule, urlsIn } from './nimscript-commands.js'
import { literalList, literalOf, literalTable, operandsOf } from './nimscript-literals.js'
import { allTokens, isDefinition, Routines, touchesResult } from './nimscript-routines.js'
import type { Statement } from './nimscript-statements.js'
import { splitAt } from './nimscript-statements.js'
import type { Token } from './nimscript-tokens.js'
import { nimName } from './nimscript-tokens.js'
import { readPackageUrl } from './url.js'

const SCALARS = new Map(SCALAR_FIELDS.map((name) => [nimName(name), name]))
const LISTS = new Map(LIST_FIELDS.map((name) => [nimName(name), name]))
const CONDITIONS = new Set(['when', 'if', 'elif', 'else', 'case', 'of', 'try', 'except', 'finally'])
const MAX_COMMANDS = 1000

/** Where a statement stands. */
interface Context extends RequirementScope {
  readonly moment: CommandMoment
  /** The task or hook around it. */
  readonly within?: string | undefined
  /** Inside a loop: how often it runs is not known. */
  readonly loop?: true | undefined
  /** Inside a task or hook: runs after the package is resolved, so it changes no field of the manifest. */
  readonly later?: true | undefined
}

/** Reads the statements of a NimScript manifest without running any (spec/nimble.md §2.2 to §2.4). */
export function interpretNimScript(statements: readonly Statement[], source: SourceText): ManifestDraft {
  const reader = new NimScriptReader(statements, source)
  reader.walk(statements, { moment: 'parse' })
  reader.routineCommands()
  return reader.draft
}

class NimScriptReader {
  readonly draft = new ManifestDraft()
  readonly #routines: Routines

  constructor(
    statements: readonly Statement[],
    readonly source: SourceText,
  ) {
    this.#routines = new Routines(statements)
  }

  walk(statements: readonly Statement[], context: Context): void {
    /** Conditions of the branches before, of the chain that is open. */
    let before: readonly string[] = []
    for (const statement of statements) {
      const [first] = statement.tokens
      const word = first?.kind === 'name' ? nimName(first.text) : ''
      if (!CONDITIONS.has(word)) {
        before = []
        this.#statement(statement, word, context)
        continue
      }
      this.#scan(statement.tokens, context)
      if (touchesResult(statement.tokens)) this.#unknown(statement, context)
      const own = this.#sourceOf(statement.tokens.slice(1))
      if (word === 'when' || word === 'if') before = []
      const condition = word === 'else' ? 'else' : [...before.map((c) => `not(${c})`), own === '' ? word : own].join(' and ')
      if (word === 'when' || word === 'if' || word === 'elif') before = [...before, own].slice(-MAX_BRANCHES)
      // A block that was not cut out is not understood.
      if (!statement.opens && word !== 'case') this.#unknown(statement, context)
      this.walk(statement.block, { ...context, condition: join(context.condition, condition) })
    }
  }

  /** Commands inside procedures, with the earliest moment at which each procedure runs. */
  routineCommands(): void {
    for (const [routine, moment] of this.#routines.all())
      this.#commands(routine.statement, moment, routine.statement.tokens[1]?.text ?? routine.name)
    this.draft.commands.sort((a, b) => a.location.line - b.location.line || a.location.column - b.location.column)
  }

  #statement(statement: Statement, word: string, context: Context): void {
    const { tokens, block } = statement
    if (isDefinition(word)) return
    const deeper = this.#block(statement, word, context)
    if (deeper !== undefined) {
      this.walk(block, deeper)
      return
    }
    this.#scan(tokens, context)
    this.#simple(statement, word, context)
    // Sections (`let` with its names below) and calls with a block.
    const isSection = DECLARATIONS.has(word) || isCommand(word)
    if (isSection) for (const inner of block) this.#scan(allTokens(inner), context)
    else this.walk(block, context)
  }

  /** The context inside a block statement; undefined for any other. */
  #block(statement: Statement, word: string, context: Context): Context | undefined {
    const { tokens, opens } = statement
    if (!opens) return undefined
    const [first, second] = tokens
    if (first === undefined) return context
    switch (word) {
      case 'for':
      case 'while':
        this.#scan(tokens, context)
        return { ...context, loop: true, condition: join(context.condition, this.#sourceOf(tokens)) }
      case 'block':
      case 'static':
      case 'withdir':
      case 'defer':
        this.#scan(tokens, context)
        return context
      case 'task': {
        const name = second?.text ?? ''
        if (second !== undefined) this.draft.tasks.push({ text: name, location: this.#locate(second) })
        return { moment: 'task', within: `task ${name}`, later: true, condition: join(context.condition, `task ${name}`) }
      }
      case 'before':
      case 'after': {
        const action = second?.text ?? ''
        const within = `${word} ${action}`
        this.draft.hooks.push({ when: word, action, executes: this.#executes(statement), location: this.#locate(first) })
        const moment = nimName(action) === 'install' ? 'install' : 'task'
        return { moment, within, later: true, condition: join(context.condition, within) }
      }
      case 'feature':
      case 'dev': {
        const name =
          word === 'dev'
            ? 'dev'
            : tokens
                .filter((t) => t.kind === 'string')
                .map((t) => t.text)
                .join(', ')
        return { ...context, feature: name }
      }
    }
    return undefined
  }

  #simple(statement: Statement, word: string, context: Context): void {
    const { tokens } = statement
    const [first, second] = tokens
    if (first === undefined) return
    const isSymbol = second?.kind === 'symbol'
    const scalar = SCALARS.get(word)
    const list = LISTS.get(word)
    if (word === 'requires') this.#requires(tokens, context)
    else if (word === 'taskrequires') this.#taskRequires(tokens, context)
    else if (context.later === true) return
    else if (scalar !== undefined && isSymbol) this.#scalar(scalar, tokens, context)
    else if (list !== undefined && isSymbol) this.#list(list, tokens, context)
    else if (word === 'namedbin' && isSymbol) this.#namedBin(tokens)
    else if (word === 'foreigndep') this.#foreignDep(tokens)
    else if (word === 'import' || word === 'include' || word === 'from') this.#modules(word, tokens)
    else if (!this.#touchesNothing(statement, word) || touchesInside(statement, word)) this.#unknown(statement, context)
  }

  /** Statements that change no field: declarations, assignments to variables, known calls, procedures that do not. */
  #touchesNothing(statement: Statement, word: string): boolean {
    const { tokens } = statement
    const [first, second] = tokens
    if (first?.kind === 'symbol') return /^-/.test(first.text)
    if (first?.kind === 'string') return tokens.length === 1
    if (DECLARATIONS.has(word)) return true
    if (second?.kind === 'symbol' && second.text === '=') return true
    // What a known procedure does was said where its name was seen.
    return isHarmless(word) || isCommand(word) || this.#routines.find(word) !== undefined
  }

  #requires(tokens: readonly Token[], context: Context): void {
    const operands = operandsOf(tokens.slice(1))
    const line = this.#locate(tokens[0]).line
    const at = this.#locate(tokens[0])
    if (context.loop === true) {
      this.draft.flag('loop-requires', `line ${line}`, at)
      this.draft.lower('unknown')
    }
    const computed = operands.filter((operand) => operand === undefined).length
    if (computed > 0 && context.loop !== true) {
      const count = computed === 1 ? '1 argument' : `${computed} arguments`
      this.draft.flag('computed-requires', `line ${line} (${count})`, at)
      this.draft.lower('unknown')
    }
    for (const operand of operands) if (operand !== undefined) this.#require(operand, context)
  }

  #require(operand: Token, context: Context, task?: string): void {
    const location = this.#locate(operand)
    const { condition, feature } = context
    const known = this.draft.requires.length
    this.draft.require(operand.text, location, { condition, feature, task })
    if (condition === undefined || context.loop === true) return
    for (const { requirement } of this.draft.requires.slice(known))
      this.draft.flag('conditional-requires', requirement.name, location)
    this.draft.lower('partial')
  }

  #taskRequires(tokens: readonly Token[], context: Context): void {
    const [task, ...rest] = operandsOf(tokens.slice(1))
    if (task === undefined || rest.includes(undefined)) {
      const at = this.#locate(tokens[0])
      this.draft.flag('computed-requires', `line ${at.line}`, at)
      this.draft.lower('unknown')
    }
    for (const operand of rest) if (operand !== undefined) this.#require(operand, context, task?.text ?? '')
  }

  #scalar(field: string, tokens: readonly Token[], context: Context): void {
    const value = tokens[1]?.text === '=' ? literalOf(tokens.slice(2)) : undefined
    if (this.#isConditional(field, tokens, context)) return
    if (value === undefined) this.draft.forget(field, this.#locate(tokens[0]), this.#locate(tokens[0]).line)
    else this.draft.set(field, { text: value.text, location: this.#locate(value) })
  }

  #list(field: string, tokens: readonly Token[], context: Context): void {
    const values = tokens[1]?.text === '=' ? literalList(tokens.slice(2)) : undefined
    if (this.#isConditional(field, tokens, context)) return
    const known = values?.flatMap((value) => (value === undefined ? [] : [{ text: value.text, location: this.#locate(value) }]))
    if (known === undefined || known.length !== values?.length) {
      this.draft.lists.delete(field)
      this.draft.forget(field, this.#locate(tokens[0]), this.#locate(tokens[0]).line)
    } else this.draft.lists.set(field, known)
  }

  /** A field that only some runs set is not known any more. */
  #isConditional(field: string, tokens: readonly Token[], context: Context): boolean {
    if (context.condition === undefined) return false
    this.draft.fields.delete(field)
    this.draft.lists.delete(field)
    this.draft.flag('conditional-field', field, this.#locate(tokens[0]))
    this.draft.lower(context.loop === true ? 'unknown' : 'partial')
    return true
  }

  #namedBin(tokens: readonly Token[]): void {
    const [, second, key, close, equals] = tokens
    const value = literalOf(tokens.slice(5))
    const table = second?.text === '=' ? literalTable(tokens.slice(2)) : undefined
    if (table !== undefined) for (const [source, name] of table) this.draft.namedBin.set(source.text, name.text)
    else if (second?.text === '[' && key?.kind === 'string' && close?.text === ']' && equals?.text === '=' && value !== undefined)
      this.draft.namedBin.set(key.text, value.text)
    else this.draft.forget('namedBin', this.#locate(tokens[0]), this.#locate(tokens[0]).line)
  }

  #foreignDep(tokens: readonly Token[]): void {
    for (const operand of operandsOf(tokens.slice(1)))
      if (operand !== undefined) this.draft.foreignDeps.push({ text: operand.text, location: this.#locate(operand) })
  }

  /** Included and imported files may add requirements; the standard library does not. */
  #modules(word: 'import' | 'include' | 'from', tokens: readonly Token[]): void {
    const stop = tokens.findIndex((t, i) => i > 0 && t.kind === 'name' && ['import', 'except', 'as'].includes(t.text))
    for (const part of splitAt(tokens.slice(1, stop < 0 ? tokens.length : stop), ',')) {
      const [first] = part
      if (first === undefined) continue
      const module = first.kind === 'string' ? first.text : part.map((token) => token.text).join('')
      if (word !== 'include' && first.kind === 'name' && isStandardModule(module)) continue
      this.draft.flag(word === 'include' ? 'include' : 'import', module, this.#locate(first))
      this.draft.lower('partial')
    }
  }

  #unknown(statement: Statement, context: Context): void {
    if (context.later === true) return
    const at = this.#locate(statement.tokens[0])
    this.draft.flag('unknown-statement', `line ${at.line}`, at)
    this.draft.lower('unknown')
  }

  /** Commands and calls of procedures in a row of tokens. */
  #scan(tokens: readonly Token[], context: Context): void {
    this.#note(tokens, tokens, context.moment, context.within)
    for (const token of tokens) {
      if (token.kind !== 'name') continue
      const routine = this.#routines.find(nimName(token.text))
      if (routine === undefined) continue
      this.#routines.called(routine.name, context.moment)
      if (!routine.touches || context.later === true) continue
      this.draft.flag('unknown-statement', `line ${this.#locate(token).line}`, this.#locate(token))
      this.draft.lower('unknown')
    }
  }

  #commands(statement: Statement, moment: CommandMoment, within: string): void {
    this.#note(statement.tokens.slice(2), statement.tokens, moment, within)
    for (const inner of statement.block) this.#commandsBelow(inner, moment, within)
  }

  #commandsBelow(statement: Statement, moment: CommandMoment, within: string): void {
    this.#note(statement.tokens, statement.tokens, moment, within)
    for (const inner of statement.block) this.#commandsBelow(inner, moment, within)
  }

  #note(tokens: readonly Token[], shown: readonly Token[], moment: CommandMoment, within: string | undefined): void {
    const found = findCommands(tokens)
    if (found.length === 0) return
    const text = shorten(this.#sourceOf(shown))
    const urls = urlsIn(tokens).map((url) => readPackageUrl(url).url)
    for (const { token, does } of found) {
      if (this.draft.commands.length >= MAX_COMMANDS) return
      this.draft.commands.push({ name: token.text, does, moment, within, text, urls, location: this.#locate(token) })
    }
  }

  #executes(statement: Statement): boolean {
    const tokens = statement.block.flatMap(allTokens)
    return (
      findCommands(tokens).some(({ does }) => does === 'executes') ||
      tokens.some((token) => token.kind === 'name' && this.#routines.find(nimName(token.text))?.executes === true)
    )
  }

  #sourceOf(tokens: readonly Token[]): string {
    const first = tokens[0]
    const last = tokens.at(-1)
    return first === undefined || last === undefined
      ? ''
      : this.source.text.slice(first.start, Math.min(last.end, first.start + MAX_SOURCE))
  }

  #locate(token: Token | undefined): Location {
    return token === undefined ? { file: this.source.file, line: 1, column: 1 } : this.source.locate(token.start, token.end)
  }
}

const DECLARATIONS = new Set(['let', 'var', 'const', 'type', 'using'])

/** A harmless call or declaration with something inside that is none: `discard (requires "x"; 1)`. */
function touchesInside(statement: Statement, word: string): boolean {
  // The name that a declaration makes is no field, whatever it is called.
  if (DECLARATIONS.has(word))
    return touchesResult(statement.tokens.slice(2)) || statement.block.some((inner) => touchesResult(allTokens(inner).slice(1)))
  return touchesResult(allTokens(statement).slice(1))
}

const MAX_BRANCHES = 20
const MAX_SOURCE = 4000
const MAX_SHOWN = 160

function join(outer: string | undefined, inner: string): string {
  const whole = outer === undefined ? inner : `${outer} and ${inner}`
  return whole.length > MAX_SOURCE ? whole.slice(0, MAX_SOURCE) : whole
}

/** One line, without user names and passwords of URLs, and not longer than a person reads. */
function shorten(text: string): string {
  const line = text.replaceAll(/:\/\/[^\s/"'@]*@/g, '://').replaceAll(/\s+/g, ' ')
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line
}
