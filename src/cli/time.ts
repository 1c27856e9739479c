import { currentInstant, currentTimestamp } from '../audit/clock.js'
import { AssayError } from '../model/error.js'

const RFC3339_SECONDS = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/**
 * The one time a document states: the user's `--timestamp`, else `SOURCE_DATE_EPOCH`, else
 * now. Throws `usage` for anything that is neither.
 */
export function documentTime(timestamp: string | undefined): string {
  if (timestamp !== undefined) {
    if (!RFC3339_SECONDS.test(timestamp))
      throw new AssayError('usage', `--timestamp ${timestamp} is not a time`, 'Write it as 2026-01-02T03:04:05Z.')
    return timestamp
  }
  return currentTimestamp()
}

/** The day waivers are judged by, `YYYY-MM-DD` in UTC: `--as-of`, else the same clock as the documents. */
export function judgementDay(asOf: string | undefined): string {
  if (asOf === undefined) return currentInstant().toISOString().slice(0, 10)
  const day = new Date(`${asOf}T00:00:00Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(asOf) || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== asOf) {
    throw new AssayError('usage', `--as-of ${asOf} is not a day`, 'Write it as 2026-01-02.')
  }
  return asOf
}

/** The day a number of days later, `YYYY-MM-DD`. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}
