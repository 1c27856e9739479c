import type { Evidence } from '../model/evidence.js'

/** The day of the newest evidence, `YYYY-MM-DD`; undefined when none says when it was had. */
export function newestDay(evidence: readonly Evidence[]): string | undefined {
  let newest: string | undefined
  for (const { at } of evidence) {
    const day = at?.slice(0, 10)
    if (day !== undefined && (newest === undefined || day > newest)) newest = day
  }
  return newest
}

/** Whole days from one `YYYY-MM-DD` to another. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from)
}

/** Days since 0000-03-01 in the Gregorian calendar (years begin in March, so leap days come last). */
function dayNumber(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const y = month <= 2 ? year - 1 : year
  const m = (month + 9) % 12
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + Math.floor((m * 306 + 5) / 10) + date - 1
}
