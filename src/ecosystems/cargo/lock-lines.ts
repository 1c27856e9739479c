import type { Field, RawEntry, RawLock } from './raw-lock.js'

/** What a basic string without escapes may hold (TOML 1.0), and how a line ends. */
const TEXT = '"([^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]*)"'
const END = '(?:\\r?\\n|$)'
const sticky = (source: string): RegExp => new RegExp(source, 'y')

const BLANK = sticky(`(?:#[^\\x00-\\x08\\x0a-\\x1f\\x7f]*)?${END}`)
/** A leading zero or a sign is left to the TOML parser. */
const VERSION = sticky(`version = (0|[1-9]\\d{0,8})${END}`)
const ENTRY = sticky(
  `(?:\\[\\[(package|patch\\.unused)\\]\\]|\\[root\\])${END}name = ${TEXT}${END}version = ${TEXT}${END}` +
    `(?:source = ${TEXT}${END})?(?:checksum = ${TEXT}${END})?(dependencies = \\[${END})?`,
)
const DEPENDENCY = sticky(` ${TEXT},${END}`)
const CLOSE = sticky(`\\]${END}`)
const REPLACE = sticky(`replace = ${TEXT}${END}`)
const METADATA = sticky(`\\[metadata\\]${END}`)
const PAIR = sticky(`${TEXT} = ${TEXT}${END}`)

/**
 * Reads a lockfile in the layout cargo itself writes, without a TOML parser: everything must prove that it has that
 * layout, keys in cargo's order included (a tiny subset of TOML: basic strings without escapes, one-line scalars, arrays
 * with one string a line). What does not gives undefined, and the TOML parser decides (spec/libraries.md §4).
 */
export function readLockLines(text: string): RawLock | undefined {
  return new LayoutReader(text).read()
}

class LayoutReader {
  readonly #entries: RawEntry[] = []
  readonly #metadata: { key: string; value: Field }[] = []
  readonly #metadataKeys = new Set<string>()
  #version: RawLock['version']
  #hadRoot = false
  #hadMetadata = false
  #at = 0
  #line = 1

  constructor(readonly text: string) {}

  read(): RawLock | undefined {
    while (this.#at < this.text.length) {
      const understood =
        this.#take(BLANK) !== undefined ? this.#next() : this.#entry() || this.#metadataTable() || this.#versionPair()
      if (!understood) return undefined
    }
    return { version: this.#version, entries: this.#entries, metadata: this.#metadata }
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.text)
    if (match === null) return undefined
    this.#at = pattern.lastIndex
    return match
  }

  #next(): true {
    this.#line += 1
    return true
  }

  #versionPair(): boolean {
    // Behind a table header the key would be one of that table.
    if (this.#version !== undefined || this.#entries.length > 0 || this.#hadMetadata) return false
    const number = this.#take(VERSION)?.[1]
    if (number === undefined) return false
    this.#version = { value: Number(number), line: this.#line }
    return this.#next()
  }

  #entry(): boolean {
    const match = this.#take(ENTRY)
    if (match === undefined) return false
    const [, header, name = '', version = '', source, checksum, list] = match
    if (header === undefined && this.#hadRoot) return false
    this.#hadRoot ||= header === undefined
    const line = this.#line
    this.#line += 3
    const entry = {
      table: header === undefined ? ('root' as const) : header === 'package' ? ('package' as const) : ('patch-unused' as const),
      line,
      name: field(name, line + 1, NAME_COLUMN),
      version: field(version, line + 2, VERSION_COLUMN),
      source: this.#optional(source, SOURCE_COLUMN),
      checksum: this.#optional(checksum, CHECKSUM_COLUMN),
      dependencies: NO_FIELDS,
      replace: undefined,
    }
    const dependencies = list === undefined ? NO_FIELDS : this.#dependencies()
    if (dependencies === undefined) return false
    const replace = this.#optional(this.#take(REPLACE)?.[1], REPLACE_COLUMN)
    this.#entries.push(list === undefined && replace === undefined ? entry : { ...entry, dependencies, replace })
    return true
  }

  #optional(text: string | undefined, column: number): Field | undefined {
    if (text === undefined) return undefined
    const found = field(text, this.#line, column)
    this.#line += 1
    return found
  }

  #dependencies(): readonly Field[] | undefined {
    this.#line += 1
    const found: Field[] = []
    for (let match = this.#take(DEPENDENCY); match !== undefined; match = this.#take(DEPENDENCY)) {
      found.push(field(match[1] ?? '', this.#line, 2))
      this.#line += 1
    }
    if (this.#take(CLOSE) === undefined) return undefined
    this.#line += 1
    return found
  }

  #metadataTable(): boolean {
    if (this.#hadMetadata || this.#take(METADATA) === undefined) return false
    this.#hadMetadata = true
    this.#line += 1
    for (let match = this.#take(PAIR); match !== undefined; match = this.#take(PAIR)) {
      const [, key = '', text = ''] = match
      if (this.#metadataKeys.has(key)) return false
      this.#metadataKeys.add(key)
      this.#metadata.push({ key, value: field(text, this.#line, key.length + 6) })
      this.#line += 1
    }
    return true
  }
}

/** Columns, from 1, of the opening quote behind each key. */
const NAME_COLUMN = 'name = '.length + 1
const VERSION_COLUMN = 'version = '.length + 1
const SOURCE_COLUMN = 'source = '.length + 1
const CHECKSUM_COLUMN = 'checksum = '.length + 1
const REPLACE_COLUMN = 'replace = '.length + 1
const NO_FIELDS: readonly Field[] = []

function field(text: string, line: number, column: number): Field {
  return { text, line, column, endColumn: column + text.length + 2 }
}
