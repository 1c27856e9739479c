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
