import type { Token } from './nimscript-tokens.js'
import { nimName } from './nimscript-tokens.js'

type Does = 'executes' | 'writes' | 'reads'

/** Calls that reach outside the manifest (spec/nimble.md §2.4). */
const COMMANDS: ReadonlyMap<string, Does> = new Map(
  (
    [
      ['executes', 'exec selfExec gorge gorgeEx staticExec execShellCmd execCmd execCmdEx execProcess startProcess'],
      ['writes', 'writeFile rmFile rmDir mvFile mvDir cpFile cpDir mkDir putEnv delEnv cd withDir'],
      ['reads', 'readFile staticRead slurp'],
    ] as const
  ).flatMap(([does, names]) => names.split(' ').map((name): [string, Does] => [nimName(name), does])),
)

export interface FoundCommand {
  readonly token: Token
  readonly does: Does
}

/** True for a call that reaches outside; such a call touches no field of the manifest. */
export function isCommand(name: string): boolean {
  return COMMANDS.has(name)
}

/** Every name of a command in a row of tokens, wherever it stands: a call has many forms. Assignments to it are none. */
export function findCommands(tokens: readonly Token[]): FoundCommand[] {
  return tokens.flatMap((token, i) => {
    const does = token.kind === 'name' ? COMMANDS.get(nimName(token.text)) : undefined
    const next = tokens[i + 1]
    if (does === undefined || (next?.kind === 'symbol' && next.text === '=')) return []
    return [{ token, does }]
  })
}

const URL_LIKE = /\b(?:https?|git|ftp|ssh):\/\/[^\s"'<>|;)]+/g
const MAX_URLS = 20

/** The URLs inside the strings of a row of tokens. */
export function urlsIn(tokens: readonly Token[]): readonly string[] {
  const found = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'string') continue
    for (const match of token.text.matchAll(URL_LIKE)) if (found.size < MAX_URLS) found.add(match[0])
  }
  return [...found]
}

const LITERAL_KEYWORDS = new Set(['true', 'false', 'nil'])
/** Statements and calls of NimScript that change neither version nor requirements. */
const HARMLESS = new Set(
  'echo switch hint warning assert doassert discard quit setcommand put get export addquoted patchfile cppdefine'.split(' '),
)

/** A call that is known to touch no field of the manifest. */
export function isHarmless(name: string): boolean {
  return HARMLESS.has(name) || LITERAL_KEYWORDS.has(name)
}

const STANDARD = new Set(
  (
    'os osproc strutils strformat strscans sequtils tables sets json parseopt parseutils parsecfg times algorithm sugar options ' +
    'macros distros streams re nre unicode hashes math random uri pegs md5 base64 cpuinfo terminal logging envvars paths ' +
    'files dirs appdirs cmdline oids ospaths system sha1 strtabs typetraits colors editdistance wordwrap wrapnims nimscript'
  ).split(' '),
)

/** Modules of the standard library hold nothing that changes a manifest; any other may. */
export function isStandardModule(name: string): boolean {
  return name.startsWith('std/') || name.startsWith('pkg/nimble/') || STANDARD.has(name.toLowerCase())
}
