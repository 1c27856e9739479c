import type { Diagnostic } from '../../model/diagnostic.js'
import type { TomlDocument, TomlPath, TomlValue } from '../../syntax/toml.js'
import { isTable, parseToml } from '../../syntax/toml.js'
import type { Field, RawEntry, RawLock } from './raw-lock.js'

export type RawLockResult =
  | { readonly ok: true; readonly lock: RawLock }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Reads a lockfile in any layout TOML allows. Wrong types are refused as cargo refuses them; unknown keys are ignored, as there. */
export function readLockToml(text: string, file: string): RawLockResult {
  const parsed = parseToml(text, file, 'input/lock-unparseable')
  if (!parsed.ok) return { ok: false, diagnostic: truncationHint(parsed.diagnostic, text) }
  const reader = new TomlLock(parsed.document, file)
  const lock = reader.read()
  return reader.problem === undefined ? { ok: true, lock } : { ok: false, diagnostic: reader.problem }
}

class TomlLock {
  problem: Diagnostic | undefined

  constructor(
    readonly document: TomlDocument,
    readonly file: string,
  ) {}

  read(): RawLock {
    const { value } = this.document
    const entries: RawEntry[] = []
    if (value['root'] !== undefined) entries.push(this.#entry('root', value['root'], ['root']))
    this.#array(value['package'], ['package']).forEach((entry, i) => {
      entries.push(this.#entry('package', entry, ['package', i]))
    })
    const patch = value['patch']
    if (patch !== undefined) {
      const unused = isTable(patch) ? patch['unused'] : this.#wrong(['patch'], 'a table')
      this.#array(unused, ['patch', 'unused']).forEach((entry, i) => {
        entries.push(this.#entry('patch-unused', entry, ['patch', 'unused', i]))
      })
    }
    return { version: this.#version(value['version']), entries, metadata: this.#metadata(value['metadata']) }
  }

  #version(value: TomlValue | undefined): RawLock['version'] {
    if (value === undefined) return undefined
    const { line } = this.document.locate(['version'])
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return { value, line }
    this.#wrong(['version'], 'a whole number')
    return undefined
  }

  #array(value: TomlValue | undefined, path: TomlPath): readonly TomlValue[] {
    if (value === undefined) return []
    if (Array.isArray(value)) return value
    this.#wrong(path, 'an array of tables')
    return []
  }

  #entry(table: RawEntry['table'], value: TomlValue, path: TomlPath): RawEntry {
    const { line } = this.document.locate(path)
    if (!isTable(value)) {
      this.#wrong(path, 'a table')
      return { table, line, dependencies: [] }
    }
    const field = (key: string): Field | undefined =>
      value[key] === undefined ? undefined : this.#field(value[key], [...path, key])
    const dependencies = this.#array(value['dependencies'], [...path, 'dependencies']).flatMap(
      (dependency, i) => this.#field(dependency, [...path, 'dependencies', i]) ?? [],
    )
    return {
      table,
      line,
      name: field('name'),
      version: field('version'),
      source: field('source'),
      checksum: field('checksum'),
      replace: field('replace'),
      dependencies,
    }
  }

  #metadata(value: TomlValue | undefined): RawLock['metadata'] {
    if (value === undefined) return []
    if (!isTable(value)) {
      this.#wrong(['metadata'], 'a table')
      return []
    }
    return Object.entries(value).flatMap(([key, inner]) => {
      const field = this.#field(inner, ['metadata', key])
      return field === undefined ? [] : [{ key, value: field }]
    })
  }

  #field(value: TomlValue, path: TomlPath): Field | undefined {
    if (typeof value !== 'string') {
      this.#wrong(path, 'a string')
      return undefined
    }
    const at = this.document.locate(path)
    return {
      text: value,
      line: at.line,
      column: at.column,
      endColumn: at.endLine === at.line ? (at.endColumn ?? at.column) : at.column,
    }
  }

  #wrong(path: TomlPath, wanted: string): undefined {
    const name = path.filter((part) => typeof part === 'string').join('.')
    this.problem ??= {
      code: 'input/lock-unparseable',
      severity: 'error',
      message: `${this.file}: ${name} must be ${wanted}`,
      help: 'Let cargo write the file again (cargo generate-lockfile); do not edit it by hand.',
      location: this.document.locate(path),
    }
    return undefined
  }
}

/** A text that does not end with a line end was most likely cut off; the parser's own words do not say so. */
function truncationHint(diagnostic: Diagnostic, text: string): Diagnostic {
  const lastLine = text.split('\n').length
  if (text.endsWith('\n') || diagnostic.location.line < lastLine) return diagnostic
  return { ...diagnostic, message: `${diagnostic.message}; the file seems to be cut off here` }
}
