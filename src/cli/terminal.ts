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
  const showProgress = stderr.isTTY === true && process.env['CI'] === undefined && !options.quiet
  let drawn = false
  let lastDraw = 0
  const clear = (): void => {
    if (drawn) stderr.write('\r\u001b[K')
    drawn = false
  }
  const line = (text: string): void => {
    clear()
    stderr.write(`${text}\n`)
  }
  return {
    async print(chunks) {
      clear()
      for (const block of blocks(chunks)) {
        if (closed) return
        if (!stdout.write(block)) await drained()
      }
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
      if (!showProgress || now - lastDraw < 100) return
      lastDraw = now
      clear()
      stderr.write(text.slice(0, (stderr.columns ?? 80) - 1))
      drawn = true
    },
    style: styleFor(options.color, stdout),
    quiet: options.quiet,
    verbose: options.verbose,
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

function styleFor(choice: ColorChoice, stream: NodeJS.WriteStream): Style {
  if (choice === 'never') return PLAIN
  if (choice === 'always') return (name, text) => styleText(name, text, { validateStream: false })
  const colours = stream.isTTY === true && stream.hasColors() && (process.env['NO_COLOR'] ?? '') === ''
  return colours ? (name, text) => styleText(name, text, { validateStream: false }) : PLAIN
}
