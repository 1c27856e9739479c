import type { Clock } from '../http/clock.js'
import { type Credential, credentialFor } from '../http/credentials.js'
import type { HttpEnvironment } from '../http/environment.js'
import { chooseProxy, type ProxyChoice } from '../http/proxy.js'
import { Redactor } from '../http/redact.js'
import { fitsHeader } from '../http/secret.js'
import { type CheckedAddress, checkAddress, followRedirect, type GitAddress, type GitPolicy } from './address.js'
import { remoteEnvironment } from './configuration.js'
import { diagnose, type GitDiagnosis } from './diagnose.js'
import { type Noted, takeTraces } from './http-trace.js'
import type { GitLimits, GitTimeouts } from './limits.js'
import { type GitNotOk, gitUnavailable } from './outcome.js'
import { type GitEnd, runGit } from './run-git.js'
import type { Scratch } from './surroundings.js'

export interface RemoteSettings {
  readonly scratch: Scratch
  readonly policy: GitPolicy
  readonly limits: GitLimits
  readonly timeouts: GitTimeouts
  readonly environment: HttpEnvironment | undefined
  readonly credentials: readonly Credential[]
  readonly clock: Clock
  /** Nothing is asked after. */
  readonly endsAt: number
  readonly signal: AbortSignal
}

export interface Question {
  readonly url: string
  /** The subcommand up to the URL. */
  readonly before: readonly string[]
  readonly after?: readonly string[] | undefined
  readonly timeoutMs: number
  readonly stdoutLimit: number
  readonly stdin?: string | undefined
  /** The repository that a fetch writes to. */
  readonly repository?: string | undefined
}

/** Where an answer came from; part of every outcome. */
export interface AnsweredBy {
  readonly url: string
  readonly host: string
  readonly redirects: number
  readonly authenticated: boolean
}

export type Answer =
  | { readonly kind: 'ok'; readonly by: AnsweredBy; readonly stdout: Buffer; readonly protocol: number | undefined }
  | { readonly kind: 'not-ok'; readonly by: AnsweredBy; readonly diagnosis: GitDiagnosis; readonly protocol: number | undefined }
  | { readonly kind: 'not-asked'; readonly outcome: GitNotOk }

export type Place =
  | { readonly ok: true; readonly url: string; readonly host: string }
  | { readonly ok: false; readonly outcome: GitNotOk }

/** Runs the git commands that talk to remotes: only where the policy allows, a few at a time, within the budget. */
export class RemoteAsker {
  readonly #redactor: Redactor
  readonly #waiting: (() => void)[] = []
  /** Where a URL leads after redirects, so that each is followed once. */
  readonly #found = new Map<string, { readonly address: GitAddress; readonly redirects: number }>()
  #running = 0

