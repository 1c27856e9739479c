const DAY_MS = 24 * 3600 * 1000

/** Days from one time to another, both RFC 3339; whole ones, rounded down. NaN when one of them is no time. */
export function daysBetween(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS)
}
