import { fstatSync } from 'node:fs'
import { styleText } from 'node:util'
import type { Style } from '../model/style.js'
import { PLAIN } from '../model/style.js'

/** What `--color`, `-q` and `-v` decided, and the streams they hold for. */
export interface Terminal {
  /** Data. Resolves when the reader took it; a closed pipe is not an error. */
  readonly print: (chunks: Iterable<string>) => Promise<void>
  /** Talk, to stderr; nothing under `--quiet`. */
  readonly say: (line: string) => void
  /** Errors and warnings, to stderr, also under `--quiet`. */
  readonly warn: (line: string) => void
  /** Detail that only `--verbose` asks for. */
  readonly detail: (line: string) => void
  /** One line that is drawn again, only on a terminal and not in CI. */
  readonly progress: (line: string) => void
  readonly style: Style
  readonly quiet: boolean
  readonly verbose: boolean
}

export type ColorChoice = 'auto' | 'always' | 'never'

export interface TerminalOptions {
  readonly color: ColorChoice
  readonly quiet: boolean
  readonly verbose: boolean
}

export function openTerminal(options: TerminalOptions): Terminal {
  let drawn = false
  let lastDraw = 0
  const clear = (): void => {
    if (drawn) process.stderr.write('\r\u001b[K')
    drawn = false
  }
  const line = (text: string): void => {
    clear()
    process.stderr.write(`${text}\n`)
  }
  // The streams are made when they are first used: with them Node loads what it needs for sockets and terminals.
  let output: Output | undefined
  let style: Style | undefined
  let showsProgress: boolean | undefined
  return {
    async print(chunks) {
      clear()
      output ??= openOutput()
      for (const block of blocks(chunks)) if (!(await output.write(block))) return
    },
    say: (text) => {
      if (!options.quiet) line(text)
    },
    warn: line,
    detail: (text) => {
      if (options.verbose) line(text)
    },
    progress: (text) => {
      const now = performance.now()
      if (now - lastDraw < 100) return
      showsProgress ??= !options.quiet && process.env['CI'] === undefined && isTerminal(2) && process.stderr.isTTY
      if (!showsProgress) return
      lastDraw = now
      clear()
      process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1))
      drawn = true
    },
    get style() {
      style ??= styleFor(options.color)
      return style
    },
    quiet: options.quiet,
    verbose: options.verbose,
  }
}

/** Standard output. `write` is false once nobody reads any more. */
interface Output {
  write(block: string): Promise<boolean>
}

function openOutput(): Output {
  const { stdout, stderr } = process
  let closed = false
  // A reader that has seen enough (`| head`) must not change the verdict: what is left is dropped, the exit code stays.
  stdout.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error
    closed = true
  })
  stderr.on('error', () => {
    closed = true
  })
  return {
    async write(block) {
      if (!closed && !stdout.write(block)) await drained()
      return !closed
    },
  }
}

/** A cheap look that settles most runs, which write to a file or a pipe. */
function isTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return false
  }
}

function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once('drain', resolve)
    process.stdout.once('error', () => resolve())
  })
}

/** Joins small chunks: one system call a quarter megabyte, not one a component. */
function* blocks(chunks: Iterable<string>): Iterable<string> {
  let held: string[] = []
  let length = 0
  for (const chunk of chunks) {
    held.push(chunk)
    length += chunk.length
    if (length < 1 << 18) continue
    yield held.join('')
    held = []
    length = 0
  }
  if (held.length > 0) yield held.join('')
}

function styleFor(choice: ColorChoice): Style {
  if (choice === 'never') return PLAIN
  const coloured: Style = (name, text) => styleText(name, text, { validateStream: false })
  if (choice === 'always') return coloured
  if ((process.env['NO_COLOR'] ?? '') !== '' || !isTerminal(1)) return PLAIN
  return process.stdout.isTTY && process.stdout.hasColors() ? coloured : PLAIN
}
