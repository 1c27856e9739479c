import type { Field, RawEntry, RawLock } from './raw-lock.js'

type Key = 'name' | 'version' | 'source' | 'checksum' | 'replace'
const KEYS: ReadonlySet<string> = new Set<Key>(['name', 'version', 'source', 'checksum', 'replace'])

type OpenEntry = { table: RawEntry['table']; line: number; dependencies: Field[] } & { [K in Key]?: Field }

/**
 * Reads a lockfile in the layout cargo itself writes, line by line, without a TOML parser: every line must prove that it
 * has that layout (a tiny subset of TOML: basic strings without escapes, one-line scalars, arrays with one string a
 * line). The first line that does not gives undefined, and the TOML parser decides (spec/libraries.md §4).
 */
export function readLockLines(text: string): RawLock | undefined {
  return new LineReader(text).read()
}

class LineReader {
  readonly #entries: RawEntry[] = []
  readonly #metadata: { key: string; value: Field }[] = []
  readonly #metadataKeys = new Set<string>()
  #version: { value: number; line: number } | undefined
  #open: OpenEntry | undefined
  #where: 'top' | 'entry' | 'array' | 'metadata' = 'top'
  #hadRoot = false
  #hadMetadata = false
  #hadDependencies = false

  constructor(readonly text: string) {}

  read(): RawLock | undefined {
    const { text } = this
    let number = 0
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start)
      let end = newline < 0 ? text.length : newline
      const next = newline < 0 ? text.length : newline + 1
      if (end > start && text.charCodeAt(end - 1) === 13) end -= 1
      number += 1
      if (!this.#line(start, end, number)) return undefined
      start = next
    }
    if (this.#where === 'array') return undefined
    this.#close()
    return { version: this.#version, entries: this.#entries, metadata: this.#metadata }
  }

  /** False when the line is not in cargo's layout. */
  #line(start: number, end: number, number: number): boolean {
    if (this.#where === 'array') return this.#arrayLine(start, end, number)
    if (start === end) return true
    switch (this.text.charCodeAt(start)) {
      case 35: // a comment may hold anything that TOML allows in one
        return !hasControl(this.text, start, end)
      case 91: // [
        return this.#header(this.text.slice(start, end), number)
      default:
        return this.#pair(start, end, number)
    }
  }

  #header(line: string, number: number): boolean {
    this.#close()
    if (line === '[[package]]') return this.#begin('package', number)
    if (line === '[[patch.unused]]') return this.#begin('patch-unused', number)
    if (line === '[root]' && !this.#hadRoot) {
      this.#hadRoot = true
      return this.#begin('root', number)
    }
    if (line !== '[metadata]' || this.#hadMetadata) return false
    this.#hadMetadata = true
    this.#where = 'metadata'
    return true
  }

  #begin(table: RawEntry['table'], line: number): boolean {
    this.#open = { table, line, dependencies: [] }
    this.#hadDependencies = false
    this.#where = 'entry'
    return true
  }

  #close(): void {
    if (this.#open !== undefined) this.#entries.push(this.#open)
    this.#open = undefined
  }

  #pair(start: number, end: number, number: number): boolean {
    const { text } = this
    if (this.#where === 'metadata') return this.#metadataPair(start, end, number)
    const equals = text.indexOf(' = ', start)
    if (equals < 0 || equals >= end) return false
    const key = text.slice(start, equals)
    const value = equals + 3
    if (this.#where === 'top') return this.#topPair(key, text.slice(value, end), number)
    const entry = this.#open
    if (entry === undefined) return false
    if (key === 'dependencies' && !this.#hadDependencies && end === value + 1 && text[value] === '[') {
      this.#hadDependencies = true
      this.#where = 'array'
      return true
    }
    if (!isKey(key) || entry[key] !== undefined) return false
    const field = this.#string(value, end, start, number)
    if (field === undefined) return false
    entry[key] = field
    return true
  }

  #topPair(key: string, value: string, line: number): boolean {
    // A leading zero or a sign is left to the TOML parser.
    if (key !== 'version' || this.#version !== undefined || !/^(?:0|[1-9]\d{0,8})$/.test(value)) return false
    this.#version = { value: Number(value), line }
    return true
  }

  #metadataPair(start: number, end: number, number: number): boolean {
    const closing = this.text.indexOf('"', start + 1)
    if (closing < 0 || !this.text.startsWith(' = ', closing + 1)) return false
    const key = this.#string(start, closing + 1, start, number)
    const value = this.#string(closing + 4, end, start, number)
    if (key === undefined || value === undefined || this.#metadataKeys.has(key.text)) return false
    this.#metadataKeys.add(key.text)
    this.#metadata.push({ key: key.text, value })
    return true
  }

  #arrayLine(start: number, end: number, number: number): boolean {
    const { text } = this
    if (end === start + 1 && text[start] === ']') {
      this.#where = 'entry'
      return true
    }
    if (text[start] !== ' ' || text[end - 1] !== ',') return false
    const field = this.#string(start + 1, end - 1, start, number)
    if (field === undefined || this.#open === undefined) return false
    this.#open.dependencies.push(field)
    return true
  }

  /** The basic string that fills the range, or undefined when anything in it needs a TOML parser. */
  #string(start: number, end: number, lineStart: number, line: number): Field | undefined {
    const { text } = this
    if (end - start < 2 || text.charCodeAt(start) !== 34 || text.charCodeAt(end - 1) !== 34) return undefined
    for (let at = start + 1; at < end - 1; at++) {
      const code = text.charCodeAt(at)
      if (code === 34 || code === 92 || (code < 32 && code !== 9) || code === 127) return undefined
    }
    return { text: text.slice(start + 1, end - 1), line, column: start - lineStart + 1, endColumn: end - lineStart + 1 }
  }
}

function isKey(key: string): key is Key {
  return KEYS.has(key)
}

function hasControl(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if ((code < 32 && code !== 9) || code === 127) return true
  }
  return false
}
