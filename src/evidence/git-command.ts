import { spawnSync } from 'node:child_process'
import { devNull } from 'node:os'
import { AssayError } from '../model/error.js'

/**
 * Arguments before every git subcommand. The repository's own configuration is a stranger's text: whatever in it names
 * a program (monitor, hooks, pager, ssh command) is overruled here, and no protocol is allowed, so that a partial clone
 * cannot make git fetch. `safe.directory`: nothing of the repository is run, so whose it is does not matter.
 */
export const LOCKED_DOWN: readonly string[] = [
  '--no-pager',
  '-c',
  'core.fsmonitor=false',
  '-c',
  `core.hooksPath=${devNull}`,
  '-c',
  'protocol.allow=never',
  '-c',
  'safe.directory=*',
]

/** What a program needs to be found and to have a place for its files, and nothing that configures it. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'Path', 'SystemRoot', 'SYSTEMROOT', 'TEMP', 'TMP', 'TMPDIR']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}

/** The whole environment git gets: nothing of the user's configuration, no prompt, no network, no lock files. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return {
    ...inheritedEnvironment(),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // A list of allowed protocols that holds none.
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

export type GitAnswer = { readonly ok: true; readonly stdout: Buffer } | { readonly ok: false; readonly why: string }

/** Runs one git subcommand to its end. Throws `input-unreadable` when git itself is not there. */
export function askGit(folder: string, args: readonly string[], maxBytes: number): GitAnswer {
  const result = spawnSync('git', [...LOCKED_DOWN, '-C', folder, ...args], {
    env: gitEnvironment(),
    maxBuffer: maxBytes,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    windowsHide: true,
  })
  if (result.error !== undefined) {
    if ('code' in result.error && result.error.code === 'ENOENT')
      throw new AssayError('input-unreadable', 'git was not found', 'Install git, or name a folder instead of git:….')
    return { ok: false, why: result.error.message }
  }
  if (result.status === 0) return { ok: true, stdout: result.stdout }
  const [line = ''] = result.stderr.toString('utf8').trim().split('\n')
  return { ok: false, why: line === '' ? `git ended with ${result.status ?? result.signal ?? 'no status'}` : line }
}
