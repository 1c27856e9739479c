import { mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssayError } from '../model/error.js'
import type { Desk, Used } from './desk/desk.js'
import { openDesk } from './desk/open-desk.js'
import type { GitRemote } from './git/remote.js'
import { systemClock } from './http/clock.js'
import type { Credential } from './http/credentials.js'
import type { HttpClient } from './http/http-client.js'
import type { RegistryAuthenticator } from './http/registry-access.js'
import type { Pack } from './pack/pack.js'
import type { Store } from './store/store.js'

type Environment = Readonly<Record<string, string | undefined>>

export interface SessionOptions {
  /** Nothing is asked; what a pack holds is all there is. */
  readonly offline: boolean
  /** An evidence pack to answer from. */
  readonly pack?: string | undefined
  /** Refuse a pack with another SHA-256. */
  readonly packDigest?: string | undefined
  /** Keep answers between runs. Default true; never used offline, so that a run without a network is the same everywhere. */
  readonly store?: boolean | undefined
  /** Proxies, authorities, credentials, the cache folder. */
  readonly environment: Environment
  /** Credentials of the ecosystems' own sources; asked for when the first question goes out. */
  readonly credentials?: (() => Promise<readonly Credential[]>) | undefined
  /** Registries, `host[:port]`, that may be asked over plain http although they are not on this machine. */
  readonly plainHttp?: readonly string[] | undefined
  readonly retries: number
  readonly timeoutMs: number
  readonly budgetMs: number
  /** Told about a store that cannot be used and files of credentials that cannot be read. */
  readonly onNotice?: ((message: string) => void) | undefined
}

/** Everything through which one run asks the world. Whoever opens it closes it. */
export interface Session {
  readonly desk: Desk
  /** Asks repositories; undefined when nothing may be asked. */
  readonly git: (() => Promise<GitRemote>) | undefined
  /** For requests that write; the desk asks through the same client. Undefined when nothing may be asked. */
  readonly http: (() => Promise<HttpClient>) | undefined
  readonly used: () => Used
  close(): Promise<void>
}

/** Opens what a run asks through; no connection is made before the first question. Throws `input-unreadable` for a pack that is refused. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const pack = options.pack === undefined ? undefined : await readPack(options.pack, options.packDigest)
  const store = options.offline || options.store === false ? undefined : await storeOf(options)
  const surroundings = { pack, store, clock: systemClock }
  let opened: Promise<HttpClient> | undefined
  const http = (): Promise<HttpClient> => {
    opened ??= client(options)
    return opened
  }
  const desk = options.offline
    ? openDesk({ ...surroundings, offline: true })
    : openDesk({ ...surroundings, offline: false, http })
  let git: { readonly remote: Promise<GitRemote>; readonly folder: string } | undefined
  return {
    desk,
    git: options.offline
      ? undefined
      : () => {
          git ??= openGit(options)
          return git.remote
        },
    http: options.offline ? undefined : http,
    used: () => desk.used(),
    async close() {
      await desk.close()
      await (await opened)?.close()
      pack?.close()
      if (git === undefined) return
      await git.remote.then(
        (remote) => remote.close(),
        () => undefined,
      )
      rmSync(git.folder, { recursive: true, force: true })
    },
  }
}

async function readPack(path: string, digest: string | undefined): Promise<Pack> {
  const { openPack } = await import('./pack/read-pack.js')
  const read = openPack(path, { digest })
  if (read.ok) return read.pack
  throw new AssayError('input-unreadable', `the evidence pack is refused: ${read.problem.why}`, read.problem.help)
}

async function storeOf({ environment, onNotice }: SessionOptions): Promise<Store | undefined> {
  const { openCache } = await import('./open-cache.js')
  return openCache(environment, (notice) => onNotice?.(`${notice.message} ${notice.help}`))?.store
}

async function client(options: SessionOptions): Promise<HttpClient> {
  const { createHttpClient } = await import('./http/client.js')
  const { httpEnvironment } = await import('./http/environment.js')
  return createHttpClient({
    environment: await httpEnvironment(options.environment),
    credentials: await credentials(options),
    // The user's own configuration of a package manager may name a mirror on disk.
    policy: { file: true, plainHttp: options.plainHttp },
    registries: () => registries(options),
    limits: { budgetMs: options.budgetMs, requestMs: Math.max(options.timeoutMs * (options.retries + 1), options.timeoutMs) },
    timeouts: { connectMs: options.timeoutMs, headersMs: options.timeoutMs },
    retry: { attempts: options.retries + 1 },
  })
}

async function registries({ environment, onNotice }: SessionOptions): Promise<RegistryAuthenticator> {
  const { RegistryLogins } = await import('./registry/registry-logins.js')
  const { registryAuthenticator } = await import('./registry/registry-authenticator.js')
  const logins = new RegistryLogins(environment, homedir(), (message) => onNotice?.(message))
  return registryAuthenticator(logins, () => systemClock.now())
}

/** Those of the ecosystems and of GitHub's API, then netrc, as curl, git and Go use it: each goes to where it belongs alone. */
async function credentials(options: SessionOptions): Promise<readonly Credential[]> {
  const { environment, onNotice } = options
  const { githubCredentials } = await import('./http/github-environment.js')
  const { netrcPaths, readNetrc } = await import('./http/netrc.js')
  const { credentials: found, problem } = await readNetrc(netrcPaths(environment, homedir(), process.platform === 'win32'))
  if (problem !== undefined) onNotice?.(problem)
  return [...((await options.credentials?.()) ?? []), ...githubCredentials(environment), ...found]
}

function openGit(options: SessionOptions): { readonly remote: Promise<GitRemote>; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'assay-git-'))
  const open = async (): Promise<GitRemote> => {
    const { openGitRemote } = await import('./git/remote.js')
    const { httpEnvironment } = await import('./http/environment.js')
    return openGitRemote({
      folder,
      environment: await httpEnvironment(options.environment),
      credentials: await credentials(options),
      budgetMs: options.budgetMs,
    })
  }
  return { remote: open(), folder }
}
