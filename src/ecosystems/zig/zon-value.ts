/** A range of offsets in the text, UTF-16 code units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** `at`: the token that zig names in a message about this value: the brace of a struct, the word of an enum literal. */
interface Placed extends Span {
  readonly at: number
}

/** A field name; `bare` unless it is written `@"…"`. */
export interface ZonName extends Span {
  readonly text: string
  readonly bare: boolean
}

export interface ZonField {
  readonly name: ZonName
  readonly value: ZonValue
}

export interface ZonObject extends Placed {
  readonly kind: 'object'
  /** As written, a repeated name included. */
  readonly fields: readonly ZonField[]
}

interface ZonString extends Placed {
  readonly kind: 'string'
  readonly text: string
  /** Written as lines that begin with two backslashes. */
  readonly multiline: boolean
}

/** A value of Zig Object Notation, the data subset of Zig (spec/zig.md §2). */
export type ZonValue =
  | ZonObject
  | (Placed & { readonly kind: 'list'; readonly items: readonly ZonValue[] })
  /** `.{}`: an object or a list, as its reader wants it. */
  | (Placed & { readonly kind: 'empty' })
  | ZonString
  /** A string whose escapes make bytes that are no UTF-8. */
  | (Placed & { readonly kind: 'bytes'; readonly bytes: Uint8Array })
  | (Placed & { readonly kind: 'char'; readonly codePoint: number })
  /** No limit of size. */
  | (Placed & { readonly kind: 'integer'; readonly value: bigint })
  | (Placed & { readonly kind: 'float'; readonly value: number })
  | (Placed & { readonly kind: 'enum'; readonly name: string; readonly bare: boolean })
  | (Placed & { readonly kind: 'boolean'; readonly value: boolean })
  | (Placed & { readonly kind: 'null' })

export type ZonProblemCode =
  | 'zon.syntax'
  | 'zon.too-deep'
  | 'zon.duplicate-field'
  | 'zon.bare-cr'
  | 'zon.tab-in-comment'
  | 'zon.retired-keyword'

export interface ZonProblem extends Span {
  readonly code: ZonProblemCode
  readonly message: string
}

export interface ZonDocument {
  /** Undefined after a syntax error: nothing of a file that zig would refuse is guessed at. */
  readonly value: ZonValue | undefined
  readonly problems: readonly ZonProblem[]
}
