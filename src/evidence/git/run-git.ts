import { type ChildProcess, spawn } from 'node:child_process'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface GitRun {
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly cwd: string
  readonly stdin?: string | undefined
  readonly timeoutMs: number
  readonly stdoutLimit: number
  readonly memoryBytes: number
  /** A folder that must not grow beyond. */
  readonly disk?: { readonly folder: string; readonly limit: number } | undefined
  readonly signal?: AbortSignal | undefined
  /** Sees the output as it comes; `stop` ends git, which then counts as having ended well. */
  readonly onOutput?: ((chunk: Buffer, stop: () => void) => void) | undefined
}

export type GitEnd =
  | {
      readonly kind: 'ended'
      readonly status: number
      readonly signal?: string
      readonly stdout: Buffer
      readonly stderr: string
    }
  | { readonly kind: 'stopped'; readonly why: 'time' | 'output' | 'disk' | 'cancelled' }
  | { readonly kind: 'not-started'; readonly why: string }

const STDERR_BYTES = 64 * 1024
const DISK_CHECK_MS = 100
/** What a shell says when it finds no program (POSIX sh, "Exit Status for Commands"). */
const NOT_FOUND = 127

/**
 * A fixed text: what differs comes as arguments. Bounds that only the kernel can hold between two looks at the folder; one
 * that the system does not know is no reason not to go on. No core file of a crash is left behind.
 */
const WITHIN_BOUNDS = 'ulimit -c 0; ulimit -v "$1" 2>/dev/null; ulimit -f "$2" 2>/dev/null; shift 2; exec git "$@"'

/** Runs one git command to its end, or stops it and everything it started when a bound is reached. Never throws. */
export function runGit(run: GitRun): Promise<GitEnd> {
  if (run.signal?.aborted === true) return Promise.resolve({ kind: 'stopped', why: 'cancelled' })
  return new Promise((resolve) => {
    const child = start(run)
    endWithProgram(child)
    const stdout: Buffer[] = []
    let stdoutBytes = 0
    const stderr: Buffer[] = []
    let stderrBytes = 0
    let stopped: 'time' | 'output' | 'disk' | 'cancelled' | 'enough' | undefined
    let failed: string | undefined
    const stop = (why: typeof stopped): void => {
      stopped ??= why
      killAll(child)
    }
    const cancel = (): void => stop('cancelled')
    const timer = setTimeout(() => stop('time'), run.timeoutMs)
    run.signal?.addEventListener('abort', cancel, { once: true })
    const watch = run.disk === undefined ? undefined : watchFolder(run.disk, () => stop('disk'))
    child.stdout?.on('data', (chunk: Buffer) => {
      if (stopped !== undefined) return
      if (run.onOutput !== undefined) return run.onOutput(chunk, () => stop('enough'))
      stdoutBytes += chunk.length
      if (stdoutBytes > run.stdoutLimit) stop('output')
      else stdout.push(chunk)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderrBytes < STDERR_BYTES) stderr.push(chunk.subarray(0, STDERR_BYTES - stderrBytes))
      stderrBytes += chunk.length
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(run.stdin ?? '')
    child.on('error', (error) => {
      failed = error.message
    })
    child.on('close', async (code, signal) => {
      clearTimeout(timer)
      run.signal?.removeEventListener('abort', cancel)
      // The last megabytes may have come after the last look.
      if ((await watch?.end()) === true && stopped === undefined) stopped = 'disk'
      const said = Buffer.concat(stderr).toString('utf8')
      if (stopped === 'enough') return resolve({ kind: 'ended', status: 0, stdout: Buffer.alloc(0), stderr: said })
      if (stopped !== undefined) return resolve({ kind: 'stopped', why: stopped })
      if (failed !== undefined || code === NOT_FOUND) return resolve({ kind: 'not-started', why: failed ?? 'git was not found' })
      // The kernel's own bound on the size of a file.
      if (signal === 'SIGXFSZ') return resolve({ kind: 'stopped', why: 'disk' })
      resolve({
        kind: 'ended',
        status: code ?? 128,
        ...(signal === null ? {} : { signal }),
        stdout: Buffer.concat(stdout),
        stderr: said,
      })
    })
  })
}

/** In a process group of its own, so that helpers can be ended with it. */
function start(run: GitRun): ChildProcess {
  const settings = { cwd: run.cwd, env: run.environment, stdio: 'pipe', windowsHide: true } as const
  if (process.platform === 'win32') return spawn('git', run.args, settings)
  const kibibytes = Math.ceil(run.memoryBytes / 1024)
  // POSIX counts file sizes in blocks of 512 bytes, some shells in 1024: at least the limit in either case.
  const blocks = run.disk === undefined ? 'unlimited' : String(Math.ceil(run.disk.limit / 512))
  return spawn('/bin/sh', ['-c', WITHIN_BOUNDS, 'git', String(kibibytes), blocks, ...run.args], { ...settings, detached: true })
}

const RUNNING = new Set<ChildProcess>()

/** A group of its own does not hear the Ctrl-C of the terminal, and would go on after the program. */
function endWithProgram(child: ChildProcess): void {
  if (RUNNING.size === 0) process.once('exit', endRunning)
  RUNNING.add(child)
  child.once('close', () => {
    RUNNING.delete(child)
    if (RUNNING.size === 0) process.off('exit', endRunning)
  })
}

function endRunning(): void {
  for (const child of RUNNING) killAll(child)
}

function killAll(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
    child.kill('SIGKILL')
  }
}

interface FolderWatch {
  /** Looks a last time; true when the limit is exceeded. */
  end(): Promise<boolean>
}

function watchFolder(disk: { readonly folder: string; readonly limit: number }, exceeded: () => void): FolderWatch {
  let looking = false
  const timer = setInterval(async () => {
    if (looking) return
    looking = true
    if ((await sizeOf(disk.folder, disk.limit)) > disk.limit) exceeded()
    looking = false
  }, DISK_CHECK_MS)
  return {
    async end() {
      clearInterval(timer)
      return (await sizeOf(disk.folder, disk.limit)) > disk.limit
    },
  }
}

/** Bytes of all files below; stops counting beyond the limit. What vanishes while it is counted was temporary. */
async function sizeOf(folder: string, limit: number): Promise<number> {
  let bytes = 0
  const open = [folder]
  for (let at = open.pop(); at !== undefined && bytes <= limit; at = open.pop()) {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = join(at, entry.name)
      if (entry.isDirectory()) open.push(path)
      else
        bytes += await lstat(path).then(
          ({ size }) => size,
          () => 0,
        )
    }
  }
  return bytes
}
