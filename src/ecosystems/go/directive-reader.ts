import type { Location } from '../../model/location.js'
import type { GoDebug, ModProblem, Replace, Setting } from './mod-file.js'
import { tokenValue } from './mod-string.js'
import type { Comment, Line, ModSyntax, Token } from './mod-syntax.js'
import { majorMismatch, splitPathVersion } from './module-path.js'
import { canonicalVersion } from './version.js'

/** One line of a directive, block or not, with its verb taken off. */
export interface Directive {
  readonly verb: string
  readonly args: readonly Token[]
  readonly line: Line
  /** Comments above the block; undefined outside of one. */
  readonly blockComments: readonly Comment[] | undefined
}

/** A version as written, made canonical where it is one. */
export type VersionText = { readonly ok: true; readonly version: string } | { readonly ok: false; readonly query: string }

const TOOLCHAIN = /^(?:default$|go1$|go1\.)/
const DRIVE = /^[A-Za-z]:/

/** Reads what go.mod and go.work have in common and gathers what is wrong, directive by directive. */
export class DirectiveReader {
  readonly problems: ModProblem[] = []

  constructor(readonly syntax: ModSyntax) {}

  /** Every directive of a verb that is known; unknown ones and blocks of verbs that have none are problems when `strict`. */
  *directives(known: ReadonlySet<string>, blocks: ReadonlySet<string>, strict: boolean): Generator<Directive> {
    for (const statement of this.syntax.statements) {
      const head = statement.kind === 'line' ? statement.line.tokens : statement.head
      const [first] = head
      if (first === undefined) continue
      const verb = first.text
      if (statement.kind === 'line') {
        if (known.has(verb)) yield { verb, args: head.slice(1), line: statement.line, blockComments: undefined }
        else if (strict) this.fail(first, `the directive ${JSON.stringify(verb)} is not known`)
      } else if (head.length === 1 && blocks.has(verb)) {
        if (!known.has(verb)) continue
        for (const line of statement.lines) yield { verb, args: line.tokens, line, blockComments: statement.before }
      } else if (strict) this.fail(first, `a block of ${JSON.stringify(head.map((token) => token.text).join(' '))} is not known`)
    }
  }

  fail(at: Token | Line, message: string, kind: ModProblem['kind'] = 'syntax'): undefined {
    this.problems.push({ kind, message, location: 'tokens' in at ? this.locate(at) : this.#locateToken(at) })
  }

  locate(line: Line): Location {
    const first = line.tokens[0]
    const last = line.tokens.at(-1)
    return this.syntax.source.locate(first?.start ?? 0, last?.end)
  }

  #locateToken(token: Token): Location {
    return this.syntax.source.locate(token.start, token.end)
  }

  /** The one argument of a directive, unquoted. */
  single({ args, line, verb }: Directive): Setting | undefined {
    const [only] = args
    if (only === undefined || args.length !== 1) return this.fail(line, `${verb} takes exactly one argument`)
    const value = this.value(only)
    return value === undefined ? undefined : { value, location: this.locate(line) }
  }

  value(token: Token): string | undefined {
    return tokenValue(token.text) ?? this.fail(token, 'a quoted string that Go does not accept')
  }

  /** The raw argument of `toolchain`: quotes are no part of its grammar. */
  toolchain({ args, line }: Directive, known: Setting | undefined): Setting | undefined {
    const [only] = args
    if (known !== undefined) return this.fail(line, 'a second toolchain line')
    if (only === undefined || args.length !== 1) return this.fail(line, 'toolchain takes exactly one argument')
    if (!TOOLCHAIN.test(only.text))
      return this.fail(line, `${JSON.stringify(only.text)} is no toolchain, like go1.23.0 or default`)
    return { value: only.text, location: this.locate(line) }
  }

  godebug({ args, line }: Directive): GoDebug | undefined {
    const [only] = args
    const text = only?.text ?? ''
    const equals = text.indexOf('=')
    if (args.length !== 1 || equals < 0 || /["'`,]/.test(text)) return this.fail(line, 'godebug takes one argument, key=value')
    return { key: text.slice(0, equals), value: text.slice(equals + 1), location: this.locate(line) }
  }

  /** A version argument, canonical; a word that is none is told and given back as it is. */
  version(path: string, token: Token): VersionText | undefined {
    const text = this.value(token)
    if (text === undefined) return undefined
    const version = canonicalVersion(text)
    if (version !== undefined) return { ok: true, version }
    this.fail(token, `${path}: ${JSON.stringify(text)} is no version like v1.2.3`, 'noncanonical')
    return { ok: false, query: text }
  }

  /** Whether path and version name the same major version; tells when they do not. */
  agree(path: string, version: string | undefined, line: Line): boolean {
    const split = splitPathVersion(path)
    if (split === undefined) {
      this.fail(line, `${JSON.stringify(path)} is no module path: its major version is impossible`)
      return false
    }
    const wrong = version === undefined ? undefined : majorMismatch(split.major, version)
    if (wrong === undefined) return true
    this.fail(line, `${path}: version ${version ?? ''} should be ${wrong.wanted}, not ${wrong.found}`, 'major-mismatch')
    return false
  }

  replace({ args, line }: Directive): Replace | undefined {
    const arrow = args[1]?.text === '=>' ? 1 : 2
    const [left, right, rightVersion] = [args[0], args[arrow + 1], args[arrow + 2]]
    if (args[arrow]?.text !== '=>' || left === undefined || right === undefined || args.length > arrow + 3)
      return this.fail(line, 'replace is written as path [version] => path version, or path [version] => directory')
    const path = this.value(left)
    if (path === undefined) return undefined
    const from = arrow === 2 && args[1] !== undefined ? this.version(path, args[1]) : undefined
    if (from?.ok === false || (arrow === 2 && from === undefined)) return undefined
    if (!this.agree(path, from?.version, line)) return undefined
    const target = this.#replaceTarget(right, rightVersion)
    return target === undefined ? undefined : { path, version: from?.version, target, location: this.locate(line) }
  }

  #replaceTarget(right: Token, versionToken: Token | undefined): Replace['target'] | undefined {
    const path = this.value(right)
    if (path === undefined) return undefined
    const directory = isDirectory(path)
    if (versionToken === undefined) {
      if (!directory)
        return this.fail(
          right,
          path.includes('@')
            ? 'a replacement is written as path version, not path@version'
            : 'a replacement without version must be a directory: rooted, or beginning with ./ or ../',
        )
      if (path.includes('\\')) this.fail(right, 'the replacement is a directory of Windows', 'windows-path')
      return { kind: 'directory', path }
    }
    const version = this.version(path, versionToken)
    if (directory) return this.fail(right, `the directory ${JSON.stringify(path)} cannot have a version`)
    return version?.ok === true ? { kind: 'module', path, version: version.version } : undefined
  }
}

/** What counts as a directory right of `=>` on every system (spec/go.md §2.5). */
export function isDirectory(path: string): boolean {
  return path === '.' || path === '..' || /^(?:\.{1,2}[/\\]|[/\\])/.test(path) || DRIVE.test(path)
}
