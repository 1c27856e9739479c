import type { Diagnostic } from '../model/diagnostic.js'
import type { Location } from '../model/location.js'

/** A value as TOML has it. Tables are objects without prototype, so `constructor` and `__proto__` are ordinary keys. */
export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable
export interface TomlTable {
  readonly [key: string]: TomlValue
}
/** Dates and times stay text in their TOML form: nothing here depends on the machine's time zone. */
export interface TomlDate {
  readonly toml: 'date' | 'time' | 'datetime'
  readonly text: string
}

export type TomlPath = readonly (string | number)[]

export interface TomlDocument {
  readonly value: TomlTable
  /**
   * The place of the value at a path (`what: 'value'`) or of its key. Falls back to the nearest parent that has one, so
   * it always answers. Positions are scanned once, when first asked for.
   */
  readonly locate: (path: TomlPath, what?: 'key' | 'value') => Location
}

export type TomlResult =
  | { readonly ok: true; readonly document: TomlDocument }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Parses a TOML 1.0 document. Never throws on content. */
export declare function parseToml(text: string, file: string): TomlResult
