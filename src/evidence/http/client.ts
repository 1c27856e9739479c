import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Answer, judge, sentReply, unavailable } from './answer.js'
import { type Authorization, GivenAuthorization, NO_AUTHORIZATION, RegistryAuthorization } from './authorization.js'
import type { SendCredential } from './credentials.js'
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
import type { HttpOk, HttpOutcome, HttpUnavailable } from './outcome.js'
import { type BodyValue, bodyJson, bodyText } from './read-body.js'
import { Redactor } from './redact.js'
import type { RegistryAccess, RegistryAuthenticator, TokenReply, TokenRequest } from './registry-access.js'
import { backoff } from './retry.js'
import type { Secret } from './secret.js'
import type { SendOutcome, SendRequest } from './send.js'
import { conditionsOf, single } from './signs.js'
import { troubleOf } from './trouble.js'
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

/** A token and what is said about it. */
const MAX_TOKEN_BYTES = 256 * 1024
const DEFAULT_SENT_LIMIT_BYTES = 4 * 1024 * 1024
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

class UndiciClient implements HttpClient {
  readonly #redactor: Redactor
  readonly #hosts: Hosts
  #authenticator: Promise<RegistryAuthenticator> | undefined
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
    const target = checkUrl(text, this.settings.policy)
    const deadline = this.#begin()
    if (!target.ok) return unavailable(text, target.failure, target.detail, this.#redactor)
    if (target.url.protocol === 'file:') return this.#readFile(target.url, options)
    return this.#persist(deadline, this.settings.retry.attempts, () => this.#attempt(target, options, deadline))
  }

  /** Counts a request, and says when it has to have ended. */
  #begin(): number {
    const { clock, limits } = this.settings
    this.#requests += 1
    const started = clock.now()
    this.#startedAt ??= started
    return Math.min(this.#startedAt + limits.budgetMs, started + limits.requestMs)
  }

