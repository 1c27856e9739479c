import type { Location } from '../../model/location.js'
import type { SourceText } from '../../syntax/text.js'
import type { ManifestProblem, ProblemCode } from './manifest-problem.js'
import type { Span, ZonField, ZonObject, ZonValue } from './zon-value.js'

/** The longest text that a field zig knows may hold; the longest real ones are URLs of some hundred bytes. */
const MAX_TEXT_BYTES = 4096
/** A hostile manifest has a million unknown fields; what is past this is counted in nobody's favour. */
const MAX_PROBLEMS = 10_000

/** Reads single fields of a manifest and collects what is wrong with them (spec/zig.md §3.1). */
export class FieldReader {
  readonly problems: ManifestProblem[] = []
  /** Key of the dependency that is being read. */
  dependency: string | undefined

  constructor(readonly source: SourceText) {}

  locate(span: Span): Location {
    return this.source.locate(span.start, span.end)
  }

  problem(code: ProblemCode, where: string, message: string, span: Span): undefined {
    if (this.problems.length < MAX_PROBLEMS)
      this.problems.push({ code, where, message, location: this.locate(span), dependency: this.dependency })
    return undefined
  }

  /** An ordinary string literal: zig refuses a multiline one here, although it is valid ZON. */
  string(value: ZonValue, where: string): string | undefined {
    const name = where.slice(where.lastIndexOf('.') + 1)
    if (value.kind !== 'string')
      return this.problem('zig.manifest.expected-string', where, `'${name}' must be a string literal of UTF-8`, tokenOf(value))
    if (value.multiline)
      return this.problem(
        'zig.manifest.expected-string',
        where,
        `'${name}' must be an ordinary string literal, not a multiline one`,
        value,
      )
    if (Buffer.byteLength(value.text) > MAX_TEXT_BYTES)
      return this.problem('zig.manifest.too-long', where, `'${name}' has more than ${MAX_TEXT_BYTES} bytes`, value)
    return value.text
  }

  boolean(value: ZonValue, where: string): boolean | undefined {
    if (value.kind === 'boolean') return value.value
    return this.problem('zig.manifest.expected-boolean', where, `'${where}' must be true or false`, tokenOf(value))
  }
}

/** The fields of an object, or of `.{}` which has none; undefined for another kind of value. */
export function fieldsOf(value: ZonValue): readonly ZonField[] | undefined {
  if (value.kind === 'empty') return []
  return value.kind === 'object' ? value.fields : undefined
}

/** By name; of a repeated field the last one, which is the one zig takes. */
export function lastByName(fields: ZonObject['fields']): ReadonlyMap<string, ZonField> {
  return new Map(fields.map((field) => [field.name.text, field]))
}

/** The place of the token zig points at, for a message about the kind of a value. */
export function tokenOf(value: ZonValue): Span {
  return { start: value.at, end: value.end }
}