  constructor(readonly settings: RemoteSettings) {
    const proxies = [settings.environment?.proxies.forHttp, settings.environment?.proxies.forHttps]
    this.#redactor = new Redactor([
      ...settings.credentials.map(({ authorization }) => authorization),
      ...proxies.flatMap((proxy) => (proxy?.kind === 'proxy' ? (proxy.proxy.authorization ?? []) : [])),
    ])
  }

  async ask(question: Question): Promise<Answer> {
    const checked = checkAddress(question.url, this.settings.policy)
    if (!checked.ok) return { kind: 'not-asked', outcome: refusedAddress(checked) }
    let { address, redirects } = this.#found.get(question.url) ?? { address: checked.address, redirects: 0 }
    for (;;) {
      const { answer, location } = await this.#once(question, address, redirects)
      if (answer.kind !== 'not-ok' || answer.diagnosis.kind !== 'redirect') return answer
      if (redirects >= this.settings.limits.redirects)
        return { ...answer, diagnosis: { kind: 'failed', failure: 'too-many-redirects' } }
      const next = location === undefined ? undefined : followRedirect(address, location, this.settings.policy)
      if (next?.ok !== true)
        return {
          ...answer,
          diagnosis: { kind: 'failed', failure: next?.failure ?? 'redirect-refused', quote: next?.detail ?? '' },
        }
      address = next.address
      redirects += 1
      this.#found.set(question.url, { address, redirects })
    }
  }

  /** Whether a URL may be asked at all, and how it is shown. */
  place(url: string): Place {
    const checked = checkAddress(url, this.settings.policy)
    if (!checked.ok) return { ok: false, outcome: refusedAddress(checked) }
    return { ok: true, url: checked.address.url, host: checked.address.host }
  }

  /** The outcome of an answer that is not ok, where nothing more particular is to be said. */
  outcome(by: AnsweredBy, diagnosis: GitDiagnosis): GitNotOk {
    const { url, host, redirects, authenticated } = by
    const answered = { url, redirects }
    switch (diagnosis.kind) {
      case 'absent':
        return { kind: 'absent', what: 'repository', ...answered, why: `${host || 'the machine'} has no repository there` }
      case 'no-such-ref':
        return { kind: 'absent', what: 'ref', ...answered, why: 'the repository has no ref of that name' }
      case 'not-our-ref':
      case 'not-advertised':
        return { kind: 'absent', what: 'commit', ...answered, why: 'the repository does not hand out that commit' }
      case 'refused':
        return {
          kind: 'refused',
          ...answered,
          ...(diagnosis.status === undefined ? {} : { status: diagnosis.status }),
          authenticated,
          why: `${host} does not let ${authenticated ? 'these credentials' : 'a stranger'} read the repository${diagnosis.status === undefined ? '' : ` (${diagnosis.status})`}`,
          help: authenticated
            ? 'Check the credentials and what they may read.'
            : 'Give credentials for this host if the repository is private. Forges answer the same for one that does not exist.',
        }
      case 'redirect':
        return gitUnavailable('redirect-refused', { url, host })
      case 'failed':
        return gitUnavailable(diagnosis.failure, { url, host }, diagnosis.quote, diagnosis.status)
    }
  }

  async #once(
    question: Question,
    address: GitAddress,
    redirects: number,
  ): Promise<{ answer: Answer; location: string | undefined }> {
    const { environment, credentials, scratch, limits, clock, signal } = this.settings
    const proxy: ProxyChoice =
      environment === undefined || address.parsed === undefined || address.scheme === 'file'
        ? { kind: 'direct' }
        : chooseProxy(address.parsed, environment.proxies)
    const own = address.authorization ?? (address.parsed === undefined ? undefined : credentialFor(address.parsed, credentials))
    const authorization = own !== undefined && fitsHeader(own.reveal()) ? own : undefined
    const redactor = this.#redactor.with(authorization)
    const { url, host } = address
    const by: AnsweredBy = { url, host, redirects, authenticated: authorization !== undefined }
    const failed = (diagnosis: GitDiagnosis): { answer: Answer; location: undefined } => ({
      answer: { kind: 'not-ok', by, diagnosis, protocol: undefined },
      location: undefined,
    })
    if (proxy.kind === 'invalid') return failed({ kind: 'failed', failure: 'proxy-invalid' })
    await this.#turn()
    try {
      const left = this.settings.endsAt - clock.now()
      if (left <= 0) return failed({ kind: 'failed', failure: 'budget-spent' })
      const traces = { http: scratch.next('http'), events: scratch.next('events') }
      const { repository } = question
      const end = await runGit({
        args: [
          ...(repository === undefined ? [] : [`--git-dir=${repository}`]),
          ...question.before,
          '--',
          address.argument,
          ...(question.after ?? []),
        ],
        environment: remoteEnvironment(
          scratch,
          address,
          proxy,
          authorization,
          traces,
          // The first answer over HTTP is held in one piece, and may unpack to much more than was sent.
          repository === undefined ? 2 * limits.refsBytes + 16 * 1024 * 1024 : scratch.allocationBytes,
        ),
        cwd: scratch.home,
        stdin: question.stdin,
        timeoutMs: Math.min(question.timeoutMs, left),
        stdoutLimit: question.stdoutLimit,
        memoryBytes: limits.memoryBytes,
        disk: { folder: repository ?? scratch.home, limit: limits.repositoryBytes },
        signal,
      })
      const noted = await takeTraces(traces)
      return { answer: this.#answerOf(end, by, noted, question.timeoutMs > left, proxy, redactor), location: noted.location }
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  #answerOf(
    end: GitEnd,
    by: AnsweredBy,
    { protocol, traced }: Noted,
    budget: boolean,
    proxy: ProxyChoice,
    redactor: Redactor,
  ): Answer {
    if (end.kind === 'ended' && end.status === 0) {
      // A page with status 200 is to git an old server that hands out files and has no refs: an empty repository.
      if (protocol === undefined)
        return { kind: 'not-ok', by, protocol, diagnosis: { kind: 'failed', failure: traced ? 'not-git' : 'git-too-old' } }
      return { kind: 'ok', by, stdout: end.stdout, protocol }
    }
    const found = diagnose(end)
    if (found.kind !== 'failed') return { kind: 'not-ok', by, diagnosis: found, protocol }
    let { failure } = found
    if (failure === 'timeout-total' && budget) failure = 'budget-spent'
    // The proxy is whom git connects to.
    const connecting = ['connect-failed', 'connection-refused', 'timeout-connect', 'unreachable'].includes(failure)
    if (connecting && proxy.kind === 'proxy') failure = 'proxy-unreachable'
    return { kind: 'not-ok', by, diagnosis: { ...found, failure, ...quoted(found.quote, redactor) }, protocol }
  }

  async #turn(): Promise<void> {
    while (this.#running >= this.settings.limits.atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running += 1
  }
}

function refusedAddress(checked: CheckedAddress & { readonly ok: false }): GitNotOk {
  const host = URL.canParse(checked.shown) ? new URL(checked.shown).host : ''
  return gitUnavailable(checked.failure, { url: checked.shown, host }, checked.detail)
}

/** git's and a stranger's words, fit for a line of a terminal; git has no user info of ours to quote, but a server may write what it likes. */
function quoted(words: string | undefined, redactor: Redactor): { readonly quote?: string } {
  return words === undefined ? {} : { quote: redactor.quote(words.replace(/(\/\/)[^/\s@']{0,200}@/g, '$1')) }
}
