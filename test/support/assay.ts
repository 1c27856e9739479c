import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const PROJECT = join(import.meta.dirname, '..', '..')
/** The built command; `npm test` builds it first. */
export const COMMAND = join(PROJECT, 'dist', 'cli.cjs')

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Arguments of Node itself, before the command. */
  readonly node?: readonly string[]
}

/** Runs the built program as a user would and waits for its end. The environment holds only what is given. */
export function assay(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  if (!existsSync(COMMAND)) throw new Error('the program is not built; run npm test, or npm run build first')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.node ?? []), COMMAND, ...args], {
      cwd: options.cwd ?? PROJECT,
      // Tests need no outside network; those that play one name their servers and take this away.
      env: { PATH: process.env['PATH'] ?? '', SystemRoot: process.env['SystemRoot'] ?? '', ASSAY_OFFLINE: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    )
  })
}

/** A folder of its own for one test, gone after it. */
export async function withScratch<T>(run: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-test-'))
  try {
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Copies an example of the project into a folder, so that a test may change it. */
export function copyExample(name: string, folder: string): string {
  const target = join(folder, name)
  cpSync(join(PROJECT, 'examples', name), target, { recursive: true })
  return target
}
