import { hash } from 'node:crypto'
import { timestampOf } from '../days.js'
import { keptHeaders } from '../store/kept-headers.js'
import { decodeBody, encodingsOf, isLabelledArchive } from './decode.js'
import type { Reply } from './exchange.js'
import { type FailureCode, failureKind } from './failures.js'
import type { GetOptions } from './http-client.js'
import type { HttpOutcome, HttpUnavailable } from './outcome.js'
import type { Redactor } from './redact.js'
import { endOfRateLimit, parseRetryAfter } from './retry.js'
import type { SendOutcome } from './send.js'
import { conditionsOf, signsOf, single, validatorsOf } from './signs.js'
import { troubleOf } from './trouble.js'

/** The last server of a request and what it said. */
export interface Answer {
  readonly url: URL
  readonly redirects: number
  readonly reply: Reply & { readonly ok: true }
  readonly options: GetOptions
  readonly limitBytes: number
  readonly authenticated: boolean
  readonly now: number
}

/** What an answer means. Redirects and challenges that can be met were followed before. */
export function judge(answer: Answer, redactor: Redactor): HttpOutcome | Promise<HttpOutcome> {
  const { reply, url, redirects, options } = answer
  const answered = { url: redactor.url(url), redirects }
  const { status, headers } = reply
  const limitEnd = status === 403 || status === 429 ? endOfRateLimit(headers) : undefined
  const retryAfter = parseRetryAfter(single(headers['retry-after']), answer.now)
  switch (status) {
    case 200:
      return read(answer, answered, redactor)
    case 304:
      if (options.unconditional === true || Object.keys(conditionsOf(options.known)).length === 0) break
      return {
        kind: 'not-modified',
        ...answered,
        validators: { ...options.known?.validators, ...validatorsOf(headers) },
        signs: signsOf(headers, undefined, options.known),
      }
    case 404:
    case 410:
      return { kind: 'absent', status, ...answered, said: said(reply, redactor) }
    case 401:
    case 403:
    case 451: {
      // Whoever says when to come back refuses for its limits, as GitHub does.
      if (status === 403 && (limitEnd ?? retryAfter) !== undefined) break
      const challenge = single(headers['www-authenticate'])
      return {
        kind: 'refused',
        status,
        ...answered,
        authenticated: answer.authenticated,
        challenge: challenge === undefined ? undefined : redactor.quote(challenge),
        said: said(reply, redactor),
      }
    }
  }
  const failure = status === 403 ? 'rate-limited' : (troubleOf(status) ?? 'unexpected-status')
  const until = limitEnd === undefined ? '' : `, until ${timestampOf(limitEnd)}`
  const words = said(reply, redactor)
  return {
    ...unavailable(url, failure, `status ${status}${until}${words === undefined ? '' : `: ${words}`}`, redactor),
    status,
    retryAfterMs: retryAfter ?? leftOf(limitEnd, answer.now),
  }
}

function leftOf(end: number | undefined, now: number): number | undefined {
  return end === undefined ? undefined : Math.max(0, end - now)
}

/** What a server said to a request that may write. */
export function sentReply(url: URL, reply: Answer['reply'], now: number, redactor: Redactor): SendOutcome {
  const { status, headers, body } = reply
  const words = wordsOf(reply, redactor)
  const failure = troubleOf(status)
  if (failure !== undefined) {
    const detail = words === undefined ? `status ${status}` : `status ${status}: ${words}`
    return {
      ...unavailable(url, failure, detail, redactor),
      status,
      retryAfterMs: parseRetryAfter(single(headers['retry-after']), now),
    }
  }
  const singles = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), single(value) ?? ''] as const)
  return { kind: 'reply', status, url: redactor.url(url), headers: new Map(singles), bytes: body, said: words }
}

/** A failure of a request in words. */
export function unavailable(
  url: URL | string,
  failure: FailureCode,
  detail: string | undefined,
  redactor: Redactor,
): HttpUnavailable {
  const shown = redactor.url(url)
  const host = URL.canParse(shown) ? new URL(shown).host || 'this file' : 'the text given'
  const { what, help } = failureKind(failure)
  const why = `${host} ${what}${detail === undefined ? '' : ` (${detail})`}`
  return { kind: 'unavailable', failure, why: redactor.clean(why), help, url: shown, host, attempts: 0 }
}

interface Where {
  readonly url: string
  readonly redirects: number
}

function read(answer: Answer, where: Where, redactor: Redactor): HttpOutcome | Promise<HttpOutcome> {
  const { reply, url, limitBytes } = answer
  const encoding = single(reply.headers['content-encoding'])
  if (encodingsOf(encoding).length === 0 || isLabelledArchive(url.pathname, encoding, reply.body))
    return whole(answer, where, reply.body, redactor)
  return decodeBody(reply.body, encoding, limitBytes).then((decoded) =>
    decoded.ok ? whole(answer, where, decoded.bytes, redactor) : unavailable(url, decoded.failure, decoded.detail, redactor),
  )
}

function whole({ reply, options }: Answer, where: Where, bytes: Uint8Array, redactor: Redactor): HttpOutcome {
  const sha256 = hash('sha256', bytes)
  if (options.expectSha256 !== undefined && options.expectSha256 !== sha256)
    return { kind: 'mismatch', ...where, expected: options.expectSha256, observed: sha256, bytes: bytes.length }
  const contentType = single(reply.headers['content-type'])
  return {
    kind: 'ok',
    status: 200,
    ...where,
    bytes,
    sha256,
    packedBytes: reply.body.length,
    contentType: contentType === undefined ? undefined : redactor.quote(contentType, 100),
    headers: keptHeaders((name) => cleaned(oneText(name, reply.headers[name]), redactor)),
    validators: validatorsOf(reply.headers),
    signs: signsOf(reply.headers, sha256, options.known),
  }
}

/** Several headers of links are one list (RFC 8288 §3). */
function oneText(name: string, value: string | readonly string[] | undefined): string | undefined {
  return name === 'link' && value !== undefined && typeof value !== 'string' ? value.join(', ') : single(value)
}

/** A header that is to be understood is kept as it is, but for what we sent ourselves and would not show. */
function cleaned(text: string | undefined, redactor: Redactor): string | undefined {
  return text === undefined ? undefined : redactor.clean(text)
}

/** The server's own words about why not: only plain text, as registries and gatekeepers send it; no page of markup. */
function said(reply: Answer['reply'], redactor: Redactor): string | undefined {
  return quoted(reply, /^text\/plain\b/i, redactor)
}

/** The same where errors come as JSON, too. */
function wordsOf(reply: Answer['reply'], redactor: Redactor): string | undefined {
  return reply.status < 400 ? undefined : quoted(reply, /^(?:text\/plain|application\/json)\b/i, redactor)
}

function quoted(reply: Answer['reply'], kinds: RegExp, redactor: Redactor): string | undefined {
  const type = single(reply.headers['content-type'])
  if (type === undefined || !kinds.test(type) || encodingsOf(single(reply.headers['content-encoding'])).length > 0)
    return undefined
  const words = redactor.quote(Buffer.from(reply.body).toString('utf8'))
  return words === '' ? undefined : words
}
