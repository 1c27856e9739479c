import type { Directive } from './directive-reader.js'
import { DirectiveReader } from './directive-reader.js'
import { deprecationOf, directiveText, isIndirect } from './mod-comments.js'
import type { Exclusion, GoDebug, ModFile, Replace, Requirement, Retraction, Setting, UnresolvedRequirement } from './mod-file.js'
import { syntaxProblems } from './mod-file.js'
import type { Token } from './mod-syntax.js'
import { parseModSyntax } from './mod-syntax.js'

/**
 * How a go.mod is read: `strict` as a main module's, `lax` as a dependency's, of which only what matters to others is
 * looked at (spec/go.md §2.3).
 */
export type Strictness = 'strict' | 'lax'

const BLOCKS: ReadonlySet<string> = new Set(['module', 'godebug', 'require', 'exclude', 'replace', 'retract', 'tool', 'ignore'])
const STRICT_VERBS: ReadonlySet<string> = new Set([...BLOCKS, 'go', 'toolchain'])
const LAX_VERBS: ReadonlySet<string> = new Set(['module', 'go', 'require', 'retract', 'ignore'])

const GO_LINE = /^[1-9]\d*\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?(?:[a-z]+\d+)?$/
const LAX_GO_LINE = /^v?([1-9]\d*\.(?:0|[1-9]\d*))[^0-9]/

/** Reads a go.mod. Never throws; every problem is in `problems`, and what was understood is kept. */
export function parseModFile(text: string, file: string, strictness: Strictness = 'strict'): ModFile {
  const syntax = parseModSyntax(text, file)
  const reader = new ModReader(new DirectiveReader(syntax), strictness === 'strict')
  return { ...reader.read(), file, problems: [...reader.directives.problems, ...syntaxProblems(syntax)] }
}

class ModReader {
  #module: ModFile['module']
  #go: Setting | undefined
  #toolchain: Setting | undefined
  readonly #godebug: GoDebug[] = []
  readonly #require: Requirement[] = []
  readonly #unresolved: UnresolvedRequirement[] = []
  readonly #exclude: Exclusion[] = []
  readonly #replace: Replace[] = []
  readonly #retract: Retraction[] = []
  readonly #tool: Setting[] = []
  readonly #ignore: Setting[] = []

  constructor(
    readonly directives: DirectiveReader,
    readonly strict: boolean,
  ) {}

  read(): Omit<ModFile, 'file' | 'problems'> {
    const verbs = this.strict ? STRICT_VERBS : LAX_VERBS
    for (const directive of this.directives.directives(verbs, BLOCKS, this.strict)) this.#add(directive)
    return {
      module: this.#module,
      go: this.#go,
      toolchain: this.#toolchain,
      godebug: this.#godebug,
      require: this.#require,
      unresolved: this.#unresolved,
      exclude: this.#exclude,
      replace: this.#replace,
      retract: this.#retract,
      tool: this.#tool,
      ignore: this.#ignore,
    }
  }

  #add(directive: Directive): undefined {
    switch (directive.verb) {
      case 'module':
        return this.#addModule(directive)
      case 'go':
        return this.#addGo(directive)
      case 'toolchain':
        this.#toolchain = this.directives.toolchain(directive, this.#toolchain) ?? this.#toolchain
        return
      case 'godebug':
        return push(this.#godebug, this.directives.godebug(directive))
      case 'require':
        return this.#addRequire(directive)
      case 'exclude':
        return this.#addExclude(directive)
      case 'replace':
        return push(this.#replace, this.directives.replace(directive))
      case 'retract':
        return push(this.#retract, this.#retraction(directive))
      case 'tool':
        return push(this.#tool, this.directives.single(directive))
      case 'ignore':
        return push(this.#ignore, this.directives.single(directive))
    }
  }

  #addModule(directive: Directive): undefined {
    if (this.#module !== undefined) return this.directives.fail(directive.line, 'a second module line')
    const path = this.directives.single(directive)
    const deprecated = deprecationOf(directiveText(directive.line, directive.blockComments))
    if (path !== undefined) this.#module = { ...path, deprecated }
  }

  #addGo({ args, line }: Directive): undefined {
    const [only] = args
    if (this.#go !== undefined) return this.directives.fail(line, 'a second go line')
    if (only === undefined || args.length !== 1) return this.directives.fail(line, 'go takes exactly one argument')
    // In dependencies a tail such as `.x` is dropped, so that old files stay readable.
    const relaxed = this.strict ? undefined : LAX_GO_LINE.exec(only.text)?.[1]
    const value = GO_LINE.test(only.text) ? only.text : relaxed
    if (value === undefined) return this.directives.fail(line, `${JSON.stringify(only.text)} is no version of Go, like 1.23.0`)
    this.#go = { value, location: this.directives.locate(line) }
  }

  #addRequire(directive: Directive): undefined {
    const pair = this.#pathAndVersion(directive)
    if (pair === undefined) return
    const location = this.directives.locate(directive.line)
    if (pair.version.ok) {
      const { version } = pair.version
      this.#require.push({ path: pair.path, version, indirect: isIndirect(directive.line), location })
    } else this.#unresolved.push({ path: pair.path, query: pair.version.query, location })
  }

  #addExclude(directive: Directive): undefined {
    const pair = this.#pathAndVersion(directive)
    if (pair?.version.ok !== true) return
    this.#exclude.push({ path: pair.path, version: pair.version.version, location: this.directives.locate(directive.line) })
  }

  #pathAndVersion({ verb, args, line }: Directive) {
    const [pathToken, versionToken] = args
    if (pathToken === undefined || versionToken === undefined || args.length !== 2)
      return this.directives.fail(line, `${verb} is written as ${verb} path v1.2.3`)
    const path = this.directives.value(pathToken)
    if (path === undefined) return undefined
    const version = this.directives.version(path, versionToken)
    if (version === undefined) return undefined
    if (!this.directives.agree(path, version.ok ? version.version : undefined, line)) return undefined
    return { path, version }
  }

  /** `v1.2.3` or `[v1.0.0, v1.2.3]`; in dependencies what cannot be read is passed over. */
  #retraction(directive: Directive): Retraction | undefined {
    const { args, line } = directive
    const before = this.directives.problems.length
    const interval = this.#interval(args, line)
    if (!this.strict) this.directives.problems.length = before
    if (interval === undefined) return undefined
    const rationale = directiveText(line, directive.blockComments)
    return { ...interval, rationale, location: this.directives.locate(line) }
  }

  #interval(args: readonly Token[], line: Directive['line']): { low: string; high: string } | undefined {
    const [first] = args
    if (first === undefined) return this.directives.fail(line, 'retract takes a version or an interval')
    const isInterval = first.text === '['
    const extra = args[isInterval ? 5 : 1]
    if (isInterval && args[2]?.text !== ',') return this.directives.fail(line, "a ',' belongs behind the first version")
    if (isInterval && args[4]?.text !== ']') return this.directives.fail(line, "a ']' belongs behind the second version")
    if (extra !== undefined && this.strict) return this.directives.fail(extra, 'nothing may follow the version')
    const low = this.#retractedVersion(args[isInterval ? 1 : 0])
    const high = isInterval ? this.#retractedVersion(args[3]) : low
    return low === undefined || high === undefined ? undefined : { low, high }
  }

  #retractedVersion(token: Token | undefined): string | undefined {
    const version = token === undefined ? undefined : this.directives.version('retract', token)
    return version?.ok === true ? version.version : undefined
  }
}

function push<T>(list: T[], item: T | undefined): undefined {
  if (item !== undefined) list.push(item)
}
