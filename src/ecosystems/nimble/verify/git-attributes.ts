import { matchGlob, matchSegment } from '../../../syntax/glob.js'

/** Attributes that decide about the bytes a checkout writes (gitattributes documentation, "Checking-out and checking-in"). */
export interface CheckoutAttributes {
  /** `true` for `text`, `false` for `-text`. */
  readonly text: boolean | 'auto' | undefined
  readonly eol: 'lf' | 'crlf' | undefined
  readonly ident: boolean
  /** A filter driver or a working-tree encoding: what comes out is not computable from here. */
  readonly beyond: 'filter' | 'working-tree-encoding' | undefined
}

type Value = string | boolean | undefined

interface Line {
  /** Folder of the file that holds the line, with a final slash; empty for the root. */
  readonly base: string
  readonly pattern: string
  readonly values: ReadonlyMap<string, Value>
}

/** Each file is held against each line, so that both together must stay small. */
const MAX_LINES = 1000
const MAX_LINE_LENGTH = 2048
const MACRO = '[attr]'

/**
 * Rules of all `.gitattributes` files of a tree, given by path. Lines in deeper folders, and later lines of one file, go
 * before others. Attributes of a machine (`core.attributesFile`, `.git/info`) are not part of a tree.
 */
export class GitAttributes {
  readonly #lines: Line[] = []
  readonly #macros = new Map<string, ReadonlyMap<string, Value>>([
    [
      'binary',
      new Map<string, Value>([
        ['diff', false],
        ['merge', false],
        ['text', false],
      ]),
    ],
  ])

  constructor(files: ReadonlyMap<string, string>) {
    const byDepth = [...files].sort(([a], [b]) => a.split('/').length - b.split('/').length)
    for (const [path, text] of byDepth) this.#read(path, text)
  }

  of(path: string): CheckoutAttributes {
    const values = new Map<string, Value>()
    for (const line of this.#lines) if (matches(line, path)) for (const [name, value] of line.values) values.set(name, value)
    return checkoutAttributes(values)
  }

  #read(path: string, text: string): void {
    const base = path.slice(0, path.lastIndexOf('/') + 1)
    for (const raw of text.split('\n')) {
      const line = raw.trim()
      if (line === '' || line.startsWith('#') || line.length > MAX_LINE_LENGTH || this.#lines.length >= MAX_LINES) continue
      const [pattern, ...words] = splitLine(line)
      // A negative pattern is forbidden; git passes over the line.
      if (pattern === undefined || pattern.startsWith('!')) continue
      const values = this.#values(words)
      if (!pattern.startsWith(MACRO)) this.#lines.push({ base, pattern, values })
      else if (base === '') this.#macros.set(pattern.slice(MACRO.length), values)
    }
  }

  #values(words: readonly string[]): ReadonlyMap<string, Value> {
    const values = new Map<string, Value>()
    for (const word of words) {
      const equals = word.indexOf('=')
      const off = word.startsWith('-')
      const unspecified = word.startsWith('!')
      const name = off || unspecified ? word.slice(1) : equals < 0 ? word : word.slice(0, equals)
      const macro = off || unspecified || equals >= 0 ? undefined : this.#macros.get(name)
      values.set(name, off ? false : unspecified ? undefined : equals < 0 ? true : word.slice(equals + 1))
      for (const [inner, value] of macro ?? []) values.set(inner, value)
    }
    return values
  }
}

function checkoutAttributes(values: ReadonlyMap<string, Value>): CheckoutAttributes {
  // `crlf` is what `text` and `eol` were called before.
  const text = values.get('text') ?? values.get('crlf')
  const eol = values.get('eol')
  const lineEnd = eol === 'lf' || eol === 'crlf' ? eol : undefined
  const filter = values.get('filter')
  const encoding = values.get('working-tree-encoding')
  return {
    text: text === true || text === false || text === 'auto' ? text : text === 'input' ? true : undefined,
    eol: text === 'input' ? (lineEnd ?? 'lf') : lineEnd,
    ident: values.get('ident') === true,
    beyond:
      typeof filter === 'string'
        ? 'filter'
        : typeof encoding === 'string' && !isUtf8(encoding)
          ? 'working-tree-encoding'
          : undefined,
  }
}

/** UTF-8 is what is stored, so there is nothing to do. */
function isUtf8(encoding: string): boolean {
  return /^utf-?8$/i.test(encoding)
}

/** Words between blanks; a pattern in double quotes may hold blanks, C-style. */
function splitLine(line: string): string[] {
  const quoted = /^"((?:[^"\\]|\\.)*)"(.*)$/.exec(line)
  if (quoted === null) return line.split(/[ \t]+/)
  const [, pattern = '', rest = ''] = quoted
  return [pattern.replace(/\\(.)/g, '$1'), ...rest.split(/[ \t]+/).filter((word) => word !== '')]
}

/** Without a slash a pattern is about the last segment, else about the path from the file's folder; folders it never matches. */
function matches({ base, pattern }: Line, path: string): boolean {
  if (!path.startsWith(base) || pattern.endsWith('/')) return false
  const relative = path.slice(base.length)
  if (!pattern.includes('/')) return matchSegment(pattern, relative.slice(relative.lastIndexOf('/') + 1))
  return matchGlob(pattern.startsWith('/') ? pattern.slice(1) : pattern, relative)
}
