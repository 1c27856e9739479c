import { SourceText } from '../../syntax/text.js'
import type { Field } from './json-fields.js'
import { ManifestDraft } from './manifest-draft.js'
import { LIST_FIELDS, SCALAR_FIELDS } from './manifest-model.js'

/** One `key = value` of an INI file, with its section. */
export interface IniPair {
  readonly section: string
  readonly key: string
  readonly value: Field
  /** Without quotes; the manifest reader of nimble takes none of these. */
  readonly bare: boolean
}

export type IniResult =
  | { readonly ok: true; readonly pairs: readonly IniPair[] }
  | { readonly ok: false; readonly at: number; readonly why: string }

const KEY = /[A-Za-z_][A-Za-z0-9_.-]*/y
const BARE = /[^\s#;][^\r\n#;]*/y
const SPACE = /[ \t]*/y

/** Reads the INI form that Nim's configuration parser takes (spec/nimble.md §2.1). Never throws; linear. */
export function parseIni(text: string, file: string): IniResult {
  const source = new SourceText(file, text)
  const pairs: IniPair[] = []
  let section = ''
  let at = 0
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  for (;;) {
    at = skipBlank(text, at)
    if (at >= text.length) return { ok: true, pairs }
    if (text[at] === '[') {
      const end = text.indexOf(']', at)
      const line = text.indexOf('\n', at)
      if (end < 0 || (line >= 0 && line < end)) return { ok: false, at, why: 'a section has no end' }
      section = text.slice(at + 1, end).trim()
      at = end + 1
      continue
    }
    const key = take(KEY)
    if (key === '') return { ok: false, at, why: 'a key must stand here' }
    take(SPACE)
    if (text[at] !== '=' && text[at] !== ':') return { ok: false, at, why: `no value follows ${key}` }
    at += 1
    take(SPACE)
    const start = at
    const quoted = readQuoted(text, at)
    if (quoted === 'open') return { ok: false, at, why: 'a text has no end' }
    const value = quoted?.value ?? take(BARE).trimEnd()
    if (quoted !== undefined) at = quoted.end
    else if (value === '') return { ok: false, at, why: `no value follows ${key}` }
    pairs.push({ section, key, value: { text: value, location: source.locate(start, at) }, bare: quoted === undefined })
  }
}

/** Offset of the first thing that is neither white space nor a comment. */
export function skipBlank(text: string, from: number): number {
  let at = from
  for (;;) {
    const c = text[at]
    if (c === ' ' || c === '\t' || c === '\r' || c === '\n') at += 1
    else if (c === '#' || c === ';') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else return at
  }
}

/** `"…"` with escapes, `r"…"`, `"""…"""`; undefined for what has no quotes. */
function readQuoted(text: string, at: number): { readonly value: string; readonly end: number } | 'open' | undefined {
  if (text.startsWith('"""', at)) {
    const end = text.indexOf('"""', at + 3)
    return end < 0 ? 'open' : { value: text.slice(at + 3, end).replace(/^\r?\n/, ''), end: end + 3 }
  }
  const raw = text.startsWith('r"', at) || text.startsWith('R"', at)
  if (!raw && text[at] !== '"') return undefined
  let value = ''
  for (let i = at + (raw ? 2 : 1); i < text.length && text[i] !== '\n'; i++) {
    const c = text[i] ?? ''
    if (c === '"') return { value, end: i + 1 }
    if (c === '\\' && !raw) {
      i += 1
      value += ESCAPES.get(text[i] ?? '') ?? text[i] ?? ''
    } else value += c
  }
  return 'open'
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['l', '\n'],
])

const IGNORED = new Set(['nimbletasks', 'beforehooks', 'afterhooks', 'testentrypoint'])
const fold = (key: string): string => key.toLowerCase().replaceAll('_', '')
const SCALARS = new Map(SCALAR_FIELDS.map((name) => [fold(name), name]))
const LISTS = new Map(LIST_FIELDS.map((name) => [fold(name), name]))

export type IniManifest =
  | { readonly ok: true; readonly draft: ManifestDraft }
  | { readonly ok: false; readonly at: number; readonly why: string }

/** A manifest in the old form. An unknown key or a value without quotes makes it none: nimble then runs it as a script. */
export function readIniManifest(text: string, file: string): IniManifest {
  const parsed = parseIni(text, file)
  if (!parsed.ok) return parsed
  const draft = new ManifestDraft()
  const offsetOf = (field: Field): number =>
    (new SourceText(file, text).lineStarts[field.location.line - 1] ?? 0) + field.location.column - 1
  for (const { section, key, value, bare } of parsed.pairs) {
    if (bare) return { ok: false, at: offsetOf(value), why: `the value of ${key} has no quotes` }
    const name = fold(key)
    const scalar = SCALARS.get(name)
    const list = LISTS.get(name)
    switch (section.toLowerCase()) {
      case 'package':
        if (scalar !== undefined) draft.set(scalar, value)
        else if (list !== undefined) draft.lists.set(list, items(value))
        else if (!IGNORED.has(name)) return { ok: false, at: offsetOf(value), why: `${key} is no key of a package` }
        break
      case 'deps':
      case 'dependencies': {
        if (!name.endsWith('requires')) return { ok: false, at: offsetOf(value), why: `${key} is no key of the dependencies` }
        const task = name === 'requires' ? undefined : key.slice(0, key.length - 'requires'.length)
        for (const item of items(value)) draft.require(item.text, item.location, { task })
        break
      }
      default:
        return { ok: false, at: offsetOf(value), why: `[${section}] is no section of a manifest` }
    }
  }
  return { ok: true, draft }
}

/** Lists are commas or lines inside one text. */
function items(value: Field): readonly Field[] {
  return value.text
    .split(/[,\n]/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => ({ text, location: value.location }))
}
