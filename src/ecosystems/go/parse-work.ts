import { DirectiveReader } from './directive-reader.js'
import type { GoDebug, Replace, Setting, WorkFile } from './mod-file.js'
import { syntaxProblems } from './mod-file.js'
import { parseModSyntax } from './mod-syntax.js'

const BLOCKS: ReadonlySet<string> = new Set(['godebug', 'use', 'replace'])
const VERBS: ReadonlySet<string> = new Set([...BLOCKS, 'go', 'toolchain'])
const GO_LINE = /^[1-9]\d*\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?(?:[a-z]+\d+)?$/

/** Reads a go.work (spec/go.md §4.1). Never throws; every problem is in `problems`. */
export function parseWorkFile(text: string, file: string): WorkFile {
  const syntax = parseModSyntax(text, file)
  const reader = new DirectiveReader(syntax)
  let go: Setting | undefined
  let toolchain: Setting | undefined
  const godebug: GoDebug[] = []
  const use: Setting[] = []
  const replace: Replace[] = []
  for (const directive of reader.directives(VERBS, BLOCKS, true)) {
    const { verb, args, line } = directive
    switch (verb) {
      case 'go': {
        const text_ = args.length === 1 ? (args[0]?.text ?? '') : ''
        if (go !== undefined) reader.fail(line, 'a second go line')
        else if (GO_LINE.test(text_)) go = { value: text_, location: reader.locate(line) }
        else reader.fail(line, `${JSON.stringify(text_)} is no version of Go, like 1.23.0`)
        break
      }
      case 'toolchain':
        toolchain = reader.toolchain(directive, toolchain) ?? toolchain
        break
      case 'godebug':
        godebug.push(...present(reader.godebug(directive)))
        break
      case 'use':
        use.push(...present(reader.single(directive)))
        break
      case 'replace':
        replace.push(...present(reader.replace(directive)))
        break
    }
  }
  return { file, go, toolchain, godebug, use, replace, problems: [...reader.problems, ...syntaxProblems(syntax)] }
}

function present<T>(item: T | undefined): readonly T[] {
  return item === undefined ? [] : [item]
}
