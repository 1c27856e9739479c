import type { IncomingHttpHeaders } from 'node:http'

/** How often and how long to wait before another try. The defaults are cargo's (spec/cargo.md §3.4), with jitter. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number
  readonly firstWaitMs: number
  readonly longestWaitMs: number
  /** A longer `Retry-After` is not waited for: the host is left alone that long instead. */
  readonly longestRetryAfterMs: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4,
  firstWaitMs: 1000,
  longestWaitMs: 10_000,
  longestRetryAfterMs: 30_000,
}

/** The wait before try `attempt + 1`: 1, 3, 9 … times the first, each between half and one and a half of that. */
export function backoff(attempt: number, policy: RetryPolicy, random: () => number): number {
  const middle = policy.firstWaitMs * 3 ** (attempt - 1)
  return Math.round(Math.min(policy.longestWaitMs, middle * (0.5 + random())))
}

const LONGEST_MS = 7 * 24 * 3600 * 1000

/** Reads `Retry-After` (RFC 9110 §10.2.3): seconds or a date. Undefined for anything else; never negative, at most a week. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,10}$/.test(text)) return Math.min(LONGEST_MS, Number(text) * 1000)
  const at = parseHttpDate(text)
  return at === undefined ? undefined : Math.min(LONGEST_MS, Math.max(0, at - now))
}

/**
 * When a spent limit of requests begins anew, in milliseconds since 1970, as GitHub and others state it. Undefined while
 * something of it is left: then a 403 is a refusal.
 */
export function endOfRateLimit(headers: IncomingHttpHeaders): number | undefined {
  const end = headers['x-ratelimit-reset']
  if (headers['x-ratelimit-remaining'] !== '0' || typeof end !== 'string' || !/^[0-9]{1,10}$/.test(end)) return undefined
  return Number(end) * 1000
}

/** An HTTP date (RFC 9110 §5.6.7) in milliseconds. `Date.parse` alone would take nearly any text. */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? [\w :-]{10,30}$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
