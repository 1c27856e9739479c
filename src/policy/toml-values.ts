import type { TomlTable, TomlValue } from '../syntax/toml.js'
import { isTable, TomlDate } from '../syntax/toml.js'

/** The value as a table, undefined when it is none; the schema has said before what is wrong. */
export function table(value: TomlValue | undefined): TomlTable | undefined {
  return isTable(value) ? value : undefined
}

export function tables(value: TomlValue | undefined): readonly TomlTable[] {
  return Array.isArray(value) ? value.filter(isTable) : []
}

export function text(value: TomlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function texts(value: TomlValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item: TomlValue) => typeof item === 'string') : []
}

/** A date in its TOML form; people write it with and without quotes. */
export function dateText(value: TomlValue | undefined): string {
  return value instanceof TomlDate ? value.text : (text(value) ?? '')
}
