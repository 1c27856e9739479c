import { homedir } from 'node:os'
import { rootCertificates } from 'node:tls'
import { createHttpClient } from './http/client.js'
import type { Secured } from './http/connections.js'
import type { Credential } from './http/credentials.js'
import { httpEnvironment } from './http/environment.js'
import { failureKind } from './http/failures.js'
import type { HttpClient } from './http/http-client.js'
import { netrcPaths, readNetrc } from './http/netrc.js'
import type { HttpOutcome } from './http/outcome.js'
import { chooseProxy, type ProxyChoice } from './http/proxy.js'
import { type ShownCertificate, untrustedCertificate } from './http/shown-certificate.js'

type Environment = Readonly<Record<string, string | undefined>>

export interface ProberOptions {
  readonly environment: Environment
  readonly timeoutMs: number
  readonly budgetMs: number
  /** Beside those of netrc. */
  readonly credentials: readonly Credential[]
  readonly onNotice?: ((message: string) => void) | undefined
}

export interface ProbeAsk {
  readonly limitBytes: number
  /** Whether it answers is all that counts; the body is left. */
  readonly onlyReach: boolean
}

/** How a source answered, asked up to three times. */
export interface Probed {
  /** The first answer; the last failure when there is none. */
  readonly outcome: HttpOutcome
  /** Of each answer. */
  readonly latencyMs: readonly number[]
  readonly asks: number
}

/** Asks a source a few times, without a store and without hiding failures behind retries. */
export interface Prober {
  ask(url: string, ask: ProbeAsk): Promise<Probed>
  /** What was seen of an origin's connections. */
  secured(origin: string): Secured | undefined
  /** The certificate of an origin that was refused for it; only where it is reached directly. */
  refusedCertificate(origin: string): Promise<ShownCertificate | undefined>
  close(): Promise<void>
}

const ASKS = 3
/** A host that is silent for ten seconds twice will be silent a third time. */
const FAILURES_IN_A_ROW = 2

/** Opens a prober; no connection is made before the first question. Whoever opens it closes it. */
export async function openProber(options: ProberOptions): Promise<Prober> {
  const environment = await httpEnvironment(options.environment)
  const netrc = await readNetrc(netrcPaths(options.environment, homedir(), process.platform === 'win32'))
  if (netrc.problem !== undefined) options.onNotice?.(netrc.problem)
  const seen = new Map<string, Secured>()
  const client = createHttpClient({
    environment,
    credentials: [...options.credentials, ...netrc.credentials],
    // The user's own configuration of a package manager may name a mirror on disk.
    policy: { file: true },
    limits: { budgetMs: options.budgetMs, requestMs: options.timeoutMs * 2 },
    timeouts: { connectMs: options.timeoutMs, headersMs: options.timeoutMs, bodyMs: options.timeoutMs },
    // What fails now and then is to be seen.
    retry: { attempts: 1 },
    giveUp: { urls: 8 },
    onSecured: (secured) => {
      if (!seen.has(secured.origin)) seen.set(secured.origin, secured)
    },
  })
  return {
    ask: (url, ask) => askThrice(client, url, ask),
    secured: (origin) => seen.get(origin),
    refusedCertificate: async (origin) => {
      const url = new URL(origin)
      return chooseProxy(url, environment.proxies).kind === 'direct' ? untrustedCertificate(url, options.timeoutMs) : undefined
    },
    close: () => client.close(),
  }
}

async function askThrice(client: HttpClient, url: string, { limitBytes, onlyReach }: ProbeAsk): Promise<Probed> {
  const latencyMs: number[] = []
  let answer: HttpOutcome | undefined
  let failure: HttpOutcome | undefined
  let asks = 0
  while (asks < ASKS) {
    asks += 1
    const started = performance.now()
    const known = answer?.kind === 'ok' ? { validators: answer.validators, sha256: answer.sha256 } : undefined
    const outcome = await client.get(url, { limitBytes, known, compressed: true })
    const isReached = outcome.kind !== 'unavailable' || (onlyReach && outcome.failure === 'too-large')
    if (isReached) {
      latencyMs.push(Math.max(1, Math.round(performance.now() - started)))
      answer ??= outcome
      if (outcome.kind === 'refused' || outcome.kind === 'absent') break
      continue
    }
    failure = outcome
    if (outcome.kind === 'unavailable' && (!failureKind(outcome.failure).retry || outcome.failure === 'budget-spent')) break
    if (answer === undefined && asks >= FAILURES_IN_A_ROW) break
  }
  const outcome = answer ?? failure
  if (outcome === undefined) throw new RangeError('nothing was asked')
  return { outcome, latencyMs, asks }
}

/** What every connection of this machine is subject to, for a person. */
export interface Surroundings {
  /** Without credentials; `invalid` cannot be used. */
  readonly https: string | 'direct' | 'invalid'
  readonly http: string | 'direct' | 'invalid'
  readonly extraAuthorities: number
  readonly authorityProblems: readonly string[]
}

/** Reads proxies and authorities of the environment; opens no connection. */
export async function surroundings(environment: Environment): Promise<Surroundings> {
  const { proxies, authorities } = await httpEnvironment(environment)
  const { trusted, problems } = authorities
  return {
    https: shownProxy(proxies.forHttps),
    http: shownProxy(proxies.forHttp),
    extraAuthorities: trusted === undefined ? 0 : trusted.length - rootCertificates.length,
    authorityProblems: problems,
  }
}

function shownProxy(choice: ProxyChoice): string {
  return choice.kind === 'proxy' ? choice.proxy.url.origin : choice.kind
}
