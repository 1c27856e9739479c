import { hash } from 'node:crypto'
import { type Answer, judge, unavailable } from './answer.js'
import { credentialFor } from './credentials.js'
import { ACCEPT_ENCODING } from './decode.js'
import type { Reply } from './exchange.js'
import { failureKind } from './failures.js'
import { readFileUrl } from './file-url.js'
import { Hosts, type NotAsked } from './hosts.js'
import {
  DEFAULT_LIMIT_BYTES,
  type GetOptions,
  type HttpClient,
  type HttpClientOptions,
  type HttpCounters,
  type Settings,
  settle,
} from './http-client.js'
import type { HttpOk, HttpOutcome } from './outcome.js'
import { type BodyValue, bodyJson, bodyText } from './read-body.js'
import { Redactor } from './redact.js'
import { backoff } from './retry.js'
import { fitsHeader, type Secret } from './secret.js'
import { conditionsOf, single } from './signs.js'
import { checkRedirect, checkUrl, type Target } from './url-policy.js'

/** Makes a client; nothing is opened before the first request. Whoever makes it closes it. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const client = new UndiciClient(settle(options))
  const { signal } = options
  if (signal !== undefined) {
    if (signal.aborted) void client.close()
    else signal.addEventListener('abort', () => void client.close(), { once: true })
  }
  return client
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

class UndiciClient implements HttpClient {
  readonly #redactor: Redactor
  readonly #hosts: Hosts
  #startedAt: number | undefined
  #requests = 0
  #ended = 0
  #unavailable = 0
  #notModified = 0
  #retries = 0
  #packedBytes = 0
  #bytes = 0

  constructor(readonly settings: Settings) {
    this.#redactor = new Redactor([...settings.credentials.map(({ authorization }) => authorization), ...proxySecrets(settings)])
    this.#hosts = new Hosts(settings)
  }

  async get(url: string, options: GetOptions = {}): Promise<HttpOutcome> {
    return this.#count(await this.#request(url, options))
  }

  async getText(url: string, options: GetOptions = {}): Promise<HttpOutcome<{ readonly text: string }>> {
    const outcome = await this.#request(url, { accept: 'text/plain', compressed: true, ...options })
    return this.#count(this.#with(outcome, bodyText))
  }

  async getJson(url: string, options: GetOptions = {}): Promise<HttpOutcome<{ readonly json: unknown }>> {
    const outcome = await this.#request(url, { accept: 'application/json', compressed: true, ...options })
    return this.#count(this.#with(outcome, bodyJson))
  }

  counters(): HttpCounters {
    return {
      requests: this.#requests,
      ended: this.#ended,
      unavailable: this.#unavailable,
      notModified: this.#notModified,
      exchanges: this.#hosts.exchanges,
      retries: this.#retries,
      packedBytes: this.#packedBytes,
      bytes: this.#bytes,
      running: this.#hosts.running,
      elapsedMs: this.#startedAt === undefined ? 0 : this.settings.clock.now() - this.#startedAt,
    }
  }

  close(): Promise<void> {
    return this.#hosts.close()
  }

  #with<Value extends object>(outcome: HttpOutcome, read: (answer: HttpOk) => BodyValue<Value>): HttpOutcome<Value> {
    if (outcome.kind !== 'ok') return outcome
    const body = read(outcome)
    if (body.ok) return { ...outcome, ...body.value }
    return { ...unavailable(outcome.url, body.failure, body.detail, this.#redactor), status: outcome.status, attempts: 1 }
  }

  #count<Value>(outcome: HttpOutcome<Value>): HttpOutcome<Value> {
    this.#ended += 1
    if (outcome.kind === 'unavailable') this.#unavailable += 1
    else if (outcome.kind === 'not-modified') this.#notModified += 1
    else if (outcome.kind === 'ok') {
      this.#packedBytes += outcome.packedBytes
      this.#bytes += outcome.bytes.length
    }
    return outcome
  }

  async #request(text: string, options: GetOptions): Promise<HttpOutcome> {
    const { clock, retry, limits, random, policy } = this.settings
    this.#requests += 1
    const started = clock.now()
    this.#startedAt ??= started
    const target = checkUrl(text, policy)
    if (!target.ok) return unavailable(text, target.failure, target.detail, this.#redactor)
    if (target.url.protocol === 'file:') return this.#readFile(target.url, options)
    const budgetEnd = this.#startedAt + limits.budgetMs
    const deadline = Math.min(budgetEnd, started + limits.requestMs)
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(target, options, deadline)
      if (outcome.kind !== 'unavailable') return outcome
      const failed = { ...outcome, attempts: attempt }
      if (!failureKind(outcome.failure).retry || attempt >= retry.attempts) return failed
      const asked = outcome.retryAfterMs ?? 0
      // A server may close a connection after so many requests or while it is idle; that is no trouble to wait out.
      const haste = attempt === 1 && outcome.failure === 'connection-reset' ? 0.1 : 1
      const wait = Math.max(asked, Math.round(haste * backoff(attempt, retry, random)))
      if (asked > retry.longestRetryAfterMs || clock.now() + wait >= deadline) return failed
      await clock.sleep(wait, this.#hosts.stopped)
      this.#retries += 1
    }
  }

  /** From the first URL to the last answer; each try begins anew, since a redirect may name a URL that holds for minutes. */
  async #attempt(target: Target, options: GetOptions, deadline: number): Promise<HttpOutcome> {
    const { clock, limits, policy } = this.settings
    const limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES
    const auth = options.auth ?? 'challenged'
    let seen: Set<string> | undefined
    let { url } = target
    let redactor = this.#redactor.with(target.authorization)
    /** Whether every URL so far was of one origin: beyond it no credential goes, not even one that belongs there. */
    let atHome = true
    let challenged = false
    for (let redirects = 0; ; ) {
      const credential = atHome && auth !== 'never' ? this.#credential(url, target) : undefined
      const sent = auth === 'always' || challenged || target.authorization !== undefined ? credential : undefined
      const headers = this.#headers(options, sent)
      const reply = await this.#hosts.ask({ url, headers, limitBytes, deadline })
      if (!reply.ok) return notAnswered(url, reply, redactor)
      if (reply.status === 401 && credential !== undefined && sent === undefined) {
        challenged = true
        continue
      }
      const location = REDIRECTS.has(reply.status) ? single(reply.headers.location) : undefined
      if (location === undefined) {
        const answer: Answer = {
          url,
          redirects,
          reply,
          options,
          limitBytes,
          authenticated: sent !== undefined,
          now: clock.now(),
        }
        return judge(answer, redactor)
      }
      const next = checkRedirect(url, location, policy)
      if (!next.ok) return unavailable(url, next.failure, next.detail, redactor)
      redactor = redactor.with(next.authorization)
      redirects += 1
      seen ??= new Set([target.url.href])
      if (redirects > limits.redirects || seen.has(next.url.href))
        return unavailable(url, 'too-many-redirects', `${redirects} redirects`, redactor)
      seen.add(next.url.href)
      atHome &&= next.url.origin === target.url.origin
      url = next.url
    }
  }

  #credential(url: URL, target: Target): Secret | undefined {
    const credential = target.authorization ?? credentialFor(url, this.settings.credentials)
    return credential !== undefined && fitsHeader(credential.reveal()) ? credential : undefined
  }

  #headers(options: GetOptions, authorization: Secret | undefined): Record<string, string> {
    return {
      'user-agent': this.settings.userAgent,
      accept: options.accept ?? '*/*',
      'accept-encoding': options.compressed === true ? ACCEPT_ENCODING : 'identity',
      ...(options.unconditional === true ? {} : conditionsOf(options.known)),
      ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
    }
  }

  async #readFile(url: URL, options: GetOptions): Promise<HttpOutcome> {
    const file = await readFileUrl(url, options.limitBytes ?? DEFAULT_LIMIT_BYTES)
    const answered = { url: this.#redactor.url(url), redirects: 0 }
    if (!file.ok) {
      if (file.failure === 'absent') return { kind: 'absent', status: 0, ...answered }
      const failure = file.failure === 'too-large' || file.failure === 'bad-url' ? file.failure : 'file-unreadable'
      return unavailable(url, failure, file.why, this.#redactor)
    }
    const { bytes, modified } = file
    const sha256 = hash('sha256', bytes)
    if (options.expectSha256 !== undefined && options.expectSha256 !== sha256)
      return { kind: 'mismatch', ...answered, expected: options.expectSha256, observed: sha256, bytes: bytes.length }
    return {
      kind: 'ok',
      status: 0,
      ...answered,
      bytes,
      sha256,
      packedBytes: bytes.length,
      validators: { lastModified: modified.toUTCString() },
      signs: [],
    }
  }
}

function notAnswered(url: URL, reply: NotAsked | (Reply & { readonly ok: false }), redactor: Redactor): HttpOutcome {
  const because = 'because' in reply ? reply.because : undefined
  const detail = because === undefined ? reply.detail : failureKind(because).what
  const outcome = unavailable(url, reply.failure, detail, redactor)
  return because === undefined ? outcome : { ...outcome, because }
}

function proxySecrets({ environment }: Settings): readonly Secret[] {
  const choices = environment === undefined ? [] : [environment.proxies.forHttp, environment.proxies.forHttps]
  return choices.flatMap((choice) =>
    choice.kind === 'proxy' && choice.proxy.authorization !== undefined ? [choice.proxy.authorization] : [],
  )
}
