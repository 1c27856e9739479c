const DAY_MS = 24 * 3600 * 1000

/** Days from one time to another, both RFC 3339; whole ones, rounded down. NaN when one of them is no time. */
export function daysBetween(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS)
}

/** Milliseconds since 1970 as RFC 3339 in UTC, whole seconds. Undefined for what no date can be. */
export function timestampOf(epochMs: number): string | undefined {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().slice(0, 19)}Z`
}

/** Seconds since 1970 of a UTC time `YYYY-MM-DDTHH:MM:SS`; undefined for one that no calendar has. */
export function secondsOf(utc: string): number | undefined {
  const milliseconds = Date.parse(`${utc}Z`)
  // A day that its month does not have would be read as one of the next.
  return Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(utc) ? undefined : milliseconds / 1000
}

/** A time so many days after another, both RFC 3339 in UTC, whole seconds. Undefined for what no date can be. */
export function daysAfter(timestamp: string, days: number): string | undefined {
  return timestampOf(Date.parse(timestamp) + days * DAY_MS)
}
