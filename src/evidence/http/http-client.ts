import { VERSION } from '../../version.js'
import { type Clock, systemClock } from './clock.js'
import type { Secured } from './connections.js'
import type { Credential, SendCredential } from './credentials.js'
import type { HttpEnvironment } from './environment.js'
import { DEFAULT_TIMEOUTS, type Timeouts } from './exchange.js'
import { DEFAULT_GIVE_UP, type GiveUpPolicy } from './host.js'
import type { HttpOutcome, Known } from './outcome.js'
import type { RegistryAccess, RegistryAuthenticator } from './registry-access.js'
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js'
import type { SendOutcome, SendRequest } from './send.js'
import type { UrlPolicy } from './url-policy.js'

export interface HttpLimits {
  /** Requests at a time: in all, of one host over HTTP/1.1, of one host over HTTP/2. */
  readonly total: number
  readonly perHost: number
  readonly perHostStreams: number
  readonly redirects: number
  /** Time for one request with all its tries, and for everything this client does. */
  readonly requestMs: number
  readonly budgetMs: number
  /** Hosts remembered; beyond, idle ones are forgotten and their connections closed. */
  readonly hosts: number
}

export const DEFAULT_LIMITS: HttpLimits = {
  total: 64,
  perHost: 16,
  perHostStreams: 64,
  redirects: 5,
  requestMs: 5 * 60_000,
  budgetMs: 30 * 60_000,
  hosts: 256,
}

/** 32 MiB: enough for every index file, list or record that a registry serves (spec/cargo.md §3.4). */
export const DEFAULT_LIMIT_BYTES = 32 * 1024 * 1024

export interface HttpClientOptions {
  /** Proxies and authorities; see `httpEnvironment`. Without: direct connections and Node's own authorities. */
  readonly environment?: HttpEnvironment | undefined
  readonly policy?: UrlPolicy | undefined
  readonly credentials?: readonly Credential[] | undefined
  /** Loaded when a registry is asked for the first time. Without: what a registry refuses stays refused. */
  readonly registries?: (() => Promise<RegistryAuthenticator>) | undefined
  readonly limits?: Partial<HttpLimits> | undefined
  readonly timeouts?: Partial<Timeouts> | undefined
  readonly retry?: Partial<RetryPolicy> | undefined
  readonly giveUp?: Partial<GiveUpPolicy> | undefined
  /** Offer HTTP/2 to servers that speak TLS. Default true. */
  readonly http2?: boolean | undefined
  readonly userAgent?: string | undefined
  /** More certificates to trust, PEM, such as those of cargo's `http.cainfo`. */
  readonly extraAuthorities?: readonly string[] | undefined
  readonly clock?: Clock | undefined
  /** Told of each secured connection that is opened: its protocol and certificate. */
  readonly onSecured?: ((secured: Secured) => void) | undefined
  /** Between 0 and 1, for jitter. */
  readonly random?: (() => number) | undefined
  /** Ends every request that runs or waits. */
  readonly signal?: AbortSignal | undefined
}

export interface GetOptions {
  readonly accept?: string | undefined
  /** Bytes of the body, packed and unpacked. Default 32 MiB. */
  readonly limitBytes?: number | undefined
  /** What the caller holds: asks only for something newer, and compares what comes with it. */
  readonly known?: Known | undefined
  /** Ask for the whole answer even if `known` has validators, to compare the bytes. */
  readonly unconditional?: boolean | undefined
  /** Default `challenged`. Credentials only go to where they belong, and never after a redirect to another origin. */
  readonly auth?: SendCredential | RegistryAccess | undefined
  /** Lower-case hex; an answer with another hash is a `mismatch`. */
  readonly expectSha256?: string | undefined
  /** Let the server compress a body asked for with `get`. Default false: an archive's hash is that of its bytes. */
  readonly compressed?: boolean | undefined
}

export interface HttpCounters {
  /** Requests asked for, ended, and ended without an answer that counts. */
  readonly requests: number
  readonly ended: number
  readonly unavailable: number
  readonly notModified: number
  /** Exchanges with a server: tries, redirects and second askings with a credential are each one. */
  readonly exchanges: number
  readonly retries: number
  /** Bytes of bodies as they came, and unpacked. */
  readonly packedBytes: number
  readonly bytes: number
  readonly running: number
  /** Since the first request; 0 before. */
  readonly elapsedMs: number
}

/** Asks servers within bounds. No outcome of the network is an exception; every request ends. */
export interface HttpClient {
  get(url: string, options?: GetOptions): Promise<HttpOutcome>
  getText(url: string, options?: GetOptions): Promise<HttpOutcome<{ readonly text: string }>>
  getJson(url: string, options?: GetOptions): Promise<HttpOutcome<{ readonly json: unknown }>>
  /** One request that may write. */
  send(request: SendRequest): Promise<SendOutcome>
  counters(): HttpCounters
  /** Ends what still runs (as `cancelled`) and closes all connections. */
  close(): Promise<void>
}

/** Every choice made. */
export interface Settings {
  readonly environment: HttpEnvironment | undefined
  readonly policy: UrlPolicy
  readonly credentials: readonly Credential[]
  readonly registries: (() => Promise<RegistryAuthenticator>) | undefined
  readonly limits: HttpLimits
  readonly timeouts: Timeouts
  readonly retry: RetryPolicy
  readonly giveUp: GiveUpPolicy
  readonly http2: boolean
  readonly userAgent: string
  readonly extraAuthorities: readonly string[]
  readonly clock: Clock
  readonly onSecured: ((secured: Secured) => void) | undefined
  readonly random: () => number
}

export function settle(options: HttpClientOptions): Settings {
  return {
    environment: options.environment,
    policy: options.policy ?? {},
    credentials: options.credentials ?? [],
    registries: options.registries,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
    retry: { ...DEFAULT_RETRY, ...options.retry },
    giveUp: { ...DEFAULT_GIVE_UP, ...options.giveUp },
    http2: options.http2 ?? true,
    userAgent: options.userAgent ?? `assay/${VERSION} (software supply chain audit)`,
    extraAuthorities: options.extraAuthorities ?? [],
    clock: options.clock ?? systemClock,
    onSecured: options.onSecured,
    random: options.random ?? Math.random,
  }
}