  /** Tries until there is an answer, or another try would not help. */
  async #persist<Outcome extends { readonly kind: string }>(
    deadline: number,
    attempts: number,
    attempt: () => Promise<Outcome | HttpUnavailable>,
  ): Promise<Outcome | HttpUnavailable> {
    const { clock, retry, random } = this.settings
    for (let tried = 1; ; tried += 1) {
      const outcome = await attempt()
      if (!isUnavailable(outcome)) return outcome
      const failed = { ...outcome, attempts: tried }
      if (!failureKind(outcome.failure).retry || tried >= attempts) return failed
      const asked = outcome.retryAfterMs ?? 0
      // A server may close a connection after so many requests or while it is idle; that is no trouble to wait out.
      const haste = tried === 1 && outcome.failure === 'connection-reset' ? 0.1 : 1
      const wait = Math.max(asked, Math.round(haste * backoff(tried, retry, random)))
      if (asked > retry.longestRetryAfterMs || clock.now() + wait >= deadline) return failed
      await clock.sleep(wait, this.#hosts.stopped)
      this.#retries += 1
    }
  }

  /** From the first URL to the last answer; each try begins anew, since a redirect may name a URL that holds for minutes. */
  async #attempt(target: Target, options: GetOptions, deadline: number): Promise<HttpOutcome> {
    const { clock, limits, policy } = this.settings
    const limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES
    let authorization = await this.#authorization(target, options.auth ?? 'challenged', deadline)
    let seen: Set<string> | undefined
    let { url } = target
    let redactor = this.#redactor.with(target.authorization)
    for (let redirects = 0; ; ) {
      const sent = authorization.toSend(url)
      redactor = redactor.with(sent)
      const headers = this.#headers(options, sent)
      const reply = await this.#hosts.ask({ url, method: 'GET', headers, limitBytes, deadline })
      if (!reply.ok) return notAnswered(url, reply, redactor)
      const met = reply.status === 401 ? await authorization.meet(url, challengesOf(reply.headers), sent) : 'stands'
      if (met === 'again') continue
      if (met !== 'stands') return met
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
      // Beyond the first origin no credential goes, not even one that belongs there, nor back from there.
      if (next.url.origin !== target.url.origin) authorization = NO_AUTHORIZATION
      url = next.url
    }
  }

  async #authorization(target: Target, auth: SendCredential | RegistryAccess, deadline: number): Promise<Authorization> {
    if (typeof auth === 'string') return new GivenAuthorization(target, this.settings.credentials, auth)
    this.#authenticator ??= this.settings.registries?.()
    const authenticator = await this.#authenticator
    if (authenticator === undefined) return NO_AUTHORIZATION
    return new RegistryAuthorization(auth, authenticator, (request) => this.#askForToken(request, deadline))
  }

  /**
   * The answer of a server of tokens; nothing that it says is repeated, since it may repeat what it was sent. Whoever waits for
   * the token tries again.
   */
  async #askForToken({ from, url: text, authorization, form }: TokenRequest, deadline: number): Promise<TokenReply> {
    const target = checkRedirect(from, text, this.settings.policy)
    if (!target.ok) return unavailable(from, target.failure, `its server of tokens: ${target.detail}`, this.#redactor)
    const { url } = target
    const redactor = this.#redactor.with(authorization).with(form)
    const reply = await this.#hosts.ask({
      url,
      deadline,
      method: form === undefined ? 'GET' : 'POST',
      body: form === undefined ? undefined : Buffer.from(form.reveal()),
      headers: {
        ...this.#headers({ accept: 'application/json' }, authorization),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      limitBytes: MAX_TOKEN_BYTES,
    })
    if (!reply.ok) return notAnswered(url, { ...reply, detail: undefined }, redactor)
    const { status } = reply
    if (status === 200) return { kind: 'ok', bytes: reply.body }
    const authenticated = authorization !== undefined || form !== undefined
    if (status === 401 || status === 403)
      return { kind: 'refused', status, url: redactor.url(url), redirects: 0, authenticated, said: 'it gives no token' }
    return unavailable(url, troubleOf(status) ?? 'unexpected-status', `status ${status}, asked for a token`, redactor)
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    const { method, url: text, from, access, repeatable = method === 'GET' || method === 'HEAD' } = request
    const { policy, retry } = this.settings
    const target = from === undefined ? checkUrl(text, policy) : checkRedirect(from, text, policy)
    const deadline = this.#begin()
    const outcome = target.ok
      ? await this.#persist<SendOutcome>(deadline, repeatable ? retry.attempts : 1, () =>
          this.#sendOnce(target, request, access, deadline),
        )
      : unavailable(text, target.failure, target.detail, this.#redactor)
    this.#ended += 1
    if (outcome.kind === 'unavailable') this.#unavailable += 1
    return outcome
  }

  async #sendOnce(
    target: Target,
    request: SendRequest,
    access: RegistryAccess | undefined,
    deadline: number,
  ): Promise<SendOutcome> {
    const { url } = target
    const isHome = request.from === undefined || request.from.origin === url.origin
    const authorization = isHome && access !== undefined ? await this.#authorization(target, access, deadline) : NO_AUTHORIZATION
    for (;;) {
      const sent = authorization.toSend(url)
      const redactor = this.#redactor.with(target.authorization).with(sent)
      const { method, body, limitBytes = DEFAULT_SENT_LIMIT_BYTES } = request
      const headers = { ...this.#headers({}, sent), ...request.headers }
      const reply = await this.#hosts.ask({ url, method, headers, body, limitBytes, deadline })
      if (!reply.ok) return notAnswered(url, reply, redactor)
      const met = reply.status === 401 ? await authorization.meet(url, challengesOf(reply.headers), sent) : 'stands'
      if (met === 'again') continue
      if (met !== 'stands' && met.kind === 'unavailable') return met
      return sentReply(url, reply, this.settings.clock.now(), redactor)
    }
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

function notAnswered(url: URL, reply: NotAsked | (Reply & { readonly ok: false }), redactor: Redactor): HttpUnavailable {
  const because = 'because' in reply ? reply.because : undefined
  const detail = because === undefined ? reply.detail : failureKind(because).what
  const outcome = unavailable(url, reply.failure, detail, redactor)
  return because === undefined ? outcome : { ...outcome, because }
}

function isUnavailable<Outcome extends { readonly kind: string }>(
  outcome: Outcome | HttpUnavailable,
): outcome is HttpUnavailable {
  return outcome.kind === 'unavailable'
}

/** Every challenge of an answer, of which there may be several headers. */
function challengesOf(headers: IncomingHttpHeaders): readonly string[] {
  const value: string | readonly string[] | undefined = headers['www-authenticate']
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function proxySecrets({ environment }: Settings): readonly Secret[] {
  const choices = environment === undefined ? [] : [environment.proxies.forHttp, environment.proxies.forHttps]
  return choices.flatMap((choice) =>
    choice.kind === 'proxy' && choice.proxy.authorization !== undefined ? [choice.proxy.authorization] : [],
  )
}
