import { TomlDate as ParsedDate, parse, TomlError } from 'smol-toml'
import type { Diagnostic } from '../model/diagnostic.js'
import type { Location } from '../model/location.js'
import { SourceText } from './text.js'
import { TomlPositions } from './toml-positions.js'

/** A value as TOML has it. Tables are objects without prototype, so `constructor` and `__proto__` are ordinary keys. */
export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable
export interface TomlTable {
  readonly [key: string]: TomlValue
}
/** Dates and times stay text in their TOML form: nothing here depends on the machine's time zone. */
export class TomlDate {
  constructor(
    readonly kind: 'date' | 'time' | 'datetime',
    readonly text: string,
  ) {}
}

export type TomlPath = readonly (string | number)[]

export interface TomlDocument {
  readonly value: TomlTable
  /**
   * The place of the value at a path (`what: 'value'`, the default) or of its key. Falls back to the nearest parent that
   * has one, so it always answers. Positions are scanned once, when first asked for.
   */
  readonly locate: (path: TomlPath, what?: 'key' | 'value') => Location
}

export type TomlResult =
  | { readonly ok: true; readonly document: TomlDocument }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Real manifests nest a handful of levels; a hostile one must not exhaust the stack of whoever walks the value. */
const MAX_DEPTH = 64

/** Parses a TOML 1.0 document. Never throws on content; `code` is the code of the diagnostic that says what is wrong. */
export function parseToml(text: string, file: string, code = 'input/manifest-unparseable'): TomlResult {
  let parsed: unknown
  try {
    parsed = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: MAX_DEPTH })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return { ok: false, diagnostic: unparseable(error, file, code) }
  }
  const value = convert(parsed, 0)
  if (value === TOO_DEEP) return { ok: false, diagnostic: tooDeep(text, file, code) }
  if (!isTable(value)) throw new TypeError('a TOML document is a table')
  let positions: TomlPositions | undefined
  return {
    ok: true,
    document: {
      value,
      locate: (path, what = 'value') => {
        positions ??= new TomlPositions(new SourceText(file, text))
        return positions.locate(path, what)
      },
    },
  }
}

/** True for a table, as opposed to a date, an array or a scalar. */
export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TomlDate)
}

function unparseable(error: TomlError, file: string, code: string): Diagnostic {
  const [first] = error.message.split('\n')
  const why = (first ?? '').replace(/^Invalid TOML document: /, '')
  return {
    code,
    severity: 'error',
    message: `${file} is not valid TOML: ${why}`,
    help: 'Mend the line, or take the last version that its tool wrote.',
    location: { file, line: error.line, column: error.column },
  }
}

/** The parser bounds brackets alone; `a.a.a = 1` and `[a.a.a]` nest too. */
const TOO_DEEP = Symbol('too deep')

/** A dotted key is what can be so deep, and it stands on one line. */
function tooDeep(text: string, file: string, code: string): Diagnostic {
  const line = text.split('\n').findIndex((candidate) => candidate.split('.').length > MAX_DEPTH)
  return {
    code,
    severity: 'error',
    message: `${file} nests tables deeper than ${MAX_DEPTH}`,
    help: 'No manifest or configuration needs that; check what the file is.',
    location: { file, line: Math.max(line + 1, 1), column: 1 },
  }
}

/** The parser's own values in our types; its dates are `Date` objects, which print by time zone. */
function convert(value: unknown, depth: number): TomlValue | typeof TOO_DEEP {
  if (depth > MAX_DEPTH) return TOO_DEEP
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value
    case 'object': {
      if (Array.isArray(value)) {
        const items: TomlValue[] = []
        for (const item of value) {
          const converted = convert(item, depth + 1)
          if (converted === TOO_DEEP) return TOO_DEEP
          items.push(converted)
        }
        return items
      }
      if (value instanceof ParsedDate)
        return new TomlDate(value.isDate() ? 'date' : value.isTime() ? 'time' : 'datetime', value.toISOString())
      const table: { [key: string]: TomlValue } = Object.create(null)
      for (const [key, inner] of Object.entries(value ?? {})) {
        const converted = convert(inner, depth + 1)
        if (converted === TOO_DEEP) return TOO_DEEP
        table[key] = converted
      }
      return table
    }
    default:
      throw new TypeError(`TOML has no ${typeof value}`)
  }
}
